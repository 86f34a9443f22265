"""What was acknowledged survives the death of the process."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.e2e.conftest import PRODUCT, environment, greenchain
from tests.e2e.processes import Server, free_port

from chassis.rpc_client import connect
from chassis.tokens import ClientCredentials
from greenchain.supplier.v1.supplier_pb2 import StreamActivityRecordsRequest
from greenchain.supplier.v1.supplier_pb2_grpc import DeclarationServiceStub
from greenchain_local import secrets
from greenchain_local.identities import DEMO_IDENTITIES
from supplier_client import LeadFirmClient, SupplierClient, read_records

YEAR = ("2025-01-01", "2025-12-31")


@contextmanager
def issuer_and_supplier(state: Path) -> Iterator[tuple[Server, Server]]:
    """Run two services alone, on the state directory of the embedded shape."""
    port, rpc = free_port(), free_port()
    issuer = f"http://127.0.0.1:{port}/issuer"
    env = environment(
        GREENCHAIN_ISSUER=issuer,
        GREENCHAIN_JWKS_URL=f"{issuer}/.well-known/jwks.json",
        GREENCHAIN_EVENT_LOG=f"local:{state / 'events.db'}",
        GREENCHAIN_SUPPLIER_DATABASE_URL=f"sqlite:///{state / 'supplier.db'}",
    )
    serve = ["issuer", "serve", "--http-port", str(port), "--state", str(state)]
    with (
        Server(serve, env, state / "issuer.log") as tokens,
        Server(
            ["supplier", "serve", "--http-port", "0", "--grpc-port", str(rpc)],
            env,
            state / "supplier.log",
        ) as supplier,
    ):
        yield tokens, supplier


def up(state: Path) -> Server:
    return Server(
        ["up", "--state", str(state), "--http-port", "0", "--grpc-port", "0"],
        environment(),
        state / "up.log",
    )


def test_a_declaration_submitted_before_a_kill_is_calculated_after_it(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path, DEMO_IDENTITIES).credentials

    with issuer_and_supplier(tmp_path) as (tokens, supplier):
        token_url, target = f"{tokens.told['http']}/issuer/oauth/token", supplier.told["grpc"]

        def identity(name: str) -> ClientCredentials:
            return ClientCredentials(token_url, name, made[name].secret)

        with LeadFirmClient.connect(target, identity("pack-maker-purchasing").token) as lead_firm:
            request = lead_firm.propose_requests([("lfp_cathode", "kg", 20.0)])[0]
            lead_firm.send_request(request.id, "cathode-maker", YEAR)
        with SupplierClient.connect(target, identity("cathode-maker").token) as client:
            draft = client.open_declaration(request.id, "plant", "CN-SC", YEAR)
            client.send_records(draft, read_records(PRODUCT / "suppliers" / "cathode_maker.csv"))
            submitted = client.submit(draft)
        supplier.kill()
        tokens.kill()

    with up(tmp_path) as platform:
        credentials = ClientCredentials(
            platform.told["token_url"], "cathode-maker", made["cathode-maker"].secret
        )
        with SupplierClient.connect(platform.told["grpc"], credentials.token) as client:
            calculated = client.wait_until_calculated(submitted, timeout_s=30.0)

    assert calculated.sha256 == submitted.sha256
    assert calculated.calculated_footprint.kg_co2e_per_unit > 1.0


def test_a_product_imported_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    secret = secrets.read_or_make(tmp_path, DEMO_IDENTITIES).credentials["pack-maker-export"]

    def command(platform: Server, *arguments: str) -> Any:
        done = greenchain(
            *arguments,
            "--json",
            env=environment(
                GREENCHAIN_URL=platform.told["http"],
                GREENCHAIN_CLIENT_ID="pack-maker-export",
                GREENCHAIN_CLIENT_SECRET=secret.secret,
            ),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with up(tmp_path) as platform:
        model = command(platform, "footprint", "import", str(PRODUCT))
        platform.kill()
    with up(tmp_path) as platform:
        footprint = command(platform, "footprint", "calculate", model["id"], "--no-supplier-data")
        code = platform.terminate()

    assert footprint["product_model_id"] == model["id"]
    assert code == 0


def test_two_platforms_do_not_share_a_state_directory(tmp_path: Path) -> None:
    with up(tmp_path) as platform:
        second = greenchain("up", "--state", str(tmp_path), "--http-port", "0", "--grpc-port", "0")

    assert second.returncode == 5
    assert "local.state.in_use" in second.stderr
    assert str(platform.process.pid) in second.stderr


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    with up(tmp_path):
        mode = os.stat(tmp_path / "secrets.json").st_mode

    assert mode & 0o077 == 0


def test_sigterm_cuts_an_idle_stream_with_unavailable(tmp_path: Path) -> None:
    secret = secrets.read_or_make(tmp_path, DEMO_IDENTITIES).credentials["cathode-maker"].secret
    silence = threading.Event()

    def say_nothing() -> Iterator[StreamActivityRecordsRequest]:
        silence.wait()
        yield from ()

    with up(tmp_path) as platform:
        token = ClientCredentials(platform.told["token_url"], "cathode-maker", secret).token
        with connect(platform.told["grpc"], token) as channel:
            stream = DeclarationServiceStub(channel).StreamActivityRecords(say_nothing())
            time.sleep(0.5)
            began = time.monotonic()
            code = platform.terminate()
            took = time.monotonic() - began
            with pytest.raises(grpc.RpcError) as raised:
                next(stream)
            silence.set()

    assert code == 0
    assert took < 10.0
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
