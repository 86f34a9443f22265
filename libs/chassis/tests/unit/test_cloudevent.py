import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.cloudevent import MalformedEvent, from_json, to_json
from chassis.events import Event

EVENT = Event(
    id="e-1",
    type="greenchain.grant.given.v1",
    topic="supplier.grant",
    source="/services/supplier",
    aggregate_id="g-1",
    aggregate_version=3,
    tenant_id="cathode-maker",
    time=datetime(2026, 3, 1, 12, 30, 1, 250, tzinfo=UTC),
    data={"grantId": "g-1", "fields": ["pcf"], "名": {"值": 1.5}},
)
WIRE: dict[str, Any] = json.loads(to_json(EVENT))


def test_an_event_reads_back_as_it_was_written() -> None:
    assert from_json(to_json(EVENT), "supplier.grant") == EVENT


def test_the_wire_form_is_structured_cloudevents_json() -> None:
    assert WIRE == {
        "specversion": "1.0",
        "id": "e-1",
        "type": "greenchain.grant.given.v1",
        "source": "/services/supplier",
        "subject": "g-1",
        "time": "2026-03-01T12:30:01.000250Z",
        "datacontenttype": "application/json",
        "aggregateversion": 3,
        "tenantid": "cathode-maker",
        "data": {"grantId": "g-1", "fields": ["pcf"], "名": {"值": 1.5}},
    }


@pytest.mark.parametrize("name", sorted(WIRE))
def test_a_missing_attribute_is_named(name: str) -> None:
    document = {key: value for key, value in WIRE.items() if key != name}
    with pytest.raises(MalformedEvent, match=name):
        from_json(json.dumps(document).encode(), "t")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aggregateversion", "3"),
        ("aggregateversion", True),
        ("aggregateversion", 0),
        ("aggregateversion", 2**31),
        ("time", "yesterday"),
        ("time", "2026-03-01T12:30:01"),
        ("specversion", "0.3"),
        ("datacontenttype", "text/plain"),
        ("data", []),
        ("tenantid", ""),
        ("id", 5),
    ],
)
def test_an_attribute_of_the_wrong_form_is_refused(name: str, value: Any) -> None:
    with pytest.raises(MalformedEvent):
        from_json(json.dumps({**WIRE, name: value}).encode(), "t")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        to_json(EVENT)[:-1] + b', "id": "e-2"}',
        to_json(EVENT).replace(b'"fields"', b'"grantId"'),
        to_json(EVENT).replace(b"1.5", b"NaN"),
        to_json(EVENT).replace(b"1.5", b"-Infinity"),
        b"[" * 100_000,
    ],
    ids=lambda value: repr(value[-20:]),
)
def test_what_is_not_strict_json_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedEvent):
        from_json(value, "t")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(value: bytes) -> None:
    with pytest.raises(MalformedEvent):
        from_json(value, "t")


def test_a_large_number_is_not_taken_for_infinity() -> None:
    value = to_json(replace(EVENT, data={"amount": 1.0})).replace(b"1.0}", b"1e999}")
    with pytest.raises(MalformedEvent, match="1e999"):
        from_json(value, "t")
