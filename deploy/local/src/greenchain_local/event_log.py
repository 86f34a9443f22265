"""The event log that a setting names."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.eventlog import EventLog
from chassis.eventlog.local import LocalEventLog
from chassis.topics import TOPICS

SCHEME = "local:"


@contextmanager
def open_event_log(setting: str) -> Iterator[EventLog]:
    """Open the event log of a setting, ``local:<path of its SQLite file>``, with all topics."""
    if not setting.startswith(SCHEME):
        raise ValueError(f"event log {setting!r}: only {SCHEME}<path> is known")
    event_log = LocalEventLog(setting.removeprefix(SCHEME))
    try:
        event_log.create_topics(TOPICS)
        yield event_log
    finally:
        event_log.close()
