"""The gRPC client against a servicer of the contract."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from services.certification.tests.samples import FOOTPRINT, NOW, OWNER

from certification.adapters.footprints import GrpcFootprints
from certification.domain.footprint import FootprintState
from chassis.errors import Forbidden, NotFound, Unavailable
from chassis.identity import Principal, Role
from chassis.rpc import RemoteError, RpcServer, current_principal
from chassis.tokens import (
    ClientCredentials,
    StaticKeys,
    TokenIssuer,
    TokenVerifier,
    new_signing_key,
)
from greenchain.common.v1 import common_pb2
from greenchain.footprint.v1 import footprint_pb2 as pb
from greenchain.footprint.v1 import footprint_pb2_grpc

ISSUER = "http://issuer.test"


def timestamp(at: datetime) -> Timestamp:
    value = Timestamp()
    value.FromDatetime(at)
    return value


def message(state: "pb.FootprintState.ValueType", **changes: Any) -> pb.Footprint:
    return pb.Footprint(
        id=FOOTPRINT.id,
        state=state,
        sha256=FOOTPRINT.sha256,
        product_id=FOOTPRINT.product_id,
        product_name_en=FOOTPRINT.product_name_en,
        product_name_zh=FOOTPRINT.product_name_zh,
        declared_unit=common_pb2.Quantity(amount=1.0, unit="kwh_capacity"),
        boundary=FOOTPRINT.boundary,
        kg_co2e=FOOTPRINT.kg_co2e,
        stages=[pb.StageScore(stage=one.stage, kg_co2e=one.kg_co2e) for one in FOOTPRINT.stages],
        primary_data_share_percent=FOOTPRINT.primary_data_share_percent,
        primary_activity_share_percent=FOOTPRINT.primary_activity_share_percent,
        method_id=FOOTPRINT.method_id,
        frozen_at=timestamp(FOOTPRINT.frozen_at),
        evidence=[
            pb.Evidence(role=one.role, id=one.id, version=one.version, sha256=one.sha256)
            for one in FOOTPRINT.evidence
        ],
        **changes,
    )


class Servicer(footprint_pb2_grpc.FootprintServiceServicer):
    """Answers with one footprint and remembers who asked."""

    def __init__(self) -> None:
        self.answer = message(pb.FOOTPRINT_STATE_FROZEN)
        self.callers: list[Principal] = []

    async def GetFootprint(
        self, request: pb.GetFootprintRequest, context: Any
    ) -> pb.GetFootprintResponse:
        caller = current_principal()
        self.callers.append(caller)
        caller.require(Role.EXPORTER, Role.CERTIFICATION_SERVICE)
        if request.footprint_id != self.answer.id:
            raise NotFound(what="footprint", id=request.footprint_id)
        return pb.GetFootprintResponse(footprint=self.answer)


class FakeCredentials(ClientCredentials):
    """The service's own client, without an issuer to ask."""

    def __init__(self, issuer: TokenIssuer, tenant_id: str = "certification") -> None:
        super().__init__("http://unused.test", "certification", "secret")
        self.issuer, self.tenant = issuer, tenant_id

    def acting_for(self, tenant_id: str) -> "FakeCredentials":
        return FakeCredentials(self.issuer, tenant_id)

    def token(self) -> str:
        roles = [Role.CERTIFICATION_SERVICE]
        return self.issuer.issue("certification", self.tenant, roles)


@pytest.fixture
def issuer() -> TokenIssuer:
    return TokenIssuer(ISSUER, new_signing_key())


@pytest.fixture
def servicer() -> Servicer:
    return Servicer()


@pytest.fixture
def footprints(issuer: TokenIssuer, servicer: Servicer) -> Iterator[GrpcFootprints]:
    def register(server: grpc.aio.Server) -> None:
        footprint_pb2_grpc.add_FootprintServiceServicer_to_server(servicer, server)

    server = RpcServer(TokenVerifier(StaticKeys(issuer.jwks()), ISSUER), [register])
    server.start()
    client = GrpcFootprints(server.target, FakeCredentials(issuer))
    yield client
    client.close()
    server.stop()


@pytest.fixture
def token(issuer: TokenIssuer) -> str:
    return issuer.issue("li", OWNER, [Role.EXPORTER])


def test_a_frozen_footprint_arrives_whole(footprints: GrpcFootprints, token: str) -> None:
    reading = footprints.for_caller(FOOTPRINT.id, token)
    assert reading.certifiable() == FOOTPRINT


def test_the_callers_own_token_is_sent_on(
    footprints: GrpcFootprints, servicer: Servicer, token: str
) -> None:
    footprints.for_caller(FOOTPRINT.id, token)
    assert servicer.callers == [Principal("li", OWNER, frozenset({Role.EXPORTER}))]


def test_without_a_person_the_service_acts_for_the_owner(
    footprints: GrpcFootprints, servicer: Servicer
) -> None:
    footprints.for_tenant(FOOTPRINT.id, OWNER)
    roles = frozenset({Role.CERTIFICATION_SERVICE})
    assert servicer.callers == [Principal("certification", OWNER, roles)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (pb.FOOTPRINT_STATE_CALCULATED, FootprintState.CALCULATED),
        (pb.FOOTPRINT_STATE_DEPRECATED, FootprintState.DEPRECATED),
        (pb.FOOTPRINT_STATE_UNSPECIFIED, FootprintState.CALCULATED),
    ],
)
def test_the_state_is_read(
    footprints: GrpcFootprints,
    servicer: Servicer,
    token: str,
    state: "pb.FootprintState.ValueType",
    expected: FootprintState,
) -> None:
    servicer.answer = message(state)
    assert footprints.for_caller(FOOTPRINT.id, token).state is expected


def test_a_stale_flag_is_read_with_its_reason(
    footprints: GrpcFootprints, servicer: Servicer, token: str
) -> None:
    flag = pb.FootprintFlag(code="stale", reason="declaration_corrected", since=timestamp(NOW))
    servicer.answer = message(pb.FOOTPRINT_STATE_FROZEN, flags=[flag])
    assert footprints.for_caller(FOOTPRINT.id, token).stale_reason == "declaration_corrected"


def test_an_unknown_footprint_is_not_found(footprints: GrpcFootprints, token: str) -> None:
    with pytest.raises(NotFound, match="footprint nonsense"):
        footprints.for_caller("nonsense", token)


def test_another_refusal_keeps_its_code(footprints: GrpcFootprints, issuer: TokenIssuer) -> None:
    with pytest.raises(RemoteError) as refused:
        footprints.for_caller(FOOTPRINT.id, issuer.issue("wang", OWNER, [Role.VERIFIER]))
    assert (refused.value.code, refused.value.kind) == (Forbidden.code, Forbidden.kind)


def test_a_service_that_does_not_answer_is_unavailable(issuer: TokenIssuer, token: str) -> None:
    client = GrpcFootprints("127.0.0.1:1", FakeCredentials(issuer))
    with pytest.raises(Unavailable, match="footprint"):
        client.for_caller(FOOTPRINT.id, token)
    client.close()
