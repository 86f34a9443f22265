from collections.abc import Iterator

import grpc
import pytest
from fastapi.testclient import TestClient
from services.footprint.tests.fakes import METHOD, OWNER
from services.footprint.tests.methodology import header, line
from services.footprint.tests.world import Identity

from chassis.identity import Role
from chassis.rpc import RemoteError, RpcServer, connect, translated_errors
from chassis.service import Service
from greenchain.footprint.v1 import footprint_pb2, footprint_pb2_grpc


@pytest.fixture
def footprint_id(client: TestClient, identity: Identity) -> str:
    headers = identity.bearer(Role.EXPORTER)
    body = {"header": header(), "lines": [line("p.1", "copper_foil")], "sites": []}
    model = client.post("/v1/product-models", json=body, headers=headers).json()
    path = f"/v1/product-models/{model['id']}/footprints"
    footprint = client.post(path, json={"method_id": METHOD}, headers=headers).json()
    client.post(f"/v1/footprints/{footprint['id']}/freeze", headers=headers)
    return str(footprint["id"])


@pytest.fixture
def target(service: Service, identity: Identity) -> Iterator[str]:
    assert service.grpc is not None
    server = RpcServer(identity.verifier, [service.grpc])
    server.start()
    yield server.target
    server.stop()


def read(
    target: str, identity: Identity, footprint_id: str, role: Role, tenant_id: str = OWNER
) -> footprint_pb2.Footprint:
    token = identity.token(role, tenant_id=tenant_id)
    with connect(target, lambda: token) as channel, translated_errors("footprint"):
        stub = footprint_pb2_grpc.FootprintServiceStub(channel)
        request = footprint_pb2.GetFootprintRequest(footprint_id=footprint_id)
        return stub.GetFootprint(request).footprint


@pytest.mark.parametrize("role", [Role.EXPORTER, Role.CERTIFICATION_SERVICE])
def test_a_frozen_footprint_is_read_as_http_shows_it(
    target: str, identity: Identity, client: TestClient, footprint_id: str, role: Role
) -> None:
    message = read(target, identity, footprint_id, role)
    headers = identity.bearer(Role.EXPORTER)
    shown = client.get(f"/v1/footprints/{footprint_id}", headers=headers).json()
    assert message.state == footprint_pb2.FOOTPRINT_STATE_FROZEN
    assert message.kg_co2e == shown["kg_co2e"]
    assert message.sha256 == shown["sha256"]
    assert {stage.stage: stage.kg_co2e for stage in message.stages} == shown["stages"]
    assert [(item.role, item.id, item.version, item.sha256) for item in message.evidence] == [
        (item["role"], item["id"], item["version"], item["sha256"]) for item in shown["evidence"]
    ]
    assert message.declared_unit.unit == "kwh_capacity"
    assert message.HasField("frozen_at")


def test_another_tenants_footprint_looks_unknown(
    target: str, identity: Identity, footprint_id: str
) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    texts = []
    for asked in (footprint_id, unknown):
        with pytest.raises(RemoteError) as refused:
            read(target, identity, asked, Role.EXPORTER, tenant_id="other")
        assert refused.value.code == "not_found"
        texts.append(str(refused.value).replace(asked, "ID"))
    assert texts[0] == texts[1]


def test_a_supplier_may_not_read(target: str, identity: Identity, footprint_id: str) -> None:
    with pytest.raises(RemoteError) as refused:
        read(target, identity, footprint_id, Role.SUPPLIER)
    assert refused.value.code == "forbidden"


def test_without_a_token_nothing_answers(target: str, footprint_id: str) -> None:
    with grpc.insecure_channel(target) as channel:
        stub = footprint_pb2_grpc.FootprintServiceStub(channel)
        request = footprint_pb2.GetFootprintRequest(footprint_id=footprint_id)
        with pytest.raises(grpc.RpcError) as refused:
            stub.GetFootprint(request, timeout=5)
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
