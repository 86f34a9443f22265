"""Reading record events from the log."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.cloudevent import MalformedEvent, to_json
from chassis.eventlog import (
    EventLog,
    FencedConsumer,
    LogRecord,
    NewRecord,
    Position,
    TopicSpec,
)
from chassis.events import Event
from events_client import (
    RecordEvent,
    RecordFeed,
    RecordFlagged,
    RecordIssued,
    RecordReinstated,
    RecordRejected,
    RecordRestated,
    RecordRevoked,
    RecordSubmitted,
    RecordSuspended,
    RecordWithdrawn,
    UnknownEventType,
    UnknownEventVersion,
    Unreadable,
)
from events_client.events import TOPIC, parse

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ISSUED = {
    "recordId": "r-1",
    "scheme": "demonstration",
    "sha256": "c" * 64,
    "keyId": "key-1",
    "issuedAt": "2026-03-01T08:00:00Z",
    "validUntil": "2027-03-01T08:00:00Z",
}
FLAGGED = {
    "recordId": "r-1",
    "flag": "footprint_stale",
    "reason": "declaration_corrected",
    "since": "2026-03-01T08:00:00Z",
}


def without(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


def log_record(type_: str, data: Mapping[str, Any], offset: int = 0, **changes: Any) -> LogRecord:
    event = Event(
        id=f"event-{offset}",
        type=type_,
        topic=TOPIC,
        source="/services/certification",
        aggregate_id="r-1",
        aggregate_version=offset + 1,
        tenant_id="pack-maker",
        time=NOW,
        data=data,
    )
    record = LogRecord(
        topic=TOPIC, partition=0, offset=offset, key="r-1", value=to_json(event), timestamp=NOW
    )
    return replace(record, **changes)


RESTATED = ISSUED | {"state": "suspended", "flags": ["footprint_stale"]}
REASON = {"recordId": "r-1", "reason": "why"}


@pytest.mark.parametrize(
    ("verb", "data", "kind"),
    [
        ("submitted", {"recordId": "r-1", "scheme": "demonstration"}, RecordSubmitted),
        ("rejected", {"recordId": "r-1"}, RecordRejected),
        ("issued", ISSUED, RecordIssued),
        ("suspended", REASON, RecordSuspended),
        ("reinstated", REASON, RecordReinstated),
        ("revoked", REASON, RecordRevoked),
        ("withdrawn", REASON, RecordWithdrawn),
        ("flagged", FLAGGED, RecordFlagged),
        ("restated", RESTATED, RecordRestated),
    ],
)
def test_each_event_has_its_type(verb: str, data: dict[str, Any], kind: type[RecordEvent]) -> None:
    event = parse(log_record(f"greenchain.record.{verb}.v1", data, offset=4))
    assert type(event) is kind
    assert (event.id, event.record_id, event.version) == ("event-4", "r-1", 5)
    assert event.position == Position(TOPIC, 0, 4)


def test_an_issued_event_names_document_key_and_validity() -> None:
    event = parse(log_record("greenchain.record.issued.v1", ISSUED))
    assert isinstance(event, RecordIssued)
    assert (event.sha256, event.key_id) == ("c" * 64, "key-1")
    assert (event.issued_at, event.valid_until) == (NOW, NOW.replace(year=2027))


def test_a_restated_event_tells_where_the_record_stands() -> None:
    event = parse(log_record("greenchain.record.restated.v1", RESTATED))
    assert isinstance(event, RecordRestated)
    assert (event.state, event.flags) == ("suspended", ("footprint_stale",))
    assert (event.sha256, event.valid_until) == ("c" * 64, NOW.replace(year=2027))


def test_a_field_of_a_later_revision_is_passed_over() -> None:
    event = parse(log_record("greenchain.record.issued.v1", ISSUED | {"newer": True}))
    assert isinstance(event, RecordIssued)


@pytest.mark.parametrize(
    ("type_", "data", "error"),
    [
        ("greenchain.record.issued.v2", ISSUED, UnknownEventVersion),
        ("greenchain.record.issued.v10", ISSUED, UnknownEventVersion),
        ("greenchain.record.amended.v1", {"recordId": "r-1"}, UnknownEventType),
        ("greenchain.footprint.frozen.v1", {}, UnknownEventType),
        ("nonsense", {}, UnknownEventType),
        ("greenchain.record.issued.v1", ISSUED | {"recordId": "r-2"}, MalformedEvent),
        ("greenchain.record.issued.v1", ISSUED | {"sha256": "C" * 64}, MalformedEvent),
        ("greenchain.record.issued.v1", ISSUED | {"issuedAt": "yesterday"}, MalformedEvent),
        ("greenchain.record.issued.v1", {}, MalformedEvent),
        ("greenchain.record.issued.v1", without(ISSUED, "issuedAt"), MalformedEvent),
        ("greenchain.record.issued.v1", without(ISSUED, "validUntil"), MalformedEvent),
        ("greenchain.record.issued.v1", without(ISSUED, "keyId"), MalformedEvent),
        ("greenchain.record.flagged.v1", without(FLAGGED, "since"), MalformedEvent),
        ("greenchain.record.restated.v1", without(RESTATED, "state"), MalformedEvent),
        ("greenchain.record.restated.v1", without(RESTATED, "sha256"), MalformedEvent),
    ],
)
def test_what_cannot_be_read_says_why(
    type_: str, data: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        parse(log_record(type_, data))


class FakeLog(EventLog):
    """A log with one reader; it remembers what was committed."""

    def __init__(self, records: Sequence[LogRecord]) -> None:
        self.waiting = deque([list(records)])
        self.committed: list[int] = []
        self.fenced = False
        self.closed = False

    def create_topics(self, specs: Sequence[TopicSpec]) -> None: ...

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes] | None = None
    ) -> Position:
        raise NotImplementedError

    def consumer(self, group: str, topics: Sequence[str]) -> "FakeLog":
        assert list(topics) == [TOPIC]
        return self

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        raise NotImplementedError

    def lag(self, group: str, topics: Sequence[str]) -> int:
        return 0

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        return self.waiting.popleft() if self.waiting else []

    def commit(self, records: Sequence[LogRecord]) -> None:
        if self.fenced:
            raise FencedConsumer(group="g", topic=TOPIC, partition=records[0].partition)
        self.committed += [record.offset for record in records]

    def remain(self, records: Sequence[LogRecord] = ()) -> None: ...

    def close(self) -> None:
        self.closed = True


def submitted(offset: int, **changes: Any) -> LogRecord:
    data = {"recordId": "r-1", "scheme": "demonstration"}
    return log_record("greenchain.record.submitted.v1", data, offset, **changes)


def test_an_event_is_committed_once_the_next_is_asked_for() -> None:
    log = FakeLog([submitted(0), submitted(1)])
    events = RecordFeed(log, "body").events(idle_s=0.01)
    next(events)
    assert log.committed == []
    next(events)
    assert log.committed == [0]
    assert list(events) == []
    assert log.committed == [0, 1]


def test_an_event_whose_handling_fails_is_not_committed() -> None:
    log = FakeLog([submitted(0)])

    def handle() -> None:
        with RecordFeed(log, "body") as feed:
            for _ in feed.events(idle_s=0.01):
                raise RuntimeError("handling failed")

    with pytest.raises(RuntimeError):
        handle()
    assert log.committed == []
    assert log.closed


def test_an_unreadable_event_is_surfaced_and_the_feed_goes_on() -> None:
    newer = log_record("greenchain.record.submitted.v2", {"recordId": "r-1"}, 0)
    log = FakeLog([newer, submitted(1, value=b"\xff"), submitted(2)])
    seen = list(RecordFeed(log, "body").events(idle_s=0.01))
    assert [type(one) for one in seen] == [Unreadable, Unreadable, RecordSubmitted]
    first = seen[0]
    assert isinstance(first, Unreadable)
    assert "submitted.v2" in first.error.message("en")
    assert "请更新" in first.error.message("zh")
    assert log.committed == [0, 1, 2]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"])
def test_an_event_out_of_time_does_not_stop_the_feed(time: str) -> None:
    value = json.dumps(json.loads(submitted(0).value) | {"time": time}).encode()
    log = FakeLog([submitted(0, value=value), submitted(1)])
    seen = list(RecordFeed(log, "body").events(idle_s=0.01))
    assert [type(one) for one in seen] == [Unreadable, RecordSubmitted]


def test_a_feed_that_does_not_wait_reads_what_is_there() -> None:
    log = FakeLog([submitted(0), submitted(1)])
    assert len(list(RecordFeed(log, "body").events(idle_s=0))) == 2
    assert log.committed == [0, 1]


def test_records_of_a_partition_that_was_lost_are_left_to_its_new_reader() -> None:
    log = FakeLog([submitted(0), submitted(1)])
    log.fenced = True
    assert len(list(RecordFeed(log, "body").events(idle_s=0.01))) == 1


def test_duplicate_keys_in_an_event_are_refused() -> None:
    value = json.loads(submitted(0).value)
    text = json.dumps(value)[:-1] + ', "id": "other"}'
    with pytest.raises(MalformedEvent, match="twice"):
        parse(submitted(0, value=text.encode()))
