from datetime import UTC, datetime
from typing import Any

import pytest
from services.footprint.tests.fakes import SUPPLIER, sha

from chassis.cloudevent import MalformedEvent
from chassis.events import Event
from footprint.domain.declaration import DeclarationReference
from footprint.entrypoints.supplier_events import declaration_of
from greenchain.supplier.v1.events_pb2 import DeclarationAccepted, DeclarationCorrected


def accepted(data: dict[str, Any]) -> Event:
    return Event(
        id="event-1",
        type="greenchain.declaration.accepted.v1",
        topic="supplier.declaration",
        source="/services/supplier",
        aggregate_id="declaration-1",
        aggregate_version=1,
        tenant_id=SUPPLIER,
        time=datetime(2026, 3, 1, tzinfo=UTC),
        data=data,
    )


def named(**changes: Any) -> dict[str, Any]:
    return {"declaration": {"id": "declaration-1", "version": 2, "sha256": sha("2")} | changes}


def test_the_version_is_read() -> None:
    reference = declaration_of(accepted(named()), DeclarationAccepted)
    assert reference == DeclarationReference("declaration-1", 2, sha("2"))


def test_a_field_of_a_later_release_is_passed_over() -> None:
    event = accepted(named() | {"remark": "new"})
    assert declaration_of(event, DeclarationAccepted).version == 2


def test_a_first_version_corrects_nothing() -> None:
    with pytest.raises(MalformedEvent):
        declaration_of(accepted(named(version=1)), DeclarationCorrected)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"declaration": "declaration-1"},
        named(id="another"),
        named(version=0),
        named(version="two"),
        named(sha256=""),
        named(sha256="A" * 64),
    ],
)
def test_anything_else_is_malformed(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent):
        declaration_of(accepted(data), DeclarationAccepted)
