"""Things that run beside the requests: servers, relays, consumers."""

import threading
from collections.abc import Sequence
from typing import Protocol

from chassis.errors import GreenchainError, Unavailable
from chassis.logging import get_logger

log = get_logger(__name__)


class Worker(Protocol):
    """Something that is started and stopped."""

    def start(self) -> None:
        """Begin; returns once it runs."""
        ...

    def stop(self) -> None:
        """Finish what is under way and end; harmless when it does not run."""
        ...


class LoopWorker:
    """A worker thread that repeats one step until it is stopped.

    A step that raises is logged and repeated after a pause: a worker never dies of an error. What
    was foreseen is told of twice, when it begins and when it is over, however long it lasts: an
    outage, or a refusal that somebody has to mend. Who is refused again and again waits longer and
    longer, lest its account be locked.
    """

    #: Pause after a step that failed [s].
    PAUSE_AFTER_ERROR_S = 1.0
    #: Pause after a step that was refused, at most [s].
    LONGEST_PAUSE_S = 15.0

    def __init__(self, name: str) -> None:
        self._name = name
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def step(self) -> None:
        """Do one piece of work; wait a little if there is none."""
        raise NotImplementedError

    def wake(self) -> None:
        """Cut short the wait of a step; called by `stop`."""

    def finish(self) -> None:
        """Release what the steps have held; called in the worker's thread at its end."""

    @property
    def stopping(self) -> bool:
        """Whether the worker was asked to stop; steps look at it between pieces of work."""
        return self._stopping.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond `stop`."""
        self._stopping.wait(seconds)

    def start(self) -> None:
        """Start the thread."""
        if self._thread is not None:
            raise RuntimeError(f"worker {self._name} runs already")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the current step end, then the thread."""
        self._stopping.set()
        self.wake()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        told, pause_s = "", self.PAUSE_AFTER_ERROR_S
        try:
            while not self.stopping:
                try:
                    self.step()
                except GreenchainError as error:
                    if str(error) != told:
                        log.warning("worker waits", worker=self._name, error=str(error))
                    told = str(error)
                    if isinstance(error, Unavailable):
                        pause_s = self.PAUSE_AFTER_ERROR_S
                    self.pause(pause_s)
                    pause_s = min(2 * pause_s, self.LONGEST_PAUSE_S)
                except Exception:
                    log.exception("worker step failed", worker=self._name)
                    self.pause(self.PAUSE_AFTER_ERROR_S)
                else:
                    if told:
                        log.info("worker goes on", worker=self._name)
                    told, pause_s = "", self.PAUSE_AFTER_ERROR_S
        finally:
            self._finish()

    def _finish(self) -> None:
        try:
            self.finish()
        except Unavailable as error:
            # What it held runs out by itself.
            log.info("worker ended in an outage", worker=self._name, error=str(error))


class WorkerGroup:
    """Starts workers in order and stops them in the opposite order."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = list(workers)
        self._started: list[Worker] = []

    def start(self) -> None:
        """Start all; if one cannot start, stop those that did and raise."""
        for worker in self._workers:
            try:
                worker.start()
            except BaseException:
                self.stop()
                raise
            self._started.append(worker)

    def stop(self) -> None:
        """Stop all that were started."""
        while self._started:
            self._started.pop().stop()
