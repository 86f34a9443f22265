"""What `docs/operating.md` says of PostgreSQL holds on a real server."""

from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError
from tests.docs.markdown import document, marked_table

import certification.bootstrap
import footprint.bootstrap
import supplier.bootstrap
from greenchain_postgres.server import PostgresServer

PAGE = document("docs/operating.md")
MIGRATE = {
    "supplier": supplier.bootstrap.migrate_database,
    "footprint": footprint.bootstrap.migrate_database,
    "certification": certification.bootstrap.migrate_database,
}


@pytest.fixture(scope="module")
def migrated(postgres: PostgresServer) -> PostgresServer:
    for name, migrate in MIGRATE.items():
        postgres.provide(name)
        migrate(postgres.url(f"{name}_owner", name))
    return postgres


def rows(url: str, *statements: str) -> list[Any]:
    """Return the first column of what the last of some statements finds."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        *before, last = map(text, statements)
        for statement in before:
            connection.execute(statement)
        return list(connection.execute(last).scalars())


@pytest.mark.parametrize("service", MIGRATE)
def test_tables_that_are_not_behind_the_wall_are_those_that_are_listed(
    migrated: PostgresServer, service: str
) -> None:
    unwalled = rows(
        migrated.url(database=service),
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND NOT (relrowsecurity AND relforcerowsecurity)",
    )
    listed = {
        name.strip("` ")
        for database, tables in marked_table(PAGE, "check: unwalled ")
        if database in ("all", service)
        for name in tables.split(",")
    }
    assert set(unwalled) == listed


def test_a_backup_as_the_owner_is_refused_by_the_wall(migrated: PostgresServer) -> None:
    # What pg_dump says first, so that it fails rather than leaves rows out.
    whole = "SET row_security = off", "SELECT count(*) FROM declaration"
    assert rows(migrated.url("postgres", "supplier"), *whole) == [0]
    with pytest.raises(ProgrammingError, match="row-level security"):
        rows(migrated.url("supplier_owner", "supplier"), *whole)
