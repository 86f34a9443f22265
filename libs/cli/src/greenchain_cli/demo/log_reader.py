"""What the event log holds, read as any consumer reads it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.cloudevent import from_json
from chassis.eventlog import EventLog, LogRecord
from chassis.topics import TOPICS
from greenchain_cli.demo.waiting import DEADLINE_S
from greenchain_cli.errors import TimedOut

GROUP = "demo-reader"
_BATCH = 500
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event and where it stands in the log."""

    topic: str
    partition: int
    offset: int
    type: str
    id: str
    subject: str


def read_events(
    event_log: EventLog,
    complete: Callable[[Sequence[LoggedEvent]], bool],
    en: str,
    zh: str,
) -> list[LoggedEvent]:
    """Read every event from the beginning until `complete` is content; oldest event first.

    Compacted topics are left out: they tell again where things stand, and forget what was before.

    Parameters
    ----------
    en, zh
        What makes it complete, for the error's text.
    """
    records: list[LogRecord] = []
    consumer = event_log.consumer(GROUP, [topic.name for topic in TOPICS if not topic.compacted])
    try:
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            records += consumer.poll(_POLL_S, _BATCH)
            events = _ordered(records)
            if complete(events):
                return events
    finally:
        consumer.close()
    raise TimedOut(awaited_en=en, awaited_zh=zh, seconds=DEADLINE_S)


def _ordered(records: Sequence[LogRecord]) -> list[LoggedEvent]:
    by_time = sorted(
        records, key=lambda each: (each.timestamp, each.topic, each.partition, each.offset)
    )
    return [_event(record) for record in by_time]


def _event(record: LogRecord) -> LoggedEvent:
    event = from_json(record.value, record.topic)
    return LoggedEvent(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        type=event.type,
        id=event.id,
        subject=event.subject,
    )
