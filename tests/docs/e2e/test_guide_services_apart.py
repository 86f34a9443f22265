"""The guide's blocks on serving the services apart run as they stand, but for their ports."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from tests.docs.e2e.conftest import SCRIPTS
from tests.docs.e2e.guide import bash, marked_blocks, plain_environment
from tests.docs.markdown import ROOT, read

#: Ports of the guide: HTTP and gRPC of each service, in the order in which they are started.
PORTS = {
    "issuer": (8080, None),
    "supplier": (8081, 8701),
    "footprint": (8082, 8702),
    "certification": (8083, None),
}
KAFKA = 9092

# Servers and services start one after the other, as a person starts them.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def ports() -> dict[int, int]:
    """Return a free port for each port of the guide."""
    with ExitStack() as held:
        served = [port for pair in PORTS.values() for port in pair if port is not None]
        return {
            port: held.enter_context(closing(socket.create_server(("127.0.0.1", 0)))).getsockname()[
                1
            ]
            for port in (*served, KAFKA)
        }


@pytest.fixture(params=["files", pytest.param("servers", marks=pytest.mark.needs("kafka"))])
def environment(
    request: pytest.FixtureRequest, folder: Path, ports: dict[int, int]
) -> Iterator[dict[str, str]]:
    """Add the guide's identities and run the four blocks, each in its own shell.

    Once as they stand, once as the guide changes them for PostgreSQL and Apache Kafka.
    """
    issuer = f"http://127.0.0.1:{ports[8080]}/issuer"
    # Stand in for the defaults, which `test_settings` and the issuer's own tests compare.
    addresses = {
        "GREENCHAIN_ISSUER": issuer,
        "GREENCHAIN_TOKEN_URL": f"{issuer}/oauth/token",
        "GREENCHAIN_JWKS_URL": f"{issuer}/.well-known/jwks.json",
        "GREENCHAIN_SUPPLIER_TARGET": f"127.0.0.1:{ports[8701]}",
        "GREENCHAIN_FOOTPRINT_TARGET": f"127.0.0.1:{ports[8702]}",
    }
    shared = plain_environment() | addresses
    bash(marked_blocks("setup"), folder, shared)
    with ExitStack() as running:
        one_line_more = ""
        if request.param == "servers":
            (folder / "Makefile").write_text(targets(ports[KAFKA]))
            running.callback(bash, marked_blocks("servers-stop"), folder, shared)
            bash(marked_blocks("servers"), folder, shared)
            bash(marked_blocks("migrations"), folder, shared)
            one_line_more = marked_blocks("on-servers")
        for name, (http, grpc) in PORTS.items():
            options = f" --json --http-port={ports[http]}"
            options += f" --grpc-port={ports[grpc]}" if grpc else ""
            before = "" if name == "issuer" else one_line_more
            script = moved(marked_blocks(name), ports)
            script = re.sub(r"(?m)^greenchain \w+ serve$", rf"{before}exec \g<0>{options}", script)
            running.enter_context(Served(script, folder, shared))
        yield shared


def targets(port: int) -> str:
    """Return the Makefile's rules for servers, without what they build before; Kafka at a port."""
    rules = re.findall(
        r"(?m)^(?:kafka|postgres)(?:-stop)?: setup .*\n\t.*\n", read(ROOT / "Makefile")
    )
    assert len(rules) == 4
    return (
        "".join(rules)
        .replace(": setup", ":")
        .replace("$(BIN)", str(SCRIPTS))
        .replace("greenchain_kafka start", f"greenchain_kafka start --port {port}")
    )


class Served:
    """A server that a block starts; a context manager, entered once it answers."""

    def __init__(self, script: str, folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "-euc", script],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> None:
        assert self._process.stdout is not None
        json.loads(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        with self._process:
            self._process.wait(60)


def moved(script: str, ports: dict[int, int]) -> str:
    """Return a script with the free ports in place of the guide's."""
    return re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda match: str(ports[int(match[0])]), script)


def test_four_processes_lead_from_the_product_to_an_application(
    folder: Path, environment: dict[str, str], ports: dict[int, int]
) -> None:
    told = bash(moved(marked_blocks("apart"), ports), folder, environment)
    assert "frozen" in told
    assert re.search(r"^scheme +demonstration$", told, re.MULTILINE)
