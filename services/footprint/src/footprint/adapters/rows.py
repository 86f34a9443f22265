"""Tables of the footprint service."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.database import UtcDateTime
from chassis.tenancy import TenantRow


class FootprintBase(SQLModel, registry=registry()):
    """Base of this service's tables; its `metadata` holds them and nothing else."""


def _hash(column: str) -> str:
    return f"length({column}) = 64"


class ProductModelRow(FootprintBase, TenantRow, table=True):
    """One imported version of a product model."""

    __tablename__ = "product_model"
    __table_args__ = (
        UniqueConstraint("tenant_id", "product_id", "version", name="uq_product_model_version"),
        UniqueConstraint("tenant_id", "sha256", name="uq_product_model_content"),
        CheckConstraint("version >= 1", name="ck_product_model_version"),
        CheckConstraint(_hash("sha256"), name="ck_product_model_sha256"),
    )

    id: str = Field(primary_key=True)
    product_id: str
    version: int
    sha256: str
    content: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str


class FootprintRow(FootprintBase, TenantRow, table=True):
    """A product's footprint; `content` is written once."""

    __tablename__ = "footprint"
    __table_args__ = (
        # One successor at most: a recomputation that runs twice fails on it.
        UniqueConstraint("tenant_id", "preceding_id", name="uq_footprint_preceding"),
        CheckConstraint(
            "state IN ('calculated', 'frozen', 'deprecated')", name="ck_footprint_state"
        ),
        CheckConstraint(
            "(state = 'calculated') = (sha256 IS NULL) AND (sha256 IS NULL) = (frozen_at IS NULL)",
            name="ck_footprint_frozen",
        ),
        CheckConstraint(
            "(state = 'deprecated') = (successor_id IS NOT NULL)", name="ck_footprint_successor"
        ),
        CheckConstraint(_hash("sha256"), name="ck_footprint_sha256"),
        CheckConstraint("kg_co2e BETWEEN -1e300 AND 1e300", name="ck_footprint_kg_co2e"),
        CheckConstraint("event_count >= 0", name="ck_footprint_event_count"),
        Index("ix_footprint_created", "tenant_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    product_model_id: str = Field(foreign_key="product_model.id")
    product_id: str
    method_id: str
    kg_co2e: float
    content: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    state: str
    sha256: str | None = None
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    preceding_id: str | None = Field(default=None, foreign_key="footprint.id")
    successor_id: str | None = Field(default=None, foreign_key="footprint.id")
    event_count: int = 0


class FlagRow(FootprintBase, TenantRow, table=True):
    """Something known about a footprint that its state does not say."""

    __tablename__ = "footprint_flag"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id", "footprint_id", "code", "reason", "subject", name="uq_footprint_flag"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    footprint_id: str = Field(foreign_key="footprint.id")
    code: str
    reason: str
    subject: str
    since: datetime = Field(sa_type=UtcDateTime)


class CitationRow(FootprintBase, TenantRow, table=True):
    """In the supplier's tenant: whose footprint rests on which version of a declaration."""

    __tablename__ = "declaration_citation"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id",
            "declaration_id",
            "version",
            "owner_tenant_id",
            "footprint_id",
            name="uq_declaration_citation",
        ),
        CheckConstraint("version >= 1", name="ck_declaration_citation_version"),
        CheckConstraint(_hash("sha256"), name="ck_declaration_citation_sha256"),
    )

    id: int | None = Field(default=None, primary_key=True)
    declaration_id: str
    version: int
    sha256: str
    owner_tenant_id: str
    # No foreign key: the footprint is another tenant's row.
    footprint_id: str


class CorrectionRow(FootprintBase, TenantRow, table=True):
    """In the supplier's tenant: a version that was submitted in place of all earlier ones."""

    __tablename__ = "declaration_correction"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id", "declaration_id", "version", name="uq_declaration_correction"
        ),
        CheckConstraint("version >= 2", name="ck_declaration_correction_version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    declaration_id: str
    version: int
    sha256: str
    corrected_at: datetime = Field(sa_type=UtcDateTime)


class SupplierFootprintRow(FootprintBase, TenantRow, table=True):
    """In the supplier's tenant: its own footprint, of one version of a declaration."""

    __tablename__ = "supplier_footprint"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id", "declaration_id", "version", name="uq_supplier_footprint_declaration"
        ),
        CheckConstraint("version >= 1", name="ck_supplier_footprint_version"),
        CheckConstraint(
            f"{_hash('declaration_sha256')} AND {_hash('sha256')} AND {_hash('dataset_sha256')}",
            name="ck_supplier_footprint_sha256",
        ),
        CheckConstraint(
            "primary_data_share_percent BETWEEN 0 AND 100"
            " AND primary_activity_share_percent BETWEEN 0 AND 100",
            name="ck_supplier_footprint_shares",
        ),
        CheckConstraint(
            "kg_co2e_per_unit BETWEEN -1e300 AND 1e300", name="ck_supplier_footprint_kg_co2e"
        ),
        CheckConstraint("period_start <= period_end", name="ck_supplier_footprint_period"),
    )

    id: str = Field(primary_key=True)
    declaration_id: str
    version: int
    declaration_sha256: str
    activity_id: str
    region: str
    period_start: date
    period_end: date
    kg_co2e_per_unit: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    dataset_id: str
    dataset_version: str
    dataset_sha256: str
    sha256: str
    result: dict[str, Any] = Field(sa_type=JSON)
    evidence: list[Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    put_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BackgroundRow(FootprintBase, TenantRow, table=True):
    """A version of a background that the tenant has uploaded; its files stand elsewhere."""

    __tablename__ = "background"
    __table_args__ = (
        UniqueConstraint("tenant_id", "background_id", "version", name="uq_background_version"),
        CheckConstraint(_hash("sha256"), name="ck_background_sha256"),
    )

    number: int | None = Field(default=None, primary_key=True)
    background_id: str
    version: str
    sha256: str
    title: str
    licence: str
    year: int
    counts: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
