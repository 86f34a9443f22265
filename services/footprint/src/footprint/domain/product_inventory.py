"""A product model as an inventory model: with all its parameters, options and uncertainty.

What was linked for a footprint becomes a document `greenchain-inventory/1`, so that every analysis
of such models answers for products, too. Parameters and choices of parts get the part's name before
theirs; a choice that is called like a market reference decides the route of the part's chain. Each
option that is not taken becomes a scenario, so that routes stand side by side.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from footprint.domain.dataset import Dataset, Source, Uncertainty
from footprint.domain.formula import NAME, RESERVED, Formula
from footprint.domain.inventory_model import Choice, Name, Parameter
from footprint.domain.inventory_model import Uncertainty as ModelUncertainty
from footprint.domain.inventory_model_rows import FORMAT
from footprint.domain.linking import link_product
from footprint.domain.product import NO_NAME, BomLine, ProductModel
from footprint.domain.provenance import RowsOf
from footprint.domain.rows import LONGEST_ID
from footprint.domain.system import Emission, Link, LinkedSystem, ProcessKind

#: A name in a formula; exponents of numbers are none: they follow a digit or a point.
_NAME = re.compile(rf"(?<![\w.]){NAME.pattern}", re.ASCII)
_UNFIT = re.compile(r"\W", re.ASCII)
#: Of a part's path in the names of its parameters [characters]: formulas have to stay short.
_LONGEST_PATH = 20
#: Nodes of the maker's own model; all others are background.
_OWN = (ProcessKind.PRODUCT, ProcessKind.STAGE, ProcessKind.INTERMEDIATE)


def product_inventory(
    model: ProductModel, dataset: Dataset, method_ids: Collection[str]
) -> dict[str, Any]:
    """Return a product, linked to the dataset, as a document `greenchain-inventory/1`.

    Parameters
    ----------
    method_ids
        Methods of the document, one of climate change at least: those whose amounts the data
        support (`footprint.domain.impacts`). Methods that count a flow by its place are left out:
        flows of inventory models have none.
    """
    methods = [
        dataset.methods[id_]
        for id_ in dataset.methods
        if id_ in method_ids and id_ not in dataset.regional_factors
    ]
    climate = next(method.id for method in methods if method.is_climate)
    system = link_product(model, dataset, climate, all_options=True)
    document = _Document(system, dataset, RowsOf(system, dataset))
    document.index()
    for prefix, product, bindings in _with_parts(model, ""):
        document.take_names(prefix, product, bindings)
    flows = sorted({emission.flow_id for emission in system.emissions})
    activities = [document.activity(index) for index in range(len(system.processes))]
    scenarios: set[str] = set()
    return {
        "format": FORMAT,
        "id": model.product_id,
        "name": {"en": model.name_en, "zh": model.name_zh},
        **_optional(description=_name(model.description)),
        "sources": [{"id": id_, **_source(source)} for source, id_ in document.sources.items()],
        "products": [
            {
                "id": document.ids[index],
                # A product is counted in its declared units, e.g. of 1 kWh.
                "unit": process.unit.removeprefix("1 "),
                "name": {"en": process.name_en, "zh": process.name_zh},
            }
            for index, process in enumerate(system.processes)
        ],
        "flows": [
            {
                "id": flow,
                "unit": dataset.flows[flow].unit,
                "compartment": dataset.flows[flow].compartment,
                "name": {"en": dataset.flows[flow].name_en, "zh": dataset.flows[flow].name_zh},
            }
            for flow in flows
        ],
        "methods": [
            {
                "id": method.id,
                "unit": method.unit,
                "name": {"en": method.name_en, "zh": method.name_zh},
                "factors": [
                    {"flow": flow, "amount": dataset.factors[method.id][flow].factor}
                    for flow in flows
                    if flow in dataset.factors[method.id]
                ],
            }
            for method in methods
        ],
        "parameters": document.parameters,
        "choices": document.choices,
        "activities": activities,
        "demand": {"product": document.ids[system.product], "amount": 1},
        "scenarios": [
            {
                "id": document.unique(f"{choice['id']}={option['id']}", scenarios),
                "changes": [{"choice": choice["id"], "option": option["id"]}],
            }
            for choice in document.choices
            for option in choice["options"]
            if option["id"] != choice["default"]
        ],
    }


def _with_parts(
    model: ProductModel, prefix: str
) -> Iterator[tuple[str, ProductModel, Mapping[str, Formula]]]:
    yield prefix, model, {}
    for part in model.parts:
        found = _with_parts(part.product, f"{prefix}{part.id}/")
        next(found)
        yield f"{prefix}{part.id}/", part.product, part.bindings
        yield from found


@dataclass(slots=True)
class _Document:
    """Writes the parts of a document.

    Attributes
    ----------
    ids
        Id of each process in the document: its key, unless that is too long.
    names, exchange_ids
        Names of parameters and choices, and ids of exchanges, that are taken.
    renamed
        Name of each parameter and choice in the document, by prefix and name in its own model.
    """

    system: LinkedSystem
    dataset: Dataset
    rows: RowsOf
    ids: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    exchange_ids: set[str] = field(default_factory=set)
    links: dict[int, list[Link]] = field(default_factory=lambda: defaultdict(list))
    emissions: dict[int, list[Emission]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[Source, str] = field(default_factory=dict)
    parameters: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    renamed: dict[tuple[str, str], str] = field(default_factory=dict)

    def index(self) -> None:
        """Give the processes their ids, and find what each takes and emits."""
        taken: set[str] = set()
        self.ids = [self.unique(process.key, taken) for process in self.system.processes]
        for link in self.system.links:
            self.links[link.consumer].append(link)
        for emission in self.system.emissions:
            self.emissions[emission.process].append(emission)

    @staticmethod
    def unique(id_: str, taken: set[str]) -> str:
        """Return an id that fits and is not taken, and take it."""
        found, count = id_[:LONGEST_ID], 1
        while found in taken:
            count += 1
            found = f"{id_[: LONGEST_ID - 6]}_{count}"
        taken.add(found)
        return found

    def take_names(
        self, prefix: str, product: ProductModel, bindings: Mapping[str, Formula]
    ) -> None:
        """Add the parameters and choices of a product; those of parts come after their outer's."""
        path = _UNFIT.sub("_", prefix.removesuffix("/"))[:_LONGEST_PATH]
        path = f"{path}__" if path else ""
        path = f"_{path}" if path[:1].isdigit() else path
        ids = [each.id for each in product.parameters]
        ids += [each.id for each in product.choices]
        for id_ in ids:
            self.renamed[prefix, id_] = self.unique(f"{path}{id_}", self.names)
        outer = prefix.removesuffix("/").rpartition("/")[0]
        outer = f"{outer}/" if outer else ""
        names = {source.id: source for source in product.sources}
        for parameter in product.parameters:
            bound = bindings.get(parameter.id)
            formula = None if bound is None else self._text(bound, outer)
            self.parameters.append(self._parameter(parameter, prefix, formula, names))
        self.choices += [self._choice(choice, prefix) for choice in product.choices]

    def _parameter(
        self, parameter: Parameter, prefix: str, formula: str | None, names: Mapping[str, Any]
    ) -> dict[str, Any]:
        given = parameter.amount.given
        if formula is None and isinstance(given, Formula):
            formula = self._text(given, prefix)
        source = names.get(parameter.source)
        cited = source and Source(
            source.title, source.locator or "-", source.doi_or_url, source.licence, source.year
        )
        return {
            "id": self.renamed[prefix, parameter.id],
            "unit": parameter.unit or "1",
            **({"amount": given} if formula is None else {"formula": formula}),
            **_optional(
                name=_name(parameter.name),
                uncertainty=None if formula else _model_uncertainty(parameter.amount.uncertainty),
                source=self._source_id(cited) if cited else None,
                confidence=parameter.confidence,
            ),
        }

    def _choice(self, choice: Choice, prefix: str) -> dict[str, Any]:
        return {
            "id": self.renamed[prefix, choice.id],
            **_optional(name=_name(choice.name)),
            "options": [
                {"id": option, "probability": share}
                for option, share in choice.probabilities.items()
            ],
            "default": choice.default,
        }

    def _text(self, formula: Formula, prefix: str) -> str:
        """Write a formula with the names that its parameters have in the document."""

        def rename(match: re.Match[str]) -> str:
            name = match[0]
            return name if name in RESERVED else self.renamed[prefix, name]

        return _NAME.sub(rename, formula.text)

    def activity(self, index: int) -> dict[str, Any]:
        """Write a process with what it takes and emits."""
        process, id_ = self.system.processes[index], self.ids[index]
        supplier = self.system.suppliers.get(index)
        return {
            "id": id_,
            "product": id_,
            "name": {"en": process.name_en, "zh": process.name_zh},
            **_optional(
                stage=process.activity_id if process.kind is ProcessKind.STAGE else None,
                supplier=supplier.declaration_id if supplier else None,
                site=process.region,
                province=process.region,
                background=process.kind not in _OWN,
            ),
            "outputs": [{"product": id_, "amount": 1}],
            "inputs": [
                {"product": self.ids[link.supplier], **self._exchange(link, id_)}
                for link in self.links[index]
            ],
            "emissions": [
                {"flow": emission.flow_id, **self._exchange(emission, id_)}
                for emission in self.emissions[index]
            ],
        }

    def _exchange(self, item: Link | Emission, consumer: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": self.unique(f"{consumer}: {item.line_id}", self.exchange_ids),
            "amount": item.amount,
        }
        origin, row = item.origin, self.rows.of(item)
        prefix = f"{origin.part}/" if origin.part else ""
        if origin.route is not None:
            choice, option = origin.route
            when = {"choice": self.renamed[prefix, choice], "option": option}
            return fields | {"amount": 1, "when": when}
        line = origin.line
        if line is not None and line.formula is not None:
            fields["formula"] = self._computed(line, line.formula, origin.per, prefix)
            del fields["amount"]
        if line is not None and line.when is not None:
            choice, option = line.when
            fields["when"] = {"choice": self.renamed[prefix, choice], "option": option}
        if row is None:
            return fields
        varies = "formula" in fields or item.amount != 0.0
        return fields | _optional(
            uncertainty=_uncertainty(row.uncertainty, origin.per) if varies else None,
            source=self._source_id(row.source) if row.source else None,
            confidence=row.confidence,
        )

    def _computed(self, line: BomLine, formula: Formula, per: float, prefix: str) -> str:
        scale, text = line.scale / per, self._text(formula, prefix)
        return text if scale == 1.0 else f"({text}) * {scale!r}"

    def _source_id(self, source: Source) -> str:
        return self.sources.setdefault(source, f"s{len(self.sources) + 1}")


def _source(source: Source) -> dict[str, Any]:
    return {
        "title": source.title,
        **_optional(
            year=source.year,
            locator=source.locator,
            doi_or_url=source.doi_or_url,
            licence=source.licence,
        ),
    }


def _optional(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _name(name: Name) -> dict[str, str] | None:
    return None if name == NO_NAME else {"en": name.en, "zh": name.zh}


def _model_uncertainty(uncertainty: ModelUncertainty | None) -> dict[str, Any] | None:
    if uncertainty is None:
        return None
    match uncertainty.kind.value:
        case "lognormal":
            return {"type": "lognormal", "gsd": uncertainty.gsd}
        case "normal":
            return {"type": "normal", "sd": uncertainty.sd}
        case kind:
            return {"type": kind, "min": uncertainty.minimum, "max": uncertainty.maximum}


def _uncertainty(uncertainty: Uncertainty, per: float) -> dict[str, Any] | None:
    """Write how a row varies; its bounds are divided as its amount is."""
    if uncertainty.distribution == "none":
        return None
    if uncertainty.distribution == "lognormal":
        return {"type": "lognormal", "gsd": uncertainty.gsd}
    assert uncertainty.minimum is not None
    assert uncertainty.maximum is not None
    bounds = {"min": uncertainty.minimum / per, "max": uncertainty.maximum / per}
    return {"type": "triangular", **bounds}
