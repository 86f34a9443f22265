"""What a demonstration that was killed has left running, ended before its directory is emptied.

Services and servers note their process ids in the directory. The number of a process that has ended
may be another's by now, so one counts as ours only if it names the directory in its arguments, as
servers do, or writes its log there, as services do.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind

STOP_S = 60.0
"""How long they may take to end [s]; they take some seconds."""


@dataclass(eq=False)
class StillRunning(GreenchainError):
    """Processes of an earlier demonstration do not end."""

    code: ClassVar[str] = "demo.state.still_running"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "Processes of an earlier demonstration on {path} did not end within {seconds:g} s: {pids}. "
        "End them, or choose another directory with --state."
    )
    zh: ClassVar[str] = (
        "先前在 {path} 上运行的演示的进程未能在 {seconds:g} 秒内结束：{pids}。"
        "请结束这些进程，或用 --state 另选目录。"
    )

    path: str
    seconds: float
    pids: tuple[int, ...]


def end_left_over(directory: Path) -> None:
    """End what an earlier demonstration has left running; nothing, unless it was killed.

    Raises
    ------
    StillRunning
        If something does not end.
    """
    asked: set[int] = set()
    end = time.monotonic() + STOP_S
    while left := set(_left_over(directory)):
        if time.monotonic() > end:
            raise StillRunning(path=str(directory), seconds=STOP_S, pids=tuple(sorted(left)))
        for pid in left - asked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        asked |= left
        time.sleep(0.05)


def _left_over(directory: Path) -> Iterator[int]:
    inside = os.fsencode(directory.resolve()) + b"/"
    for noted in (*directory.glob("*.pid"), *directory.glob("*/*.pid")):
        # It has ended, or it is not one of ours, whose standard error we may see.
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            pid = noted.read_text(encoding="ascii").split()[0]
            process = Path("/proc") / pid
            names = inside in (process / "cmdline").read_bytes()
            if names or os.readlink(os.fsencode(process / "fd/2")).startswith(inside):
                yield int(pid)
