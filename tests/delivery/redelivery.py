"""An event log that repeats itself, as at-least-once delivery allows, only more often."""

from collections.abc import Sequence
from typing import Any

from chassis.eventlog import EventLog, LogRecord, NewRecord, Position
from chassis.outbox import Relay


class SendsTwice(Relay):
    """Sends each record a second time at once, as after an acknowledgement that was lost."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._event_log = _Twice(self._event_log)  # type: ignore[assignment]


class _Twice:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        self._log.append_each(records)
        return self._log.append_each(records)


def records_of(log: EventLog, topic: str) -> list[LogRecord]:
    """Read all that a topic holds now."""
    group = f"{topic}.all"
    reader = log.consumer(group, [topic])
    found: list[LogRecord] = []
    try:
        while log.lag(group, [topic]) > 0:
            records = reader.poll(1.0, 500)
            reader.commit(records)
            found += records
    finally:
        reader.close()
    return found
