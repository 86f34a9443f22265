"""Processes of the demonstration: commands, each with an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, ClassVar, Self

from chassis.errors import GreenchainError, Kind
from greenchain_cli import language

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


@dataclass(eq=False)
class ClientProcessFailed(GreenchainError):
    """A client process of the demonstration ended with an error."""

    code: ClassVar[str] = "demo.process.failed"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "`{command}` of {who} ended with exit code {exit_code}:\n{printed}"
    zh: ClassVar[str] = "{who} 的进程 `{command}` 以退出码 {exit_code} 结束：\n{printed}"

    who: str
    command: str
    exit_code: int
    printed: str


@dataclass(eq=False)
class ClientProcessSlow(GreenchainError):
    """A client process of the demonstration did not end in time."""

    code: ClassVar[str] = "demo.process.slow"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "`{command}` of {who} did not end within {seconds:g} s:\n{printed}"
    zh: ClassVar[str] = "{who} 的进程 `{command}` 在 {seconds:g} 秒内没有结束：\n{printed}"

    who: str
    command: str
    seconds: float
    printed: str


def start_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    stderr: int | IO[bytes],
    start_new_session: bool = False,
) -> subprocess.Popen[str]:
    """Start `greenchain …`, which prints JSON; it finds nothing else of ours in its environment."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return subprocess.Popen(
        [
            sys.executable, "-m", "greenchain_cli",
            "--lang", language.current(), *arguments, "--json",
        ],
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=start_new_session,
        text=True,
        encoding="utf-8",
    )  # fmt: skip


class ClientProcess:
    """One `greenchain …` command that runs as a process of its own and prints JSON values.

    Its environment holds the credentials of its own identity and nobody else's.
    """

    def __init__(self, who: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._who = who
        self._command = " ".join(("greenchain", *arguments))
        self._process = start_command(arguments, environment, stderr=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def answer(self, within_s: float = 60.0) -> Any:
        """Wait for the end of the process; return the last JSON value that it printed."""
        try:
            printed, told = self._process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, told = self._process.communicate()
            raise ClientProcessSlow(
                who=self._who, command=self._command, seconds=within_s, printed=told.strip()
            ) from None
        if self._process.returncode != 0:
            raise ClientProcessFailed(
                who=self._who,
                command=self._command,
                exit_code=self._process.returncode,
                printed=told.strip(),
            )
        return json.loads(printed.strip().splitlines()[-1])
