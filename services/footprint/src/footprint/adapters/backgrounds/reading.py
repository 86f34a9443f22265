"""A background that is open: its tables, its matrices in mapped memory, inventories on demand."""

import math
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from chassis import units
from footprint.adapters.backgrounds import files
from footprint.application.background_ports import FoundActivity, UnmatchedFlow
from footprint.domain.background import Background, BackgroundActivity
from footprint.domain.background_errors import (
    IntractableBackground,
    NotABackground,
    UnproductiveBackground,
    UnsolvableBackground,
)
from footprint.domain.background_names import (
    LONGEST_CODE,
    is_background_id,
    is_background_version,
)
from footprint.domain.dataset import Dataset
from footprint.domain.rows import LONGEST_TEXT, fits
from footprint.engine.arrays import Matrix
from footprint.engine.errors import (
    IntractableLoopError,
    SingularSystemError,
    UnproductiveLoopError,
)
from footprint.engine.productivity import refuse_unproductive
from footprint.engine.technosphere import Technosphere

#: Codes that a mistyped one is compared with at most: the rest of a background of ten thousands
#: would take seconds for a hint.
_MOST_COMPARED = 5000
#: Amounts of one column that are held at once [1]: 25 000 activities × 50.
_AT_ONCE = 50
_NAMED = 5
#: Activities or flows, and amounts of the technosphere, of a background at most [1]: ten times
#: those of ecoinvent. Solving holds several copies of the amounts.
MOST_ROWS, MOST_AMOUNTS = 250_000, 10_000_000


class OpenBackground:
    """A background in a folder.

    Parameters
    ----------
    most_direct
        Work up to which a loop is factorized, see `Technosphere`.

    Raises
    ------
    NotABackground
        If a file is missing or not of this format. Hashes are compared by `verify`.
    """

    def __init__(self, folder: Path, most_direct: float = math.inf) -> None:
        self.folder, self._most_direct = folder, most_direct
        self.header = files.read_json(folder / files.HEADER)
        _check_header(self.header)
        self.sha256 = files.content_hash(self.header)
        columns = files.ACTIVITY_COLUMNS, files.OPTIONAL_ACTIVITY_COLUMNS
        rows = files.read_table(folder / files.ACTIVITIES, *columns)
        self._activities = rows
        self._places = {row[0]: place for place, row in enumerate(rows)}
        self._flows = files.read_table(folder / files.FLOWS, files.FLOW_COLUMNS)
        size = len(rows)
        self._technosphere = files.map_matrix(folder, files.TECHNOSPHERE, (size, size))
        self._biosphere = files.map_matrix(folder, files.BIOSPHERE, (len(self._flows), size))
        #: Activities whose loops are known to give more than they take.
        self._productive = np.zeros(size, dtype=bool)
        self._lock = Lock()

    @property
    def id(self) -> str:
        return str(self.header["id"])

    @property
    def version(self) -> str:
        return str(self.header["version"])

    def verify(self) -> None:
        """Compare the files with their hashes, and look at all that a stranger may have written.

        Raises
        ------
        NotABackground
        """
        if files.hashes(self.folder) != self.header.get("files"):
            raise files.damaged(self.folder / files.HEADER)
        for name, matrix in (
            (files.TECHNOSPHERE, self._technosphere),
            (files.BIOSPHERE, self._biosphere),
        ):
            files.check_matrix(self.folder, name, matrix)
        if len(self._places) != len(self._activities) or not all(map(_fits, self._activities)):
            raise files.damaged(self.folder / files.ACTIVITIES)
        if not all(map(_flow_fits, self._flows)):
            raise files.damaged(self.folder / files.FLOWS)
        rows = max(len(self._activities), len(self._flows))
        if rows > MOST_ROWS or len(self._technosphere.data) > MOST_AMOUNTS:
            raise NotABackground(files.HEADER, "it has too many rows or amounts", "行数或数量过多")
        if not self._output.all():
            raise files.damaged(self.folder / files.TECHNOSPHERE)

    def find(self, code: str) -> FoundActivity | None:
        """Return an activity, None if there is none of this code."""
        place = self._places.get(code)
        return None if place is None else self._found(place)

    def closest(self, code: str) -> str:
        """Return the code most like one that is not there, or an empty text."""
        start = code[:1].casefold()
        alike = [known for known in self._places if known[:1].casefold() == start]
        matches = get_close_matches(code, alike[:_MOST_COMPARED], n=1, cutoff=0.6)
        return matches[0] if matches else ""

    def search(self, text: str, most: int) -> Iterator[FoundActivity]:
        """Yield the first activities of which names, product and place hold all the words.

        A code is found as a whole.
        """
        words = text.casefold().split()
        for place, row in enumerate(self._activities):
            if most <= 0:
                return
            whole = " ".join(map(str, (*row[1:4], row[7]))).casefold()
            if row[0] == text.strip() or all(word in whole for word in words):
                most -= 1
                yield self._found(place)

    def unmatched(self, most: int) -> Iterator[UnmatchedFlow]:
        """Yield flows that the dataset does not know, those of the most exchanges first."""
        exchanges = np.bincount(self._biosphere.indices, minlength=len(self._flows))
        for row in np.argsort(-exchanges, kind="stable").tolist():
            _, name, compartment, _, unit, id_, _ = self._flows[row]
            if most <= 0 or exchanges[row] == 0:
                return
            if id_ is None:
                most -= 1
                yield UnmatchedFlow(name, compartment, unit, int(exchanges[row]))

    def bought(self, codes: Iterable[str], dataset: Dataset) -> Background:
        """Return activities with their inventories by flows of the dataset.

        Raises
        ------
        UnsolvableBackground, UnproductiveBackground, IntractableBackground
        """
        chosen = [code for code in dict.fromkeys(codes) if code in self._places]
        return Background(
            id=self.id,
            version=self.version,
            sha256=self.sha256,
            title=str(self.header["title"]),
            licence=str(self.header["licence"]),
            year=int(self.header["year"]),
            activities=tuple(self._inventories(chosen, dataset)),
        )

    def _inventories(self, codes: list[str], dataset: Dataset) -> Iterator[BackgroundActivity]:
        for first in range(0, len(codes), _AT_ONCE):
            group = codes[first : first + _AT_ONCE]
            places = [self._places[code] for code in group]
            for column, place in enumerate(places):
                if column == 0:
                    amounts = self._solve(places)
                found = self._found(place)
                factor = float(self._activities[place][6])
                inventory: dict[str, float] = {}
                for row in np.flatnonzero(amounts[:, column]).tolist():
                    id_, flow_factor = self._flows[row][5:7]
                    if id_ in dataset.flows:
                        amount = float(amounts[row, column]) * flow_factor / factor
                        inventory[id_] = inventory.get(id_, 0.0) + amount
                yield BackgroundActivity(
                    code=found.code,
                    name=found.name,
                    name_zh=found.name_zh,
                    reference_product=found.reference_product,
                    unit=found.unit or "",
                    location=found.location,
                    inventory=inventory,
                )

    def _solve(self, places: list[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return what one unit given of each activity causes (flows, k); of waste, one unit taken.

        Raises
        ------
        UnsolvableBackground, UnproductiveBackground, IntractableBackground
        """
        try:
            with self._lock:
                supply = self._solver.supply(self._demand(places))
                needed = (supply != 0.0).any(axis=1) & ~self._productive
                if needed.any():
                    refuse_unproductive(self._solver, needed, self._most_direct)
                    self._productive |= needed
        except SingularSystemError as error:
            codes = tuple(self._activities[index][0] for index in error.indices[:_NAMED])
            raise UnsolvableBackground(self.id, codes) from error
        except UnproductiveLoopError as error:
            codes = tuple(self._activities[index][0] for index in error.indices[:_NAMED])
            raise UnproductiveBackground(self.id, len(error.indices), codes) from error
        except IntractableLoopError as error:
            codes = tuple(self._activities[index][0] for index in error.indices[:_NAMED])
            raise IntractableBackground(self.id, len(error.indices), codes) from error
        # Amounts out of float64's range are told as what they are, not as warnings.
        with np.errstate(over="ignore", invalid="ignore"):
            caused = np.asarray(self._biosphere @ supply)
        wrong = np.flatnonzero(~np.isfinite(caused).all(axis=0))[:_NAMED].tolist()
        if wrong:
            codes = tuple(self._activities[places[column]][0] for column in wrong)
            raise UnsolvableBackground(self.id, codes)
        return caused

    def _demand(self, places: list[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
        demand = np.zeros((len(self._activities), len(places)))
        for column, place in enumerate(places):
            demand[place, column] = 1.0 if self._output[place] > 0.0 else -1.0
        return demand

    @cached_property
    def _solver(self) -> Technosphere:
        return Technosphere(self._matrix(), self._most_direct)

    @cached_property
    def _output(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.asarray(self._technosphere.diagonal())

    def _matrix(self) -> Matrix:
        return self._technosphere.tocsr()

    def _found(self, place: int) -> FoundActivity:
        code, name, product, location, given, unit, _, name_zh = self._activities[place]
        return FoundActivity(code, name, product, location, given, unit, name_zh)


def _check_header(header: dict[str, Any]) -> None:
    """Refuse a header that is none of this format; texts are those that the owner gave."""
    if header.get("format") != files.FORMAT:
        reasons = f"its format is not {files.FORMAT}", f"格式不是 {files.FORMAT}"
        raise NotABackground(files.HEADER, *reasons)
    texts = [header.get(name) for name in ("id", "version", "title", "licence", "origin")]
    if not all(isinstance(each, str) and each and fits(each, LONGEST_TEXT) for each in texts):
        raise NotABackground(files.HEADER, "texts are missing", "缺少文本字段")
    if not is_background_id(str(header["id"])) or not is_background_version(str(header["version"])):
        raise NotABackground(files.HEADER, "id or version do not fit", "标识或版本不符合要求")
    year = header.get("year")
    if not isinstance(year, int) or isinstance(year, bool) or not 1900 <= year <= 2200:
        raise NotABackground(files.HEADER, "the year is missing", "缺少年份")
    counts = header.get("counts")
    told = (
        isinstance(counts, dict)
        and sorted(counts) == sorted(files.COUNTS)
        and all(isinstance(each, int) and not isinstance(each, bool) for each in counts.values())
    )
    if not told or not isinstance(header.get("files"), dict):
        raise NotABackground(files.HEADER, "counts or hashes are missing", "缺少数量或哈希")


def _fits(row: list[Any]) -> bool:
    *texts, unit, factor, name_zh = row
    return (
        all(isinstance(each, str) and fits(each, LONGEST_TEXT) for each in (*texts, name_zh))
        and 0 < len(texts[0]) <= LONGEST_CODE
        and (unit is None or (isinstance(unit, str) and units.is_known(unit)))
        and isinstance(factor, float)
        and 0.0 < factor < float("inf")
    )


def _flow_fits(row: list[Any]) -> bool:
    *texts, id_, factor = row
    return (
        all(isinstance(each, str) and fits(each, LONGEST_TEXT) for each in texts)
        and (id_ is None or isinstance(id_, str))
        and isinstance(factor, float)
        and 0.0 < factor < float("inf")
    )
