"""The state directory of an embedded platform: one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind

LOCK_NAME = "lock"
_ONLY_OWNER = 0o700


@dataclass(eq=False)
class StateInUse(GreenchainError):
    """Another process runs the platform on this directory."""

    code: ClassVar[str] = "local.state.in_use"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "Process {pid} already runs the platform on {path}. Stop it, or choose another directory "
        "with --state."
    )
    zh: ClassVar[str] = "进程 {pid} 已在 {path} 上运行平台。请先停止它，或用 --state 另选目录。"

    path: str
    pid: str


@dataclass(frozen=True, slots=True)
class StateFiles:
    """Where things are in a state directory."""

    directory: Path

    def database_url(self, service: str) -> str:
        """Return the URL of a service's own database."""
        return f"sqlite:///{(self.directory / f'{service}.db').absolute()}"

    @property
    def event_log(self) -> str:
        """The event log, as the setting `event_log` names it."""
        return f"local:{(self.directory / 'events.db').absolute()}"


@contextmanager
def exclusive(directory: Path) -> Iterator[StateFiles]:
    """Hold a state directory for this process; the kernel lets it go even after a kill.

    Raises
    ------
    StateInUse
        If another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=_ONLY_OWNER)
    with (directory / LOCK_NAME).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StateInUse(path=str(directory), pid=lock.read().strip() or "?") from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield StateFiles(directory)
