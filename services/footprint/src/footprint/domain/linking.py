"""Linking: from a product model and a dataset to a `LinkedSystem`.

A product with its parts becomes nodes; what they buy is instantiated by `instances.SystemBuilder`.
Only the maker's own lines buy from a supplier's declared process: what other parts of the chain
consume of the same product is not that supplier's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chassis.errors import InvalidInput, Location
from footprint.domain.dataset import Dataset
from footprint.domain.errors import UnknownRegion
from footprint.domain.instances import Chain, Place, SystemBuilder
from footprint.domain.product import (
    ActivityData,
    BomLine,
    CitedParameter,
    ProductModel,
    Site,
    SiteKnowledge,
)
from footprint.domain.product_checks import require_known
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import (
    Link,
    LinkedSystem,
    Origin,
    OriginKind,
    Process,
    ProcessKind,
)
from footprint.domain.system_errors import AmbiguousSupplier, SupplierWithoutLine, UnknownMethod

_STRUCTURE = Origin(OriginKind.STRUCTURE)


def link_product(
    model: ProductModel,
    dataset: Dataset,
    method_id: str,
    *,
    suppliers: Sequence[SupplierPcf] = (),
    told_sites: Mapping[str, str] | None = None,
    all_options: bool = False,
) -> LinkedSystem:
    """Link a product to the dataset and to its suppliers' declarations.

    Parameters
    ----------
    method_id
        Characterization method of the dataset.
    suppliers
        Accepted declarations, at most one per bought activity; each replaces the background.
    told_sites
        Regions by activity id that suppliers have disclosed without (or beside) a footprint.
    all_options
        Link the lines and routes of all options, not only of those that are taken. A line or
        route that is not taken has its amount nevertheless: who asks for all chooses itself.

    Raises
    ------
    InvalidInput, UnknownMethod, UncharacterizedFlow, AmbiguousSupplier, SupplierWithoutLine,
    InvalidSupplierFootprint
    """
    if method_id not in dataset.methods or not dataset.methods[method_id].is_climate:
        climate = (id_ for id_, method in dataset.methods.items() if method.is_climate)
        raise UnknownMethod(method_id, tuple(climate))
    require_known(model, dataset)
    year = model.electricity_year or dataset.electricity_year
    told = _checked_sites(told_sites or {}, dataset, year)
    builder = SystemBuilder(dataset)
    builder.suppliers_by_activity = _by_activity(model, suppliers, dataset)
    linked = _Linked(builder, dataset, told, year, all_options)
    product, stages = linked.add(model, ProcessKind.PRODUCT, "")
    return builder.finish(
        method_id,
        product,
        {name: stages[name] for name in model.boundary.stages},
        {name: stages[name] for name in model.boundary.beyond},
    )


class _Linked:
    """Adds a product and its parts to a system, each with the sites and routes of its own."""

    def __init__(
        self,
        builder: SystemBuilder,
        dataset: Dataset,
        told: Mapping[str, str],
        year: int,
        all_options: bool,
    ) -> None:
        self.builder, self.dataset, self.told = builder, dataset, told
        self.year, self.all_options = year, all_options

    def add(
        self,
        model: ProductModel,
        kind: ProcessKind,
        prefix: str,
        bound: Mapping[str, tuple[CitedParameter, ...]] | None = None,
    ) -> tuple[int, dict[str, int]]:
        """Add a product; return its index and those of its stages.

        Parameters
        ----------
        prefix
            Path of the part within the outer product, ending in `/`; empty for the outer one.
        bound
            What the parameters rest on that the outer product sets.
        """
        bound = bound or {}
        builder, chain = self.builder, self._chain(model, prefix)
        path = prefix.removesuffix("/")
        plant = Place(model.plant_region, chain.year)
        product = builder.add_node(
            Process(
                key=f"{prefix}{model.product_id}",
                activity_id=model.product_id,
                region=model.plant_region,
                kind=kind,
                unit=f"{model.declared_unit.amount:g} {model.declared_unit.unit}",
                name_en=model.name_en,
                name_zh=model.name_zh,
            ),
            chain,
            plant,
        )
        inside = model.boundary.stages if prefix else model.boundary.all_stages
        stages: dict[str, int] = {}
        for name in inside:
            site = model.boundary.stage_sites.get(name)
            place = plant if site is None else Place(site.region, site.year or chain.year)
            key = f"{prefix}{model.product_id}/{name}"
            stages[name] = builder.add_stage(key, name, chain, place)
        own_nodes = {model.product_id: product}
        for part in model.intermediates:
            own_nodes[part.id] = builder.add_node(
                Process(
                    key=f"{prefix}{part.id}@{part.region}#own",
                    activity_id=part.id,
                    region=part.region,
                    kind=ProcessKind.INTERMEDIATE,
                    unit=part.unit,
                    name_en=part.name_en,
                    name_zh=part.name_zh,
                ),
                chain,
                Place(part.region, chain.year),
            )
        per_unit = {model.product_id: model.declared_unit.amount}
        for inner in model.parts:
            rests_on = {id_: model.cited(formula, bound) for id_, formula in inner.bindings.items()}
            path_of = f"{prefix}{inner.id}/"
            own_nodes[inner.id], _ = self.add(
                inner.product, ProcessKind.INTERMEDIATE, path_of, rests_on
            )
            per_unit[inner.id] = inner.product.declared_unit.amount
        for name in model.boundary.stages:
            line_id = f"{prefix}stage.{name}"
            builder.links.append(Link(line_id, stages[name], product, 1.0, _STRUCTURE))
        for line in model.lines if self.all_options else model.chosen_lines():
            if line.stage and line.stage not in stages:
                continue  # Beyond the boundary of a part.
            consumer = stages[line.stage] if line.stage else own_nodes[line.consumer_id]
            line_id = f"{prefix}{line.line_id}"
            per = per_unit.get(line.input_id, 1.0)
            cited = model.cited(line.formula, bound) if line.formula else ()
            origin = Origin(OriginKind.LINE, line, path, per, parameters=cited)
            if line.input_id in own_nodes:
                supplier = own_nodes[line.input_id]
                builder.links.append(Link(line_id, supplier, consumer, line.amount / per, origin))
            else:
                builder.add_foreground(
                    line_id,
                    line.input_id,
                    consumer,
                    line.amount,
                    origin,
                    own_plant=_is_own_plant(line, self.dataset),
                )
        return product, stages

    def _chain(self, model: ProductModel, prefix: str) -> Chain:
        sites = {
            site.activity_id: site for site in model.sites if site.known_from is SiteKnowledge.OWN
        }
        for activity_id, region in self.told.items():
            known = sites.get(activity_id, Site(activity_id, region, SiteKnowledge.SUPPLIER))
            sites[activity_id] = replace(known, region=region)
        routes = [choice for choice in model.choices if choice.id in self.dataset.routes]
        return Chain(
            path=tuple(prefix.split("/")[:-1]),
            year=model.electricity_year or self.year,
            sites=sites,
            routes={choice.id: choice.default for choice in routes},
            open_routes={choice.id: tuple(choice.probabilities) for choice in routes}
            if self.all_options
            else {},
        )


def _is_own_plant(line: BomLine, dataset: Dataset) -> bool:
    """Tell whether a line counts in the primary activity share: own energy or own emission.

    Already characterized emissions are somebody's result, not activity data of the plant. A
    material's amount may be the plant's own record as well, but what it causes happens
    elsewhere, by somebody else's activity data.
    """
    if line.activity_data is not ActivityData.OWN_PLANT or line.input_id == dataset.aggregated_flow:
        return False
    activity = dataset.activities.get(line.input_id)
    reference = dataset.activities[dataset.electricity_reference]
    return activity is None or activity.sector == reference.sector


def _checked_sites(sites: Mapping[str, str], dataset: Dataset, year: int) -> Mapping[str, str]:
    for activity_id, region in sites.items():
        if activity_id not in dataset.activities:
            at = Location(field="activity_id", id=activity_id)
            raise InvalidInput((dataset.unlinked(at, activity_id),))
        if region not in dataset.regions(year):
            at = Location(field="region", id=activity_id)
            raise InvalidInput((UnknownRegion(at, region, dataset.regions(year), year),))
    return sites


def _by_activity(
    model: ProductModel, suppliers: Sequence[SupplierPcf], dataset: Dataset
) -> dict[str, SupplierPcf]:
    bought = {*model.bought(), *taken_routes(model, dataset)}
    found: dict[str, SupplierPcf] = {}
    for pcf in suppliers:
        if pcf.activity_id not in bought:
            raise SupplierWithoutLine(pcf.declaration_id, pcf.activity_id, model.product_id)
        if pcf.activity_id in found:
            both = (found[pcf.activity_id].declaration_id, pcf.declaration_id)
            raise AmbiguousSupplier(pcf.activity_id, both)
        found[pcf.activity_id] = pcf
    return found


def taken_routes(model: ProductModel, dataset: Dataset) -> Iterator[str]:
    """Yield the activities behind the market references that a product and its parts buy."""
    options = model.default_options()
    for line in model.chosen_lines():
        routes = dataset.routes.get(line.input_id)
        if routes is not None:
            route = options.get(line.input_id, dataset.default_route(line.input_id).id)
            yield routes[route].activity_id
    for part in model.parts:
        yield from taken_routes(part.product, dataset)
