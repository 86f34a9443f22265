"""Results: two engines' scores, their agreement, contributions and shares."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from footprint.domain.rule_pack import AgreementRule
from footprint.domain.system import LinkedSystem


@dataclass(frozen=True, slots=True)
class Scores:
    """What any engine says of a system.

    Attributes
    ----------
    total
        Climate impact of one declared unit inside the boundary [kg CO2e].
    stages
        Impact of each stage, inside and beyond the boundary [kg CO2e].
    """

    engine: str
    engine_version: str
    total: float
    stages: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Solution:
    """What greenchain's own engine says: scores, and all that explains them.

    Attributes
    ----------
    unit_scores
        Impact of one unit of each process [kg CO2e / unit].
    supply
        For each stage, the amount of each process that it needs [unit / declared unit].
    contributions
        For each stage, what each process emits itself for it [kg CO2e / declared unit].
    condition
        Estimated condition number κ∞ of the system, each process measured in what the product
        needs of it [-]; it does not depend on units.
    """

    scores: Scores
    unit_scores: tuple[float, ...]
    supply: Mapping[str, tuple[float, ...]]
    contributions: Mapping[str, tuple[float, ...]]
    condition: float


@dataclass(frozen=True, slots=True)
class EnginesAgreement:
    """Whether the two engines say the same; this checks the arithmetic, not the model.

    Attributes
    ----------
    brightway, greenchain
        Totals [kg CO2e / declared unit].
    relative_difference, tolerance
        Largest difference of total and stages relative to the sum of absolute stages, inside
        and beyond the boundary apart [-].
    condition
        Estimated condition number κ∞, see `Solution` [-].
    ill_conditioned
        The condition number is above what the rule pack warns of.
    reference
        Iteratively refined total [kg CO2e], computed only in doubt.
    """

    brightway: float
    greenchain: float
    relative_difference: float
    tolerance: float
    condition: float
    ill_conditioned: bool
    agree: bool
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class ProcessContribution:
    """What one process emits itself for one stage.

    Attributes
    ----------
    supply
        Amount of the process [unit / declared unit].
    kg_co2e
        Impact [kg CO2e / declared unit].
    """

    stage: str
    process_key: str
    activity_id: str
    region: str
    unit: str
    supply: float
    kg_co2e: float


@dataclass(frozen=True, slots=True)
class LineContribution:
    """What one line of the maker's model causes, cradle to gate.

    Attributes
    ----------
    kg_co2e
        Impact inside the boundary [kg CO2e / declared unit].
    share_percent
        Share of the absolute impact of all lines [%].
    primary_data_percent, primary_activity_percent
        How much of the line rests on primary data, and on a plant's own activity data [%].
    """

    line_id: str
    input_id: str
    input_key: str
    kg_co2e: float
    share_percent: float
    primary_data_percent: float
    primary_activity_percent: float


@dataclass(frozen=True, slots=True)
class FootprintResult:
    """A computed footprint; bw2calc gives the numbers of record, our engine explains them.

    Attributes
    ----------
    pcf_kg_co2e
        Impact inside the boundary [kg CO2e / declared unit].
    stages, beyond_boundary
        The same by stage; `stages` sum to the headline, `beyond_boundary` is apart.
    processes
        Contributions of processes inside and beyond the boundary.
    lines
        Contributions of the maker's lines inside the boundary, largest first.
    """

    method_id: str
    pcf_kg_co2e: float
    stages: Mapping[str, float]
    beyond_boundary: Mapping[str, float]
    processes: tuple[ProcessContribution, ...]
    lines: tuple[LineContribution, ...]
    primary_data_share_percent: float
    primary_activity_share_percent: float
    engines: EnginesAgreement

    def by_site(self) -> dict[str, float]:
        """Impact inside the boundary by region of the emitting process [kg CO2e]."""
        return self._grouped("region")

    def by_process(self) -> dict[str, float]:
        """Impact inside the boundary by process [kg CO2e]."""
        return self._grouped("process_key")

    def _grouped(self, attribute: str) -> dict[str, float]:
        groups: dict[str, list[float]] = {}
        for item in self.processes:
            if item.stage in self.stages:
                groups.setdefault(getattr(item, attribute), []).append(item.kg_co2e)
        return {name: math.fsum(parts) for name, parts in groups.items()}


def compare_engines(
    brightway: Scores,
    greenchain: Solution,
    rule: AgreementRule,
    reference: Scores | None = None,
    *,
    beyond: Collection[str] = (),
) -> EnginesAgreement:
    """Compare total and every stage of two engines.

    Parameters
    ----------
    reference
        Iteratively refined scores. When the engines differ, they agree after all if both come
        within the tolerance of these.
    beyond
        Stages that are not in the total.
    """
    tolerance = rule.allowed_difference(greenchain.condition)
    difference = relative_difference(brightway, greenchain.scores, beyond)
    agree = difference <= tolerance
    if not agree and reference is not None:
        agree = (
            max(
                relative_difference(brightway, reference, beyond),
                relative_difference(greenchain.scores, reference, beyond),
            )
            <= tolerance
        )
    return EnginesAgreement(
        brightway=brightway.total,
        greenchain=greenchain.scores.total,
        relative_difference=difference,
        tolerance=tolerance,
        condition=greenchain.condition,
        ill_conditioned=greenchain.condition > rule.condition_warning,
        agree=agree,
        reference=None if reference is None else reference.total,
    )


def relative_difference(one: Scores, other: Scores, beyond: Collection[str] = ()) -> float:
    """Largest difference of total and stages, relative to the sum of absolute stages [-].

    Stages of opposite sign may cancel in the total; relative to the total alone, rounding would
    then look like disagreement. Stages beyond the boundary are compared among themselves: a large
    use phase must not hide a difference of the headline.
    """
    inside = {stage: value for stage, value in one.stages.items() if stage not in beyond}
    outside = {stage: value for stage, value in one.stages.items() if stage in beyond}
    return max(
        _largest_difference(inside, other.stages, abs(one.total - other.total)),
        _largest_difference(outside, other.stages, 0.0),
    )


def _largest_difference(
    one: Mapping[str, float], other: Mapping[str, float], of_total: float
) -> float:
    scale = math.fsum(abs(value) for value in one.values())
    differences = [of_total, *(abs(value - other[stage]) for stage, value in one.items())]
    if not all(math.isfinite(value) for value in (scale, *differences)):
        return math.inf  # `max` passes over NaN, and infinity over infinity is none.
    largest = max(differences)
    if largest == 0.0:
        return 0.0
    return largest / scale if scale > 0.0 else math.inf


def footprint_result(
    system: LinkedSystem, brightway: Scores, greenchain: Solution, engines: EnginesAgreement
) -> FootprintResult:
    """Put scores, contributions and shares together."""
    lines = _line_contributions(system, greenchain)
    return FootprintResult(
        method_id=system.method_id,
        pcf_kg_co2e=brightway.total,
        stages={stage: brightway.stages[stage] for stage in system.stages},
        beyond_boundary={stage: brightway.stages[stage] for stage in system.beyond},
        processes=tuple(_process_contributions(system, greenchain)),
        lines=lines,
        primary_data_share_percent=_share(lines, "primary_data_percent"),
        primary_activity_share_percent=_share(lines, "primary_activity_percent"),
        engines=engines,
    )


def _process_contributions(system: LinkedSystem, solution: Solution) -> list[ProcessContribution]:
    found = []
    for stage, contributions in solution.contributions.items():
        for process, supply, impact in zip(
            system.processes, solution.supply[stage], contributions, strict=True
        ):
            if impact == 0.0:
                continue
            found.append(
                ProcessContribution(
                    stage=stage,
                    process_key=process.key,
                    activity_id=process.activity_id,
                    region=process.region,
                    unit=process.unit,
                    supply=supply,
                    kg_co2e=impact,
                )
            )
    return sorted(found, key=lambda item: -abs(item.kg_co2e))


def _line_contributions(system: LinkedSystem, solution: Solution) -> tuple[LineContribution, ...]:
    inside = [
        math.fsum(solution.supply[stage][index] for stage in system.stages)
        for index in range(len(system.processes))
    ]
    impacts = []
    for line in system.foreground:
        if line.supplier is not None:
            unit_score = solution.unit_scores[line.supplier]
        else:
            unit_score = system.factors[line.flow_id or ""]
        impacts.append(inside[line.consumer] * line.amount * unit_score)
    absolute = math.fsum(abs(impact) for impact in impacts)
    lines = []
    for line, impact in zip(system.foreground, impacts, strict=True):
        if inside[line.consumer] == 0.0:
            continue  # A stage beyond the boundary.
        direct = 100.0 if line.own_plant and line.flow_id is not None else 0.0
        activity = 100.0 if line.own_plant else 0.0
        if line.supplier is not None and line.supplier in system.suppliers:
            declared = system.suppliers[line.supplier]
            direct = declared.primary_data_share_percent
            activity = declared.primary_activity_share_percent
        lines.append(
            LineContribution(
                line_id=line.line_id,
                input_id=line.input_id,
                input_key=line.input_key,
                kg_co2e=impact,
                share_percent=100.0 * abs(impact) / absolute if absolute > 0.0 else 0.0,
                primary_data_percent=direct,
                primary_activity_percent=activity,
            )
        )
    return tuple(sorted(lines, key=lambda line: -abs(line.kg_co2e)))


def _share(lines: tuple[LineContribution, ...], attribute: str) -> float:
    """Propagate a share: Σ|E_i|·share_i / Σ|E_i| over the maker's lines [%]."""
    absolute = math.fsum(abs(line.kg_co2e) for line in lines)
    if absolute == 0.0:
        return 0.0
    weighted = math.fsum(abs(line.kg_co2e) * getattr(line, attribute) for line in lines)
    return min(weighted / absolute, 100.0)
