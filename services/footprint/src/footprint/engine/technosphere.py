"""The technosphere matrix and its solves, forward and adjoint."""

import math
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.errors import (
    Malformed,
    MalformedSystemError,
    SingularSystemError,
    UnproductiveLoopError,
)
from footprint.engine.loop import LargeLoop
from footprint.engine.relaxation import LANES
from footprint.engine.structure import block_triangular_form
from footprint.kernels.block_triangular import solve_blocks

#: Largest loop that is solved densely [activities]. Dense factors of 256 take 1 ms once and then
#: what 10 sweeps take.
DENSE_LIMIT = 256
#: Rounds of balancing rows and columns: one leaves traces of units of 1e-6 … 1e6 that make some
#: random systems look singular, ten leave none of them.
BALANCING_ROUNDS = 10


def technosphere_matrix(
    size: int, supplier: Integers, consumer: Integers, amount: Floats
) -> Matrix:
    """Build ``A = I − inputs``.

    Parameters
    ----------
    size
        Number of processes, each with a reference output of 1 unit.
    supplier, consumer
        Row and column of each input.
    amount
        Inputs [unit of the supplier / unit of the consumer]; the same pair may occur twice.
    """
    diagonal = np.arange(size, dtype=np.int64)
    rows = np.concatenate([diagonal, supplier])
    columns = np.concatenate([diagonal, consumer])
    values = np.concatenate([np.ones(size), -np.asarray(amount, dtype=np.float64)])
    try:
        return sparse.coo_array((values, (rows, columns)), shape=(size, size)).tocsr()
    except ValueError as error:
        raise MalformedSystemError(str(error)) from error


class Technosphere:
    """A technosphere matrix, ready to be solved forward and adjoint.

    Parameters
    ----------
    matrix
        A (n, n), products in rows and activities in columns: any that is regular.
    most_direct
        What a loop may have, activities times amounts, to be factorized where sweeps are in doubt
        [1]. One of 12,000 activities and 260,000 amounts in places at random, 3e9, took 14 s and
        200 MB; others take an `IntractableLoopError`.

    Attributes
    ----------
    structure
        Its block triangular form.
    largest_error
        Bound of the relative error that iteration has left in any loop so far, what goes into the
        loop taken for exact [-].

    Raises
    ------
    MalformedSystemError
        If the matrix is not square or not finite.
    SingularSystemError
        If no amounts in these cells would give a unique solution; solves raise it where these
        amounts do not.

    Notes
    -----
    Activities are grouped into strongly connected components, in order of dependency. Those of one
    activity are solved by substitution, loops by LU factors that are kept (LAPACK), loops above
    `DENSE_LIMIT` by sweeps: see `LargeLoop`. As many right-hand sides as a kernel takes go
    through together.
    """

    def __init__(self, matrix: Matrix, most_direct: float = math.inf) -> None:
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise MalformedSystemError(
                f"a technosphere matrix is square, not {matrix.shape}", Malformed.NOT_SQUARE
            )
        self.matrix: Matrix = matrix.tocsr().astype(np.float64)
        self.matrix.sum_duplicates()
        self.size = int(matrix.shape[0])
        self._most_direct = most_direct
        if not np.isfinite(self.matrix.data).all():
            wrong = np.unique(self.matrix.indices[~np.isfinite(self.matrix.data)])
            raise MalformedSystemError(
                f"amounts of the activities {wrong[:5].tolist()} are not finite",
                Malformed.NOT_FINITE,
                tuple(wrong.tolist()),
            )
        self.matrix.eliminate_zeros()
        self.structure = block_triangular_form(self.matrix)
        self.largest_error = 0.0
        self._large: dict[int, LargeLoop] = {}

    @cached_property
    def transposed(self) -> Matrix:
        """Aᵀ in CSR."""
        return sparse.csr_array(self.matrix.T)

    @property
    def direct_loops(self) -> list[Integers]:
        """Large loops whose solution by iteration was in doubt: their activities, ascending.

        They were, and from then on are, solved by factorization.
        """
        return [self._members(c) for c, loop in sorted(self._large.items()) if loop.is_direct]

    def adjoint_scores(self, intensity: Floats) -> Floats:
        """Solve ``Aᵀ y = q``.

        Parameters
        ----------
        intensity
            q (n,) or (n, k), direct impacts of one unit of each activity [impact / unit].

        Returns
        -------
        ndarray
            y, likewise: impacts of one unit of each product with everything upstream.
        """
        return self._solve(intensity, self.structure.activity, self.structure.product, False)

    def supply(self, demand: Floats) -> Floats:
        """Solve ``A s = f``.

        Parameters
        ----------
        demand
            f (n,) or (n, k), amounts asked for [unit of each product].

        Returns
        -------
        ndarray
            s, likewise: amount of each activity [unit].
        """
        return self._solve(demand, self.structure.product, self.structure.activity, True)

    def loops(self) -> list[Integers]:
        """Return the activities of each loop: components of several, or that consume themselves."""
        activity, block_ptr = self.structure.activity, self.structure.block_ptr
        diagonal = self.matrix.diagonal()
        is_loop = np.diff(block_ptr) > 1
        is_loop |= diagonal[activity[block_ptr[:-1]]] <= 0.0
        return [self._members(c) for c in np.flatnonzero(is_loop).tolist()]

    def refuse_unproductive_loops(self) -> None:
        """Raise if a loop of mere inputs consumes more than it gives.

        Raises
        ------
        UnproductiveLoopError, SingularSystemError

        Notes
        -----
        A loop without negative inputs is productive if and only if ``(I − T) x = 1`` has a
        non-negative solution (Hawkins & Simon, Econometrica 17, 1949). Loops with negative
        inputs, such as avoided production, may be right with a negative supply and are left alone.
        """
        for members in self.loops():
            block = sparse.csr_array(self.matrix[members][:, members])
            inputs = block - sparse.diags_array(block.diagonal())
            if len(inputs.data) and inputs.data.max() > 0.0:
                continue
            if len(members) == 1 and block.diagonal()[0] != 0.0:
                raise UnproductiveLoopError(tuple(members.tolist()))
            try:
                amounts = Technosphere(block).supply(np.ones(len(members)))
            except SingularSystemError as error:
                raise SingularSystemError(tuple(members.tolist())) from error
            if (amounts < 0.0).any():
                raise UnproductiveLoopError(tuple(members.tolist()))

    def _solve(self, right: Floats, rows: Integers, unknowns: Integers, transposed: bool) -> Floats:
        """Solve with P or Pᵀ, see `ordered`."""
        if right.ndim not in (1, 2) or len(right) != self.size:
            raise MalformedSystemError(f"expected {self.size} values, not {right.shape}")
        if not np.isfinite(right).all():
            wrong = np.flatnonzero(~np.isfinite(right.reshape(self.size, -1)).all(axis=1))
            raise MalformedSystemError(
                f"values that are not finite at {wrong[:5].tolist()}",
                Malformed.NOT_FINITE,
                tuple(wrong.tolist()),
            )
        table = right.reshape(self.size, -1)
        result = np.empty(table.shape)
        for lane in range(0, table.shape[1], LANES):
            columns = slice(lane, lane + LANES)
            solution = np.ascontiguousarray(table[rows, columns], dtype=np.float64)
            self._solve_ordered(solution, transposed)
            result[unknowns, columns] = solution
        return result.reshape(right.shape)

    def _solve_ordered(self, solution: Floats, transposed: bool) -> None:
        """Solve in place, block by block: from the first with P, from the last with Pᵀ."""
        block_ptr = self.structure.block_ptr
        blocks = len(block_ptr) - 1
        matrix = self.ordered[transposed]
        arrays = _arrays(matrix)
        large = np.flatnonzero(np.diff(block_ptr) > DENSE_LIMIT).tolist()
        stops = [blocks, *reversed(large), -1] if transposed else [-1, *large, blocks]
        for previous, block in pairwise(stops):
            first, last = (block + 1, previous) if transposed else (previous + 1, block)
            span = block_ptr, first, last
            solve_blocks(*(*arrays, *span, *self._factors, solution, transposed))
            if block in (-1, blocks):
                continue
            begin, end = int(block_ptr[block]), int(block_ptr[block + 1])
            loop = self._large_loop(block)
            solution[begin:end], error = loop.solve(solution, transposed)
            self.largest_error = max(self.largest_error, error)

    @cached_property
    def ordered(self) -> tuple[Matrix, Matrix]:
        """P, which is Aᵀ in the order of the structure, and Pᵀ, both in CSR."""
        activity_place, product_place = np.empty((2, self.size), dtype=np.int64)
        activity_place[self.structure.activity] = np.arange(self.size)
        product_place[self.structure.product] = np.arange(self.size)
        products, activities = self.matrix.tocoo().coords
        places = activity_place[activities], product_place[products]
        ordered = sparse.coo_array((self.matrix.data, places), shape=self.matrix.shape).tocsr()
        return ordered, sparse.csr_array(ordered.T)

    @cached_property
    def _factors(self) -> tuple[Integers, Floats, Integers, Floats]:
        """LU factors of the blocks of P from two activities to `DENSE_LIMIT`, as the kernel reads.

        A block's rows are scaled so that units do not decide the pivots; a pivot at most 4·m·ε of
        its column's largest entry counts as zero (m: size of the block). Scaled by powers of two,
        no amount is rounded.
        """
        block_ptr, matrix = self.structure.block_ptr, self.ordered[0]
        sizes = np.diff(block_ptr)
        is_dense = (sizes > 1) & (sizes <= DENSE_LIMIT)
        factor_ptr = np.concatenate([[0], np.cumsum(np.where(is_dense, sizes**2, 0))])
        block = np.repeat(np.arange(len(sizes)), sizes)
        row, column = matrix.tocoo().coords
        inside = (block[row] == block[column]) & is_dense[block[row]]
        row, column, amount = row[inside], column[inside], matrix.data[inside]
        scale = _row_scale(row, column, np.abs(amount), self.size)
        begin = block_ptr[block[row]]
        factors = np.zeros(factor_ptr[-1])
        place = factor_ptr[block[row]] + (row - begin) * sizes[block[row]] + column - begin
        factors[place] = amount * scale[row]
        pivots = np.zeros(self.size, dtype=np.int64)
        for c in np.flatnonzero(is_dense).tolist():
            size = int(sizes[c])
            dense = factors[factor_ptr[c] : factor_ptr[c + 1]].reshape(size, size)
            columns = np.abs(dense).max(axis=0)
            lu, swaps, _ = lapack.dgetrf(dense)
            threshold = 4.0 * size * np.finfo(np.float64).eps * columns
            if not (np.abs(lu.diagonal()) > threshold).all():
                raise SingularSystemError(tuple(self._members(c).tolist()))
            dense[:] = lu
            pivots[block_ptr[c] : block_ptr[c + 1]] = swaps
        return factor_ptr, factors, pivots, scale

    def _large_loop(self, block: int) -> LargeLoop:
        if block not in self._large:
            begin, end = self.structure.block_ptr[block : block + 2].tolist()
            self._large[block] = LargeLoop(
                self.ordered, begin, end, self._members(block), self._most_direct
            )
        return self._large[block]

    def _members(self, block: int) -> Integers:
        begin, end = self.structure.block_ptr[block : block + 2]
        return np.sort(self.structure.activity[begin:end])


def _arrays(matrix: Matrix) -> tuple[Integers, Integers, Floats]:
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def _row_scale(row: Integers, column: Integers, amount: Floats, size: int) -> Floats:
    """Return powers of two that free rows of the units of both rows and columns (n,).

    By turns, rows and columns are brought to a sum of 1. Units leave no trace in what that leads
    to, nor do amounts that are next to nothing, as they would in geometric means. Columns need no
    scale: partial pivoting compares within them.

    Source: R. Sinkhorn & P. Knopp, Pacific J. Math. 21 (1967), doi:10.2140/pjm.1967.21.343.
    """
    largest = np.zeros(size)
    np.maximum.at(largest, row, amount)
    unit = np.ldexp(1.0, -np.frexp(np.where(largest > 0.0, largest, 1.0))[1])
    amount = amount * unit[row]
    rows, columns = np.ones((2, size))
    for _ in range(BALANCING_ROUNDS):
        columns = _reciprocal_sums(column, amount * rows[row], size)
        rows = _reciprocal_sums(row, amount * columns[column], size)
    return unit * np.ldexp(1.0, np.frexp(rows)[1])


def _reciprocal_sums(place: Integers, amount: Floats, size: int) -> Floats:
    """Return one over the sum at each place, and 1 where there is nothing to sum (n,)."""
    sums = np.zeros(size)
    np.add.at(sums, place, amount)
    return 1.0 / np.where(sums > 0.0, sums, 1.0)
