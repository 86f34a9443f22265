"""Reading a background from CSV tables, with the columns of the shipped dataset.

Of its columns only those are needed that a calculation needs; the others may stand or be left out.
One column of the technosphere matrix per activity, with a reference output of 1 unit.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import InvalidInput, Location, Violation
from footprint.adapters.backgrounds.collected import (
    Cells,
    Collected,
    CollectedActivity,
    CollectedFlow,
)
from footprint.domain.background_errors import CannotImport
from footprint.domain.dataset_columns import COLUMNS
from footprint.domain.dataset_errors import ActivityWithoutExchanges, UnitDiffers, UnlinkedRow
from footprint.domain.errors import Duplicate, MissingField, NotANumber, NotOneOf

ACTIVITIES, EXCHANGES, FLOWS = "activities", "exchanges", "elementary_flows"
NEEDED: Mapping[str, tuple[str, ...]] = {
    ACTIVITIES: ("id", "name_en", "reference_product", "unit", "location"),
    EXCHANGES: ("activity_id", "exchange_type", "input_id", "amount", "unit"),
    FLOWS: ("id", "name_en", "compartment", "unit"),
}
KINDS = ("technosphere", "elementary")
#: A file with one fault in each row says the same half a million times.
_MOST_TOLD = 100
#: How many of those at fault one error names.
_MOST_NAMED = 5


def read_csv_background(folder: Path) -> tuple[Collected, int | None]:
    """Read `activities.csv`, `exchanges.csv` and `elementary_flows.csv` of a folder.

    Returns
    -------
    tuple of Collected and int or None
        The background, and the newest year that an activity states.

    Raises
    ------
    InvalidInput
        With rows that link nowhere, stand twice or state no number: the first hundred.
    CannotImport
        If a file is missing, or activities take more of their own product than they give.
    """
    reader = _Reader(folder)
    activities = {row.values["id"]: row for row in reader.rows(ACTIVITIES, "id")}
    flows = {row.values["id"]: row for row in reader.rows(FLOWS, "id")}
    collected = reader.link(activities, flows)
    if reader.violations:
        raise InvalidInput(tuple(reader.violations[:_MOST_TOLD]))
    _refuse_own_use(collected, folder)
    years = [row.values.get("valid_year", "") for row in activities.values()]
    return collected, max((int(year) for year in years if year.isdigit()), default=None)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.violations: list[Violation] = []

    def rows(self, table: str, key: str = "") -> Iterator[CsvRow]:
        """Yield the rows of a table in which all that is needed is there."""
        name = f"{table}.csv"
        try:
            content = (self._folder / name).read_bytes()
        except OSError as error:
            raise CannotImport(
                str(self._folder), f"{name} cannot be read", f"无法读取 {name}"
            ) from error
        needed = NEEDED[table]
        optional = [column for column in COLUMNS[table] if column not in needed]
        first_rows: dict[str, int] = {}
        for row in read_rows(content, name, self.violations, columns=needed, optional=optional):
            empty = [column for column in needed if not row.values[column]]
            self.violations += [MissingField(_at(row, table, column)) for column in empty]
            value = row.values[key] if key else ""
            if key and value in first_rows:
                self.violations.append(Duplicate(_at(row, table, key), value, first_rows[value]))
            elif not empty and len(self.violations) < _MOST_TOLD:
                first_rows[value] = row.number
                yield row

    def link(self, activities: Mapping[str, CsvRow], flows: Mapping[str, CsvRow]) -> Collected:
        """Read the exchanges into matrices."""
        places = {id_: place for place, id_ in enumerate(activities)}
        flow_places = {id_: place for place, id_ in enumerate(flows)}
        of_kind: dict[str, tuple[dict[str, int], Mapping[str, CsvRow], str]] = {
            "technosphere": (places, activities, ACTIVITIES),
            "elementary": (flow_places, flows, FLOWS),
        }
        cells: dict[str, tuple[list[int], list[int], list[float]]] = {
            kind: ([], [], []) for kind in KINDS
        }
        for row in self.rows(EXCHANGES):
            values = row.values
            kind = values["exchange_type"]
            if kind not in of_kind:
                at = _at(row, EXCHANGES, "exchange_type")
                self.violations.append(NotOneOf(at, kind, KINDS))
                continue
            known, linked, table = of_kind[kind]
            amount = _number(values["amount"])
            activity = places.get(values["activity_id"])
            item = known.get(values["input_id"])
            if amount is None:
                at = _at(row, EXCHANGES, "amount")
                self.violations.append(NotANumber(at, values["amount"][:40]))
            if activity is None:
                self._unlinked(row, "activity_id", ACTIVITIES)
            if item is None:
                self._unlinked(row, "input_id", table)
            elif values["unit"] != linked[values["input_id"]].values["unit"]:
                expected = linked[values["input_id"]].values["unit"]
                at = _at(row, EXCHANGES, "unit")
                self.violations.append(
                    UnitDiffers(at, values["unit"], values["input_id"], expected)
                )
            elif activity is not None and amount is not None:
                rows, columns, amounts = cells[kind]
                rows.append(item)
                columns.append(activity)
                amounts.append(amount)
        self._refuse_empty(activities, {column for each in cells.values() for column in each[1]})
        return Collected(
            activities=[_activity(row.values) for row in activities.values()],
            flows=[_flow(row.values) for row in flows.values()],
            technosphere=_technosphere(len(activities), cells["technosphere"]),
            biosphere=_cells(*cells["elementary"]),
        )

    def _refuse_empty(self, activities: Mapping[str, CsvRow], used: set[int]) -> None:
        """Note activities of which there is nothing: they would cause nothing, unseen."""
        if self.violations:
            return  # Rows that could not be read may be theirs.
        for place, (id_, row) in enumerate(activities.items()):
            if place not in used and len(self.violations) < _MOST_TOLD:
                self.violations.append(ActivityWithoutExchanges(_at(row, ACTIVITIES, "id"), id_))

    def _unlinked(self, row: CsvRow, column: str, table: str) -> None:
        at = _at(row, EXCHANGES, column)
        self.violations.append(UnlinkedRow(at, row.values[column], f"{table}.csv", "", ""))


def _refuse_own_use(collected: Collected, folder: Path) -> None:
    """Refuse activities that take more of their own product than the unit that they give.

    Their net output would be below zero, as that of a treatment of waste is in other sources.
    """
    cells = collected.technosphere
    own, output = cells.row == cells.column, np.zeros(len(collected.activities))
    np.add.at(output, cells.row[own], cells.amount[own])
    codes = [collected.activities[place].code for place in np.flatnonzero(output < 0.0).tolist()]
    if codes:
        count, names = len(codes), ", ".join(codes[:_MOST_NAMED])
        raise CannotImport(
            str(folder),
            f"{count} activities take more of their own product than they give: {names}",
            f"{count} 个活动消耗的自身产品多于其产出：{names}",
        )


def _technosphere(size: int, inputs: tuple[list[int], list[int], list[float]]) -> Cells:
    """Return A = I − inputs."""
    given = _cells(*inputs)
    own = np.arange(size, dtype=np.int64)
    return Cells(
        np.concatenate([own, given.row]),
        np.concatenate([own, given.column]),
        np.concatenate([np.ones(size), -given.amount]),
    )


def _cells(rows: Sequence[int], columns: Sequence[int], amounts: Sequence[float]) -> Cells:
    return Cells(
        np.array(rows, dtype=np.int64),
        np.array(columns, dtype=np.int64),
        np.array(amounts, dtype=np.float64),
    )


def _activity(values: Mapping[str, str]) -> CollectedActivity:
    return CollectedActivity(
        code=values["id"],
        name=values["name_en"],
        reference_product=values["reference_product"],
        unit=values["unit"],
        location=values["location"],
        name_zh=values.get("name_zh", ""),
    )


def _flow(values: Mapping[str, str]) -> CollectedFlow:
    return CollectedFlow(
        key=values["id"],
        name=values["name_en"],
        # Before a comma the top, as in the shipped dataset: "air, non-urban or high stack".
        compartment=values["compartment"].replace(", ", "/", 1),
        cas=values.get("cas", ""),
        unit=values["unit"],
    )


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    # float() takes "1_000" too, which a spreadsheet would not.
    return number if math.isfinite(number) and "_" not in text else None


def _at(row: CsvRow, table: str, field: str) -> Location:
    return Location(field=field, row=row.number, table=f"{table}.csv", line=row.line)
