"""Repositories on the unit of work's session, which filters by tenant below them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from certification.adapters.mapping import (
    footprint_to_json,
    published_from_row,
    published_row,
    record_from_rows,
    transition_row,
)
from certification.adapters.tables import (
    AccessRow,
    AuditRow,
    FlagRow,
    PublishedRecordRow,
    RecordRow,
    StatementRow,
    TransitionRow,
    VerificationKeyRow,
)
from certification.application.ports import PublishedRecord
from certification.domain.record import Record
from certification.domain.states import FINAL
from chassis.clock import Clock
from chassis.database import Database
from chassis.identity import Principal, Role
from chassis.tenancy import TenantSession


class SqlRecords:
    """Records of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, record: Record) -> None:
        """Store a new record."""
        self._session.add(
            RecordRow(
                id=record.id,
                scheme_id=record.scheme_id,
                footprint_id=record.footprint.id,
                footprint=footprint_to_json(record.footprint),
                verifier_tenant_id=record.verifier_tenant_id,
                body_tenant_id=record.body_tenant_id,
                state=record.state,
            )
        )
        self._session.flush()
        self._add_children(record)

    def get(self, record_id: str) -> Record | None:
        """Return a record, held against other writers until the unit of work ends."""
        row = self._row(record_id)
        return None if row is None else self._record(row)

    def save(self, record: Record) -> None:
        """Store a changed record; from its issue on, renew its published projection too."""
        row = self._row(record.id)
        if row is None:
            raise LookupError(f"record {record.id} was never added")
        row.state = record.state
        document = record.document
        if document is not None:
            row.jws, row.jws_sha256, row.key_id = document.jws, document.sha256, document.key_id
            row.issued_at, row.valid_until = document.issued_at, document.valid_until
            self._session.merge(published_row(record, document))
        self._session.add(row)
        self._add_children(record)

    def standing(self, footprint_id: str) -> list[Record]:
        """Return the footprint's records and applications that are not in a final state."""
        rows = self._session.exec(
            select(RecordRow)
            .where(
                RecordRow.footprint_id == footprint_id,
                col(RecordRow.state).not_in([str(state) for state in FINAL]),
            )
            .order_by(RecordRow.id)
            .with_for_update()
        ).all()
        return [self._record(row) for row in rows]

    def next_version(self, record_id: str) -> int:
        """Count one more event of a record and return its number, from 1."""
        row = self._row(record_id)
        if row is None:
            raise LookupError(f"record {record_id} was never added")
        row.announced += 1
        self._session.add(row)
        return row.announced

    def _row(self, record_id: str) -> RecordRow | None:
        return self._session.exec(
            select(RecordRow).where(RecordRow.id == record_id).with_for_update()
        ).one_or_none()

    def _transitions(self, record_id: str) -> list[TransitionRow]:
        return list(
            self._session.exec(
                select(TransitionRow)
                .where(TransitionRow.record_id == record_id)
                .order_by(col(TransitionRow.sequence))
            )
        )

    def _flags(self, record_id: str) -> list[FlagRow]:
        return list(
            self._session.exec(
                select(FlagRow)
                .where(FlagRow.record_id == record_id)
                .order_by(col(FlagRow.since), FlagRow.code)
            )
        )

    def _statement(self, record_id: str) -> StatementRow | None:
        return self._session.get(StatementRow, record_id)

    def _record(self, row: RecordRow) -> Record:
        return record_from_rows(
            row, self._transitions(row.id), self._flags(row.id), self._statement(row.id)
        )

    def _add_children(self, record: Record) -> None:
        stored = len(self._transitions(record.id))
        for sequence, entry in enumerate(record.history[stored:], start=stored + 1):
            self._session.add(transition_row(record.id, sequence, entry))
        known = {flag.code for flag in self._flags(record.id)}
        for flag in record.flags:
            if flag.code not in known:
                self._session.add(FlagRow(record_id=record.id, **asdict(flag)))
        if record.statement is not None and self._statement(record.id) is None:
            self._session.add(StatementRow(record_id=record.id, **asdict(record.statement)))
        self._session.flush()


class SqlAccess:
    """Access index of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, record_id: str, owner_tenant_id: str, role: Role) -> None:
        """Name the tenant whose rows are seen now."""
        self._session.add(
            AccessRow(record_id=record_id, owner_tenant_id=owner_tenant_id, role=role)
        )

    def owner_of(self, record_id: str, role: Role) -> str | None:
        """Return whose record it is, if this tenant was named on it in `role`."""
        row = self._session.exec(
            select(AccessRow).where(AccessRow.record_id == record_id, AccessRow.role == role)
        ).one_or_none()
        return None if row is None else row.owner_tenant_id


class SqlAudit:
    """Audit of the session's tenant."""

    def __init__(self, session: TenantSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def note(self, record_id: str, reader: Principal, role: Role, operation: str) -> None:
        """Write down an access."""
        self._session.add(
            AuditRow(
                record_id=record_id,
                subject=reader.subject,
                reader_tenant_id=reader.tenant_id,
                role=role,
                operation=operation,
                at=self._clock.now(),
            )
        )


class SqlVerificationKeys:
    """All public keys that ever signed records here, without a tenant: they are public.

    A record outlives the key that signed it, so a key stays when another one takes its place.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, public_key: Mapping[str, Any], since: datetime) -> None:
        """Keep a key, before anything is signed with it."""
        key_id = str(public_key["kid"])
        with self._database.system_transaction() as session:
            if session.get(VerificationKeyRow, key_id) is None:
                session.add(VerificationKeyRow(key_id=key_id, jwk=dict(public_key), since=since))

    def jwks(self) -> dict[str, Any]:
        """Return all keys as a JWK set (RFC 7517), the newest first."""
        order = (col(VerificationKeyRow.since).desc(), col(VerificationKeyRow.key_id))
        with self._database.system_transaction(read_only=True) as session:
            rows = session.exec(select(VerificationKeyRow).order_by(*order))
            return {"keys": [row.jwk for row in rows]}


class SqlPublishedRecords:
    """The public projection, read without a tenant.

    Besides the public keys the one place where the service reads past the tenant filter, and of
    this one table only: an issued record is public, and its reader has no token.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, record_id: str) -> PublishedRecord | None:
        """Return a record that has been issued."""
        with self._database.system_transaction(read_only=True) as session:
            row = session.get(PublishedRecordRow, record_id)
            return None if row is None else published_from_row(row)
