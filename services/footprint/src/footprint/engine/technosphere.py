"""The technosphere matrix ``A = I − inputs`` and its order of dependency."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine.errors import (
    MalformedSystemError,
    SingularSystemError,
    UnproductiveLoopError,
)
from footprint.kernels.block_triangular import solve_blocks
from footprint.kernels.ordering import strongly_connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Matrix: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"

#: Largest loop that is solved densely [processes]; SuperLU is faster beyond.
DENSE_LIMIT = 256


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
        A (n, n), products in rows and processes in columns.

    Raises
    ------
    MalformedSystemError
        If the matrix is not square or not finite.
    SingularSystemError
        If a column or row is zero.

    Notes
    -----
    Processes are grouped into strongly connected components, in order of dependency. Components
    of one process are solved by substitution, loops by dense LU (SuperLU above `DENSE_LIMIT`).
    """

    def __init__(self, matrix: Matrix) -> None:
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise MalformedSystemError(f"a technosphere matrix is square, not {matrix.shape}")
        if not np.isfinite(matrix.data).all():
            raise MalformedSystemError("a technosphere matrix is finite")
        self.matrix = matrix.astype(np.float64)
        self.matrix.eliminate_zeros()
        self.transposed = sparse.csr_array(self.matrix.T)
        self.size = int(matrix.shape[0])
        self._refuse_zero_lines()
        self._forward = _arrays(self.matrix)
        self._adjoint = _arrays(self.transposed)
        self.order, self.block_ptr = strongly_connected_components(
            self._adjoint[0], self._adjoint[1]
        )
        self._factors: dict[int, sparse.linalg.SuperLU] = {}
        # A row of A lists who consumes the product: in the forward solve consumers come first.
        self._reverse_order = np.ascontiguousarray(self.order[::-1])
        self._reverse_ptr = np.ascontiguousarray(self.size - self.block_ptr[::-1])

    def _refuse_zero_lines(self) -> None:
        for matrix in (self.transposed, self.matrix):
            empty = np.flatnonzero(np.diff(matrix.indptr) == 0)
            if len(empty):
                raise SingularSystemError(tuple(int(index) for index in empty))

    def adjoint_scores(self, intensity: Floats) -> Floats:
        """Solve ``Aᵀ y = q``.

        Parameters
        ----------
        intensity
            q (n,), direct impact of one unit of each process [kg CO2e / unit].

        Returns
        -------
        ndarray
            y (n,), impact of one unit of each process with everything upstream [kg CO2e / unit].
        """
        return self._solve(
            self._adjoint, self.transposed, self.order, self.block_ptr, intensity, "N"
        )

    def supply(self, demand: Floats) -> Floats:
        """Solve ``A s = f``.

        Parameters
        ----------
        demand
            f (n,), amounts asked for [unit of each product].

        Returns
        -------
        ndarray
            s (n,), amount of each process [unit].
        """
        return self._solve(
            self._forward, self.matrix, self._reverse_order, self._reverse_ptr, demand, "T"
        )

    def loops(self) -> list[Integers]:
        """Return the processes of each loop: components of several, or that consume themselves."""
        diagonal = self.matrix.diagonal()
        found = []
        for begin, end in zip(self.block_ptr[:-1], self.block_ptr[1:], strict=True):
            members = np.sort(self.order[begin:end])
            if len(members) > 1 or diagonal[members[0]] <= 0.0:
                found.append(members)
        return found

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
                raise UnproductiveLoopError(_ints(members))
            try:
                amounts = Technosphere(block).supply(np.ones(len(members)))
            except SingularSystemError as error:
                raise SingularSystemError(_ints(members)) from error
            if (amounts < 0.0).any():
                raise UnproductiveLoopError(_ints(members))

    def _solve(
        self,
        arrays: tuple[Integers, Integers, Floats],
        matrix: Matrix,
        order: Integers,
        block_ptr: Integers,
        right: Floats,
        trans: Literal["N", "T"],
    ) -> Floats:
        right = np.ascontiguousarray(right, dtype=np.float64)
        if right.shape != (self.size,) or not np.isfinite(right).all():
            raise MalformedSystemError(f"expected {self.size} finite values")
        solution = np.zeros(self.size)
        sizes = np.diff(block_ptr)
        first = 0
        for large in [*np.flatnonzero(sizes > DENSE_LIMIT), len(sizes)]:
            failed = solve_blocks(*arrays, order, block_ptr, first, int(large), right, solution)
            if failed >= 0:
                members = np.sort(order[block_ptr[failed] : block_ptr[failed + 1]])
                raise SingularSystemError(_ints(members))
            if large < len(sizes):
                members = np.sort(order[block_ptr[large] : block_ptr[large + 1]])
                # The loop's own unknowns are still zero.
                rest = right[members] - matrix[members] @ solution
                # scipy-stubs do not know `trans`.
                found = self._loop_factors(members).solve(rest, trans)  # type: ignore[call-overload]
                solution[members] = found
            first = int(large) + 1
        return solution

    def _loop_factors(self, members: Integers) -> sparse.linalg.SuperLU:
        """Return the factors of a large loop in Aᵀ, made once; `members` ascend.

        Both directions use them: the columns of Aᵀ are the long rows of A, who consumes a product,
        and SuperLU, which orders columns, fills in A many times more than Aᵀ.
        """
        first = int(members[0])
        if first not in self._factors:
            block = sparse.csc_array(self.transposed[members][:, members])
            try:
                self._factors[first] = sparse.linalg.splu(block)
            except RuntimeError as error:
                raise SingularSystemError(_ints(members)) from error
        return self._factors[first]


def _arrays(matrix: Matrix) -> tuple[Integers, Integers, Floats]:
    return (
        np.ascontiguousarray(matrix.indptr, dtype=np.int64),
        np.ascontiguousarray(matrix.indices, dtype=np.int64),
        np.ascontiguousarray(matrix.data, dtype=np.float64),
    )


def _ints(indices: Integers) -> tuple[int, ...]:
    return tuple(int(index) for index in indices)
