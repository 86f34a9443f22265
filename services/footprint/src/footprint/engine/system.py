"""A life cycle system as arrays: exchanges with distributions, in three matrices."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.distributions import Distributions
from footprint.engine.errors import Malformed, MalformedSystemError


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Entries of one matrix; those of one cell add up.

    Attributes
    ----------
    row, column
        Places (m,), int64.
    amount
        Deterministic values (m,), signed as they stand in the matrix [unit of the row / unit of
        the column]; formulas and choices are worked in.
    distribution
        How each varies (m), signed likewise.
    """

    row: Integers
    column: Integers
    amount: Floats
    distribution: Distributions

    def __post_init__(self) -> None:
        if not len(self.row) == len(self.column) == len(self.amount) == self.distribution.size:
            raise MalformedSystemError("exchanges of unequal lengths")
        wrong = np.flatnonzero((self.row < 0) | (self.column < 0))
        if len(wrong):
            raise MalformedSystemError(
                f"exchanges at places below zero at {wrong[:5].tolist()}",
                Malformed.OUT_OF_RANGE,
                tuple(wrong.tolist()),
            )
        wrong = np.flatnonzero(~np.isfinite(self.amount))
        if len(wrong):
            raise MalformedSystemError(
                f"amounts that are not finite at {wrong[:5].tolist()}",
                Malformed.NOT_FINITE,
                tuple(wrong.tolist()),
            )

    @classmethod
    def fixed(cls, row: Integers, column: Integers, amount: Floats) -> "Exchanges":
        """Entries that do not vary."""
        return cls(row, column, amount, Distributions.fixed(amount))

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.row)

    def matrix(self, shape: tuple[int, int]) -> Matrix:
        """Add the deterministic amounts up in a sparse matrix.

        Raises
        ------
        MalformedSystemError
            If a place lies outside of the shape.
        """
        rows, columns = shape
        wrong = np.flatnonzero((self.row >= rows) | (self.column >= columns))
        if len(wrong):
            raise MalformedSystemError(
                f"exchanges outside of the matrix of {rows} × {columns} at {wrong[:5].tolist()}",
                Malformed.OUT_OF_RANGE,
                tuple(wrong.tolist()),
            )
        return sparse.coo_array((self.amount, (self.row, self.column)), shape=shape).tocsr()


@dataclass(frozen=True, slots=True)
class System:
    """A system of n activities and n products, m flows, k methods.

    Attributes
    ----------
    size
        n.
    flows, methods
        m and k.
    technosphere
        Entries of A (n, n): products in rows, activities in columns; what an activity gives is
        positive, what it takes negative [unit of the product / unit of the activity].
    biosphere
        Entries of B (m, n): flows in rows [unit of the flow / unit of the activity].
    characterization
        Entries of C (m, k): flows in rows, methods in columns [unit of the method / unit of the
        flow].
    reference
        For each activity the product that it is there for (n,): a permutation. In solves by
        iteration it is the one whose amount is divided by.
    """

    size: int
    flows: int
    methods: int
    technosphere: Exchanges
    biosphere: Exchanges
    characterization: Exchanges
    reference: Integers

    def __post_init__(self) -> None:
        if not np.array_equal(np.sort(self.reference), np.arange(self.size)):
            raise MalformedSystemError("the reference products are no permutation")
        for exchanges, rows, columns in (
            (self.technosphere, self.size, self.size),
            (self.biosphere, self.flows, self.size),
            (self.characterization, self.flows, self.methods),
        ):
            outside = (exchanges.row >= rows) | (exchanges.column >= columns)
            if outside.any():
                places = np.flatnonzero(outside).tolist()
                raise MalformedSystemError(
                    f"exchanges outside of their matrix at {places[:5]}",
                    Malformed.OUT_OF_RANGE,
                    tuple(places),
                )

    @property
    def maker(self) -> Integers:
        """For each product the activity that is there for it (n,)."""
        return np.argsort(self.reference)

    def technosphere_matrix(self) -> Matrix:
        """Return A (n, n)."""
        return self.technosphere.matrix((self.size, self.size))

    def biosphere_matrix(self) -> Matrix:
        """Return B (m, n)."""
        return self.biosphere.matrix((self.flows, self.size))

    def characterization_matrix(self) -> Matrix:
        """Return C (m, k)."""
        return self.characterization.matrix((self.flows, self.methods))

    def intensities(self, activities: Integers | None = None) -> Floats:
        """Return Bᵀ C (n, k), direct impacts of each activity [unit of the method / unit].

        Parameters
        ----------
        activities
            Only these (…,), in this order.
        """
        biosphere = self.biosphere_matrix().tocsc()
        part = biosphere if activities is None else biosphere[:, activities]
        product = part.T @ self.characterization_matrix()
        return np.ascontiguousarray(product.toarray(), dtype=np.float64)
