"""Where a process is killed: labelled points of the real code, watched from outside it."""

import itertools
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Point(StrEnum):
    """Before and after each step that makes something durable; the first word is the role's.

    One is between the two phases of a handler that prepares.
    """

    SERVICE_BEFORE_COMMIT = "service before commit"
    SERVICE_AFTER_COMMIT = "service after commit"
    RELAY_BEFORE_SEND = "relay before send"
    RELAY_AFTER_ACK = "relay after ack"
    RELAY_BEFORE_MARK = "relay before mark"
    RELAY_AFTER_MARK = "relay after mark"
    CONSUMER_AFTER_PREPARE = "consumer after prepare"
    CONSUMER_BEFORE_COMMIT = "consumer before commit"
    CONSUMER_AFTER_COMMIT = "consumer after commit"
    CONSUMER_BEFORE_OFFSET_COMMIT = "consumer before offset commit"
    CONSUMER_AFTER_OFFSET_COMMIT = "consumer after offset commit"

    def __repr__(self) -> str:
        # As in the source, so that a plan that was printed can be pasted.
        return f"Point.{self.name}"

    @property
    def role(self) -> str:
        """Whose point it is."""
        return self.value.split()[0]


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL of a role's process.

    Attributes
    ----------
    nth
        At which passing of the point, counted from 1 since the process started.
    after_ms
        How long after it [ms]: anywhere in what comes next, e.g. between a send and its ack.
    """

    point: Point
    nth: int
    after_ms: int = 0


class Fate:
    """What is to happen to this process; nothing without a kill.

    Parameters
    ----------
    epitaphs
        Where it writes at which point it dies: from outside, one SIGKILL looks like another.
    """

    def __init__(self, kill: Kill | None, epitaphs: Path) -> None:
        self._kill = kill
        self._epitaphs = epitaphs
        self._passings = itertools.count(1)

    def pass_by(self, point: Point) -> None:
        """Die here, if it is the time."""
        kill = self._kill
        if kill is None or point is not kill.point or next(self._passings) != kill.nth:
            return
        if kill.after_ms == 0:
            self._die(point)
        timer = threading.Timer(kill.after_ms / 1000, self._die, [point])
        timer.daemon = True
        timer.start()

    def watch(self, owner: Any, method: str, before: Point, after: Point) -> None:
        """Pass by two points with each call of a method of an object, or of all of a class."""
        call: Callable[..., Any] = getattr(owner, method)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.pass_by(before)
            result = call(*args, **kwargs)
            self.pass_by(after)
            return result

        setattr(owner, method, watched)

    def _die(self, point: Point) -> None:
        with self._epitaphs.open("a", encoding="utf-8") as stream:
            print(point, file=stream)
        os.kill(os.getpid(), signal.SIGKILL)
