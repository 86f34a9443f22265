"""A service's database as `provision.sql` provides it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from greenchain_postgres.server import NotProvided, NotStarted, PostgresServer


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


@pytest.fixture
def provided(postgres: PostgresServer) -> PostgresServer:
    # Twice: a second run changes nothing.
    postgres.provide("sample_service")
    postgres.provide("sample_service")
    return postgres


def test_the_service_uses_rows_and_owns_nothing(provided: PostgresServer) -> None:
    with connected(provided.url("sample_service_owner", "sample_service")) as owner:
        owner.execute("CREATE TABLE thing (id serial PRIMARY KEY, name text)")
    with connected(provided.url("sample_service", "sample_service")) as service:
        service.execute("INSERT INTO thing (name) VALUES ('a')")
        assert service.execute("SELECT name FROM thing").fetchall() == [("a",)]
        for statement in (
            "CREATE TABLE other (id int)",
            "DROP TABLE thing",
            "ALTER TABLE thing ADD more text",
            "TRUNCATE thing",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement)


def test_its_roles_cannot_pass_row_level_security(provided: PostgresServer) -> None:
    with connected(provided.url()) as administrator:
        rows = administrator.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'sample_service%'"
        ).fetchall()
    assert rows == [(False,), (False,)]


def test_a_service_reaches_no_other_services_database(provided: PostgresServer) -> None:
    provided.provide("other_service")
    with (
        pytest.raises(psycopg.OperationalError, match="permission denied"),
        connected(provided.url("sample_service", "other_service")),
    ):
        pass


def test_a_statement_that_fails_is_told(postgres: PostgresServer) -> None:
    with pytest.raises(NotProvided, match="pg_"):
        postgres.provide("pg_reserved")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with PostgresServer(data):
        pass
    (data / "postgresql.conf").write_text("nonsense = on\n")
    with pytest.raises(NotStarted, match="nonsense"):
        PostgresServer(data).start()


def test_a_locale_that_the_machine_lacks_keeps_no_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "tlh_QX.UTF-8")
    with PostgresServer(tmp_path / "data") as server, connected(server.url()) as administrator:
        assert administrator.execute("SHOW lc_messages").fetchone() == ("C",)
    assert os.environ["LC_ALL"] == "tlh_QX.UTF-8"
