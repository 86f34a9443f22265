"""What is peculiar to PostgreSQL: roles, the wall between tenants, a server that goes away."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sample_tables import Plant
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, select
from tests.databases import FreshDatabase, PostgresDatabases, opened

from chassis import postgresql
from chassis.clock import SystemClock
from chassis.database import (
    Database,
    NotTheOwner,
    SchemaNotMigrated,
    TooMighty,
    UnknownSchema,
    migrate,
    migrate_at,
    prepare,
)
from chassis.errors import Collision, Unavailable
from chassis.events import Event
from chassis.leases import Lease
from chassis.messaging import OutboxRow
from chassis.postgresql import DatabaseRefused, TextNotStorable
from chassis.unit_of_work import SqlUnitOfWork
from greenchain_postgres.server import PostgresServer

MIGRATIONS = Path(__file__).parents[1] / "sample_migrations"
OURS, THEIRS = "t-ours", "t-theirs"


@pytest.fixture(scope="session")
def on_postgres(postgres: PostgresServer) -> PostgresDatabases:
    return PostgresDatabases(postgres)


@pytest.fixture
def fresh(on_postgres: PostgresDatabases) -> Iterator[FreshDatabase]:
    made = on_postgres.make(MIGRATIONS)
    for tenant in (OURS, THEIRS):
        add(made.database, tenant, f"p-{tenant}")
    yield made
    made.close()


def add(database: Database, tenant: str, plant: str) -> None:
    with database.tenant_session(tenant) as session:
        session.add(Plant(id=plant, name="x"))
        session.commit()


def seen(connection: Session) -> list[str]:
    """Return which plants SQL that nobody has filtered sees."""
    return [plant for (plant,) in connection.connection().execute(text("SELECT id FROM plant"))]


def as_tenant(session: Session, tenant: str) -> None:
    postgresql.enter_tenant(session.connection(), tenant, writes=False)


# ---------------------------------------------------------------------- the wall between tenants


def test_unfiltered_sql_sees_the_rows_of_the_transactions_tenant_alone(
    database: Database,
) -> None:
    with database.system_transaction() as session:
        as_tenant(session, OURS)
        assert seen(session) == [f"p-{OURS}"]


def test_without_a_tenant_nothing_is_seen(database: Database) -> None:
    with database.system_transaction() as session:
        assert seen(session) == []


def test_the_tenant_does_not_outlive_its_transaction(database: Database) -> None:
    for _ in range(postgresql.POOL_SIZE):
        with database.system_transaction() as session:
            as_tenant(session, OURS)
    with database.system_transaction() as session:
        assert seen(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO plant (tenant_id, id, name) VALUES (:theirs, 'p-new', 'x')",
        "UPDATE plant SET tenant_id = :theirs",
    ],
)
def test_rows_of_another_tenant_cannot_be_written(database: Database, statement: str) -> None:
    with database.system_transaction() as session:
        as_tenant(session, OURS)
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            session.connection().begin_nested() as attempt,
        ):
            attempt.connection.execute(text(statement), {"theirs": THEIRS})


@pytest.mark.parametrize("statement", ["UPDATE plant SET name = 'y'", "DELETE FROM plant"])
def test_rows_of_another_tenant_cannot_be_changed(
    database: Database, everything: Database, statement: str
) -> None:
    with database.system_transaction() as session:
        as_tenant(session, OURS)
        session.connection().execute(text(statement))
    with everything.system_transaction() as session:
        assert f"p-{THEIRS}" in seen(session)


def test_the_wall_stands_before_the_owner_too(
    fresh: FreshDatabase, postgres: PostgresServer
) -> None:
    name = fresh.database.engine.url.database
    assert name is not None
    with opened(postgres.url("sample_owner", name)) as owner, owner.system_transaction() as session:
        assert seen(session) == []


def test_an_object_of_another_tenant_is_not_refreshed_past_the_wall(database: Database) -> None:
    with database.tenant_session(OURS) as session:
        with session.as_tenant(THEIRS):
            assert [plant.id for plant in session.exec(select(Plant))] == [f"p-{THEIRS}"]
        assert [plant.id for plant in session.exec(select(Plant))] == [f"p-{OURS}"]


# ------------------------------------------------------------------------------------- the schema


def test_a_service_does_not_start_on_a_schema_that_nobody_migrated(
    on_postgres: PostgresDatabases,
) -> None:
    url, owner_url = on_postgres.make_unmigrated()
    with opened(url) as database:
        with pytest.raises(SchemaNotMigrated, match="migrate"):
            prepare(database, MIGRATIONS)
        assert migrate_at(owner_url, MIGRATIONS) == "sample_0002"
        prepare(database, MIGRATIONS)


def test_an_old_release_does_not_start_on_what_a_later_one_has_migrated(
    on_postgres: PostgresDatabases,
) -> None:
    url, owner_url = on_postgres.make_unmigrated()
    migrate_at(owner_url, MIGRATIONS)
    with opened(owner_url) as owner, owner.system_transaction() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with opened(url) as database, pytest.raises(UnknownSchema, match="9999"):
        prepare(database, MIGRATIONS)


def test_a_service_does_not_start_as_the_owner_nor_as_an_administrator(
    on_postgres: PostgresDatabases, postgres: PostgresServer
) -> None:
    url, owner_url = on_postgres.make_unmigrated()
    migrate_at(owner_url, MIGRATIONS)
    for mighty in (owner_url, postgres.url(database=url.rpartition("/")[2].partition("?")[0])):
        with opened(mighty) as database, pytest.raises(TooMighty, match="owns nothing"):
            prepare(database, MIGRATIONS)


def test_the_database_of_another_service_is_refused(
    on_postgres: PostgresDatabases, tmp_path: Path
) -> None:
    url, owner_url = on_postgres.make_unmigrated()
    migrate_at(owner_url, MIGRATIONS)
    others = tmp_path / "versions"
    others.mkdir()
    (others / "0001_first.py").write_text(
        "revision = '0001'\ndown_revision = None\n\ndef upgrade():\n    pass\n"
    )
    with opened(url) as database, pytest.raises(UnknownSchema, match="another service"):
        prepare(database, tmp_path)
    with pytest.raises(UnknownSchema, match="another service"):
        migrate_at(owner_url, tmp_path)


def test_a_service_cannot_migrate(on_postgres: PostgresDatabases) -> None:
    url, _ = on_postgres.make_unmigrated()
    with opened(url) as database, pytest.raises(ProgrammingError, match="permission denied"):
        migrate(database, MIGRATIONS)


def test_who_migrates_with_another_role_than_the_owner_is_told_so(
    on_postgres: PostgresDatabases,
) -> None:
    url, _ = on_postgres.make_unmigrated()
    with pytest.raises(NotTheOwner, match="sample"):
        migrate_at(url, MIGRATIONS)


def test_migrations_at_once_do_not_collide(on_postgres: PostgresDatabases) -> None:
    _, owner_url = on_postgres.make_unmigrated()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(migrate_at, [owner_url] * 4, [MIGRATIONS] * 4)) == {"sample_0002"}


def test_numbers_of_events_go_on_beyond_what_an_integer_holds(
    fresh: FreshDatabase, make_event: Callable[..., Event]
) -> None:
    with fresh.everything.engine.begin() as connection:
        connection.execute(text("SELECT setval('outbox_sequence_seq', 2147483647)"))
    with SqlUnitOfWork(fresh.database, OURS) as uow:
        uow.publish(make_event(tenant_id=OURS))
        uow.commit()
    with fresh.database.system_transaction() as session:
        (row,) = session.exec(select(OutboxRow))
        row.position = 2**40


def test_a_database_with_rows_is_migrated_with_them(on_postgres: PostgresDatabases) -> None:
    _, owner_url = on_postgres.make_unmigrated()
    with opened(owner_url) as owner:
        migrate(owner, MIGRATIONS, to="0001")
        with owner.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO plant (tenant_id, id, name) VALUES (:t, 'p', 'x')"), {"t": OURS}
            )
        migrate(owner, MIGRATIONS)
        with owner.tenant_session(OURS) as session:
            assert [plant.id for plant in session.exec(select(Plant))] == ["p"]


# ------------------------------------------------------------------------------- many at one time


def test_a_writer_waits_for_another_one_of_its_tenant_and_for_no_other(database: Database) -> None:
    done: dict[str, float] = {}

    def write(tenant: str) -> None:
        add(database, tenant, f"p2-{tenant}")
        done[tenant] = time.monotonic()

    with database.tenant_session(OURS) as session:
        session.exec(select(Plant)).all()
        threads = [threading.Thread(target=write, args=(tenant,)) for tenant in (OURS, THEIRS)]
        for thread in threads:
            thread.start()
        threads[1].join(20)
        assert set(done) == {THEIRS}
        session.commit()
    threads[0].join(20)
    assert set(done) == {OURS, THEIRS}


def test_a_deadlock_of_two_tenants_ends_one_of_the_two_as_a_collision(database: Database) -> None:
    both_inside = threading.Barrier(2)

    def cross(home: str, other: str) -> bool:
        with database.tenant_session(home) as session:
            session.exec(select(Plant)).all()
            both_inside.wait(20)
            try:
                with session.as_tenant(other):
                    session.exec(select(Plant)).all()
            except Collision:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(cross, (OURS, THEIRS), (THEIRS, OURS)))
    assert ended == [False, True]


def with_setting(database: Database, setting: str) -> str:
    url = database.engine.url.update_query_dict({"options": f"-c {setting}"})
    return url.render_as_string(hide_password=False)


def test_a_writer_that_waits_too_long_is_unavailable(database: Database) -> None:
    with (
        opened(with_setting(database, "lock_timeout=100ms")) as impatient,
        database.tenant_session(OURS) as session,
    ):
        session.exec(select(Plant)).all()
        with pytest.raises(Unavailable, match="database"):
            add(impatient, OURS, "p-late")


def test_who_is_cut_off_in_a_transaction_loses_its_tenants_lock(database: Database) -> None:
    setting = "idle_in_transaction_session_timeout=200ms"
    with (
        opened(with_setting(database, setting)) as cut_off,
        cut_off.tenant_session(OURS) as session,
    ):
        session.exec(select(Plant)).all()
        add(database, OURS, "p-next")
        with pytest.raises(Unavailable, match="database"):
            session.exec(select(Plant)).all()


def test_the_services_role_waits_and_rests_for_a_bounded_time(database: Database) -> None:
    with database.read_engine.begin() as connection:
        for setting, value in (
            ("lock_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "1min"),
        ):
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value


def test_of_two_that_want_a_lease_at_once_one_gets_it(database: Database) -> None:
    for n in range(10):
        start = threading.Barrier(4)

        def hold(lease: Lease, start: threading.Barrier = start) -> bool:
            start.wait(20)
            return lease.hold()

        leases = [Lease(database, f"job-{n}", SystemClock(), duration_s=60.0) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(hold, leases)) == 1


# ------------------------------------------------------------------------- a server that goes away


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with (
        opened(f"postgresql://sample@/sample?host={tmp_path}") as database,
        pytest.raises(Unavailable, match="database"),
        database.system_transaction() as session,
    ):
        session.connection()


def test_a_wrong_role_and_a_wrong_database_are_refused(postgres: PostgresServer) -> None:
    for url in (postgres.url("nobody", "postgres"), postgres.url(database="nowhere")):
        with (
            opened(url) as database,
            pytest.raises(DatabaseRefused, match=r"provision\.sql"),
            database.system_transaction() as session,
        ):
            session.connection()


def test_a_text_that_cannot_be_stored_is_its_senders_mistake(database: Database) -> None:
    with database.tenant_session(OURS) as session, pytest.raises(TextNotStorable):
        session.get(Plant, "a\0b")


def test_a_pool_without_a_free_connection_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "POOL_SIZE", 1)
    monkeypatch.setattr(postgresql, "WAIT_S", 0.05)
    with (
        opened(str(database.engine.url)) as small,
        small.engine.connect(),
        pytest.raises(Unavailable, match="database"),
    ):
        small.engine.connect()


def test_nobody_meets_a_connection_that_died_with_the_server() -> None:
    with (
        TemporaryDirectory(prefix="greenchain-postgres-") as directory,
        PostgresServer(Path(directory) / "data") as server,
        opened(server.url()) as database,
    ):
        for _ in range(2):
            with database.system_transaction() as session:
                assert session.connection().execute(text("SELECT 1")).scalar() == 1
            server.kill()
            server.start()
