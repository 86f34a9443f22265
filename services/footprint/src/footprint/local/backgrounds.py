"""Making and searching backgrounds, for who runs the service as a library."""

import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chassis.errors import InvalidInput, Location, Violation
from footprint.adapters.backgrounds import archives
from footprint.adapters.backgrounds.collected import About
from footprint.adapters.backgrounds.csv_import import read_csv_background
from footprint.adapters.backgrounds.flow_names import load_flow_matcher
from footprint.adapters.backgrounds.local import open_file
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.backgrounds.writing import write_background
from footprint.adapters.brightway.background_import import import_ecospold2, import_project
from footprint.domain.background_errors import UnfitBackgroundId
from footprint.domain.background_names import (
    LONGEST_BACKGROUND_ID,
    LONGEST_VERSION,
    is_background_id,
    is_background_version,
)
from footprint.domain.errors import MissingField

_YEARS = range(1900, 2201)
#: Flows that are told of by name; a large inventory has thousands that the dataset does not.
_MOST_UNMATCHED = 100


def import_background(
    out: Path,
    *,
    id: str,
    version: str,
    title: str,
    licence: str,
    year: int | None,
    csv: Path | None = None,
    ecospold2: Path | None = None,
    brightway: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Make a background file of one source and say what is in it.

    Parameters
    ----------
    year
        That the activities stand for; CSV may state it itself.
    brightway
        Project and database.

    Raises
    ------
    InvalidInput, CannotImport, ImporterMissing
    """
    _check(id, version, title, licence)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as temporary:
        folder = Path(temporary) / "background"
        folder.mkdir()
        if csv is not None:
            collected, newest = read_csv_background(csv)
            about = _about(id, version, title, licence, year or newest, "csv")
            write_background(collected, about, load_flow_matcher(), folder)
        elif ecospold2 is not None:
            about = _about(id, version, title, licence, year, "ecospold2")
            import_ecospold2(ecospold2, about, folder)
        else:
            assert brightway is not None
            about = _about(id, version, title, licence, year, "brightway")
            import_project(*brightway, about, folder)
        background = OpenBackground(folder)
        packed = Path(temporary) / out.name
        archives.pack(folder, packed)
        os.replace(packed, out)
    return {"file": str(out), **described(background)}


def search_background(path: Path, text: str, most: int) -> dict[str, Any]:
    """Search the activities of a background file.

    Raises
    ------
    NotABackground
    """
    background = open_file(path)
    found = [
        {
            "input_id": f"{background.id}:{each.code}",
            "name": each.name,
            "name_zh": each.name_zh,
            "reference_product": each.reference_product,
            "location": each.location,
            "unit": each.unit,
            "unit_given": each.unit_given,
        }
        for each in background.search(text, most)
    ]
    return {"id": background.id, "version": background.version, "activities": found}


def describe_background(path: Path) -> dict[str, Any]:
    """Say what a background file is.

    Raises
    ------
    NotABackground
    """
    return described(open_file(path))


def described(background: OpenBackground) -> dict[str, Any]:
    """Say what a background is, and which flows of it count nothing."""
    names = ("id", "version", "title", "licence", "year", "origin", "counts")
    told = {name: background.header[name] for name in names}
    unmatched = [asdict(each) for each in background.unmatched(_MOST_UNMATCHED)]
    return {**told, "sha256": background.sha256, "unmatched_flows": unmatched}


def _check(id: str, version: str, title: str, licence: str) -> None:
    violations: list[Violation] = []
    if not is_background_id(id):
        violations.append(UnfitBackgroundId(Location("--id"), id, LONGEST_BACKGROUND_ID))
    if not is_background_version(version):
        violations.append(UnfitBackgroundId(Location("--version"), version, LONGEST_VERSION))
    for name, text in (("--title", title), ("--licence", licence)):
        if not text.strip():
            violations.append(MissingField(Location(name)))
    if violations:
        raise InvalidInput(tuple(violations))


def _about(id: str, version: str, title: str, licence: str, year: int | None, origin: str) -> About:
    if year is None or year not in _YEARS:
        raise InvalidInput((MissingField(Location("--year")),))
    return About(id, version, title.strip(), licence.strip(), year, origin)
