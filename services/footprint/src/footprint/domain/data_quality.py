"""The data-quality statement: how much of a result rests on rows of which kind.

A result is as sure as the least sure row on its way from the emission to the product. So it is
told twice: by the row that emits, and by the weakest row of the whole way. The latter comes from
solving the system with the rows up to a class alone: what is lost goes over a weaker one.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from footprint.domain.dataset import Dataset
from footprint.domain.impacts import inside_supply
from footprint.domain.provenance import Ground, RowsOf
from footprint.domain.result import Solution
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import OutOfRange, SingularSystem, UnproductiveLoop


@dataclass(frozen=True, slots=True)
class DataQualityStatement:
    """Shares of the absolute result by how sure the rows are; both sum to 100 [%].

    Attributes
    ----------
    by_emission
        By the row that states the emission.
    by_weakest
        By the least sure of all rows between emission and product; empty where loops have no
        solution once credits count as burdens.
    """

    by_emission: Mapping[Ground, float]
    by_weakest: Mapping[Ground, float]


def data_quality(
    system: LinkedSystem,
    solution: Solution,
    dataset: Dataset,
    total: Callable[[LinkedSystem], float],
) -> DataQualityStatement:
    """State how sure a result is.

    Parameters
    ----------
    total
        Solves a system and returns its total [kg CO2e / declared unit].
    """
    rows = RowsOf(system, dataset)
    inside = inside_supply(system, solution)
    parts: dict[Ground, list[float]] = {ground: [] for ground in Ground}
    for emission in system.emissions:
        row = rows.of(emission)
        ground = Ground.PRIMARY if row is None else row.ground
        impact = emission.amount * system.factors[emission.flow_id] * inside[emission.process]
        parts[ground].append(abs(impact))
    sums = {ground: math.fsum(found) for ground, found in parts.items()}
    try:
        weakest = _by_weakest(system, rows, total)
    except (SingularSystem, UnproductiveLoop, OutOfRange):
        weakest = {}
    return DataQualityStatement(by_emission=_percent(sums), by_weakest=_percent(weakest))


def _by_weakest(
    system: LinkedSystem, rows: RowsOf, total: Callable[[LinkedSystem], float]
) -> dict[Ground, float]:
    ranks = {ground: rank for rank, ground in enumerate(Ground)}

    def rank(item: object) -> int:
        row = rows.of(item)  # type: ignore[arg-type]
        return 0 if row is None else ranks[row.ground]

    link_ranks = [rank(link) for link in system.links]
    emission_ranks = [rank(emission) for emission in system.emissions]
    factors = {flow: abs(factor) for flow, factor in system.factors.items()}
    found: dict[Ground, float] = {}
    before = 0.0
    for ground, allowed in ranks.items():
        # Absolute amounts: credits would otherwise hide how much rests on whom.
        links = tuple(
            replace(link, amount=abs(link.amount))
            for link, of in zip(system.links, link_ranks, strict=True)
            if of <= allowed
        )
        emissions = tuple(
            replace(emission, amount=abs(emission.amount))
            for emission, of in zip(system.emissions, emission_ranks, strict=True)
            if of <= allowed
        )
        upto = total(replace(system, links=links, emissions=emissions, factors=factors))
        found[ground] = max(upto - before, 0.0)
        before = max(upto, before)
    return found


def _percent(sums: Mapping[Ground, float]) -> dict[Ground, float]:
    whole = math.fsum(sums.values())
    return {ground: 100.0 * part / whole if whole else 0.0 for ground, part in sums.items()}
