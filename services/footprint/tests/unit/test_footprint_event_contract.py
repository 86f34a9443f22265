from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from services.footprint.tests.fakes import (
    SUPPLIER,
    FakeSupplierService,
    Memory,
    clock,
    granted,
)
from services.footprint.tests.methodology import shipped
from services.footprint.tests.scenario import V2, correct, frozen_with_supplier

from footprint.application.recompute_footprints import recompute_footprints
from greenchain.footprint.v1 import events_pb2

MESSAGES: dict[str, type[Message]] = {
    "greenchain.footprint.frozen.v1": events_pb2.FootprintFrozen,
    "greenchain.footprint.flagged.v1": events_pb2.FootprintFlagged,
    "greenchain.footprint.deprecated.v1": events_pb2.FootprintDeprecated,
    "greenchain.footprint.recomputed.v1": events_pb2.FootprintRecomputed,
}


@pytest.fixture
def published() -> dict[str, Any]:
    """Give the data of one event of each type, by type."""
    memory = Memory()
    frozen_with_supplier(memory)
    correct(memory)
    recompute_footprints(
        V2,
        supplier_tenant_id=SUPPLIER,
        supplier_data_for=FakeSupplierService(granted=(granted(2),)),
        methodology=shipped(),
        open_uow=memory,
        clock=clock(),
    )
    return {event.type: event.data for event in memory.events}


@pytest.mark.parametrize("event_type", MESSAGES)
def test_an_event_is_the_json_form_of_its_message(
    published: dict[str, Any], event_type: str
) -> None:
    message = ParseDict(published[event_type], MESSAGES[event_type]())
    assert MessageToDict(message) == published[event_type]
    # Every field of the message is told.
    assert len(published[event_type]) == len(message.DESCRIPTOR.fields)


def test_every_type_is_published(published: dict[str, Any]) -> None:
    assert published.keys() == MESSAGES.keys()
