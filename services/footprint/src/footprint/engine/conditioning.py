"""How far a solution may be trusted, and a better one for when it is in doubt."""

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats
from footprint.engine.errors import SingularSystemError
from footprint.engine.relaxation import UNIT_ROUNDOFF
from footprint.engine.technosphere import Technosphere

#: Steps after which the estimate and the refinement have always settled; a bound, not a tuning.
MAX_STEPS = 20
#: Smaller supplies [unit / declared unit] count as none: their reciprocals leave float64's range.
SMALLEST_SUPPLY = 1e-150


def condition_number(technosphere: Technosphere, demand: Floats) -> float:
    """Estimate κ∞ = ‖R⁻¹AD‖∞ ‖D⁻¹A⁻¹R‖∞ [-] from below, mostly within a factor of three.

    Parameters
    ----------
    demand
        f (n,), amounts asked for [unit of each product]; ``D = diag(|A⁻¹ f|)``, and R holds what
        so much of each activity gives of the product that it is paired with.

    Notes
    -----
    κ of A itself changes with the units: the same product per 1,000 declared units would look a
    million times worse, and a tolerance that rests on κ would allow any difference. Measured in
    what the demand needs of each process, only what is really ill-conditioned is left: a chain
    gives a few times its length, a loop that uses up all but 1/k of what it makes gives about 2 k.
    κ∞·ε then bounds the relative error of every supply. Processes that the demand does not need
    are left out; they have no such unit and no effect.

    If what is needed takes products and gives none but its own, D⁻¹A⁻¹R has one sign in each column
    (A. Berman & R. J. Plemmons, Nonnegative Matrices in the Mathematical Sciences, 1979, ch. 6):
    its row sums are those of its product with these signs, and κ∞ is exact. Sweeps are sure of that
    solve, while those of the estimator cancel, so that large loops are factorized for its sake.

    Otherwise Hager's estimator (N. J. Higham, ACM TOMS 14, 1988, algorithm 674) with the solves at
    hand. SciPy's `onenormest` draws from NumPy's global random numbers, so that one footprint would
    get another tolerance each time it is computed.
    """
    structure = technosphere.structure
    scale = np.abs(technosphere.supply(demand))[structure.activity]
    needed = np.flatnonzero(scale > SMALLEST_SUPPLY)
    activity, product = structure.activity[needed], structure.product[needed]
    scale = scale[needed]
    columns = technosphere.matrix[:, activity]
    rows = columns[product]
    own = rows.diagonal()
    sign = np.sign(own)
    given: Floats = np.abs(own) * scale
    norm_of_matrix = float((abs(rows) @ scale / given).max())
    size = len(needed)

    def inverse(vector: Floats) -> Floats:
        """Multiply by D⁻¹A⁻¹R."""
        right = np.zeros(technosphere.size)
        right[product] = vector * given
        return technosphere.supply(right)[activity] / scale

    def transposed_inverse(vector: Floats) -> Floats:
        """Multiply by its transpose, whose 1-norm is the ∞-norm asked for."""
        right = np.zeros(technosphere.size)
        right[activity] = vector / scale
        return technosphere.adjoint_scores(right)[product] * given

    gives = rows.data * np.repeat(sign, np.diff(rows.indptr)) > 0.0
    if rows.nnz == columns.nnz and gives.sum() == size:
        sums = inverse(sign)
        if (sums >= 0.0).all():
            return norm_of_matrix * float(sums.max())
    vector = np.full(size, 1.0 / size)
    estimate = 0.0
    for _ in range(MAX_STEPS):
        solved = transposed_inverse(vector)
        norm = float(np.abs(solved).sum())
        gradient = inverse(np.where(solved >= 0.0, 1.0, -1.0))
        estimate = max(estimate, norm)
        steepest = int(np.argmax(np.abs(gradient)))
        if abs(gradient[steepest]) <= float(gradient @ vector):
            break
        vector = np.zeros(size)
        vector[steepest] = 1.0
    # Guards against a start that is blind to cancellation (Higham, eq. 2.2).
    alternating = np.where(np.arange(size) % 2 == 0, 1.0, -1.0)
    alternating *= 1.0 + np.arange(size) / max(size - 1, 1)
    bound = 2.0 * float(np.abs(transposed_inverse(alternating)).sum()) / (3.0 * size)
    return norm_of_matrix * max(estimate, bound)


def solve_error(
    technosphere: Technosphere, right: Floats, solution: Floats, *, adjoint: bool
) -> Floats:
    """Estimate what solutions are off by.

    Parameters
    ----------
    right, solution
        f and s of `Technosphere.supply`, or q and y of `Technosphere.adjoint_scores` (n, k).
    adjoint
        Which of them.

    Returns
    -------
    ndarray
        (n, k), like the solutions.

    Notes
    -----
    ``|A⁻¹| (|r| + u (|b| + |A| |x|))`` with the residual r, to which its own rounding is added: a
    residual in float64 may well be zero where a loop near singular is off by far. Of a system
    without co-products |A⁻¹| is A⁻¹ but for signs (see `condition_number`), and this is a bound; of
    another, A⁻¹ with the same signs is taken for it. As all that is solved for adds up, sweeps are
    sure of it.
    """
    matrix = technosphere.transposed if adjoint else technosphere.matrix
    rounded = np.abs(right) + abs(matrix) @ np.abs(solution)
    residual = np.abs(right - matrix @ solution) + UNIT_ROUNDOFF * rounded
    if adjoint:
        return np.abs(technosphere.adjoint_scores(residual))
    residual[technosphere.structure.product] *= np.sign(technosphere.ordered[0].diagonal())[:, None]
    return np.abs(technosphere.supply(residual))


def refined_scores(technosphere: Technosphere, intensity: Floats) -> Floats:
    """Solve ``Aᵀ y = q`` by SuperLU with residuals in extended precision.

    Returns
    -------
    ndarray
        y (n,), relative error about κ·ε of the longer type: with the 64-bit mantissa of x86 some
        2,000 times below that of one solve, and so far inside the tolerance of any comparison.

    Notes
    -----
    Fixed-precision refinement mends the residual only; with residuals in a longer type it mends
    the solution (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., ch. 12). Where
    the machine's long double is no longer than float64 this falls back to the former.
    """
    matrix = sparse.coo_array(technosphere.transposed)
    rows, columns = matrix.coords
    values = matrix.data.astype(np.longdouble)
    right = intensity.astype(np.longdouble)
    try:
        factors = sparse.linalg.splu(sparse.csc_array(technosphere.transposed))
    except RuntimeError as error:
        raise SingularSystemError(tuple(range(technosphere.size))) from error
    solution = factors.solve(intensity).astype(np.longdouble)
    previous = np.inf
    for _ in range(MAX_STEPS):
        product = np.zeros(technosphere.size, dtype=np.longdouble)
        np.add.at(product, rows, values * solution[columns])
        correction = factors.solve((right - product).astype(np.float64))
        step = float(np.abs(correction).max())
        if not step < previous / 2.0:
            break
        solution += correction
        previous = step
    return solution.astype(np.float64)
