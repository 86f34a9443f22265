"""Who called, for the length of one request; set by the HTTP and gRPC entrypoints.

Context variables follow the request into its handlers and into the threads that `run_blocking` and
FastAPI start for it.
"""

from contextvars import ContextVar

from chassis.errors import Unauthenticated
from chassis.identity import Principal

_caller: ContextVar[tuple[Principal, str] | None] = ContextVar("greenchain_caller", default=None)


def set_caller(principal: Principal, token: str) -> None:
    """Remember who called, in the context of this request."""
    _caller.set((principal, token))


def current_principal() -> Principal:
    """Return the verified caller; raises `Unauthenticated` outside a request."""
    return _current()[0]


def current_token() -> str:
    """Return the caller's token, to be sent on to another service in the caller's name."""
    return _current()[1]


def _current() -> tuple[Principal, str]:
    found = _caller.get()
    if found is None:
        raise Unauthenticated(reason="no caller")
    return found
