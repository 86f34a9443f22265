"""References of small systems: exact in rationals, and refined with a bound of its own error."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LongFloats = NDArray[np.longdouble]

#: Rounds of scaling: each takes the root of what is missing, 1e12 to 1.02.
EQUILIBRATIONS = 10
#: Steps of refinement: each gains at least half a digit where κ·ε < 0.3.
STEPS = 60


def exact_solution(matrix: Floats, right: Floats) -> list[Fraction]:
    """Solve ``A x = b`` in rational numbers, as every float64 is one.

    Raises
    ------
    ZeroDivisionError
        If the matrix is singular.
    """
    size = len(right)
    rows = [
        [Fraction(float(value)) for value in (*row, last)]
        for row, last in zip(matrix, right, strict=True)
    ]
    for k in range(size):
        pivot = next((i for i in range(k, size) if rows[i][k]), k)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        inverse = 1 / rows[k][k]
        rows[k] = [value * inverse for value in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [
                    a - factor * b if b else a for a, b in zip(rows[i], rows[k], strict=True)
                ]
    return [row[size] for row in rows]


@dataclass(frozen=True, slots=True)
class Refined:
    """A solution x of ``A x = b`` beyond float64; every array is shaped like b.

    Attributes
    ----------
    error
        Bound of the error of each x.
    growth
        κ·|x|: by how much a change of every cell of the equilibrated matrix by ε changes x at most,
        divided by ε. It is above zero where x happens to be zero.
    """

    solution: LongFloats
    error: LongFloats
    growth: Floats

    def __getitem__(self, rows: Integers) -> "Refined":
        """Return some rows of the solution."""
        return Refined(self.solution[rows], self.error[rows], self.growth[rows])

    def condition(self) -> Floats:
        """Return κ of each x [-]; infinite where x is zero."""
        size = np.abs(self.solution).astype(np.float64)
        condition = np.full(size.shape, np.inf)
        np.divide(self.growth, size, out=condition, where=size > 0.0)
        return condition

    def tolerance(self) -> Floats:
        """Return the difference that float64 excuses, ``max(1e-9, 100 κ ε) |x|``."""
        allowed = 100.0 * np.finfo(np.float64).eps * self.growth
        size = np.abs(self.solution).astype(np.float64)
        return np.where(1e-9 * size > allowed, 1e-9 * size, allowed)

    def excess(self, found: Floats) -> float:
        """Return how many times its tolerance the worst of some values is off [-]; NaN is inf."""
        off = np.abs(found - self.solution).astype(np.float64)
        tolerance = self.tolerance()
        ratio = np.divide(off, tolerance, out=np.where(off > 0.0, np.inf, 0.0), where=tolerance > 0)
        return float(np.nan_to_num(ratio, nan=np.inf, posinf=np.inf).max())


def refined(matrix: Floats, right: Floats) -> Refined:
    """Solve ``A X = B`` with residuals and solution in long double.

    Notes
    -----
    Rows and columns are first equilibrated by powers of two, which rounds nothing. The bound of the
    error is ``|A⁻¹| (|r| + n ε |A| |x|)``, r the last residual and ε that of the longer type,
    doubled for the rounding of the inverse itself; it holds whatever the refinement did (Higham,
    Accuracy and Stability of Numerical Algorithms, 2nd ed., section 7.1).
    """
    rows, columns = equilibrated(matrix)
    scaled = matrix * rows[:, None] * columns
    factors = linalg.lu_factor(scaled)
    inverse = np.abs(linalg.lu_solve(factors, np.eye(len(matrix))))
    long, wanted = scaled.astype(np.longdouble), (right * rows[:, None]).astype(np.longdouble)
    solution = np.zeros(right.shape, np.longdouble)
    residual = wanted
    for _ in range(STEPS):
        better = solution + linalg.lu_solve(factors, residual.astype(np.float64))
        rest = wanted - long @ better
        if not np.abs(rest).max() < np.abs(residual).max() / 1.5:
            break
        solution, residual = better, rest
    rounding: LongFloats = (
        len(matrix) * np.finfo(np.longdouble).eps * (np.abs(long) @ np.abs(solution))
    )
    growth = np.outer(inverse.sum(axis=1), np.abs(solution).sum(axis=0).astype(np.float64))
    error: LongFloats = 2.0 * (inverse @ (np.abs(residual) + rounding))
    return Refined(
        solution * columns[:, None],
        error * columns[:, None],
        growth * columns[:, None],
    )


def equilibrated(matrix: Floats) -> tuple[Floats, Floats]:
    """Return powers of two for rows and columns that bring the largest entry of each near 1.

    Source: D. Ruiz, A scaling algorithm to equilibrate both rows and columns norms in matrices,
    RAL-TR-2001-034.
    """
    rows, columns = np.zeros((2, len(matrix)))
    with np.errstate(divide="ignore"):
        logarithms = np.log2(np.abs(matrix))
    for _ in range(EQUILIBRATIONS):
        scaled = logarithms + rows[:, None] + columns
        row, column = scaled.max(axis=1) / 2.0, scaled.max(axis=0) / 2.0
        rows, columns = rows - row, columns - column
    return np.exp2(np.round(rows)), np.exp2(np.round(columns))
