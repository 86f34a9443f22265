"""The tables of `tests.delivery.ledger`, of both services: each uses its own."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import (
    create_messaging_tables_v1,
    grow_messaging_tables_v2,
    wall_off_tenants_v1,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_messaging_tables_v1(op)
    grow_messaging_tables_v2(op)
    op.create_table(
        "aggregate",
        sa.Column("tenant_id", sa.String(), nullable=False, index=True),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "change",
        sa.Column("tenant_id", sa.String(), nullable=False, index=True),
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "effect",
        sa.Column("tenant_id", sa.String(), nullable=False, index=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    wall_off_tenants_v1(op, "aggregate", "change", "effect")
