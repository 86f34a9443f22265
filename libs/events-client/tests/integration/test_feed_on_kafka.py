"""The feed on Apache Kafka, where a group is joined before it reads."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.cloudevent import to_json
from chassis.eventlog import EventLog, TopicSpec
from chassis.eventlog.opening import open_event_log
from chassis.events import Event
from events_client import RecordFeed, RecordSubmitted
from greenchain_kafka.broker import Broker


@pytest.fixture
def log(kafka: Broker) -> Iterator[EventLog]:
    with open_event_log(f"kafka:{kafka.address}", must_exist=True) as opened:
        yield opened


@pytest.fixture
def topic(log: EventLog) -> str:
    """Make a topic of this test with two events of each of three records."""
    name = f"records-{uuid4()}"
    log.create_topics([TopicSpec(name, partitions=3, retention=None)])
    for version in (1, 2):
        for record_id in ("r-1", "r-2", "r-3"):
            submitted = Event(
                id=f"{record_id}-{version}",
                type="greenchain.record.submitted.v1",
                topic=name,
                source="/services/certification",
                aggregate_id=record_id,
                aggregate_version=version,
                tenant_id="pack-maker",
                time=datetime(2026, 3, 1, tzinfo=UTC),
                data={"recordId": record_id, "scheme": "demonstration"},
            )
            log.append(name, submitted.key, to_json(submitted))
    return name


def ids(log: EventLog, topic: str, limit: int | None = None) -> list[str]:
    with RecordFeed(log, f"body-{topic}", topic) as feed:
        seen = list(feed.events(idle_s=0, limit=limit))
    return [event.id for event in seen if isinstance(event, RecordSubmitted)]


def test_a_new_group_reads_what_is_there_now_and_each_event_once(log: EventLog, topic: str) -> None:
    first = ids(log, topic)
    assert sorted(first) == [f"r-{record}-{version}" for record in (1, 2, 3) for version in (1, 2)]
    assert all(first.index(f"r-{n}-1") < first.index(f"r-{n}-2") for n in (1, 2, 3))
    assert ids(log, topic) == []


def test_a_group_goes_on_after_the_last_event_that_was_handled(log: EventLog, topic: str) -> None:
    first, rest = ids(log, topic, limit=2), ids(log, topic)
    assert len(first) == 2
    assert len({*first, *rest}) == len(first) + len(rest) == 6
