"""What one poll brought: divided into what goes together, and how far it is done. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from chassis.eventlog import LogRecord, Position
from chassis.events import Event


@dataclass(frozen=True, slots=True)
class Task:
    """An event that has a handler.

    Attributes
    ----------
    alone
        It cannot share a transaction with others.
    """

    record: LogRecord
    event: Event
    alone: bool


@dataclass(slots=True)
class Batch:
    """The records of one poll.

    Attributes
    ----------
    done
        Those that need not come again.
    lost
        Partitions that another member reads by now: their records are none of our business.
    """

    records: Sequence[LogRecord]
    done: set[Position] = field(default_factory=set)
    lost: set[tuple[str, int]] = field(default_factory=set)

    def finish(self, record: LogRecord) -> None:
        """Note that a record is done."""
        self.done.add(Position(record.topic, record.partition, record.offset))

    def lose(self, topic: str, partition: int) -> None:
        """Note that a partition was given away."""
        self.lost.add((topic, partition))

    def is_lost(self, record: LogRecord) -> bool:
        """Tell whether the record's partition was given away."""
        return (record.topic, record.partition) in self.lost

    def reached(self) -> list[LogRecord]:
        """Return the records of our partitions up to the first that is not done."""
        found, ended = [], set(self.lost)
        for record in self.records:
            if Position(record.topic, record.partition, record.offset) not in self.done:
                ended.add((record.topic, record.partition))
            if (record.topic, record.partition) not in ended:
                found.append(record)
        return found


def divided(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Divide tasks into what shares a transaction: those of one tenant, unless one is `alone`.

    A key belongs to one tenant, and the tasks of a tenant keep their order: so do those of a key.
    """
    by_tenant: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        by_tenant[task.event.tenant_id].append(task)
    for of_tenant in by_tenant.values():
        for alone, run in groupby(of_tenant, key=lambda task: task.alone):
            if alone:
                yield from ([task] for task in run)
            else:
                yield list(run)
