"""Consuming events: each is handled once, in the transaction that remembers that it was.

For each record: parse → find the handler → (prepare) → inbox row and effects in one transaction.
The position in the log is committed after each run of records of one partition. A crash anywhere
leads to a redelivery, which the inbox recognises.

What cannot be handled does not hold up what comes after it: malformed records, unknown versions and
events that a handler refuses as invalid go to the dead-letter topic at once; other failures after
some attempts. While a service, the issuer or the database does not answer, the event is not at
fault and those behind it would fare no better: they wait.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, ClassVar, Generic, TypeVar

import structlog

from chassis import metrics
from chassis.clock import Clock, SystemClock
from chassis.cloudevent import from_json
from chassis.database import Database
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
_ERROR_TEXT = 2000
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
        self._handlers = dict(handlers)
        self._database = database
        self._dead_letter_topic = dead_letter_topic
        self._clock = clock or SystemClock()
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
        records = consumer.poll(_POLL_S, _BATCH)
        self._heard_of = time.monotonic()
        for _, run in groupby(records, key=lambda record: (record.topic, record.partition)):
            try:
                self._handle_run(consumer, list(run))
            except FencedConsumer as error:
                log.warning("partition lost", topic=error.topic, partition=error.partition)
            except _Stopped:
                return

    def _handle_run(self, consumer: LogConsumer, run: Sequence[LogRecord]) -> None:
        handled = 0
        try:
            for record in run:
                if self.stopping:
                    raise _Stopped
                self._handle(record)
                handled += 1
                self._remain(run)
        finally:
            if handled:
                consumer.commit(run[:handled])

    def _remain(self, records: Sequence[LogRecord]) -> None:
        """Tell the group from time to time that this member lives, while it does not poll."""
        if self._consumer is not None and time.monotonic() - self._heard_of > _REMAIN_S:
            self._consumer.remain(records)
            self._heard_of = time.monotonic()

    def _handle(self, record: LogRecord) -> None:
        try:
            event = from_json(record.value, record.topic)
            handler = self._find_handler(event)
        except GreenchainError as error:
            self._bury(record, error, error.code, attempts=0)
            return
        if handler is None:
            return
        with structlog.contextvars.bound_contextvars(
            event_id=event.id, event_type=event.type, group=self._group
        ):
            self._attempt(record, event, handler)

    def _find_handler(self, event: Event) -> Handler | None:
        handler = self._handlers.get(event.type)
        parts = _TYPE.fullmatch(event.type)
        if handler is not None or parts is None:
            return handler
        known = tuple(each for each in self._handlers if each.startswith(f"{parts['name']}.v"))
        if known:
            raise UnknownEventVersion(type=event.type, known=known)
        return None

    def _attempt(self, record: LogRecord, event: Event, handler: Handler) -> None:
        attempts = 0
        while True:
            attempts += 1
            try:
                self._apply(event, handler)
                metrics.EVENTS_HANDLED.labels(self._group, event.type).inc()
                return
            except Exception as error:  # noqa: BLE001 - poison must not block what comes after it
                failure = error
            code = failure.code if isinstance(failure, GreenchainError) else "internal"
            pauses = self._pauses_after(failure)
            if attempts > len(pauses):
                self._bury(record, failure, code, attempts)
                return
            self._tell(failure, code, attempts)
            self._wait(pauses[attempts - 1], record)

    def _tell(self, failure: Exception, code: str, attempts: int) -> None:
        if not isinstance(failure, Unavailable):
            log.warning("event not handled", error=code, attempts=attempts, exc_info=failure)
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

    def _apply(self, event: Event, handler: Handler) -> None:
        if not isinstance(handler, TwoPhaseHandler):
            with SqlUnitOfWork(self._database, event.tenant_id, clock=self._clock) as uow:
                if self._receive(event, uow):
                    handler(event, uow)
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

    def _bury(self, record: LogRecord, error: Exception, code: str, attempts: int) -> None:
        log.error(
            "dead letter",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=code,
            attempts=attempts,
            exc_info=error,
        )
        text = error.message() if isinstance(error, GreenchainError) else type(error).__name__
        headers = {
            "dead-letter-topic": record.topic,
            "dead-letter-partition": str(record.partition),
            "dead-letter-offset": str(record.offset),
            "dead-letter-group": self._group,
            "dead-letter-reason": code,
            "dead-letter-error": text[:_ERROR_TEXT],
            "dead-letter-attempts": str(attempts),
            "dead-letter-time": self._clock.now().isoformat(),
        }
        self._event_log.append(
            self._dead_letter_topic,
            record.key,
            record.value,
            {**record.headers, **{name: value.encode() for name, value in headers.items()}},
        )
        metrics.DEAD_LETTERS.labels(self._group, code).inc()
