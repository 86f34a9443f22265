"""What signals do while servers run that must not outlive the demonstration."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ENDING = (signal.SIGTERM, signal.SIGHUP)
# As the shell reports a process that a signal ended.
_ENDED_BY = 128


@contextmanager
def orderly_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the block, as Ctrl-C does, instead of ending it where it is."""

    def end(number: int, _frame: FrameType | None) -> None:
        # It may come twice, e.g. from `timeout` and from `make`.
        for each in _ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(_ENDED_BY + number)

    with _handling(_ENDING, end):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Finish the block whatever is pressed; programs started in it ignore the signals too."""
    with _handling((signal.SIGINT, *_ENDING), signal.SIG_IGN):
        yield


@contextmanager
def _handling(
    numbers: tuple[signal.Signals, ...],
    handler: Callable[[int, FrameType | None], Any] | signal.Handlers,
) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
