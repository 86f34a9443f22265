"""Between domain values and what the tables hold."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from certification.adapters.tables import (
    FlagRow,
    PublishedRecordRow,
    RecordRow,
    StatementRow,
    TransitionRow,
)
from certification.application.ports import PublishedRecord, PublishedTransition
from certification.domain.footprint import DeclaredUnit, Evidence, Footprint, StageScore
from certification.domain.record import (
    Actor,
    Flag,
    FlagCode,
    HistoryEntry,
    Record,
    SignedDocument,
)
from certification.domain.statement import Conclusion, Statement
from certification.domain.states import Action, State
from chassis.identity import Role


def footprint_to_json(footprint: Footprint) -> dict[str, Any]:
    """Write a footprint as JSON values."""
    return asdict(footprint) | {"frozen_at": footprint.frozen_at.isoformat()}


def footprint_from_json(content: dict[str, Any]) -> Footprint:
    """Read what `footprint_to_json` wrote."""
    return Footprint(
        **content
        | {
            "declared_unit": DeclaredUnit(**content["declared_unit"]),
            "stages": tuple(StageScore(**stage) for stage in content["stages"]),
            "frozen_at": datetime.fromisoformat(content["frozen_at"]),
            "evidence": tuple(Evidence(**item) for item in content["evidence"]),
        }
    )


def record_from_rows(
    row: RecordRow,
    transitions: Sequence[TransitionRow],
    flags: Sequence[FlagRow],
    statement: StatementRow | None,
) -> Record:
    """Build the aggregate."""
    return Record(
        id=row.id,
        tenant_id=row.tenant_id,
        scheme_id=row.scheme_id,
        footprint=footprint_from_json(row.footprint),
        verifier_tenant_id=row.verifier_tenant_id,
        body_tenant_id=row.body_tenant_id,
        state=State(row.state),
        history=tuple(_entry(transition) for transition in transitions),
        flags=tuple(
            Flag(FlagCode(flag.code), flag.reason, flag.since, flag.successor_footprint_id)
            for flag in flags
        ),
        statement=None if statement is None else _statement(statement),
        document=_document(row),
    )


def _entry(row: TransitionRow) -> HistoryEntry:
    return HistoryEntry(
        action=Action(row.action),
        from_state=None if row.from_state is None else State(row.from_state),
        to_state=State(row.to_state),
        actor=Actor(row.subject, row.actor_tenant_id, Role(row.role)),
        reason=row.reason,
        at=row.at,
    )


def _statement(row: StatementRow) -> Statement:
    values = {field.name: getattr(row, field.name) for field in fields(Statement)}
    return Statement(**values | {"conclusion": Conclusion(row.conclusion)})


def _document(row: RecordRow) -> SignedDocument | None:
    if row.jws is None:
        return None
    # ck_record_document_whole: they are there together.
    assert row.jws_sha256 is not None
    assert row.key_id is not None
    assert row.issued_at is not None
    assert row.valid_until is not None
    return SignedDocument(row.jws, row.jws_sha256, row.key_id, row.issued_at, row.valid_until)


def transition_row(record_id: str, sequence: int, entry: HistoryEntry) -> TransitionRow:
    """Write one transition."""
    return TransitionRow(
        record_id=record_id,
        sequence=sequence,
        action=entry.action,
        from_state=entry.from_state,
        to_state=entry.to_state,
        role=entry.actor.role,
        subject=entry.actor.subject,
        actor_tenant_id=entry.actor.tenant_id,
        reason=entry.reason,
        at=entry.at,
    )


def published_row(record: Record, document: SignedDocument) -> PublishedRecordRow:
    """Write the projection: the public part of a record, and nothing else of it."""
    return PublishedRecordRow(
        record_id=record.id,
        tenant_id=record.tenant_id,
        scheme_id=record.scheme_id,
        state=record.state,
        issued_at=document.issued_at,
        valid_until=document.valid_until,
        key_id=document.key_id,
        jws_sha256=document.sha256,
        jws=document.jws,
        flags=[asdict(flag) | {"since": flag.since.isoformat()} for flag in record.flags],
        history=[
            {
                "action": entry.action,
                "from_state": entry.from_state,
                "to_state": entry.to_state,
                "role": entry.actor.role,
                "reason": entry.reason,
                "at": entry.at.isoformat(),
            }
            for entry in record.history
        ],
    )


def published_from_row(row: PublishedRecordRow) -> PublishedRecord:
    """Read a projection."""
    return PublishedRecord(
        record_id=row.record_id,
        scheme_id=row.scheme_id,
        state=State(row.state),
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        key_id=row.key_id,
        sha256=row.jws_sha256,
        jws=row.jws,
        flags=tuple(
            Flag(
                FlagCode(flag["code"]),
                flag["reason"],
                datetime.fromisoformat(flag["since"]),
                flag["successor_footprint_id"],
            )
            for flag in row.flags
        ),
        history=tuple(
            PublishedTransition(
                action=Action(entry["action"]),
                from_state=None if entry["from_state"] is None else State(entry["from_state"]),
                to_state=State(entry["to_state"]),
                role=Role(entry["role"]),
                reason=entry["reason"],
                at=datetime.fromisoformat(entry["at"]),
            )
            for entry in row.history
        ),
    )
