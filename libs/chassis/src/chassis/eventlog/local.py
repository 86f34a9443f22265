"""The event log in one SQLite file, for the embedded shape: many processes of one machine.

It keeps the semantics of the port (`chassis.eventlog`), which a contract test suite holds it to. It
keeps every record for ever, which satisfies any retention.
"""

import base64
import json
import sqlite3
import threading
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chassis.clock import Clock, SystemClock
from chassis.eventlog import LogConsumer, NewRecord, Position, TopicSpec, UnknownTopic
from chassis.eventlog.local_consumer import LocalConsumer
from chassis.eventlog.local_store import Store
from chassis.logging import get_logger

log = get_logger(__name__)

#: A member of a group that was not heard of for this long is taken for dead [s].
SESSION_S = 10.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LocalEventLog:
    """The event log in an SQLite file.

    Parameters
    ----------
    path
        The file; created if it does not exist.
    session_s
        How long a group waits for a silent member before its partitions go to others [s].
    """

    def __init__(
        self, path: str | Path, *, session_s: float = SESSION_S, clock: Clock | None = None
    ) -> None:
        self._store = Store(Path(path))
        self._session_s = session_s
        self._clock = clock or SystemClock()
        self._consumers: set[LocalConsumer] = set()
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._heartbeat: threading.Thread | None = None

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Create the topics that do not exist yet."""
        with self._store.transaction() as connection:
            for spec in specs:
                created = connection.execute(
                    "INSERT INTO topic VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING name",
                    (spec.name, spec.partitions),
                ).fetchone()
                if created is not None:
                    connection.executemany(
                        "INSERT INTO partition (topic, number) VALUES (?, ?)",
                        [(spec.name, number) for number in range(spec.partitions)],
                    )

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes] | None = None
    ) -> Position:
        """Append a record; returns once it is on disk."""
        (appended,) = self.append_each([NewRecord(topic, key, value, headers or {})])
        if isinstance(appended, Exception):
            raise appended
        return appended

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        """Append records in one transaction; returns where each stands, or why it does not."""
        with self._store.transaction() as connection:
            appended = [self._append(connection, record) for record in records]
        self._store.tell_appended()
        return appended

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group; it starts at the earliest record that the group has not committed."""
        joined = LocalConsumer(
            self._store, group, topics, self._now_us, self._session_us, self._left
        )
        with self._guard:
            self._consumers.add(joined)
            if self._heartbeat is None:
                self._heartbeat = threading.Thread(
                    target=self._beat, name="event-log-heartbeat", daemon=True
                )
                self._heartbeat.start()
        return joined

    def lag(self, group: str, topics: Sequence[str]) -> int:
        """Count the records of the topics that the group has not committed."""
        with self._store.reading() as connection:
            return sum(self._behind(connection, group, topic) for topic in dict.fromkeys(topics))

    def close(self) -> None:
        """Leave all groups and close the file."""
        self._closing.set()
        if self._heartbeat is not None:
            self._heartbeat.join()
        for consumer in list(self._consumers):
            consumer.close()
        self._store.close()

    def _append(self, connection: sqlite3.Connection, record: NewRecord) -> Position | Exception:
        partitions = self._partitions(connection, record.topic)
        if not partitions:
            return UnknownTopic(topic=record.topic)
        number = zlib.crc32(record.key.encode()) % partitions
        (offset,) = connection.execute(
            "UPDATE partition SET next_offset = next_offset + 1"
            " WHERE topic = ? AND number = ? RETURNING next_offset - 1",
            (record.topic, number),
        ).fetchone()
        coded = {name: base64.b64encode(each).decode() for name, each in record.headers.items()}
        connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
            (record.topic, number, offset, record.key, record.value, json.dumps(coded),
             self._now_us()),
        )  # fmt: skip
        return Position(record.topic, number, offset)

    def _behind(self, connection: sqlite3.Connection, group: str, topic: str) -> int:
        if not self._partitions(connection, topic):
            raise UnknownTopic(topic=topic)
        (behind,) = connection.execute(
            "SELECT SUM(next_offset - COALESCE(committed, 0)) FROM partition LEFT JOIN progress"
            " ON grp = ? AND progress.topic = partition.topic AND partition = number"
            " WHERE partition.topic = ?",
            (group, topic),
        ).fetchone()
        return int(behind)

    def _partitions(self, connection: sqlite3.Connection, topic: str) -> int:
        found = connection.execute(
            "SELECT partitions FROM topic WHERE name = ?", (topic,)
        ).fetchone()
        return 0 if found is None else int(found[0])

    @property
    def _session_us(self) -> int:
        return int(self._session_s * 1_000_000)

    def _now_us(self) -> int:
        return (self._clock.now() - _EPOCH) // timedelta(microseconds=1)

    def _left(self, consumer: LocalConsumer) -> None:
        with self._guard:
            self._consumers.discard(consumer)

    def _beat(self) -> None:
        # A thread of its own, so that a slow handler does not look like a dead member.
        while not self._closing.wait(self._session_s / 4):
            for consumer in list(self._consumers):
                try:
                    consumer.beat()
                except Exception:
                    log.exception("heartbeat failed")
