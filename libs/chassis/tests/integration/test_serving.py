"""Serving a service: addresses, clean stops, requests under way."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from chassis.http_server import HttpServer, PortInUse, bind
from chassis.service import Service
from chassis.serving import Addresses, serve_alone, stop_request
from chassis.settings import HttpSettings, MetricsSettings, RpcSettings
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key


@pytest.fixture
def slow_app() -> FastAPI:
    app = FastAPI()

    @app.get("/slow")
    def slow() -> dict[str, str]:
        time.sleep(0.4)
        return {"status": "done"}

    @app.get("/stuck")
    def stuck() -> None:
        time.sleep(3.0)

    return app


@pytest.fixture
def server(slow_app: FastAPI) -> Iterator[HttpServer]:
    server = HttpServer(slow_app, bind("127.0.0.1", 0), grace_s=1.0)
    server.start()
    yield server
    server.stop()


class Recorder:
    """A worker that writes down what happened to it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self) -> None:
        self.told.append("started")

    def stop(self) -> None:
        self.told.append("stopped")


def test_a_request_under_way_is_finished(server: HttpServer) -> None:
    answers: list[int] = []
    url = f"http://127.0.0.1:{server.port}/slow"
    thread = threading.Thread(target=lambda: answers.append(httpx.get(url).status_code))
    thread.start()
    time.sleep(0.15)

    server.stop()

    thread.join()
    assert answers == [200]


def test_a_port_that_is_taken_is_refused(server: HttpServer) -> None:
    with pytest.raises(PortInUse, match=str(server.port)):
        bind("127.0.0.1", server.port)


def test_after_stop_nothing_answers(slow_app: FastAPI) -> None:
    server = HttpServer(slow_app, bind("127.0.0.1", 0), grace_s=1.0)
    server.start()
    port = server.port

    server.stop()

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/slow")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_alone_ends_by_signal_and_closes_last(number: signal.Signals) -> None:
    issuer = TokenIssuer("https://issuer.example", new_signing_key())
    worker = Recorder()
    closed: list[list[str]] = []
    seen: list[Addresses] = []
    service = Service(
        name="example",
        http=FastAPI(),
        grpc=lambda server: None,
        workers=(worker,),
        close=lambda: closed.append(list(worker.told)),
    )

    def ready(addresses: Addresses) -> None:
        seen.append(addresses)
        os.kill(os.getpid(), number)

    serve_alone(
        service,
        TokenVerifier(StaticKeys(issuer.jwks()), issuer.issuer),
        http=HttpSettings(port=0),
        rpc=RpcSettings(port=0),
        metrics=MetricsSettings(),
        ready=ready,
    )

    assert closed == [["started", "stopped"]]
    assert seen[0].http is not None
    assert seen[0].rpc is not None


def test_signal_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with stop_request():
        pass

    assert signal.getsignal(signal.SIGTERM) is before
