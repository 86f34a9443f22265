"""A version from which no footprint can be calculated: told to its owner, mended by the next."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from services.supplier.tests.examples import FOOTPRINT_OF_CATHODE, OUTPUT, POWER, REASON
from services.supplier.tests.fakes import BUYER, FOOTPRINT, SUPPLIER, Memory
from services.supplier.tests.scenario import Scenario

from chassis.clock import FixedClock, new_id
from chassis.errors import GreenchainError, InvalidInput, Kind, NotFound
from supplier.application.calculate_footprint import refuse_calculation
from supplier.application.get_declaration import get_declaration
from supplier.application.ports import Context
from supplier.domain.declaration import VersionReference
from supplier.domain.events import DeclarationCorrected
from supplier.domain.grant import GrantPurpose
from supplier.domain.refusal import LONGEST_REASON, MOST_REASONS, Reason
from supplier.domain.transitions import DeclarationState


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def scenario(memory: Memory) -> Scenario:
    return Scenario(Context(memory.open, FixedClock(datetime(2026, 1, 5, tzinfo=UTC)), new_id))


def held_for(scenario: Scenario, version: int = 1) -> tuple[Reason, ...]:
    found = get_declaration(scenario.context, SUPPLIER, scenario.declaration_id, version)
    return found[1].refused_for


def test_its_owner_reads_why(scenario: Scenario) -> None:
    scenario.refused()
    assert scenario.state(1) is DeclarationState.REFUSED
    assert held_for(scenario) == (REASON,)


def test_the_lead_firm_sees_that_it_was_and_no_reason(scenario: Scenario) -> None:
    scenario.refused()
    (seen,) = scenario.seen_by(BUYER)
    assert seen.state is DeclarationState.REFUSED
    assert REASON.record_id not in repr(seen)


def test_refusing_again_changes_nothing(scenario: Scenario) -> None:
    named = scenario.refused()
    scenario.refuse(named, replace(REASON, record_id="output.1"))
    assert held_for(scenario) == (REASON,)


def test_nobody_but_the_owner_is_told(scenario: Scenario, memory: Memory) -> None:
    named = scenario.submitted()
    told = list(memory.events)
    scenario.refuse(named)
    assert memory.events == told


@pytest.mark.parametrize("state", ["calculated", "accepted"])
def test_what_was_calculated_is_not_refused(scenario: Scenario, state: str) -> None:
    named = getattr(scenario, state)()
    with pytest.raises(GreenchainError, match=f"is {state}; it cannot become refused") as caught:
        scenario.refuse(named)
    assert caught.value.kind is Kind.CONFLICT


def test_what_was_refused_is_not_calculated(scenario: Scenario) -> None:
    named = scenario.refused()
    with pytest.raises(GreenchainError, match="is refused; it cannot become calculated"):
        scenario.put(named)


def test_other_content_than_was_pulled_is_not_refused(scenario: Scenario) -> None:
    named = scenario.submitted()
    with pytest.raises(GreenchainError, match="has not the content"):
        scenario.refuse(replace(named, sha256="0" * 64))


def test_without_a_live_grant_the_declaration_is_unknown(scenario: Scenario) -> None:
    named = scenario.submitted()
    scenario.revoke(GrantPurpose.OWN_CALCULATION)
    with pytest.raises(NotFound):
        scenario.refuse(named)


def test_it_is_neither_accepted_nor_returned_and_the_answer_says_why(scenario: Scenario) -> None:
    named = scenario.refused()
    for decide in (scenario.accept, scenario.give_back):
        with pytest.raises(GreenchainError, match="No footprint could be calculated"):
            decide(named)


def test_it_is_corrected_by_the_next_version(scenario: Scenario, memory: Memory) -> None:
    first = scenario.refused()
    second = scenario.next_version((OUTPUT, POWER))
    assert DeclarationCorrected(SUPPLIER.tenant_id, 2, second, first) in memory.events
    assert scenario.accept(second).state is DeclarationState.ACCEPTED
    assert scenario.state(1) is DeclarationState.SUPERSEDED


def test_a_refused_correction_leaves_the_version_before_it_to_be_decided_on(
    scenario: Scenario,
) -> None:
    first = scenario.calculated()
    version = scenario.draft((OUTPUT, POWER)).version
    scenario.refuse(scenario.submit(version))
    assert scenario.accept(first).state is DeclarationState.ACCEPTED


def _superseded(scenario: Scenario) -> VersionReference:
    first = scenario.submitted()
    scenario.accept(scenario.next_version((OUTPUT, POWER)))
    return first


def test_a_refusal_that_comes_after_its_version_was_superseded_is_kept(scenario: Scenario) -> None:
    scenario.refuse(_superseded(scenario))
    assert scenario.state(1) is DeclarationState.SUPERSEDED
    assert held_for(scenario) == (REASON,)


def test_a_superseded_version_has_a_result_or_a_refusal_never_both(scenario: Scenario) -> None:
    first = _superseded(scenario)
    scenario.refuse(first)
    with pytest.raises(GreenchainError, match="cannot become calculated"):
        scenario.put(first, FOOTPRINT_OF_CATHODE)


@pytest.mark.parametrize("count", [0, MOST_REASONS + 1])
def test_a_refusal_has_reasons_but_not_without_end(scenario: Scenario, count: int) -> None:
    named = scenario.submitted()
    with pytest.raises(InvalidInput, match=f"{count} reasons"):
        refuse_calculation(scenario.context, FOOTPRINT, named, [REASON] * count)


def test_a_reason_about_the_declaration_as_a_whole_names_no_record(scenario: Scenario) -> None:
    named = scenario.submitted()
    whole = replace(REASON, record_id="", field="")
    scenario.refuse(named, whole)
    assert held_for(scenario) == (whole,)


def test_all_that_is_unfit_in_a_refusal_is_reported(scenario: Scenario) -> None:
    named = scenario.submitted()
    unfit = Reason("", "a\nb", "x" * 129, "", "长" * (LONGEST_REASON + 1))
    with pytest.raises(InvalidInput) as caught:
        scenario.refuse(named, REASON, unfit)
    assert [str(violation.location) for violation in caught.value.violations] == [
        "row 2, field code",
        "row 2, field message_en",
        "row 2, field message_zh",
        "row 2, field row_id",
        "row 2, field field",
    ]
    assert scenario.state(1) is DeclarationState.SUBMITTED
