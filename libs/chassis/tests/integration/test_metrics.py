"""What an operator can scrape."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from logged import events
from prometheus_client.parser import text_string_to_metric_families

from chassis.clock import new_id
from chassis.consumer import EventConsumer
from chassis.database import Database
from chassis.eventlog import EventLog, TopicSpec
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.http_server import PortInUse, bind, free_port
from chassis.metrics import Metrics, served
from chassis.outbox import Relay
from chassis.settings import MetricsSettings
from chassis.unit_of_work import SqlUnitOfWork

MakeEvent = Callable[..., Event]
TOPIC, DEAD = "supplier.grant", "sample.dead-letter"
GIVEN = "greenchain.grant.given.v1"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics([TopicSpec(TOPIC, 1, None), TopicSpec(DEAD, 1, None)])
    yield opened
    opened.close()


@pytest.fixture
def name() -> str:
    """Give a service and group of this test: what is counted is counted for the process."""
    return new_id()


class Scraped:
    """What is served under `/metrics`."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/metrics"

    def value(self, metric: str, **labels: str) -> float | None:
        families = text_string_to_metric_families(httpx.get(self._url).text)
        for sample in (sample for family in families for sample in family.samples):
            if sample.name == metric and sample.labels == labels:
                return float(sample.value)
        return None

    def wait_for(self, expected: float, metric: str, **labels: str) -> None:
        end = time.monotonic() + 20.0
        while self.value(metric, **labels) != expected and time.monotonic() < end:
            time.sleep(0.05)
        assert self.value(metric, **labels) == expected


@pytest.fixture
def scrape(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Scraped]]:
    monkeypatch.setattr("chassis.metrics.MEASURE_S", 0.05)
    running: list[Metrics] = []

    def serve(*workers: Relay | EventConsumer) -> Scraped:
        settings = MetricsSettings(port=free_port("127.0.0.1"))
        running.append(Metrics(settings, workers))
        running[-1].start()
        return Scraped(settings.port)

    yield serve
    for metrics in running:
        metrics.stop()


def consumer_of(log: EventLog, name: str, database: Database) -> EventConsumer:
    def refuse_some(event: Event, uow: SqlUnitOfWork) -> None:
        if event.aggregate_id == "poison":
            raise ZeroDivisionError

    return EventConsumer(
        log, name, [TOPIC], {GIVEN: refuse_some}, database, DEAD, error_pauses_s=()
    )


def publish(database: Database, *events: Event) -> None:
    with SqlUnitOfWork(database, "t-1") as uow:
        for event in events:
            uow.publish(event)
        uow.commit()


def test_events_are_seen_on_their_way(
    log: LocalEventLog,
    name: str,
    database: Database,
    make_event: MakeEvent,
    scrape: Callable[..., Scraped],
) -> None:
    relay, consumer = Relay(name, database, log), consumer_of(log, name, database)
    scraped = scrape(relay, consumer)
    publish(database, *[make_event() for _ in range(3)], make_event(aggregate_id="poison"))
    scraped.wait_for(4, "greenchain_outbox_unsent", service=name)
    relay.send_unsent()
    scraped.wait_for(0, "greenchain_outbox_unsent", service=name)
    scraped.wait_for(4, "greenchain_consumer_lag", group=name, topic=TOPIC)
    # There before the first one, so that it counts as an increase.
    assert scraped.value("greenchain_dead_letters_total", group=name) == 0
    assert scraped.value("greenchain_events_sent_total", service=name) == 4
    consumer.step()
    consumer.finish()
    scraped.wait_for(0, "greenchain_consumer_lag", group=name, topic=TOPIC)
    assert scraped.value("greenchain_events_handled_total", group=name, type=GIVEN) == 3
    assert scraped.value("greenchain_dead_letters_total", group=name) == 1


def test_what_cannot_be_measured_is_not_a_number_and_holds_nobody_up(
    name: str, database: Database, scrape: Callable[..., Scraped]
) -> None:
    nowhere = KafkaEventLog([f"127.0.0.1:{free_port('127.0.0.1')}"])
    consumer = consumer_of(nowhere, name, database)
    started = time.monotonic()
    consumer.measure()
    assert time.monotonic() - started < 5.0
    scraped = scrape(consumer)
    lag = scraped.value("greenchain_consumer_lag", group=name, topic=TOPIC)
    assert lag is not None
    assert math.isnan(lag)
    nowhere.close()


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_what_nobody_foresaw_keeps_nobody_else_from_being_measured_and_is_told_once(
    log: LocalEventLog,
    name: str,
    database: Database,
    make_event: MakeEvent,
    scrape: Callable[..., Scraped],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unforeseen(Exception):
        pass

    def fail(*_: object) -> int:
        raise Unforeseen

    monkeypatch.setattr(log, "lag", fail)
    scraped = scrape(consumer_of(log, name, database), Relay(name, database, log))
    publish(database, make_event())
    scraped.wait_for(1, "greenchain_outbox_unsent", service=name)
    lag = scraped.value("greenchain_consumer_lag", group=name, topic=TOPIC)
    assert lag is not None
    assert math.isnan(lag)
    assert events(caplog) == ["not measured"]


def test_no_port_serves_nothing() -> None:
    assert served(MetricsSettings(), []) == []


def test_a_port_that_is_taken_is_named() -> None:
    with bind("127.0.0.1", 0) as taken:
        metrics = Metrics(MetricsSettings(port=taken.getsockname()[1]), [])
        with pytest.raises(PortInUse):
            metrics.start()
