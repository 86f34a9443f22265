"""The use cases on fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import product

import pytest
from services.certification.tests.samples import (
    BODY,
    DECIDER_ZHAO,
    EXPORTER_LI,
    FOOTPRINT,
    NOW,
    OWNER,
    STATEMENT,
    VERIFIER,
    VERIFIER_WANG,
    FakeFootprints,
    FakeSchemes,
    FakeSigner,
    FakeStore,
    reading,
)

from certification.application.apply import Application, Apply
from certification.application.file_statement import FileStatement
from certification.application.flag_records import flag_records
from certification.application.issue import Issue
from certification.application.move_record import MoveRecord
from certification.application.read_application import ReadApplication
from certification.domain import facts
from certification.domain.errors import (
    ApplicationDiffers,
    FootprintDeprecated,
    FootprintNotFrozen,
    FootprintStale,
    SameIdentity,
    TransitionNotAllowed,
)
from certification.domain.footprint import FootprintState
from certification.domain.record import Flag, FlagCode, Record
from certification.domain.states import TRANSITIONS, Action, State
from chassis.clock import FixedClock
from chassis.errors import Forbidden, GreenchainError, InvalidInput, NotFound
from chassis.identity import Principal, Role

REQUEST = Application(FOOTPRINT.id, "demonstration", VERIFIER, BODY)


@dataclass
class World:
    """All use cases on one store."""

    store: FakeStore = field(default_factory=FakeStore)
    footprints: FakeFootprints = field(default_factory=FakeFootprints)
    signer: FakeSigner = field(default_factory=FakeSigner)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def apply(
        self, request: Application = REQUEST, principal: Principal = EXPORTER_LI
    ) -> tuple[Record, bool]:
        use_case = Apply(self.store, self.footprints, FakeSchemes(), self.clock)
        return use_case(principal, "token-of-li", request)

    def read(self, principal: Principal, record_id: str) -> Record:
        return ReadApplication(self.store)(principal, record_id)

    def state(self, principal: Principal, record_id: str) -> Record:
        return FileStatement(self.store, FakeSchemes(), self.clock)(principal, record_id, STATEMENT)

    def issue(self, principal: Principal, record_id: str) -> Record:
        return Issue(
            self.store,
            self.footprints,
            FakeSchemes(),
            self.signer,
            self.clock,
            "https://certification.example",
        )(principal, record_id, "All requirements are met.")

    def move(self, principal: Principal, record_id: str, action: Action) -> Record:
        return MoveRecord(self.store, self.clock)(principal, record_id, action, "For a reason.")

    def issued(self) -> Record:
        record, _ = self.apply()
        self.state(VERIFIER_WANG, record.id)
        return self.issue(DECIDER_ZHAO, record.id)


@pytest.fixture
def world() -> World:
    return World()


def test_the_whole_way_to_an_issued_record(world: World) -> None:
    record = world.issued()
    assert record.state is State.ISSUED
    assert record.document is not None
    assert [type(fact) for fact in world.store.facts] == [facts.Submitted, facts.Issued]
    assert world.footprints.asked == [
        (FOOTPRINT.id, "caller token-of-li"),
        (FOOTPRINT.id, f"tenant {OWNER}"),
    ]
    assert world.signer.signed[0]["status"].endswith(f"/v1/records/{record.id}")


def test_what_cannot_be_issued_is_refused_without_asking_for_the_footprint(world: World) -> None:
    record, _ = world.apply()
    asked = list(world.footprints.asked)
    with pytest.raises(TransitionNotAllowed):
        world.issue(DECIDER_ZHAO, record.id)
    assert world.footprints.asked == asked


def test_why_an_application_was_rejected_stays_between_the_parties(world: World) -> None:
    record, _ = world.apply()
    world.state(VERIFIER_WANG, record.id)
    world.move(DECIDER_ZHAO, record.id, Action.REJECT)
    assert world.store.facts[-1] == facts.Rejected(record.id)


def test_why_an_application_was_withdrawn_stays_between_the_parties(world: World) -> None:
    record, _ = world.apply()
    world.move(EXPORTER_LI, record.id, Action.WITHDRAW)
    assert world.store.facts[-1] == facts.Withdrawn(record.id, "application_withdrawn")
    issued = world.issued()
    world.move(EXPORTER_LI, issued.id, Action.WITHDRAW)
    assert world.store.facts[-1] == facts.Withdrawn(issued.id, "For a reason.")


def test_applying_again_returns_the_same_application(world: World) -> None:
    first, opened = world.apply()
    again, opened_again = world.apply()
    assert (again.id, opened, opened_again) == (first.id, True, False)
    assert len(world.store.facts) == 1


def test_applying_again_works_while_the_footprint_has_become_stale(world: World) -> None:
    first, _ = world.apply()
    world.footprints.present = reading(stale_reason="declaration_corrected")
    assert world.apply()[0].id == first.id


def test_applying_again_with_other_parties_is_a_conflict(world: World) -> None:
    first, _ = world.apply()
    with pytest.raises(ApplicationDiffers, match=first.id):
        world.apply(replace(REQUEST, verifier_tenant_id="another-verifier"))


def test_after_a_rejection_a_new_application_may_be_opened(world: World) -> None:
    first, _ = world.apply()
    world.state(VERIFIER_WANG, first.id)
    world.move(DECIDER_ZHAO, first.id, Action.REJECT)
    second, opened = world.apply()
    assert opened
    assert second.id != first.id


@pytest.mark.parametrize(
    ("present", "error"),
    [
        (reading(FootprintState.CALCULATED), FootprintNotFrozen),
        (reading(FootprintState.DEPRECATED), FootprintDeprecated),
        (reading(stale_reason="declaration_corrected"), FootprintStale),
    ],
)
def test_a_footprint_that_does_not_stand_cannot_be_applied_with(
    world: World, present: object, error: type[GreenchainError]
) -> None:
    world.footprints.present = present  # type: ignore[assignment]
    with pytest.raises(error):
        world.apply()
    assert world.store.records == {}


def test_an_unknown_footprint_cannot_be_applied_with(world: World) -> None:
    with pytest.raises(NotFound, match="footprint"):
        world.apply(replace(REQUEST, footprint_id="nonsense"))


def test_an_unknown_scheme_is_named_with_the_known_ones(world: World) -> None:
    with pytest.raises(InvalidInput, match="demonstration"):
        world.apply(replace(REQUEST, scheme_id="gold"))


def test_a_footprint_that_became_stale_without_an_event_is_caught_at_issue(world: World) -> None:
    record, _ = world.apply()
    world.state(VERIFIER_WANG, record.id)
    world.footprints.present = reading(stale_reason="declaration_corrected")
    with pytest.raises(FootprintStale):
        world.issue(DECIDER_ZHAO, record.id)
    assert world.read(EXPORTER_LI, record.id).state is State.UNDER_REVIEW
    assert world.signer.signed == []


def test_a_refused_action_stores_and_says_nothing(world: World) -> None:
    record = world.issued()
    said = list(world.store.facts)
    with pytest.raises(TransitionNotAllowed):
        world.move(DECIDER_ZHAO, record.id, Action.REINSTATE)
    assert world.read(EXPORTER_LI, record.id) == record
    assert world.store.facts == said


def test_one_person_with_all_roles_cannot_do_it_alone(world: World) -> None:
    roles = frozenset({Role.EXPORTER, Role.VERIFIER, Role.CERTIFICATION_BODY})
    record, _ = world.apply()
    world.state(Principal("wang", VERIFIER, roles), record.id)
    with pytest.raises(SameIdentity):
        world.issue(Principal("wang", BODY, roles), record.id)
    with pytest.raises(SameIdentity):
        world.issue(Principal("li", BODY, roles), record.id)


Operation = Callable[[World, Principal, str], Record]


def moving(action: Action) -> Operation:
    return lambda world, principal, record_id: world.move(principal, record_id, action)


ID_TAKING: dict[str, Operation] = {
    "read": World.read,
    "state": World.state,
    "issue": World.issue,
    "reject": moving(Action.REJECT),
    "suspend": moving(Action.SUSPEND),
    "reinstate": moving(Action.REINSTATE),
    "revoke": moving(Action.REVOKE),
    "withdraw": moving(Action.WITHDRAW),
}
OUTSIDERS = {
    "other exporter": Principal("he", "other-maker", frozenset({Role.EXPORTER})),
    "verifier not named": Principal("sun", "other-verifier", frozenset({Role.VERIFIER})),
    "body not named": Principal("zhou", "other-body", frozenset({Role.CERTIFICATION_BODY})),
    "named verifier as body": Principal("wu", VERIFIER, frozenset({Role.CERTIFICATION_BODY})),
    "named body as verifier": Principal("zheng", BODY, frozenset({Role.VERIFIER})),
    "owner as supplier": Principal("li", OWNER, frozenset({Role.SUPPLIER})),
    "service": Principal("footprint", OWNER, frozenset({Role.FOOTPRINT_SERVICE})),
}


@pytest.mark.parametrize(("operation", "outsider"), list(product(ID_TAKING, OUTSIDERS)))
def test_a_refused_id_looks_like_an_unknown_one(
    world: World, operation: str, outsider: str
) -> None:
    record = world.issued()
    answers = []
    for record_id in (record.id, "unknown-id"):
        with pytest.raises((NotFound, Forbidden)) as refused:
            ID_TAKING[operation](world, OUTSIDERS[outsider], record_id)
        answers.append((type(refused.value), str(refused.value).replace(record_id, "<id>")))
    assert answers[0] == answers[1]
    assert world.read(EXPORTER_LI, record.id) == record


@pytest.mark.parametrize("operation", ID_TAKING)
def test_a_caller_without_the_role_is_told_which_one_is_needed(
    world: World, operation: str
) -> None:
    record = world.issued()
    with pytest.raises(Forbidden, match="role"):
        ID_TAKING[operation](world, OUTSIDERS["owner as supplier"], record.id)


def test_each_access_from_another_organisation_is_audited_in_the_owners_tenant(
    world: World,
) -> None:
    record = world.issued()
    world.read(VERIFIER_WANG, record.id)
    with pytest.raises(TransitionNotAllowed):
        world.move(DECIDER_ZHAO, record.id, Action.REINSTATE)
    world.read(EXPORTER_LI, record.id)
    verifier, body = Role.VERIFIER, Role.CERTIFICATION_BODY
    assert world.store.audit == [
        (OWNER, record.id, "wang", VERIFIER, verifier, "file_statement"),
        (OWNER, record.id, "zhao", BODY, body, "check_issue"),
        (OWNER, record.id, "zhao", BODY, body, "issue"),
        (OWNER, record.id, "wang", VERIFIER, verifier, "read_application"),
        (OWNER, record.id, "zhao", BODY, body, "reinstate"),
    ]


@pytest.mark.parametrize(
    ("path", "fact"),
    [
        ((Action.SUSPEND,), facts.Suspended),
        ((Action.SUSPEND, Action.REINSTATE), facts.Reinstated),
        ((Action.REVOKE,), facts.Revoked),
        ((Action.WITHDRAW,), facts.Withdrawn),
    ],
)
def test_each_action_says_its_own_fact(
    world: World, path: tuple[Action, ...], fact: type[object]
) -> None:
    record = world.issued()
    for action in path:
        by = EXPORTER_LI if Role.EXPORTER in TRANSITIONS[action].roles else DECIDER_ZHAO
        world.move(by, record.id, action)
    assert type(world.store.facts[-1]) is fact


STALE = Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW)


def flag(world: World, flag: Flag, footprint_id: str = FOOTPRINT.id) -> None:
    with world.store(OWNER) as uow:
        flag_records(uow, footprint_id, flag)
        uow.commit()


def test_a_stale_footprint_flags_its_record_once_and_leaves_the_state(world: World) -> None:
    record = world.issued()
    flag(world, STALE)
    flag(world, replace(STALE, reason="again"))
    flagged = world.read(EXPORTER_LI, record.id)
    assert (flagged.state, flagged.flags) == (State.ISSUED, (STALE,))
    assert world.store.facts[2:] == [
        facts.Flagged(record.id, STALE.code, STALE.reason, STALE.since)
    ]


def test_a_replaced_footprint_names_its_successor(world: World) -> None:
    record = world.issued()
    flag(world, STALE)
    flag(world, Flag(FlagCode.FOOTPRINT_DEPRECATED, "replaced", NOW, "footprint-2"))
    flags = world.read(EXPORTER_LI, record.id).flags
    assert [(one.code, one.successor_footprint_id) for one in flags] == [
        (FlagCode.FOOTPRINT_STALE, None),
        (FlagCode.FOOTPRINT_DEPRECATED, "footprint-2"),
    ]


def test_a_footprint_that_nobody_certified_is_no_matter(world: World) -> None:
    record = world.issued()
    flag(world, STALE, "footprint-99")
    assert world.read(EXPORTER_LI, record.id).flags == ()


def test_a_record_at_its_end_is_not_flagged(world: World) -> None:
    record = world.issued()
    world.move(DECIDER_ZHAO, record.id, Action.REVOKE)
    flag(world, STALE)
    assert world.read(EXPORTER_LI, record.id).flags == ()


def test_an_open_application_is_flagged_and_cannot_be_issued(world: World) -> None:
    record, _ = world.apply()
    world.state(VERIFIER_WANG, record.id)
    flag(world, STALE)
    with pytest.raises(FootprintStale):
        world.issue(DECIDER_ZHAO, record.id)
