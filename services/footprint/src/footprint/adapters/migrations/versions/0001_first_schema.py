"""First schema: product models, footprints, citations, suppliers' footprints, messaging."""

import sqlalchemy as sa
from alembic import op

from chassis.database import UtcDateTime
from chassis.migrations import create_messaging_tables_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables_v1(op)
    op.create_table(
        "product_model",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name="ck_product_model_sha256"),
        sa.CheckConstraint("version >= 1", name="ck_product_model_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "product_id", "version", name="uq_product_model_version"),
        sa.UniqueConstraint("tenant_id", "sha256", name="uq_product_model_content"),
    )
    op.create_index("ix_product_model_tenant_id", "product_model", ["tenant_id"])
    op.create_table(
        "footprint",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("product_model_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("method_id", sa.String(), nullable=False),
        sa.Column("kg_co2e", sa.Float(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("preceding_id", sa.String(), nullable=True),
        sa.Column("successor_id", sa.String(), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'calculated') = (sha256 IS NULL) AND (sha256 IS NULL) = (frozen_at IS NULL)",
            name="ck_footprint_frozen",
        ),
        sa.CheckConstraint(
            "(state = 'deprecated') = (successor_id IS NOT NULL)", name="ck_footprint_successor"
        ),
        sa.CheckConstraint(
            "state IN ('calculated', 'frozen', 'deprecated')", name="ck_footprint_state"
        ),
        sa.CheckConstraint("event_count >= 0", name="ck_footprint_event_count"),
        sa.CheckConstraint("kg_co2e BETWEEN -1e300 AND 1e300", name="ck_footprint_kg_co2e"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_footprint_sha256"),
        sa.ForeignKeyConstraint(
            ["preceding_id"],
            ["footprint.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_model_id"],
            ["product_model.id"],
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["footprint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "preceding_id", name="uq_footprint_preceding"),
    )
    op.create_index("ix_footprint_created", "footprint", ["tenant_id", "created_at", "id"])
    op.create_index("ix_footprint_tenant_id", "footprint", ["tenant_id"])
    op.create_table(
        "footprint_flag",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("footprint_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["footprint_id"],
            ["footprint.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "tenant_id", "footprint_id", "code", "reason", "subject", name="uq_footprint_flag"
        ),
    )
    op.create_index("ix_footprint_flag_tenant_id", "footprint_flag", ["tenant_id"])
    op.create_table(
        "declaration_citation",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("owner_tenant_id", sa.String(), nullable=False),
        sa.Column("footprint_id", sa.String(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name="ck_declaration_citation_sha256"),
        sa.CheckConstraint("version >= 1", name="ck_declaration_citation_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "tenant_id",
            "declaration_id",
            "version",
            "owner_tenant_id",
            "footprint_id",
            name="uq_declaration_citation",
        ),
    )
    op.create_index("ix_declaration_citation_tenant_id", "declaration_citation", ["tenant_id"])
    op.create_table(
        "declaration_correction",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("version >= 2", name="ck_declaration_correction_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "tenant_id", "declaration_id", "version", name="uq_declaration_correction"
        ),
    )
    op.create_index("ix_declaration_correction_tenant_id", "declaration_correction", ["tenant_id"])
    op.create_table(
        "supplier_footprint",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("declaration_sha256", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("kg_co2e_per_unit", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("primary_data_share_percent", sa.Float(), nullable=False),
        sa.Column("primary_activity_share_percent", sa.Float(), nullable=False),
        sa.Column("method_id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("dataset_version", sa.String(), nullable=False),
        sa.Column("dataset_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("put_back_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kg_co2e_per_unit BETWEEN -1e300 AND 1e300", name="ck_supplier_footprint_kg_co2e"
        ),
        sa.CheckConstraint(
            "length(declaration_sha256) = 64 AND length(sha256) = 64"
            " AND length(dataset_sha256) = 64",
            name="ck_supplier_footprint_sha256",
        ),
        sa.CheckConstraint("period_start <= period_end", name="ck_supplier_footprint_period"),
        sa.CheckConstraint(
            "primary_data_share_percent BETWEEN 0 AND 100"
            " AND primary_activity_share_percent BETWEEN 0 AND 100",
            name="ck_supplier_footprint_shares",
        ),
        sa.CheckConstraint("version >= 1", name="ck_supplier_footprint_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "tenant_id", "declaration_id", "version", name="uq_supplier_footprint_declaration"
        ),
    )
    op.create_index("ix_supplier_footprint_tenant_id", "supplier_footprint", ["tenant_id"])
