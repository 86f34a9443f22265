"""The roles, each a process on the real code: service, relay, consumer."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.delivery import ledger
from tests.delivery.points import Fate, Kill, Point
from tests.delivery.world import World

from chassis.consumer import EventConsumer, TwoPhaseHandler
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.eventlog import LogConsumer
from chassis.events import Event
from chassis.logging import configure_logging, get_logger
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork

log = get_logger(__name__)

#: How long a dead relay keeps others from sending [s].
LEASE_S = 1.0
#: Transactions that the service has under way at a time, also of the same aggregate.
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Load:
    """What the service writes.

    Attributes
    ----------
    keys
        How many aggregates it has; they belong to two tenants in turn.
    versions
        How many versions it makes of each at most.
    pause_s
        How long each writer rests after a transaction, on average [s].
    """

    keys: int = 6
    versions: int = 8
    pause_s: float = 0.01

    def tenants(self) -> dict[str, str]:
        """Return the tenant of each key."""
        return {f"key-{number}": f"tenant-{number % 2}" for number in range(self.keys)}


#: Some 40 events a second, until the service is asked to finish.
STEADY = Load(versions=1_000_000, pause_s=0.05)


@dataclass(frozen=True, slots=True)
class Code:
    """What is under test; a planted bug stands in for one of them."""

    change: Callable[[SqlUnitOfWork, str, int, World], bool] = ledger.change
    relay: type[Relay] = Relay
    consumer: type[EventConsumer] = EventConsumer


@dataclass(frozen=True, slots=True)
class Part:
    """One role of one trial, as its process is told of it.

    Attributes
    ----------
    name
        ``service``, ``relay`` or ``consumer``, and a number where there are several.
    """

    name: str
    world: World
    load: Load
    code: Code
    kill: Kill | None = None

    @property
    def role(self) -> str:
        """Which role it is."""
        return self.name.partition("-")[0]

    @property
    def log(self) -> Path:
        """Where its processes log, one after the other."""
        return self.world.directory / f"{self.name}.log"

    @property
    def epitaphs(self) -> Path:
        """Where its processes write at which point they die as planned, a line each."""
        return self.world.directory / f"{self.name}.died"


def play(part: Part) -> None:
    """Be a role; the target of its process."""
    # Threads inherit the mask: the signal stays pending until it is looked for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with part.log.open("a", encoding="utf-8") as stream:
        configure_logging(development=True, stream=stream)
        _ROLES[part.role](part, Fate(part.kill, part.epitaphs))


def _service(part: Part, fate: Fate) -> None:
    fate.watch(SqlUnitOfWork, "commit", Point.SERVICE_BEFORE_COMMIT, Point.SERVICE_AFTER_COMMIT)
    database = Database(part.world.sender)
    with ThreadPoolExecutor(WRITERS) as writers:
        for written in [writers.submit(_write, part, database) for _ in range(WRITERS)]:
            written.result()
    database.close()


def _write(part: Part, database: Database) -> None:
    """Change aggregates by chance until each has all its versions, or until SIGTERM."""
    tenants = part.load.tenants()
    while tenants and not _is_to_end():
        key, tenant = random.choice(list(tenants.items()))
        try:
            with SqlUnitOfWork(database, tenant) as uow:
                if not part.code.change(uow, key, part.load.versions, part.world):
                    del tenants[key]
        except Unavailable as error:
            log.warning("not written", error=error.code)
        time.sleep(random.uniform(0.0, 2.0 * part.load.pause_s))


def _relay(part: Part, fate: Fate) -> None:
    database = Database(part.world.sender)
    with part.world.open_log() as event_log:
        fate.watch(event_log, "append_each", Point.RELAY_BEFORE_SEND, Point.RELAY_AFTER_ACK)
        fate.watch(Relay, "_mark", Point.RELAY_BEFORE_MARK, Point.RELAY_AFTER_MARK)
        # The lease of a dead relay is soon over, and rows of another process are soon seen.
        relay = part.code.relay("sender", database, event_log, lease_s=LEASE_S, poll_s=0.02)
        relay.start()
        _wait_for_the_end()
        relay.stop()
    database.close()


def _consumer(part: Part, fate: Fate) -> None:
    fate.watch(SqlUnitOfWork, "commit", Point.CONSUMER_BEFORE_COMMIT, Point.CONSUMER_AFTER_COMMIT)
    database = Database(part.world.receiver)
    with part.world.open_log() as event_log:
        join = event_log.consumer

        def joined(group: str, topics: Sequence[str]) -> LogConsumer:
            member = join(group, topics)
            fate.watch(
                member,
                "commit",
                Point.CONSUMER_BEFORE_OFFSET_COMMIT,
                Point.CONSUMER_AFTER_OFFSET_COMMIT,
            )
            return member

        def prepare(event: Event) -> int:
            prepared = ledger.prepare(event)
            fate.pass_by(Point.CONSUMER_AFTER_PREPARE)
            return prepared

        event_log.consumer = joined  # type: ignore[method-assign]
        consumer = part.code.consumer(
            event_log,
            part.world.group,
            [part.world.topic],
            {
                ledger.CHANGED: ledger.record,
                ledger.REVISED: TwoPhaseHandler(prepare, ledger.record_prepared),
            },
            database,
            part.world.dead_letter_topic,
        )
        consumer.start()
        _wait_for_the_end()
        consumer.stop()
    database.close()


_ROLES: dict[str, Callable[[Part, Fate], None]] = {
    "service": _service,
    "relay": _relay,
    "consumer": _consumer,
}


def _wait_for_the_end() -> None:
    while not _is_to_end():
        time.sleep(0.05)


def _is_to_end() -> bool:
    """Tell whether SIGTERM has come, or the process that started this one has ended."""
    parent = multiprocessing.parent_process()
    return signal.SIGTERM in signal.sigpending() or parent is None or not parent.is_alive()
