"""One trial: the roles run in a world, die as planned, go on, until everything has settled."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Self

from tests.delivery import ledger
from tests.delivery.actor import Actor
from tests.delivery.checker import Audit, Fault, Version, faults
from tests.delivery.points import Kill, Point
from tests.delivery.roles import Code, Load, Part
from tests.delivery.world import World

from chassis.database import Database
from chassis.unit_of_work import SqlUnitOfWork

_LOOK_S = 0.05
#: How long a trial may take to settle [s]; it takes some seconds.
DEADLINE_S = 60.0


class NotSettled(Exception):
    """Something does not move any more; tells what, and the ends of the logs."""


class Trial:
    """The roles in a world; a context manager, at whose end all processes are dead.

    Parameters
    ----------
    kills
        Each role's in the order in which they are to happen.
    names
        Who plays: each a role, with a number where several play the same one.
    """

    def __init__(
        self,
        world: World,
        kills: Sequence[Kill] = (),
        *,
        load: Load | None = None,
        code: Code | None = None,
        names: Sequence[str] = ("service", "relay", "consumer"),
    ) -> None:
        self._world = world
        self._kills = kills
        self._load = load or Load()
        self._code = code or Code()
        self._names = names
        self.actors: dict[str, Actor] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._log = stack.enter_context(self._world.open_log())
            self._audit = stack.enter_context(Audit(self._world))
            self._found_aggregates()
            for name in self._names:
                part = Part(name, self._world, self._load, self._code)
                kills = [kill for kill in self._kills if kill.point.role == part.role]
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

    def wait_for_effects(self, count: int, within_s: float = DEADLINE_S) -> None:
        """Keep the roles alive until the receiver has made so many more effects.

        Raises
        ------
        NotSettled
            If that takes too long.
        """
        wanted = self.effects() + count
        self._keep_alive(lambda: self.effects() >= wanted, within_s)

    def settle(self, within_s: float = DEADLINE_S) -> dict[Fault, list[Version]]:
        """Keep the roles alive until nothing is on its way; return what was delivered wrongly.

        Raises
        ------
        NotSettled
            If that takes too long.
        """
        before = -1

        def nothing_moves() -> bool:
            nonlocal before
            last, before = before, self.effects()
            return (
                self.actors["service"].has_finished
                and self._audit.unsent() == 0
                and self._unread() == 0
                and before == last
            )

        self._keep_alive(nothing_moves, within_s)
        return faults(self._audit.ledger())

    def _keep_alive(self, until: Callable[[], bool], within_s: float) -> None:
        end = time.monotonic() + within_s
        while not until():
            if time.monotonic() > end:
                raise NotSettled(self._standing())
            for actor in self.actors.values():
                actor.tend()
            time.sleep(_LOOK_S)

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(f"--- {name}\n{actor.log()}" for name, actor in self.actors.items())

    def effects(self) -> int:
        """Count what the receiver has done."""
        return len(self._audit.ledger().effects)

    def _standing(self) -> str:
        wrong = faults(self._audit.ledger())
        standing = (
            f"all is written: {self.actors['service'].has_finished}",
            f"events to be sent: {self._audit.unsent()}",
            f"records to be read: {self._unread()}",
            f"faults so far: { {fault: len(each) for fault, each in wrong.items()} }",
        )
        return "\n".join([*standing, self.logs()])

    def _unread(self) -> int:
        return self._log.lag(self._world.group, [self._world.topic])

    def _found_aggregates(self) -> None:
        database = Database(self._world.sender)
        tenants = self._load.tenants()
        for tenant in set(tenants.values()):
            with SqlUnitOfWork(database, tenant) as uow:
                ledger.found(uow, [key for key in tenants if tenants[key] == tenant])
        database.close()
