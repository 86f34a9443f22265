"""An ASGI app served from a thread of its own."""

import errno
import socket
import threading
from dataclasses import dataclass
from typing import Any, ClassVar

import uvicorn

from chassis.errors import GreenchainError, Kind

_BACKLOG = 512
_START_S = 20.0


@dataclass(eq=False)
class PortInUse(GreenchainError):
    """Another process listens on the port."""

    code: ClassVar[str] = "serving.port.in_use"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "Port {port} of {host} is taken. Stop what uses it, or choose another port."
    zh: ClassVar[str] = "{host} 的端口 {port} 已被占用。请停止占用它的程序，或另选端口。"

    host: str
    port: int


def bind(host: str, port: int) -> socket.socket:
    """Bind a listening socket; port 0 takes a free one.

    Bound before the app is built, so that whoever must know the address can be told.

    Raises
    ------
    PortInUse
        If another process listens there.
    """
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host=host, port=port) from error
        raise


def free_port(host: str, port: int = 0) -> int:
    """Return `port`, or a free one for 0, that was free a moment ago.

    For a server that others must be told of before it binds.

    Raises
    ------
    PortInUse
        If another process listens there.
    """
    with bind(host, port) as probe:
        found: int = probe.getsockname()[1]
        return found


class HttpServer:
    """Serves `app` on a bound socket until it is stopped.

    Parameters
    ----------
    grace_s
        How long requests under way may take once the server is stopped [s]; then they are cut.
    """

    def __init__(self, app: Any, listener: socket.socket, *, grace_s: float = 5.0) -> None:
        self._listener = listener
        self._grace_s = grace_s
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=max(1, round(grace_s)),
            )
        )
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._ended = threading.Event()

    @property
    def port(self) -> int:
        """The port that is served."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Serve; return once requests are answered."""
        self._thread.start()
        waited = 0.0
        while not self._server.started:
            if self._ended.wait(0.01):
                raise RuntimeError("the HTTP server ended while it started; its log says why")
            waited += 0.01
            if waited > _START_S:
                raise RuntimeError(f"the HTTP server did not start within {_START_S:g} s")

    def stop(self) -> None:
        """Take no more requests, let those under way finish within the grace time, end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(self._grace_s + 5.0)
        self._listener.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._ended.set()
