"""The events that the service sends and reads."""

from datetime import timedelta
from typing import Any

import pytest
from services.certification.tests.samples import (
    APPLICANT,
    BODY,
    DECIDER,
    FOOTPRINT,
    NOW,
    OWNER,
    SCHEME,
    STATEMENT,
    STATER,
    VERIFIER,
)

from certification.adapters.events import (
    FOOTPRINT_DEPRECATED,
    FOOTPRINT_FLAGGED,
    FOOTPRINT_TOPIC,
    UnreadablePayload,
    event_of,
    flag_of,
    restated,
)
from certification.domain import facts
from certification.domain.record import Flag, FlagCode, Record, SignedDocument
from chassis.events import Event

SENT = [
    (facts.Submitted("r-1", "demonstration"), "submitted", {"scheme": "demonstration"}),
    (facts.Rejected("r-1"), "rejected", {}),
    (
        facts.Issued("r-1", "demonstration", "c" * 64, "key-1", NOW, NOW + timedelta(days=365)),
        "issued",
        {
            "scheme": "demonstration",
            "sha256": "c" * 64,
            "keyId": "key-1",
            "issuedAt": "2026-03-01T08:00:00Z",
            "validUntil": "2027-03-01T08:00:00Z",
        },
    ),
    (facts.Suspended("r-1", "why"), "suspended", {"reason": "why"}),
    (facts.Reinstated("r-1", "why"), "reinstated", {"reason": "why"}),
    (facts.Revoked("r-1", "why"), "revoked", {"reason": "why"}),
    (facts.Withdrawn("r-1", "why"), "withdrawn", {"reason": "why"}),
    (
        facts.Flagged("r-1", FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW),
        "flagged",
        {
            "flag": "footprint_stale",
            "reason": "declaration_corrected",
            "since": "2026-03-01T08:00:00Z",
        },
    ),
]


@pytest.mark.parametrize(("fact", "verb", "data"), SENT)
def test_each_fact_has_its_event(fact: facts.Fact, verb: str, data: dict[str, Any]) -> None:
    event = event_of(fact, OWNER, 3, NOW)
    assert event.type == f"greenchain.record.{verb}.v1"
    assert (event.topic, event.key, event.aggregate_version) == ("certification.record", "r-1", 3)
    assert event.data == {"recordId": "r-1"} | data


def issued_record() -> tuple[Record, SignedDocument]:
    document = SignedDocument("e30.e30.c2ln", "c" * 64, "key-1", NOW, NOW + timedelta(days=365))
    record = Record.apply_for(
        record_id="r-1",
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=APPLICANT,
        at=NOW,
    )
    record = record.file_statement(STATEMENT, SCHEME, STATER, NOW).issue(document, DECIDER, "Good.")
    return record, document


def test_where_an_issued_record_stands_is_told_whole() -> None:
    record, document = issued_record()
    flagged = record.flag(Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW))
    event = restated(flagged, document, 4, NOW)
    assert event.type == "greenchain.record.restated.v1"
    assert (event.topic, event.key) == ("certification.record-state", "r-1")
    assert (event.aggregate_version, event.tenant_id) == (4, OWNER)
    assert event.data == {
        "recordId": "r-1",
        "scheme": "demonstration",
        "state": "issued",
        "sha256": "c" * 64,
        "keyId": "key-1",
        "issuedAt": "2026-03-01T08:00:00Z",
        "validUntil": "2027-03-01T08:00:00Z",
        "flags": ["footprint_stale"],
    }


def incoming(type_: str, data: dict[str, Any], key: str = "footprint-1") -> Event:
    return Event(
        id="event-1",
        type=type_,
        topic=FOOTPRINT_TOPIC,
        source="/services/footprint",
        aggregate_id=key,
        aggregate_version=2,
        tenant_id=OWNER,
        time=NOW,
        data=data,
    )


STALE = {"footprintId": "footprint-1", "flag": "stale", "reason": "declaration_corrected"}
REPLACED = {"footprintId": "footprint-1", "successorFootprintId": "footprint-2"}


def test_a_flagged_footprint_becomes_a_flag_with_its_reason_and_date() -> None:
    assert flag_of(incoming(FOOTPRINT_FLAGGED, STALE)) == (
        "footprint-1",
        Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW),
    )


def test_a_replaced_footprint_becomes_a_flag_with_its_successor() -> None:
    assert flag_of(incoming(FOOTPRINT_DEPRECATED, REPLACED)) == (
        "footprint-1",
        Flag(FlagCode.FOOTPRINT_DEPRECATED, "footprint_replaced", NOW, "footprint-2"),
    )


def test_a_field_of_a_later_revision_is_passed_over() -> None:
    assert flag_of(incoming(FOOTPRINT_FLAGGED, STALE | {"somethingNew": 1}))


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (FOOTPRINT_FLAGGED, STALE | {"flag": "audited"}),
        (FOOTPRINT_FLAGGED, STALE | {"reason": ""}),
        (FOOTPRINT_FLAGGED, STALE | {"flag": 7}),
        (FOOTPRINT_FLAGGED, STALE | {"footprintId": "footprint-9"}),
        (FOOTPRINT_DEPRECATED, REPLACED | {"successorFootprintId": ""}),
        (FOOTPRINT_DEPRECATED, {}),
    ],
)
def test_data_that_do_not_fit_are_refused(type_: str, data: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePayload, match="event-1"):
        flag_of(incoming(type_, data))
