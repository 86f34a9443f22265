"""Activity records from a CSV file.

Columns, in any order: ``record_id, period_start, period_end, kind, item_id, amount, unit,
evidence`` and, if wanted, ``note``, which is not sent. The form of the file is that of
`chassis.csv_files`.
"""

import math
import re
from pathlib import Path

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import InvalidInput, Location, Violation
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2 as pb
from supplier_client.errors import NotANumber, UnknownKind

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
    file = Path(path)
    violations: list[Violation] = []
    records: list[pb.ActivityRecord] = []
    rows = read_rows(
        file.read_bytes(), file.name, violations, columns=COLUMNS, optional=OPTIONAL_COLUMNS
    )
    for row in rows:
        record = _read_row(row, file.name, violations)
        if record is not None:
            records.append(record)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return records


def _read_row(read: CsvRow, file: str, violations: list[Violation]) -> pb.ActivityRecord | None:
    row = read.values

    def at(field: str) -> Location:
        return Location(field, read.number, row["record_id"] or None, file, read.line)

    found: list[Violation] = []
    kind = KINDS.get(row["kind"])
    if kind is None:
        found.append(UnknownKind(location=at("kind"), text=row["kind"], known=tuple(KINDS)))
    amount = float(row["amount"]) if _NUMBER.fullmatch(row["amount"]) else math.nan
    if not math.isfinite(amount):
        found.append(NotANumber(location=at("amount"), text=row["amount"]))
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
