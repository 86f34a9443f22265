"""Large loops: sweeps where they are certain, kept factors where not."""

import math
from functools import cached_property

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.errors import IntractableLoopError, SingularSystemError
from footprint.engine.relaxation import Relaxation

#: Bound of the relative error of each unknown up to which a solution by sweeps is taken [-]. What
#: is compared with other engines is compared to 1e-9; sweeps mostly end below 1e-12.
TRUSTED = 1e-11


class LargeLoop:
    """A strongly connected block of a matrix, solved by Gauss-Seidel sweeps or by SuperLU.

    Parameters
    ----------
    ordered
        The whole matrix P and Pᵀ, block triangular.
    begin, end
        Rows of the block.
    members
        Activities, for the error.
    most_direct
        Work of a factorization up to which it is made: activities times amounts [1].

    Attributes
    ----------
    is_direct
        Whether a solution by sweeps was in doubt; since then all are direct.
    """

    def __init__(
        self,
        ordered: tuple[Matrix, Matrix],
        begin: int,
        end: int,
        members: Integers,
        most_direct: float = math.inf,
    ) -> None:
        self._ordered = ordered
        self._rows = slice(begin, end)
        self._members = members
        self._most_direct = most_direct
        self._relaxations: dict[bool, Relaxation] = {}
        self.is_direct = False

    def solve(self, values: Floats, transposed: bool) -> tuple[Floats, float]:
        """Solve with the block of P, or of Pᵀ.

        Parameters
        ----------
        values
            Unknowns (n, lanes) of the blocks that this one depends on, and its right-hand side.

        Returns
        -------
        solution : ndarray
            Unknowns of the block (m, lanes).
        error : float
            Bound of their relative error, 0 if they were not found by iteration [-].
        """
        right = values[self._rows]
        others = values.copy()
        others[self._rows] = 0.0
        right = right - self._ordered[transposed][self._rows] @ others
        if not self.is_direct:
            found = self._relaxation(transposed).solve(right, np.zeros_like(right))
            size = np.abs(found.solution)
            with np.errstate(over="ignore", invalid="ignore"):
                off = found.weight * found.factor
                relative = np.divide(off, size, out=np.full_like(off, np.inf), where=size > 0.0)
            error = float(np.where(off == 0.0, 0.0, relative).max())
            if error <= TRUSTED:
                return found.solution, error
            self.is_direct = True
        # scipy-stubs do not know `trans`.
        return self._factors.solve(right, "T" if transposed else "N"), 0.0  # type: ignore[call-overload]

    def _relaxation(self, transposed: bool) -> Relaxation:
        if transposed not in self._relaxations:
            block = self._block(transposed)
            self._relaxations[transposed] = Relaxation(block, descending=transposed)
        return self._relaxations[transposed]

    def _block(self, transposed: bool) -> Matrix:
        return sparse.csr_array(self._ordered[transposed][self._rows, self._rows])

    @cached_property
    def _factors(self) -> sparse.linalg.SuperLU:
        """Factors of the block of P.

        Both directions use them: the columns of Aᵀ are the long rows of A, who consumes a product,
        and SuperLU, which orders columns, fills in A many times more than Aᵀ.
        """
        block = self._block(False)
        if block.shape[0] * block.nnz > self._most_direct:
            raise IntractableLoopError(tuple(self._members.tolist()))
        try:
            return sparse.linalg.splu(sparse.csc_array(block))
        except RuntimeError as error:
            raise SingularSystemError(tuple(self._members.tolist())) from error
