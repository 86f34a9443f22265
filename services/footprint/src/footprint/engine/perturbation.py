"""A score and how it moves with the entries of the three matrices: at a point, and exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse

from footprint.engine.distributions import Floats, Integers
from footprint.engine.draws import Stream
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Matrix, Technosphere

#: The matrices, each with the stream that its entries are drawn from.
MATRICES = (Stream.TECHNOSPHERE, Stream.BIOSPHERE, Stream.CHARACTERIZATION)
#: Rank up to which a change is worked into the kept factors: factorizing 20,000 activities anew
#: costs some 40 solves.
RANK_LIMIT = 32
#: Growth of rounding errors up to which it is: 1e4·ε leaves 11 digits of those that A allows.
GROWTH_LIMIT = 1e4


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

_NONE = np.zeros(0, np.int64)


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
        factors = system.characterization_matrix()[:, [method]].toarray()
        self._factors: Floats = np.ascontiguousarray(factors[:, 0])
        self.supply = self.technosphere.supply(self._demand)
        intensity = np.asarray(self._factors @ self._biosphere)
        self._weights: Floats = np.abs(intensity)
        self.scores = self.technosphere.adjoint_scores(intensity)
        self._inventory = np.asarray(self._biosphere @ self.supply)
        self.score = float(self._factors @ self._inventory)
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
        supply = self._supply_with(changes)
        row, column, difference = self._differences(changes, Stream.BIOSPHERE)
        inventory = np.asarray(self._biosphere @ supply)
        np.add.at(inventory, row, difference * supply[column])
        row, column, difference = self._differences(changes, Stream.CHARACTERIZATION)
        factors = self._factors.copy()
        np.add.at(factors, row, np.where(column == self.method, difference, 0.0))
        return float(factors @ inventory)

    def _differences(self, changes: Changes, matrix: Stream) -> tuple[Integers, Integers, Floats]:
        """Return rows, columns and differences in amount."""
        of, change = entries(self.system, matrix), changes.get(matrix)
        if change is None:
            return _NONE, _NONE, np.zeros(0)
        difference = change.amount - of.amount[change.entry]
        return of.row[change.entry], of.column[change.entry], difference

    def _supply_with(self, changes: Changes) -> Floats:
        row, column, difference = self._differences(changes, Stream.TECHNOSPHERE)
        if not difference.any():
            return self.supply
        matrix = self.technosphere.matrix
        change = sparse.coo_array((difference, (row, column)), matrix.shape).tocsr()
        updated = self._updated_supply(change, np.unique(row), np.unique(column))
        if updated is not None:
            return updated
        return Technosphere(sparse.csr_array(matrix + change)).supply(self._demand)

    def _updated_supply(self, change: Matrix, rows: Integers, columns: Integers) -> Floats | None:
        """Solve ``(A + U Vᵀ) s = f`` with the factors of A; give up where digits would be lost.

        ``s = A⁻¹f − W M⁻¹ Vᵀ A⁻¹f``, ``W = A⁻¹U``, ``M = I + Vᵀ W`` (J. Sherman & W. J. Morrison,
        Ann. Math. Statist. 21, 1950; M. A. Woodbury, Princeton Memorandum 42, 1950). U holds the
        unit vectors of the rows that change, or the changes of columns, whichever are fewer.
        Rounding errors grow by ``‖M⁻¹‖ (1 + ‖VᵀW‖)`` at most, and once more where the supplies
        that are left are small beside those taken off, both weighted by what they emit.
        """
        if min(len(rows), len(columns)) > RANK_LIMIT:
            return None
        if len(rows) <= len(columns):
            solved = np.column_stack([self._unit_supply(row) for row in rows.tolist()])
            changed = change[rows]
            product, moved = np.asarray(changed @ solved), np.asarray(changed @ self.supply)
        else:
            parts = change[:, columns].toarray().T
            solved = np.column_stack([self.technosphere.supply(part) for part in parts])
            product, moved = solved[columns], self.supply[columns]
        identity = np.eye(len(product))
        try:
            inverse = np.linalg.solve(identity + product, identity)
        except np.linalg.LinAlgError:
            return None
        growth = np.abs(inverse).sum(axis=0).max() * (1.0 + np.abs(product).sum(axis=0).max())
        updated: Floats = self.supply - solved @ (inverse @ moved)
        before, after = self._weights @ np.abs(self.supply), self._weights @ np.abs(updated)
        safe = growth <= GROWTH_LIMIT and before <= GROWTH_LIMIT * after
        return updated if safe else None

    def _unit_supply(self, product: int) -> Floats:
        """Return the supply of one unit of a product; entries of one row share it."""
        if product not in self._unit_supplies:
            unit = np.zeros(self.system.size)
            unit[product] = 1.0
            self._unit_supplies[product] = self.technosphere.supply(unit)
        return self._unit_supplies[product]
