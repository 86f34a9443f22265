"""The feed on the local event log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.cloudevent import to_json
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.topics import TOPICS
from events_client import RecordFeed, RecordSubmitted
from events_client.events import TOPIC


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics(TOPICS)
    yield opened
    opened.close()


def submit(log: LocalEventLog, record_id: str, version: int = 1) -> None:
    event = Event(
        id=f"{record_id}-{version}",
        type="greenchain.record.submitted.v1",
        topic=TOPIC,
        source="/services/certification",
        aggregate_id=record_id,
        aggregate_version=version,
        tenant_id="pack-maker",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        data={"recordId": record_id, "scheme": "demonstration"},
    )
    log.append(TOPIC, event.key, to_json(event))


def ids(log: LocalEventLog, group: str = "body") -> list[str]:
    with RecordFeed(log, group) as feed:
        seen = list(feed.events(idle_s=0.3))
    assert all(isinstance(event, RecordSubmitted) for event in seen)
    return [event.id for event in seen if isinstance(event, RecordSubmitted)]


def test_each_group_reads_every_event_once(log: LocalEventLog) -> None:
    for version in (1, 2, 3):
        submit(log, "r-1", version)
    assert ids(log) == ["r-1-1", "r-1-2", "r-1-3"]
    assert ids(log) == []
    assert ids(log, "other-body") == ["r-1-1", "r-1-2", "r-1-3"]


def test_an_event_that_was_not_handled_comes_again(log: LocalEventLog) -> None:
    for version in (1, 2, 3):
        submit(log, "r-1", version)
    with RecordFeed(log, "body") as feed:
        for count, _ in enumerate(feed.events(idle_s=0.3)):
            if count == 1:
                break
    assert ids(log) == ["r-1-2", "r-1-3"]


def test_going_on_with_the_same_feed_skips_nothing(log: LocalEventLog) -> None:
    for version in (1, 2, 3):
        submit(log, "r-1", version)
    with RecordFeed(log, "body") as feed:
        left = feed.events(idle_s=0.3)
        next(left)
        again = list(feed.events(idle_s=0.3))
        assert list(left) == []
    assert len(again) == 3
