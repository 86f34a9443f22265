"""Two small services, real in all but their purpose: one changes aggregates, one records effects.

The sender changes an aggregate and publishes an event of it in one unit of work. The receiver adds
one row for each event that it handles, in one phase or in two. No constraint would refuse such a
row a second time, so that a second handling shows.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from tests.delivery.world import World

from chassis.clock import SystemClock, new_id
from chassis.errors import GreenchainError, Kind
from chassis.events import Event
from chassis.tenancy import TenantRow
from chassis.unit_of_work import SqlUnitOfWork

CHANGED = "greenchain.aggregate.changed.v1"
#: Tells of every fourth version; handled in two phases, among others of its key that are not.
REVISED = "greenchain.aggregate.revised.v1"


class LedgerRow(SQLModel, registry=registry()):
    """Base of the two services' tables."""


class Aggregate(LedgerRow, TenantRow, table=True):
    """What is changed."""

    id: str = Field(primary_key=True)
    version: int = 0


class Change(LedgerRow, TenantRow, table=True):
    """One committed version of an aggregate."""

    event_id: str = Field(primary_key=True)
    key: str
    version: int


class Effect(LedgerRow, TenantRow, table=True):
    """One handling of an event; `number` counts them in the order in which they were made."""

    number: int | None = Field(default=None, primary_key=True)
    event_id: str
    key: str
    version: int


class Refused(GreenchainError):
    """The receiver's rules do not allow the event."""

    code = "ledger.refused"
    kind = Kind.INVALID
    en = "This event is refused."
    zh = "该事件被拒绝。"


def found(uow: SqlUnitOfWork, keys: Iterable[str]) -> None:
    """Make the aggregates that are to be changed."""
    uow.session.add_all([Aggregate(id=key) for key in keys])
    uow.commit()


def change(uow: SqlUnitOfWork, key: str, versions: int, world: World) -> bool:
    """Commit the next version of an aggregate with its event; false if it has `versions`."""
    event = next_version(uow, key, versions, world)
    if event is None:
        return False
    uow.publish(event)
    uow.commit()
    return True


def next_version(uow: SqlUnitOfWork, key: str, versions: int, world: World) -> Event | None:
    """Write the next version of an aggregate and return what tells of it."""
    aggregate = uow.session.get(Aggregate, key)
    assert aggregate is not None
    if aggregate.version >= versions:
        return None
    aggregate.version += 1
    made = make_event(world.topic, key, aggregate.version, uow.tenant_id)
    if aggregate.version % 4 == 0:
        made = replace(made, type=REVISED)
    change = Change(event_id=made.id, key=key, version=aggregate.version)
    uow.session.add_all([aggregate, change])
    return made


def make_event(topic: str, key: str, version: int, tenant_id: str, **data: Any) -> Event:
    """Make an event of the sender."""
    return Event(
        id=new_id(),
        type=CHANGED,
        topic=topic,
        source="/services/sender",
        aggregate_id=key,
        aggregate_version=version,
        tenant_id=tenant_id,
        time=SystemClock().now(),
        data=data,
    )


def record(event: Event, uow: SqlUnitOfWork) -> None:
    """Handle an event."""
    if event.data.get("refuse"):
        raise Refused
    uow.session.add(Effect(event_id=event.id, key=event.key, version=event.aggregate_version))


def prepare(event: Event) -> int:
    """Gather what `record_prepared` needs, as if from another service."""
    return event.aggregate_version


def record_prepared(event: Event, version: int, uow: SqlUnitOfWork) -> None:
    """Handle an event with what was prepared for it."""
    uow.session.add(Effect(event_id=event.id, key=event.key, version=version))
