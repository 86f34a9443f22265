"""The worker that takes analyses out of the queue, one at a time."""

import time

from chassis.errors import Internal, Unavailable
from chassis.logging import get_logger
from chassis.workers import LoopWorker
from footprint.adapters.analysis_process import (
    AnalysisProcess,
    Died,
    Failed,
    Finished,
    Progressed,
    failure_of,
)
from footprint.adapters.analysis_queue import AnalysisQueue, Claim, Job
from footprint.application.analysis_limits import OutOfTime
from footprint.domain.analysis_errors import AnalysisKeepsDying

log = get_logger(__name__)

#: How often an idle worker looks for a job [s].
POLL_S = 0.25
#: How long a process without work is kept for the next job [s]; it holds some 200 MB.
KEEP_S = 60.0
#: How often a job's progress is noted, its lease renewed and its cancelling seen [s].
BEAT_S = 0.5
#: How long a process' answer is waited for before the worker looks whether it shall stop [s].
_ANSWER_S = 0.1
#: A job that has taken so many processes down with it is not tried again.
MOST_DEATHS = 3
#: Nor one that workers have taken so often: it may take them, or the machine, down with it.
MOST_TAKINGS = 20
#: How long one analysis may be computed [s].
MAX_SECONDS = 1800.0


class AnalysisWorker(LoopWorker):
    """Runs one analysis at a time, in a process of its own.

    Parameters
    ----------
    number
        Tells the workers of one instance apart.
    max_seconds
        After which an analysis has failed [s].
    """

    def __init__(
        self,
        number: int,
        queue: AnalysisQueue,
        process: AnalysisProcess,
        *,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        super().__init__(f"analyses-{number}")
        self._queue, self._process, self._max_seconds = queue, process, max_seconds
        self._busy_at = time.monotonic()

    def step(self) -> None:
        """Run the next analysis; wait a moment if there is none."""
        claim = self._queue.claim()
        if claim is None:
            if time.monotonic() > self._busy_at + KEEP_S:
                self._process.end()
            self.pause(POLL_S)
        elif claim.deaths >= MOST_DEATHS or claim.attempt > MOST_TAKINGS:
            # All takings but this one.
            ends = claim.deaths if claim.deaths >= MOST_DEATHS else claim.attempt - 1
            self._queue.fail(claim, failure_of(AnalysisKeepsDying(ends)))
        elif (job := self._queue.begin(claim)) is not None:
            self._compute(claim, job)

    def finish(self) -> None:
        """End the process."""
        self._process.end()

    def _compute(self, claim: Claim, job: Job) -> None:
        started = time.monotonic()
        try:
            self._process.begin(job.analysis, job.model)
            how = self._follow(claim)
        except BaseException:
            # In an outage of the database the job comes again once its lease has run out.
            self._process.end()
            raise
        self._busy_at = time.monotonic()
        log.info(
            "analysis ended",
            analysis_id=claim.analysis_id,
            kind=str(job.analysis.kind),
            how=how,
            seconds=round(time.monotonic() - started, 3),
        )

    def _follow(self, claim: Claim) -> str:
        """See a job through to its end; return how it ended."""
        began = time.monotonic()
        progress, beat_at = Progressed(0, 0), began + BEAT_S
        while True:
            match self._process.answer(_ANSWER_S):
                case Progressed() as progress:
                    pass
                case Finished(result):
                    return self._store(claim, result, progress.total)
                case Failed(failure, trace):
                    if trace:
                        log.error("analysis broke", analysis_id=claim.analysis_id, trace=trace)
                    return "failed" if self._queue.fail(claim, failure) else "lost"
                case Died(exit_code):
                    log.error(
                        "analysis killed its process",
                        analysis_id=claim.analysis_id,
                        exit_code=exit_code,
                    )
                    self._queue.release(claim, died=True)
                    return "died"
            if self.stopping:
                self._process.end()
                self._queue.release(claim)
                return "stopped"
            if time.monotonic() >= began + self._max_seconds:
                self._process.end()
                self._queue.fail(claim, failure_of(OutOfTime(self._max_seconds)))
                return "out of time"
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + BEAT_S
                if not self._queue.progress(claim, progress.done, progress.total):
                    self._process.end()
                    return "cancelled"

    def _store(self, claim: Claim, result: str, total: int) -> str:
        """Store the result; one that the database refuses would be refused again."""
        try:
            return "done" if self._queue.finish(claim, result, total) else "lost"
        except Unavailable:
            raise
        except Exception:
            log.exception("result cannot be stored", analysis_id=claim.analysis_id)
            failure = failure_of(Internal(claim.analysis_id))
            return "failed" if self._queue.fail(claim, failure) else "lost"
