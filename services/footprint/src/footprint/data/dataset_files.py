"""Reading the files of a dataset: a folder, or an archive that is opened like one."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any

from chassis.canonical import sha256_hex
from chassis.csv_files import read_rows
from chassis.errors import InvalidInput, Location, Violation
from footprint.domain.dataset_document import ALL_COLUMNS, DatasetDocument
from footprint.domain.dataset_errors import MissingTable, NotAPackage
from footprint.domain.errors import MissingField, NotText

PACKAGE = "datapackage.json"
#: What the package must say of the dataset beside its tables.
_SETTINGS = ("default_region", "electricity_year", "electricity_reference", "aggregated_flow")


def read_document(folder: Traversable) -> DatasetDocument:
    """Read a dataset's files and pin them by content.

    Raises
    ------
    InvalidInput
        With all that is wrong with the form of the files: missing tables and columns, rows with
        too many cells, other encodings.
    FileNotFoundError
        If there is no `datapackage.json`.

    Notes
    -----
    The hash covers the description of the package and the SHA-256 of every table's bytes, so
    neither the order of reading nor the place of the folder matters, and a changed comment column
    counts.
    """
    violations: list[Violation] = []
    header = _header(folder.joinpath(PACKAGE).read_bytes(), violations)
    names = [str(resource["path"]) for resource in header["resources"]]
    contents: dict[str, bytes] = {}
    for name in names:
        file = folder.joinpath(name)
        if "/" in name or not file.is_file():
            violations.append(MissingTable(Location(field="", table=name)))
        else:
            contents[name] = file.read_bytes()
    tables = {
        name.removesuffix(".csv"): rows_of(name, content, violations)
        for name, content in contents.items()
    }
    if violations:
        raise InvalidInput(tuple(violations))
    return DatasetDocument(header, tables, content_hash(header, contents))


def content_hash(header: Mapping[str, Any], contents: Mapping[str, bytes]) -> str:
    """Return the hash that pins a dataset, from the bytes of its tables by file name."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return sha256_hex({"header": header, "files": hashes})


def rows_of(name: str, content: bytes, violations: list[Violation]) -> Sequence[Mapping[str, str]]:
    """Read the rows of a table; its columns must be those of the format, if it is known."""
    columns = ALL_COLUMNS.get(name.removesuffix(".csv"))
    if columns is None:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8", errors="replace"))))
    return [row.values for row in read_rows(content, name, violations, columns=columns)]


def _header(content: bytes, violations: list[Violation]) -> dict[str, Any]:
    """Read the description of the package; what it lacks is noted and raised at once."""
    try:
        header = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        header = None

    def at(field: str) -> Location:
        return Location(field=field, table=PACKAGE)

    if not isinstance(header, dict):
        raise InvalidInput((NotAPackage(at("")),))
    for field in ("name", "version"):
        if not isinstance(header.get(field), str):
            violations.append(NotText(at(field)))
    settings = header.get("greenchain")
    for field in _SETTINGS:
        if not isinstance(settings, dict) or not settings.get(field):
            violations.append(MissingField(at(f"greenchain.{field}")))
    resources = header.get("resources")
    if not isinstance(resources, list) or not all(
        isinstance(each, dict) and isinstance(each.get("path"), str) for each in resources
    ):
        violations.append(MissingField(at("resources.path")))
    if violations:
        raise InvalidInput(tuple(violations))
    return header
