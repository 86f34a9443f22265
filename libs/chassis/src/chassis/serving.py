"""Serving one service alone: HTTP, gRPC and workers until the process is asked to end."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from chassis.http_server import HttpServer, bind, free_port
from chassis.metrics import served
from chassis.rpc import RpcServer
from chassis.service import Service
from chassis.settings import HttpSettings, MetricsSettings, RpcSettings
from chassis.tokens import TokenVerifier
from chassis.workers import Worker, WorkerGroup

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a service is served.

    Attributes
    ----------
    http
        Base URL; None if it has no HTTP side.
    rpc
        ``host:port``; None if it has no gRPC side.
    """

    http: str | None
    rpc: str | None


@contextmanager
def stop_request() -> Iterator[threading.Event]:
    """Give an event that is set by the first SIGTERM or SIGINT; a second one ends the process.

    Only the main thread may set signal handlers.
    """
    requested = threading.Event()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def request(number: int, _frame: FrameType | None) -> None:
        requested.set()
        signal.signal(number, signal.SIG_DFL)

    for number in STOP_SIGNALS:
        signal.signal(number, request)
    try:
        yield requested
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_alone(
    service: Service,
    verifier: TokenVerifier,
    *,
    http: HttpSettings,
    rpc: RpcSettings,
    metrics: MetricsSettings,
    ready: Callable[[Addresses], None],
) -> None:
    """Serve until SIGTERM or SIGINT, then stop cleanly.

    Workers end first, after the piece of work under way; calls and requests under way then have
    the grace time, after which streams are cut with UNAVAILABLE; the database is closed last.

    Parameters
    ----------
    ready
        Called once everything answers.
    """
    with stop_request() as requested:
        try:
            _serve(service, verifier, http, rpc, metrics, ready, requested)
        finally:
            service.close()


def _serve(
    service: Service,
    verifier: TokenVerifier,
    http: HttpSettings,
    rpc: RpcSettings,
    metrics: MetricsSettings,
    ready: Callable[[Addresses], None],
    requested: threading.Event,
) -> None:
    rpc_server = None
    if service.grpc:
        free_port(rpc.host, rpc.port)
        rpc_server = RpcServer(verifier, [service.grpc], rpc)
    http_server = (
        HttpServer(service.http, bind(http.host, http.port), grace_s=rpc.stop_grace_s)
        if service.http
        else None
    )
    servers: list[Worker] = [server for server in (rpc_server, http_server) if server is not None]
    group = WorkerGroup([*servers, *service.workers, *served(metrics, service.workers)])
    group.start()
    try:
        ready(
            Addresses(
                http=f"http://{http.host}:{http_server.port}" if http_server else None,
                rpc=rpc_server.target if rpc_server else None,
            )
        )
        requested.wait()
    finally:
        group.stop()
