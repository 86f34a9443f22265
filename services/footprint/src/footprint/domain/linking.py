"""Linking: from a product model and a dataset to a `LinkedSystem`.

Activities are instantiated per site. A unit process buys `electricity_grid` from the market of its
own region; a system process keeps the location of its publisher. Only the maker's own lines buy
from a supplier's declared process: what other parts of the chain consume of the same product is
not that supplier's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.errors import InvalidInput, Location
from footprint.domain.dataset import Activity, ActivityKind, Dataset, ExchangeKind
from footprint.domain.errors import UnknownRegion, UnlinkedInput
from footprint.domain.product import ActivityData, BomLine, ProductModel, SiteKnowledge
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import (
    Emission,
    ForegroundLine,
    Link,
    LinkedSystem,
    Process,
    ProcessKind,
)
from footprint.domain.system_errors import (
    AmbiguousSupplier,
    SupplierWithoutLine,
    UncharacterizedFlow,
    UnknownMethod,
)


def link_product(
    model: ProductModel,
    dataset: Dataset,
    method_id: str,
    *,
    suppliers: Sequence[SupplierPcf] = (),
    told_sites: Mapping[str, str] | None = None,
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

    Raises
    ------
    InvalidInput, UnknownMethod, UncharacterizedFlow, AmbiguousSupplier, SupplierWithoutLine,
    InvalidSupplierFootprint
    """
    sites = {
        site.activity_id: site.region
        for site in model.sites
        if site.known_from is SiteKnowledge.OWN
    }
    sites.update(_checked_sites(told_sites or {}, dataset))
    builder = SystemBuilder(dataset, sites)
    builder.suppliers_by_activity = _by_activity(model, suppliers)
    product = builder.add_node(
        Process(
            key=model.product_id,
            activity_id=model.product_id,
            region=model.plant_region,
            kind=ProcessKind.PRODUCT,
            unit=f"{model.declared_unit.amount:g} {model.declared_unit.unit}",
            name_en=model.name_en,
            name_zh=model.name_zh,
        )
    )
    stages = {
        name: builder.add_stage(model.product_id, name, model.plant_region)
        for name in model.boundary.all_stages
    }
    own_nodes = {model.product_id: product}
    for part in model.intermediates:
        own_nodes[part.id] = builder.add_node(
            Process(
                key=f"{part.id}@{part.region}#own",
                activity_id=part.id,
                region=part.region,
                kind=ProcessKind.INTERMEDIATE,
                unit=part.unit,
                name_en=part.name_en,
                name_zh=part.name_zh,
            )
        )
    for name in model.boundary.stages:
        builder.links.append(Link(f"stage.{name}", stages[name], product, 1.0))
    for line in model.lines:
        consumer = stages[line.stage] if line.stage else own_nodes[line.consumer_id]
        if line.input_id in own_nodes:
            amount = line.amount
            if line.input_id == model.product_id:
                amount /= model.declared_unit.amount
            builder.links.append(Link(line.line_id, own_nodes[line.input_id], consumer, amount))
        else:
            builder.add_foreground(
                line.line_id,
                line.input_id,
                consumer,
                line.amount,
                own_plant=_is_own_plant(line, dataset),
            )
    return builder.finish(
        method_id,
        product,
        {name: stages[name] for name in model.boundary.stages},
        {name: stages[name] for name in model.boundary.beyond},
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


def _checked_sites(sites: Mapping[str, str], dataset: Dataset) -> Mapping[str, str]:
    for activity_id, region in sites.items():
        if activity_id not in dataset.activities:
            at = Location(field="activity_id", id=activity_id)
            closest = dataset.closest(activity_id)
            raise InvalidInput((UnlinkedInput(at, activity_id, closest),))
        if region not in dataset.markets:
            at = Location(field="region", id=activity_id)
            raise InvalidInput((UnknownRegion(at, region, tuple(dataset.markets)),))
    return sites


def _by_activity(model: ProductModel, suppliers: Sequence[SupplierPcf]) -> dict[str, SupplierPcf]:
    bought = {line.input_id for line in model.lines}
    found: dict[str, SupplierPcf] = {}
    for pcf in suppliers:
        if pcf.activity_id not in bought:
            raise SupplierWithoutLine(pcf.declaration_id, pcf.activity_id, model.product_id)
        if pcf.activity_id in found:
            both = (found[pcf.activity_id].declaration_id, pcf.declaration_id)
            raise AmbiguousSupplier(pcf.activity_id, both)
        found[pcf.activity_id] = pcf
    return found


@dataclass(slots=True)
class SystemBuilder:
    """Instantiates activities on demand and walks their inputs.

    Attributes
    ----------
    sites
        Known regions by activity id; all other unit processes stand in the default region.
    """

    dataset: Dataset
    sites: Mapping[str, str]
    suppliers_by_activity: Mapping[str, SupplierPcf] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    emissions: list[Emission] = field(default_factory=list)
    foreground: list[ForegroundLine] = field(default_factory=list)
    suppliers: dict[int, SupplierPcf] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)
    _to_walk: list[int] = field(default_factory=list)

    def add_node(self, process: Process) -> int:
        """Add a process whose inputs the caller adds."""
        self._index[process.key] = len(self.processes)
        self.processes.append(process)
        return self._index[process.key]

    def add_stage(self, product_id: str, stage: str, region: str) -> int:
        """Add the node that collects one life-cycle stage of a declared unit."""
        key = f"{product_id}/{stage}"
        return self.add_node(Process(key, stage, region, ProcessKind.STAGE, "1", stage, stage))

    def add_foreground(
        self, line_id: str, input_id: str, consumer: int, amount: float, *, own_plant: bool
    ) -> None:
        """Add a purchase or a direct emission of the maker's own model."""
        if input_id in self.dataset.flows:
            self.emissions.append(Emission(line_id, input_id, consumer, amount))
            supplier, flow_id, key = None, input_id, input_id
        else:
            region = self.processes[consumer].region
            if input_id in self.suppliers_by_activity:
                supplier = self._supplier_process(self.suppliers_by_activity[input_id])
            else:
                supplier = self._instance(input_id, region)
            flow_id, key = None, self.processes[supplier].key
            self.links.append(Link(line_id, supplier, consumer, amount))
        self.foreground.append(
            ForegroundLine(
                line_id=line_id,
                input_id=input_id,
                input_key=key,
                supplier=supplier,
                flow_id=flow_id,
                consumer=consumer,
                amount=amount,
                own_plant=own_plant,
            )
        )

    def finish(
        self,
        method_id: str,
        product: int,
        stages: Mapping[str, int],
        beyond: Mapping[str, int],
    ) -> LinkedSystem:
        """Walk everything upstream and characterize what is emitted."""
        while self._to_walk:
            self._walk(self._to_walk.pop())
        return LinkedSystem(
            method_id=method_id,
            processes=tuple(self.processes),
            links=tuple(self.links),
            emissions=tuple(self.emissions),
            factors=self._factors(method_id),
            product=product,
            stages=stages,
            beyond=beyond,
            foreground=tuple(self.foreground),
            suppliers=self.suppliers,
        )

    def _instance(self, activity_id: str, consumer_region: str) -> int:
        """Index of the instance of an activity that a consumer in a region buys from."""
        dataset = self.dataset
        activity = dataset.activities[activity_id]
        region = self.sites.get(activity_id, dataset.default_region)
        if activity.kind is ActivityKind.MARKET_REFERENCE:
            activity = dataset.activities[dataset.markets[consumer_region].activity_id]
            region = consumer_region
        if activity.kind is ActivityKind.SYSTEM_PROCESS:
            region = activity.location
        key = f"{activity.id}@{region}"
        if key not in self._index:
            self._to_walk.append(self.add_node(_process_of(activity, key, region)))
        return self._index[key]

    def _supplier_process(self, pcf: SupplierPcf) -> int:
        activity = self.dataset.activities[pcf.activity_id]
        key = f"{pcf.activity_id}@{pcf.region}#supplier"
        if key in self._index:
            return self._index[key]
        index = self.add_node(
            Process(
                key=key,
                activity_id=pcf.activity_id,
                region=pcf.region,
                kind=ProcessKind.SUPPLIER,
                unit=activity.unit,
                name_en=activity.name_en,
                name_zh=activity.name_zh,
            )
        )
        self.emissions.append(
            Emission(
                line_id=pcf.declaration_id,
                flow_id=self.dataset.aggregated_flow,
                process=index,
                amount=pcf.per(activity.unit),
            )
        )
        self.suppliers[index] = pcf
        return index

    def _walk(self, index: int) -> None:
        process = self.processes[index]
        for exchange in self.dataset.exchanges.get(process.activity_id, ()):
            if exchange.kind is ExchangeKind.ELEMENTARY:
                self.emissions.append(
                    Emission(exchange.line_id, exchange.input_id, index, exchange.amount)
                )
            else:
                supplier = self._instance(exchange.input_id, process.region)
                self.links.append(Link(exchange.line_id, supplier, index, exchange.amount))

    def _factors(self, method_id: str) -> dict[str, float]:
        factors = self.dataset.factors.get(method_id)
        if factors is None:
            raise UnknownMethod(method_id, tuple(self.dataset.factors))
        flows = sorted({emission.flow_id for emission in self.emissions})
        missing = tuple(flow for flow in flows if flow not in factors)
        if missing:
            raise UncharacterizedFlow(method_id, missing)
        return {flow: factors[flow].factor for flow in flows}


def _process_of(activity: Activity, key: str, region: str) -> Process:
    kind = (
        ProcessKind.SYSTEM_PROCESS
        if activity.kind is ActivityKind.SYSTEM_PROCESS
        else ProcessKind.UNIT_PROCESS
    )
    return Process(
        key=key,
        activity_id=activity.id,
        region=region,
        kind=kind,
        unit=activity.unit,
        name_en=activity.name_en,
        name_zh=activity.name_zh,
    )
