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
#: Share of ``|M| |x|`` that ⟨M⟩ w must reach for the weights to be taken without a further try. The
#: bound is as many times larger.
WORTHWHILE = 0.1
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

        self._sums = PartialSums(matrix)
        self._original = self._sums.terms(matrix.data)
        comparison = np.where(off, -np.abs(matrix.data), np.abs(matrix.data))
        self._comparison = self._sums.terms(comparison)
        self._is_comparison = bool((comparison == matrix.data).all())
        self._twice_diagonal = 2.0 * np.abs(diagonal)[:, None]
        # Doubled for the subtraction from the right-hand side and for products of roundings.
        self._rounding = 2.0 * UNIT_ROUNDOFF * (self._sums.depth + 3.0)[:, None]

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
        self._sweep(self._swept, cells, cells.new - cells.old, right, solution, settled)
        diverged = ~np.isfinite(solution).all(axis=0)
        solution[:, diverged] = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            bounded = self._bounded(right, solution, cells, weight)
        bounded.factor[diverged] = np.inf
        # Nothing asked for, nothing needed: zero, exactly.
        bounded.factor[((right == 0.0) & (solution == 0.0)).all(axis=0) & ~diverged] = 0.0
        return bounded

    def _bounded(
        self, right: Floats, solution: Floats, cells: CellChanges, weight: Floats | None
    ) -> Bounded:
        size = np.abs(solution)
        product = self._sums.product(self._original, solution)
        if not (self._is_comparison and (solution >= 0.0).all()):
            terms = self._sums.product(self._comparison, size)
        else:
            terms = product
        residual = right - product
        terms = self._twice_diagonal * size - terms  # |M| = 2 |D| - ⟨M⟩
        changed = np.bincount(cells.row, minlength=self.size)
        rounding = self._rounding + 2.0 * UNIT_ROUNDOFF * changed[:, None]
        at = cells.row, cells.lane
        unknown = solution[cells.column, cells.lane]
        np.subtract.at(residual, at, (cells.new - cells.old) * unknown)
        # All that has been added and taken away again has been rounded.
        touched = np.abs(cells.old) + 2.0 * np.abs(cells.new)
        np.add.at(terms, at, touched * np.abs(unknown))
        slack = rounding * (np.abs(right) + terms)

        growth = np.abs(cells.new) - np.abs(cells.old)
        comparison = np.where(cells.row == cells.column, growth, -growth)
        inward = comparison - rounding[cells.row, 0] * touched
        aim = terms + LEAST_WEIGHT * size.max(axis=0)
        weights = size.copy() if weight is None else weight.copy()
        for tolerance in WEIGHTS_SETTLED:
            self._sweep(self._swept_comparison, cells, comparison, aim, weights, tolerance)
            margin = self._sums.product(self._comparison, weights)
            margin -= rounding * (self._twice_diagonal * weights - margin)
            np.add.at(margin, at, inward * weights[cells.column, cells.lane])
            sound = (weights > 0.0) & (margin > 0.0)
            if (sound & (margin >= WORTHWHILE * aim)).all():
                break
        ratio = np.divide(
            np.abs(residual) + slack, margin, out=np.full_like(margin, np.inf), where=sound
        )
        factor = np.nan_to_num(ratio.max(axis=0), nan=np.inf)
        return Bounded(solution, weights, factor)

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
