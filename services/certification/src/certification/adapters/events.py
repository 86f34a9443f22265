"""Between domain facts and the events of the contracts (`proto/greenchain/*/v1/events.proto`)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from certification.domain import facts
from certification.domain.record import Flag, FlagCode, Record, SignedDocument
from chassis.clock import new_id
from chassis.errors import GreenchainError, Kind
from chassis.events import Event
from greenchain.certification.v1 import events_pb2 as certification
from greenchain.footprint.v1 import events_pb2 as footprint

TOPIC = "certification.record"
STATE_TOPIC = "certification.record-state"
SOURCE = "/services/certification"

FOOTPRINT_TOPIC = "footprint.footprint"
FOOTPRINT_FLAGGED = "greenchain.footprint.flagged.v1"
FOOTPRINT_DEPRECATED = "greenchain.footprint.deprecated.v1"

AnyMessage = TypeVar("AnyMessage", bound=Message)

REPLACED = "footprint_replaced"
"""Reason code of `footprint_deprecated`."""


@dataclass(eq=False)
class UnreadablePayload(GreenchainError):
    """An event's data is not the message that its type promises."""

    code: ClassVar[str] = "certification.event.unreadable"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "The data of event {event_id} ({type}) cannot be read: {reason}."
    zh: ClassVar[str] = "事件 {event_id}（{type}）的数据无法读取：{reason}。"

    event_id: str
    type: str
    reason: str


def event_of(fact: facts.Fact, tenant_id: str, version: int, at: datetime) -> Event:
    """Return the event that tells the public of a fact.

    Parameters
    ----------
    version
        Number of this event among the record's events, from 1.
    """
    verb, message = _message(fact)
    return _event(TOPIC, verb, message, fact.record_id, tenant_id, version, at)


def restated(record: Record, document: SignedDocument, version: int, at: datetime) -> Event:
    """Return the event that tells the public where an issued record stands now.

    Parameters
    ----------
    version
        Number of the event after which it is so.
    """
    message = certification.RecordRestated(
        record_id=record.id,
        scheme=record.scheme_id,
        state=record.state,
        sha256=document.sha256,
        key_id=document.key_id,
        issued_at=_timestamp(document.issued_at),
        valid_until=_timestamp(document.valid_until),
        flags=[flag.code for flag in record.flags],
    )
    return _event(STATE_TOPIC, "restated", message, record.id, record.tenant_id, version, at)


def _event(
    topic: str,
    verb: str,
    message: Message,
    record_id: str,
    tenant_id: str,
    version: int,
    at: datetime,
) -> Event:
    return Event(
        id=new_id(),
        type=f"greenchain.record.{verb}.v1",
        topic=topic,
        source=SOURCE,
        aggregate_id=record_id,
        aggregate_version=version,
        tenant_id=tenant_id,
        time=at,
        data=json_format.MessageToDict(message, always_print_fields_with_no_presence=True),
    )


def _message(fact: facts.Fact) -> tuple[str, Message]:
    match fact:
        case facts.Submitted(record_id, scheme):
            return "submitted", certification.RecordSubmitted(record_id=record_id, scheme=scheme)
        case facts.Rejected(record_id):
            return "rejected", certification.RecordRejected(record_id=record_id)
        case facts.Issued():
            return "issued", certification.RecordIssued(
                record_id=fact.record_id,
                scheme=fact.scheme,
                sha256=fact.sha256,
                key_id=fact.key_id,
                issued_at=_timestamp(fact.issued_at),
                valid_until=_timestamp(fact.valid_until),
            )
        case facts.Suspended(record_id, reason):
            return "suspended", certification.RecordSuspended(record_id=record_id, reason=reason)
        case facts.Reinstated(record_id, reason):
            return "reinstated", certification.RecordReinstated(record_id=record_id, reason=reason)
        case facts.Revoked(record_id, reason):
            return "revoked", certification.RecordRevoked(record_id=record_id, reason=reason)
        case facts.Withdrawn(record_id, reason):
            return "withdrawn", certification.RecordWithdrawn(record_id=record_id, reason=reason)
        case facts.Flagged():
            return "flagged", certification.RecordFlagged(
                record_id=fact.record_id,
                flag=fact.flag,
                reason=fact.reason,
                since=_timestamp(fact.since),
            )


def _timestamp(at: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(at.astimezone(UTC))
    return timestamp


def flag_of(event: Event) -> tuple[str, Flag]:
    """Return the footprint that an event is about and the flag that its records get.

    Raises
    ------
    UnreadablePayload
        The data does not fit the type, or names a flag that this version does not know.
    """
    if event.type == FOOTPRINT_FLAGGED:
        flagged = _parse(event, footprint.FootprintFlagged())
        if flagged.flag != "stale" or not flagged.reason:
            raise _unreadable(event, f"flag {flagged.flag!r}, reason {flagged.reason!r}")
        return _named(event, flagged.footprint_id), Flag(
            FlagCode.FOOTPRINT_STALE, flagged.reason, event.time.astimezone(UTC)
        )
    deprecated = _parse(event, footprint.FootprintDeprecated())
    successor = deprecated.successor_footprint_id
    if not successor:
        raise _unreadable(event, "no successor is named")
    return _named(event, deprecated.footprint_id), Flag(
        FlagCode.FOOTPRINT_DEPRECATED, REPLACED, event.time.astimezone(UTC), successor
    )


def _parse(event: Event, message: AnyMessage) -> AnyMessage:
    try:
        # A later minor revision may add fields; they are no business of this version.
        return json_format.ParseDict(dict(event.data), message, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise _unreadable(event, " ".join(str(error).split())) from error


def _named(event: Event, footprint_id: str) -> str:
    if footprint_id != event.aggregate_id:
        raise _unreadable(event, f"it names footprint {footprint_id!r} under another key")
    return footprint_id


def _unreadable(event: Event, reason: str) -> UnreadablePayload:
    return UnreadablePayload(event_id=event.id, type=event.type, reason=reason)
