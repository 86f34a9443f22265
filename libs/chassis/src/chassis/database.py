"""One service's database: engine, sessions without tenant for the chassis itself, migrations."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator
from sqlalchemy.engine import make_url
from sqlmodel import Session

from chassis import sqlite

# Alembic keeps the current migration in module-level proxies: two databases of one process must
# not migrate at the same time.
_alembic_is_global = threading.Lock()


class Database:
    """A service's database.

    Parameters
    ----------
    url
        SQLAlchemy URL, e.g. ``sqlite:////var/lib/greenchain/supplier.db``.

    Attributes
    ----------
    engine
        Transactions take the write lock at their start.
    read_engine
        The same connections; transactions only read.
    outbox_written
        Set after each commit that published an event, so that the relay need not wait for its
        next poll.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            raise ValueError(f"database {parsed.get_backend_name()!r} is not supported: use sqlite")
        self.engine = sqlite.open_engine(parsed)
        self.read_engine = sqlite.read_only(self.engine)
        self.outbox_written = threading.Event()

    @contextmanager
    def system_transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """Open a transaction that sees all tenants; commits at the end of the block.

        For the chassis' own tables (outbox, inbox, leases). Services use `SqlUnitOfWork`.
        """
        engine = self.read_engine if read_only else self.engine
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all idle connections."""
        self.engine.dispose()


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware datetimes in, aware UTC datetimes out (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("only aware datetimes are stored, e.g. datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def migrate(database: Database, script_location: str | Path) -> None:
    """Bring the schema to the newest version; harmless when it already is.

    Several processes may call this at once: one migrates, the others wait and find nothing to do.

    Parameters
    ----------
    script_location
        Directory of the service's migrations; its `versions` subdirectory holds the scripts. The
        environment (`env.py`) comes from the chassis.
    """
    from alembic import command

    # The transaction has the write lock from its start: another process waits for its end.
    with _alembic_is_global, database.engine.begin() as connection:
        config = _alembic_config(script_location)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
