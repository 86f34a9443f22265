"""Events are handled once each, poison never blocks, and nothing is lost on the way."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import logged
import pytest
from sample_tables import Plant
from sqlmodel import select

from chassis.cloudevent import to_json
from chassis.consumer import UNAVAILABLE_PAUSES_S, EventConsumer, Handler, TwoPhaseHandler
from chassis.database import Database
from chassis.errors import GreenchainError, Kind, Unauthenticated, Unavailable
from chassis.eventlog import FencedConsumer, LogRecord, TopicSpec
from chassis.eventlog.local import LocalEventLog
from chassis.eventlog.local_consumer import LocalConsumer
from chassis.events import Event
from chassis.messaging import InboxRow
from chassis.unit_of_work import SqlUnitOfWork

MakeEvent = Callable[..., Event]
TOPIC, DEAD = "supplier.grant", "sample.dead-letter"
GIVEN = "greenchain.grant.given.v1"


class Refused(GreenchainError):
    code = "test.refused"
    kind = Kind.INVALID
    en = "refused"
    zh = "拒绝"


class Conflicting(GreenchainError):
    code = "test.conflict"
    kind = Kind.CONFLICT
    en = "conflict"
    zh = "冲突"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db", session_s=2.0)
    opened.create_topics([TopicSpec(TOPIC, 1, None), TopicSpec(DEAD, 1, None)])
    yield opened
    opened.close()


def append(log: LocalEventLog, *events: Event) -> None:
    for event in events:
        log.append(event.topic, event.key, to_json(event))


def add_plant(event: Event, uow: SqlUnitOfWork) -> None:
    uow.session.add(Plant(id=event.id, name=event.aggregate_id))


def consumer_of(
    log: LocalEventLog, database: Database, handler: Handler, **options: object
) -> EventConsumer:
    usual: dict[str, object] = {
        "topics": [TOPIC],
        "unavailable_pauses_s": (0.01,) * 4,
        "error_pauses_s": (0.01,),
    }
    return EventConsumer(
        log,
        "sample",
        handlers={GIVEN: handler},
        database=database,
        dead_letter_topic=DEAD,
        **{**usual, **options},  # type: ignore[arg-type]
    )


def run(
    log: LocalEventLog, database: Database, handler: Handler = add_plant, **options: object
) -> None:
    """Let a consumer handle all that is in the log."""
    consumer = consumer_of(log, database, handler, **options)
    consumer.start()
    # The group exists once the consumer has joined.
    end = time.monotonic() + 20
    time.sleep(0.1)
    while log.lag("sample", [TOPIC]) and time.monotonic() < end:
        time.sleep(0.02)
    consumer.stop()
    assert log.lag("sample", [TOPIC]) == 0


def plants(database: Database) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for tenant in ("t-1", "t-2", "t-9"):
        with database.tenant_session(tenant, read_only=True) as session:
            found += session.exec(select(Plant.id, Plant.tenant_id))
    return found


def dead_letters(log: LocalEventLog) -> list[LogRecord]:
    reader = log.consumer("reader", [DEAD])
    records = [*reader.poll(0.2, 100)]
    reader.close()
    return records


def reasons(log: LocalEventLog) -> list[str]:
    return [record.headers["dead-letter-reason"].decode() for record in dead_letters(log)]


def test_effects_belong_to_the_tenant_of_the_event(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    events = [make_event(tenant_id="t-1"), make_event(tenant_id="t-2", aggregate_id="g-2")]
    append(log, *events)
    run(log, database)
    assert sorted(plants(database)) == sorted((event.id, event.tenant_id) for event in events)


def test_a_duplicate_has_no_second_effect(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    event = make_event()
    seen: list[str] = []

    def count(event: Event, uow: SqlUnitOfWork) -> None:
        seen.append(event.id)

    append(log, event, event)
    run(log, database, count)
    append(log, event)
    run(log, database, count)
    assert seen == [event.id]


def test_a_crash_before_the_position_is_committed_has_no_second_effect(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = make_event()
    append(log, event)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    consumer = consumer_of(log, database, add_plant)
    with monkeypatch.context() as dying:
        dying.setattr(LocalConsumer, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            consumer.step()
    assert len(plants(database)) == 1
    run(log, database)
    assert len(plants(database)) == 1


def test_effects_and_inbox_row_are_written_together_or_not_at_all(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    def fail_after_writing(event: Event, uow: SqlUnitOfWork) -> None:
        add_plant(event, uow)
        uow.session.flush()
        raise Refused

    append(log, make_event())
    run(log, database, fail_after_writing)
    assert plants(database) == []
    with database.system_transaction(read_only=True) as session:
        assert session.exec(select(InboxRow)).all() == []


def test_types_without_a_handler_are_passed_over(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    append(log, make_event(type="greenchain.grant.revoked.v1"), make_event(type="other"))
    run(log, database)
    assert plants(database) == []
    assert dead_letters(log) == []


def test_poison_goes_to_the_dead_letters_and_the_rest_goes_on(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    def refuse_some(event: Event, uow: SqlUnitOfWork) -> None:
        if event.aggregate_id == "poison":
            raise Refused
        if event.aggregate_id == "bug":
            raise ZeroDivisionError
        add_plant(event, uow)

    good = [make_event(aggregate_id="good", aggregate_version=n) for n in (1, 2)]
    log.append(TOPIC, "x", b"not JSON")
    append(log, make_event(aggregate_id="poison"), good[0])
    append(log, make_event(type="greenchain.grant.given.v2"), make_event(aggregate_id="bug"))
    append(log, good[1])
    run(log, database, refuse_some)
    assert {plant for plant, _ in plants(database)} == {event.id for event in good}
    assert sorted(reasons(log)) == [
        "event.malformed",
        "event.version.unknown",
        "internal",
        "test.refused",
    ]


def test_what_is_invalid_is_not_tried_again(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    attempts: list[str] = []

    def refuse(event: Event, uow: SqlUnitOfWork) -> None:
        attempts.append(event.id)
        raise Refused

    append(log, make_event())
    run(log, database, refuse)
    assert len(attempts) == 1


def test_a_dead_letter_tells_where_it_was_and_why(log: LocalEventLog, database: Database) -> None:
    log.append(TOPIC, "k", b"{", {"trace": b"t"})
    run(log, database)
    (letter,) = dead_letters(log)
    headers = {name: value.decode() for name, value in letter.headers.items()}
    assert (letter.key, letter.value, headers["trace"]) == ("k", b"{", "t")
    assert headers["dead-letter-topic"] == TOPIC
    assert headers["dead-letter-partition"] == "0"
    assert headers["dead-letter-offset"] == "0"
    assert headers["dead-letter-group"] == "sample"
    assert "not a greenchain CloudEvent" in headers["dead-letter-error"]


def test_a_dead_letter_of_a_bug_does_not_leak_its_text(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    def leak(event: Event, uow: SqlUnitOfWork) -> None:
        raise RuntimeError("password=hunter2")

    append(log, make_event())
    run(log, database, leak)
    (letter,) = dead_letters(log)
    assert letter.headers["dead-letter-error"] == b"RuntimeError"


@pytest.mark.parametrize(("failures", "handled"), [(0, True), (4, True), (5, False)])
def test_what_is_unavailable_is_tried_again_a_bounded_number_of_times(
    log: LocalEventLog, database: Database, make_event: MakeEvent, failures: int, handled: bool
) -> None:
    attempts: list[int] = []

    def flaky(event: Event, uow: SqlUnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) <= failures:
            raise Unavailable(service="supplier")
        add_plant(event, uow)

    append(log, make_event())
    run(log, database, flaky)
    assert len(attempts) == min(failures, 4) + 1
    assert bool(plants(database)) is handled
    assert reasons(log) == ([] if handled else ["unavailable"])


def test_an_event_is_not_blamed_for_a_token_of_ours_that_was_refused(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    attempts: list[int] = []

    def fail_four_times(event: Event, uow: SqlUnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) <= 4:
            raise Unauthenticated(reason="unknown key")
        add_plant(event, uow)

    append(log, make_event())
    run(log, database, fail_four_times)
    assert len(plants(database)) == 1
    assert reasons(log) == []


def test_an_outage_of_less_than_an_hour_buries_nothing() -> None:
    assert sum(UNAVAILABLE_PAUSES_S) >= 3600


def test_a_conflict_is_tried_again(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    attempts: list[int] = []

    def conflict_once(event: Event, uow: SqlUnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise Conflicting
        add_plant(event, uow)

    append(log, make_event())
    run(log, database, conflict_once)
    assert len(plants(database)) == 1


def test_a_prepared_handler_holds_no_write_lock_while_it_prepares(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    def prepare(event: Event) -> str:
        # Another service that calls back into this one would write meanwhile.
        with SqlUnitOfWork(database, "t-9") as uow:
            uow.session.add(Plant(id=f"callback-{event.id}", name="x"))
            uow.commit()
        return f"prepared {event.id}"

    def apply(event: Event, prepared: str, uow: SqlUnitOfWork) -> None:
        uow.session.add(Plant(id=event.id, name=prepared))

    event = make_event()
    append(log, event, event)
    run(log, database, TwoPhaseHandler(prepare, apply))
    assert sorted(plants(database)) == sorted([(event.id, "t-1"), (f"callback-{event.id}", "t-9")])


def test_a_handled_event_is_not_prepared_again(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    prepared: list[str] = []
    handler = TwoPhaseHandler(
        prepare=lambda event: prepared.append(event.id), apply=lambda event, _, uow: None
    )
    event = make_event()
    append(log, event, event)
    run(log, database, handler)
    assert prepared == [event.id]


def test_stopping_in_the_middle_leaves_the_event_for_the_next_start(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    tried = threading.Event()

    def unavailable(event: Event, uow: SqlUnitOfWork) -> None:
        tried.set()
        raise Unavailable(service="supplier")

    append(log, make_event())
    consumer = consumer_of(log, database, unavailable, unavailable_pauses_s=(60.0,))
    consumer.start()
    assert tried.wait(10)
    started = time.monotonic()
    consumer.stop()
    assert time.monotonic() - started < 5
    assert log.lag("sample", [TOPIC]) == 1
    run(log, database)
    assert len(plants(database)) == 1


def test_events_of_one_aggregate_are_handled_in_order(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    seen: list[int] = []

    def note(event: Event, uow: SqlUnitOfWork) -> None:
        seen.append(event.aggregate_version)

    append(log, *[make_event(aggregate_version=n) for n in range(1, 61)])
    run(log, database, note)
    assert seen == list(range(1, 61))


def test_the_rest_of_a_lost_partition_is_left_to_its_new_reader(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handled: list[str] = []

    def note(event: Event) -> None:
        handled.append(event.id)

    def lose(consumer: LocalConsumer, records: object) -> None:
        raise FencedConsumer(group="sample", topic=TOPIC, partition=0)

    events = [make_event(aggregate_version=n) for n in (1, 2, 3)]
    append(log, *events)
    monkeypatch.setattr("chassis.consumer._REMAIN_S", 0.0)
    monkeypatch.setattr(LocalConsumer, "remain", lose)
    monkeypatch.setattr(LocalConsumer, "commit", lose)
    one_by_one = TwoPhaseHandler(prepare=note, apply=lambda event, prepared, uow: None)
    consumer = consumer_of(log, database, one_by_one)
    consumer.step()
    consumer.finish()
    assert handled == [events[0].id]


@pytest.fixture
def wide(log: LocalEventLog) -> str:
    """Give a topic of several partitions."""
    log.create_topics([TopicSpec("sample.wide", 4, None)])
    return "sample.wide"


def test_what_a_poll_brought_is_committed_at_once(
    log: LocalEventLog,
    wide: str,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commits: list[int] = []
    original = LocalConsumer.commit

    def count(consumer: LocalConsumer, records: Sequence[LogRecord]) -> None:
        commits.append(len(records))
        original(consumer, records)

    append(log, *[make_event(topic=wide, aggregate_id=f"g-{n}") for n in range(8)])
    monkeypatch.setattr(LocalConsumer, "commit", count)
    consumer = consumer_of(log, database, add_plant, topics=[wide])
    consumer.step()
    consumer.finish()
    assert commits == [8]


def test_a_partition_that_is_lost_does_not_keep_the_others_from_being_committed(
    log: LocalEventLog,
    wide: str,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = LocalConsumer.commit

    def lose_first(consumer: LocalConsumer, records: Sequence[LogRecord]) -> None:
        if any(record.partition == 0 for record in records):
            raise FencedConsumer(group="sample", topic=wide, partition=0)
        original(consumer, records)

    events = [make_event(topic=wide, aggregate_id=f"g-{n}") for n in range(12)]
    places = [log.append(event.topic, event.key, to_json(event)) for event in events]
    monkeypatch.setattr(LocalConsumer, "commit", lose_first)
    consumer = consumer_of(log, database, add_plant, topics=[wide])
    consumer.step()
    consumer.finish()
    in_lost = sum(place.partition == 0 for place in places)
    assert 0 < in_lost < len(events)
    assert log.lag("sample", [wide]) == in_lost


def test_events_of_a_tenant_share_a_transaction(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committed: list[str] = []
    original = SqlUnitOfWork.commit

    def note(uow: SqlUnitOfWork) -> None:
        committed.append(uow.tenant_id)
        original(uow)

    append(log, *[make_event(tenant_id=f"t-{1 + n % 2}") for n in range(6)])
    monkeypatch.setattr(SqlUnitOfWork, "commit", note)
    run(log, database)
    assert sorted(committed) == ["t-1", "t-2"]
    assert len(plants(database)) == 6


def test_if_one_of_a_tenants_events_fails_the_others_have_their_effects_once(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    def refuse_some(event: Event, uow: SqlUnitOfWork) -> None:
        add_plant(event, uow)
        if event.aggregate_id == "bad":
            raise Conflicting

    good = [make_event(aggregate_id=f"g-{n}") for n in range(4)]
    append(log, *good[:2], make_event(aggregate_id="bad"), *good[2:])
    run(log, database, refuse_some)
    assert sorted(plants(database)) == sorted((event.id, "t-1") for event in good)
    assert reasons(log) == ["test.conflict"]


def test_an_event_that_comes_twice_in_one_poll_has_one_effect(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    event = make_event()
    append(log, event, make_event(aggregate_id="g-2"), event)
    run(log, database)
    assert len(plants(database)) == 2
    assert dead_letters(log) == []


def test_stopping_between_tenants_leaves_the_rest_for_the_next_start(
    log: LocalEventLog, database: Database, make_event: MakeEvent
) -> None:
    consumers: list[EventConsumer] = []

    def add_and_stop(event: Event, uow: SqlUnitOfWork) -> None:
        add_plant(event, uow)
        consumers[0].stop()

    append(log, make_event(tenant_id="t-1"), make_event(tenant_id="t-2"))
    consumers.append(consumer_of(log, database, add_and_stop))
    consumers[0].step()
    consumers[0].finish()
    assert [tenant for _, tenant in plants(database)] == ["t-1"]
    assert log.lag("sample", [TOPIC]) == 1
    run(log, database)
    assert [tenant for _, tenant in plants(database)] == ["t-1", "t-2"]


def test_what_was_handled_before_a_failure_is_committed(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError("log is down")

    append(log, make_event())
    log.append(TOPIC, "k", b"poison")
    monkeypatch.setattr(log, "append", refuse)
    consumer = consumer_of(log, database, add_plant)
    with pytest.raises(OSError, match="log is down"):
        consumer.step()
    assert log.lag("sample", [TOPIC]) == 1


def test_a_member_remains_while_it_waits_to_try_again(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[list[str]] = []

    def note(consumer: LocalConsumer, records: Sequence[LogRecord]) -> None:
        told.append([record.key for record in records])

    def unavailable(event: Event, uow: SqlUnitOfWork) -> None:
        raise Unavailable(service="supplier")

    append(log, make_event(aggregate_id="g-1"))
    monkeypatch.setattr("chassis.consumer._REMAIN_S", 0.05)
    monkeypatch.setattr(LocalConsumer, "remain", note)
    run(log, database, unavailable, unavailable_pauses_s=(1.0,))
    assert len(told) >= 3
    assert told[0] == ["g-1"]


def test_who_waits_for_a_partition_that_is_lost_goes_on_with_the_others(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lose(consumer: LocalConsumer, records: Sequence[LogRecord]) -> None:
        raise FencedConsumer(group="sample", topic=TOPIC, partition=0)

    def unavailable(event: Event, uow: SqlUnitOfWork) -> None:
        raise Unavailable(service="supplier")

    append(log, make_event())
    monkeypatch.setattr("chassis.consumer._REMAIN_S", 0.05)
    monkeypatch.setattr(LocalConsumer, "remain", lose)
    consumer = consumer_of(log, database, unavailable, unavailable_pauses_s=(3600.0,))
    consumer.step()
    consumer.finish()
    assert log.lag("sample", [TOPIC]) == 1


def test_an_outage_is_told_of_once_and_without_a_traceback(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempts: list[int] = []

    def flaky(event: Event, uow: SqlUnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) <= 4:
            raise Unavailable(service="database")

    append(log, make_event())
    caplog.set_level("WARNING")
    run(log, database, flaky)
    assert logged.events(caplog) == ["event waits"]
    assert caplog.records[0].exc_info is None


def test_a_log_that_fails_loses_no_record(
    log: LocalEventLog,
    database: Database,
    make_event: MakeEvent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fail = iter([True, False, True])

    def flaky_append(*arguments: object) -> None:
        if next(fail, False):
            raise OSError("log is down")
        original(*arguments)  # type: ignore[arg-type]

    original = log.append
    log.append(TOPIC, "k", b"poison 1")
    append(log, make_event())
    log.append(TOPIC, "k", b"poison 2")
    monkeypatch.setattr(log, "append", flaky_append)
    monkeypatch.setattr(EventConsumer, "PAUSE_AFTER_ERROR_S", 0.05)
    run(log, database)
    assert len(plants(database)) == 1
    assert [letter.value for letter in dead_letters(log)] == [b"poison 1", b"poison 2"]
