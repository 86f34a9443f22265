"""Each service served alone, as a process of its own."""

from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.e2e.apart import NAMES, Apart, Servers, files_of, services_apart
from tests.e2e.conftest import PRODUCT, environment, greenchain

from greenchain_local.environment import SERVICES
from greenchain_postgres.server import PostgresServer
from supplier_client import LeadFirmClient, SupplierClient, read_records

YEAR = ("2025-01-01", "2025-12-31")


@pytest.fixture(
    scope="module", params=["files", pytest.param("servers", marks=pytest.mark.needs("kafka"))]
)
def apart(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Apart]:
    """Serve on SQLite and a local event log, or on PostgreSQL and Apache Kafka."""
    state = tmp_path_factory.mktemp("apart")
    if request.param == "files":
        servers = files_of(state)
    else:
        postgres, kafka = (request.getfixturevalue(name) for name in ("postgres", "kafka"))
        servers = Servers(migrated(postgres), f"kafka:{kafka.address}")
    with services_apart(state, servers) as running:
        yield running


def migrated(postgres: PostgresServer) -> dict[str, str]:
    """Provide and migrate the services' databases; return the URLs by which they use them."""
    for name in SERVICES:
        postgres.provide(name)
        owner = {
            f"GREENCHAIN_{name.upper()}_OWNER_DATABASE_URL": postgres.url(f"{name}_owner", name)
        }
        done = greenchain(name, "migrate", env=environment(**owner))
        assert done.returncode == 0, done.stderr
    return {name: postgres.url(name, name) for name in SERVICES}


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
            GREENCHAIN_CLIENT_SECRET=apart.secret("pack-maker-export"),
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


def test_a_declaration_submitted_before_a_kill_is_calculated_after_it(apart: Apart) -> None:
    with LeadFirmClient.connect(
        apart.target("supplier"), apart.identity("pack-maker-purchasing").token
    ) as lead_firm:
        request = lead_firm.propose_requests([("lfp_cathode", "kg", 20.0)])[0]
        lead_firm.send_request(request.id, "cathode-maker", YEAR)
    token = apart.identity("cathode-maker").token
    with SupplierClient.connect(apart.target("supplier"), token) as client:
        draft = client.open_declaration(request.id, "plant", "CN-SC", YEAR)
        client.send_records(draft, read_records(PRODUCT / "suppliers" / "cathode_maker.csv"))
        submitted = client.submit(draft)

    for name in ("supplier", "footprint"):
        apart.processes[name].kill()
        apart.start(name)

    with SupplierClient.connect(apart.target("supplier"), token) as client:
        calculated = client.wait_until_calculated(submitted, timeout_s=60.0)
    assert calculated.sha256 == submitted.sha256
    assert calculated.calculated_footprint.kg_co2e_per_unit > 1.0


def test_every_service_ends_cleanly_on_sigterm(apart: Apart) -> None:
    # Last in this module: the others need the processes.
    codes = {name: apart.processes[name].terminate() for name in reversed(NAMES)}
    assert codes == dict.fromkeys(NAMES, 0), apart.processes["footprint"].log()
