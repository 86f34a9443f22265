"""Impacts by every method of the dataset, and how far its data support each of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from footprint.domain.dataset import Dataset, Method, Support, Verdict
from footprint.domain.result import Solution
from footprint.domain.system import LinkedSystem, ProcessKind

_BACKGROUND = (ProcessKind.UNIT_PROCESS, ProcessKind.SYSTEM_PROCESS)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what a product needs has data of a category.

    Attributes
    ----------
    inputs_percent
        Share of the activities that the product needs [%].
    climate_percent
        The same, each activity weighing what it emits itself of greenhouse gases [%]. It flatters:
        metals weigh little there and much in other categories.
    threshold_percent
        Where the smaller of both is below it, the amount is no result [%].
    """

    inputs_percent: float
    climate_percent: float
    threshold_percent: float

    @property
    def is_enough(self) -> bool:
        """Whether an amount is a result; where nothing is covered it never is."""
        smaller = min(self.inputs_percent, self.climate_percent)
        return smaller > 0.0 and smaller >= self.threshold_percent


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of one declared unit by one method.

    Attributes
    ----------
    amount
        Inside the boundary [unit of the method / declared unit]; None where the data do not support
        it: a small number would be read as a small impact.
    stages, beyond_boundary
        The same by stage; empty where there is no amount.
    not_separable_kg_co2e
        What climate methods with another horizon or by gas cannot tell apart: published totals,
        counted by the GWP100 of their sources [kg CO2e / declared unit]. It is not in `amount`.
        None where everything is.
    """

    method_id: str
    unit: str
    verdict: Verdict
    amount: float | None
    stages: Mapping[str, float]
    beyond_boundary: Mapping[str, float]
    not_separable_kg_co2e: float | None
    coverage: Coverage


def impacts(system: LinkedSystem, solution: Solution, dataset: Dataset) -> Iterator[Impact]:
    """Yield the impact by each method of the dataset, from the supply that was solved."""
    for method in dataset.methods.values():
        coverage = _coverage(system, solution, dataset, method)
        is_shown = coverage.is_enough and method.verdict is not Verdict.NOT_SUPPORTED
        by_stage = _by_stage(system, solution, dataset, method.id) if is_shown else {}
        yield Impact(
            method_id=method.id,
            unit=method.unit,
            verdict=method.verdict,
            amount=math.fsum(by_stage[stage] for stage in system.stages) if is_shown else None,
            stages={stage: by_stage[stage] for stage in system.stages if is_shown},
            beyond_boundary={stage: by_stage[stage] for stage in system.beyond if is_shown},
            not_separable_kg_co2e=_not_separable(system, solution, dataset, method),
            coverage=coverage,
        )


def _by_stage(
    system: LinkedSystem, solution: Solution, dataset: Dataset, method_id: str
) -> dict[str, float]:
    factors: dict[tuple[str, str], float] = {}
    weighted: list[tuple[int, float]] = []
    for emission in system.emissions:
        place = emission.flow_id, system.processes[emission.process].region
        if place not in factors:
            factors[place] = dataset.factor_of(method_id, *place) or 0.0
        if factors[place]:
            weighted.append((emission.process, emission.amount * factors[place]))
    return {
        stage: math.fsum(supply[process] * impact for process, impact in weighted)
        for stage, supply in solution.supply.items()
    }


def _not_separable(
    system: LinkedSystem, solution: Solution, dataset: Dataset, method: Method
) -> float | None:
    """Sum published totals of greenhouse gases, if the method cannot count them."""
    if not method.is_climate or dataset.aggregated_flow in dataset.factors[method.id]:
        return None
    inside = inside_supply(system, solution)
    return math.fsum(
        inside[emission.process] * emission.amount
        for emission in system.emissions
        if emission.flow_id == dataset.aggregated_flow
    )


def inside_supply(system: LinkedSystem, solution: Solution) -> list[float]:
    """Return what one declared unit needs of each process inside the boundary [its unit]."""
    return [
        math.fsum(solution.supply[stage][index] for stage in system.stages)
        for index in range(len(system.processes))
    ]


def _coverage(
    system: LinkedSystem, solution: Solution, dataset: Dataset, method: Method
) -> Coverage:
    inside = inside_supply(system, solution)
    own = [
        math.fsum(solution.contributions[stage][index] for stage in system.stages)
        for index in range(len(system.processes))
    ]
    emitting = {emission.process for emission in system.emissions}
    needed = [
        index
        for index, process in enumerate(system.processes)
        if inside[index] and (process.kind in _BACKGROUND or index in emitting)
    ]
    if method.is_climate:
        # All activities tell what they emit of greenhouse gases, be it as one total. Of which kind
        # it is, e.g. biogenic, they may not tell at all: a zero would be read as none emitted.
        factors = dataset.factors[method.id]
        counted = {flow_id for flow_id, each in factors.items() if each.factor}
        is_told = dataset.aggregated_flow in factors or any(
            emission.flow_id in counted and emission.amount and inside[emission.process]
            for emission in system.emissions
        )
        share = 100.0 if is_told else 0.0
        return Coverage(share, share, method.threshold_percent)
    known = dataset.coverage.get(method.id, {})
    # A supplier declares its greenhouse gases alone, and so does a plant that states its own.
    supported = [
        index
        for index in needed
        if system.processes[index].kind in _BACKGROUND
        and known.get(system.processes[index].activity_id, Support.NONE) is not Support.NONE
    ]
    return Coverage(
        inputs_percent=_percent(len(supported), len(needed)),
        climate_percent=_percent(
            math.fsum(abs(own[index]) for index in supported),
            math.fsum(abs(own[index]) for index in needed),
        ),
        threshold_percent=method.threshold_percent,
    )


def _percent(part: float, whole: float) -> float:
    return min(100.0 * part / whole, 100.0) if whole else 0.0


def supported_methods(
    system: LinkedSystem, solution: Solution, dataset: Dataset
) -> tuple[str, ...]:
    """Return the methods that give an amount to which nothing is missing that is not separable."""
    return tuple(
        impact.method_id
        for impact in impacts(system, solution, dataset)
        if impact.amount is not None and not impact.not_separable_kg_co2e
    )
