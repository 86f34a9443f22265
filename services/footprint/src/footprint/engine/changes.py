"""Change sets: what scenarios have other than the system that they start from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.errors import Malformed, MalformedSystemError
from footprint.engine.system import Exchanges

_NOWHERE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a scenario changes in one matrix.

    Attributes
    ----------
    position, amount
        Positions in the `Exchanges` of the matrix (m,), each at most once, and their new amounts
        [unit of the row / unit of the column]; 0 takes an entry away.
    added_row, added_column, added_amount
        Entries that are added (a,).
    """

    position: Integers = field(default_factory=_NOWHERE.copy)
    amount: Floats = field(default_factory=lambda: np.empty(0))
    added_row: Integers = field(default_factory=_NOWHERE.copy)
    added_column: Integers = field(default_factory=_NOWHERE.copy)
    added_amount: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if len(self.position) != len(self.amount) or not (
            len(self.added_row) == len(self.added_column) == len(self.added_amount)
        ):
            raise MalformedSystemError("changes of unequal lengths")
        if not (np.isfinite(self.amount).all() and np.isfinite(self.added_amount).all()):
            raise MalformedSystemError("new amounts that are not finite", Malformed.NOT_FINITE)
        if len(np.unique(self.position)) < len(self.position):
            raise MalformedSystemError("one exchange is changed twice in one scenario")


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A scenario: what it changes in A, B and C."""

    technosphere: Changes = field(default_factory=Changes)
    biosphere: Changes = field(default_factory=Changes)
    characterization: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class Cells:
    """What scenarios add to the cells of one matrix, by scenario.

    Attributes
    ----------
    scenario, row, column
        Places (m,), no two alike, in ascending order.
    delta
        New less old amount of the cell (m,).
    """

    scenario: Integers
    row: Integers
    column: Integers
    delta: Floats

    def of(self, wanted: Integers) -> "Cells":
        """Keep those of some scenarios, which ascend, and number them anew."""
        kept = self.places(wanted)
        number = np.searchsorted(wanted, self.scenario[kept])
        return Cells(number, self.row[kept], self.column[kept], self.delta[kept])

    def places(self, wanted: Integers) -> Integers:
        """Give the places of the cells of some scenarios, ascending as these do."""
        first, last = (np.searchsorted(self.scenario, wanted, side) for side in ("left", "right"))
        counts = last - first
        return np.arange(counts.sum()) + np.repeat(last - np.cumsum(counts), counts)


def changed_cells(
    changes: Sequence[ChangeSet],
    of_matrix: Callable[[ChangeSet], Changes],
    exchanges: Exchanges,
    shape: tuple[int, int],
) -> Cells:
    """Add the changes of one matrix up by scenario and cell.

    Raises
    ------
    MalformedSystemError
        If a position or a place is out of range.
    """
    sets = [of_matrix(change_set) for change_set in changes]
    position = np.concatenate([_NOWHERE, *(one.position for one in sets)])
    added_row = np.concatenate([_NOWHERE, *(one.added_row for one in sets)])
    added_column = np.concatenate([_NOWHERE, *(one.added_column for one in sets)])
    for places, limit in (
        (position, exchanges.size),
        (added_row, shape[0]),
        (added_column, shape[1]),
    ):
        wrong = places[(places < 0) | (places >= limit)]
        if len(wrong):
            raise MalformedSystemError(
                f"changes at places that do not exist: {wrong[:5].tolist()}",
                Malformed.OUT_OF_RANGE,
                tuple(np.unique(wrong).tolist()),
            )
    numbers = np.arange(len(sets))
    scenario = np.concatenate(
        [
            np.repeat(numbers, [len(one.position) for one in sets]),
            np.repeat(numbers, [len(one.added_row) for one in sets]),
        ]
    )
    row = np.concatenate([exchanges.row[position], added_row])
    column = np.concatenate([exchanges.column[position], added_column])
    amount = np.concatenate([np.empty(0), *(one.amount for one in sets)])
    added = np.concatenate([np.empty(0), *(one.added_amount for one in sets)])
    delta = np.concatenate([amount - exchanges.amount[position], added])
    order = np.lexsort((column, row, scenario))
    scenario, row, column, delta = scenario[order], row[order], column[order], delta[order]
    differs = (np.diff(scenario) != 0) | (np.diff(row) != 0) | (np.diff(column) != 0)
    first = np.flatnonzero(np.concatenate([np.ones(min(len(order), 1), dtype=bool), differs]))
    sums = np.add.reduceat(delta, first) if len(first) else delta
    return Cells(scenario[first], row[first], column[first], sums)


def changed_matrix(exchanges: Exchanges, changes: Changes, shape: tuple[int, int]) -> Matrix:
    """Add the amounts of a scenario up: of what is changed from large to small, all digits hold."""
    amount = exchanges.amount.copy()
    amount[changes.position] = changes.amount
    row = np.concatenate([exchanges.row, changes.added_row])
    column = np.concatenate([exchanges.column, changes.added_column])
    amount = np.concatenate([amount, changes.added_amount])
    return sparse.coo_array((amount, (row, column)), shape=shape).tocsr()


def amounts_of_cells(matrix: Matrix, row: Integers, column: Integers) -> Floats:
    """Look up cells of a matrix; 0 where it stores none.

    Parameters
    ----------
    matrix
        In CSR with sorted indices, each at most once in a row.
    """
    width = matrix.shape[1]
    stored = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * width + matrix.indices
    wanted = row * width + column
    place = np.minimum(np.searchsorted(stored, wanted), max(len(stored) - 1, 0))
    if not len(stored):
        return np.zeros(len(row))
    return np.where(stored[place] == wanted, matrix.data[place], 0.0)
