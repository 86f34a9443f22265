"""The catalogue of each service's database on PostgreSQL: no table is left without its wall."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.databases import FreshDatabase, PostgresDatabases

import certification.adapters.unit_of_work
import footprint.adapters.unit_of_work
import supplier.adapters.migrations
from greenchain_postgres.server import PostgresServer

MIGRATIONS = {
    "supplier": Path(supplier.adapters.migrations.LOCATION),
    "footprint": footprint.adapters.unit_of_work.MIGRATIONS,
    "certification": certification.adapters.unit_of_work.MIGRATIONS,
}

# Tables without a wall, and why. Whoever adds one says why here.
WITHOUT_WALL = {
    "alembic_version": "which migration was the last; no tenant's",
    "outbox": "the relay sends the events of all tenants; they hold ids, versions and hashes",
    "inbox": "ids of handled events; a consumer looks up duplicates whatever their tenant",
    "lease": "which process does a job; no tenant's",
    "footprint.analysis_queue": "workers take the analyses of all tenants; it holds ids and leases",
    "certification.published_record": "public: what anybody may know about an issued record",
    "certification.verification_key": "public: the keys by which records are verified",
}
OWN_ROWS = (
    "((tenant_id)::text = ( SELECT NULLIF("
    "current_setting('greenchain.tenant'::text, true), ''::text) AS \"nullif\"))"
)


@pytest.fixture(scope="module", params=MIGRATIONS)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def catalogue(service: str, postgres: PostgresServer) -> Iterator[FreshDatabase]:
    fresh = PostgresDatabases(postgres).make(MIGRATIONS[service])
    yield fresh
    fresh.close()


def ask(catalogue: FreshDatabase, query: str) -> list[tuple[object, ...]]:
    with catalogue.everything.read_engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def tables(catalogue: FreshDatabase, condition: str) -> set[str]:
    query = f"""
        SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm', 'f') AND {condition}
    """
    return {str(name) for (name,) in ask(catalogue, query)}


def test_every_table_but_the_named_ones_has_row_level_security(
    catalogue: FreshDatabase, service: str
) -> None:
    named = {name.removeprefix(f"{service}.") for name in WITHOUT_WALL}
    assert tables(catalogue, "NOT (relrowsecurity AND relforcerowsecurity)") - named == set()


def test_no_name_stands_on_the_list_in_vain(catalogue: FreshDatabase, service: str) -> None:
    own = {
        name.removeprefix(f"{service}.")
        for name in WITHOUT_WALL
        if "." not in name or name.startswith(f"{service}.")
    }
    assert own - tables(catalogue, "NOT relrowsecurity") == set()


def test_the_one_policy_of_each_table_reads_and_writes_own_rows_alone(
    catalogue: FreshDatabase,
) -> None:
    policies = ask(
        catalogue,
        "SELECT tablename, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    )
    assert {str(table) for table, *_ in policies} == tables(catalogue, "relrowsecurity")
    for table, *policy in policies:
        assert policy == ["PERMISSIVE", "{public}", "ALL", OWN_ROWS, OWN_ROWS], table
    assert len(policies) == len({table for table, *_ in policies})


def test_the_tenant_of_a_walled_row_is_never_empty(catalogue: FreshDatabase) -> None:
    columns = ask(
        catalogue,
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'tenant_id' AND is_nullable = 'NO'",
    )
    assert tables(catalogue, "relrowsecurity") <= {str(name) for (name,) in columns}


def test_the_services_role_owns_nothing(catalogue: FreshDatabase) -> None:
    owners = ask(
        catalogue,
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class JOIN pg_namespace"
        " ON pg_namespace.oid = relnamespace WHERE nspname = 'public'",
    )
    assert owners == [("sample_owner",)]


def test_a_table_without_a_wall_is_found(service: str, postgres: PostgresServer) -> None:
    fresh = PostgresDatabases(postgres).make(MIGRATIONS[service])
    with fresh.everything.engine.begin() as connection:
        connection.execute(text("CREATE TABLE forgotten (tenant_id text NOT NULL)"))
        connection.execute(text("CREATE TABLE unforced (tenant_id text NOT NULL)"))
        connection.execute(text("ALTER TABLE unforced ENABLE ROW LEVEL SECURITY"))
    found = tables(fresh, "NOT (relrowsecurity AND relforcerowsecurity)")
    fresh.close()
    assert {"forgotten", "unforced"} <= found
