"""What distinguishes two datasets: row by row, and in the footprints of products."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chassis.errors import GreenchainError
from footprint.domain.dataset_document import KEYS, DatasetDocument
from footprint.domain.result import Solution
from footprint.domain.system import LinkedSystem

#: How many activities a difference is explained by.
MOST_CONTRIBUTORS = 5
#: Differences below are what adding up in another order gives, as a share of the largest part.
ROUNDING = 1e-12


class Change(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A cell with another content; a column that a table does not have is empty."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that only one dataset has, or that both have with other cells."""

    table: str
    key: str
    change: Change
    fields: tuple[FieldChange, ...] = ()


def row_changes(old: DatasetDocument, new: DatasetDocument) -> Iterator[RowChange]:
    """Yield the rows that differ, table by table, in the order of the new one.

    Where rows stand in their tables does not matter.
    """
    for table in sorted(
        {*old.tables, *new.tables}, key=lambda name: (_order().get(name, len(KEYS)), name)
    ):
        before, after = old.keyed(table), new.keyed(table)
        for key, row in after.items():
            if key not in before:
                yield RowChange(table, key, Change.ADDED)
            elif before[key] != row:
                names = dict.fromkeys((*before[key], *row))
                cells = ((name, before[key].get(name, ""), row.get(name, "")) for name in names)
                changed = tuple(FieldChange(*cell) for cell in cells if cell[1] != cell[2])
                yield RowChange(table, key, Change.CHANGED, changed)
        for key in before:
            if key not in after:
                yield RowChange(table, key, Change.REMOVED)


def _order() -> dict[str, int]:
    return {name: number for number, name in enumerate(KEYS)}


@dataclass(frozen=True, slots=True)
class Contributor:
    """What an activity emits itself for one declared unit, all its places together.

    Attributes
    ----------
    old, new
        In both datasets [kg CO2e / declared unit].
    """

    activity_id: str
    name_en: str
    name_zh: str
    old: float
    new: float

    @property
    def difference(self) -> float:
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class SolvedProduct:
    """A product as one of both datasets computes it."""

    system: LinkedSystem
    solution: Solution

    def by_activity(self) -> Mapping[str, float]:
        """Return own emissions inside the boundary by activity [kg CO2e / declared unit]."""
        found: dict[str, list[float]] = {}
        for index, process in enumerate(self.system.processes):
            own = (self.solution.contributions[stage][index] for stage in self.system.stages)
            found.setdefault(process.activity_id, []).extend(own)
        return {id_: math.fsum(parts) for id_, parts in found.items()}

    def names(self) -> Mapping[str, tuple[str, str]]:
        """Return names by activity."""
        return {
            process.activity_id: (process.name_en, process.name_zh)
            for process in self.system.processes
        }


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product's footprint by two datasets.

    Attributes
    ----------
    unit
        Declared unit.
    old, new
        None where a dataset cannot compute the product.
    refusals
        Why not, by `old` and `new`.
    """

    product_id: str
    name_en: str
    name_zh: str
    unit: str
    old: SolvedProduct | None
    new: SolvedProduct | None
    refusals: Mapping[str, GreenchainError] = field(default_factory=dict)

    @property
    def difference(self) -> float | None:
        """Return new minus old [kg CO2e / declared unit]."""
        if self.old is None or self.new is None:
            return None
        return self.new.solution.scores.total - self.old.solution.scores.total

    @property
    def difference_percent(self) -> float | None:
        """Return the difference as a share of the old footprint [%]; None if that is zero."""
        if self.difference is None or self.old is None:
            return None
        before = self.old.solution.scores.total
        return 100.0 * self.difference / before if before else None

    def contributors(self) -> tuple[Contributor, ...]:
        """Return the activities that differ, the largest difference first."""
        if self.old is None or self.new is None:
            return ()
        before, after = self.old.by_activity(), self.new.by_activity()
        names = {**self.old.names(), **self.new.names()}
        found = [
            Contributor(id_, *names[id_], before.get(id_, 0.0), after.get(id_, 0.0))
            for id_ in names
        ]
        least = ROUNDING * max(map(abs, (*before.values(), *after.values())), default=0.0)
        found = [each for each in found if abs(each.difference) > least]
        found.sort(key=lambda each: (-abs(each.difference), each.activity_id))
        return tuple(found)
