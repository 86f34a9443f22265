"""An event log that is lost is filled again from the outboxes; nothing happens twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sample_tables import Plant
from sqlmodel import col, select, update

from chassis.consumer import EventConsumer
from chassis.database import Database
from chassis.eventlog import EventLog, TopicSpec
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.messaging import OutboxRow
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork

TOPIC, DEAD, TENANT = "supplier.grant", "sample.dead-letter", "t-1"


@contextmanager
def opened(path: Path) -> Iterator[EventLog]:
    log = LocalEventLog(path)
    log.create_topics([TopicSpec(TOPIC, 1, None), TopicSpec(DEAD, 1, None)])
    yield log
    log.close()


def add_plant(event: Event, uow: SqlUnitOfWork) -> None:
    uow.session.add(Plant(id=event.id, name=event.aggregate_id))


def send_all(log: EventLog, database: Database) -> None:
    relay = Relay("sample", database, log)
    relay.send_unsent()
    relay.finish()


def handle_all(log: EventLog, database: Database, type_: str) -> None:
    consumer = EventConsumer(log, "sample", [TOPIC], {type_: add_plant}, database, DEAD)
    consumer.step()
    consumer.finish()
    assert log.lag("sample", [TOPIC]) == 0


def test_what_was_handled_before_is_recognised_and_what_was_not_is_handled(
    database: Database, make_event: Callable[..., Event], tmp_path: Path
) -> None:
    events = [make_event(aggregate_version=version) for version in (1, 2, 3)]
    *handled, unhandled = events

    def publish(event: Event) -> None:
        with SqlUnitOfWork(database, TENANT) as uow:
            uow.publish(event)
            uow.commit()

    with opened(tmp_path / "events.db") as log:
        for event in handled:
            publish(event)
        send_all(log, database)
        handle_all(log, database, events[0].type)
        publish(unhandled)
        send_all(log, database)

    with opened(tmp_path / "another.db") as log:
        # As docs/operating.md says.
        with database.system_transaction() as session:
            session.exec(update(OutboxRow).values(sent_at=None))
        send_all(log, database)
        handle_all(log, database, events[0].type)

    with SqlUnitOfWork(database, TENANT, read_only=True) as uow:
        plants = uow.session.exec(select(Plant).order_by(col(Plant.id))).all()
    assert [plant.id for plant in plants] == sorted(event.id for event in events)
