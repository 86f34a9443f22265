"""Analyses as jobs."""

import sqlalchemy as sa
from alembic import op

from chassis.database import UtcDateTime
from chassis.migrations import wall_off_tenants_v1

revision = "footprint_0003"
down_revision = "footprint_0002"


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'failed') = (failure IS NOT NULL)", name="ck_analysis_failure"
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'running')) = (ended_at IS NULL)", name="ck_analysis_ended"
        ),
        sa.CheckConstraint("0 <= done AND done <= total", name="ck_analysis_progress"),
        sa.CheckConstraint("revision >= 1", name="ck_analysis_revision"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')",
            name="ck_analysis_state",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_analysis_tenant_id", "analysis", ["tenant_id"])
    op.create_index("ix_analysis_created", "analysis", ["tenant_id", "created_at", "id"])
    op.create_table(
        "analysis_document",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("analysis_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('model', 'result')", name="ck_analysis_document_role"),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"]),
        sa.PrimaryKeyConstraint("analysis_id", "role"),
    )
    op.create_index("ix_analysis_document_tenant_id", "analysis_document", ["tenant_id"])
    op.create_table(
        "analysis_queue",
        sa.Column("analysis_id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(holder IS NULL) = (expires_at IS NULL)", name="ck_analysis_queue_holder"
        ),
        sa.CheckConstraint("0 <= deaths AND deaths <= attempts", name="ck_analysis_queue_attempts"),
        sa.PrimaryKeyConstraint("analysis_id"),
    )
    op.create_index("ix_analysis_queue_tenant_id", "analysis_queue", ["tenant_id"])
    # The queue has no wall: workers take the jobs of all tenants.
    wall_off_tenants_v1(op, "analysis", "analysis_document")
