"""The health check of the images tells who answers from who does not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.http_server import HttpServer, bind, free_port
from chassis.rpc import RpcServer
from chassis.settings import RpcSettings
from chassis.tokens import StaticKeys, TokenVerifier

SCRIPT = Path(__file__).parents[2] / "health.py"
NOWHERE = "http://127.0.0.1:9"


def exit_code(url: str) -> int:
    # A container may be told of a proxy for what it calls outside.
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "grpc_proxy"), NOWHERE)
    done = subprocess.run(
        [sys.executable, SCRIPT, url],
        env={**os.environ, **proxies, "no_proxy": ""},
        capture_output=True,
        check=False,
    )
    return done.returncode


@contextmanager
def http(status: int) -> Iterator[str]:
    async def answer(_: Request) -> Response:
        return Response(status_code=status)

    server = HttpServer(Starlette(routes=[Route("/healthz", answer)]), bind("127.0.0.1", 0))
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}/healthz"
    finally:
        server.stop()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_http_is_healthy_when_it_answers_with_success(status: int, code: int) -> None:
    with http(status) as url:
        assert exit_code(url) == code


def test_grpc_is_healthy_while_it_serves() -> None:
    verifier = TokenVerifier(StaticKeys({"keys": []}), "http://issuer")
    server = RpcServer(verifier, [], RpcSettings())
    server.start()
    try:
        assert exit_code(f"grpc://{server.target}") == 0
    finally:
        server.stop()
    assert exit_code(f"grpc://{server.target}") == 1


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_where_nobody_listens_it_is_not_healthy(scheme: str) -> None:
    assert exit_code(f"{scheme}://127.0.0.1:{free_port('127.0.0.1')}") == 1
