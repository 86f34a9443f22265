"""Everything that is peculiar to SQLite, in one place.

`chassis.postgresql` has the same names; `chassis.database` takes one of the two, and nothing else
asks which database it talks to.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, QueuePool, create_engine, event
from sqlalchemy.dialects.sqlite import insert

from chassis.errors import Unavailable

__all__ = [
    "MIGRATES_ITSELF",
    "enter_tenant",
    "insert",
    "lock_schema",
    "open_engine",
    "passes_the_wall",
    "read_only",
]

#: Who opens the file owns it: a service brings its schema up to date by itself.
MIGRATES_ITSELF = True

#: How long a writer waits for another writer's transaction [s].
BUSY_TIMEOUT_S = 30.0
#: Connections of one service at most [1], opened as they are needed: more than it has threads,
#: which are some 40 for HTTP, 8 for gRPC, and its workers.
POOL_SIZE = 64
#: Result codes that say nothing about the statement: the same one may succeed later.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

_BEGIN_OPTION = "greenchain_begin"


def open_engine(url: URL) -> Engine:
    """Open a file database for use by many threads and processes."""
    if not url.database or url.database == ":memory:":
        # Each thread would silently get an empty database of its own.
        raise ValueError("SQLite needs a file, e.g. sqlite:////var/lib/greenchain/supplier.db")
    make_private(Path(url.database))
    engine = create_engine(
        url,
        # An error's text goes to the logs; the values belong to a tenant.
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _tell_what_passes)
    return engine


def make_private(path: Path) -> None:
    """Make the file of a new database, for its owner alone; SQLite makes those beside it likewise.

    A file that exists keeps its mode: its owner may have opened it to a group.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


def read_only(engine: Engine) -> Engine:
    """Return a view of the engine whose transactions take no write lock."""
    return engine.execution_options(**{_BEGIN_OPTION: "BEGIN DEFERRED"})


def enter_tenant(connection: Connection, tenant_id: str, *, writes: bool) -> None:
    """Do nothing: SQLite knows no tenants, and who writes has locked the file already."""


def lock_schema(connection: Connection) -> None:
    """Do nothing: a transaction that writes has locked the file already."""


def passes_the_wall(connection: Connection) -> bool:
    """Tell that nobody does: there is none."""
    return False


def prepare(connection: sqlite3.Connection) -> None:
    """Set what SQLite keeps per connection: durability, integrity and waiting."""
    # sqlite3 must not open transactions itself: its implicit BEGIN is deferred, and a deferred
    # transaction that reads and then writes fails at once when another one has written meanwhile.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def passes(error: BaseException) -> bool:
    """Tell whether an error says nothing about the statement, e.g. that the disk is full."""
    # The low byte is the primary code; the others tell it in detail.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _PASSING


def _use_wal(connection: sqlite3.Connection) -> None:
    # Two processes that open a new file at once: the change of mode does not wait, it fails.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _prepare_connection(dbapi_connection: Any, _record: Any) -> None:
    prepare(dbapi_connection)


def _tell_what_passes(context: ExceptionContext) -> None:
    """Raise `Unavailable` for a file that is locked or a disk that is full."""
    if passes(context.original_exception):
        raise Unavailable(service="database") from context.original_exception


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get(_BEGIN_OPTION, "BEGIN IMMEDIATE"))
