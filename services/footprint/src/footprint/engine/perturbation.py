"""A score and how it moves with the entries of the three matrices: at a point, and exactly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.draws import Stream
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

#: The matrices, each with the stream that its entries are drawn from.
MATRICES = (Stream.TECHNOSPHERE, Stream.BIOSPHERE, Stream.CHARACTERIZATION)
#: Rank up to which a change is worked into the kept factors: factorizing 20,000 activities anew
#: costs some 40 solves.
RANK_LIMIT = 32
#: Relative error of single amounts that the result may stand for [-]: above what rounding and the
#: sweeps of large loops leave.
BACKWARD_ERROR = 1e-13


@dataclass(frozen=True, slots=True)
class Change:
    """New amounts of entries of one matrix.

    Attributes
    ----------
    entry
        Positions among the entries (k,), int64, each once.
    amount
        What stands there instead (k,), signed as in the matrix.
    """

    entry: Integers
    amount: Floats


#: What changes at once, by matrix.
Changes: TypeAlias = Mapping[Stream, Change]


def entries(system: System, matrix: Stream) -> Exchanges:
    """Return the entries of one of `MATRICES`."""
    return (system.technosphere, system.biosphere, system.characterization)[MATRICES.index(matrix)]


def changes_between(before: System, after: System) -> Changes:
    """Collect the amounts that differ between two systems whose entries have the same places."""
    changes = {}
    for matrix in MATRICES:
        amount = entries(after, matrix).amount
        entry = np.flatnonzero(entries(before, matrix).amount != amount)
        changes[matrix] = Change(entry, amount[entry])
    return changes


class OperatingPoint:
    """A score ``h = cᵀ B A⁻¹ f`` with all that is known of it from two solves.

    Parameters
    ----------
    product, amount
        What is asked for [unit of the product].
    method
        Column of C.
    technosphere
        A of the system, where it is at hand already: factors are shared between methods.

    Attributes
    ----------
    supply, scores
        ``s = A⁻¹ f`` (n,) by activity and ``y = A⁻ᵀ Bᵀ c`` (n,) by product.
    score
        h [unit of the method].

    Raises
    ------
    MalformedSystemError, SingularSystemError
    """

    def __init__(
        self,
        system: System,
        product: int,
        amount: float,
        method: int,
        technosphere: Technosphere | None = None,
    ) -> None:
        self.system = system
        self.method = method
        if technosphere is None:
            technosphere = Technosphere(system.technosphere_matrix())
        self.technosphere = technosphere
        self._demand = np.zeros(system.size)
        self._demand[product] = amount
        self._biosphere = system.biosphere_matrix()
        self._factors = self._factors_of(system.characterization.amount)
        self.supply = self.technosphere.supply(self._demand)
        intensity = np.asarray(self._factors @ self._biosphere)
        self.scores = self.technosphere.adjoint_scores(intensity)
        self._inventory = np.asarray(self._biosphere @ self.supply)
        self.score = float(intensity @ self.supply)
        self._unit_supplies: dict[int, Floats] = {}

    def gradient(self, matrix: Stream) -> Floats:
        """Return the derivative of the score by each entry (m,) [unit of the method / unit]."""
        of = entries(self.system, matrix)
        if matrix is Stream.TECHNOSPHERE:
            return -self.scores[of.row] * self.supply[of.column]
        if matrix is Stream.BIOSPHERE:
            return self._factors[of.row] * self.supply[of.column]
        return np.where(of.column == self.method, self._inventory[of.row], 0.0)

    def score_with(self, changes: Changes) -> float:
        """Return the score under changes of any size, exactly.

        Raises
        ------
        SingularSystemError
            If no supply meets the demand then.
        """
        intensity = self._intensity_with(changes)
        return float(intensity @ self._supply_with(changes))

    def _amounts(self, changes: Changes, matrix: Stream) -> Floats:
        """Return the amounts of all entries of a matrix (m,) under changes."""
        amount, change = entries(self.system, matrix).amount, changes.get(matrix)
        if change is not None:
            amount = amount.copy()
            amount[change.entry] = change.amount
        return amount

    def _factors_of(self, amount: Floats) -> Floats:
        """Add the amounts of C up in the column of the method (m,)."""
        of = self.system.characterization
        counted = np.where(of.column == self.method, amount, 0.0)
        factors: Floats = np.bincount(of.row, counted, self.system.flows).astype(np.float64)
        return factors

    def _intensity_with(self, changes: Changes) -> Floats:
        """Return Bᵀc (n,) under changes."""
        of, amount = self.system.biosphere, self._amounts(changes, Stream.BIOSPHERE)
        factors = self._factors_of(self._amounts(changes, Stream.CHARACTERIZATION))
        intensity: Floats = np.asarray(factors @ self._biosphere)
        columns = np.unique(of.column[of.amount != amount])
        anew = _rows(columns, of.column, of.row, amount, len(factors))
        intensity[columns] = np.asarray(anew @ factors)
        return intensity

    def _supply_with(self, changes: Changes) -> Floats:
        """Return A⁻¹f (n,) under changes."""
        of, amount = self.system.technosphere, self._amounts(changes, Stream.TECHNOSPHERE)
        rows = np.unique(of.row[of.amount != amount])
        if not len(rows):
            return self.supply
        anew = _rows(rows, of.row, of.column, amount, self.system.size)
        updated = self._updated_supply(rows, anew)
        if updated is not None:
            return updated
        matrix = replace(of, amount=amount).matrix(self.technosphere.matrix.shape)
        return Technosphere(matrix).supply(self._demand)

    def _updated_supply(self, rows: Integers, anew: Matrix) -> Floats | None:
        """Solve ``(A + U Vᵀ) s = f`` with the factors of A; give up where digits would be lost.

        ``s = A⁻¹f − W M⁻¹ Vᵀ A⁻¹f``, ``W = A⁻¹U``, ``M = I + Vᵀ W`` (J. Sherman & W. J. Morrison,
        Ann. Math. Statist. 21, 1950; M. A. Woodbury, Princeton Memorandum 42, 1950). U holds the
        unit vectors of the rows that change, or the changes of columns, whichever are fewer.

        The result is taken if it solves exactly a system whose amounts are next to those asked for,
        each for itself (W. Oettli & W. Prager, Numer. Math. 6, 1964, doi:10.1007/BF01386090): its
        digits are then those that the new amounts allow.
        """
        matrix, demand = self.technosphere.matrix, self._demand
        change = sparse.csr_array(anew - matrix[rows])
        columns = np.unique(change.indices)
        if min(len(rows), len(columns)) > RANK_LIMIT:
            return None
        by_row = len(rows) <= len(columns)
        if by_row:
            solved = np.column_stack([self._unit_supply(row) for row in rows.tolist()])
        else:
            units = np.zeros((self.system.size, len(columns)))
            units[rows] = change[:, columns].toarray()
            solved = self.technosphere.supply(units)

        def moved(supply: Floats) -> Floats:
            return np.asarray(change @ supply) if by_row else supply[columns]

        with np.errstate(over="ignore", invalid="ignore"):  # of what has no solution
            try:
                taken = np.linalg.solve(np.eye(solved.shape[1]) + moved(solved), moved(self.supply))
            except np.linalg.LinAlgError:
                return None
            updated: Floats = self.supply - solved @ taken
            left, sizes = demand - matrix @ updated, abs(matrix) @ np.abs(updated)
            left[rows], sizes[rows] = demand[rows] - anew @ updated, abs(anew) @ np.abs(updated)
            solves = np.abs(left) <= BACKWARD_ERROR * (sizes + np.abs(demand))
        return updated if np.isfinite(sizes).all() and solves.all() else None

    def _unit_supply(self, product: int) -> Floats:
        """Return the supply of one unit of a product; entries of one row share it."""
        if product not in self._unit_supplies:
            unit = np.zeros(self.system.size)
            unit[product] = 1.0
            self._unit_supplies[product] = self.technosphere.supply(unit)
        return self._unit_supplies[product]


def _rows(chosen: Integers, row: Integers, column: Integers, amount: Floats, width: int) -> Matrix:
    """Build the chosen rows of a matrix, which ascend, from its entries."""
    is_chosen = np.isin(row, chosen)
    places = np.searchsorted(chosen, row[is_chosen]), column[is_chosen]
    return sparse.coo_array((amount[is_chosen], places), shape=(len(chosen), width)).tocsr()
