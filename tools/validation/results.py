"""Results of cases and unit scores of activities, by the project's own linking and engine."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chassis.errors import Location
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.data import shipped
from footprint.domain.dataset import Dataset
from footprint.domain.formula import FLOATS, parse_formula
from footprint.domain.impacts import inside_supply
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import read_product_document
from footprint.domain.result import Solution
from footprint.domain.system import LinkedSystem
from tools.validation.cases import Case, Plan, chain_sites, changed

#: Names that a published share may use beside activities: all electricity, and that of the maker.
ELECTRICITY, OWN_ELECTRICITY = "electricity", "own_electricity"


@dataclass(frozen=True)
class Result:
    """A case, solved."""

    model: ProductModel
    system: LinkedSystem
    solution: Solution
    dataset: Dataset

    @property
    def total(self) -> float:
        """Impact inside the boundary [kg CO2e / declared unit]."""
        return self.solution.scores.total

    @property
    def stages(self) -> Mapping[str, float]:
        """Impact by stage, those beyond the boundary too [kg CO2e / declared unit]."""
        return self.solution.scores.stages

    @cached_property
    def inside(self) -> list[float]:
        """What one declared unit needs of each process inside the boundary [its unit]."""
        return inside_supply(self.system, self.solution)

    def in_unit(self, factor: str) -> float:
        """Return declared units in one of another unit, by a formula of parameters."""
        if not factor:
            return 1.0
        formula = parse_formula(factor, Location(field="units"))
        return formula.evaluate(self.model.parameter_values(), FLOATS)

    def bought(self) -> dict[str, float]:
        """Impact of what the maker's own lines take, parts included as one, by input [kg CO2e]."""
        found: dict[str, float] = defaultdict(float)
        keys = self.system.processes
        for line in self.system.foreground:
            score = (
                self.solution.unit_scores[line.supplier]
                if line.supplier is not None
                else self.system.factors[line.flow_id or ""]
            )
            part = keys[line.consumer].key.partition("/")[0]
            names = {each.id: each.product.product_id for each in self.model.parts}
            name = names.get(part, line.input_id)
            found[name] += self.inside[line.consumer] * line.amount * score
        return {name: value for name, value in found.items() if value}

    def through(self, activity_id: str) -> float:
        """Return what goes through an activity with all upstream [kg CO2e / declared unit]."""
        return math.fsum(
            self.inside[index] * self.solution.unit_scores[index]
            for index, process in enumerate(self.system.processes)
            if process.activity_id == activity_id
        )

    def electricity(self, *, of_maker: bool = False) -> tuple[float, float]:
        """Electricity that all processes buy [kWh], and its impact [kg CO2e / declared unit].

        Parameters
        ----------
        of_maker
            Only that which the maker's own lines buy.
        """
        amount = impact = 0.0
        for link in self.system.links:
            supplier, consumer = (
                self.system.processes[index].activity_id for index in (link.supplier, link.consumer)
            )
            if supplier not in self.dataset.activities or not self.dataset.is_electricity(supplier):
                continue
            known = consumer in self.dataset.activities
            if (known and self.dataset.is_electricity(consumer)) or (known and of_maker):
                continue
            taken = self.inside[link.consumer] * link.amount
            amount += taken
            impact += taken * self.solution.unit_scores[link.supplier]
        return amount, impact

    def share(self, names: Iterable[str]) -> float:
        """Share of the result that goes through activities, or through electricity [%]."""
        parts = []
        for name in names:
            if name == ELECTRICITY:
                parts.append(self.electricity()[1])
            elif name == OWN_ELECTRICITY:
                parts.append(self.electricity(of_maker=True)[1])
            else:
                parts.append(self.through(name))
        return 100.0 * math.fsum(parts) / self.total


@dataclass
class Results:
    """Solves cases of the shipped templates, each once."""

    dataset: Dataset
    plans: Mapping[str, Plan]
    method: str
    engine: GreenchainEngine = field(default_factory=GreenchainEngine)
    solved: dict[str, Result] = field(default_factory=dict)
    _units: dict[tuple[str, str], Result] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Mapping[str, Any], dataset: Dataset | None = None) -> "Results":
        plans = {each["id"]: Plan(each, plan["places"]) for each in plan["products"]}
        return cls(dataset or shipped.load_dataset(), plans, plan["method"])

    def document(self, case: Case) -> ProductDocument:
        """Return the template of a case, changed as the case has it."""
        template = shipped.load_product_template(case.product)
        return changed(template, case, self.plans[case.product], self.dataset)

    def model(self, case: Case) -> ProductModel:
        """Return the product model of a case."""
        return read_product_document(self.document(case), self.dataset)

    def __getitem__(self, case: Case) -> Result:
        if case.id not in self.solved:
            self.solved[case.id] = self.solve(self.model(case))
        return self.solved[case.id]

    def solve(self, model: ProductModel) -> Result:
        """Link and solve a product model."""
        system = link_product(model, self.dataset, self.method)
        return Result(model, system, self.engine.solve(system), self.dataset)

    def unit_score(self, activity_id: str, region: str) -> float:
        """Return what one unit of an activity causes at a place [kg CO2e / unit].

        The activity itself stands at the place, what it buys in China on the national grid.
        """
        return self.unit(activity_id, region).total

    def unit(self, activity_id: str, region: str) -> Result:
        """Return one unit of an activity at a place, solved."""
        key = (activity_id, region)
        if key not in self._units:
            model = read_product_document(self._one(activity_id, region), self.dataset)
            self._units[key] = self.solve(model)
        return self._units[key]

    def parts(self, activity_id: str) -> dict[str, float]:
        """Return what a unit of an activity in China buys and emits itself, by id [kg CO2e]."""
        result = self.unit(activity_id, "CN")
        system = result.system
        (own,) = (link for link in system.links if link.line_id == "1")
        found: dict[str, float] = defaultdict(float)
        for link in system.links:
            if link.consumer == own.supplier:
                name = system.processes[link.supplier].activity_id
                found[name] += link.amount * result.solution.unit_scores[link.supplier]
        for emission in system.emissions:
            if emission.process == own.supplier:
                found[emission.flow_id] += emission.amount * system.factors[emission.flow_id]
        return found

    def _one(self, activity_id: str, region: str) -> ProductDocument:
        sites = chain_sites("CN", self.dataset)
        for site in sites:
            if site["activity_id"] == activity_id and site["region"] == "CN":
                site["region"] = region
        line = {
            "line_id": "1",
            "stage": "made",
            "input_id": activity_id,
            "amount": "1",
            "unit": self.dataset.activities[activity_id].unit,
            "activity_data": "literature",
            "source_title": "one unit",
            "source_locator": "-",
            "licence": "-",
            "confidence": "-",
        }
        header = {
            "format": "greenchain-product/1",
            "product_id": "one_unit",
            "name": {"en": "One unit", "zh": "一个单位"},
            "declared_unit": {"amount": 1, "unit": "piece"},
            "plant_region": region,
            "boundary": {"name": "cradle_to_gate", "stages": ["made"]},
        }
        return ProductDocument(header, [line], sites)
