from collections.abc import Callable

import pytest
from sample_tables import Plant
from sqlmodel import select

from chassis.cloudevent import from_json
from chassis.database import Database
from chassis.events import Event
from chassis.messaging import OutboxRow
from chassis.tenancy import ForeignTenant, NoTenant, ReadOnlySession
from chassis.unit_of_work import SqlUnitOfWork

MakeEvent = Callable[..., Event]


def outbox(database: Database) -> list[OutboxRow]:
    with database.system_transaction(read_only=True) as session:
        return list(session.exec(select(OutboxRow).order_by("sequence")))


def plants(database: Database) -> list[str]:
    found: list[str] = []
    for tenant in ("t-1", "t-2"):
        with database.tenant_session(tenant, read_only=True) as session:
            found += session.exec(select(Plant.id))
    return found


def test_rows_and_events_are_committed_together(database: Database, make_event: MakeEvent) -> None:
    event = make_event()
    with SqlUnitOfWork(database, "t-1") as uow:
        uow.session.add(Plant(id="p", name="x"))
        uow.publish(event)
        assert not database.outbox_written.is_set()
        uow.commit()
    assert plants(database) == ["p"]
    (row,) = outbox(database)
    assert from_json(row.value, row.topic) == event
    assert (row.key, row.sent_at) == (event.key, None)
    assert database.outbox_written.is_set()


def test_leaving_without_commit_forgets_rows_and_events(
    database: Database, make_event: MakeEvent
) -> None:
    with SqlUnitOfWork(database, "t-1") as uow:
        uow.session.add(Plant(id="p", name="x"))
        uow.publish(make_event())
    assert plants(database) == []
    assert outbox(database) == []
    assert not database.outbox_written.is_set()


def write_and_fail(database: Database, event: Event) -> None:
    with SqlUnitOfWork(database, "t-1") as uow:
        uow.session.add(Plant(id="p", name="x"))
        uow.publish(event)
        raise ZeroDivisionError


def test_an_error_forgets_rows_and_events(database: Database, make_event: MakeEvent) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database, make_event())
    assert plants(database) == []
    assert outbox(database) == []


def test_events_keep_the_order_of_publishing(database: Database, make_event: MakeEvent) -> None:
    events = [make_event(aggregate_version=n) for n in range(1, 6)]
    with SqlUnitOfWork(database, "t-1") as uow:
        for event in events:
            uow.publish(event)
        uow.commit()
    assert [row.event_id for row in outbox(database)] == [event.id for event in events]


def test_an_event_of_a_tenant_that_was_not_acted_for_is_refused(
    database: Database, make_event: MakeEvent
) -> None:
    with SqlUnitOfWork(database, "t-2") as uow, pytest.raises(ForeignTenant):
        uow.publish(make_event(tenant_id="t-1"))


def test_an_event_of_a_tenant_that_was_acted_for_is_published(
    database: Database, make_event: MakeEvent
) -> None:
    with SqlUnitOfWork(database, "t-2") as uow:
        with uow.as_tenant("t-1"):
            uow.session.add(Plant(id="p", name="granted"))
        uow.publish(make_event(tenant_id="t-1"))
        uow.commit()
    assert [row.tenant_id for row in outbox(database)] == ["t-1"]


def test_reading_only_writes_nothing(database: Database, make_event: MakeEvent) -> None:
    with SqlUnitOfWork(database, "t-1", read_only=True) as uow, pytest.raises(ReadOnlySession):
        uow.publish(make_event())


def test_a_unit_of_work_needs_a_tenant(database: Database) -> None:
    with pytest.raises(NoTenant):
        SqlUnitOfWork(database, "")


def test_the_session_exists_only_inside_the_block(database: Database) -> None:
    uow = SqlUnitOfWork(database, "t-1")
    with pytest.raises(RuntimeError, match="open"):
        _ = uow.session
