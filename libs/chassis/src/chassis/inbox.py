"""Remembers which events a consumer has handled, in the transaction of their effects.

Delivery is at-least-once: the log may hand over an event again after a crash or a rebalance. The
row (consumer, event id) is unique, so a second handling of the same event finds it and does
nothing. It also shows the last version of the aggregate that this consumer has seen.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlmodel import col, func, select

from chassis.clock import Clock
from chassis.events import Event
from chassis.messaging import InboxRow
from chassis.tenancy import TenantSession

# Built once: this is asked for every event.
_SEEN = select(func.max(col(InboxRow.aggregate_version))).where(
    col(InboxRow.consumer) == bindparam("by"), col(InboxRow.aggregate_id) == bindparam("of")
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the inbox knows about an event that comes in.

    Attributes
    ----------
    duplicate
        Its effects are already in this database.
    seen_version
        Highest version of the same aggregate that this consumer has handled before; 0 if none.
    """

    duplicate: bool
    seen_version: int

    def is_stale(self, event: Event) -> bool:
        """Tell whether a later event of the aggregate was handled already."""
        return event.aggregate_version <= self.seen_version

    def has_gap(self, event: Event) -> bool:
        """Tell whether versions between the last one seen and this one did not come in.

        Normal for a consumer that reads only some of the aggregate's topics.
        """
        return event.aggregate_version > self.seen_version + 1


def receive(session: TenantSession, consumer: str, event: Event, clock: Clock) -> Receipt:
    """Record that `consumer` handles `event` in this transaction, unless it already has.

    Parameters
    ----------
    session
        Session of the transaction that will hold the effects. Of two deliveries of one event at
        once, the second waits here until the effects of the first are committed.
    """
    seen = session.bare().execute(_SEEN, {"by": consumer, "of": event.aggregate_id}).scalar()
    new = session.insert_new(
        InboxRow(
            consumer=consumer,
            event_id=event.id,
            tenant_id=event.tenant_id,
            type=event.type,
            aggregate_id=event.aggregate_id,
            aggregate_version=event.aggregate_version,
            handled_at=clock.now(),
        )
    )
    return Receipt(duplicate=not new, seen_version=seen or 0)


def is_handled(session: TenantSession, consumer: str, event: Event) -> bool:
    """Tell whether the effects of `event` are already in this database."""
    return session.get(InboxRow, (consumer, event.id)) is not None
