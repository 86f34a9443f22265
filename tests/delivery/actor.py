"""Who plays a role: one process after the other, each killed as planned or from outside."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing.context import ForkServerProcess

from tests.delivery.points import Kill, Point
from tests.delivery.roles import Part, play

# A fork of a process that has imported everything starts in milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.delivery.roles"])


class RoleFailed(Exception):
    """A process ended by itself with an error; tells the end of its log."""


class Actor:
    """Plays one role, in one process after the other."""

    def __init__(self, part: Part, kills: Iterable[Kill]) -> None:
        self._part = part
        self._kills = iter(kills)
        self._start()

    @property
    def died_at(self) -> list[Point]:
        """Where its processes were killed as planned."""
        if not self._part.epitaphs.exists():
            return []
        return [Point(line) for line in self._part.epitaphs.read_text("utf-8").splitlines()]

    @property
    def has_finished(self) -> bool:
        """Whether its process has done all that there was to do."""
        return self._process.exitcode == 0

    def tend(self) -> None:
        """Go on in a new process if the last one was killed."""
        match self._process.exitcode:
            case None:
                pass
            case 0 if self._part.name == "service":
                pass
            case code if code == -signal.SIGKILL:
                self._process.close()
                self._start()
            case code:
                raise RoleFailed(f"{self._part.name} ended with {code}:\n{self.log()}")

    def end(self) -> None:
        """Ask its process to finish."""
        self._process.terminate()

    def kill(self) -> None:
        """Kill its process."""
        self._process.kill()
        self._process.join()

    def sleep(self, seconds: float) -> None:
        """Stop its process for a while, then let it go on as if no time had passed."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(self._process.pid, signal.SIGCONT)

    def log(self, characters: int = 3000) -> str:
        """Return the end of what its processes logged."""
        return self._part.log.read_text(encoding="utf-8")[-characters:]

    def _start(self) -> None:
        part = replace(self._part, kill=next(self._kills, None))
        self._process: ForkServerProcess = _processes.Process(target=play, args=(part,))
        self._process.start()
