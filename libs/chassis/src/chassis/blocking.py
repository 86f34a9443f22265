"""Blocking work beside an event loop, and what is done once more."""

import asyncio
import contextvars
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from chassis.errors import Collision

P = ParamSpec("P")
T = TypeVar("T")


def once_more(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a use case; after a collision of transactions, which left nothing behind, once more."""
    try:
        return function(*args, **kwargs)
    except Collision:
        return function(*args, **kwargs)


async def run_blocking(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run database work in the server's bounded pool of threads, with the caller's context."""
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()

    def call() -> T:
        return once_more(function, *args, **kwargs)

    return await loop.run_in_executor(None, lambda: context.run(call))
