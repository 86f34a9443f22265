"""What `chassis.sqlite` and `chassis.postgresql` have in common."""

import functools
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine
from sqlmodel import SQLModel


class Backend(Protocol):
    """What is peculiar to one kind of database.

    Attributes
    ----------
    MIGRATES_ITSELF
        Whether a service brings the schema up to date by itself when it starts.
    """

    MIGRATES_ITSELF: bool

    @property
    def insert(self) -> Any:
        """The INSERT that knows ON CONFLICT."""
        ...

    def open_engine(self, url: URL) -> Engine:
        """Open a database for use by many threads."""
        ...

    def read_only(self, engine: Engine) -> Engine:
        """Return a view of the engine whose transactions only read."""
        ...

    def enter_tenant(self, connection: Connection, tenant_id: str, *, writes: bool) -> None:
        """Tell the database whose rows the transaction is about from here on."""
        ...

    def passes_the_wall(self, connection: Connection) -> bool:
        """Tell whether the login could see the rows of other tenants than that of a transaction."""
        ...

    def lock_schema(self, connection: Connection) -> None:
        """Keep others from migrating until the transaction ends."""
        ...


def insert_new(backend: Backend, connection: Connection, row: SQLModel) -> bool:
    """Insert a row, unless one with its key is there; tell whether it was inserted.

    Of two transactions that insert the same key at once, the second waits for the first.
    """
    statement = _insert(backend.insert, type(row))
    # RETURNING, since psycopg counts no rows of such a statement.
    return connection.execute(statement, row.model_dump()).first() is not None


@functools.cache
def _insert(insert: Callable[[Any], Any], kind: type[SQLModel]) -> Any:
    table: Any = kind.__table__  # type: ignore[attr-defined]
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)
