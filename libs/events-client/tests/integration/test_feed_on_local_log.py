"""The feed on the local event log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.cloudevent import to_json
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.topics import TOPICS
from events_client import RecordFeed, RecordRejected, RecordSubmitted
from events_client.events import TOPIC


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics(TOPICS)
    yield opened
    opened.close()


def submit(log: LocalEventLog, record_id: str, version: int = 1) -> None:
    append(log, record_id, version, "submitted", {"scheme": "demonstration"})


def reject(log: LocalEventLog, record_id: str, version: int) -> None:
    append(log, record_id, version, "rejected", {})


def append(
    log: LocalEventLog, record_id: str, version: int, verb: str, data: dict[str, str]
) -> None:
    event = Event(
        id=f"{record_id}-{version}",
        type=f"greenchain.record.{verb}.v1",
        topic=TOPIC,
        source="/services/certification",
        aggregate_id=record_id,
        aggregate_version=version,
        tenant_id="pack-maker",
        time=datetime(2026, 3, 1, tzinfo=UTC),
        data={"recordId": record_id, **data},
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


def test_a_limited_reading_ends_with_its_last_event_committed(log: LocalEventLog) -> None:
    for version in (1, 2, 3):
        submit(log, "r-1", version)
    with RecordFeed(log, "body") as feed:
        assert len(list(feed.events(limit=2))) == 2
    assert ids(log) == ["r-1-3"]


def test_a_limit_counts_the_events_that_it_is_told_to_count(log: LocalEventLog) -> None:
    submit(log, "r-1")
    reject(log, "r-1", 2)
    submit(log, "r-1", 3)
    with RecordFeed(log, "body") as feed:
        seen = list(feed.events(limit=1, counted=RecordRejected))
    assert [type(event) for event in seen] == [RecordSubmitted, RecordRejected]
    assert ids(log) == ["r-1-3"]


def test_a_limited_reading_still_ends_when_idle(log: LocalEventLog) -> None:
    submit(log, "r-1")
    with RecordFeed(log, "body") as feed:
        assert len(list(feed.events(idle_s=0.3, limit=2))) == 1


def test_a_limit_below_one_is_refused(log: LocalEventLog) -> None:
    with RecordFeed(log, "body") as feed, pytest.raises(ValueError, match="at least 1"):
        feed.events(limit=0)
