"""A service's database as `provision.sql` provides it."""

import os
import subprocess
import sys
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


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that has nothing to do with a server."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        assert process.poll() is None
        process.kill()


def note(pid: int, data: Path) -> None:
    """Leave behind what a server that was killed leaves, when a process has its number by now."""
    lines = (pid, data, 1, 5432, data, "", " 1 1", "ready")
    (data / "postmaster.pid").write_text("".join(f"{each}\n" for each in lines))


def test_a_process_that_has_the_number_of_a_killed_server_is_let_be(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    server = PostgresServer(tmp_path)
    note(bystander.pid, tmp_path)
    server.stop()
    server.kill()


def test_a_server_starts_although_a_process_has_its_earlier_number(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    with PostgresServer(tmp_path / "data"):
        pass
    note(bystander.pid, tmp_path / "data")
    with PostgresServer(tmp_path / "data") as server, connected(server.url()) as administrator:
        assert server.pid != bystander.pid
        administrator.execute("SELECT 1")


def test_a_server_is_stopped_by_who_did_not_start_it(tmp_path: Path) -> None:
    with PostgresServer(tmp_path / "data") as server:
        command = [sys.executable, "-m", "greenchain_postgres", "stop", "--state"]
        subprocess.run([*command, str(tmp_path / "data")], check=True)
        with pytest.raises(psycopg.OperationalError), connected(server.url()):
            pass


def test_folders_above_the_data_are_passed_but_not_read_by_others(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with PostgresServer(private / "data"):
        assert private.stat().st_mode & 0o066 == 0
