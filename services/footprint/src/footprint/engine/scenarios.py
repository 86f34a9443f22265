"""Many scenarios of one system: updates of its solves, or solved anew where that is cheaper."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.changes import Changes, ChangeSet
from footprint.engine.inventory import Assessment
from footprint.engine.low_rank import low_rank_scores, shared_solves
from footprint.engine.resolved import SingularScenarioError, Sweeping, direct_scores
from footprint.engine.scenario_task import ScenarioTask

__all__ = [
    "ChangeSet",
    "Changes",
    "Path",
    "ScenarioScores",
    "SingularScenarioError",
    "evaluate",
]

#: Costs in sweeps over all entries for one right-hand side, measured on systems of 20,000
#: activities with loops of 10,000: a solve and another of its residual (25 sweeps, 8 and some
#: products for the bound, each), a scenario by sweeps from the system's own solution (7 to 17, 4
#: and some products), one by a `Technosphere` of its own (70 ms).
SOLVE_COST, SWEEPS_COST, DIRECT_COST = 70.0, 20.0, 600.0


class Path(StrEnum):
    """How the scores of a scenario were found."""

    LOW_RANK = "low-rank update"
    SWEEPS = "sweeps"
    DIRECT = "direct solve"


@dataclass(frozen=True, slots=True)
class ScenarioScores:
    """Scores of scenarios.

    Attributes
    ----------
    scores
        (scenarios, k) [unit of the method].
    paths
        How each was found.
    """

    scores: Floats
    paths: tuple[Path, ...]


def evaluate(
    assessment: Assessment,
    demand: Floats,
    changes: Sequence[ChangeSet],
    threads: int | None = None,
) -> ScenarioScores:
    """Score a demand in every scenario.

    Parameters
    ----------
    demand
        f (n,), amounts asked for [unit of each product].
    changes
        The scenarios, each by what it changes in the assessment's system.
    threads
        How many to use at most, by default one per processor; the scores are the same to the bit.

    Raises
    ------
    MalformedSystemError
        If a change is of no place of the system, or the system's own scores leave float64's range.
    SingularScenarioError
        If a scenario has no unique solution.

    Notes
    -----
    Scenarios that change few activities or products between them share the solves of a low-rank
    update. For others one re-solve each is cheaper: by sweeps from the system's own solution, eight
    scenarios at once, with a bound of the error. What is cheapest is tried first; scenarios whose
    scores it is not sure of go to the next, the direct solve in the end.
    """
    ways = _Ways(ScenarioTask(assessment, demand, changes), threads or os.cpu_count() or 1)
    scores = np.empty((len(changes), assessment.system.methods))
    paths = [Path.DIRECT] * len(changes)
    left, untried = np.arange(len(changes)), set(Path)
    while len(left):
        path = min(sorted(untried), key=lambda one: ways.cost(one, left))
        untried.remove(path)
        found, sure = ways.scores(path, left)
        scores[left[sure]] = found[sure]
        for scenario in left[sure].tolist():
            paths[scenario] = path
        left = left[~sure]
    return ScenarioScores(scores, tuple(paths))


class _Ways:
    """The ways to score scenarios and what they cost."""

    def __init__(self, task: ScenarioTask, threads: int) -> None:
        self._task = task
        self._threads = threads

    @cached_property
    def _sweeping(self) -> Sweeping:
        return Sweeping(self._task)

    def cost(self, path: Path, wanted: Integers) -> float:
        """Estimate the work for some scenarios [sweeps for one right-hand side]."""
        match path:
            case Path.LOW_RANK:
                cells = self._task.technosphere.of(wanted)
                ranks = np.bincount(cells.scenario, minlength=len(wanted)).astype(np.float64)
                entries = self._task.assessment.technosphere.matrix.nnz
                # An inverse and a determinant of this rank, at most.
                dense = float((ranks**3).sum()) / entries
                solves = shared_solves(self._task, wanted) + self._task.unit_solves
                return SOLVE_COST * solves + dense
            case Path.SWEEPS:
                return SWEEPS_COST * len(wanted) + SOLVE_COST * self._task.unit_solves
            case Path.DIRECT:
                return DIRECT_COST * len(wanted)

    def scores(self, path: Path, wanted: Integers) -> tuple[Floats, Bools]:
        """Score some scenarios, and say which of the scores are sure."""
        match path:
            case Path.LOW_RANK:
                return low_rank_scores(self._task, wanted)
            case Path.SWEEPS:
                return self._sweeping.scores(wanted, self._threads)
            case Path.DIRECT:
                return direct_scores(self._task, wanted)
