"""The life of a record: every state, action and role against the one table."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
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

from certification.domain.errors import (
    FootprintDeprecated,
    FootprintStale,
    SameIdentity,
    StatementNotCompliant,
    TransitionNotAllowed,
)
from certification.domain.record import Actor, Flag, FlagCode, Record, SignedDocument
from certification.domain.statement import Conclusion
from certification.domain.states import FINAL, STATE_WORDS, TRANSITIONS, Action, State
from chassis.errors import Forbidden, InvalidInput, NotFound
from chassis.identity import Role

# METHODS of the field, written out once more: (state, action) -> (role, next state).
EXPECTED = {
    (State.SUBMITTED, Action.FILE_STATEMENT): (Role.VERIFIER, State.UNDER_REVIEW),
    (State.UNDER_REVIEW, Action.ISSUE): (Role.CERTIFICATION_BODY, State.ISSUED),
    (State.UNDER_REVIEW, Action.REJECT): (Role.CERTIFICATION_BODY, State.REJECTED),
    (State.ISSUED, Action.SUSPEND): (Role.CERTIFICATION_BODY, State.SUSPENDED),
    (State.SUSPENDED, Action.REINSTATE): (Role.CERTIFICATION_BODY, State.ISSUED),
    (State.ISSUED, Action.REVOKE): (Role.CERTIFICATION_BODY, State.REVOKED),
    (State.SUSPENDED, Action.REVOKE): (Role.CERTIFICATION_BODY, State.REVOKED),
    (State.SUBMITTED, Action.WITHDRAW): (Role.EXPORTER, State.WITHDRAWN),
    (State.UNDER_REVIEW, Action.WITHDRAW): (Role.EXPORTER, State.WITHDRAWN),
    (State.ISSUED, Action.WITHDRAW): (Role.EXPORTER, State.WITHDRAWN),
    (State.SUSPENDED, Action.WITHDRAW): (Role.EXPORTER, State.WITHDRAWN),
}
DOCUMENT = SignedDocument("e30.e30.c2ln", "c" * 64, "key-1", NOW, NOW + timedelta(days=365))
ACTOR = {Role.EXPORTER: APPLICANT, Role.VERIFIER: STATER, Role.CERTIFICATION_BODY: DECIDER}


def submitted() -> Record:
    return Record.apply_for(
        record_id="record-1",
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=APPLICANT,
        at=NOW,
    )


def in_state(state: State) -> Record:
    """Lead a record to a state by its own transitions."""
    record = submitted()
    path = {
        State.SUBMITTED: (),
        State.UNDER_REVIEW: (Action.FILE_STATEMENT,),
        State.ISSUED: (Action.FILE_STATEMENT, Action.ISSUE),
        State.REJECTED: (Action.FILE_STATEMENT, Action.REJECT),
        State.SUSPENDED: (Action.FILE_STATEMENT, Action.ISSUE, Action.SUSPEND),
        State.WITHDRAWN: (Action.FILE_STATEMENT, Action.ISSUE, Action.WITHDRAW),
        State.REVOKED: (Action.FILE_STATEMENT, Action.ISSUE, Action.REVOKE),
    }[state]
    for action in path:
        (role,) = TRANSITIONS[action].roles
        record = take(record, action, ACTOR[role])
    assert record.state is state
    return record


def take(record: Record, action: Action, actor: Actor) -> Record:
    if action is Action.FILE_STATEMENT:
        return record.file_statement(STATEMENT, SCHEME, actor, NOW)
    if action is Action.ISSUE:
        return record.issue(DOCUMENT, actor, "All requirements are met.")
    return record.move(action, actor, "For a reason.", NOW)


ACTIONS = [action for action in Action if action is not Action.SUBMIT]


@pytest.mark.parametrize(
    ("state", "action", "role"),
    list(itertools.product(State, ACTIONS, ACTOR)),
)
def test_a_transition_happens_exactly_when_the_table_says(
    state: State, action: Action, role: Role
) -> None:
    record = in_state(state)
    allowed_role, next_state = EXPECTED.get((state, action), (None, None))
    if role is allowed_role:
        moved = take(record, action, ACTOR[role])
        assert moved.state is next_state
        last = moved.history[-1]
        assert (last.action, last.from_state, last.to_state) == (action, state, next_state)
        assert last.actor == ACTOR[role]
        assert last.reason
    else:
        wrong_role = role not in TRANSITIONS[action].roles
        with pytest.raises(Forbidden if wrong_role else TransitionNotAllowed):
            take(record, action, ACTOR[role])


@pytest.mark.parametrize("role", [role for role in Role if role not in ACTOR])
@pytest.mark.parametrize("action", ACTIONS)
def test_no_other_role_takes_any_action(role: Role, action: Action) -> None:
    for state in State:
        with pytest.raises(Forbidden):
            in_state(state).check(action, Actor("someone", OWNER, role))


def test_the_table_is_the_expected_one() -> None:
    table = {
        (state, action): (next(iter(row.roles)), row.to_state)
        for action, row in TRANSITIONS.items()
        for state in row.from_states
    }
    assert table == EXPECTED
    assert all(len(row.roles) == 1 for row in TRANSITIONS.values())
    assert {State.REJECTED, State.REVOKED, State.WITHDRAWN} == FINAL
    assert set(STATE_WORDS) == set(State)


def test_what_is_possible_is_named_in_the_refusal() -> None:
    with pytest.raises(TransitionNotAllowed) as refused:
        in_state(State.SUSPENDED).check(Action.SUSPEND, DECIDER)
    assert refused.value.possible == ("reinstate", "revoke", "withdraw")


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_record_that_ended_is_said_to_have_ended(state: State) -> None:
    with pytest.raises(TransitionNotAllowed, match="nor any other action is possible") as refused:
        in_state(state).check(Action.SUSPEND, DECIDER)
    assert refused.value.possible == ()
    assert refused.value.code == TransitionNotAllowed.code


@pytest.mark.parametrize("action", [Action.ISSUE, Action.REJECT])
def test_who_stated_does_not_decide_even_with_both_roles_in_the_body(action: Action) -> None:
    stater_at_body = Actor(STATER.subject, BODY, Role.CERTIFICATION_BODY)
    with pytest.raises(SameIdentity):
        in_state(State.UNDER_REVIEW).check(action, stater_at_body)


def test_who_applied_neither_states_nor_decides() -> None:
    with pytest.raises(SameIdentity):
        in_state(State.SUBMITTED).check(
            Action.FILE_STATEMENT, Actor(APPLICANT.subject, VERIFIER, Role.VERIFIER)
        )
    with pytest.raises(SameIdentity):
        in_state(State.UNDER_REVIEW).check(
            Action.ISSUE, Actor(APPLICANT.subject, BODY, Role.CERTIFICATION_BODY)
        )


def test_who_decided_does_not_withdraw() -> None:
    with pytest.raises(SameIdentity):
        in_state(State.ISSUED).check(Action.WITHDRAW, Actor(DECIDER.subject, OWNER, Role.EXPORTER))


def test_a_colleague_in_the_same_part_may_go_on() -> None:
    colleague = Actor("qian", BODY, Role.CERTIFICATION_BODY)
    assert take(in_state(State.ISSUED), Action.SUSPEND, colleague).state is State.SUSPENDED


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (Action.FILE_STATEMENT, State.SUBMITTED),
        (Action.ISSUE, State.UNDER_REVIEW),
        (Action.WITHDRAW, State.ISSUED),
    ],
)
def test_another_organisation_finds_no_record(action: Action, state: State) -> None:
    (role,) = TRANSITIONS[action].roles
    with pytest.raises(NotFound):
        in_state(state).check(action, Actor("outsider", "other-tenant", role))


@pytest.mark.parametrize("reason", ["", "  \n", "\u200b", "\u3000\u00a0"])
def test_a_transition_without_a_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        in_state(State.ISSUED).move(Action.SUSPEND, DECIDER, reason, NOW)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\r", "\u202e", "\u200b", "\u2028"])
def test_a_reason_holds_nothing_that_cannot_be_seen(character: str) -> None:
    with pytest.raises(InvalidInput, match=f"U\\+{ord(character):04X}"):
        in_state(State.ISSUED).move(Action.SUSPEND, DECIDER, f"No{character}thing", NOW)


def test_a_reason_may_be_chinese_and_have_several_lines() -> None:
    reason = "投诉\u3000调查中。\nTo be heard."
    moved = in_state(State.ISSUED).move(Action.SUSPEND, DECIDER, reason, NOW)
    assert moved.history[-1].reason == reason


@pytest.mark.parametrize("conclusion", [Conclusion.NOT_COMPLIANT, Conclusion.INFORMATION_NEEDED])
def test_only_a_compliant_statement_lets_the_body_issue(conclusion: Conclusion) -> None:
    stated = submitted().file_statement(
        replace(STATEMENT, conclusion=conclusion), SCHEME, STATER, NOW
    )
    with pytest.raises(StatementNotCompliant, match=conclusion):
        stated.issue(DOCUMENT, DECIDER, "Good.")
    assert stated.move(Action.REJECT, DECIDER, "Not good.", NOW).state is State.REJECTED


def test_a_stale_footprint_keeps_an_application_from_being_issued() -> None:
    stale = Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW)
    flagged = in_state(State.UNDER_REVIEW).flag(stale)
    with pytest.raises(FootprintStale, match="declaration_corrected"):
        flagged.issue(DOCUMENT, DECIDER, "Good.")
    replaced = flagged.flag(Flag(FlagCode.FOOTPRINT_DEPRECATED, "replaced", NOW, "footprint-2"))
    with pytest.raises(FootprintDeprecated):
        replaced.issue(DOCUMENT, DECIDER, "Good.")


@given(st.sampled_from(State), st.lists(st.sampled_from(FlagCode), max_size=5))
def test_a_flag_never_changes_the_state_and_is_kept_once(
    state: State, codes: list[FlagCode]
) -> None:
    record = in_state(state)
    flagged = record
    for position, code in enumerate(codes):
        flagged = flagged.flag(Flag(code, f"reason {position}", NOW))
    assert flagged.state is state
    assert flagged.history == record.history
    if state in FINAL:
        assert flagged == record
    else:
        assert [flag.code for flag in flagged.flags] == list(dict.fromkeys(codes))
        for flag in flagged.flags:
            assert flag.reason == f"reason {codes.index(flag.code)}"


@pytest.mark.parametrize("action", [Action.SUBMIT, Action.FILE_STATEMENT, Action.ISSUE])
def test_actions_that_need_more_than_a_reason_do_not_go_by_one(action: Action) -> None:
    with pytest.raises(ValueError, match="method of its own"):
        in_state(State.UNDER_REVIEW).move(action, DECIDER, "Because.", NOW)


def test_verifier_and_body_must_not_be_the_applicants_own() -> None:
    with pytest.raises(InvalidInput) as refused:
        Record.apply_for(
            record_id="record-1",
            scheme=SCHEME,
            footprint=FOOTPRINT,
            verifier_tenant_id=OWNER,
            body_tenant_id=OWNER,
            actor=APPLICANT,
            at=NOW,
        )
    fields = [violation.location.field for violation in refused.value.violations]
    assert fields == ["verifier_tenant_id", "body_tenant_id"]


def test_a_named_organisation_holds_nothing_that_cannot_be_seen() -> None:
    with pytest.raises(InvalidInput, match=r"U\+200B"):
        Record.apply_for(
            record_id="record-1",
            scheme=SCHEME,
            footprint=FOOTPRINT,
            verifier_tenant_id=f"{VERIFIER}\u200b",
            body_tenant_id=BODY,
            actor=APPLICANT,
            at=NOW,
        )


def test_only_an_exporter_applies() -> None:
    with pytest.raises(Forbidden):
        Record.apply_for(
            record_id="record-1",
            scheme=SCHEME,
            footprint=FOOTPRINT,
            verifier_tenant_id=VERIFIER,
            body_tenant_id=BODY,
            actor=Actor("li", OWNER, Role.LEAD_FIRM),
            at=NOW,
        )
