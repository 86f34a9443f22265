"""Scenarios as low-rank updates of a system's own solves."""

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.changes import Cells
from footprint.engine.conditioning import solve_error
from footprint.engine.relaxation import LANES
from footprint.engine.scenario_task import LEAST_ERROR, ScenarioTask, is_sure

#: Trace of ``|M⁻¹| E``, E the errors of M, up to which their squares may be left out [-]. Units do
#: not show in it.
LARGEST_DOUBT = 1e-2


def shared_solves(task: ScenarioTask, wanted: Integers) -> int:
    """Count the solves that the updates of some scenarios need between them."""
    activities, products = _touched(task, wanted)
    return min(len(activities), len(products))


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
    inverse, inverse_error = _inverse_entries(task, activities, products)
    changed, error = _changed_supplies(task, cells, activities, products, inverse, inverse_error)

    emitting = task.supply[emitted.column]
    emitting_error = task.supply_error[emitted.column]
    concerned = np.isin(emitted.scenario, cells.scenario)
    rows = np.searchsorted(activities, emitted.column[concerned])
    number = emitted.scenario[concerned]
    with np.errstate(over="ignore", invalid="ignore"):  # of what has no unique solution
        taken = cells.delta * changed
        emitting[concerned] -= _taken(cells, products, taken, number, inverse[rows])
        for amount, entries in (
            (np.abs(cells.delta) * error, np.abs(inverse)),
            (np.abs(taken), inverse_error),
        ):
            emitting_error[concerned] += _taken(cells, products, amount, number, entries[rows])
        scores = task.scores(wanted, changed, emitting)
        doubt = task.error(wanted, changed, (error, emitting_error))
    return scores, is_sure(scores, doubt)


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


def _inverse_entries(
    task: ScenarioTask, activities: Integers, products: Integers
) -> tuple[Floats, Floats]:
    """Return rows of some activities and columns of some products of A⁻¹, with their errors."""
    technosphere = task.assessment.technosphere
    by_product = len(products) <= len(activities)
    asked, read = (products, activities) if by_product else (activities, products)
    solve = technosphere.supply if by_product else technosphere.adjoint_scores
    entries, errors = np.empty((2, len(read), len(asked)))
    for first in range(0, len(asked), LANES):
        lanes = slice(first, first + LANES)
        some = asked[lanes]
        units = np.zeros((technosphere.size, len(some)))
        units[some, np.arange(len(some))] = 1.0
        solved = solve(units)
        error = solve_error(technosphere, units, solved, adjoint=not by_product)
        entries[:, lanes] = solved[read]
        errors[:, lanes] = error[read] + LEAST_ERROR * np.abs(solved[read])
    return (entries, errors) if by_product else (entries.T.copy(), errors.T.copy())


def _changed_supplies(
    task: ScenarioTask,
    cells: Cells,
    activities: Integers,
    products: Integers,
    inverse: Floats,
    inverse_error: Floats,
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
        entries = row_of_inverse[members[place]], column_of_inverse[at][:, None]
        delta = cells.delta[at][:, None]
        update, doubt = np.zeros((2, len(alike), rank, rank))
        np.add.at(update.transpose(0, 2, 1), (place, own), delta * inverse[entries])
        added = np.abs(delta) * inverse_error[entries]
        np.add.at(doubt.transpose(0, 2, 1), (place, own), added)
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
    # Within these errors it may be singular, and then they are no longer small.
    regular &= np.einsum("lab,lba->l", np.abs(inverse), rounded) < LARGEST_DOUBT
    error = supply_error + np.einsum("lab,lb->la", rounded, np.abs(solved))
    error = np.einsum("lab,lb->la", np.abs(inverse), error)
    return solved, np.where(regular[:, None], error, np.inf)
