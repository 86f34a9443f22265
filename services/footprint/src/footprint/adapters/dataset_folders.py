"""Writing datasets: tables of a folder, a folder as a copy, an archive of a version.

What is new is written beside its place and renamed, so that nobody ever reads half a file.
"""

import csv
import fcntl
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EEXIST
from importlib.resources.abc import Traversable
from pathlib import Path

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import InvalidInput, Location, Violation
from footprint.data.dataset_files import (
    PACKAGE,
    archive_folder,
    content_hash,
    read_document,
    rows_of,
)
from footprint.domain.dataset_document import ALL_COLUMNS, KEYS, DatasetDocument, Row, key_of
from footprint.domain.dataset_errors import (
    MissingTable,
    RowExists,
    UnknownTable,
    VersionReleased,
)
from footprint.domain.errors import Duplicate

#: Of every entry of an archive, so that the same files give the same bytes.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Addition:
    """Rows of a file that are to stand in a table.

    Attributes
    ----------
    file
        Where they were read, for places.
    """

    file: Path
    table: str
    rows: tuple[CsvRow, ...]

    def keyed(self) -> dict[str, CsvRow]:
        return {key_of(self.table, row.values): row for row in self.rows}

    def at(self, row: CsvRow, field: str = "") -> Location:
        """Return a place in the file."""
        id_ = key_of(self.table, row.values)
        return Location(field, row=row.number, id=id_, table=self.file.name, line=row.line)


def read_addition(file: Path, table: str) -> Addition:
    """Read rows that are to be added to a table.

    Raises
    ------
    UnknownTable
    InvalidInput
        With what is wrong with the form of the file, and keys that stand in it twice.
    """
    content = file.read_bytes()
    if table not in ALL_COLUMNS:
        raise UnknownTable(table, tuple(ALL_COLUMNS))
    violations: list[Violation] = []
    rows = tuple(read_rows(content, file.name, violations, columns=ALL_COLUMNS[table]))
    addition = Addition(file, table, rows)
    first: dict[str, int] = {}
    for row in rows:
        key = key_of(table, row.values)
        if key in first:
            violations.append(Duplicate(addition.at(row), key, first[key]))
        first.setdefault(key, row.number)
    if violations:
        raise InvalidInput(tuple(violations))
    return addition


def tables_with(
    document: DatasetDocument, additions: Sequence[Addition], *, replace: bool
) -> dict[str, bytes]:
    """Return tables with rows added at their ends, or put in the place of old ones.

    Raises
    ------
    InvalidInput
        With every row that is there already and may not be replaced, and tables that the package
        does not list.
    """
    listed = {resource["path"] for resource in document.header["resources"]}
    violations: list[Violation] = []
    tables: dict[str, dict[str, Row]] = {}
    for each in additions:
        if f"{each.table}.csv" not in listed:
            violations.append(MissingTable(Location(field="", table=f"{each.table}.csv")))
        merged = tables.setdefault(each.table, document.keyed(each.table))
        for key, row in each.keyed().items():
            if key in merged and not replace:
                violations.append(RowExists(each.at(row), key, each.table))
            merged[key] = row.values
    if violations:
        raise InvalidInput(tuple(violations))
    return {name: _table_bytes(name, rows.values()) for name, rows in tables.items()}


def in_files(invalid: InvalidInput, additions: Sequence[Addition]) -> InvalidInput:
    """Return what is wrong with a dataset, added rows by their places in the files."""
    for violation in invalid.violations:
        told = violation.location
        for each in additions:
            row = each.keyed().get(told.id or "")
            if row is not None and told.table == f"{each.table}.csv":
                violation.location = each.at(row, told.field)
    return invalid


def _table_bytes(table: str, rows: Iterable[Row]) -> bytes:
    """Write a table as it stands in a file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ALL_COLUMNS[table], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def with_tables(folder: Traversable, tables: Mapping[str, bytes]) -> DatasetDocument:
    """Return the dataset of a folder as it will be with other tables."""
    document = read_document(folder)
    names = (resource["path"] for resource in document.header["resources"])
    files = {name: folder.joinpath(name).read_bytes() for name in names}
    files |= {f"{name}.csv": content for name, content in tables.items()}
    violations: list[Violation] = []
    rows = {name: rows_of(f"{name}.csv", content, violations) for name, content in tables.items()}
    if violations:
        raise InvalidInput(tuple(violations))
    sha256 = content_hash(document.header, files)
    return DatasetDocument(document.header, {**document.tables, **rows}, sha256)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let nobody else add to a folder while the block runs: who comes later waits."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_tables(folder: Path, tables: Mapping[str, bytes]) -> None:
    """Replace tables of a folder: all, or none if one cannot be written or take its place.

    A process that is killed between two of them leaves the first in place. They stand in the order
    of `KEYS`, an activity before its exchanges, so that the check of the dataset tells of what is
    missing.
    """
    order = [name for name in KEYS if name in tables]
    paths = {name: folder / f"{name}.csv" for name in order}
    before = {name: path.read_bytes() for name, path in paths.items()}
    done: list[str] = []
    fresh: dict[str, Path] = {}
    try:
        for name, path in paths.items():
            fresh[name] = _written_beside(path, tables[name])
        for name, path in paths.items():
            fresh[name].replace(path)
            done.append(name)
    except BaseException:
        for name in done:
            _written_beside(paths[name], before[name]).replace(paths[name])
        for path in fresh.values():
            path.unlink(missing_ok=True)
        raise


def copy_with_tables(source: Traversable, folder: Path, tables: Mapping[str, bytes]) -> None:
    """Make a folder that is a copy of a dataset but for some tables, at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for each in source.iterdir():
            # Hidden is what editors keep, or what a killed process was about to write.
            if each.is_file() and not each.name.startswith("."):
                (temporary / each.name).write_bytes(each.read_bytes())
        for name, content in tables.items():
            (temporary / f"{name}.csv").write_bytes(content)
        temporary.chmod(0o755)
        if folder.exists():
            raise FileExistsError(EEXIST, os.strerror(EEXIST), str(folder))
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def release(source: Traversable, archives: Path) -> tuple[Path, DatasetDocument, bool]:
    """Archive a dataset under its version; return the archive and whether it is new.

    The same files give the same bytes; an archive that is there is never written again.

    Raises
    ------
    VersionReleased
        If the version was released with other content.
    InvalidInput
        If the dataset cannot be read.
    """
    document = read_document(source)
    document.dataset()
    name, version = document.header["name"], document.header["version"]
    archive = archives / f"{name}-{version}.zip"
    if archive.exists():
        released = read_document(archive_folder(archive))
        if released.sha256 != document.sha256:
            raise VersionReleased(version, released.sha256, document.sha256)
        return archive, document, False
    archives.mkdir(parents=True, exist_ok=True)
    _written_beside(archive, archive_bytes(source, document.header)).replace(archive)
    return archive, document, True


def archive_bytes(source: Traversable, header: Mapping[str, object]) -> bytes:
    """Return an archive of a dataset's files, in the order of their names."""
    resources = header["resources"]
    assert isinstance(resources, list)
    names = sorted({PACKAGE, *(str(resource["path"]) for resource in resources)})
    names += [name for name in ("README.md",) if source.joinpath(name).is_file()]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = _MODE << 16
            archive.writestr(entry, source.joinpath(name).read_bytes(), compresslevel=9)
    return content.getvalue()


def _written_beside(path: Path, content: bytes) -> Path:
    """Write a file beside a path that it is to take the place of, with the rights of that."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else _MODE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
