import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from services.supplier.tests.examples import (
    CO2,
    CORRECTED,
    FOOTPRINT_OF_CATHODE,
    OUTPUT,
    PLANT,
    POWER,
    RECORDS,
    YEAR,
    month,
)
from services.supplier.tests.fakes import (
    BUYER,
    EXPORTER,
    FOOTPRINT,
    OTHER_BUYER,
    OTHER_SUPPLIER,
    SUPPLIER,
    Memory,
    person,
)
from services.supplier.tests.scenario import CATHODE, Scenario

from chassis.clock import FixedClock
from chassis.errors import Forbidden, GreenchainError, InvalidInput, Kind, NotFound
from chassis.identity import Principal, Role
from supplier.application.add_records import add_batch, get_draft
from supplier.application.calculate_footprint import get_activity_data
from supplier.application.decide_declaration import accept_declaration, return_declaration
from supplier.application.discard_draft import discard_draft
from supplier.application.list_data_requests import (
    list_data_requests,
    list_received_data_requests,
)
from supplier.application.list_granted_declarations import list_granted_declarations
from supplier.application.open_declaration import open_declaration
from supplier.application.ports import Context
from supplier.application.propose_data_requests import propose_data_requests
from supplier.application.send_data_request import send_data_request
from supplier.application.submit_declaration import submit_declaration
from supplier.domain.activity import StatedRecord
from supplier.domain.data_request import Part
from supplier.domain.declaration import Plant
from supplier.domain.errors import DeclarationUnchanged, NotDiscardable
from supplier.domain.events import (
    CalculationRequested,
    DeclarationAccepted,
    DeclarationCorrected,
    DeclarationReturned,
    DeclarationSubmitted,
    GrantGiven,
    GrantRevoked,
)
from supplier.domain.grant import VALIDITY, GrantField, GrantPurpose
from supplier.domain.period import StatedPeriod
from supplier.domain.transitions import TRANSITIONS, DataRequestState, DeclarationState

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Stage:
    """A memory, a clock that can be moved, and the scenario on them."""

    def __init__(self) -> None:
        self.memory, self.clock = Memory(), FixedClock(NOW)
        counter = iter(range(10_000))
        self.context = Context(self.memory.open, self.clock, lambda: f"id-{next(counter):04}")
        self.scenario = Scenario(self.context)

    def add(self, sequence: int, *records: StatedRecord) -> int:
        return add_batch(self.context, SUPPLIER, self.scenario.declaration_id, 1, sequence, records)

    def refused(self, sequence: int, *records: StatedRecord) -> list[str]:
        with pytest.raises(InvalidInput) as caught:
            self.add(sequence, *records)
        return [violation.code for violation in caught.value.violations]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def drafted(stage: Stage) -> Stage:
    stage.scenario.request()
    stage.scenario.draft(())
    return stage


# ---------------------------------------------------------------------------- data requests


def test_a_product_proposed_again_keeps_its_request_and_gets_the_new_share(stage: Stage) -> None:
    (first,) = propose_data_requests(stage.context, EXPORTER, [CATHODE])
    (again,) = propose_data_requests(
        stage.context, BUYER, [replace(CATHODE, share_of_footprint_percent=40.0)]
    )
    assert again.id == first.id
    assert again.part.share_of_footprint_percent == 40.0


def test_all_that_is_wrong_with_a_proposal_is_reported(stage: Stage) -> None:
    parts = [CATHODE, CATHODE, Part("", "kilo", -1.0)]
    with pytest.raises(InvalidInput) as caught:
        propose_data_requests(stage.context, EXPORTER, parts)
    assert [(v.location.row, v.location.field) for v in caught.value.violations] == [
        (2, "activity_id"),
        (3, "activity_id"),
        (3, "unit"),
        (3, "share_of_footprint_percent"),
    ]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_proposal_has_limits(stage: Stage, count: int) -> None:
    with pytest.raises(InvalidInput, match=f"{count} parts were given"):
        propose_data_requests(stage.context, EXPORTER, [CATHODE] * count)


def test_a_product_proposed_anew_after_sending_gets_a_request_of_its_own(stage: Stage) -> None:
    sent = stage.scenario.request()
    (new,) = propose_data_requests(stage.context, EXPORTER, [replace(CATHODE, unit="t")])
    assert (new.id != sent.id, new.state, new.part.unit) == (True, DataRequestState.PROPOSED, "t")
    assert sent in list_data_requests(stage.context, BUYER, 0, "")[0]


def test_however_often_it_is_proposed_a_product_has_one_proposed_request(stage: Stage) -> None:
    stage.scenario.request()
    for _ in range(3):
        propose_data_requests(stage.context, EXPORTER, [CATHODE])
    listed, _ = list_data_requests(stage.context, BUYER, 0, "")
    assert sorted(request.state.value for request in listed) == ["proposed", "sent"]


def test_the_next_year_and_a_second_supplier_can_be_asked(stage: Stage) -> None:
    first = stage.scenario.request()
    second = stage.scenario.request(OTHER_SUPPLIER)
    next_year = StatedPeriod("2026-01-01", "2026-12-31")
    (third,) = propose_data_requests(stage.context, EXPORTER, [CATHODE])
    send_data_request(stage.context, BUYER, third.id, SUPPLIER.tenant_id, next_year)
    received, _ = list_received_data_requests(stage.context, SUPPLIER, 0, "")
    assert [request.data_request_id for request in received] == [first.id, third.id]
    received, _ = list_received_data_requests(stage.context, OTHER_SUPPLIER, 0, "")
    assert [request.data_request_id for request in received] == [second.id]


def test_a_sent_request_is_seen_by_its_supplier_without_the_share(stage: Stage) -> None:
    sent = stage.scenario.request()
    (received,), _ = list_received_data_requests(stage.context, SUPPLIER, 0, "")
    assert received.data_request_id == sent.id
    assert not hasattr(received, "part")
    assert list_received_data_requests(stage.context, OTHER_SUPPLIER, 0, "") == ([], "")


def test_sending_again_to_the_same_supplier_changes_nothing(stage: Stage) -> None:
    sent = stage.scenario.request()
    assert send_data_request(stage.context, BUYER, sent.id, SUPPLIER.tenant_id, YEAR) == sent


def test_an_answered_request_is_not_sent_again(stage: Stage) -> None:
    stage.scenario.submitted()
    with pytest.raises(GreenchainError, match="it is answered") as raised:
        send_data_request(stage.context, BUYER, stage.scenario.request_id, SUPPLIER.tenant_id, YEAR)
    assert raised.value.code == "supplier.request.already_sent"


def test_a_request_cannot_be_sent_to_a_second_supplier(stage: Stage) -> None:
    sent = stage.scenario.request()
    with pytest.raises(GreenchainError, match="already sent to cathode-maker"):
        send_data_request(stage.context, BUYER, sent.id, OTHER_SUPPLIER.tenant_id, YEAR)


def test_a_request_cannot_be_sent_to_oneself(stage: Stage) -> None:
    with pytest.raises(InvalidInput, match="nobody both states and decides"):
        stage.scenario.request(person("x", BUYER.tenant_id, Role.SUPPLIER))


def test_pages_follow_each_other_without_gap_or_repetition(stage: Stage) -> None:
    parts = [Part(f"part_{number}", "kg", 1.0) for number in range(5)]
    proposed = propose_data_requests(stage.context, EXPORTER, parts)
    seen, token = list_data_requests(stage.context, BUYER, 2, "")
    while token:
        page, token = list_data_requests(stage.context, BUYER, 2, token)
        seen += page
    assert seen == sorted(proposed, key=lambda request: request.id)


FORGED = [
    base64.urlsafe_b64encode(content.encode()).decode()
    for content in (
        "null",
        "[1, 2]",
        '["2026-01-05T08:00:00", "no time zone"]',
        '["0001-01-01T00:00:00+14:00", "before the first year"]',
        '["2026-01-05T08:00:00+00:00", "half a character \\ud800"]',
    )
]


@pytest.mark.parametrize("token", ["x", "é", *FORGED])
def test_a_page_token_that_was_not_given_is_refused(stage: Stage, token: str) -> None:
    with pytest.raises(InvalidInput, match="page token"):
        list_data_requests(stage.context, BUYER, 2, token)


@pytest.mark.parametrize("size", [-1, 1001])
def test_page_sizes_have_limits(stage: Stage, size: int) -> None:
    with pytest.raises(InvalidInput, match="page size"):
        list_data_requests(stage.context, BUYER, size, "")


# ------------------------------------------------------------------------------- the draft


def test_opening_again_gives_the_open_draft(drafted: Stage) -> None:
    first = drafted.scenario.declaration_id
    drafted.add(1, POWER)
    version = drafted.scenario.draft(())
    assert (drafted.scenario.declaration_id, version.version) == (first, 1)
    assert version.record_count == 1


def test_an_open_draft_takes_over_a_mended_header(drafted: Stage) -> None:
    plant = Plant("Plant 2", "CN-JX")
    _, version = open_declaration(
        drafted.context, SUPPLIER, drafted.scenario.request_id, plant, YEAR
    )
    assert version.plant == plant


def test_a_draft_cannot_be_moved_away_from_under_its_records(drafted: Stage) -> None:
    request_id = drafted.scenario.request_id
    wide = StatedPeriod("2024-12-01", "2025-12-31")
    open_declaration(drafted.context, SUPPLIER, request_id, PLANT, wide)
    drafted.add(1, replace(POWER, period=StatedPeriod("2024-12-01", "2024-12-31")))
    with pytest.raises(GreenchainError, match=r"power\.1"):
        open_declaration(drafted.context, SUPPLIER, request_id, PLANT, YEAR)


def test_all_that_is_wrong_with_a_header_is_reported(stage: Stage) -> None:
    stage.scenario.request()
    with pytest.raises(InvalidInput) as caught:
        open_declaration(
            stage.context, SUPPLIER, stage.scenario.request_id, Plant("", "Sichuan"), month(1)
        )
    assert [violation.code for violation in caught.value.violations] == [
        "supplier.text.missing",
        "supplier.plant.unfit_region",
        "supplier.declaration.requested_period_not_covered",
    ]


def test_a_batch_with_one_wrong_record_is_refused_whole(drafted: Stage) -> None:
    assert drafted.refused(1, POWER, replace(CO2, amount=-1.0)) == ["supplier.amount.negative"]
    assert (
        get_draft(drafted.context, SUPPLIER, drafted.scenario.declaration_id, 1).last_sequence == 0
    )


def test_a_refused_batch_is_sent_again_mended_under_its_sequence(drafted: Stage) -> None:
    drafted.refused(1, replace(POWER, unit="kilowatt"))
    assert drafted.add(1, POWER) == 1


def test_a_held_batch_that_comes_again_is_acknowledged_again(drafted: Stage) -> None:
    drafted.add(1, POWER)
    drafted.add(2, CO2)
    assert drafted.add(1, POWER) == 2


@pytest.mark.parametrize("other", [replace(POWER, amount=1.0), replace(POWER, unit="?")])
def test_a_held_sequence_with_other_content_is_refused(drafted: Stage, other: StatedRecord) -> None:
    drafted.add(1, POWER)
    assert drafted.refused(1, other) == ["supplier.batch.differs"]


@pytest.mark.parametrize("sequence", [-1, 0, 2])
def test_a_sequence_out_of_turn_is_refused_with_all_else_that_is_wrong(
    drafted: Stage, sequence: int
) -> None:
    assert drafted.refused(sequence, replace(POWER, amount=-1.0)) == [
        "supplier.amount.negative",
        "supplier.batch.out_of_sequence",
    ]


def test_duplicates_and_overlaps_are_found_across_batches(drafted: Stage) -> None:
    drafted.add(1, POWER)
    assert drafted.refused(2, POWER) == ["supplier.record.duplicate"]
    assert drafted.refused(2, replace(POWER, record_id="p2", period=month(3))) == [
        "supplier.record.overlapping_periods"
    ]


def test_a_version_has_a_limit(drafted: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplier.application.add_records.MOST_PER_VERSION", 1)
    drafted.add(1, POWER)
    assert drafted.refused(2, CO2) == ["supplier.declaration.too_many_records"]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_limits(drafted: Stage, count: int) -> None:
    assert drafted.refused(1, *[POWER] * count) == ["supplier.batch.size"]


# -------------------------------------------------------------------------- discarding a draft


def discard(stage: Stage, version: int, principal: Principal = SUPPLIER) -> None:
    discard_draft(stage.context, principal, stage.scenario.declaration_id, version)


def test_discarding_the_only_version_leaves_no_declaration(drafted: Stage) -> None:
    drafted.add(1, POWER)
    discard(drafted, 1)
    with pytest.raises(NotFound):
        drafted.scenario.state(0)
    assert drafted.scenario.draft().version == 1
    assert drafted.scenario.submit().version == 1
    assert drafted.scenario.request_state() == "answered"


def test_discarding_a_correction_frees_its_number_and_leaves_what_was_accepted(
    stage: Stage,
) -> None:
    stage.scenario.accepted()
    told = len(stage.memory.events)
    stage.scenario.draft((POWER,))
    discard(stage, 2)
    assert stage.scenario.state(0) is DeclarationState.ACCEPTED
    assert len(stage.memory.events) == told
    opened = stage.scenario.draft(())
    assert (opened.version, opened.record_count, opened.last_sequence) == (2, 0, 0)
    assert get_draft(stage.context, SUPPLIER, stage.scenario.declaration_id, 2).last_sequence == 0


def test_who_stated_a_discarded_draft_has_not_stated_the_next_one(drafted: Stage) -> None:
    colleague = person("colleague", SUPPLIER.tenant_id, Role.SUPPLIER)
    add_batch(drafted.context, colleague, drafted.scenario.declaration_id, 1, 1, [POWER])
    discard(drafted, 1)
    assert drafted.scenario.draft(()).stated_by == {SUPPLIER.subject}


@pytest.mark.parametrize("version", [-1, 0, 2])
def test_discarding_another_version_than_the_draft_finds_nothing(
    drafted: Stage, version: int
) -> None:
    with pytest.raises(NotFound):
        discard(drafted, version)
    assert drafted.scenario.state(1) is DeclarationState.DRAFT


def test_discarding_twice_finds_nothing_the_second_time(drafted: Stage) -> None:
    discard(drafted, 1)
    with pytest.raises(NotFound):
        discard(drafted, 1)


def test_somebody_elses_draft_cannot_be_discarded(drafted: Stage) -> None:
    with pytest.raises(NotFound):
        discard(drafted, 1, OTHER_SUPPLIER)
    assert drafted.scenario.state(1) is DeclarationState.DRAFT


@pytest.mark.parametrize("state", ["submitted", "calculated", "accepted"])
def test_what_was_submitted_cannot_be_discarded(stage: Stage, state: str) -> None:
    getattr(stage.scenario, state)()
    with pytest.raises(NotDiscardable) as caught:
        discard(stage, 1)
    assert (caught.value.kind, caught.value.state) == (Kind.CONFLICT, state)
    assert stage.scenario.state(1) == state


# -------------------------------------------------------------------------------- submission


def test_an_incomplete_draft_stays_a_draft(drafted: Stage) -> None:
    drafted.add(1, POWER)
    with pytest.raises(InvalidInput, match="adds up to 0 kg") as caught:
        drafted.scenario.submit()
    assert "--afresh" in caught.value.summary("en")
    assert "--afresh" in caught.value.summary("zh")
    assert drafted.scenario.state(1) is DeclarationState.DRAFT
    assert not drafted.memory.events


def test_a_first_submission_shares_asks_and_tells_at_once(stage: Stage) -> None:
    named = stage.scenario.submitted()
    own, product = (stage.scenario.grant(purpose) for purpose in GrantPurpose)
    tenant = SUPPLIER.tenant_id
    assert stage.memory.events == [
        DeclarationSubmitted(tenant, 1, named),
        CalculationRequested(tenant, named),
        GrantGiven(tenant, own.id, named.id),
        GrantGiven(tenant, product.id, named.id),
    ]
    assert (own.grantee, product.grantee) == ("footprint", BUYER.tenant_id)
    assert GrantField.ACTIVITY_RECORDS not in product.fields
    assert stage.scenario.request_state() == "answered"


def test_submitting_twice_gives_the_same_answer_and_no_second_event(stage: Stage) -> None:
    named = stage.scenario.submitted()
    told = len(stage.memory.events)
    assert stage.scenario.submit() == named
    assert len(stage.memory.events) == told


def test_a_submitted_version_takes_no_more_records(stage: Stage) -> None:
    stage.scenario.submitted()
    with pytest.raises(GreenchainError, match="takes no more records"):
        stage.add(2, CO2)


def test_a_later_submission_corrects_and_needs_no_new_grant(stage: Stage) -> None:
    first = stage.scenario.accepted()
    del stage.memory.events[:]
    stage.scenario.draft((OUTPUT, POWER))
    second = stage.scenario.submit(2)
    tenant = SUPPLIER.tenant_id
    assert stage.memory.events == [
        DeclarationCorrected(tenant, 3, second, first),
        CalculationRequested(tenant, second),
    ]


def test_submitting_gives_a_revoked_grant_anew(stage: Stage) -> None:
    stage.scenario.calculated()
    stage.scenario.revoke(GrantPurpose.PRODUCT_FOOTPRINT)
    assert stage.scenario.seen_by(BUYER) == []
    stage.scenario.next_version()
    assert len(stage.scenario.seen_by(BUYER)) == 2


# ------------------------------------------------------------------------------- calculation


def test_the_same_result_twice_is_held_once(stage: Stage) -> None:
    named = stage.scenario.calculated()
    stage.scenario.put(named, replace(FOOTPRINT_OF_CATHODE, footprint_id="fp-retry"))
    (seen,) = stage.scenario.seen_by(BUYER)
    assert seen.calculated_footprint == FOOTPRINT_OF_CATHODE


def test_another_result_for_the_same_version_is_refused(stage: Stage) -> None:
    named = stage.scenario.calculated()
    with pytest.raises(GreenchainError, match="fp-1"):
        stage.scenario.put(named, replace(FOOTPRINT_OF_CATHODE, kg_co2e_per_unit=9.0))


def test_all_that_is_wrong_with_a_result_is_reported(stage: Stage) -> None:
    named = stage.scenario.submitted()
    wrong = replace(
        FOOTPRINT_OF_CATHODE,
        kg_co2e_per_unit=float("nan"),
        unit="kWh",
        primary_data_share_percent=101.0,
        sha256="x",
    )
    with pytest.raises(InvalidInput) as caught:
        stage.scenario.put(named, wrong)
    assert [violation.location.field for violation in caught.value.violations] == [
        "sha256",
        "kg_co2e_per_unit",
        "unit",
        "primary_data_share_percent",
    ]


def test_a_result_may_be_stated_in_another_unit_of_the_same_quantity(stage: Stage) -> None:
    named = stage.scenario.submitted()
    stage.scenario.put(named, replace(FOOTPRINT_OF_CATHODE, unit="t"))
    (seen,) = stage.scenario.seen_by(BUYER)
    assert seen.calculated_footprint is not None
    assert seen.calculated_footprint.unit == "t"


def test_activity_data_come_with_the_version_that_the_event_named(stage: Stage) -> None:
    named = stage.scenario.submitted()
    _, version, records = get_activity_data(stage.context, FOOTPRINT, named)
    assert version.sha256 == named.sha256
    assert [record.record_id for record in records] == ["co2.1", "output.1", "power.1"]
    with pytest.raises(GreenchainError, match="has not the content"):
        get_activity_data(stage.context, FOOTPRINT, replace(named, sha256="0" * 64))


# --------------------------------------------------------------------------------- decisions


def test_accepting_fulfils_the_request_and_tells_under_the_suppliers_tenant(stage: Stage) -> None:
    named = stage.scenario.accepted()
    assert stage.memory.events[-1] == DeclarationAccepted(SUPPLIER.tenant_id, 2, named)
    assert stage.scenario.request_state() == "fulfilled"


def test_accepting_twice_tells_once(stage: Stage) -> None:
    named = stage.scenario.accepted()
    told = len(stage.memory.events)
    assert stage.scenario.accept(named).state is DeclarationState.ACCEPTED
    assert len(stage.memory.events) == told


def test_what_is_accepted_is_what_was_looked_at(stage: Stage) -> None:
    named = stage.scenario.calculated()
    with pytest.raises(GreenchainError, match="decide on what it says now"):
        stage.scenario.accept(replace(named, sha256="0" * 64))


def test_a_version_is_not_accepted_before_its_footprint_is_there(stage: Stage) -> None:
    named = stage.scenario.submitted()
    with pytest.raises(GreenchainError, match="is submitted; it cannot become accepted"):
        stage.scenario.accept(named)


def test_the_accepted_version_stands_until_the_next_is_accepted(stage: Stage) -> None:
    stage.scenario.accepted()
    second = stage.scenario.next_version((OUTPUT, POWER))
    assert stage.scenario.state(1) is DeclarationState.ACCEPTED
    stage.scenario.accept(second)
    assert stage.scenario.state(1) is DeclarationState.SUPERSEDED
    assert stage.scenario.state(2) is DeclarationState.ACCEPTED


def test_both_sides_see_where_a_request_stands(stage: Stage) -> None:
    def seen() -> list[str]:
        (received,), _ = list_received_data_requests(stage.context, SUPPLIER, 0, "")
        return [stage.scenario.request_state(), received.state.value]

    stage.scenario.request()
    assert seen() == ["sent", "sent"]
    stage.scenario.draft()
    named = stage.scenario.submit()
    assert seen() == ["answered", "answered"]
    stage.scenario.put(named)
    stage.scenario.accept(named)
    assert seen() == ["fulfilled", "fulfilled"]


def test_a_correction_names_the_accepted_version_which_others_rest_on(stage: Stage) -> None:
    accepted = stage.scenario.accepted()
    stage.scenario.next_version((OUTPUT, POWER))
    stage.scenario.draft((OUTPUT,))
    third = stage.scenario.submit(3)
    told = [each for each in stage.memory.events if isinstance(each, DeclarationCorrected)]
    assert (told[-1].declaration, told[-1].corrected) == (third, accepted)


def test_a_version_that_was_corrected_is_not_decided_on(stage: Stage) -> None:
    first = stage.scenario.calculated()
    stage.scenario.next_version((OUTPUT, POWER))
    for decide in (stage.scenario.accept, stage.scenario.give_back):
        with pytest.raises(GreenchainError, match="version 2 is the newest"):
            decide(first)


def test_the_newest_of_several_corrections_is_named(stage: Stage) -> None:
    first = stage.scenario.calculated()
    stage.scenario.next_version((OUTPUT, POWER))
    stage.scenario.next_version((OUTPUT,))
    with pytest.raises(GreenchainError, match="version 3 is the newest"):
        stage.scenario.accept(first)


def test_a_version_that_corrects_nothing_is_refused(stage: Stage) -> None:
    stage.scenario.accepted()
    told = len(stage.memory.events)
    draft = stage.scenario.draft(RECORDS)
    with pytest.raises(DeclarationUnchanged) as raised:
        stage.scenario.submit(draft.version)
    assert (raised.value.version, raised.value.before) == (2, 1)
    assert stage.scenario.state(2) is DeclarationState.DRAFT
    assert len(stage.memory.events) == told


def test_what_was_returned_is_not_submitted_again_as_it_was(stage: Stage) -> None:
    named = stage.scenario.submitted()
    stage.scenario.put(named)
    stage.scenario.give_back(named)
    draft = stage.scenario.draft(RECORDS)
    with pytest.raises(DeclarationUnchanged):
        stage.scenario.submit(draft.version)


def test_what_could_not_be_calculated_may_be_submitted_again_as_it_was(stage: Stage) -> None:
    stage.scenario.refuse(stage.scenario.submitted())
    draft = stage.scenario.draft(RECORDS)
    stage.scenario.submit(draft.version)
    assert stage.scenario.state(draft.version) is DeclarationState.SUBMITTED


def test_records_in_another_order_correct_nothing(stage: Stage) -> None:
    stage.scenario.accepted()
    draft = stage.scenario.draft(tuple(reversed(RECORDS)))
    with pytest.raises(DeclarationUnchanged):
        stage.scenario.submit(draft.version)


def test_another_plant_is_a_correction(stage: Stage) -> None:
    stage.scenario.accepted()
    elsewhere = replace(PLANT, region="CN-YN")
    open_declaration(stage.context, SUPPLIER, stage.scenario.request_id, elsewhere, YEAR)
    records = (stage.scenario.declaration_id, 2, 1, RECORDS)
    add_batch(stage.context, SUPPLIER, *records)
    _, second = submit_declaration(stage.context, SUPPLIER, *records[:2])
    assert second.state is DeclarationState.SUBMITTED


def test_what_was_said_before_the_last_version_may_be_said_again(stage: Stage) -> None:
    stage.scenario.accepted()
    stage.scenario.next_version(CORRECTED)
    assert stage.scenario.next_version(RECORDS).version == 3


def test_a_returned_version_is_corrected_by_the_next(stage: Stage) -> None:
    first = stage.scenario.calculated()
    stage.scenario.give_back(first)
    assert stage.memory.events[-1] == DeclarationReturned(SUPPLIER.tenant_id, 2, first)
    second = stage.scenario.next_version((OUTPUT, POWER))
    assert stage.scenario.accept(second).state is DeclarationState.ACCEPTED


def test_a_result_that_comes_after_its_version_was_superseded_is_kept(stage: Stage) -> None:
    first = stage.scenario.submitted()
    second = stage.scenario.next_version((OUTPUT, POWER))
    stage.scenario.accept(second)
    stage.scenario.put(first)
    assert stage.scenario.state(1) is DeclarationState.SUPERSEDED


def test_returning_twice_for_the_same_reason_tells_once(stage: Stage) -> None:
    named = stage.scenario.calculated()
    stage.scenario.give_back(named)
    told = len(stage.memory.events)
    assert stage.scenario.give_back(named).state is DeclarationState.RETURNED
    assert len(stage.memory.events) == told


def test_an_accepted_version_is_not_returned(stage: Stage) -> None:
    named = stage.scenario.accepted()
    with pytest.raises(GreenchainError, match="is accepted; it cannot become returned"):
        stage.scenario.give_back(named)


def test_a_filter_has_limits(stage: Stage) -> None:
    with pytest.raises(InvalidInput, match="1001 ids"):
        list_granted_declarations(stage.context, BUYER, ["x"] * 1001, None)


def test_a_return_says_why(stage: Stage) -> None:
    named = stage.scenario.calculated()
    with pytest.raises(InvalidInput, match="reason"):
        return_declaration(stage.context, BUYER, named, " ")


def test_who_stated_a_version_cannot_decide_on_it(stage: Stage) -> None:
    named = stage.scenario.calculated()
    two_hats = person(SUPPLIER.subject, BUYER.tenant_id, Role.LEAD_FIRM)
    with pytest.raises(GreenchainError, match="cannot decide on it"):
        accept_declaration(stage.context, two_hats, named)


def test_who_stated_a_version_cannot_decide_on_a_later_one(stage: Stage) -> None:
    stage.scenario.accepted()
    colleague = person("colleague", SUPPLIER.tenant_id, Role.SUPPLIER)
    _, draft = open_declaration(stage.context, colleague, stage.scenario.request_id, PLANT, YEAR)
    records = (stage.scenario.declaration_id, draft.version, 1, CORRECTED)
    add_batch(stage.context, colleague, *records)
    declaration, second = submit_declaration(stage.context, colleague, *records[:2])
    assert SUPPLIER.subject not in second.stated_by
    stage.scenario.put(declaration.reference(second))
    two_hats = person(SUPPLIER.subject, BUYER.tenant_id, Role.LEAD_FIRM)
    with pytest.raises(GreenchainError, match="cannot decide on it"):
        accept_declaration(stage.context, two_hats, declaration.reference(second))


# -------------------------------------------------------------------------- roles and grants


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD_FIRM])
def test_only_a_lead_firm_accepts(stage: Stage, role: Role) -> None:
    named = stage.scenario.calculated()
    with pytest.raises(Forbidden):
        accept_declaration(stage.context, person("x", BUYER.tenant_id, role), named)


def test_no_role_that_states_may_decide() -> None:
    stating = TRANSITIONS[(DeclarationState.DRAFT, DeclarationState.SUBMITTED)]
    for decision in (DeclarationState.ACCEPTED, DeclarationState.RETURNED):
        assert not stating & TRANSITIONS[(DeclarationState.CALCULATED, decision)]


@pytest.mark.parametrize("principal", [BUYER, EXPORTER])
def test_a_lead_firm_sees_the_granted_fields_and_its_reading_is_written_down(
    stage: Stage, principal: Principal
) -> None:
    named = stage.scenario.calculated()
    (view,) = stage.scenario.seen_by(principal)
    assert view.declaration == named
    assert view.plant_region == "CN-SC"
    (use,) = [
        use
        for use in stage.memory.tenants[SUPPLIER.tenant_id].uses
        if use.purpose is GrantPurpose.PRODUCT_FOOTPRINT
    ]
    assert (use.subject, use.tenant_id, use.version) == (principal.subject, "pack-maker", 1)
    assert use.fields == stage.scenario.grant(GrantPurpose.PRODUCT_FOOTPRINT).fields


def test_a_field_that_is_not_granted_is_not_in_the_view(stage: Stage) -> None:
    stage.scenario.calculated()
    grant = stage.scenario.grant(GrantPurpose.PRODUCT_FOOTPRINT)
    stage.memory.tenants[SUPPLIER.tenant_id].grants[grant.id] = replace(
        grant, fields=frozenset({GrantField.DECLARATION})
    )
    (view,) = stage.scenario.seen_by(BUYER)
    assert (view.state, view.plant_region, view.reference_period) == (None, None, None)
    assert view.calculated_footprint is None


def test_a_draft_is_seen_by_its_owner_alone(stage: Stage) -> None:
    stage.scenario.accepted()
    stage.scenario.draft((OUTPUT, POWER))
    assert len(stage.scenario.seen_by(BUYER)) == 1


def make_unusable(stage: Stage, how: str) -> None:
    """Spoil both grants of the declaration in the same way."""
    grants = stage.memory.tenants[SUPPLIER.tenant_id].grants
    if how == "revoked":
        for purpose in GrantPurpose:
            stage.scenario.revoke(purpose)
    elif how == "expired":
        stage.clock.advance(VALIDITY)
    for grant in list(grants.values()):
        (other,) = set(GrantPurpose) - {grant.purpose}
        spoilt = {
            "not yet valid": replace(grant, valid_from=NOW + timedelta(seconds=1)),
            "wrong purpose": replace(grant, purpose=other),
            "other grantee": replace(grant, grantee="somebody-else"),
        }
        grants[grant.id] = spoilt.get(how, grant)


@pytest.mark.parametrize(
    "how", ["revoked", "expired", "not yet valid", "wrong purpose", "other grantee"]
)
def test_a_grant_that_does_not_stand_looks_like_an_unknown_declaration(
    stage: Stage, how: str
) -> None:
    named = stage.scenario.calculated()
    make_unusable(stage, how)
    assert stage.scenario.seen_by(BUYER) == []
    assert stage.scenario.seen_by(OTHER_BUYER) == []
    for call in (
        lambda named: stage.scenario.accept(named),
        lambda named: stage.scenario.give_back(named),
        lambda named: stage.scenario.put(named),
        lambda named: get_activity_data(stage.context, FOOTPRINT, named),
    ):
        texts = []
        for asked in (named, replace(named, id="unknown")):
            with pytest.raises(NotFound) as caught:
                call(asked)
            texts.append(str(caught.value).replace(asked.id, "…"))
        assert texts[0] == texts[1]


def test_revoking_twice_tells_once(stage: Stage) -> None:
    stage.scenario.submitted()
    for _ in range(2):
        stage.scenario.revoke(GrantPurpose.PRODUCT_FOOTPRINT)
    assert sum(isinstance(event, GrantRevoked) for event in stage.memory.events) == 1


def test_a_request_that_was_not_sent_cannot_be_answered(stage: Stage) -> None:
    (proposed,) = propose_data_requests(stage.context, EXPORTER, [CATHODE])
    with pytest.raises(NotFound):
        open_declaration(stage.context, SUPPLIER, proposed.id, PLANT, YEAR)
    with pytest.raises(NotFound):
        send_data_request(stage.context, OTHER_BUYER, proposed.id, SUPPLIER.tenant_id, YEAR)
