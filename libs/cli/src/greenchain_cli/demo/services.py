"""The services of the platform, each a process of its own as `greenchain … serve` makes it."""

import contextlib
import json
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from chassis.errors import GreenchainError, Kind
from greenchain_cli.demo.processes import start_command

READY_S = 60.0
"""How long a service may take to start [s]; it takes some seconds."""
STOP_S = 30.0
"""How long a service may take to stop [s]; then it is killed."""
_LINES = 15


@dataclass(eq=False)
class ServiceNotStarted(GreenchainError):
    """A service ended, or was not ready in time."""

    code: ClassVar[str] = "demo.service.not_started"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "The service {name} did not start; the end of {log}:\n{printed}"
    zh: ClassVar[str] = "服务 {name} 未能启动；{log} 的末尾：\n{printed}"

    name: str
    log: str
    printed: str


@dataclass(eq=False)
class ServiceEnded(GreenchainError):
    """A service ended although nobody asked it to."""

    code: ClassVar[str] = "demo.service.ended"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "The service {name} ended by itself with exit code {exit_code}; the end of {log}:\n"
        "{printed}"
    )
    zh: ClassVar[str] = "服务 {name} 自行结束，退出码 {exit_code}；{log} 的末尾：\n{printed}"

    name: str
    exit_code: int
    log: str
    printed: str


class ServiceProcess:
    """One service, started at once; a context manager that stops it.

    A service that was ready and has ended by itself meanwhile is an error (`ServiceEnded`) when the
    block ends: it is why the rest went wrong.

    Parameters
    ----------
    options
        Of `greenchain <name> serve`.
    log
        File for what it says; its process id is beside it while it runs.
    """

    def __init__(
        self, name: str, options: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._name = name
        self._log = log
        self._pid_file = log.with_suffix(".pid")
        self._ready = False
        with log.open("ab") as said:
            # In a session of its own: Ctrl-C is for the demonstration, which stops it in order.
            self._process = start_command(
                [name, "serve", *options], environment, stderr=said, start_new_session=True
            )
        self._pid_file.write_text(f"{self.pid}\n", encoding="ascii")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        exit_code = self._process.poll()
        self._stop()
        if self._ready and exit_code is not None:
            raise ServiceEnded(
                name=self._name, exit_code=exit_code, log=str(self._log), printed=self._last_words()
            )

    def wait_until_ready(self, end: float) -> None:
        """Wait until it tells where it serves, till `end` by `time.monotonic` [s] at most.

        Raises
        ------
        ServiceNotStarted
            If it ends before, or takes longer.
        """
        stdout = self._process.stdout
        assert stdout is not None
        told, _, _ = select.select([stdout], [], [], max(0.0, end - time.monotonic()))
        if told:
            line = stdout.readline()
            # In place of where it serves, a service that fails tells its error, or nothing.
            self._ready = bool(line) and "error" not in json.loads(line)
            if self._ready:
                return
            # What it tells people comes last.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        raise ServiceNotStarted(name=self._name, log=str(self._log), printed=self._last_words())

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._pid_file.unlink(missing_ok=True)

    def _last_words(self) -> str:
        said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(said[-_LINES:])
