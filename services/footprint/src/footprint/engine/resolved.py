"""Scenarios that are solved anew, by sweeps or directly."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.changes import amounts_of_cells, changed_matrix
from footprint.engine.errors import SingularSystemError
from footprint.engine.relaxation import LANES, SETTLED, Bounded, CellChanges, Relaxation
from footprint.engine.scenario_task import TRUSTED, ScenarioTask, is_sure
from footprint.engine.technosphere import Technosphere

#: Share of the error that is allowed a scenario that its iteration may leave, by what the weights
#: of the unchanged system say. The weights of the scenario, which are what counts, may be larger.
ITERATION_SHARE = 0.1
#: Change of an unknown in the last sweep that is enough for any scenario, relative to it [-].
LARGEST_SETTLED = 1e-2


class SingularScenarioError(SingularSystemError):
    """A scenario without a unique solution.

    Attributes
    ----------
    scenario
        Its number.
    """

    def __init__(self, scenario: int, error: SingularSystemError) -> None:
        super().__init__(error.indices, error.cause)
        self.scenario = scenario


class Sweeping:
    """Scenarios by sweeps over the whole system, which start from its own solution."""

    def __init__(self, task: ScenarioTask) -> None:
        self._task = task
        technosphere = task.assessment.technosphere
        structure = technosphere.structure
        self._relaxation = Relaxation(technosphere.ordered[1], descending=True)
        self._product = structure.product
        self._activity = structure.activity
        self._row_of, self._column_of = np.empty((2, technosphere.size), dtype=np.int64)
        self._row_of[structure.product] = np.arange(technosphere.size)
        self._column_of[structure.activity] = np.arange(technosphere.size)
        cells = task.technosphere
        self._old = amounts_of_cells(technosphere.matrix, cells.row, cells.column)

    @cached_property
    def _base(self) -> Bounded:
        right = self._task.demand[self._product][:, None]
        return self._relaxation.solve(right, self._task.supply[self._activity][:, None])

    def scores(self, wanted: Integers, threads: int) -> tuple[Floats, Bools]:
        """Score scenarios, and say which of the scores are sure: see `low_rank_scores`."""
        scores = np.empty((len(wanted), self._task.assessment.system.methods))
        sure = np.zeros(len(wanted), dtype=bool)
        if not np.isfinite(self._base.factor).all():
            return scores, sure  # sweeps do not even solve the system without changes
        settled = self._settled(wanted)
        order = np.argsort(settled, kind="stable")  # like with like

        def score(first: int) -> None:
            some = np.sort(order[first : first + LANES])
            scores[some], sure[some] = self._scores(wanted[some], float(settled[some].min()))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(score, range(0, len(wanted), LANES)))
        return scores, sure

    def _settled(self, wanted: Integers) -> Floats:
        """Say how far the sweeps of each scenario have to go [-].

        Only the supplies of what changes count, and the less of the score they have to do with, the
        less precisely they need to be known.
        """
        task = self._task
        weight = self._base.weight[:, 0]
        changed, emitting = task.technosphere.of(wanted), task.biosphere.of(wanted)
        columns = (self._column_of[cells.column] for cells in (changed, emitting))
        weights = weight[next(columns)], weight[next(columns)]
        error = task.error(wanted, np.zeros(len(changed.delta)), weights)
        scores = np.abs(task.supply @ task.assessment.intensities)
        allowed = ITERATION_SHARE * TRUSTED * np.where(scores > 0.0, scores, np.inf)
        with np.errstate(divide="ignore"):
            needed: Floats = (allowed / error).min(axis=1)
        return np.clip(needed, SETTLED, LARGEST_SETTLED)

    def _scores(self, wanted: Integers, settled: float) -> tuple[Floats, Bools]:
        task, width = self._task, (1, len(wanted))
        cells, emitted = task.technosphere.of(wanted), task.biosphere.of(wanted)
        old = self._old[task.technosphere.places(wanted)]
        row, column = self._row_of[cells.row], self._column_of[cells.column]
        order = np.argsort(row, kind="stable")
        found = self._relaxation.solve(
            np.tile(task.demand[self._product][:, None], width),
            np.tile(self._base.solution, width),
            CellChanges(
                row[order],
                column[order],
                cells.scenario[order],
                old[order],
                (old + cells.delta)[order],
            ),
            np.tile(self._base.weight, width),
            settled,
        )
        changed = column, cells.scenario
        emitting = self._column_of[emitted.column], emitted.scenario
        solution, weight, factor = found.solution, found.weight, found.factor
        with np.errstate(over="ignore", invalid="ignore"):  # of what has diverged
            scores = task.scores(wanted, solution[changed], solution[emitting])
            errors = weight[changed] * factor[changed[1]], weight[emitting] * factor[emitting[1]]
            doubt = task.error(wanted, solution[changed], errors)
        return scores, np.isfinite(factor) & is_sure(scores, doubt)


def direct_scores(task: ScenarioTask, wanted: Integers) -> tuple[Floats, Bools]:
    """Score scenarios, each by a factorization of its own.

    Raises
    ------
    SingularScenarioError
    """
    return np.vstack([_direct_scores(task, one) for one in wanted.tolist()]), np.ones(
        len(wanted), dtype=bool
    )


def _direct_scores(task: ScenarioTask, scenario: int) -> Floats:
    changes, system = task.changes[scenario], task.assessment.system
    n, flows, methods = system.size, system.flows, system.methods
    try:
        technosphere = Technosphere(
            changed_matrix(system.technosphere, changes.technosphere, (n, n))
        )
        supply = technosphere.supply(task.demand)
    except SingularSystemError as error:
        raise SingularScenarioError(scenario, error) from error
    biosphere = changed_matrix(system.biosphere, changes.biosphere, (flows, n))
    factors = changed_matrix(system.characterization, changes.characterization, (flows, methods))
    return np.asarray(factors.T @ (biosphere @ supply))
