"""What is peculiar to SQLite: a file, one writer, a schema that brings itself up to date."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from chassis import sqlite
from chassis.database import Database, migrate
from chassis.errors import Unavailable

MIGRATIONS = Path(__file__).parents[1] / "sample_migrations"


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/sample.db")
    migrate(opened, MIGRATIONS)
    yield opened
    opened.close()


def test_a_new_databases_files_are_its_owners_alone(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path}/new/sample.db")
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a TEXT)")
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
    opened.close()
    assert set(modes.values()) == {0o600}


def test_a_database_that_stays_locked_is_unavailable(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    impatient = Database(str(sqlite_database.engine.url))
    with sqlite_database.engine.begin(), pytest.raises(Unavailable, match="database"):
        impatient.engine.connect().begin()
    impatient.close()


def test_a_full_disk_is_unavailable(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(Unavailable, match="database"):
            connection.exec_driver_sql("INSERT INTO plant VALUES (?, 't-1', '1')", ("x" * 9000,))


def test_what_was_committed_is_on_the_disk(sqlite_database: Database) -> None:
    with sqlite_database.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        # 2 is FULL: in WAL mode a lower one lets a power cut take back commits.
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def migrate_file(path: str) -> None:
    opened = Database(f"sqlite:///{path}")
    migrate(opened, MIGRATIONS)
    opened.close()


def test_two_processes_that_migrate_at_once_do_not_collide(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = str(tmp_path / "shared.db")
    processes = [context.Process(target=migrate_file, args=(path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]


def test_threads_that_migrate_different_databases_at_once_do_not_collide(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate_file, [str(tmp_path / f"{n}.db") for n in range(4)]))
    for n in range(4):
        with sqlite3.connect(tmp_path / f"{n}.db") as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        connection.close()
        assert {"plant", "outbox", "inbox", "lease"} <= tables


def test_a_failing_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_half.py").write_text(
        "from alembic import op\n"
        "revision = '0001'\ndown_revision = None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id TEXT)')\n"
        "    op.execute('not SQL')\n"
    )
    database = Database(f"sqlite:///{tmp_path}/half.db")
    with pytest.raises(OperationalError):
        migrate(database, tmp_path / "migrations")
    with database.read_engine.begin() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").all()
    database.close()
    assert ("half",) not in names


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        Database(url)
