"""Record events as typed values, read from the topics `TOPIC` and `STATE_TOPIC`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from chassis.cloudevent import MalformedEvent, from_json
from chassis.errors import GreenchainError
from chassis.eventlog import LogRecord, Position
from chassis.events import Event
from greenchain.certification.v1 import events_pb2 as pb

TOPIC = "certification.record"
"""The life of records, event by event."""
STATE_TOPIC = "certification.record-state"
"""Where each issued record stands: of each record the last `RecordRestated` at least. After a crash
an older one may have come again behind a newer one: fetch a record before you rely on its state."""

_TYPE = re.compile(r"greenchain\.record\.(?P<verb>[a-z]+)\.v(?P<version>[1-9][0-9]*)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(eq=False)
class UnknownEventVersion(GreenchainError):
    """The event is of a version that this kit does not know."""

    code: ClassVar[str] = "events_client.event.unknown_version"
    en: ClassVar[str] = (
        "Event {event_id} is {type}; this kit knows version 1 of it. "
        "Update greenchain-events-client."
    )
    zh: ClassVar[str] = (
        "事件 {event_id} 的类型为 {type}；本工具包只支持版本 1。请更新 greenchain-events-client。"
    )

    event_id: str
    type: str


@dataclass(eq=False)
class UnknownEventType(GreenchainError):
    """The event is of a kind that this kit does not know."""

    code: ClassVar[str] = "events_client.event.unknown_type"
    en: ClassVar[str] = (
        "Event {event_id} is {type}, which this kit does not know. Update greenchain-events-client."
    )
    zh: ClassVar[str] = (
        "事件 {event_id} 的类型 {type} 不受本工具包支持。请更新 greenchain-events-client。"
    )

    event_id: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """What all record events tell.

    Attributes
    ----------
    id
        Unique for ever; a redelivered event has the same.
    record_id
        The record it is about.
    version
        Counts the record's events from 1: a gap means that one did not come in (yet).
    time
        When it happened, in UTC.
    position
        Where it stands in the log.
    """

    id: str
    record_id: str
    version: int
    time: datetime
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSubmitted(RecordEvent):
    """An application for the record was submitted."""

    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRejected(RecordEvent):
    """The application was rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIssued(RecordEvent):
    """The record was issued.

    Attributes
    ----------
    sha256
        Of the signed document (the characters of the compact JWS).
    key_id
        Key that signed it.
    """

    scheme: str
    sha256: str
    key_id: str
    issued_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSuspended(RecordEvent):
    """The record was suspended."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReinstated(RecordEvent):
    """The suspended record stands again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRevoked(RecordEvent):
    """The record was revoked for good."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWithdrawn(RecordEvent):
    """The record was withdrawn by its holder."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFlagged(RecordEvent):
    """Something became known about the record; its state stays.

    Attributes
    ----------
    flag
        `footprint_stale` or `footprint_deprecated`.
    """

    flag: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestated(RecordEvent):
    """Where an issued record stands now.

    Attributes
    ----------
    version
        Number of the event after which it is so; of two, the higher one counts.
    state
        `issued`, `suspended`, `revoked` or `withdrawn`. An issued one is valid until `valid_until`.
    sha256, key_id
        As in `RecordIssued`.
    flags
        `footprint_stale`, `footprint_deprecated`.
    """

    scheme: str
    state: str
    sha256: str
    key_id: str
    issued_at: datetime
    valid_until: datetime
    flags: tuple[str, ...]


def parse(record: LogRecord) -> RecordEvent:
    """Read one record of a topic.

    Raises
    ------
    UnknownEventVersion, UnknownEventType
        The kit is older than the event.
    MalformedEvent
        It is no record event at all.
    """
    event = from_json(record.value, record.topic)
    found = _TYPE.fullmatch(event.type)
    if found is None or found["verb"] not in _READERS:
        raise UnknownEventType(event_id=event.id, type=event.type)
    if found["version"] != "1":
        raise UnknownEventVersion(event_id=event.id, type=event.type)
    common = {
        "id": event.id,
        "record_id": event.aggregate_id,
        "version": event.aggregate_version,
        "time": _in_utc(event.time),
        "position": Position(record.topic, record.partition, record.offset),
    }
    return _READERS[found["verb"]](event, common)


AnyMessage = TypeVar("AnyMessage", bound=Message)
_Reader = Callable[[Event, dict[str, Any]], RecordEvent]


def _read(event: Event, message: AnyMessage) -> AnyMessage:
    try:
        # A later minor revision may add fields, which are no business of this kit.
        read = json_format.ParseDict(dict(event.data), message, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise MalformedEvent(reason=" ".join(str(error).split())) from error
    if getattr(read, "record_id") != event.aggregate_id:  # noqa: B009 - every message has it
        raise MalformedEvent(reason="data names another record than the subject")
    return read


def _submitted(event: Event, common: dict[str, Any]) -> RecordEvent:
    return RecordSubmitted(**common, scheme=_read(event, pb.RecordSubmitted()).scheme)


def _rejected(event: Event, common: dict[str, Any]) -> RecordEvent:
    _read(event, pb.RecordRejected())
    return RecordRejected(**common)


def _issued(event: Event, common: dict[str, Any]) -> RecordEvent:
    return RecordIssued(**common, **_document(_read(event, pb.RecordIssued())))


def _restated(event: Event, common: dict[str, Any]) -> RecordEvent:
    data = _read(event, pb.RecordRestated())
    if not data.state:
        raise MalformedEvent(reason="data.state is missing")
    return RecordRestated(**common, **_document(data), state=data.state, flags=tuple(data.flags))


def _document(data: pb.RecordIssued | pb.RecordRestated) -> dict[str, Any]:
    """Return what two messages tell of the signed document."""
    if not _SHA256.fullmatch(data.sha256):
        raise MalformedEvent(reason="data.sha256 is not a SHA-256 in lower-case hexadecimal")
    if not data.key_id:
        raise MalformedEvent(reason="data.key_id is missing")
    return {
        "scheme": data.scheme,
        "sha256": data.sha256,
        "key_id": data.key_id,
        "issued_at": _instant(data, "issued_at"),
        "valid_until": _instant(data, "valid_until"),
    }


def _flagged(event: Event, common: dict[str, Any]) -> RecordEvent:
    data = _read(event, pb.RecordFlagged())
    since = _instant(data, "since")
    return RecordFlagged(**common, flag=data.flag, reason=data.reason, since=since)


def _reasoned(message: type[Any], value: type[Any]) -> _Reader:
    def read(event: Event, common: dict[str, Any]) -> RecordEvent:
        result: RecordEvent = value(**common, reason=_read(event, message()).reason)
        return result

    return read


def _instant(data: Message, name: str) -> datetime:
    if not data.HasField(name):
        # Read on, it would be the first second of 1970.
        raise MalformedEvent(reason=f"data.{name} is missing")
    instant: datetime = getattr(data, name).ToDatetime(tzinfo=UTC)
    return instant


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise MalformedEvent(reason="attribute time lies outside the years 1 to 9999") from error


_READERS: Mapping[str, _Reader] = {
    "submitted": _submitted,
    "rejected": _rejected,
    "issued": _issued,
    "suspended": _reasoned(pb.RecordSuspended, RecordSuspended),
    "reinstated": _reasoned(pb.RecordReinstated, RecordReinstated),
    "revoked": _reasoned(pb.RecordRevoked, RecordRevoked),
    "withdrawn": _reasoned(pb.RecordWithdrawn, RecordWithdrawn),
    "flagged": _flagged,
    "restated": _restated,
}
