"""First schema: data requests, declarations, activity records, grants, messaging."""

import sqlalchemy as sa
from alembic import op

from chassis.database import UtcDateTime
from chassis.migrations import create_messaging_tables_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables_v1(op)
    op.create_table(
        "data_request",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("share_of_footprint_percent", sa.Float(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("supplier_tenant_id", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "(state = 'proposed') = (supplier_tenant_id IS NULL) "
            "AND (state = 'proposed') = (period_start IS NULL) "
            "AND (state = 'proposed') = (period_end IS NULL)",
            name="addressed_once_sent",
        ),
        sa.CheckConstraint("supplier_tenant_id <> tenant_id", name="not_sent_to_oneself"),
        sa.CheckConstraint("period_start <= period_end", name="period_in_order"),
        sa.CheckConstraint("share_of_footprint_percent >= 0", name="share_not_negative"),
        sa.CheckConstraint(
            "state IN ('proposed', 'sent', 'answered', 'fulfilled')", name="state_known"
        ),
    )
    op.create_index(
        "one_proposed_request_per_product",
        "data_request",
        ["tenant_id", "activity_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index("ix_data_request_by_time", "data_request", ["tenant_id", "created_at", "id"])
    op.create_table(
        "declaration",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("data_request_id", sa.String(), nullable=False),
        sa.Column("lead_firm_tenant_id", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("requested_start", sa.Date(), nullable=False),
        sa.Column("requested_end", sa.Date(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("event_count >= 0", name="event_count_not_negative"),
        sa.CheckConstraint("lead_firm_tenant_id <> tenant_id", name="not_declared_to_oneself"),
        sa.CheckConstraint("requested_start <= requested_end", name="period_in_order"),
        sa.UniqueConstraint("tenant_id", "data_request_id", name="one_declaration_per_request"),
    )
    op.create_table(
        "received_grant",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("grant_id", sa.String(), nullable=False),
        sa.Column("owner_tenant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("data_request_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "grant_id"),
        sa.CheckConstraint("owner_tenant_id <> tenant_id", name="received_from_another"),
    )
    op.create_index(
        "ix_received_grant_by_declaration", "received_grant", ["tenant_id", "declaration_id"]
    )
    op.create_index(
        "ix_received_grant_by_request", "received_grant", ["tenant_id", "data_request_id"]
    )
    op.create_table(
        "received_request",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("data_request_id", sa.String(), nullable=False),
        sa.Column("lead_firm_tenant_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "data_request_id"),
        sa.CheckConstraint("period_start <= period_end", name="period_in_order"),
        sa.CheckConstraint("state IN ('sent', 'answered', 'fulfilled')", name="state_known"),
    )
    op.create_index(
        "ix_received_request_by_time",
        "received_request",
        ["tenant_id", "created_at", "data_request_id"],
    )
    op.create_table(
        "declaration_version",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plant_name", sa.String(), nullable=False),
        sa.Column("plant_region", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("stated_by", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("refused_for", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "declaration_id", "version"),
        sa.CheckConstraint(
            "(state = 'draft') = (sha256 IS NULL) AND (state = 'draft') = (submitted_at IS NULL)",
            name="content_fixed_once_submitted",
        ),
        sa.CheckConstraint("last_sequence >= 0 AND record_count >= 0", name="counts_not_negative"),
        sa.CheckConstraint("period_start <= period_end", name="period_in_order"),
        sa.CheckConstraint(
            "state <> 'returned' OR return_reason IS NOT NULL", name="returned_with_reason"
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR refused_for IS NOT NULL", name="refused_with_reasons"
        ),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'calculated', 'accepted', 'returned', 'superseded', "
            "'refused')",
            name="state_known",
        ),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "declaration_id"], ["declaration.tenant_id", "declaration.id"]
        ),
    )
    op.create_table(
        "share_grant",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("grantee", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "purpose IN ('own_calculation', 'product_footprint')", name="purpose_known"
        ),
        sa.CheckConstraint("valid_from < valid_until", name="validity_in_order"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "declaration_id"], ["declaration.tenant_id", "declaration.id"]
        ),
    )
    op.create_index("ix_share_grant_by_declaration", "share_grant", ["tenant_id", "declaration_id"])
    op.create_table(
        "calculated_footprint",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("footprint_id", sa.String(), nullable=False),
        sa.Column("kg_co2e_per_unit", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("primary_data_share_percent", sa.Float(), nullable=False),
        sa.Column("primary_activity_share_percent", sa.Float(), nullable=False),
        sa.Column("method_id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("dataset_version", sa.String(), nullable=False),
        sa.Column("dataset_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "declaration_id", "version"),
        sa.CheckConstraint(
            "length(sha256) = 64 AND length(dataset_sha256) = 64", name="sha256_length"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version"],
            [
                "declaration_version.tenant_id",
                "declaration_version.declaration_id",
                "declaration_version.version",
            ],
        ),
    )
    op.create_table(
        "grant_use",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("grant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("grantee_tenant_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint(
            "purpose IN ('own_calculation', 'product_footprint')", name="purpose_known"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grant_id"], ["share_grant.tenant_id", "share_grant.id"]
        ),
    )
    op.create_index("ix_grant_use_by_grant", "grant_use", ["tenant_id", "grant_id", "at"])
    op.create_table(
        "record_batch",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "declaration_id", "version", "sequence"),
        sa.CheckConstraint("sequence >= 1", name="sequence_from_one"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version"],
            [
                "declaration_version.tenant_id",
                "declaration_version.declaration_id",
                "declaration_version.version",
            ],
        ),
    )
    op.create_table(
        "activity_record",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("declaration_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "declaration_id", "version", "record_id"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "kind IN ('electricity', 'fuel', 'material', 'direct_emission', 'output')",
            name="kind_known",
        ),
        sa.CheckConstraint("period_start <= period_end", name="period_in_order"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "declaration_id", "version", "sequence"],
            [
                "record_batch.tenant_id",
                "record_batch.declaration_id",
                "record_batch.version",
                "record_batch.sequence",
            ],
        ),
    )
    op.create_index(
        "ix_activity_record_by_item",
        "activity_record",
        ["tenant_id", "declaration_id", "version", "item_id", "period_start"],
    )
