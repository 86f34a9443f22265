"""What the service says is wrong with records, by their rows here."""

from collections.abc import Iterable

from chassis.errors import Location
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2
from supplier_client.errors import CalculationRefused, RefusedRecord


def refused_record(reported: common_pb2.Violation, row: int | None) -> RefusedRecord:
    """Return a violation that the service reported, in the row that is meant."""
    return RefusedRecord(
        location=Location(field=reported.field, row=row, id=reported.row_id or None),
        remote_code=reported.code,
        text_en=reported.message_en,
        text_zh=reported.message_zh,
    )


def calculation_refused(
    refused: declaration_pb2.Declaration, records: Iterable[declaration_pb2.ActivityRecord]
) -> CalculationRefused:
    """Return why a version was refused; the service knows its records by their ids alone."""
    rows = {record.record_id: row for row, record in enumerate(records, start=1)}
    return CalculationRefused(
        violations=tuple(refused_record(each, rows.get(each.row_id)) for each in refused.violations)
    )
