"""Each service served alone, as a process of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.e2e.conftest import PRODUCT, environment, greenchain
from tests.e2e.processes import Server, free_port

from chassis.tokens import ClientCredentials
from greenchain_local import secrets
from greenchain_local.identities import DEMO_IDENTITIES
from supplier_client import LeadFirmClient

SERVICES = ("issuer", "supplier", "footprint", "certification")


@dataclass(frozen=True)
class Apart:
    """Four processes that share nothing but addresses, credentials and the event log."""

    servers: dict[str, Server]
    credentials: secrets.Secrets
    token_url: str

    def http(self, service: str) -> str:
        url: str = self.servers[service].told["http"]
        return url

    def target(self, service: str) -> str:
        target: str = self.servers[service].told["grpc"]
        return target

    def identity(self, client_id: str) -> ClientCredentials:
        secret = self.credentials.credentials[client_id].secret
        return ClientCredentials(self.token_url, client_id, secret)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    state = tmp_path_factory.mktemp("apart")
    made = secrets.read_or_make(state, DEMO_IDENTITIES)
    ports = {name: free_port() for name in ("issuer", "supplier", "footprint", "certification")}
    rpc = {name: free_port() for name in ("supplier", "footprint")}
    issuer = f"http://127.0.0.1:{ports['issuer']}/issuer"
    shared = environment(
        GREENCHAIN_ISSUER=issuer,
        GREENCHAIN_TOKEN_URL=f"{issuer}/oauth/token",
        GREENCHAIN_JWKS_URL=f"{issuer}/.well-known/jwks.json",
        GREENCHAIN_EVENT_LOG=f"local:{state / 'events.db'}",
        GREENCHAIN_SUPPLIER_TARGET=f"127.0.0.1:{rpc['supplier']}",
        GREENCHAIN_FOOTPRINT_TARGET=f"127.0.0.1:{rpc['footprint']}",
    )
    own = {
        "issuer": {},
        "supplier": database(state, "supplier"),
        "footprint": database(state, "footprint") | client(made, "footprint"),
        "certification": database(state, "certification")
        | client(made, "certification")
        | {
            "GREENCHAIN_CERTIFICATION_SIGNING_KEY": made.certification_key,
            "GREENCHAIN_CERTIFICATION_PUBLIC_URL": f"http://127.0.0.1:{ports['certification']}",
        },
    }
    with ExitStack() as running:
        servers = {}
        for name in SERVICES:
            arguments = [name, "serve", "--http-port", str(ports[name])]
            if name in rpc:
                arguments += ["--grpc-port", str(rpc[name])]
            if name == "issuer":
                arguments += ["--state", str(state)]
            server = Server(arguments, {**shared, **own[name]}, state / f"{name}.log")
            servers[name] = running.enter_context(server)
        yield Apart(servers, made, f"{issuer}/oauth/token")


def database(state: Path, service: str) -> dict[str, str]:
    return {f"GREENCHAIN_{service.upper()}_DATABASE_URL": f"sqlite:///{state / service}.db"}


def client(made: secrets.Secrets, service: str) -> dict[str, str]:
    return {f"GREENCHAIN_{service.upper()}_CLIENT_SECRET": made.credentials[service].secret}


@pytest.mark.parametrize("service", ["issuer", "footprint", "certification"])
def test_http_health(apart: Apart, service: str) -> None:
    assert httpx.get(f"{apart.http(service)}/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("supplier", "greenchain.supplier.v1.DeclarationService"),
        ("footprint", "greenchain.footprint.v1.FootprintService"),
    ],
)
def test_grpc_health(apart: Apart, service: str, name: str) -> None:
    with grpc.insecure_channel(apart.target(service)) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("service", ["footprint", "certification"])
def test_openapi_is_served(apart: Apart, service: str) -> None:
    assert httpx.get(f"{apart.http(service)}/openapi.json").json()["openapi"].startswith("3.")


def test_supplier_answers_a_lead_firm(apart: Apart) -> None:
    token = apart.identity("pack-maker-purchasing").token
    with LeadFirmClient.connect(apart.target("supplier"), token) as lead_firm:
        proposed = lead_firm.propose_requests([("lfp_cathode", "kg", 20.0)])
        assert [each.id for each in lead_firm.requests()] == [proposed[0].id]


def test_footprint_answers_the_command(apart: Apart) -> None:
    told = greenchain(
        "footprint",
        "import",
        str(PRODUCT),
        "--json",
        env=environment(
            GREENCHAIN_FOOTPRINT_URL=apart.http("footprint"),
            GREENCHAIN_TOKEN_URL=apart.token_url,
            GREENCHAIN_CLIENT_ID="pack-maker-export",
            GREENCHAIN_CLIENT_SECRET=apart.credentials.credentials["pack-maker-export"].secret,
        ),
    )
    assert told.returncode == 0, told.stderr
    assert '"product_id": "lfp_battery_pack"' in told.stdout


def test_certification_answers_the_public(apart: Apart) -> None:
    answer = httpx.get(f"{apart.http('certification')}/v1/records/unknown")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_certification_publishes_no_private_key(apart: Apart) -> None:
    keys = httpx.get(f"{apart.http('certification')}/.well-known/jwks.json").json()["keys"]
    assert len(keys) == 1
    assert "d" not in keys[0]


def test_every_service_ends_cleanly_on_sigterm(apart: Apart) -> None:
    # Last in this module: the others need the processes.
    codes = {name: apart.servers[name].terminate() for name in reversed(SERVICES)}
    assert codes == dict.fromkeys(SERVICES, 0), apart.servers["footprint"].log()
