"""Whoever may not see a thing gets the very answer that an unknown id gets.

Every call that takes an id × everybody who has no right to it, on a real socket.
"""

from collections.abc import Callable
from dataclasses import dataclass

import grpc
import pytest
from services.supplier.tests.examples import FOOTPRINT_OF_CATHODE, REASON
from services.supplier.tests.fakes import (
    BUYER,
    FOOTPRINT,
    OTHER_BUYER,
    OTHER_SUPPLIER,
    SUPPLIER,
    person,
)
from services.supplier.tests.integration.served import Served
from services.supplier.tests.scenario import Scenario
from sqlalchemy import update
from sqlmodel import Session, col

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.identity import Principal, Role
from chassis.rpc import RemoteError, translated_errors
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import supplier_pb2 as pb
from greenchain.supplier.v1.supplier_pb2_grpc import (
    CalculationServiceStub,
    DataRequestServiceStub,
    DeclarationServiceStub,
    GrantServiceStub,
)
from supplier.adapters.tables import ShareGrantRow
from supplier.domain.declaration import VersionReference
from supplier.domain.grant import VALIDITY, GrantPurpose
from supplier.entrypoints import write_messages

Call = Callable[[grpc.Channel, VersionReference], object]
PERIOD = common_pb2.Period(start="2025-01-01", end="2025-12-31")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def _named(named: VersionReference) -> common_pb2.VersionReference:
    return common_pb2.VersionReference(id=named.id, version=named.version, sha256=named.sha256)


def _stream(channel: grpc.Channel, named: VersionReference) -> object:
    opening = pb.StreamOpening(declaration_id=named.id, version=named.version)
    return list(
        DeclarationServiceStub(channel).StreamActivityRecords(
            iter([pb.StreamActivityRecordsRequest(opening=opening)])
        )
    )


def _submit(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.SubmitDeclarationRequest(declaration_id=named.id, version=named.version)
    return DeclarationServiceStub(channel).SubmitDeclaration(asked)


def _discard(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.DiscardDraftRequest(declaration_id=named.id, version=named.version)
    return DeclarationServiceStub(channel).DiscardDraft(asked)


def _get(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.GetDeclarationRequest(declaration_id=named.id, version=named.version)
    return DeclarationServiceStub(channel).GetDeclaration(asked)


def _accept(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.AcceptDeclarationRequest(declaration=_named(named))
    return DeclarationServiceStub(channel).AcceptDeclaration(asked)


def _return(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.ReturnDeclarationRequest(declaration=_named(named), reason="June is missing.")
    return DeclarationServiceStub(channel).ReturnDeclaration(asked)


def _pull(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.GetActivityDataRequest(declaration=_named(named))
    return list(CalculationServiceStub(channel).GetActivityData(asked))


def _put(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.PutCalculatedFootprintRequest(
        declaration=_named(named),
        calculated_footprint=write_messages.calculated_footprint(FOOTPRINT_OF_CATHODE),
    )
    return CalculationServiceStub(channel).PutCalculatedFootprint(asked)


def _refuse(channel: grpc.Channel, named: VersionReference) -> object:
    violation = common_pb2.Violation(
        code=REASON.code, message_en=REASON.en, message_zh=REASON.zh, row_id=REASON.record_id
    )
    asked = pb.RefuseCalculationRequest(declaration=_named(named), violations=[violation])
    return CalculationServiceStub(channel).RefuseCalculation(asked)


def _open(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.OpenDeclarationRequest(
        data_request_id=named.id, plant_name="P", plant_region="CN", reference_period=PERIOD
    )
    return DeclarationServiceStub(channel).OpenDeclaration(asked)


def _send(channel: grpc.Channel, named: VersionReference) -> object:
    asked = pb.SendDataRequestRequest(
        data_request_id=named.id, supplier_tenant_id="anybody", reference_period=PERIOD
    )
    return DataRequestServiceStub(channel).SendDataRequest(asked)


def _revoke(channel: grpc.Channel, named: VersionReference) -> object:
    return GrantServiceStub(channel).RevokeGrant(pb.RevokeGrantRequest(grant_id=named.id))


@dataclass
class World:
    """A calculated declaration, its ids, and whatever has been done to its grants."""

    scenario: Scenario
    served: Served
    everything: Database
    clock: FixedClock
    named: VersionReference

    def answer(self, call: Call, principal: Principal, named: VersionReference) -> str:
        """Return the whole error that a caller gets, with the id that was asked for left out."""
        channel = self.served.channel(principal)
        with (
            channel,
            pytest.raises(RemoteError) as caught,
            translated_errors("supplier"),
        ):
            call(channel, named)
        error = caught.value
        seen = (error.code, error.message(), error.remote_attributes, error.violations)
        return repr(seen).replace(named.id, "…")

    def refused_like_unknown(self, call: Call, principal: Principal, id: str) -> None:
        asked = VersionReference(id, self.named.version, self.named.sha256)
        unknown = VersionReference(UNKNOWN, self.named.version, self.named.sha256)
        answer = self.answer(call, principal, asked)
        assert "not_found" in answer
        assert answer == self.answer(call, principal, unknown)

    def spoil_grants(self, **values: object) -> None:
        with Session(self.everything.engine) as session:
            session.execute(update(ShareGrantRow).values(**values))
            session.commit()


@pytest.fixture
def world(scenario: Scenario, served: Served, everything: Database, clock: FixedClock) -> World:
    return World(scenario, served, everything, clock, scenario.calculated())


@pytest.mark.parametrize("call", [_stream, _submit, _discard, _get])
def test_a_declaration_is_unknown_to_other_suppliers(world: World, call: Call) -> None:
    world.refused_like_unknown(call, OTHER_SUPPLIER, world.named.id)


@pytest.mark.parametrize("call", [_stream, _submit, _discard, _get])
def test_a_declaration_is_unknown_to_its_own_buyer_as_a_supplier(world: World, call: Call) -> None:
    two_hats = person("buyer", BUYER.tenant_id, Role.SUPPLIER, Role.LEAD_FIRM)
    world.refused_like_unknown(call, two_hats, world.named.id)


@pytest.mark.parametrize("call", [_accept, _return])
@pytest.mark.parametrize(
    "principal",
    [
        OTHER_BUYER,
        person("x", SUPPLIER.tenant_id, Role.LEAD_FIRM),
        person("x", OTHER_SUPPLIER.tenant_id, Role.LEAD_FIRM),
    ],
    ids=["other lead firm", "the supplier itself", "other supplier"],
)
def test_a_declaration_is_unknown_to_who_did_not_ask_for_it(
    world: World, call: Call, principal: Principal
) -> None:
    world.refused_like_unknown(call, principal, world.named.id)


@pytest.mark.parametrize("call", [_pull, _put, _refuse])
@pytest.mark.parametrize("tenant_id", [OTHER_SUPPLIER.tenant_id, BUYER.tenant_id])
def test_activity_data_are_unknown_under_another_tenant(
    world: World, call: Call, tenant_id: str
) -> None:
    acting = person("footprint", tenant_id, Role.FOOTPRINT_SERVICE)
    world.refused_like_unknown(call, acting, world.named.id)


@pytest.mark.parametrize("principal", [OTHER_SUPPLIER, person("x", "pack-maker", Role.SUPPLIER)])
def test_a_request_is_unknown_to_who_did_not_receive_it(world: World, principal: Principal) -> None:
    world.refused_like_unknown(_open, principal, world.scenario.request_id)


@pytest.mark.parametrize("principal", [OTHER_BUYER, person("x", "cathode-maker", Role.LEAD_FIRM)])
def test_a_request_is_unknown_to_other_lead_firms(world: World, principal: Principal) -> None:
    world.refused_like_unknown(_send, principal, world.scenario.request_id)


@pytest.mark.parametrize("principal", [OTHER_SUPPLIER, person("x", BUYER.tenant_id, Role.SUPPLIER)])
@pytest.mark.parametrize("purpose", list(GrantPurpose))
def test_a_grant_is_unknown_to_all_but_its_owner(
    world: World, principal: Principal, purpose: GrantPurpose
) -> None:
    world.refused_like_unknown(_revoke, principal, world.scenario.grant(purpose).id)


def _revoked(world: World) -> None:
    for purpose in GrantPurpose:
        world.scenario.revoke(purpose)


def _expired(world: World) -> None:
    world.clock.advance(VALIDITY)


def _not_yet_valid(world: World) -> None:
    tomorrow = world.clock.now() + VALIDITY / 2
    world.spoil_grants(valid_from=tomorrow)


def _wrong_purpose(world: World) -> None:
    own = col(ShareGrantRow.purpose) == "own_calculation"
    with Session(world.everything.engine) as session:
        session.execute(update(ShareGrantRow).where(own).values(purpose="product_footprint"))
        session.execute(
            update(ShareGrantRow)
            .where(col(ShareGrantRow.grantee) == BUYER.tenant_id)
            .values(purpose="own_calculation")
        )
        session.commit()


def _other_grantee(world: World) -> None:
    world.spoil_grants(grantee="somebody-else")


SPOILT = [_revoked, _expired, _not_yet_valid, _wrong_purpose, _other_grantee]


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize(
    ("call", "principal"),
    [
        (_accept, BUYER),
        (_return, BUYER),
        (_pull, FOOTPRINT),
        (_put, FOOTPRINT),
        (_refuse, FOOTPRINT),
    ],
)
def test_a_grant_that_does_not_stand_opens_nothing(
    world: World, call: Call, principal: Principal, spoil: Callable[[World], None]
) -> None:
    spoil(world)
    world.refused_like_unknown(call, principal, world.named.id)


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_grant_that_does_not_stand_leaves_the_list_empty(
    world: World, spoil: Callable[[World], None]
) -> None:
    spoil(world)
    with world.served.channel(BUYER) as channel:
        listed = DeclarationServiceStub(channel).ListGrantedDeclarations(
            pb.ListGrantedDeclarationsRequest(data_request_ids=[world.scenario.request_id])
        )
    assert not listed.declarations


def test_lists_hold_nothing_of_others(world: World) -> None:
    with world.served.channel(OTHER_BUYER) as channel:
        asked = pb.ListGrantedDeclarationsRequest(data_request_ids=[world.scenario.request_id])
        assert not DeclarationServiceStub(channel).ListGrantedDeclarations(asked).declarations
        requests = DataRequestServiceStub(channel)
        assert not requests.ListDataRequests(pb.ListDataRequestsRequest()).data_requests
    with world.served.channel(OTHER_SUPPLIER) as channel:
        received = DataRequestServiceStub(channel).ListReceivedDataRequests(
            pb.ListReceivedDataRequestsRequest()
        )
        assert not received.data_requests
        grants = GrantServiceStub(channel)
        asked_grants = pb.ListGrantsRequest(declaration_id=world.named.id)
        assert not grants.ListGrants(asked_grants).grants


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD_FIRM])
def test_who_lacks_the_role_learns_nothing_about_the_id(world: World, role: Role) -> None:
    caller = person("x", BUYER.tenant_id, role)
    unknown = VersionReference(UNKNOWN, 1, world.named.sha256)
    answer = world.answer(_accept, caller, world.named)
    assert "forbidden" in answer
    assert answer == world.answer(_accept, caller, unknown)


def test_a_right_holder_gets_through_in_this_very_set_up(world: World) -> None:
    with world.served.channel(FOOTPRINT) as channel:
        _pull(channel, world.named)
        _put(channel, world.named)
    with world.served.channel(SUPPLIER) as channel:
        _get(channel, world.named)
        _submit(channel, world.named)
    with world.served.channel(BUYER) as channel:
        _accept(channel, world.named)
