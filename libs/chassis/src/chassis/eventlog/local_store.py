"""The SQLite file of the local event log: its tables and the one connection that writes."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chassis import sqlite
from chassis.errors import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL CHECK (partitions > 0)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partition (
    topic TEXT NOT NULL REFERENCES topic (name), number INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    key TEXT NOT NULL, value BLOB NOT NULL, headers TEXT NOT NULL, appended_us INTEGER NOT NULL,
    PRIMARY KEY (topic, partition, "offset"),
    FOREIGN KEY (topic, partition) REFERENCES partition (topic, number)
);
CREATE TABLE IF NOT EXISTS member (
    grp TEXT NOT NULL, id TEXT NOT NULL, expires_us INTEGER NOT NULL, PRIMARY KEY (grp, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscription (
    grp TEXT NOT NULL, member TEXT NOT NULL, topic TEXT NOT NULL,
    PRIMARY KEY (grp, member, topic),
    FOREIGN KEY (grp, member) REFERENCES member (grp, id) ON DELETE CASCADE
) WITHOUT ROWID;
-- Who reads a partition for a group, and up to where the group has read it.
CREATE TABLE IF NOT EXISTS progress (
    grp TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    committed INTEGER NOT NULL DEFAULT 0, reader TEXT,
    PRIMARY KEY (grp, topic, partition),
    FOREIGN KEY (topic, partition) REFERENCES partition (topic, number)
) WITHOUT ROWID;
"""


def open_connection(path: Path) -> sqlite3.Connection:
    """Open a connection that threads may hand to each other."""
    connection = sqlite3.connect(path, timeout=sqlite.BUSY_TIMEOUT_S, check_same_thread=False)
    sqlite.prepare(connection)
    return connection


class Store:
    """The file, its writing connection, and word of new records inside this process."""

    def __init__(self, path: Path) -> None:
        sqlite.make_private(path)
        self.path = path
        self._connection = open_connection(path)
        self._writing = threading.Lock()
        self.appended = threading.Condition()
        with self.transaction() as connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write; threads of this process wait here, other processes on the file.

        Raises
        ------
        Unavailable
            If the file stays locked or the disk is full.
        """
        with self._writing, _telling_what_passes():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk rolls back by itself; a refused commit leaves the transaction open.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read without waiting for who writes."""
        with _telling_what_passes(), closing(open_connection(self.path)) as connection:
            yield connection

    def tell_appended(self) -> None:
        """Wake the consumers of this process; those of others look at the file by themselves."""
        with self.appended:
            self.appended.notify_all()

    def close(self) -> None:
        """Close the writing connection."""
        with self._writing:
            self._connection.close()


@contextmanager
def _telling_what_passes() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if sqlite.passes(error):
            raise Unavailable(service="event log") from error
        raise
