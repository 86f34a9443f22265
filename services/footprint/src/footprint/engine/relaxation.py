"""Gauss-Seidel sweeps with a bound on their error that holds for certain."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.kernels.sweeps import gauss_seidel

#: Right-hand sides swept at once: eight float64 are one cache line.
LANES = 8
#: Largest change of an unknown in the last sweep, relative to it [-]. Rounding changes it by some
#: 1e-15 for ever; with the usual factor of 0.3 a sweep the rest of the error is half of this.
SETTLED = 1e-14
#: Sweeps after which to give up. A loop of 10,000 activities takes 30 and could take some 1,000
#: for the time of one factorization, but a loop that needs more than 100 is so close to singular
#: that its bound would be refused.
MOST_SWEEPS = 100
#: The same for the weights of the bound, which need no more than to exceed what is left of the
#: iteration; mostly the first does.
WEIGHTS_SETTLED = (3e-2, 1e-3)
#: Least weight, relative to the largest unknown [-]: any positive number. It gives those unknowns
#: a weight on which the right-hand side has no effect.
LEAST_WEIGHT = 1e-200

#: Entries of a row that are summed one by one; its square is about what the longest rows have.
PART = 32
UNIT_ROUNDOFF = float(np.finfo(np.float64).eps) / 2.0


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


class PartialSums:
    """Products with a matrix whose long rows are summed in parts.

    A row of m entries summed one by one is off by up to m roundings: what everybody buys has a
    thousand buyers. In parts of `PART` it is off by no more than PART + m / PART.

    Attributes
    ----------
    depth
        Roundings of each row's sum, at most (n,).
    """

    def __init__(self, matrix: Matrix) -> None:
        counts = np.diff(matrix.indptr)
        parts = np.maximum(-(-counts // PART), 1)
        begin = np.repeat(matrix.indptr[:-1], parts)
        first = np.concatenate([[0], np.cumsum(parts)])
        number = np.arange(first[-1]) - np.repeat(first[:-1], parts)
        self._indptr = np.append(begin + PART * number, matrix.indptr[-1])
        self._indices = matrix.indices
        self._columns = matrix.shape[1]
        ones, numbers = np.ones(first[-1]), np.arange(first[-1])
        self._whole = sparse.csr_array((ones, numbers, first), shape=(len(counts), first[-1]))
        self.depth = np.minimum(counts, PART) + parts

    def terms(self, values: Floats) -> Matrix:
        """Give the matrix of the parts, with other values in the same cells."""
        shape = len(self._indptr) - 1, self._columns
        return sparse.csr_array((values, self._indices, self._indptr), shape=shape)

    def product(self, terms: Matrix, table: Floats) -> Floats:
        """Multiply and add the parts of each row up (n, lanes)."""
        parts = np.asarray(terms @ table)
        return np.asarray(self._whole @ parts)


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
        self.size = matrix.shape[0]
        self._descending = descending
        diagonal = matrix.diagonal()
        row = np.repeat(np.arange(self.size), np.diff(matrix.indptr))
        off = matrix.indices != row
        indptr = np.concatenate([[0], np.cumsum(np.bincount(row[off], minlength=self.size))])
        pattern = indptr.astype(np.int64), matrix.indices[off].astype(np.int64)
        values = np.ascontiguousarray(matrix.data[off])
        self._swept = (*pattern, values, diagonal)
        self._swept_comparison = (*pattern, -np.abs(values), np.abs(diagonal))

        absolute = np.abs(matrix.data)
        self._sums = PartialSums(matrix)
        self._original = self._sums.terms(matrix.data)
        self._absolute = self._sums.terms(absolute)
        self._comparison = self._sums.terms(np.where(off, -absolute, absolute))
        # Doubled for the subtraction from the right-hand side and for products of roundings.
        self._rounding = 2.0 * UNIT_ROUNDOFF * (self._sums.depth + 3.0)[:, None]

    def solve(self, right: Floats, start: Floats, changes: CellChanges | None = None) -> Bounded:
        """Solve ``(M + C_s) x_s = b_s`` for up to `LANES` right-hand sides.

        Parameters
        ----------
        right, start
            b and where to begin (n, lanes).
        changes
            C.

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
        self._sweep(self._swept, cells, cells.new - cells.old, right, solution, SETTLED)
        nothing = np.zeros(right.shape[1])
        nothing[(right != 0.0).any(axis=0)] = np.inf
        if not np.isfinite(solution).all():
            return Bounded(solution, np.ones_like(solution), nothing + np.inf)
        with np.errstate(over="ignore", invalid="ignore"):
            return self._bounded(right, solution, cells, nothing)

    def _bounded(
        self, right: Floats, solution: Floats, cells: CellChanges, nothing: Floats
    ) -> Bounded:
        size = np.abs(solution)
        residual = right - self._sums.product(self._original, solution)
        terms = self._sums.product(self._absolute, size)
        slack = self._rounding * (np.abs(right) + terms)
        at = cells.row, cells.lane
        unknown = solution[cells.column, cells.lane]
        change, growth = cells.new - cells.old, np.abs(cells.new) - np.abs(cells.old)
        np.subtract.at(residual, at, change * unknown)
        np.add.at(terms, at, growth * np.abs(unknown))
        touched = np.abs(cells.old) + 2.0 * np.abs(cells.new)
        np.add.at(slack, at, self._rounding[cells.row, 0] * touched * np.abs(unknown))

        on_diagonal = cells.row == cells.column
        comparison = np.where(on_diagonal, growth, -growth)
        aim = terms + LEAST_WEIGHT * size.max(axis=0)
        weight = size.copy()
        for tolerance in WEIGHTS_SETTLED:
            self._sweep(self._swept_comparison, cells, comparison, aim, weight, tolerance)
            margin = self._sums.product(self._comparison, weight)
            margin -= self._rounding * self._sums.product(self._absolute, weight)
            unknown = weight[cells.column, cells.lane]
            np.add.at(margin, at, comparison * unknown)
            np.subtract.at(margin, at, self._rounding[cells.row, 0] * touched * unknown)
            sound = (weight > 0.0) & (margin > 0.0)
            if sound.all():
                break
        ratio = np.divide(
            np.abs(residual) + slack, margin, out=np.full_like(margin, np.inf), where=sound
        )
        # Nothing asked for, nothing needed: zero, exactly.
        factor = np.minimum(np.nan_to_num(ratio.max(axis=0), nan=np.inf), nothing)
        return Bounded(solution, weight, factor)

    def _sweep(
        self,
        swept: tuple[Integers, Integers, Floats, Floats],
        cells: CellChanges,
        change: Floats,
        right: Floats,
        solution: Floats,
        tolerance: float,
    ) -> None:
        changed_ptr = np.searchsorted(cells.row, np.arange(len(right) + 1))
        gauss_seidel(
            *swept,
            changed_ptr,
            cells.column,
            cells.lane,
            change,
            right,
            solution,
            self._descending,
            MOST_SWEEPS,
            tolerance,
        )


_NO_CHANGES = CellChanges(*(np.empty(0, np.int64),) * 3, np.empty(0), np.empty(0))
