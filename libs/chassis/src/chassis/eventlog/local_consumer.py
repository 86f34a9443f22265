"""A member of a consumer group of the local event log.

Sharing the work: the live members of a group, sorted by id, take the partitions in turn. A member
that has to give one up does so in its next `poll`; one that has died loses its partitions when its
heartbeat is overdue. A commit is accepted from the partition's present reader only.
"""

import base64
import bisect
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from chassis.clock import new_id
from chassis.eventlog import FencedConsumer, LogRecord, UnknownTopic
from chassis.eventlog.local_store import Store, open_connection

#: How often a waiting consumer looks for records of other processes [s].
LOOK_S = 0.05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Partition = tuple[str, int]


class LocalConsumer:
    """One member of a group; see `chassis.eventlog.LogConsumer`."""

    def __init__(
        self,
        store: Store,
        group: str,
        topics: Sequence[str],
        now_us: Callable[[], int],
        session_us: int,
        left: Callable[["LocalConsumer"], None],
    ) -> None:
        self._store = store
        self._group = group
        self._id = new_id()
        self._topics = tuple(dict.fromkeys(topics))
        self._now_us = now_us
        self._session_us = session_us
        self._left = left
        self._held: set[Partition] = set()
        self._next: dict[Partition, int] = {}
        self._served_last: Partition = ("", 0)
        self._closed = threading.Event()
        self._join()
        self._reading = open_connection(store.path)

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        """Return the next records, in order per partition; empty when none came in time."""
        end = time.monotonic() + timeout_s
        while True:
            # Hold the condition while looking: an append in between would wake nobody.
            with self._store.appended:
                self._share()
                found = self._read(max_records)
                remaining = end - time.monotonic()
                if found or remaining <= 0:
                    return found
                self._store.appended.wait(min(LOOK_S, remaining))

    def commit(self, records: Sequence[LogRecord]) -> None:
        """Do not deliver these records, nor earlier ones of their partitions, again."""
        last: dict[Partition, int] = {}
        for record in records:
            partition = (record.topic, record.partition)
            last[partition] = max(record.offset, last.get(partition, 0))
        with self._store.transaction() as connection:
            for (topic, number), offset in last.items():
                accepted = connection.execute(
                    "UPDATE progress SET committed = MAX(committed, ?) WHERE grp = ? AND topic = ?"
                    " AND partition = ? AND reader = ? RETURNING committed",
                    (offset + 1, self._group, topic, number, self._id),
                ).fetchone()
                if accepted is None:
                    raise FencedConsumer(group=self._group, topic=topic, partition=number)

    def remain(self, records: Sequence[LogRecord] = ()) -> None:
        """Give and take partitions; the heartbeat has a thread of its own."""
        self._share()
        for record in records:
            if (record.topic, record.partition) not in self._held:
                raise FencedConsumer(
                    group=self._group, topic=record.topic, partition=record.partition
                )

    def close(self) -> None:
        """Leave the group; what was not committed goes to the other members."""
        if self._closed.is_set():
            return
        self._closed.set()
        with self._store.transaction() as connection:
            self._remove_member(connection, self._id)
        self._reading.close()
        self._left(self)
        self._store.tell_appended()

    def beat(self) -> None:
        """Tell the group that this member lives; called from the log's heartbeat thread."""
        with self._store.transaction() as connection:
            if not self._closed.is_set():
                connection.execute(
                    "UPDATE member SET expires_us = ? WHERE grp = ? AND id = ?",
                    (self._now_us() + self._session_us, self._group, self._id),
                )

    def _join(self) -> None:
        with self._store.transaction() as connection:
            known = {name for (name,) in connection.execute("SELECT name FROM topic")}
            for topic in self._topics:
                if topic not in known:
                    raise UnknownTopic(topic=topic)
            self._enter(connection)

    def _enter(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO member VALUES (?, ?, ?)",
            (self._group, self._id, self._now_us() + self._session_us),
        )
        for topic in self._topics:
            connection.execute(
                "INSERT INTO subscription VALUES (?, ?, ?)", (self._group, self._id, topic)
            )
            connection.execute(
                "INSERT INTO progress (grp, topic, partition)"
                " SELECT ?, topic, number FROM partition WHERE topic = ? ON CONFLICT DO NOTHING",
                (self._group, topic),
            )

    def _share(self) -> None:
        """Give up and take over partitions; writes only when something changes."""
        members = self._reading.execute(
            "SELECT id, expires_us FROM member WHERE grp = ? ORDER BY id", (self._group,)
        ).fetchall()
        earliest, latest = self._believable()
        stable = all(earliest < expires < latest for _, expires in members) and any(
            member == self._id for member, _ in members
        )
        ours, free = self._wanted(self._reading)
        if stable and not free and ours == self._held:
            return
        with self._store.transaction() as connection:
            self._settle(connection)

    def _believable(self) -> tuple[int, int]:
        """Return the instants between which the session of a live member ends.

        An end beyond them was written before the clock was set back: it would keep the partitions
        of a dead member from the others, and a live member comes back as a new one.
        """
        now = self._now_us()
        return now, now + 2 * self._session_us

    def _wanted(self, connection: sqlite3.Connection) -> tuple[set[Partition], set[Partition]]:
        """Return the partitions that this member should read: those it has, those that are free.

        A partition that another member still reads is left out: it comes once that one lets go.
        """
        ours: set[Partition] = set()
        free: set[Partition] = set()
        for topic in self._topics:
            members = [
                member
                for (member,) in connection.execute(
                    "SELECT member FROM subscription WHERE grp = ? AND topic = ? ORDER BY member",
                    (self._group, topic),
                )
            ]
            rows = connection.execute(
                "SELECT partition, reader FROM progress WHERE grp = ? AND topic = ?",
                (self._group, topic),
            )
            for number, reader in rows:
                if members and members[number % len(members)] == self._id:
                    if reader is None:
                        free.add((topic, number))
                    elif reader == self._id:
                        ours.add((topic, number))
        return ours, free

    def _settle(self, connection: sqlite3.Connection) -> None:
        expired = connection.execute(
            "SELECT id FROM member WHERE grp = ? AND (expires_us <= ? OR expires_us >= ?)",
            (self._group, *self._believable()),
        ).fetchall()
        for (member,) in expired:
            self._remove_member(connection, member)
        known = connection.execute(
            "SELECT 1 FROM member WHERE grp = ? AND id = ?", (self._group, self._id)
        ).fetchone()
        if known is None:
            # Taken for dead while this process was asleep: come back as a new member.
            self._held.clear()
            self._enter(connection)
        ours, free = self._wanted(connection)
        for topic, number in self._held - ours:
            connection.execute(
                "UPDATE progress SET reader = NULL"
                " WHERE grp = ? AND topic = ? AND partition = ? AND reader = ?",
                (self._group, topic, number, self._id),
            )
        for topic, number in free:
            (self._next[topic, number],) = connection.execute(
                "UPDATE progress SET reader = ?"
                " WHERE grp = ? AND topic = ? AND partition = ? RETURNING committed",
                (self._id, self._group, topic, number),
            ).fetchone()
        self._held = ours | free

    def _remove_member(self, connection: sqlite3.Connection, member: str) -> None:
        connection.execute(
            "UPDATE progress SET reader = NULL WHERE grp = ? AND reader = ?", (self._group, member)
        )
        connection.execute("DELETE FROM member WHERE grp = ? AND id = ?", (self._group, member))

    def _read(self, max_records: int) -> list[LogRecord]:
        found: list[LogRecord] = []
        # Start behind the partition that was served last, so that a busy one starves no other.
        order = sorted(self._held)
        start = bisect.bisect_right(order, self._served_last)
        for partition in (*order[start:], *order[:start]):
            topic, number = partition
            rows = self._reading.execute(
                'SELECT "offset", key, value, headers, appended_us FROM record'
                ' WHERE topic = ? AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?',
                (topic, number, self._next[partition], max_records - len(found)),
            ).fetchall()
            for offset, key, value, headers, appended_us in rows:
                found.append(
                    LogRecord(
                        topic=topic,
                        partition=number,
                        offset=offset,
                        key=key,
                        value=value,
                        timestamp=_EPOCH + timedelta(microseconds=appended_us),
                        headers={
                            name: base64.b64decode(text)
                            for name, text in json.loads(headers).items()
                        },
                    )
                )
                self._next[partition] = offset + 1
                self._served_last = partition
            if len(found) >= max_records:
                break
        return found
