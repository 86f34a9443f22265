"""An analysis as a job: what is asked, how far it is, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from footprint.domain.analysis_errors import AnalysisEnded


class AnalysisKind(StrEnum):
    """What may be asked of a model."""

    CALCULATE = "calculate"
    MONTE_CARLO = "montecarlo"
    COMPARE = "compare"
    SENSITIVITY = "sensitivity"
    TRAVERSE = "traverse"
    SCENARIOS = "scenarios"


class AnalysisState(StrEnum):
    """Where an analysis stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({AnalysisState.DONE, AnalysisState.FAILED, AnalysisState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an analysis has no result.

    Attributes
    ----------
    code
        Of the error.
    en, zh
        What is wrong and how to mend it.
    """

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis of one tenant.

    Attributes
    ----------
    model_id
        The model's own id.
    options
        As they were given.
    done, total
        Samples computed, and in all [1]; 0 and 0 where nothing is sampled.
    failure
        Set in the state `failed` alone.
    revision
        Counts the changes; a reader that knows it knows what it has seen.
    """

    id: str
    kind: AnalysisKind
    model_id: str
    options: Mapping[str, Any]
    created_at: datetime
    created_by: str
    state: AnalysisState = AnalysisState.QUEUED
    done: int = 0
    total: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure: Failure | None = None
    revision: int = 1

    @property
    def ended(self) -> bool:
        """Whether the state is final."""
        return self.state in ENDED

    def started(self, at: datetime) -> Self:
        """Say that a worker has taken it, for the first time or after another one was lost."""
        return self._changed(state=AnalysisState.RUNNING, started_at=at, done=0, total=0)

    def progressed(self, done: int, total: int) -> Self:
        """Say how many samples are computed."""
        return self._changed(done=done, total=total)

    def requeued(self) -> Self:
        """Say that the worker which had it ends, so that another one begins anew."""
        return self._changed(state=AnalysisState.QUEUED, started_at=None, done=0, total=0)

    def finished(self, at: datetime, total: int) -> Self:
        """Say that the result is there, and out of how many samples."""
        return self._changed(state=AnalysisState.DONE, ended_at=at, done=total, total=total)

    def failed(self, failure: Failure, at: datetime) -> Self:
        """Say that there will be no result."""
        return self._changed(state=AnalysisState.FAILED, ended_at=at, failure=failure)

    def cancelled(self, at: datetime) -> Self:
        """Say that nobody wants the result any more; saying it twice is harmless.

        Raises
        ------
        AnalysisEnded
            If it is done or has failed already.
        """
        if self.state is AnalysisState.CANCELLED:
            return self
        if self.ended:
            raise AnalysisEnded(self.id, self.state)
        return self._changed(state=AnalysisState.CANCELLED, ended_at=at)

    def _changed(self, **what: Any) -> Self:
        return replace(self, revision=self.revision + 1, **what)
