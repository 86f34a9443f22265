"""Tables that every service's database holds beside its own: outbox, inbox and leases.

They live in a metadata of their own, so that three services can run in one process; each service
creates them in its first migration (`chassis.migrations`).
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.database import UtcDateTime
from chassis.tenancy import SharedRow

#: SQLite numbers rows by itself in a column of exactly this type, and stores any width.
_WIDE = BigInteger().with_variant(Integer(), "sqlite")


class MessagingBase(SQLModel, registry=registry()):
    """Base of the chassis' own tables; its `metadata` holds them and nothing else."""


class OutboxRow(MessagingBase, SharedRow, table=True):
    """An event that was committed together with the state change that it tells of.

    Attributes
    ----------
    sequence
        Order of writing. Rows of one key are sent in this order.
    event_id, topic, key, value
        What the relay appends to the event log; `value` is the CloudEvent.
    sent_at
        When the log acknowledged it; empty until then.
    partition, position
        Where the log put it.
    attempts, last_error
        Failed attempts to send it, and why the last one failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unsent", "sent_at", "sequence"),)

    sequence: int | None = Field(default=None, primary_key=True, sa_type=_WIDE)
    event_id: str = Field(unique=True)
    tenant_id: str
    topic: str
    key: str
    value: bytes = Field(sa_type=LargeBinary)
    written_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    partition: int | None = None
    position: int | None = Field(default=None, sa_type=_WIDE)
    attempts: int = 0
    last_error: str | None = None


class InboxRow(MessagingBase, SharedRow, table=True):
    """An event whose effects are in this database: written in the same transaction as they."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_aggregate", "consumer", "aggregate_id", "aggregate_version"),)

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    tenant_id: str
    type: str
    aggregate_id: str
    aggregate_version: int
    handled_at: datetime = Field(sa_type=UtcDateTime)


class LeaseRow(MessagingBase, SharedRow, table=True):
    """Which process may do a job that only one may do at a time, and until when."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = Field(sa_type=UtcDateTime)
