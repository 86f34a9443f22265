"""Backgrounds of tenants' own."""

import sqlalchemy as sa
from alembic import op

from chassis.database import UtcDateTime
from chassis.migrations import wall_off_tenants_v1

revision = "footprint_0004"
down_revision = "footprint_0003"


def upgrade() -> None:
    op.create_table(
        "background",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("background_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name="ck_background_sha256"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("tenant_id", "background_id", "version", name="uq_background_version"),
    )
    op.create_index("ix_background_tenant_id", "background", ["tenant_id"])
    wall_off_tenants_v1(op, "background")
