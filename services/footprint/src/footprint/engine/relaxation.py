"""Gauss-Seidel sweeps with a bound on their error that holds for certain."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.kernels.sweeps import gauss_seidel, residuals

#: Right-hand sides swept at once: eight float64 are one cache line.
LANES = 8
#: Largest change of an unknown in the last sweep, relative to it [-]. Rounding changes it by some
#: 1e-15 for ever; with the usual factor of 0.3 a sweep the rest of the error is half of this.
SETTLED = 1e-14
#: Sweeps after which to give up. A loop of 10,000 activities takes 30 and could take some 1,000
#: for the time of one factorization, but a loop that needs more than 100 is so close to singular
#: that its bound would be refused.
MOST_SWEEPS = 100
#: The same for the weights of the bound, which need no more than two digits.
WEIGHTS_SETTLED = 1e-2
#: Least weight, relative to the largest unknown [-]: any positive number. It gives those unknowns
#: a weight on which the right-hand side has no effect.
LEAST_WEIGHT = 1e-200

#: Entries of a row that the kernel sums one by one.
PART = 32
UNIT_ROUNDOFF = float(np.finfo(np.float64).eps) / 2.0

#: Off-diagonal entries in CSR, and the diagonal.
Laid: TypeAlias = tuple[Integers, Integers, Floats, Floats]


@dataclass(frozen=True, slots=True)
class CellChanges:
    """Cells that are other than in the matrix, each for one right-hand side.

    Attributes
    ----------
    row, column, lane
        Places and number of the right-hand side (m,), no two alike; rows ascend.
    old, new
        Amounts (m,).
    """

    row: Integers
    column: Integers
    lane: Integers
    old: Floats
    new: Floats

    def pointer(self, size: int) -> Integers:
        """Say where the changes of each row begin (size + 1,)."""
        return np.searchsorted(self.row, np.arange(size + 1))


@dataclass(frozen=True, slots=True)
class Bounded:
    """Solutions with a bound of their error: ``|x - solution| ≤ weight · factor``.

    Attributes
    ----------
    solution, weight
        (n, lanes).
    factor
        (lanes,) [-]; infinite where no bound was found.
    """

    solution: Floats
    weight: Floats
    factor: Floats


class Relaxation:
    """A matrix laid out for sweeps.

    Parameters
    ----------
    matrix
        M (n, n) with a diagonal without zeros, in an order that leaves little to wait for.
    descending
        Whether that order is from the last row to the first.
    """

    def __init__(self, matrix: Matrix, *, descending: bool) -> None:
        self._size = matrix.shape[0]
        self._descending = descending
        diagonal = matrix.diagonal()
        row = np.repeat(np.arange(self._size), np.diff(matrix.indptr))
        off = matrix.indices != row
        counts = np.bincount(row[off], minlength=self._size)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        pattern = indptr, matrix.indices[off].astype(np.int64)
        values = np.ascontiguousarray(matrix.data[off])
        self._original = (*pattern, values, diagonal)
        self._comparison = (*pattern, -np.abs(values), np.abs(diagonal))
        # See `residuals`; doubled for products of roundings.
        roundings = np.minimum(counts, PART) + counts / PART + 5.0
        self._rounding = 2.0 * UNIT_ROUNDOFF * roundings[:, None]

    def solve(
        self,
        right: Floats,
        start: Floats,
        changes: CellChanges | None = None,
        weight: Floats | None = None,
        settled: float = SETTLED,
    ) -> Bounded:
        """Solve ``(M + C_s) x_s = b_s`` for up to `LANES` right-hand sides.

        Parameters
        ----------
        right, start
            b and where to begin (n, lanes).
        changes
            C.
        weight
            Weights of the bound to begin with (n, lanes), such as those without changes.
        settled
            Largest change of an unknown in the last sweep, relative to it [-].

        Notes
        -----
        Let ⟨M⟩ be M with ``|m_ii|`` on and ``-|m_ij|`` off its diagonal. If ``u = ⟨M⟩ w > 0`` for
        some w > 0, then M is regular with ``|M⁻¹| ≤ ⟨M⟩⁻¹``, and a solution with the residual r is
        off by at most ``w · max_i |r_i| / u_i`` (A. Ostrowski, Comment. Math. Helv. 10, 1937;
        A. Berman & R. J. Plemmons, Nonnegative Matrices in the Mathematical Sciences, 1979, ch. 6;
        T. Ogita, S. Oishi & Y. Ushiro, Reliable Computing 9, 2003). With ``w ≈ ⟨M⟩⁻¹ |M| |x|``
        the bound is of the size of what the rounding of the amounts themselves leaves in doubt.
        Rounding in r and u is added to the one and taken from the other.
        """
        cells = _NO_CHANGES if changes is None else changes
        solution = start.copy()
        change = cells.new - cells.old
        self._sweep(self._original, cells, change, right, solution, settled)
        diverged = ~np.isfinite(solution).all(axis=0)
        solution[:, diverged] = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            bounded = self._bounded(right, solution, cells, change, weight)
        bounded.factor[diverged] = np.inf
        # Nothing asked for, nothing needed: zero, exactly.
        bounded.factor[((right == 0.0) & (solution == 0.0)).all(axis=0) & ~diverged] = 0.0
        return bounded

    def _bounded(
        self,
        right: Floats,
        solution: Floats,
        cells: CellChanges,
        change: Floats,
        weight: Floats | None,
    ) -> Bounded:
        residual, size = self._residuals(self._original, cells, change, right, solution)
        growth = np.abs(cells.new) - np.abs(cells.old)
        growth[cells.row != cells.column] *= -1.0
        weight = np.abs(solution) if weight is None else weight.copy()
        aim = size + LEAST_WEIGHT * np.abs(solution).max(axis=0)
        self._sweep(self._comparison, cells, growth, aim, weight, WEIGHTS_SETTLED)
        lacking, of = self._residuals(self._comparison, cells, growth, np.zeros_like(aim), weight)
        changed = np.bincount(cells.row, minlength=self._size)[:, None]
        rounding = self._rounding + 2.0 * UNIT_ROUNDOFF * changed
        margin = -lacking - rounding * of
        off = np.abs(residual) + rounding * size
        sound = (weight > 0.0) & (margin > 0.0)
        ratio = np.divide(off, margin, out=np.full_like(margin, np.inf), where=sound)
        return Bounded(
            solution, weight, np.nan_to_num(ratio.max(axis=0), nan=np.inf, posinf=np.inf)
        )

    def _sweep(
        self,
        matrix: Laid,
        cells: CellChanges,
        change: Floats,
        right: Floats,
        solution: Floats,
        tolerance: float,
    ) -> None:
        changed = cells.pointer(self._size), cells.column, cells.lane, change
        how = self._descending, MOST_SWEEPS, tolerance
        gauss_seidel(*(*matrix, *changed, right, solution, *how))

    def _residuals(
        self, matrix: Laid, cells: CellChanges, change: Floats, right: Floats, solution: Floats
    ) -> tuple[Floats, Floats]:
        residual, size = np.empty((2, *right.shape))
        # All that is added and taken away again is rounded.
        touched = np.abs(cells.old) + 2.0 * np.abs(cells.new)
        changed = cells.pointer(self._size), cells.column, cells.lane, change, touched
        residuals(*(*matrix, *changed, right, solution, residual, size))
        return residual, size


_NO_CHANGES = CellChanges(*(np.empty(0, np.int64),) * 3, np.empty(0), np.empty(0))
