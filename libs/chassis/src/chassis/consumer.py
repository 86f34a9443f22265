"""Consuming events: each is handled once, in the transaction that remembers that it was.

For each record: parse → find the handler → (prepare) → inbox row and effects in one transaction.
The events of one tenant that a poll brought share a transaction; if one of them fails, they go one
by one. The positions in the log are committed after all of a poll. A crash anywhere leads to a
redelivery, which the inbox recognises.

What cannot be handled does not hold up what comes after it: malformed records, unknown versions and
events that a handler refuses as invalid go to the dead-letter topic at once; other failures after
some attempts. While a service, the issuer or the database does not answer, the event is not at
fault and those behind it would fare no better: they wait.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

import structlog

from chassis import metrics
from chassis.batches import Batch, Task, divided
from chassis.clock import Clock, SystemClock
from chassis.cloudevent import from_json
from chassis.database import Database
from chassis.dead_letters import DeadLetters
from chassis.errors import GreenchainError, Kind, Unavailable
from chassis.eventlog import EventLog, FencedConsumer, LogConsumer, LogRecord
from chassis.events import Event
from chassis.inbox import is_handled, receive
from chassis.logging import get_logger
from chassis.unit_of_work import SqlUnitOfWork
from chassis.workers import LoopWorker

log = get_logger(__name__)

T = TypeVar("T")

#: Pauses between attempts while something does not answer [s]: an hour, longer than a release or a
#: restart takes. Bounded, because an event can also be the reason why no answer comes in time.
UNAVAILABLE_PAUSES_S = (0.1, 0.5, 2.0, 5.0, 10.0, *(30.0,) * 120)
#: Pauses between attempts after other errors [s].
ERROR_PAUSES_S = (0.1, 0.5, 2.0)
#: After how long without `poll` a member tells that it lives [s]; a session is not much longer.
_REMAIN_S = 2.0
_POLL_S = 0.5
_BATCH = 50
_TYPE = re.compile(r"(?P<name>.+)\.v(?P<version>\d+)")

#: Applies an event in the open unit of work of the event's tenant, which the consumer commits.
SimpleHandler = Callable[[Event, SqlUnitOfWork], None]


@dataclass(frozen=True, slots=True)
class TwoPhaseHandler(Generic[T]):
    """A handler that needs other services, which must not be called inside a transaction.

    Attributes
    ----------
    prepare
        Gathers what is needed, by remote calls or long calculations. May run several times for one
        event, so what it does elsewhere must be idempotent.
    apply
        Writes the effects, with what `prepare` returned.
    """

    prepare: Callable[[Event], T]
    apply: Callable[[Event, T, SqlUnitOfWork], None]


Handler = SimpleHandler | TwoPhaseHandler[Any]


@dataclass(eq=False)
class UnknownEventVersion(GreenchainError):
    """The type is known, but this release cannot read this version of it."""

    code: ClassVar[str] = "event.version.unknown"
    en: ClassVar[str] = (
        "Event {type} has a version that this consumer cannot read. It reads {known}."
    )
    zh: ClassVar[str] = "事件 {type} 的版本无法被该消费者读取。可读取：{known}。"

    type: str
    known: tuple[str, ...]


class _Stopped(Exception):
    """The worker was asked to stop between two attempts; the event stays uncommitted."""


class EventConsumer(LoopWorker):
    """Reads topics as a member of a group and handles their events.

    Parameters
    ----------
    group
        Consumer group; also the consumer's name in the inbox.
    handlers
        By event type, ``greenchain.<aggregate>.<verb>.v<n>``. Types without a handler are passed
        over; other versions of types that have one are dead letters.
    database
        Where the effects go.
    dead_letter_topic
        See `chassis.topics.dead_letter_topic`.
    """

    def __init__(
        self,
        event_log: EventLog,
        group: str,
        topics: Sequence[str],
        handlers: Mapping[str, Handler],
        database: Database,
        dead_letter_topic: str,
        *,
        clock: Clock | None = None,
        unavailable_pauses_s: Sequence[float] = UNAVAILABLE_PAUSES_S,
        error_pauses_s: Sequence[float] = ERROR_PAUSES_S,
    ) -> None:
        super().__init__(f"{group}-consumer")
        self._event_log = event_log
        self._group = group
        self._topics = tuple(topics)
        self._types = tuple(handlers)
        self._simple: dict[str, SimpleHandler] = {}
        self._two_phase: dict[str, TwoPhaseHandler[Any]] = {}
        for type_, handler in handlers.items():
            if isinstance(handler, TwoPhaseHandler):
                self._two_phase[type_] = handler
            else:
                self._simple[type_] = handler
        self._database = database
        self._clock = clock or SystemClock()
        self._dead_letters = DeadLetters(event_log, dead_letter_topic, group, self._clock)
        self._unavailable_pauses_s = tuple(unavailable_pauses_s)
        self._error_pauses_s = tuple(error_pauses_s)
        self._consumer: LogConsumer | None = None
        self._heard_of = 0.0

    def step(self) -> None:
        """Handle the next records; wait a moment if there are none."""
        if self._consumer is None:
            self._consumer = self._event_log.consumer(self._group, self._topics)
        try:
            self._handle_batch(self._consumer)
        except BaseException:
            # Records of the batch that were not reached must come again: join afresh.
            self.finish()
            raise

    def measure(self) -> None:
        """See how far the group lags."""
        for topic in self._topics:
            lag = metrics.known(partial(self._event_log.lag, self._group, [topic]))
            metrics.CONSUMER_LAG.labels(self._group, topic).set(lag)

    def finish(self) -> None:
        """Leave the group."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()

    def _handle_batch(self, consumer: LogConsumer) -> None:
        batch = Batch(consumer.poll(_POLL_S, _BATCH))
        self._heard_of = time.monotonic()
        try:
            self._handle(batch)
        except _Stopped:
            log.debug("stopped in between", left=len(batch.records) - len(batch.done))
        finally:
            _commit(consumer, batch)

    def _handle(self, batch: Batch) -> None:
        """Handle the records; the batch knows how far it came if that ends early."""
        tasks: list[Task] = []
        unreadable: list[tuple[LogRecord, GreenchainError]] = []
        for record in batch.records:
            try:
                event = from_json(record.value, record.topic)
                if self._is_for_us(event):
                    tasks.append(Task(record, event, alone=event.type in self._two_phase))
                else:
                    batch.finish(record)
            except GreenchainError as error:
                unreadable.append((record, error))
        for group in divided(tasks):
            self._handle_group(group, batch)
        for record, refusal in unreadable:
            self._dead_letters.put(record, refusal, refusal.code, attempts=0)
            batch.finish(record)

    def _handle_group(self, group: Sequence[Task], batch: Batch) -> None:
        if self.stopping:
            raise _Stopped
        if len(group) > 1 and self._apply_together([task.event for task in group]):
            for task in group:
                batch.finish(task.record)
            self._remain()
            return
        for task in group:
            if self.stopping:
                raise _Stopped
            if batch.is_lost(task.record):
                continue
            try:
                with self._named(task.event):
                    self._attempt(task)
                batch.finish(task.record)
                self._remain([task.record])
            except FencedConsumer as error:
                _lose(batch, error)

    def _remain(self, records: Sequence[LogRecord] = ()) -> None:
        """Tell the group from time to time that this member lives, while it does not poll."""
        if self._consumer is not None and time.monotonic() - self._heard_of > _REMAIN_S:
            self._consumer.remain(records)
            self._heard_of = time.monotonic()

    def _is_for_us(self, event: Event) -> bool:
        """Tell whether there is a handler; raises if there is one for other versions alone."""
        if event.type in self._types:
            return True
        parts = _TYPE.fullmatch(event.type)
        if parts is not None:
            known = tuple(each for each in self._types if each.startswith(f"{parts['name']}.v"))
            if known:
                raise UnknownEventVersion(type=event.type, known=known)
        return False

    def _named(self, event: Event) -> AbstractContextManager[object]:
        """Name the event in every line that is logged meanwhile."""
        return structlog.contextvars.bound_contextvars(
            event_id=event.id, event_type=event.type, group=self._group
        )

    def _attempt(self, task: Task) -> None:
        """Handle an event by itself; try again, or put it aside."""
        attempts = 0
        while True:
            attempts += 1
            try:
                self._apply(task.event)
                self._count([task.event])
                return
            except Exception as error:  # noqa: BLE001 - poison must not block what comes after it
                failure = error
            pauses = self._pauses_after(failure)
            if attempts > len(pauses):
                self._dead_letters.put(task.record, failure, _code(failure), attempts)
                return
            self._tell(failure, attempts)
            self._wait(pauses[attempts - 1], task.record)

    def _tell(self, failure: Exception, attempts: int) -> None:
        if not isinstance(failure, Unavailable):
            log.warning(
                "event not handled", error=_code(failure), attempts=attempts, exc_info=failure
            )
        elif attempts == 1:
            # An outage is known by its first failure.
            log.warning("event waits", error=str(failure))

    def _wait(self, seconds: float, record: LogRecord) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pause(min(left, _REMAIN_S))
            if self.stopping:
                raise _Stopped
            self._remain([record])

    def _pauses_after(self, failure: Exception) -> tuple[float, ...]:
        if not isinstance(failure, GreenchainError):
            return self._error_pauses_s
        match failure.kind:
            case Kind.INVALID:
                return ()
            case Kind.UNAVAILABLE | Kind.UNAUTHENTICATED:
                # An event brings no token: it is our own that was refused, e.g. while the issuer
                # changes its key.
                return self._unavailable_pauses_s
        return self._error_pauses_s

    def _apply_together(self, events: Sequence[Event]) -> bool:
        """Handle events of one tenant in one transaction; false if one fails, and none is done."""
        tenant_id = events[0].tenant_id
        try:
            with SqlUnitOfWork(self._database, tenant_id, clock=self._clock) as uow:
                for event in events:
                    with self._named(event):
                        if self._receive(event, uow):
                            self._simple[event.type](event, uow)
                uow.commit()
        except Exception as error:  # noqa: BLE001 - one by one they show which of them it was
            log.info("events go one by one", events=len(events), error=_code(error))
            return False
        self._count(events)
        return True

    def _apply(self, event: Event) -> None:
        handler = self._two_phase.get(event.type)
        if handler is None:
            with SqlUnitOfWork(self._database, event.tenant_id, clock=self._clock) as uow:
                if self._receive(event, uow):
                    self._simple[event.type](event, uow)
                    uow.commit()
            return
        with SqlUnitOfWork(self._database, event.tenant_id, read_only=True) as uow:
            if is_handled(uow.session, self._group, event):
                return
        prepared = handler.prepare(event)
        with SqlUnitOfWork(self._database, event.tenant_id, clock=self._clock) as uow:
            if self._receive(event, uow):
                handler.apply(event, prepared, uow)
                uow.commit()

    def _receive(self, event: Event, uow: SqlUnitOfWork) -> bool:
        receipt = receive(uow.session, self._group, event, self._clock)
        if receipt.duplicate:
            log.info("event was handled before")
            return False
        # Handlers decide what a late or missing event means to them; here it is only told.
        if receipt.is_stale(event):
            log.warning(
                "event is stale", version=event.aggregate_version, seen=receipt.seen_version
            )
        elif receipt.has_gap(event):
            log.info("events between", version=event.aggregate_version, seen=receipt.seen_version)
        return True

    def _count(self, events: Sequence[Event]) -> None:
        for event in events:
            metrics.EVENTS_HANDLED.labels(self._group, event.type).inc()


def _commit(consumer: LogConsumer, batch: Batch) -> None:
    """Commit what is done; a partition that was given away does not keep the others from it."""
    while reached := batch.reached():
        try:
            consumer.commit(reached)
            return
        except FencedConsumer as error:
            _lose(batch, error)


def _lose(batch: Batch, error: FencedConsumer) -> None:
    log.warning("partition lost", topic=error.topic, partition=error.partition)
    batch.lose(error.topic, error.partition)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, GreenchainError) else "internal"
