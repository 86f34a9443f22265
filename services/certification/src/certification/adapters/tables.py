"""Tables of the service.

`record` and what hangs on it belong to the applicant's tenant. `record_access` belongs to the
tenant that was named on a record. `published_record` and `verification_key` are the stated
exceptions to the tenant filter: what an issued record says is public, and so are the keys by which
it is verified. The record's `tenant_id` only tells where the row comes from, and nothing
confidential is ever copied into it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from certification.domain.record import FlagCode
from certification.domain.statement import Conclusion
from certification.domain.states import FINAL, Action, State
from chassis.database import UtcDateTime
from chassis.identity import Role
from chassis.tenancy import SharedRow, TenantRow

PARTIES = (Role.CERTIFICATION_BODY, Role.EXPORTER, Role.VERIFIER)
NAMED = (Role.CERTIFICATION_BODY, Role.VERIFIER)
# A record was issued before it was withdrawn, an application was not.
UNISSUED = (State.SUBMITTED, State.UNDER_REVIEW, State.REJECTED)
ISSUED = (State.ISSUED, State.SUSPENDED, State.REVOKED)


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """Write an SQL condition: the column holds one of the values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in sorted(values))})"


def not_final() -> str:
    """Write an SQL condition: the record may still change its state."""
    return one_of("state", frozenset(State) - FINAL)


def _of_record(name: str) -> ForeignKeyConstraint:
    # With the tenant: a child of another tenant's record cannot be written.
    return ForeignKeyConstraint(
        ["tenant_id", "record_id"], ["record.tenant_id", "record.id"], name=f"fk_{name}_record"
    )


class CertificationBase(SQLModel, registry=registry()):
    """Base of this service's tables."""


class RecordRow(CertificationBase, TenantRow, table=True):
    """A record, from its application on.

    Attributes
    ----------
    footprint
        The frozen footprint as it was read when the application was made.
    announced
        How many events told of this record.
    jws
        The signed document and what is said of it beside; empty until it is issued.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", name="uq_record"),
        Index(
            "uq_record_standing",
            "tenant_id",
            "footprint_id",
            "scheme_id",
            unique=True,
            sqlite_where=text(not_final()),
            postgresql_where=text(not_final()),
        ),
        CheckConstraint(one_of("state", State), name="ck_record_state"),
        CheckConstraint(
            f"jws IS NULL OR NOT ({one_of('state', UNISSUED)})", name="ck_record_unissued_has_none"
        ),
        CheckConstraint(
            f"jws IS NOT NULL OR NOT ({one_of('state', ISSUED)})",
            name="ck_record_issued_has_document",
        ),
        CheckConstraint(
            "(jws IS NULL) = (jws_sha256 IS NULL) AND (jws IS NULL) = (key_id IS NULL) "
            "AND (jws IS NULL) = (issued_at IS NULL) AND (jws IS NULL) = (valid_until IS NULL)",
            name="ck_record_document_whole",
        ),
        CheckConstraint(
            "tenant_id <> verifier_tenant_id AND tenant_id <> body_tenant_id",
            name="ck_record_independent",
        ),
        CheckConstraint("announced >= 0", name="ck_record_announced"),
    )

    id: str = Field(primary_key=True)
    scheme_id: str
    footprint_id: str
    footprint: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    verifier_tenant_id: str
    body_tenant_id: str
    state: str
    announced: int = 0
    jws: str | None = Field(default=None, sa_type=Text)
    jws_sha256: str | None = None
    key_id: str | None = None
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TransitionRow(CertificationBase, TenantRow, table=True):
    """One transition of a record; rows are only ever added."""

    __tablename__ = "transition"
    __table_args__ = (
        _of_record("transition"),
        CheckConstraint(one_of("action", Action), name="ck_transition_action"),
        CheckConstraint(
            f"from_state IS NULL OR {one_of('from_state', State)}", name="ck_transition_from"
        ),
        CheckConstraint(one_of("to_state", State), name="ck_transition_to"),
        CheckConstraint(one_of("role", PARTIES), name="ck_transition_role"),
        CheckConstraint("reason <> ''", name="ck_transition_reason"),
    )

    record_id: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    action: str
    from_state: str | None = None
    to_state: str
    role: str
    subject: str
    actor_tenant_id: str
    reason: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class StatementRow(CertificationBase, TenantRow, table=True):
    """The verifier's statement: one a record, so one for one footprint version."""

    __tablename__ = "statement"
    __table_args__ = (
        _of_record("statement"),
        CheckConstraint(one_of("conclusion", Conclusion), name="ck_statement_conclusion"),
        CheckConstraint("no_conflict_of_interest", name="ck_statement_no_conflict"),
    )

    record_id: str = Field(primary_key=True)
    type: str
    footprint_sha256: str
    verifier_name: str
    lead_verifier: str
    objective: str = Field(sa_type=Text)
    conclusion: str
    limitations: str = Field(sa_type=Text)
    method_id: str
    no_conflict_of_interest: bool
    date: date


class FlagRow(CertificationBase, TenantRow, table=True):
    """What became known about a record without changing its state."""

    __tablename__ = "record_flag"
    __table_args__ = (
        _of_record("record_flag"),
        CheckConstraint(one_of("code", FlagCode), name="ck_record_flag_code"),
    )

    record_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    reason: str
    since: datetime = Field(sa_type=UtcDateTime)
    successor_footprint_id: str | None = None


class AccessRow(CertificationBase, TenantRow, table=True):
    """Index row of a named organisation, in its own tenant, pointing to the owner's record."""

    __tablename__ = "record_access"
    __table_args__ = (
        UniqueConstraint("tenant_id", "record_id", "role", name="uq_record_access"),
        CheckConstraint(one_of("role", NAMED), name="ck_record_access_role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    record_id: str
    role: str
    owner_tenant_id: str


class AuditRow(CertificationBase, TenantRow, table=True):
    """Someone of another organisation came to a record; kept in the owner's tenant."""

    __tablename__ = "access_audit"
    __table_args__ = (_of_record("access_audit"),)

    id: int | None = Field(default=None, primary_key=True)
    record_id: str
    subject: str
    reader_tenant_id: str
    role: str
    operation: str
    at: datetime = Field(sa_type=UtcDateTime)


class VerificationKeyRow(CertificationBase, SharedRow, table=True):
    """A public key that signs records or signed earlier ones; public, so it has no tenant.

    Attributes
    ----------
    jwk
        As it is published; nothing private is in it.
    """

    __tablename__ = "verification_key"

    key_id: str = Field(primary_key=True)
    jwk: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    since: datetime = Field(sa_type=UtcDateTime)


class PublishedRecordRow(CertificationBase, SharedRow, table=True):
    """What anybody may know about a record that was issued; renewed with the record."""

    __tablename__ = "published_record"
    __table_args__ = (
        CheckConstraint(f"NOT ({one_of('state', UNISSUED)})", name="ck_published_record_state"),
    )

    record_id: str = Field(primary_key=True)
    tenant_id: str
    scheme_id: str
    state: str
    issued_at: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime)
    key_id: str
    jws_sha256: str
    jws: str = Field(sa_type=Text)
    flags: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    history: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
