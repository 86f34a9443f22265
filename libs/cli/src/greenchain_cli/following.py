"""What a certification body's consumer does: read record events, fetch records, verify them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chassis.eventlog import EventLog, Position
from events_client import (
    NotVerified,
    RecordEvent,
    RecordFeed,
    RecordIssued,
    Unreadable,
    fetch_keys,
    fetch_record,
    verify_record,
)
from greenchain_cli.language import current


@dataclass(frozen=True, slots=True)
class Seen:
    """One event of the feed and what came of it.

    Attributes
    ----------
    told
        For programs.
    issued
        It announced a record.
    verified
        Whether the announced record's document is genuine; None if it was not looked at.
    """

    told: dict[str, Any]
    issued: bool = False
    verified: bool | None = None


def follow(
    event_log: EventLog, group: str, certification_url: str, *, verify: bool, idle_s: float | None
) -> Iterator[Seen]:
    """Yield the events as they come; the one before is committed when the next is asked for."""
    with RecordFeed(event_log, group) as feed:
        for event in feed.events(idle_s=idle_s):
            if isinstance(event, Unreadable):
                yield Seen({**_place(event.position), "unreadable": event.error.message(current())})
            elif isinstance(event, RecordIssued) and verify:
                yield _verified(event, certification_url)
            else:
                yield Seen(_told(event), issued=isinstance(event, RecordIssued))


def _verified(event: RecordIssued, certification_url: str) -> Seen:
    record = fetch_record(certification_url, event.record_id)
    told = _told(event) | {
        "state": record.state,
        "standing": record.standing(current()),
        "flags": [flag.code for flag in record.flags],
    }
    try:
        document = verify_record(
            record.jws,
            fetch_keys(certification_url),
            issuer=certification_url,
            record_id=event.record_id,
            sha256=event.sha256,
        )
    except NotVerified as refused:
        told |= {"verified": False, "refused": refused.code, "why": refused.message(current())}
        return Seen(told, issued=True, verified=False)
    told |= {
        "verified": True,
        "key_id": document.key_id,
        "sha256": document.sha256,
        "footprint_id": document.footprint_id,
        "pcf_kg_co2e": document.pcf_kg_co2e,
    }
    return Seen(told, issued=True, verified=True)


def _told(event: RecordEvent) -> dict[str, Any]:
    return {
        "event": type(event).__name__,
        "id": event.id,
        "record_id": event.record_id,
        "version": event.version,
        **_place(event.position),
    }


def _place(position: Position) -> dict[str, Any]:
    return {
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
    }
