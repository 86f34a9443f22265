"""Counts committed rows: what the sender changed against what the receiver did about it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from sqlalchemy import create_engine
from sqlmodel import col, func, select
from tests.delivery.ledger import Change, Effect
from tests.delivery.world import World

from chassis.messaging import OutboxRow


class Fault(StrEnum):
    """How delivery can fail."""

    LOST = "lost"
    TWICE = "twice"
    DISORDERED = "disordered"
    INVENTED = "invented"
    FORKED = "forked"


class Version(NamedTuple):
    """A version of an aggregate: one that was committed, or one that had an effect."""

    key: str
    number: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The committed rows of both services, effects in the order in which they were made."""

    changes: Sequence[Version]
    effects: Sequence[Version]


class Audit:
    """Reads the databases of a world, past the wall between tenants; a context manager."""

    def __init__(self, world: World) -> None:
        self._sender = create_engine(world.sender_audit, pool_pre_ping=True)
        self._receiver = create_engine(world.receiver_audit, pool_pre_ping=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sender.dispose()
        self._receiver.dispose()

    def unsent(self) -> int:
        """Count the events that the relay has not marked as sent."""
        with self._sender.connect() as connection:
            unsent = select(func.count()).where(col(OutboxRow.sent_at).is_(None))
            return connection.execute(unsent).scalar_one()

    def ledger(self) -> Ledger:
        """Return what was committed until now."""
        changed = select(Change.key, Change.version, Change.event_id)
        done = select(Effect.key, Effect.version, Effect.event_id).order_by(col(Effect.number))
        with self._sender.connect() as sender, self._receiver.connect() as receiver:
            return Ledger(
                changes=[Version(*row) for row in sender.execute(changed)],
                effects=[Version(*row) for row in receiver.execute(done)],
            )


def faults(ledger: Ledger) -> dict[Fault, list[Version]]:
    """Return what was delivered wrongly; nothing if all is well."""
    committed, handled = set(ledger.changes), Counter(ledger.effects)
    found = {
        Fault.LOST: sorted(committed - handled.keys()),
        Fault.TWICE: sorted(version for version, times in handled.items() if times > 1),
        Fault.DISORDERED: sorted(_disordered(handled)),
        Fault.INVENTED: sorted(handled.keys() - committed),
        Fault.FORKED: sorted(_forked(ledger.changes)),
    }
    return {fault: versions for fault, versions in found.items() if versions}


def _forked(changes: Sequence[Version]) -> Iterable[Version]:
    """Give each change that was committed beside another one of the same key and number."""
    times = Counter((change.key, change.number) for change in changes)
    return (change for change in changes if times[change.key, change.number] > 1)


def _disordered(handled: Iterable[Version]) -> Iterable[Version]:
    """Give each version whose first effect came after that of a later version of its key."""
    newest: dict[str, int] = defaultdict(int)
    for version in handled:
        if version.number < newest[version.key]:
            yield version
        newest[version.key] = max(newest[version.key], version.number)
