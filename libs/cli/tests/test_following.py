"""Following record events from the command, on the real local log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.cloudevent import to_json
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.topics import TOPICS
from events_client.events import TOPIC
from greenchain_cli.following import Seen, follow

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ISSUED = {
    "scheme": "demonstration",
    "sha256": "a" * 64,
    "keyId": "key-1",
    "issuedAt": "2026-03-01T00:00:00Z",
    "validUntil": "2027-03-01T00:00:00Z",
}
FLAGGED = {
    "flag": "footprint_stale",
    "reason": "declaration_corrected",
    "since": "2026-03-02T00:00:00Z",
}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics(TOPICS)
    yield opened
    opened.close()


def append(log: LocalEventLog, version: int, verb: str, data: dict[str, Any]) -> None:
    event = Event(
        id=f"r-1-{version}",
        type=f"greenchain.record.{verb}.v1",
        topic=TOPIC,
        source="/services/certification",
        aggregate_id="r-1",
        aggregate_version=version,
        tenant_id="pack-maker",
        time=NOW,
        data={"recordId": "r-1", **data},
    )
    log.append(TOPIC, event.key, to_json(event))


def followed(log: LocalEventLog, issued: int | None = None) -> list[Seen]:
    url = "http://nowhere.invalid"
    return list(follow(log, "body", url, verify=False, idle_s=0.3, issued=issued))


def test_the_last_counted_record_does_not_come_again(log: LocalEventLog) -> None:
    append(log, 1, "submitted", {"scheme": "demonstration"})
    append(log, 2, "issued", ISSUED)
    append(log, 3, "flagged", FLAGGED)

    assert [each.told["version"] for each in followed(log, issued=1)] == [1, 2]
    assert [each.told["version"] for each in followed(log)] == [3]


def test_a_flag_is_told_with_its_reason(log: LocalEventLog) -> None:
    append(log, 1, "flagged", FLAGGED)

    (seen,) = followed(log)

    assert (seen.told["event"], seen.told["flag"]) == ("RecordFlagged", "footprint_stale")
    assert seen.told["reason"] == "declaration_corrected"
    assert seen.told["since"] == "2026-03-02T00:00:00+00:00"


def test_an_event_is_told_with_its_place_in_the_log(log: LocalEventLog) -> None:
    append(log, 1, "issued", ISSUED)

    (seen,) = followed(log)

    assert (seen.told["topic"], seen.told["offset"]) == (TOPIC, 0)
    assert seen.told["key_id"] == "key-1"
