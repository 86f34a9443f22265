"""What becomes of records, readers and logs when an Apache Kafka broker goes away."""

import io
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import pytest
from elsewhere import open_kafka, read
from eventlog_contract import Names

from chassis.clock import new_id
from chassis.consumer import EventConsumer, Handler
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.eventlog import NewRecord, Position, TopicSpec
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.kafka.cluster import REQUEST_S
from chassis.eventlog.kafka.sending import DELIVERY_S, METADATA_S
from chassis.events import Event
from chassis.logging import configure_logging
from chassis.outbox import Relay
from chassis.unit_of_work import SqlUnitOfWork
from chassis.workers import WorkerGroup
from greenchain_kafka.broker import Broker

pytestmark = pytest.mark.needs("kafka")

KEYS = 24
#: Reading and sending go on within this time after the broker serves again [s].
GAP_S = 10.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Give a broker that a test may kill, and has to start again."""
    with Broker(tmp_path_factory.mktemp("mortal-kafka")) as own:
        yield own


@pytest.fixture
def log(broker: Broker) -> Iterator[KafkaEventLog]:
    opened = open_kafka(broker.address)
    yield opened
    opened.close()


@pytest.fixture
def names(log: KafkaEventLog) -> Names:
    made = Names()
    log.create_topics(made.specs)
    return made


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Give what is logged as in production."""
    written = io.StringIO()
    configure_logging(development=False, stream=written)
    yield written
    configure_logging(development=True, level="ERROR")


@dataclass
class Traffic:
    """Sends a record of each key again and again, and reads them all.

    Attributes
    ----------
    sent
        What was acknowledged, by key, in order.
    read_at
        When something was read the last time.
    """

    log: KafkaEventLog
    names: Names
    sent: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    read_at: float = 0.0
    ending: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        work = (self._send, self._read)
        self.threads = [threading.Thread(target=each, daemon=True) for each in work]
        for thread in self.threads:
            thread.start()
        assert self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self) -> bool:
        """Tell whether something is read before the time is up."""
        now = time.monotonic()
        while self.read_at < now and time.monotonic() < now + GAP_S:
            time.sleep(0.05)
        return self.read_at >= now

    def _send(self) -> None:
        turn = 0
        while not self.ending.is_set():
            turn += 1
            records = [
                NewRecord(self.names.wide, f"k{n}", f"k{n}:{turn}".encode()) for n in range(KEYS)
            ]
            try:
                outcomes = self.log.append_each(records)
            except Unavailable:
                self.ending.wait(0.05)
                continue
            for record, outcome in zip(records, outcomes, strict=True):
                if isinstance(outcome, Position):
                    self.sent[record.key].append(record.value)

    def _read(self) -> None:
        consumer = self.log.consumer(new_id(), [self.names.wide])
        while not self.ending.is_set():
            if consumer.poll(0.2, 500):
                self.read_at = time.monotonic()
        consumer.close()


def in_the_log(log: KafkaEventLog, names: Names) -> dict[str, list[bytes]]:
    """Read everything anew."""
    count = log.lag(f"{names.group}-all", [names.wide])
    found: dict[str, list[bytes]] = defaultdict(list)
    for record in read(log.consumer(f"{names.group}-all", [names.wide]), count):
        found[record.key].append(record.value)
    return found


def test_what_was_acknowledged_outlives_a_killed_and_a_frozen_broker(
    broker: Broker, log: KafkaEventLog, names: Names
) -> None:
    with Traffic(log, names) as traffic:
        broker.freeze()
        time.sleep(4.0)
        broker.thaw()
        assert traffic.goes_on()
        broker.kill()
        broker.start()
        assert traffic.goes_on()
    assert len(traffic.sent) == KEYS
    for key, found in in_the_log(log, names).items():
        # What was not acknowledged may be there, too.
        acknowledged = traffic.sent[key]
        assert [value for value in found if value in set(acknowledged)] == acknowledged


def test_an_outage_is_told_of_once_and_its_end_once(
    broker: Broker, log: KafkaEventLog, names: Names, stream: io.StringIO
) -> None:
    others = [open_kafka(broker.address) for _ in range(2)]
    with Traffic(log, names) as traffic, Traffic(others[0], names):
        idle = [each.consumer(f"{names.group}-{n}", [names.wide]) for n, each in enumerate(others)]
        broker.kill()
        time.sleep(4.0)
        broker.start()
        assert traffic.goes_on()
        assert all(read(consumer, 1) for consumer in idle)
    for other in others:
        other.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines if line["logger"].startswith("chassis.eventlog")] == [
        "event log does not answer",
        "event log answers again",
    ]
    assert [line for line in lines if line["logger"].startswith("kafka")] == []
    assert [line for line in lines if "exception" in line] == []


def test_a_log_is_opened_and_closed_while_the_broker_is_down(broker: Broker) -> None:
    names = Names()
    broker.kill()
    started = time.monotonic()
    log = open_kafka(broker.address)
    try:
        with pytest.raises(Unavailable):
            log.create_topics(names.specs)
        with pytest.raises(Unavailable):
            log.append(names.narrow, "k", b"")
        with pytest.raises(Unavailable):
            log.consumer(names.group, [names.narrow])
        with pytest.raises(Unavailable):
            log.lag(names.group, [names.narrow])
        assert time.monotonic() - started < 5.0
    finally:
        broker.start()
    assert log.append(names.narrow, "k", b"").offset == 0
    log.close()


def test_members_leave_promptly_while_the_broker_is_down(
    broker: Broker, log: KafkaEventLog, names: Names
) -> None:
    consumers = [log.consumer(f"{names.group}-{n}", [names.wide]) for n in range(3)]
    log.append(names.wide, "k", b"")
    for consumer in consumers:
        read(consumer, 1)
    broker.kill()
    try:
        started = time.monotonic()
        log.close()
        assert time.monotonic() - started < 15.0
    finally:
        broker.start()


def test_members_leave_promptly_while_the_broker_is_frozen(
    broker: Broker, log: KafkaEventLog, names: Names
) -> None:
    log.append(names.wide, "k", b"")
    read(log.consumer(names.group, [names.wide]), 1)
    broker.freeze()
    try:
        started = time.monotonic()
        log.close()
        assert time.monotonic() - started < 15.0
    finally:
        broker.thaw()


def test_lag_is_not_waited_for_long_while_the_broker_is_frozen(
    broker: Broker, log: KafkaEventLog, names: Names
) -> None:
    log.append(names.wide, "k", b"")
    broker.freeze()
    try:
        started = time.monotonic()
        with pytest.raises(Unavailable):
            log.lag(names.group, [names.wide])
        assert time.monotonic() - started < 10.0
    finally:
        broker.thaw()
    assert log.lag(names.group, [names.wide]) == 1


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_relay_ends_in_the_middle_of_a_wave_to_a_silent_broker(
    broker: Broker,
    log: KafkaEventLog,
    names: Names,
    database: Database,
    make_event: Callable[..., Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sending = threading.Event()
    append_each = log.append_each

    def tell_and_append(records: Sequence[NewRecord]) -> list[Position | Exception]:
        sending.set()
        return append_each(records)

    log.append(names.wide, "k", b"")
    monkeypatch.setattr(log, "append_each", tell_and_append)
    relay = Relay("sample", database, log)
    broker.freeze()
    try:
        with SqlUnitOfWork(database, "t-1") as uow:
            for n in range(3):
                uow.publish(make_event(topic=names.wide, aggregate_id=f"k{n}"))
            uow.commit()
        relay.start()
        assert sending.wait(GAP_S)
        started = time.monotonic()
        relay.stop()
        assert time.monotonic() - started < DELIVERY_S + METADATA_S + REQUEST_S + GAP_S
    finally:
        broker.thaw()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_workers_start_wait_and_stop_while_the_broker_is_down(
    broker: Broker, database: Database, make_event: Callable[..., Event]
) -> None:
    topic, dead = f"{new_id()}.grant", f"{new_id()}.dead-letter"
    event = make_event(topic=topic)
    handled = threading.Event()
    handlers: dict[str, Handler] = {event.type: lambda event, uow: handled.set()}
    broker.kill()
    try:
        log = open_kafka(broker.address)
        with pytest.raises(Unavailable):
            log.create_topics([TopicSpec(topic, 2, None), TopicSpec(dead, 1, None)])
        workers = WorkerGroup(
            [
                Relay("sample", database, log),
                EventConsumer(log, new_id(), [topic], handlers, database, dead),
            ]
        )
        workers.start()
        with SqlUnitOfWork(database, "t-1") as uow:
            uow.publish(event)
            uow.commit()
        time.sleep(2.0)
        started = time.monotonic()
        workers.stop()
        assert time.monotonic() - started < 10.0
        workers.start()
    finally:
        broker.start()
    assert handled.wait(30.0)
    broker.kill()
    try:
        started = time.monotonic()
        workers.stop()
        log.close()
        assert time.monotonic() - started < 15.0
    finally:
        broker.start()
