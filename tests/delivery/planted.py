"""Bugs that the checker has to find: each stands in for a part of the real code."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from sqlmodel import col, select
from tests.delivery import ledger
from tests.delivery.world import World

from chassis.cloudevent import to_json
from chassis.consumer import EventConsumer
from chassis.eventlog import EventLog, LogConsumer, LogRecord
from chassis.events import Event
from chassis.messaging import OutboxRow
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork

_until_the_end = ExitStack()


def change_then_send(uow: SqlUnitOfWork, key: str, versions: int, world: World) -> bool:
    """Publish after the commit, without an outbox."""
    event = ledger.next_version(uow, key, versions, world)
    if event is None:
        return False
    uow.commit()
    _log(world).append(event.topic, event.key, to_json(event))
    return True


@cache
def _log(world: World) -> EventLog:
    return _until_the_end.enter_context(world.open_log())


class MarksFirst(Relay):
    """Marks the rows as sent and then sends them."""

    def step(self) -> None:
        with self._database.system_transaction() as session:
            unsent = select(OutboxRow).where(col(OutboxRow.sent_at).is_(None))
            rows = session.exec(unsent.order_by(col(OutboxRow.sequence))).all()
            for row in rows:
                row.sent_at = self._clock.now()
        for row in rows:
            self._event_log.append(row.topic, row.key, row.value)
        self.pause(self._poll_s)


class CommitsFirst(EventConsumer):
    """Commits the positions of what it was handed before it handles any of it."""

    def _handle_batch(self, consumer: LogConsumer) -> None:
        super()._handle_batch(_Eager(consumer))


class ForgetsWhatItHandled(EventConsumer):
    """Handles a redelivered event as if it were a new one."""

    def _receive(self, event: Event, uow: SqlUnitOfWork) -> bool:
        return True


class HandlesInAnyOrder(EventConsumer):
    """Handles what it was handed as a pool of threads would."""

    def _handle_batch(self, consumer: LogConsumer) -> None:
        super()._handle_batch(_Shuffled(consumer))


class _Eager:
    """A member of a group that commits as soon as it polls."""

    def __init__(self, consumer: LogConsumer) -> None:
        self._consumer = consumer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        records = self._consumer.poll(timeout_s, max_records)
        self._consumer.commit(records)
        return records

    def commit(self, records: Sequence[LogRecord]) -> None:
        pass


class _Shuffled:
    def __init__(self, consumer: LogConsumer) -> None:
        self._consumer = consumer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        return self._consumer.poll(timeout_s, max_records)[::-1]
