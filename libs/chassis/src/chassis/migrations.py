"""Steps that services' migrations share. A released step never changes: a change is a new step."""

from types import ModuleType

import sqlalchemy as sa

from chassis.database import UtcDateTime


def create_messaging_tables_v1(op: ModuleType) -> None:
    """Create the tables outbox, inbox and lease (`chassis.messaging`).

    Parameters
    ----------
    op
        `alembic.op`, as the migration imports it.
    """
    op.create_table(
        "outbox",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("partition", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("ix_outbox_unsent", "outbox", ["sent_at", "sequence"])
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("aggregate_id", sa.String(), nullable=False),
        sa.Column("aggregate_version", sa.Integer(), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_index("ix_inbox_aggregate", "inbox", ["consumer", "aggregate_id"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def grow_messaging_tables_v2(op: ModuleType) -> None:
    """Make room: numbers of events and offsets of a busy log pass 2³¹ on a server.

    SQLite's integers are as wide as they need to be. On both the index of the inbox answers by
    itself which version of an aggregate was the last.
    """
    op.drop_index("ix_inbox_aggregate", "inbox")
    op.create_index(
        "ix_inbox_aggregate", "inbox", ["consumer", "aggregate_id", "aggregate_version"]
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("outbox", "sequence", type_=sa.BigInteger())
        op.alter_column("outbox", "position", type_=sa.BigInteger())
        op.execute("ALTER SEQUENCE outbox_sequence_seq AS bigint")


def wall_off_tenants_v1(op: ModuleType, *tables: str) -> None:
    """Let a transaction see and write the rows of its own tenant alone, on PostgreSQL.

    Behind the filter of `chassis.tenancy` this is the second wall: it also stands before SQL that
    nobody has filtered. FORCE puts it before the tables' owner, too, so a migration that changes
    rows has to set the tenant as a service does.

    Parameters
    ----------
    tables
        Tables with a column ``tenant_id``.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    # Without a tenant the setting is NULL, or empty once it was set: no row is equal to that.
    # As a subquery it is looked up once a statement, not once a row.
    own = "tenant_id = (SELECT NULLIF(current_setting('greenchain.tenant', true), ''))"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ({own}) WITH CHECK ({own})")
