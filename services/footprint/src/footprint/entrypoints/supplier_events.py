"""Reading the supplier service's events: the proto3 JSON form of its messages."""

import re
from typing import TypeVar

from google.protobuf.json_format import ParseDict, ParseError

from chassis.cloudevent import MalformedEvent
from chassis.events import Event
from footprint.domain.declaration import DeclarationReference
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import events_pb2

_SHA256 = re.compile(r"[0-9a-f]{64}")

M = TypeVar(
    "M",
    events_pb2.CalculationRequested,
    events_pb2.DeclarationCorrected,
    events_pb2.DeclarationAccepted,
)


def declaration_of(event: Event, message: type[M]) -> DeclarationReference:
    """Return the declaration version that an event of the given message is about.

    Raises
    ------
    MalformedEvent
        If the data are not that message, or name no version, or not that of the event's subject.
    """
    try:
        # A field that a later release adds to this version is passed over, as in protobuf itself.
        parsed = ParseDict(dict(event.data), message(), ignore_unknown_fields=True)
    except ParseError as error:
        raise MalformedEvent(reason=" ".join(str(error).split())[:200]) from error
    reference = _reference(parsed.declaration, event)
    if reference.version == 1 and isinstance(parsed, events_pb2.DeclarationCorrected):
        raise MalformedEvent(reason="a first version corrects nothing")
    return reference


def _reference(named: common_pb2.VersionReference, event: Event) -> DeclarationReference:
    if named.id != event.aggregate_id:
        raise MalformedEvent(reason="its data are about another declaration than its subject")
    if named.version < 1:
        raise MalformedEvent(reason=f"version {named.version} of a declaration does not exist")
    if not _SHA256.fullmatch(named.sha256):
        raise MalformedEvent(reason="sha256 of the declaration is not a hash")
    return DeclarationReference(named.id, named.version, named.sha256)
