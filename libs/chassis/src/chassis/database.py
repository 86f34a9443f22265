"""One service's database: engine, sessions, migrations."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, DateTime, Dialect, MetaData, TypeDecorator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session

from chassis import postgresql, sqlite
from chassis.backend import Backend
from chassis.errors import GreenchainError, Kind
from chassis.tenancy import TenantSession

# Alembic keeps the current migration in module-level proxies: two databases of one process must
# not migrate at the same time.
_alembic_is_global = threading.Lock()


# SQLSTATE of PostgreSQL: this role may not do that.
_NOT_PRIVILEGED = "42501"
BACKENDS: dict[str, Backend] = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(eq=False)
class SchemaNotMigrated(GreenchainError):
    """The tables are not those that this release works on."""

    code: ClassVar[str] = "database.schema.not_migrated"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The database's schema is at {found}, this release needs {wanted}. Run `greenchain "
        "<service> migrate` of this release, as the owner of the tables."
    )
    zh: ClassVar[str] = (
        "数据库结构版本为 {found}，此版本软件需要 {wanted}。"
        "请以表所有者身份运行此版本的 `greenchain <服务> migrate`。"
    )

    found: str
    wanted: str


@dataclass(eq=False)
class UnknownSchema(GreenchainError):
    """A later release has migrated the tables, or they are another service's."""

    code: ClassVar[str] = "database.schema.unknown"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The database's schema is {found}, which this release of the service does not know. Either "
        "it is another service's database: mend the URL. Or a later release has migrated it: "
        "start the service in that release, or restore the database."
    )
    zh: ClassVar[str] = (
        "数据库结构版本为 {found}，该服务的此版本无法识别。若为其他服务的数据库，请更正 URL；"
        "若已由更新的版本迁移，请使用该版本启动服务，或恢复数据库。"
    )

    found: str


@dataclass(eq=False)
class TooMighty(GreenchainError):
    """A service logs in with a role that the wall between tenants does not hold."""

    code: ClassVar[str] = "database.role.too_mighty"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "Role {role} owns tables or is above row-level security. A service's DATABASE_URL names a "
        "role that owns nothing; the owner's is for `migrate` alone (OWNER_DATABASE_URL)."
    )
    zh: ClassVar[str] = (
        "角色 {role} 拥有表或不受行级安全约束。服务的 DATABASE_URL 应使用不拥有任何对象的角色；"
        "表所有者仅用于 `migrate`（OWNER_DATABASE_URL）。"
    )

    role: str


@dataclass(eq=False)
class NotTheOwner(GreenchainError):
    """A role that owns no table tried to change the tables."""

    code: ClassVar[str] = "database.schema.not_the_owner"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "Role {role} may not change the tables. Migrate with the role that owns them: "
        "GREENCHAIN_<SERVICE>_OWNER_DATABASE_URL."
    )
    zh: ClassVar[str] = (
        "角色 {role} 无权修改表结构。请用表所有者角色迁移：GREENCHAIN_<服务>_OWNER_DATABASE_URL。"
    )

    role: str


class Database:
    """A service's database.

    Parameters
    ----------
    url
        SQLAlchemy URL, e.g. ``sqlite:////var/lib/greenchain/supplier.db`` or
        ``postgresql://supplier:…@db.example/supplier``.

    Attributes
    ----------
    engine
        Transactions write, one after the other: on SQLite those of the file, on PostgreSQL those
        of a tenant.
    read_engine
        The same connections; transactions only read.
    outbox_written
        Set after each commit that published an event, so that the relay need not wait for its
        next poll.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind not in BACKENDS:
            raise ValueError(f"database {kind!r} is not supported: use sqlite or postgresql")
        self.backend = BACKENDS[kind]
        self.engine = self.backend.open_engine(parsed)
        self.read_engine = self.backend.read_only(self.engine)
        self.outbox_written = threading.Event()

    @contextmanager
    def system_transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """Open a transaction that sees all tenants; commits at the end of the block.

        For the chassis' own tables (outbox, inbox, leases). Services use `SqlUnitOfWork`.
        """
        engine = self.read_engine if read_only else self.engine
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def tenant_session(self, tenant_id: str, *, read_only: bool = False) -> TenantSession:
        """Open a session that sees the rows of one tenant alone."""
        return TenantSession(
            self.read_engine if read_only else self.engine,
            tenant_id,
            read_only=read_only,
            backend=self.backend,
        )

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware datetimes in, aware UTC datetimes out.

    SQLite forgets time zones, PostgreSQL answers in that of the connection.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("only aware datetimes are stored, e.g. datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def prepare(database: Database, script_location: str | Path) -> None:
    """Make sure that the schema is that of this release, before a service uses it.

    An embedded database is migrated on the way. On a server the service owns no table: its
    operator has migrated before (`migrate`, as the owner).

    Raises
    ------
    SchemaNotMigrated
        If nobody has.
    UnknownSchema
        If a later release has, or another service.
    TooMighty
        If the service's role could pass the wall between tenants.
    """
    if database.backend.MIGRATES_ITSELF:
        migrate(database, script_location)
        return
    with database.read_engine.begin() as connection:
        if database.backend.passes_the_wall(connection):
            raise TooMighty(role=database.engine.url.username or "")
        found = _known_revision(connection, script_location)
    wanted = newest_revision(script_location)
    if found != wanted:
        raise SchemaNotMigrated(found=found or "-", wanted=wanted)


def _known_revision(connection: Connection, script_location: str | Path) -> str | None:
    """Return the last migration of a database, None before the first; raise if it is not ours.

    From the second one on, a migration's name begins with that of its service.
    """
    from alembic.migration import MigrationContext

    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in _scripts(script_location).walk_revisions()}
    if found is not None and found not in known:
        raise UnknownSchema(found=found)
    return found


def newest_revision(script_location: str | Path) -> str:
    """Return the name of the newest migration."""
    return str(_scripts(script_location).get_current_head())


def _scripts(script_location: str | Path) -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic_config(script_location))


def migrate(database: Database, script_location: str | Path, *, to: str = "head") -> None:
    """Bring the schema to the newest version; harmless when it already is.

    On a server the database is opened as the owner of the tables. Several processes may call this
    at once: one migrates, the others wait and find nothing to do.

    Parameters
    ----------
    script_location
        Directory of the service's migrations; its `versions` subdirectory holds the scripts. The
        environment (`env.py`) comes from the chassis.
    to
        The migration after which to stop.
    """
    from alembic import command

    # Another process waits for the transaction's end.
    with _alembic_is_global, database.engine.begin() as connection:
        database.backend.lock_schema(connection)
        _known_revision(connection, script_location)
        config = _alembic_config(script_location)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def migrate_at(url: str, script_location: str | Path) -> str:
    """Bring the schema at a URL to the newest version; return its name.

    Raises
    ------
    NotTheOwner
        If the URL's role does not own the tables.
    """
    database = Database(url)
    try:
        migrate(database, script_location)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_PRIVILEGED:
            raise
        raise NotTheOwner(role=database.engine.url.username or "") from error
    finally:
        database.close()
    return newest_revision(script_location)


def schema_differences(database: Database, *metadata: MetaData) -> list[Any]:
    """Compare the migrated schema with the models; an empty list means that they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    models = MetaData()
    for part in metadata:
        for table in part.tables.values():
            table.to_metadata(models)
    with database.read_engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, models))


def _alembic_config(script_location: str | Path) -> Any:
    from alembic.config import Config

    versions = Path(script_location) / "versions"
    if not versions.is_dir():
        raise FileNotFoundError(f"migrations are expected in {versions}")
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic_environment"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions))
    return config
