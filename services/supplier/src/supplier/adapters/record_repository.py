"""The activity records of one version, on the database."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_
from sqlmodel import col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from chassis.tenancy import TenantSession
from supplier.adapters.tables import ActivityRecordRow, RecordBatchRow
from supplier.application.ports import Receipt
from supplier.domain.activity import ActivityKind, ActivityRecord
from supplier.domain.period import Period


class SqlRecords:
    """The records of one version of the current tenant's declaration."""

    def __init__(self, session: TenantSession, declaration_id: str, version: int) -> None:
        self._session = session
        self._declaration_id = declaration_id
        self._version = version

    def receipt(self, sequence: int) -> Receipt | None:
        key = (self._session.tenant_id, self._declaration_id, self._version, sequence)
        row = self._session.get(RecordBatchRow, key)
        return None if row is None else Receipt(row.sequence, row.sha256)

    def add(self, receipt: Receipt, records: Sequence[ActivityRecord]) -> None:
        self._session.add(
            RecordBatchRow(
                declaration_id=self._declaration_id,
                version=self._version,
                sequence=receipt.sequence,
                sha256=receipt.sha256,
            )
        )
        self._session.flush()
        self._session.add_all(
            ActivityRecordRow(
                declaration_id=self._declaration_id,
                version=self._version,
                record_id=record.record_id,
                sequence=receipt.sequence,
                kind=record.kind.value,
                item_id=record.item_id,
                period_start=record.period.start,
                period_end=record.period.end,
                amount=record.amount,
                unit=record.unit,
                evidence=record.evidence,
            )
            for record in records
        )

    def remove_all(self) -> None:
        for table in (ActivityRecordRow, RecordBatchRow):
            self._session.exec(
                delete(table).where(
                    col(table.declaration_id) == self._declaration_id,
                    col(table.version) == self._version,
                )
            )

    def all(self) -> list[ActivityRecord]:
        rows = self._session.exec(self._select().order_by(col(ActivityRecordRow.record_id)))
        return [_record(row) for row in rows]

    def held_ids(self, record_ids: Collection[str]) -> set[str]:
        found = self._select().where(col(ActivityRecordRow.record_id).in_(record_ids))
        return {row.record_id for row in self._session.exec(found)}

    def overlapping(
        self, items: Collection[tuple[ActivityKind, str]], span: Period
    ) -> list[ActivityRecord]:
        found = self._select().where(
            col(ActivityRecordRow.item_id).in_({item_id for _, item_id in items}),
            col(ActivityRecordRow.period_start) <= span.end,
            col(ActivityRecordRow.period_end) >= span.start,
        )
        records = (_record(row) for row in self._session.exec(found))
        return [record for record in records if (record.kind, record.item_id) in items]

    def first_outside(self, period: Period) -> ActivityRecord | None:
        found = self._select().where(
            or_(
                col(ActivityRecordRow.period_start) < period.start,
                col(ActivityRecordRow.period_end) > period.end,
            )
        )
        row = self._session.exec(found.order_by(col(ActivityRecordRow.record_id)).limit(1)).first()
        return None if row is None else _record(row)

    def _select(self) -> SelectOfScalar[ActivityRecordRow]:
        return select(ActivityRecordRow).where(
            ActivityRecordRow.declaration_id == self._declaration_id,
            ActivityRecordRow.version == self._version,
        )


def _record(row: ActivityRecordRow) -> ActivityRecord:
    return ActivityRecord(
        record_id=row.record_id,
        period=Period(row.period_start, row.period_end),
        kind=ActivityKind(row.kind),
        item_id=row.item_id,
        amount=row.amount,
        unit=row.unit,
        evidence=row.evidence,
    )
