"""A process that computes analyses, one after the other.

The numerical work has a process of its own, started by `spawn` with the first job and kept for the
next ones. A thread would do for the kernels, which release the interpreter's lock; but reading a
large model, writing a large result and factorizations hold it or give no sign of life for long. In
a process none of that slows the requests, cancelling ends any work at once, wherever it is, and an
analysis that asks for too much memory takes nothing else down with it.
"""

import json
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol

from chassis.errors import GreenchainError, Internal
from footprint.application.analysis_ports import Progress
from footprint.domain.analysis import Analysis, Failure
from footprint.domain.analysis_errors import ResultTooLarge

#: Requests come first.
_NICENESS = 10
#: How often the process tells how far it is [s].
_TELL_S = 0.2
#: How long a process that has closed its end may take to end [s].
_END_S = 5.0
_SPAWN = multiprocessing.get_context("spawn")


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
    """

    def __init__(self, work: Work, max_result_bytes: int) -> None:
        self._work, self._max_result_bytes = work, max_result_bytes
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def begin(self, analysis: Analysis, model: str) -> None:
        """Hand over a job; `answer` tells what becomes of it."""
        if self._process is None or not self._process.is_alive():
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
            self._process.join(_END_S)
            exit_code = self._process.exitcode
            self.end()
            return Died(exit_code)
        return told

    def end(self) -> None:
        """End the process, whatever it does; the next job gets a new one."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if connection is not None:
            connection.close()

    def _spawn(self) -> None:
        self.end()
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=_serve,
            args=(theirs, self._work, self._max_result_bytes),
            name="analysis",
            daemon=True,
        )
        self._process.start()
        # Ours alone is left, so that its end is seen when the process ends.
        theirs.close()


def _serve(connection: Connection, work: Work, max_result_bytes: int) -> None:
    """Answer jobs until the other side is gone; the process' main function."""
    os.nice(_NICENESS)
    # Ctrl-C goes to all processes of a terminal; the service ends this one in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(_answer(connection, work, max_result_bytes, *job))


def _end_with_parent() -> None:
    """End with a service that was killed: nobody would wait for the result."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
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
