"""Activity records from a CSV file.

Columns, in any order: ``record_id, period_start, period_end, kind, item_id, amount, unit,
evidence`` and, if wanted, ``note``, which is not sent. Lines that begin with ``#`` may stand before
the header. UTF-8, with or without a byte-order mark. What spreadsheets add is passed over: blank
rows, unnamed empty columns at the end, quotation marks around a comment that holds a comma.
"""

import csv
import math
import re
from collections.abc import Iterator
from io import StringIO
from itertools import dropwhile
from pathlib import Path

from chassis.errors import InvalidInput, Location, Violation
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2 as pb
from supplier_client.errors import (
    MissingColumn,
    NotANumber,
    OtherEncoding,
    OtherSeparator,
    UnknownColumn,
    UnknownKind,
    UnreadableFile,
    WrongFieldCount,
)

COLUMNS = (
    "record_id",
    "period_start",
    "period_end",
    "kind",
    "item_id",
    "amount",
    "unit",
    "evidence",
)
OPTIONAL_COLUMNS = ("note",)
KINDS = {
    "electricity": pb.ACTIVITY_KIND_ELECTRICITY,
    "fuel": pb.ACTIVITY_KIND_FUEL,
    "material": pb.ACTIVITY_KIND_MATERIAL,
    "direct_emission": pb.ACTIVITY_KIND_DIRECT_EMISSION,
    "output": pb.ACTIVITY_KIND_OUTPUT,
}
# `float` also reads "1_000", "nan" and digits of other scripts.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_records(path: str | Path) -> list[pb.ActivityRecord]:
    """Read a file of records.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the form of the file, by row and field. What the records
        say is checked by the service.
    """
    violations: list[Violation] = []
    records: list[pb.ActivityRecord] = []
    rows = _rows(_text(Path(path).read_bytes()), violations)
    header = _read_header(next(rows, []), violations)
    for number, fields in enumerate(rows, start=1):
        record = _read_row(number, fields, header, violations) if header else None
        if record is not None:
            records.append(record)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return records


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        violation = OtherEncoding(location=Location(""), line=line)
        raise InvalidInput(violations=(violation,)) from error


def _rows(text: str, violations: list[Violation]) -> Iterator[list[str]]:
    """Go through header and rows, without blank ones; ends where the text is no CSV."""
    lines = list(StringIO(text, newline=""))
    content = list(dropwhile(lambda line: line.startswith(("#", '"#')), lines))
    reader = csv.reader(content, strict=True)
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield row
    except csv.Error as error:
        line = len(lines) - len(content) + reader.line_num
        violations.append(UnreadableFile(location=Location(""), line=line, reason=str(error)))


def _read_header(names: list[str], violations: list[Violation]) -> list[str]:
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    found: list[Violation] = []
    for separator in (";", "\t"):
        if len(names) == 1 and set(COLUMNS) <= set(names[0].split(separator)):
            violations.append(OtherSeparator(location=Location(""), found=separator))
            return []
    for column in COLUMNS:
        if column not in names:
            location = Location(column)
            found.append(MissingColumn(location=location, column=column, columns=COLUMNS))
    for position, name in enumerate(names):
        if name not in (*COLUMNS, *OPTIONAL_COLUMNS) or name in names[:position]:
            found.append(UnknownColumn(location=Location(name), column=name))
    violations.extend(found)
    return [] if found else names


def _read_row(
    number: int, fields: list[str], header: list[str], violations: list[Violation]
) -> pb.ActivityRecord | None:
    if not any(field.strip() for field in fields[len(header) :]):
        fields = fields[: len(header)]
    if len(fields) != len(header):
        violations.append(
            WrongFieldCount(
                location=Location("", row=number), count=len(fields), expected=len(header)
            )
        )
        return None
    row = {name: field.strip() for name, field in zip(header, fields, strict=True)}
    record_id = row["record_id"] or None
    found: list[Violation] = []
    kind = KINDS.get(row["kind"])
    if kind is None:
        location = Location("kind", row=number, id=record_id)
        found.append(UnknownKind(location=location, text=row["kind"], known=tuple(KINDS)))
    amount = float(row["amount"]) if _NUMBER.fullmatch(row["amount"]) else math.nan
    if not math.isfinite(amount):
        location = Location("amount", row=number, id=record_id)
        found.append(NotANumber(location=location, text=row["amount"]))
    violations.extend(found)
    if found or kind is None:
        return None
    return pb.ActivityRecord(
        record_id=row["record_id"],
        period=common_pb2.Period(start=row["period_start"], end=row["period_end"]),
        kind=kind,
        item_id=row["item_id"],
        quantity=common_pb2.Quantity(amount=amount, unit=row["unit"]),
        evidence=row["evidence"],
    )
