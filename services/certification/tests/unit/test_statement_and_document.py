"""Statements, the signed content, validity and the words of a record's standing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from services.certification.tests.samples import (
    APPLICANT,
    BODY,
    FOOTPRINT,
    NOW,
    SCHEME,
    STATEMENT,
    STATER,
    VERIFIER,
)

from certification.domain.document import content, instant
from certification.domain.errors import (
    ConflictOfInterest,
    FieldEmpty,
    ImpossibleDate,
    OtherFootprintVersion,
    OtherMethod,
    UnfitText,
    UnknownStatementType,
)
from certification.domain.record import Flag, FlagCode, Record
from certification.domain.standing import FLAG_WORDS, in_force, standing
from certification.domain.states import State
from chassis.canonical import canonical_json
from chassis.errors import InvalidInput


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"footprint_sha256": "0" * 64}, OtherFootprintVersion),
        ({"method_id": "ef_3_1"}, OtherMethod),
        ({"type": "site_visit"}, UnknownStatementType),
        ({"no_conflict_of_interest": False}, ConflictOfInterest),
        ({"verifier_name": " "}, FieldEmpty),
        ({"verifier_name": "Green\nLtd"}, UnfitText),
        ({"lead_verifier": "Wang\u202e Fang"}, UnfitText),
        ({"objective": "\u200b"}, FieldEmpty),
        ({"limitations": "None\x1b[2K"}, UnfitText),
        ({"lead_verifier": ""}, FieldEmpty),
        ({"objective": ""}, FieldEmpty),
        ({"limitations": ""}, FieldEmpty),
        # The footprint was frozen on 27 February (UTC), today is 1 March (UTC).
        ({"date": date(2026, 2, 25)}, ImpossibleDate),
        ({"date": date(2026, 3, 3)}, ImpossibleDate),
    ],
)
def test_a_statement_that_does_not_fit_is_refused(
    change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(STATEMENT, **change).check(FOOTPRINT, SCHEME, NOW)
    (violation,) = refused.value.violations
    assert isinstance(violation, error)
    assert violation.location.field == next(iter(change))


def test_all_mistakes_of_a_statement_are_told_together() -> None:
    wrong = replace(STATEMENT, footprint_sha256="0" * 64, objective="", method_id="other")
    with pytest.raises(InvalidInput) as refused:
        wrong.check(FOOTPRINT, SCHEME, NOW)
    fields = {violation.location.field for violation in refused.value.violations}
    assert fields == {"footprint_sha256", "objective", "method_id"}


@pytest.mark.parametrize("day", [date(2026, 2, 26), date(2026, 3, 2)])
def test_a_statements_day_may_be_a_time_zone_away(day: date) -> None:
    replace(STATEMENT, date=day).check(FOOTPRINT, SCHEME, NOW)


def test_every_field_of_a_statement_changes_its_hash() -> None:
    changes: list[dict[str, Any]] = [
        {"type": "other"},
        {"footprint_sha256": "0" * 64},
        {"verifier_name": "x"},
        {"lead_verifier": "x"},
        {"objective": "x"},
        {"conclusion": "not_compliant"},
        {"limitations": "x"},
        {"method_id": "x"},
        {"no_conflict_of_interest": False},
        {"date": date(2026, 3, 2)},
    ]
    hashes = {replace(STATEMENT, **change).sha256() for change in changes}
    assert len(hashes | {STATEMENT.sha256()}) == len(changes) + 1


def signed_content() -> dict[str, Any]:
    record = Record.apply_for(
        record_id="record-1",
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=APPLICANT,
        at=NOW,
    ).file_statement(STATEMENT, SCHEME, STATER, NOW)
    return dict(
        content(
            record,
            STATEMENT,
            SCHEME,
            issuer="https://certification.example",
            status_url="https://certification.example/v1/records/record-1",
            issued_at=NOW,
            valid_until=SCHEME.valid_until(NOW),
        )
    )


def test_the_signed_content_binds_footprint_evidence_and_statement() -> None:
    claims = signed_content()
    assert claims["iss"] == "https://certification.example"
    assert claims["record_id"] == claims["jti"] == "record-1"
    assert claims["footprint"] == {"id": FOOTPRINT.id, "sha256": FOOTPRINT.sha256}
    assert [item["sha256"] for item in claims["evidence"]] == ["a" * 64, "b" * 64]
    assert claims["statement_sha256"] == STATEMENT.sha256()
    assert claims["declared_unit"] == {"amount": 1.0, "unit": "kwh_capacity"}
    assert sum(claims["stages_kg_co2e_per_declared_unit"].values()) == pytest.approx(
        claims["pcf_kg_co2e_per_declared_unit"]
    )
    assert (claims["issued"], claims["valid_until"]) == (
        "2026-03-01T08:00:00Z",
        "2027-03-01T08:00:00Z",
    )


def test_the_signed_content_names_no_person_and_no_organisation() -> None:
    text = canonical_json(signed_content()).decode()
    for name in (APPLICANT.subject, STATEMENT.lead_verifier, APPLICANT.tenant_id, VERIFIER):
        assert f'"{name}"' not in text


def test_a_record_of_a_leap_day_ends_on_the_28th() -> None:
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert SCHEME.valid_until(leap_day) == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_an_instant_is_written_in_utc_only() -> None:
    with pytest.raises(ValueError, match="UTC"):
        instant(datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="UTC"):
        instant(datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=8))))


UNTIL = NOW + timedelta(days=365)


@pytest.mark.parametrize("state", [s for s in State if s is not State.ISSUED])
def test_only_an_issued_record_is_in_force(state: State) -> None:
    assert not in_force(state, UNTIL, NOW)
    assert in_force(State.ISSUED, UNTIL, NOW)


def test_a_record_past_its_validity_is_not_in_force_and_says_so() -> None:
    assert not in_force(State.ISSUED, UNTIL, UNTIL)
    words = standing(State.ISSUED, UNTIL, (), UNTIL)
    assert "not valid" in words.en
    assert "无效" in words.zh


def test_revoked_is_said_first() -> None:
    words = standing(State.REVOKED, UNTIL, (), NOW)
    assert words.en.startswith("Revoked")
    assert words.zh.startswith("认证机构已撤销")
    assert "In force" not in words.en


def test_flags_are_said_with_their_date() -> None:
    flags = tuple(Flag(code, "declaration_corrected", NOW) for code in FlagCode)
    words = standing(State.ISSUED, UNTIL, flags, NOW)
    assert words.en.count("Flagged on 2026-03-01") == len(FLAG_WORDS) == len(FlagCode)
    assert words.zh.count("2026-03-01 起带有标记") == len(FlagCode)
