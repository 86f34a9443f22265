"""The two services of the delivery benchmark, each a process, as they are in production.

The sender commits events and runs its relay in a thread beside; the receiver consumes. Both note
the instants of their commits by one clock, the machine's monotonic one.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.delivery import ledger
from tests.delivery.world import World

from chassis.consumer import EventConsumer
from chassis.database import Database
from chassis.events import Event
from chassis.logging import configure_logging
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork

KEYS = 64
TENANTS = 8
WRITERS = 4
#: Events of one transaction when a backlog is written.
_AT_ONCE = 200

#: Instants of commits [ns of the monotonic clock] by event id.
Instants = dict[str, int]


@dataclass(frozen=True, slots=True)
class Work:
    """What one run sends.

    Attributes
    ----------
    events
        How many.
    per_s
        How many a second, each in a transaction of its own; None: all are committed before the
        relay starts.
    """

    world: World
    events: int
    per_s: float | None


def send(work: Work, parent: Connection) -> None:
    """Be the sender: say that it is ready, wait for the word, send, tell the instants."""
    configure_logging(development=False, level="WARNING")
    database = Database(work.world.sender)
    with work.world.open_log() as event_log:
        relay = Relay("sender", database, event_log)
        write = _Writer(work, database)
        if work.per_s is None:
            write.backlog()
        parent.send("ready")
        parent.recv()
        relay.start()
        if work.per_s is not None:
            write.steadily(work.per_s)
        parent.send(write.instants)
        parent.recv()
        relay.stop()
    database.close()


def receive(work: Work, parent: Connection) -> None:
    """Be the receiver: say that it is ready, consume, tell the instants."""
    configure_logging(development=False, level="WARNING")
    database = Database(work.world.receiver)
    with work.world.open_log() as event_log:
        consumer = _Noting(
            event_log,
            work.world.group,
            [work.world.topic],
            {ledger.CHANGED: ledger.record},
            database,
            work.world.dead_letter_topic,
        )
        consumer.wanted = work.events
        consumer.start()
        parent.send("ready")
        consumer.has_all.wait()
        parent.send(consumer.instants)
        parent.recv()
        consumer.stop()
    database.close()


class _Writer:
    """Commits events; of `KEYS` aggregates in turn, which belong to `TENANTS` tenants in turn."""

    def __init__(self, work: Work, database: Database) -> None:
        self._work = work
        self._database = database
        self.instants: Instants = {}

    def backlog(self) -> None:
        for first in range(0, self._work.events, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, self._work.events))
            for tenant in range(TENANTS):
                self._commit(tenant, [n for n in numbers if n % TENANTS == tenant])

    def steadily(self, per_s: float) -> None:
        begin = time.monotonic()

        def write(writer: int) -> None:
            # Each has keys of its own, and `KEYS` is a multiple of `WRITERS`.
            for number in range(writer, self._work.events, WRITERS):
                # Late ones are made up for: the load does not wait for the system.
                time.sleep(max(0.0, begin + number / per_s - time.monotonic()))
                self._commit(number % TENANTS, [number])

        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(write, range(WRITERS)))

    def _commit(self, tenant: int, numbers: list[int]) -> None:
        if not numbers:
            return
        events = [self._event(number) for number in numbers]
        with SqlUnitOfWork(self._database, f"tenant-{tenant}") as uow:
            for event in events:
                uow.publish(event)
            uow.commit()
        now = time.monotonic_ns()
        self.instants.update({event.id: now for event in events})

    def _event(self, number: int) -> Event:
        key, version, tenant = number % KEYS, number // KEYS + 1, number % TENANTS
        return ledger.make_event(self._work.world.topic, f"key-{key}", version, f"tenant-{tenant}")


class _Noting(EventConsumer):
    """Notes when the effects of each event are committed."""

    wanted: int

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instants: Instants = {}
        self.has_all = threading.Event()

    def _count(self, events: Sequence[Event]) -> None:
        super()._count(events)
        now = time.monotonic_ns()
        self.instants.update({event.id: now for event in events})
        if len(self.instants) == self.wanted:
            self.has_all.set()
