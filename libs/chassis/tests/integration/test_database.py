import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sample_tables import Meter, Plant, SampleRow
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.sql import literal

from chassis import sqlite
from chassis.database import Database, UtcDateTime, migrate, schema_differences
from chassis.errors import Unavailable
from chassis.messaging import MessagingBase

MIGRATIONS = Path(__file__).parents[1] / "sample_migrations"


def test_the_migrated_schema_is_the_models_schema(database: Database) -> None:
    assert schema_differences(database, SampleRow.metadata, MessagingBase.metadata) == []


def test_a_missing_table_is_seen_as_a_difference(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE stray")
    assert schema_differences(database, SampleRow.metadata, MessagingBase.metadata) != []


def test_a_new_databases_files_are_its_owners_alone(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path}/new/sample.db")
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a TEXT)")
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").iterdir()}
    opened.close()
    assert set(modes.values()) == {0o600}


def test_a_database_that_stays_locked_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    impatient = Database(str(database.engine.url))
    with database.engine.begin(), pytest.raises(Unavailable, match="database"):
        impatient.engine.connect().begin()
    impatient.close()


def test_a_full_disk_is_unavailable(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(Unavailable, match="database"):
            connection.exec_driver_sql("INSERT INTO plant VALUES (?, 't-1', '1')", ("x" * 9000,))


def test_a_mistake_in_a_statement_is_not_taken_for_an_outage(database: Database) -> None:
    with database.engine.connect() as connection, pytest.raises(OperationalError):
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_what_was_committed_is_on_the_disk(database: Database) -> None:
    with database.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        # 2 is FULL: in WAL mode a lower one lets a power cut take back commits.
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_an_error_of_the_database_does_not_tell_the_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as raised, database.system_transaction() as session:
        session.add_all(Plant(id="1", tenant_id="t-1", name="confidential") for _ in range(2))
    assert "confidential" not in str(raised.value)


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


def test_writers_in_many_threads_wait_for_each_other(database: Database) -> None:
    with database.system_transaction() as session:
        session.add(Plant(id="p", name="0", tenant_id="t"))

    def count_up(_: int) -> None:
        with database.system_transaction() as session:
            plant = session.get_one(Plant, "p")
            plant.name = str(int(plant.name) + 1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(64)))
    with database.system_transaction(read_only=True) as session:
        assert session.get_one(Plant, "p").name == "64"


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    done = threading.Event()

    def read() -> None:
        with database.system_transaction(read_only=True) as session:
            session.get(Plant, "p")
        done.set()

    with database.system_transaction() as session:
        session.add(Plant(id="p", name="x", tenant_id="t"))
        session.flush()
        reader = threading.Thread(target=read)
        reader.start()
        assert done.wait(5)
    reader.join()


def add_meter_without_plant(database: Database) -> None:
    with database.system_transaction() as session:
        session.add(Meter(id="m", plant_id="none", kwh=1.0, tenant_id="t"))


def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        add_meter_without_plant(database)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        Database(url)


def test_other_databases_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Database("mysql://localhost/x")


def test_instants_come_back_aware_in_utc(database: Database) -> None:
    beijing = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    with database.read_engine.begin() as connection:
        stored = connection.scalar(select(literal(beijing, UtcDateTime)))
    assert stored == beijing
    assert stored.tzinfo is UTC


def test_naive_instants_are_refused(database: Database) -> None:
    with database.read_engine.begin() as connection, pytest.raises(Exception, match="aware"):
        connection.scalar(select(literal(datetime(2026, 3, 1), UtcDateTime)))
