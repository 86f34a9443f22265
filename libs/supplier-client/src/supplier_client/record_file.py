"""Activity records from a CSV file.

Columns, in any order: ``record_id, period_start, period_end, kind, item_id, amount, unit,
evidence`` and, if wanted, ``note``, which is not sent. Lines that begin with ``#`` may stand before
the header. UTF-8, with or without a byte-order mark.
"""

import csv
import math
import re
from itertools import dropwhile
from pathlib import Path

from chassis.errors import InvalidInput, Location, Violation
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2 as pb
from supplier_client.errors import (
    MissingColumn,
    NotANumber,
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
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(dropwhile(lambda line: line.startswith("#"), lines), strict=True)
            header = _read_header(next(rows, []), violations)
            for number, fields in enumerate((row for row in rows if row), start=1):
                record = _read_row(number, fields, header, violations) if header else None
                if record is not None:
                    records.append(record)
    except (csv.Error, UnicodeDecodeError) as error:
        violations.append(UnreadableFile(location=Location(""), reason=str(error)))
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return records


def _read_header(names: list[str], violations: list[Violation]) -> list[str]:
    names = [name.strip() for name in names]
    found: list[Violation] = []
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
