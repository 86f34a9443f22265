"""Everything that is peculiar to PostgreSQL, in one place.

A service logs in with a role that owns nothing. Row-level security shows it the rows of the tenant
that its transaction has set, and none before it has set one (`chassis.migrations`).

Writers of one tenant come one after the other: each holds the tenant's lock until its transaction
ends. So a use case that reads and then writes needs no locks of its own, as it needs none on
SQLite, where the whole file has one writer. A transaction that steps into another tenant holds that
one's lock too; otherwise tenants do not wait for each other.
"""

import time
from typing import Any, ClassVar

import psycopg
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    PoolProxiedConnection,
    QueuePool,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import ConnectionPoolEntry

from chassis.errors import Collision, GreenchainError, Kind, Unavailable

__all__ = [
    "MIGRATES_ITSELF",
    "enter_tenant",
    "insert",
    "lock_schema",
    "open_engine",
    "passes_the_wall",
    "read_only",
]

#: A service cannot change its tables: it owns none.
MIGRATES_ITSELF = False
#: How long anybody waits for a free connection [s]. How long for a lock, the role says.
WAIT_S = 30.0
#: How long a server may take to answer a new connection, and its machine to acknowledge what was
#: sent [s]. A server that is frozen on a machine that lives is waited for.
ANSWER_S = 10
#: Connections of one process at most [1]. A server has 100 of them by default, for everybody.
POOL_SIZE = 16

#: How long a connection may have been idle and still be taken for alive [s]: less than a server
#: takes to die and come back.
_PING_AFTER_S = 0.1

TENANT_SETTING = "greenchain.tenant"
# One statement, one round trip. The third argument makes a setting end with the transaction.
_ENTER = f"set_config('{TENANT_SETTING}', :tenant, true)"
_READ_AS = text(f"SELECT {_ENTER}")
_WRITE_AS = text(f"SELECT {_ENTER}, pg_advisory_xact_lock(hashtextextended(:tenant, 0))")
#: Classes of SQLSTATE that say nothing about the statement: the same one may succeed later.
#: 08 connection, 25P03 idle for too long, 53 resources, 55 in use, 57 stopped, 58 disk.
_PASSING = ("08", "25P03", "53", "55", "57", "58")
#: A deadlock, or two that cannot both have been first.
_COLLIDED = ("40P01", "40001")
#: How a server says in English that role, password or database are wrong. While connecting psycopg
#: tells no SQLSTATE; in another language a refusal is taken for an outage, and the log shows it.
_REFUSALS = (
    "password authentication failed",
    "authentication failed for user",
    "does not exist",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied for database",
)


class DatabaseRefused(GreenchainError):
    """The server does not let this service in."""

    code: ClassVar[str] = "database.refused"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = (
        "PostgreSQL refuses the connection: role, password or database of the service's "
        "DATABASE_URL are not those that deploy/postgres provides (provision.sql)."
    )
    zh: ClassVar[str] = (
        "PostgreSQL 拒绝连接：服务的 DATABASE_URL 中的角色、密码或数据库与 deploy/postgres"
        "（provision.sql）创建的不一致。"
    )


class TextNotStorable(GreenchainError):
    """A text holds the one character for which PostgreSQL has no place."""

    code: ClassVar[str] = "database.text.not_storable"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "A text holds the character U+0000, which no text may hold. Remove it; it may have come "
        "from a faulty conversion."
    )
    zh: ClassVar[str] = "文本含有不允许的字符 U+0000。请将其删除；可能由转换错误造成。"


def open_engine(url: URL) -> Engine:
    """Open a database for use by many threads; connects when it is first needed."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        # An error's text goes to the logs; the values belong to a tenant.
        hide_parameters=True,
        poolclass=_Pool,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=WAIT_S,
        connect_args={
            "application_name": "greenchain",
            "connect_timeout": ANSWER_S,
            "tcp_user_timeout": ANSWER_S * 1000,
        },
    )
    event.listen(engine, "handle_error", _translate)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ping_after_rest)
    return engine


def read_only(engine: Engine) -> Engine:
    """Return a view of the engine whose transactions see one moment and write nothing."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def enter_tenant(connection: Connection, tenant_id: str, *, writes: bool) -> None:
    """See the rows of a tenant in the rest of this transaction; a writer waits for its turn."""
    connection.execute(_WRITE_AS if writes else _READ_AS, {"tenant": tenant_id})


def lock_schema(connection: Connection) -> None:
    """Keep others from migrating the same database until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('schema', 0))"))


def passes_the_wall(connection: Connection) -> bool:
    """Tell whether the role could: because it is above row-level security or owns tables."""
    asked = text(
        "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class"
        " WHERE relowner = role.oid AND relnamespace = 'public'::regnamespace)"
        " FROM pg_roles AS role WHERE rolname = current_user"
    )
    return bool(connection.execute(asked).scalar_one())


class _Pool(QueuePool):
    """A pool that is exhausted is an outage like others."""

    # Its lines are the library's: INFO of them is for who debugs SQLAlchemy.
    _sqla_logger_namespace = "sqlalchemy.pool.QueuePool"

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except NoConnectionFree as error:
            raise Unavailable(service="database") from error


def _note_rest(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["rests_since"] = time.monotonic()


def _ping_after_rest(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    """Replace a connection that died while it was idle: nobody shall meet one.

    Not each time: a ping is a round trip, one in six of a consumer's.
    """
    now = time.monotonic()
    if now - entry.info.get("rests_since", now) < _PING_AFTER_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        # All others of the pool are then as old as the server.
        raise InvalidatePoolError from error


def _translate(context: ExceptionContext) -> None:
    """Raise `Unavailable` for an outage and `DatabaseRefused` for a wrong setting."""
    error: Any = context.original_exception
    if not isinstance(error, psycopg.Error):
        return
    if isinstance(error, psycopg.DataError) and "NUL" in str(error):
        raise TextNotStorable from error
    state = error.sqlstate
    if context.connection is None and any(words in str(error) for words in _REFUSALS):
        raise DatabaseRefused from error
    # Without a state it is libpq's own: the server was not reached, or it went away.
    lost = state is None and isinstance(error, psycopg.OperationalError)
    if state in _COLLIDED:
        raise Collision(service="database") from error
    if lost or (state or "").startswith(_PASSING):
        raise Unavailable(service="database") from error
    _hide_values(context, error)


def _hide_values(context: ExceptionContext, error: Any) -> None:
    """Keep the server's first line alone: its details quote the row, which belongs to a tenant."""
    if error.diag.message_primary is None:
        return  # of the library itself: no row came into it
    kept = f"({type(error).__module__}.{type(error).__name__}) {error.diag.message_primary}"
    error.args = (error.diag.message_primary,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (kept, *context.sqlalchemy_exception.args[1:])
