"""The relay loses nothing, keeps the order per key, and sends promptly."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_log import ScriptedLog
from sqlmodel import select

from chassis.clock import FixedClock, new_id
from chassis.cloudevent import from_json
from chassis.database import Database, migrate
from chassis.errors import Unauthenticated, Unavailable
from chassis.eventlog import NewRecord, Position
from chassis.events import Event
from chassis.messaging import OutboxRow
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork

MakeEvent = Callable[..., Event]
MIGRATIONS = Path(__file__).parents[1] / "sample_migrations"


def publish(database: Database, *events: Event) -> None:
    with SqlUnitOfWork(database, "t-1") as uow:
        for event in events:
            uow.publish(event)
        uow.commit()


def rows(database: Database) -> list[OutboxRow]:
    with database.system_transaction(read_only=True) as session:
        return list(session.exec(select(OutboxRow).order_by("sequence")))


def sent_ids(log: ScriptedLog) -> list[str]:
    return [from_json(record.value, record.topic).id for record in log.records]


def test_committed_events_are_sent_and_marked(database: Database, make_event: MakeEvent) -> None:
    events = [make_event(aggregate_version=n) for n in range(1, 4)]
    publish(database, *events)
    log = ScriptedLog()
    Relay("sample", database, log).send_unsent()
    assert sent_ids(log) == [event.id for event in events]
    assert [(row.position, row.sent_at is not None) for row in rows(database)] == [
        (0, True),
        (1, True),
        (2, True),
    ]


def test_keys_go_together_and_rows_of_one_key_one_after_the_other(
    database: Database, make_event: MakeEvent
) -> None:
    order = [("a", 1), ("a", 2), ("b", 1), ("c", 1), ("a", 3), ("b", 2)]
    publish(database, *[make_event(aggregate_id=k, aggregate_version=n) for k, n in order])
    log = ScriptedLog()
    Relay("sample", database, log).send_unsent()
    assert log.waves == [["a", "b", "c"], ["a", "b"], ["a"]]


def test_an_outage_of_the_log_is_the_fault_of_no_row(
    database: Database, make_event: MakeEvent
) -> None:
    events = [make_event(aggregate_id=key) for key in ("a", "b", "c")]
    publish(database, *events)
    log = ScriptedLog()

    def down_from_the_second_on(topic: str, key: str, value: bytes) -> None:
        if key != "a":
            raise Unavailable(service="event log")

    log.before = down_from_the_second_on
    with pytest.raises(Unavailable):
        Relay("sample", database, log).send_unsent()
    assert [(row.attempts, row.sent_at is not None) for row in rows(database)] == [
        (0, True),
        (0, False),
        (0, False),
    ]


def test_a_log_that_does_not_let_us_in_is_the_fault_of_no_row(
    database: Database, make_event: MakeEvent
) -> None:
    class Closed(ScriptedLog):
        def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
            raise Unauthenticated(reason="login refused")

    publish(database, make_event(aggregate_id="a"), make_event(aggregate_id="b"))
    with pytest.raises(Unauthenticated):
        Relay("sample", database, Closed()).send_unsent()
    assert [(row.attempts, row.last_error, row.sent_at) for row in rows(database)] == [
        (0, None, None),
        (0, None, None),
    ]


def test_nothing_is_sent_twice_without_need(database: Database, make_event: MakeEvent) -> None:
    publish(database, make_event())
    log = ScriptedLog()
    relay = Relay("sample", database, log)
    relay.send_unsent()
    relay.send_unsent()
    assert len(log.records) == 1


def test_a_crash_between_ack_and_mark_sends_again(
    database: Database, make_event: MakeEvent
) -> None:
    event = make_event()
    publish(database, event)
    log = ScriptedLog()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    log.after = die
    with pytest.raises(Killed):
        Relay("sample", database, log).send_unsent()
    log.after = lambda *_: None
    lease_is_over = FixedClock(datetime.now(UTC) + timedelta(minutes=1))
    Relay("sample", database, log, clock=lease_is_over).send_unsent()
    assert sent_ids(log) == [event.id, event.id]


def test_a_failing_row_holds_up_its_own_key_only(database: Database, make_event: MakeEvent) -> None:
    stuck = [make_event(aggregate_id="stuck", aggregate_version=n) for n in (1, 2)]
    free = [make_event(aggregate_id="free", aggregate_version=n) for n in (1, 2)]
    publish(database, stuck[0], free[0], stuck[1], free[1])
    log = ScriptedLog()

    def refuse(topic: str, key: str, value: bytes) -> None:
        if stuck[0].id.encode() in value:
            raise OSError("too large")

    log.before = refuse
    relay = Relay("sample", database, log)
    relay.send_unsent()
    assert sent_ids(log) == [event.id for event in free]
    failed = rows(database)[0]
    assert (failed.attempts, failed.last_error) == (1, "OSError: too large")
    log.before = lambda *_: None
    relay.send_unsent()
    assert sent_ids(log)[2:] == [event.id for event in stuck]


def test_many_rows_behind_a_stuck_key_do_not_hide_other_keys(
    database: Database, make_event: MakeEvent
) -> None:
    stuck = [make_event(aggregate_id="stuck", aggregate_version=n) for n in range(1, 251)]
    last = make_event(aggregate_id="free")
    publish(database, *stuck, last)
    log = ScriptedLog()

    def refuse(topic: str, key: str, value: bytes) -> None:
        if key == "stuck":
            raise OSError("refused")

    log.before = refuse
    Relay("sample", database, log).send_unsent()
    assert sent_ids(log) == [last.id]


def test_a_row_that_commits_late_with_a_low_number_is_sent(
    database: Database, make_event: MakeEvent
) -> None:
    late, early = make_event(aggregate_id="late"), make_event(aggregate_id="early")
    publish(database, late, early)
    log = ScriptedLog()
    with database.system_transaction() as session:
        row = session.exec(select(OutboxRow).where(OutboxRow.event_id == late.id)).one()
        held_back = row.model_dump()
        session.delete(row)
    relay = Relay("sample", database, log)
    relay.send_unsent()
    with database.system_transaction() as session:
        session.add(OutboxRow(**held_back))
    relay.send_unsent()
    assert sent_ids(log) == [early.id, late.id]


def test_a_row_that_commits_late_is_not_overtaken_by_a_later_one_of_its_key(
    database: Database, make_event: MakeEvent
) -> None:
    first, second = (make_event(aggregate_id="late", aggregate_version=n) for n in (1, 2))
    meanwhile = make_event(aggregate_id="early")
    publish(database, first, meanwhile)
    log = ScriptedLog()
    with database.system_transaction() as session:
        row = session.exec(select(OutboxRow).where(OutboxRow.event_id == first.id)).one()
        held_back = row.model_dump()
        session.delete(row)

    def commit(topic: str, key: str, value: bytes) -> None:
        if key == "early":
            with database.system_transaction() as session:
                session.add(OutboxRow(**held_back))
            publish(database, second)

    log.before = commit
    relay = Relay("sample", database, log)
    relay.send_unsent()
    relay.send_unsent()
    assert sent_ids(log) == [meanwhile.id, first.id, second.id]


def test_one_relay_at_a_time_sends(database: Database, make_event: MakeEvent) -> None:
    publish(database, make_event(aggregate_id="a"))
    log = ScriptedLog()
    first, second = (Relay("sample", database, log) for _ in range(2))
    first.send_unsent()
    publish(database, make_event(aggregate_id="b"))
    second.send_unsent()
    assert len(log.records) == 1
    first.finish()
    second.send_unsent()
    assert len(log.records) == 2


def test_a_dead_relays_lease_runs_out(database: Database, make_event: MakeEvent) -> None:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    publish(database, make_event())
    log = ScriptedLog()
    Relay("sample", database, log, clock=clock, lease_s=10).send_unsent()
    publish(database, make_event())
    survivor = Relay("sample", database, log, clock=clock, lease_s=10)
    survivor.send_unsent()
    assert len(log.records) == 1
    clock.advance(timedelta(seconds=11))
    survivor.send_unsent()
    assert len(log.records) == 2


def test_a_clock_set_back_does_not_make_a_dead_relays_lease_last(
    database: Database, make_event: MakeEvent
) -> None:
    clock = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
    Relay("sample", database, ScriptedLog(), clock=clock, lease_s=10).step()
    clock.advance(timedelta(days=-1))
    publish(database, make_event())
    log = ScriptedLog()
    Relay("sample", database, log, clock=clock, lease_s=10).send_unsent()
    assert len(log.records) == 1


def test_a_running_relay_is_prompt_and_stops(database: Database, make_event: MakeEvent) -> None:
    log = ScriptedLog()
    relay = Relay("sample", database, log, poll_s=30.0)
    relay.start()
    time.sleep(0.2)
    started = time.monotonic()
    publish(database, make_event())
    while not log.records and time.monotonic() - started < 10:
        time.sleep(0.01)
    assert time.monotonic() - started < 5
    relay.stop()
    assert time.monotonic() - started < 10


def test_a_running_relay_survives_a_log_that_is_down(
    database: Database, make_event: MakeEvent
) -> None:
    log = ScriptedLog()
    down = [True]

    def refuse(*_: object) -> None:
        if down[0]:
            raise OSError("down")

    log.before = refuse
    relay = Relay("sample", database, log, poll_s=0.05)
    relay.start()
    publish(database, make_event())
    time.sleep(0.3)
    down[0] = False
    end = time.monotonic() + 10
    while not log.records and time.monotonic() < end:
        time.sleep(0.02)
    relay.stop()
    assert len(log.records) == 1


keys_and_failures = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.booleans()), max_size=12
)


@settings(max_examples=25, deadline=None)
@given(keys_and_failures)
def test_whatever_fails_each_key_keeps_its_order_and_loses_nothing(
    plan: list[tuple[str, int, bool]],
) -> None:
    """Each event fails some times, before the log has it or after it (the ack is lost)."""
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/sample.db")
        migrate(database, MIGRATIONS)
        left: dict[str, int] = {}
        after_append: dict[str, bool] = {}
        versions: dict[str, int] = defaultdict(int)
        expected: dict[str, list[str]] = defaultdict(list)
        for key, failures, ack_is_lost in plan:
            versions[key] += 1
            event = Event(
                id=new_id(),
                type="greenchain.grant.given.v1",
                topic="supplier.grant",
                source="/services/supplier",
                aggregate_id=key,
                aggregate_version=versions[key],
                tenant_id="t-1",
                time=datetime(2026, 3, 1, tzinfo=UTC),
                data={},
            )
            left[event.id], after_append[event.id] = failures, ack_is_lost
            expected[key].append(event.id)
            publish(database, event)
        log = ScriptedLog()

        def fail(value: bytes, when_appended: bool) -> None:
            event_id = from_json(value, "supplier.grant").id
            if after_append[event_id] is when_appended and left[event_id] > 0:
                left[event_id] -= 1
                raise OSError("planned")

        log.before = lambda topic, key, value: fail(value, False)
        log.after = lambda topic, key, value: fail(value, True)
        relay = Relay("sample", database, log)
        for _ in range(40):
            relay.send_unsent()
        database.close()
        for key, ids in expected.items():
            arrived = [
                from_json(record.value, record.topic).id
                for record in log.records
                if record.key == key
            ]
            # Duplicates stand beside their original: without them the order is that of publishing.
            assert list(dict.fromkeys(arrived)) == ids
            assert arrived == sorted(arrived, key=ids.index)
