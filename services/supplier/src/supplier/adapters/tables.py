"""Tables of the supplier service. Every row belongs to a tenant, and every key begins with it."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.database import UtcDateTime
from chassis.tenancy import TenantRow
from supplier.domain.activity import ActivityKind
from supplier.domain.grant import GrantPurpose
from supplier.domain.transitions import DataRequestState, DeclarationState

_PROPOSED = f"state = '{DataRequestState.PROPOSED.value}'"


class Base(SQLModel, registry=registry(metadata=MetaData())):
    """Base of this service's tables; its `metadata` holds them and nothing else."""


class OwnedRow(TenantRow):
    """Mixin: the tenant is part of the key, so that no key can be probed for across tenants."""

    tenant_id: str = Field(default="", primary_key=True)


def _one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _in_order(start: str, end: str) -> CheckConstraint:
    return CheckConstraint(f"{start} <= {end}", name="period_in_order")


class DataRequestRow(Base, OwnedRow, table=True):
    """A request, in its lead firm's tenant."""

    __tablename__ = "data_request"
    __table_args__ = (
        # What was sent does not count: the next period, or another supplier, is a new request.
        Index(
            "one_proposed_request_per_product",
            "tenant_id",
            "activity_id",
            unique=True,
            sqlite_where=text(_PROPOSED),
            postgresql_where=text(_PROPOSED),
        ),
        _one_of("state", DataRequestState),
        _in_order("period_start", "period_end"),
        CheckConstraint("share_of_footprint_percent >= 0", name="share_not_negative"),
        CheckConstraint(
            "(state = 'proposed') = (supplier_tenant_id IS NULL) "
            "AND (state = 'proposed') = (period_start IS NULL) "
            "AND (state = 'proposed') = (period_end IS NULL)",
            name="addressed_once_sent",
        ),
        CheckConstraint("supplier_tenant_id <> tenant_id", name="not_sent_to_oneself"),
        Index("ix_data_request_by_time", "tenant_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    state: str
    activity_id: str
    unit: str
    share_of_footprint_percent: float
    created_at: datetime = Field(sa_type=UtcDateTime)
    supplier_tenant_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None


class ReceivedRequestRow(Base, OwnedRow, table=True):
    """A request as its supplier sees it, in the supplier's tenant."""

    __tablename__ = "received_request"
    __table_args__ = (
        # What is only proposed is no supplier's business.
        _one_of("state", [s for s in DataRequestState if s is not DataRequestState.PROPOSED]),
        _in_order("period_start", "period_end"),
        Index("ix_received_request_by_time", "tenant_id", "created_at", "data_request_id"),
    )

    data_request_id: str = Field(primary_key=True)
    lead_firm_tenant_id: str
    state: str
    activity_id: str
    unit: str
    period_start: date
    period_end: date
    created_at: datetime = Field(sa_type=UtcDateTime)


class DeclarationRow(Base, OwnedRow, table=True):
    """A declaration, in the supplier's tenant."""

    __tablename__ = "declaration"
    __table_args__ = (
        UniqueConstraint("tenant_id", "data_request_id", name="one_declaration_per_request"),
        _in_order("requested_start", "requested_end"),
        CheckConstraint("event_count >= 0", name="event_count_not_negative"),
        CheckConstraint("lead_firm_tenant_id <> tenant_id", name="not_declared_to_oneself"),
    )

    id: str = Field(primary_key=True)
    data_request_id: str
    lead_firm_tenant_id: str
    activity_id: str
    unit: str
    requested_start: date
    requested_end: date
    event_count: int


class DeclarationVersionRow(Base, OwnedRow, table=True):
    """One version of a declaration."""

    __tablename__ = "declaration_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "declaration_id"], ["declaration.tenant_id", "declaration.id"]
        ),
        _one_of("state", DeclarationState),
        _in_order("period_start", "period_end"),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("last_sequence >= 0 AND record_count >= 0", name="counts_not_negative"),
        CheckConstraint(
            "(state = 'draft') = (sha256 IS NULL) AND (state = 'draft') = (submitted_at IS NULL)",
            name="content_fixed_once_submitted",
        ),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint(
            "state <> 'returned' OR return_reason IS NOT NULL", name="returned_with_reason"
        ),
        CheckConstraint(
            "state <> 'refused' OR refused_for IS NOT NULL", name="refused_with_reasons"
        ),
    )

    declaration_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    state: str
    plant_name: str
    plant_region: str
    period_start: date
    period_end: date
    stated_by: list[str] = Field(sa_type=JSON)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    last_sequence: int
    record_count: int
    sha256: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    return_reason: str | None = None
    # Read and written whole, with its version.
    refused_for: list[dict[str, str]] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class CalculatedFootprintRow(Base, OwnedRow, table=True):
    """The footprint of a version, as it was put back."""

    __tablename__ = "calculated_footprint"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version"],
            [
                "declaration_version.tenant_id",
                "declaration_version.declaration_id",
                "declaration_version.version",
            ],
        ),
        CheckConstraint(
            "length(sha256) = 64 AND length(dataset_sha256) = 64", name="sha256_length"
        ),
    )

    declaration_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    footprint_id: str
    kg_co2e_per_unit: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    dataset_id: str
    dataset_version: str
    dataset_sha256: str
    sha256: str


class RecordBatchRow(Base, OwnedRow, table=True):
    """A batch of records that is held."""

    __tablename__ = "record_batch"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version"],
            [
                "declaration_version.tenant_id",
                "declaration_version.declaration_id",
                "declaration_version.version",
            ],
        ),
        CheckConstraint("sequence >= 1", name="sequence_from_one"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
    )

    declaration_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    sha256: str


class ActivityRecordRow(Base, OwnedRow, table=True):
    """One record of activity data."""

    __tablename__ = "activity_record"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version", "sequence"],
            [
                "record_batch.tenant_id",
                "record_batch.declaration_id",
                "record_batch.version",
                "record_batch.sequence",
            ],
        ),
        _one_of("kind", ActivityKind),
        _in_order("period_start", "period_end"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(
            "ix_activity_record_by_item",
            "tenant_id",
            "declaration_id",
            "version",
            "item_id",
            "period_start",
        ),
    )

    declaration_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    sequence: int
    kind: str
    item_id: str
    period_start: date
    period_end: date
    amount: float
    unit: str
    evidence: str


class ShareGrantRow(Base, OwnedRow, table=True):
    """A grant, in the tenant of the supplier that gave it."""

    __tablename__ = "share_grant"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "declaration_id"], ["declaration.tenant_id", "declaration.id"]
        ),
        _one_of("purpose", GrantPurpose),
        CheckConstraint("valid_from < valid_until", name="validity_in_order"),
        Index("ix_share_grant_by_declaration", "tenant_id", "declaration_id"),
    )

    id: str = Field(primary_key=True)
    declaration_id: str
    grantee: str
    purpose: str
    fields: list[str] = Field(sa_type=JSON)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReceivedGrantRow(Base, OwnedRow, table=True):
    """Where a received grant is to be found, in the grantee's tenant."""

    __tablename__ = "received_grant"
    __table_args__ = (
        CheckConstraint("owner_tenant_id <> tenant_id", name="received_from_another"),
        Index("ix_received_grant_by_declaration", "tenant_id", "declaration_id"),
        Index("ix_received_grant_by_request", "tenant_id", "data_request_id"),
    )

    grant_id: str = Field(primary_key=True)
    owner_tenant_id: str
    declaration_id: str
    data_request_id: str


class GrantUseRow(Base, OwnedRow, table=True):
    """Who read what under a grant, in the tenant of the supplier that gave it."""

    __tablename__ = "grant_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "grant_id"], ["share_grant.tenant_id", "share_grant.id"]
        ),
        _one_of("purpose", GrantPurpose),
        Index("ix_grant_use_by_grant", "tenant_id", "grant_id", "at"),
    )

    id: str = Field(primary_key=True)
    grant_id: str
    declaration_id: str
    version: int
    subject: str
    grantee_tenant_id: str
    purpose: str
    fields: list[str] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=UtcDateTime)
