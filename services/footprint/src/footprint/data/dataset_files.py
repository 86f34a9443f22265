"""Reading the files of a dataset: a folder, or an archive that is opened like one."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from errno import ENOENT
from importlib.resources.abc import Traversable
from os import strerror
from pathlib import Path
from typing import Any, NoReturn

from chassis.canonical import sha256_hex
from chassis.csv_files import read_rows
from chassis.errors import InvalidInput, Location, Violation
from footprint.domain.dataset_document import ALL_COLUMNS, DatasetDocument
from footprint.domain.dataset_errors import MissingTable, NotAPackage
from footprint.domain.dataset_file_errors import UnfitFileName, UnreadableArchive
from footprint.domain.errors import MissingField, NotText

PACKAGE = "datapackage.json"
#: What an archive may unpack to [bytes]; the shipped dataset has some 2 MB.
MOST_UNPACKED = 200_000_000
#: Longest name and version [characters]; both are parts of the names of files that we write.
_LONGEST_NAME = 80
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
#: Tables stand in the folder itself: nothing else of the machine is read or written.
_TABLE = re.compile(r"[A-Za-z0-9_-]+\.csv")


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
        if not _TABLE.fullmatch(name) or not file.is_file():
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


def archive_folder(path: Path) -> Traversable:
    """Open an archive like a folder.

    Raises
    ------
    UnreadableArchive
        Before anything is read of it by its names: if it is damaged or locked, or if it unpacks to
        more than `MOST_UNPACKED`.
    FileNotFoundError
        If it holds no dataset.
    """
    try:
        archive = zipfile.ZipFile(path)
        is_whole = (
            sum(each.file_size for each in archive.infolist()) <= MOST_UNPACKED
            and archive.testzip() is None
        )
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        is_whole = False
    if not is_whole:
        raise UnreadableArchive(str(path), MOST_UNPACKED // 1_000_000) from None
    if PACKAGE not in archive.namelist():
        raise FileNotFoundError(ENOENT, strerror(ENOENT), str(path / PACKAGE))
    return zipfile.Path(archive)


def content_hash(header: Mapping[str, Any], contents: Mapping[str, bytes]) -> str:
    """Return the hash that pins a dataset, from the bytes of its tables by file name."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    return sha256_hex({"header": header, "files": hashes})


def rows_of(name: str, content: bytes, violations: list[Violation]) -> Sequence[Mapping[str, str]]:
    """Read the rows of a table; its columns must be those of the format, if it is known."""
    columns = ALL_COLUMNS.get(name.removesuffix(".csv"))
    return [row.values for row in read_rows(content, name, violations, columns=columns)]


def _header(content: bytes, violations: list[Violation]) -> dict[str, Any]:
    """Read the description of the package as far as it names files; raise what is wrong there.

    What it says of the dataset is read with its tables.
    """
    try:
        header = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        header = None

    def at(field: str) -> Location:
        return Location(field=field, table=PACKAGE)

    if not isinstance(header, dict):
        raise InvalidInput((NotAPackage(at("")),))
    for field in ("name", "version"):
        value = header.get(field)
        if not isinstance(value, str):
            violations.append(NotText(at(field)))
        elif len(value) > _LONGEST_NAME or not _NAME.fullmatch(value):
            violations.append(UnfitFileName(at(field), value[:_LONGEST_NAME], _LONGEST_NAME))
    resources = header.get("resources")
    if not isinstance(resources, list) or not all(
        isinstance(each, dict) and isinstance(each.get("path"), str) for each in resources
    ):
        violations.append(MissingField(at("resources.path")))
    if violations:
        raise InvalidInput(tuple(violations))
    return header


def _refuse(constant: str) -> NoReturn:
    """Refuse what Python takes for a number and JSON does not."""
    raise ValueError(constant)
