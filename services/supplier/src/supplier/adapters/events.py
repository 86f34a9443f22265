"""Events of the domain as events of the platform, with their payload messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from chassis.events import Event
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import events_pb2
from supplier.domain import events
from supplier.domain.declaration import VersionReference

SOURCE = "/services/supplier"


@dataclass(frozen=True, slots=True)
class _Wire:
    """What an event looks like outside: aggregate and verb, key, its count, and the payload."""

    aggregate: str
    verb: str
    key: str
    count: int
    payload: Message


def to_event(told: events.DomainEvent, id: str, time: datetime) -> Event:
    """Give a domain event its wire form."""
    wire = _wire(told)
    return Event(
        id=id,
        type=f"greenchain.{wire.aggregate}.{wire.verb}.v1",
        topic=f"supplier.{wire.aggregate}",
        source=SOURCE,
        aggregate_id=wire.key,
        aggregate_version=wire.count,
        tenant_id=told.tenant_id,
        time=time,
        data=MessageToDict(wire.payload),
    )


def _wire(told: events.DomainEvent) -> _Wire:
    match told:
        case events.CalculationRequested(declaration=version):
            requested = events_pb2.CalculationRequested(declaration=_reference(version))
            # Each version asks once, so its number counts the requests of the declaration.
            return _Wire("calculation", "requested", version.id, version.version, requested)
        case events.DeclarationSubmitted(declaration=version, count=count):
            submitted = events_pb2.DeclarationSubmitted(declaration=_reference(version))
            return _Wire("declaration", "submitted", version.id, count, submitted)
        case events.DeclarationCorrected(declaration=version, corrected=old, count=count):
            correction = events_pb2.DeclarationCorrected(
                declaration=_reference(version), corrected=_reference(old)
            )
            return _Wire("declaration", "corrected", version.id, count, correction)
        case events.DeclarationAccepted(declaration=version, count=count):
            accepted = events_pb2.DeclarationAccepted(declaration=_reference(version))
            return _Wire("declaration", "accepted", version.id, count, accepted)
        case events.DeclarationReturned(declaration=version, count=count):
            returned = events_pb2.DeclarationReturned(declaration=_reference(version))
            return _Wire("declaration", "returned", version.id, count, returned)
        case events.GrantGiven(grant_id=grant_id, declaration_id=declaration_id):
            given = events_pb2.GrantGiven(grant_id=grant_id, declaration_id=declaration_id)
            return _Wire("grant", "given", grant_id, 1, given)
        case events.GrantRevoked(grant_id=grant_id, declaration_id=declaration_id):
            revoked = events_pb2.GrantRevoked(grant_id=grant_id, declaration_id=declaration_id)
            return _Wire("grant", "revoked", grant_id, 2, revoked)
        case _:
            assert_never(told)


def _reference(version: VersionReference) -> common_pb2.VersionReference:
    return common_pb2.VersionReference(
        id=version.id, version=version.version, sha256=version.sha256
    )
