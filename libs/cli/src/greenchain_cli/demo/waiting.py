"""Waiting for what the platform does by itself, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

from greenchain_cli.errors import TimedOut

DEADLINE_S = 30.0
"""How long an effect of an event may take [s]; it takes tenths of a second when all is well."""
INTERVAL_S = 0.05

Seen = TypeVar("Seen")


def until(
    probe: Callable[[], Seen | None],
    en: str,
    zh: str,
    *,
    deadline_s: float = DEADLINE_S,
    interval_s: float = INTERVAL_S,
) -> Seen:
    """Ask `probe` until it answers with something; return that.

    Parameters
    ----------
    probe
        Looks once; `None` means not yet.
    en, zh
        What is awaited, for the error's text.
    """
    end = time.monotonic() + deadline_s
    while True:
        seen = probe()
        if seen is not None:
            return seen
        if time.monotonic() >= end:
            raise TimedOut(awaited_en=en, awaited_zh=zh, seconds=deadline_s)
        time.sleep(interval_s)
