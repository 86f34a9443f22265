"""A service as its bootstrap hands it over: wired, not started. `chassis.serving` serves it."""

from collections.abc import Callable
from dataclasses import dataclass

from grpc import aio
from starlette.applications import Starlette

from chassis.workers import Worker


def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True)
class Service:
    """What a service's `bootstrap.build` returns.

    Attributes
    ----------
    name
        The service's own name; also the path under which its app is mounted in the embedded shape.
    http
        Its app, at the root when the service is served alone; None if it has no HTTP side.
    grpc
        Registers its servicers; None if it has no gRPC side.
    workers
        Relay and consumers.
    close
        Releases databases and connections, once everything is stopped.
    """

    name: str
    http: Starlette | None = None
    grpc: Callable[[aio.Server], None] | None = None
    workers: tuple[Worker, ...] = ()
    close: Callable[[], None] = _nothing
