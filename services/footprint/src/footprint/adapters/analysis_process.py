"""A process that computes analyses, one after the other.

The numerical work has a process of its own, started with the first job and kept for the next ones.
A thread would do for the kernels, which release the interpreter's lock; but reading a large model,
writing a large result and factorizations hold it or give no sign of life for long. In a process
none of that slows the requests, cancelling ends any work at once, wherever it is, and an analysis
that asks for too much memory, of which there is a limit, takes nothing else down with it. The
process computes strangers' models: of the service's environment, with its secrets, it is given
nothing that it does not need.
"""

import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FunctionType
from typing import Any, Protocol

from chassis.errors import GreenchainError, Internal
from footprint.application.analysis_limits import OutOfMemory
from footprint.application.analysis_ports import Progress
from footprint.domain.analysis import Analysis, Failure
from footprint.domain.analysis_errors import ResultTooLarge

#: Requests come first.
_NICENESS = 10
#: How often the process tells how far it is [s].
_TELL_S = 0.2
#: How long a process that has closed its end may take to end [s].
_END_S = 5.0
#: What the process may ask for [bytes].
MAX_MEMORY_BYTES = 4 * 1024**3
#: What the process is given of the environment: where things are, languages, numbers of threads.
_ENVIRONMENT = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
_MAIN = "from footprint.adapters.analysis_process import serve; serve(*{})"


class Work(Protocol):
    """Runs an analysis; a function of a module, which the process finds by its name."""

    def __call__(
        self,
        kind: str,
        model: Mapping[str, object],
        options: Mapping[str, object],
        *,
        progress: Progress | None = None,
    ) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Progressed:
    """Samples computed, and in all [1]."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The result, as JSON."""

    result: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no result.

    Attributes
    ----------
    trace
        Where it happened, if nobody foresaw it; for the log.
    """

    failure: Failure
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Died:
    """The process has ended without an answer.

    Attributes
    ----------
    exit_code
        Negative for the number of a signal.
    """

    exit_code: int | None


Answer = Progressed | Finished | Failed | Died


class AnalysisProcess:
    """The process, as its one user sees it.

    Parameters
    ----------
    work
        What it runs.
    max_result_bytes
        A larger result is a failure [bytes].
    max_memory_bytes
        What the process may ask for; more is a failure [bytes].
    """

    def __init__(
        self, work: Work, max_result_bytes: int, max_memory_bytes: int = MAX_MEMORY_BYTES
    ) -> None:
        assert isinstance(work, FunctionType)
        self._of = (work.__module__, work.__qualname__, max_result_bytes, max_memory_bytes)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def begin(self, analysis: Analysis, model: str) -> None:
        """Hand over a job; `answer` tells what becomes of it."""
        if self._process is None or self._process.poll() is not None:
            self._spawn()
        assert self._connection is not None
        self._connection.send((analysis.id, str(analysis.kind), model, dict(analysis.options)))

    def answer(self, timeout_s: float) -> Answer | None:
        """Return the next answer, None if none comes in time."""
        assert self._connection is not None
        try:
            if not self._connection.poll(timeout_s):
                return None
            told: Answer = self._connection.recv()
        except (EOFError, OSError):
            assert self._process is not None
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
            exit_code = self._process.returncode
            self.end()
            return Died(exit_code)
        return told

    def end(self) -> None:
        """End the process, whatever it does; the next job gets a new one."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if process is not None:
            process.kill()
            # Closes the pipe, too.
            process.communicate()
        if connection is not None:
            connection.close()

    def _spawn(self) -> None:
        self.end()
        given = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        ours, theirs = socket.socketpair()
        # Ours alone is left, so that its end is seen when the process ends.
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN.format((theirs.fileno(), *self._of))],
                env=given | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
            )
        self._connection = Connection(ours.detach())


def serve(
    handle: int, module: str, work: str, max_result_bytes: int, max_memory_bytes: int
) -> None:
    """Answer jobs until the other side is gone; the process' main function.

    Parameters
    ----------
    handle
        The connection's file descriptor.
    module, work
        Where the work is found. Imported after the first job is received, since that takes two
        seconds, for which the other side should not wait.
    """
    os.nice(_NICENESS)
    # Ctrl-C goes to all processes of a terminal, a service manager's SIGTERM to all of a service:
    # the service ends this one in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = max_memory_bytes if hard == resource.RLIM_INFINITY else min(max_memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection = Connection(handle)
    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            return
        try:
            run = getattr(importlib.import_module(module), work)
            answer = _answer(connection, run, max_result_bytes, *job)
        except MemoryError:
            answer = Failed(failure_of(OutOfMemory(most)))
        connection.send(answer)


def _end_with_parent() -> None:
    """End with a service that was killed: nobody would wait for the result."""
    sys.stdin.buffer.read()
    os._exit(1)


def _answer(
    connection: Connection,
    work: Work,
    max_result_bytes: int,
    analysis_id: str,
    kind: str,
    model: str,
    options: dict[str, Any],
) -> Answer:
    try:
        result = work(kind, json.loads(model), options, progress=_teller(connection))
        text = json.dumps(result, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        size = len(text.encode())
        if size > max_result_bytes:
            raise ResultTooLarge(size, max_result_bytes)
    except GreenchainError as error:
        return Failed(failure_of(error))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it is told of
        return Failed(failure_of(Internal(analysis_id)), traceback.format_exc())
    return Finished(text)


def failure_of(error: GreenchainError) -> Failure:
    """Return an error as it is stored."""
    return Failure(error.code, error.message("en"), error.message("zh"))


def _teller(connection: Connection) -> Progress:
    """Return what tells the progress now and then, and when all is computed."""
    told_at = float("-inf")

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if done == total or now >= told_at + _TELL_S:
            told_at = now
            connection.send(Progressed(done, total))

    return tell
