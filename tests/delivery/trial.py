"""One trial: the roles run in a world, die as planned, go on, until everything has settled."""

import multiprocessing
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from multiprocessing.context import ForkServerProcess
from signal import SIGKILL
from typing import Self

from tests.delivery import ledger
from tests.delivery.checker import Audit, Fault, Version, faults
from tests.delivery.points import Kill, Point
from tests.delivery.roles import Code, Load, Part, play
from tests.delivery.world import World

from chassis.database import Database
from chassis.errors import Unavailable
from chassis.unit_of_work import SqlUnitOfWork

# A fork of a process that has imported everything starts in milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.delivery.roles"])
_LOOK_S = 0.05
#: How long a trial may take to settle [s]; it takes some seconds.
DEADLINE_S = 60.0


class NotSettled(Exception):
    """Something does not move any more; tells what, and the ends of the logs."""


class RoleFailed(Exception):
    """A process ended by itself with an error; tells the end of its log."""


class Actor:
    """Plays one role, in one process after the other."""

    def __init__(self, part: Part, kills: Iterable[Kill]) -> None:
        self._part = part
        self._kills = iter(kills)
        self.died_at: list[Point] = []
        self._start()

    @property
    def has_finished(self) -> bool:
        """Whether its process has done all that there was to do."""
        return self._process.exitcode == 0

    def tend(self) -> None:
        """Go on in a new process if the last one was killed."""
        match self._process.exitcode:
            case None | 0:
                pass
            case code if code == -SIGKILL:
                if self._kill is not None:
                    self.died_at.append(self._kill.point)
                self._process.close()
                self._start()
            case code:
                raise RoleFailed(f"{self._part.name} ended with {code}:\n{self.log()}")

    def kill(self) -> None:
        """Kill its process."""
        self._process.kill()
        self._process.join()

    def log(self, characters: int = 3000) -> str:
        """Return the end of what its processes logged."""
        return self._part.log.read_text(encoding="utf-8")[-characters:]

    def _start(self) -> None:
        self._kill = next(self._kills, None)
        part = replace(self._part, kill=self._kill)
        self._process: ForkServerProcess = _processes.Process(target=play, args=(part,))
        self._process.start()


class Trial:
    """The roles in a world; a context manager, at whose end all processes are dead.

    Parameters
    ----------
    kills
        Each role's in the order in which they are to happen.
    consumers
        Members of the receiver's group.
    """

    def __init__(
        self,
        world: World,
        kills: Sequence[Kill] = (),
        *,
        load: Load | None = None,
        code: Code | None = None,
        consumers: int = 1,
    ) -> None:
        self._world = world
        self._kills = kills
        self._load = load or Load()
        self._code = code or Code()
        names = [f"consumer-{number}" for number in range(1, consumers + 1)]
        self._names = ("service", "relay", *names)
        self.actors: dict[str, Actor] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._log = stack.enter_context(self._world.open_log())
            self._audit = stack.enter_context(Audit(self._world))
            self._found_aggregates()
            for name in self._names:
                part = Part(name, self._world, self._load, self._code)
                role = name.partition("-")[0]
                kills = [kill for kill in self._kills if kill.point.role == role]
                self.actors[name] = Actor(part, kills)
                stack.callback(self.actors[name].kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def died_at(self) -> list[Point]:
        """Where processes were killed, as far as it was planned."""
        return [point for actor in self.actors.values() for point in actor.died_at]

    def settle(self, within_s: float = DEADLINE_S) -> dict[Fault, list[Version]]:
        """Keep the roles alive until nothing is on its way; return what was delivered wrongly.

        Raises
        ------
        NotSettled
            If that takes too long.
        """
        end = time.monotonic() + within_s
        before = None
        while (effects := self._effects_if_settled()) is None or effects != before:
            before = effects
            if time.monotonic() > end:
                raise NotSettled(self._standing())
            for actor in self.actors.values():
                actor.tend()
            time.sleep(_LOOK_S)
        return faults(self._audit.ledger())

    def _effects_if_settled(self) -> int | None:
        """Count the effects, once all was written, sent, and read."""
        try:
            settled = (
                self.actors["service"].has_finished
                and self._audit.unsent() == 0
                and self._unread() == 0
            )
        except Unavailable:
            return None
        return len(self._audit.ledger().effects) if settled else None

    def _standing(self) -> str:
        standing = (
            f"all is written: {self.actors['service'].has_finished}",
            f"events to be sent: {self._audit.unsent()}",
            f"records to be read: {self._unread()}",
            f"faults so far: {faults(self._audit.ledger())}",
        )
        logs = (f"--- {name}\n{actor.log()}" for name, actor in self.actors.items())
        return "\n".join([*standing, *logs])

    def _unread(self) -> int:
        return self._log.lag(self._world.group, [self._world.topic])

    def _found_aggregates(self) -> None:
        database = Database(self._world.sender)
        for tenant, keys in groupby(sorted(self._load.tenants().items(), key=_tenant), _tenant):
            with SqlUnitOfWork(database, tenant) as uow:
                ledger.found(uow, [key for key, _ in keys])
        database.close()


def _tenant(item: tuple[str, str]) -> str:
    return item[1]
