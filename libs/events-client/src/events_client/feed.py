"""Record events, one after the other, each committed once it has been handled."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from chassis.errors import GreenchainError
from chassis.eventlog import EventLog, FencedConsumer, LogRecord, Position
from events_client.events import TOPIC, RecordEvent, parse

_POLL_S = 1.0
#: How long a member may take to be given what the group has not read yet [s].
_JOIN_S = 15.0
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record of the log that this kit cannot read; the feed goes on after it.

    Attributes
    ----------
    key
        The record id under which it stands in the log.
    error
        What is wrong with it, in both languages (`error.message("zh")`).
    """

    position: Position
    key: str
    error: GreenchainError


class RecordFeed:
    """Reads a topic of record events as a member of a consumer group.

    Parameters
    ----------
    event_log
        Log to read.
    group
        Name under which progress is kept; members of one group share the work.
    topic
        `events.TOPIC` tells what happens; `events.STATE_TOPIC` where each record stands, for who
        wants a list and not its history.
    """

    def __init__(self, event_log: EventLog, group: str, topic: str = TOPIC) -> None:
        self._event_log = event_log
        self._group = group
        self._topic = topic
        self._open: Generator[RecordEvent | Unreadable] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the group; what was not handled is delivered again."""
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def events(
        self,
        *,
        idle_s: float | None = None,
        limit: int | None = None,
        counted: type[RecordEvent] | None = None,
    ) -> Iterator[RecordEvent | Unreadable]:
        """Join the group and yield the events, in order per record.

        Asking for the next one says that the last one was handled: only then is it committed.
        Leaving the loop by `break` or an exception leaves the current one to be delivered again,
        here or to another member, so handling must bear a repetition (compare `RecordEvent.id`).

        Parameters
        ----------
        idle_s
            End when nothing came in for this long [s]; 0 reads what is there now, None waits for
            ever.
        limit
            End after this many, the last of them committed like the others; None knows no end.
            Unlike a loop that is left by `break`, one that runs out leaves nothing to be
            delivered again.
        counted
            Count only events of this kind, e.g. `RecordIssued`, towards the limit.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        # A reader that goes on in the group would commit past what was left unhandled.
        self.close()
        self._open = self._events(idle_s, limit, counted)
        return self._open

    def _events(
        self, idle_s: float | None, limit: int | None, counted: type[RecordEvent] | None
    ) -> Generator[RecordEvent | Unreadable]:
        consumer = self._event_log.consumer(self._group, [self._topic])
        wait_s = _POLL_S if idle_s is None else min(_POLL_S, idle_s)
        last = time.monotonic()
        joined_by = last + _JOIN_S
        handled = 0
        try:
            while True:
                records = consumer.poll(wait_s, _BATCH)
                now = time.monotonic()
                if not records and idle_s is not None and now - last >= idle_s:
                    # Nothing may have come because the group is still being joined.
                    if now >= joined_by or not self._event_log.lag(self._group, [self._topic]):
                        return
                    wait_s = _POLL_S
                lost: set[int] = set()
                for record in records:
                    # Another member reads this partition by now, and gets its records.
                    if record.partition in lost:
                        continue
                    event = _read(record)
                    yield event
                    try:
                        consumer.commit([record])
                    except FencedConsumer:
                        lost.add(record.partition)
                    last = joined_by = time.monotonic()
                    handled += counted is None or isinstance(event, counted)
                    if handled == limit:
                        return
        finally:
            consumer.close()


def _read(record: LogRecord) -> RecordEvent | Unreadable:
    try:
        return parse(record)
    except GreenchainError as error:
        position = Position(record.topic, record.partition, record.offset)
        return Unreadable(position, record.key, error)
