"""What both kinds of database have in common."""

import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy
from sample_tables import Meter, Plant, SampleRow
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql import literal
from sqlmodel import select

from chassis.database import Database, UtcDateTime, schema_differences
from chassis.messaging import MessagingBase


def test_the_migrated_schema_is_the_models_schema(database: Database) -> None:
    assert schema_differences(database, SampleRow.metadata, MessagingBase.metadata) == []


def test_a_missing_table_is_seen_as_a_difference(database: Database, everything: Database) -> None:
    with everything.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE stray")
    assert schema_differences(database, SampleRow.metadata, MessagingBase.metadata) != []


def test_a_mistake_in_a_statement_is_not_taken_for_an_outage(database: Database) -> None:
    with database.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql("SELECT * FROM nowhere")


def test_an_error_of_the_database_does_not_tell_the_values(database: Database) -> None:
    with database.tenant_session("t-1") as session:
        session.add_all(Plant(id="confidential", name="x") for _ in range(2))
        with pytest.raises(IntegrityError) as raised:
            session.flush()
    assert "confidential" not in "".join(traceback.format_exception(raised.value))


def test_writers_in_many_threads_wait_for_each_other(database: Database) -> None:
    with database.tenant_session("t") as session:
        session.add(Plant(id="p", name="0"))
        session.commit()

    def count_up(_: int) -> None:
        with database.tenant_session("t") as session:
            plant = session.get_one(Plant, "p")
            plant.name = str(int(plant.name) + 1)
            session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(64)))
    with database.tenant_session("t", read_only=True) as session:
        assert session.get_one(Plant, "p").name == "64"


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    done = threading.Event()

    def read() -> None:
        with database.tenant_session("t", read_only=True) as session:
            session.get(Plant, "p")
        done.set()

    with database.tenant_session("t") as session:
        session.add(Plant(id="p", name="x"))
        session.flush()
        reader = threading.Thread(target=read)
        reader.start()
        assert done.wait(5)
    reader.join()


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.tenant_session("t", read_only=True) as reader:
        assert reader.exec(select(Plant)).all() == []
        with database.tenant_session("t") as writer:
            writer.add(Plant(id="p", name="x"))
            writer.commit()
        assert reader.exec(select(Plant)).all() == []


def test_foreign_keys_are_enforced(database: Database) -> None:
    with database.tenant_session("t") as session:
        session.add(Meter(id="m", plant_id="none", kwh=1.0))
        with pytest.raises(IntegrityError):
            session.commit()


def test_other_databases_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Database("mysql://localhost/x")


def test_instants_come_back_aware_in_utc(database: Database) -> None:
    beijing = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    with database.read_engine.begin() as connection:
        stored = connection.scalar(sqlalchemy.select(literal(beijing, UtcDateTime)))
    assert stored == beijing
    assert stored.tzinfo is UTC


def test_naive_instants_are_refused(database: Database) -> None:
    with database.read_engine.begin() as connection, pytest.raises(Exception, match="aware"):
        connection.scalar(sqlalchemy.select(literal(datetime(2026, 3, 1), UtcDateTime)))
