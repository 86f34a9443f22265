"""Databases for tests, of both kinds: migrated, empty, one a test."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import text

from chassis.database import Database, migrate
from greenchain_postgres.server import PostgresServer

_numbers = itertools.count()
_SERVICE = "sample"
_OWNER = f"{_SERVICE}_owner"


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one test.

    Attributes
    ----------
    url
        By which a service opens it.
    database
        Opened so.
    everything
        Opened so that the rows of all tenants are seen: for what a test looks at from outside.
    drop
        Removes it.
    """

    url: str
    database: Database
    everything: Database
    drop: Callable[[], None]

    def close(self) -> None:
        """Close all connections and remove it."""
        self.database.close()
        self.everything.close()
        self.drop()


class Databases(Protocol):
    """Makes databases of one kind."""

    def make(self, migrations: Path) -> FreshDatabase:
        """Make one, migrated by the scripts of a service."""
        ...


class SqliteDatabases:
    """Files in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def make(self, migrations: Path) -> FreshDatabase:
        path = self._directory / f"{next(_numbers)}.db"
        url = f"sqlite:///{path}"
        database = Database(url)
        migrate(database, migrations)
        return FreshDatabase(url, database, Database(url), path.unlink)


class PostgresDatabases:
    """Databases of a server, copied from one migrated template a service."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._templates: dict[Path, str] = {}
        server.provide(_SERVICE)

    def make(self, migrations: Path) -> FreshDatabase:
        name = f"test_{next(_numbers)}"
        self._copy(self._template(migrations), name)
        url = self._server.url(_SERVICE, name)
        return FreshDatabase(
            url,
            Database(url),
            Database(self._server.url(database=name)),
            # Whoever is still connected, e.g. from a process that was killed, is not waited for.
            lambda: self._administer(f"DROP DATABASE {name} WITH (FORCE)"),
        )

    def make_unmigrated(self) -> tuple[str, str]:
        """Make an empty one; return the URLs of its service and of its owner."""
        name = f"test_{next(_numbers)}"
        self._copy(_SERVICE, name)
        return self._server.url(_SERVICE, name), self._server.url(_OWNER, name)

    def _template(self, migrations: Path) -> str:
        if migrations not in self._templates:
            name = f"template_{next(_numbers)}"
            self._copy(_SERVICE, name)
            with opened(self._server.url(_OWNER, name)) as owner:
                migrate(owner, migrations)
            self._templates[migrations] = name
        return self._templates[migrations]

    def _copy(self, template: str, name: str) -> None:
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {_OWNER}")

    def _administer(self, statement: str) -> None:
        with opened(self._server.url()) as administrator:
            outside = administrator.engine.execution_options(isolation_level="AUTOCOMMIT")
            with outside.connect() as connection:
                connection.execute(text(statement))


MakeDatabase = Callable[[Path], FreshDatabase]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database for the length of a block."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
