"""What a certification body's consumer does: read record events, fetch records, verify them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
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
    verified
        Whether the announced record's document is genuine; None if it was not looked at.
    """

    told: dict[str, Any]
    verified: bool | None = None


def follow(
    event_log: EventLog,
    group: str,
    certification_url: str,
    *,
    verify: bool,
    idle_s: float | None = None,
    issued: int | None = None,
) -> Iterator[Seen]:
    """Yield the events as they come; the one before is committed when the next is asked for.

    Parameters
    ----------
    idle_s
        End when nothing came in for this long [s].
    issued
        End after so many issued records, the last of them committed.
    """
    with RecordFeed(event_log, group) as feed:
        for event in feed.events(idle_s=idle_s, limit=issued, counted=RecordIssued):
            if isinstance(event, Unreadable):
                yield Seen({**_place(event.position), "unreadable": event.error.message(current())})
            elif isinstance(event, RecordIssued) and verify:
                yield _verified(event, certification_url)
            else:
                yield Seen(_told(event))


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
        return Seen(told, verified=False)
    told |= {
        "verified": True,
        "key_id": document.key_id,
        "sha256": document.sha256,
        "footprint_id": document.footprint_id,
        "pcf_kg_co2e": document.pcf_kg_co2e,
    }
    return Seen(told, verified=True)


def _told(event: RecordEvent) -> dict[str, Any]:
    """Return the event with all that it says, and where it stands in the log."""
    said = {
        field.name: getattr(event, field.name)
        for field in fields(event)
        if field.name != "position"
    }
    return {
        "event": type(event).__name__,
        **{name: _plain(value) for name, value in said.items()},
        **_place(event.position),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _place(position: Position) -> dict[str, Any]:
    return {
        "topic": position.topic,
        "partition": position.partition,
        "offset": position.offset,
    }
