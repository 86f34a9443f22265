"""Scenarios as low-rank updates of a system's own solves."""

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.changes import Cells
from footprint.engine.relaxation import LANES
from footprint.engine.scenario_task import LEAST_ERROR, TRUSTED, ScenarioTask


def shared_solves(task: ScenarioTask, wanted: Integers) -> int:
    """Count the solves that the updates of some scenarios need between them."""
    activities, products = _touched(task, wanted)
    return min(len(activities), len(products)) + len(task.flows)


def low_rank_scores(task: ScenarioTask, wanted: Integers) -> tuple[Floats, Bools]:
    """Score scenarios, and say which of the scores are sure.

    Parameters
    ----------
    wanted
        Numbers of the scenarios, ascending.

    Returns
    -------
    scores : ndarray
        (scenarios, k) [unit of the method].
    sure : ndarray
        Whether rounding was not enlarged too much (scenarios,), bool.

    Notes
    -----
    With ``A + Σ δ_e e_p e_cᵀ`` over the changed cells (p, c), the supplies t of the changed
    activities follow from ``t_c + Σ_e (A⁻¹)_{c p_e} δ_e t_{c_e} = s_c`` (J. Sherman & W. J.
    Morrison, Ann. Math. Stat. 21, 1950; M. A. Woodbury, 1950). The entries of A⁻¹ come from one
    solve per changed activity or per changed product, whichever are fewer, for all scenarios
    together.
    """
    cells, emitted = task.technosphere.of(wanted), task.biosphere.of(wanted)
    activities, products = _touched(task, wanted)
    inverse = _inverse_entries(task, activities, products)
    changed, error = _changed_supplies(task, cells, activities, products, inverse)

    emitting = task.supply[emitted.column]
    emitting_error = task.supply_error[emitted.column]
    concerned = np.isin(emitted.scenario, cells.scenario)
    rows = inverse[np.searchsorted(activities, emitted.column[concerned])]
    number = emitted.scenario[concerned]
    with np.errstate(over="ignore", invalid="ignore"):  # of what has no unique solution
        emitting[concerned] -= _taken(cells, products, cells.delta * changed, number, rows)
        emitting_error[concerned] += _taken(
            cells, products, np.abs(cells.delta) * error, number, np.abs(rows)
        )
        scores = task.scores(wanted, changed, emitting)
        doubt = task.error(wanted, changed, (error, emitting_error))
    return scores, np.all(doubt <= TRUSTED * np.abs(scores), axis=1)


def _taken(
    cells: Cells, products: Integers, amount: Floats, scenario: Integers, rows: Floats
) -> Floats:
    """Multiply rows of A⁻¹ by what the changed cells of a scenario each take in."""
    place = cells.scenario, np.searchsorted(products, cells.row)
    shape = int(cells.scenario.max(initial=0)) + 1, len(products)
    taken = sparse.csr_array((amount, place), shape=shape)
    return np.asarray(np.einsum("cp,cp->c", taken.toarray()[scenario], rows))


def _touched(task: ScenarioTask, wanted: Integers) -> tuple[Integers, Integers]:
    """Give the activities and products between which entries of A⁻¹ are needed, ascending."""
    cells, emitted = task.technosphere.of(wanted), task.biosphere.of(wanted)
    concerned = np.isin(emitted.scenario, cells.scenario)
    activities = np.concatenate([cells.column, emitted.column[concerned]])
    return np.unique(activities), np.unique(cells.row)


def _inverse_entries(task: ScenarioTask, activities: Integers, products: Integers) -> Floats:
    """Return rows of some activities and columns of some products of A⁻¹."""
    technosphere = task.assessment.technosphere
    by_product = len(products) <= len(activities)
    asked, read = (products, activities) if by_product else (activities, products)
    solve = technosphere.supply if by_product else technosphere.adjoint_scores
    entries = np.empty((len(read), len(asked)))
    for first in range(0, len(asked), LANES):
        some = asked[first : first + LANES]
        units = np.zeros((technosphere.size, len(some)))
        units[some, np.arange(len(some))] = 1.0
        entries[:, first : first + LANES] = solve(units)[read]
    return entries if by_product else np.ascontiguousarray(entries.T)


def _changed_supplies(
    task: ScenarioTask, cells: Cells, activities: Integers, products: Integers, inverse: Floats
) -> tuple[Floats, Floats]:
    """Solve for the supply of each changed cell's activity in its scenario.

    Returns
    -------
    changed : ndarray
        Supplies (cells,).
    error : ndarray
        What the errors of all that they come from may do to them (cells,): infinite where the
        scenario has no unique solution.
    """
    width = task.assessment.system.size
    pairs, pair = np.unique(cells.scenario * width + cells.column, return_inverse=True)
    scenario_of, activity_of = pairs // width, pairs % width
    first = np.searchsorted(scenario_of, np.arange(cells.scenario.max(initial=-1) + 2))
    ranks = np.diff(first)
    row_of_inverse = np.searchsorted(activities, activity_of)
    column_of_inverse = np.searchsorted(products, cells.row)
    changed, error = np.empty((2, len(pairs)))
    for rank in np.unique(ranks[ranks > 0]).tolist():
        alike = np.flatnonzero(ranks == rank)
        members = first[alike][:, None] + np.arange(rank)  # pairs of each scenario
        at = np.flatnonzero(ranks[cells.scenario] == rank)
        place = np.searchsorted(alike, cells.scenario[at])
        own = pair[at] - first[cells.scenario[at]]
        entries = inverse[row_of_inverse[members[place]], column_of_inverse[at][:, None]]
        update, doubt = np.zeros((2, len(alike), rank, rank))
        entries *= cells.delta[at][:, None]
        np.add.at(update.transpose(0, 2, 1), (place, own), entries)
        entries = np.abs(entries) * task.solve_error[cells.row[at]][:, None]
        np.add.at(doubt.transpose(0, 2, 1), (place, own), entries)
        activity = activity_of[members]
        changed[members], error[members] = _updated(
            update, doubt, task.supply[activity], task.supply_error[activity]
        )
    return changed[pair], error[pair]


def _updated(
    update: Floats, update_error: Floats, supply: Floats, supply_error: Floats
) -> tuple[Floats, Floats]:
    """Solve ``(I + update) t = supply`` for many scenarios, with the errors of all t."""
    matrix = np.eye(update.shape[1]) + update
    regular = np.linalg.slogdet(matrix)[0] != 0.0
    matrix[~regular] = np.eye(update.shape[1])
    inverse = np.linalg.inv(matrix)
    solved = np.einsum("lab,lb->la", inverse, supply)
    rounded = update_error + LEAST_ERROR * np.abs(matrix)
    error = supply_error + np.einsum("lab,lb->la", rounded, np.abs(solved))
    error = np.einsum("lab,lb->la", np.abs(inverse), error)
    return solved, np.where(regular[:, None], error, np.inf)
