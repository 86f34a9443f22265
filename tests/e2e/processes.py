"""Server processes under test: started, awaited, ended."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

_READY_S = 60.0
_STOP_S = 30.0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A `greenchain … serve` (or `up`) that tells in JSON where it serves once it is ready."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._log_path = log
        self.process = subprocess.Popen(
            [sys.executable, "-m", "greenchain_cli", *arguments, "--json"],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()
        try:
            self.told: Any = json.loads(self._first_line())
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()

    def terminate(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_S)

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def log(self) -> str:
        """Return what it logged."""
        return self._log_path.read_text(encoding="utf-8")

    def _read(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._lines.put(line)
        self._lines.put("")

    def _first_line(self) -> str:
        line = self._lines.get(timeout=_READY_S)
        assert line, f"the server ended while it started:\n{self.log()}"
        return line


def left_over(directory: Path) -> list[str]:
    """Return the command lines of processes that name a directory in arguments or environment."""
    mark = str(directory).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        # It may end while it is looked at, or belong to somebody else.
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes()
            if (
                process.name != str(os.getpid())
                and mark in arguments + (process / "environ").read_bytes()
            ):
                found.append(arguments.replace(b"\0", b" ").decode())
    return found
