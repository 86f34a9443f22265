"""An explanation: from the headline of a footprint down to every row that it rests on."""

from collections import defaultdict
from dataclasses import dataclass

from footprint.domain.data_quality import DataQualityStatement
from footprint.domain.dataset import Dataset
from footprint.domain.impacts import inside_supply
from footprint.domain.provenance import CitedRow, RowsOf
from footprint.domain.result import Solution
from footprint.domain.system import Emission, Link, LinkedSystem, Process


@dataclass(frozen=True, slots=True)
class ExplainedExchange:
    """What a process takes from another, or emits.

    Attributes
    ----------
    input_key
        Key of the process that it takes from, or id of the flow that it emits.
    amount
        Amount [`unit` / unit of the process].
    total
        Amount for one declared unit of the product [`unit`].
    kg_co2e
        What goes through it inside the boundary, all upstream included [kg CO2e / declared unit].
    share_percent
        The same as a share of the headline [%].
    row
        Where the amount comes from; None where nobody states one, e.g. that a product has stages.
    """

    input_key: str
    is_emission: bool
    name_en: str
    name_zh: str
    amount: float
    unit: str
    total: float
    kg_co2e: float
    share_percent: float
    row: CitedRow | None


@dataclass(frozen=True, slots=True)
class ExplainedProcess:
    """A node of the system with all that it takes and emits, largest first.

    Attributes
    ----------
    supply
        What one declared unit needs of it [its unit].
    own_kg_co2e, kg_co2e
        What it emits itself, and what it causes with all upstream [kg CO2e / declared unit].
    unit_score
        What one unit of it causes [kg CO2e / unit].
    valid_year, pedigree, confidence
        Of the activity; None and empty for the maker's own nodes.
    """

    process: Process
    supply: float
    unit_score: float
    own_kg_co2e: float
    kg_co2e: float
    share_percent: float
    valid_year: int | None
    pedigree: tuple[int, ...]
    confidence: str
    exchanges: tuple[ExplainedExchange, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of a footprint's rows with their weight.

    Attributes
    ----------
    processes
        The product first, then what it needs, largest first; each stands once, however many
        consume it.
    """

    product_id: str
    method_id: str
    kg_co2e: float
    data_quality: DataQualityStatement
    processes: tuple[ExplainedProcess, ...]


def explain(
    system: LinkedSystem, solution: Solution, dataset: Dataset, quality: DataQualityStatement
) -> Explanation:
    """Explain a solved system; stages beyond the boundary weigh nothing and are left out."""
    found = _Explained(system, solution, dataset)
    indices = [index for index, supply in enumerate(found.inside) if supply]
    processes = [found.process(index) for index in indices]
    processes.sort(key=lambda each: (each.process.key != _key(system), -abs(each.kg_co2e)))
    return Explanation(
        product_id=system.processes[system.product].activity_id,
        method_id=system.method_id,
        kg_co2e=solution.scores.total,
        data_quality=quality,
        processes=tuple(processes),
    )


def _key(system: LinkedSystem) -> str:
    return system.processes[system.product].key


class _Explained:
    def __init__(self, system: LinkedSystem, solution: Solution, dataset: Dataset) -> None:
        self.system, self.solution, self.dataset = system, solution, dataset
        self.inside = inside_supply(system, solution)
        # One is asked for; loops of the maker's own model may need more.
        self.inside[system.product] += 1.0
        self.rows = RowsOf(system, dataset)
        self.links: dict[int, list[Link]] = defaultdict(list)
        self.emissions: dict[int, list[Emission]] = defaultdict(list)
        for link in system.links:
            self.links[link.consumer].append(link)
        for emission in system.emissions:
            self.emissions[emission.process].append(emission)

    def share(self, kg_co2e: float) -> float:
        total = self.solution.scores.total
        return 100.0 * kg_co2e / total if total else 0.0

    def process(self, index: int) -> ExplainedProcess:
        process, supply = self.system.processes[index], self.inside[index]
        score = self.solution.unit_scores[index]
        exchanges = [self.link(link) for link in self.links[index]]
        exchanges += [self.emission(emission) for emission in self.emissions[index]]
        activity = self.dataset.activities.get(process.activity_id)
        return ExplainedProcess(
            process=process,
            supply=supply,
            unit_score=score,
            own_kg_co2e=sum(each.kg_co2e for each in exchanges if each.is_emission),
            kg_co2e=supply * score,
            share_percent=self.share(supply * score),
            valid_year=None if activity is None else activity.valid_year,
            pedigree=() if activity is None else activity.pedigree,
            confidence="" if activity is None else activity.confidence.value,
            exchanges=tuple(sorted(exchanges, key=lambda each: -abs(each.kg_co2e))),
        )

    def link(self, link: Link) -> ExplainedExchange:
        supplier = self.system.processes[link.supplier]
        total = self.inside[link.consumer] * link.amount
        kg_co2e = total * self.solution.unit_scores[link.supplier]
        return ExplainedExchange(
            input_key=supplier.key,
            is_emission=False,
            name_en=supplier.name_en,
            name_zh=supplier.name_zh,
            amount=link.amount,
            unit=supplier.unit,
            total=total,
            kg_co2e=kg_co2e,
            share_percent=self.share(kg_co2e),
            row=self.rows.of(link),
        )

    def emission(self, emission: Emission) -> ExplainedExchange:
        flow = self.dataset.flows[emission.flow_id]
        total = self.inside[emission.process] * emission.amount
        kg_co2e = total * self.system.factors[emission.flow_id]
        return ExplainedExchange(
            input_key=flow.id,
            is_emission=True,
            name_en=flow.name_en,
            name_zh=flow.name_zh,
            amount=emission.amount,
            unit=flow.unit,
            total=total,
            kg_co2e=kg_co2e,
            share_percent=self.share(kg_co2e),
            row=self.rows.of(emission),
        )
