"""The gRPC side of a service: a `grpc.aio` server that checks tokens, deadlines and sizes.

Handlers are ``async def`` (or async generators). Database work goes through `run_blocking`; the
caller is `current_principal()`, in both.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis.blocking import run_blocking
from chassis.caller import current_principal, current_token
from chassis.rpc_client import connect
from chassis.rpc_interceptor import CallGuard
from chassis.rpc_status import (
    MAX_METADATA_BYTES,
    RemoteError,
    RemoteViolation,
    raise_from,
    translated_errors,
)
from chassis.settings import RpcSettings
from chassis.tokens import TokenVerifier

__all__ = [
    "RemoteError",
    "RemoteViolation",
    "RpcServer",
    "connect",
    "create_server",
    "current_principal",
    "current_token",
    "raise_from",
    "run_blocking",
    "translated_errors",
]

#: Adds a servicer to a server: ``lambda server: add_XServicer_to_server(servicer, server)``.
Registrar = Callable[[grpc.aio.Server], None]


class _Recorder:
    """Stands in for the server while servicers are added, to learn the services' names."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server
        self.names: list[str] = []

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        self.names += [handler.service_name() for handler in handlers]
        self._server.add_generic_rpc_handlers(handlers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)


def create_server(
    verifier: TokenVerifier, registrars: Sequence[Registrar], settings: RpcSettings
) -> tuple[grpc.aio.Server, Any, list[str]]:
    """Make a server, not yet bound; call inside the event loop that will run it.

    Returns
    -------
    tuple
        The server, its health servicer, and the names of the services that were registered.
    """
    server = grpc.aio.server(
        interceptors=[CallGuard(verifier)],
        options=[
            ("grpc.max_receive_message_length", settings.max_message_bytes),
            ("grpc.max_send_message_length", settings.max_message_bytes),
            ("grpc.max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
            # Two servers on one port would share its calls at random.
            ("grpc.so_reuseport", 0),
        ],
    )
    recorder: Any = _Recorder(server)
    for registrar in registrars:
        registrar(recorder)
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if settings.reflection:
        names = (*recorder.names, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    return server, servicer, recorder.names


class RpcServer:
    """A gRPC server in a thread and event loop of its own, beside whatever else the process runs.

    Parameters
    ----------
    verifier
        Checks the token of every call but health checks.
    registrars
        Each adds one servicer.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        registrars: Sequence[Registrar],
        settings: RpcSettings | None = None,
    ) -> None:
        self._verifier = verifier
        self._registrars = registrars
        self._settings = settings or RpcSettings()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_requested: asyncio.Event | None = None
        self.port = 0

    @property
    def target(self) -> str:
        """Address for clients, ``host:port``; known after `start`."""
        return f"{self._settings.host}:{self.port}"

    def start(self) -> None:
        """Serve; returns once the port is bound, and raises if it cannot be."""
        if self._thread is not None:
            raise RuntimeError("the server runs already")
        self._ready.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="grpc-server", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            self._thread = None
            raise self._failure

    def stop(self) -> None:
        """Refuse new calls, give those under way a moment, then end."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        assert self._loop is not None
        assert self._stop_requested is not None
        self._loop.call_soon_threadsafe(self._stop_requested.set)
        thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed over to start()
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop_requested = asyncio.Event()
        self._loop.set_default_executor(
            ThreadPoolExecutor(self._settings.blocking_threads, thread_name_prefix="grpc-blocking")
        )
        server, health_servicer, names = create_server(
            self._verifier, self._registrars, self._settings
        )
        self.port = server.add_insecure_port(f"{self._settings.host}:{self._settings.port}")
        await server.start()
        serving = health_pb2.HealthCheckResponse.SERVING
        for name in ("", *names):
            await health_servicer.set(name, serving)
        self._ready.set()
        await self._stop_requested.wait()
        await health_servicer.enter_graceful_shutdown()
        await server.stop(self._settings.stop_grace_s)
