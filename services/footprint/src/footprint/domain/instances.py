"""Instances: which process stands behind what a node of the system buys.

Activities are instantiated per site. A unit process buys `electricity_grid` from the market of its
own region, or from what supplies its site; a market reference of a route stands for the activity
of the route that is taken. A published total, and whatever buys from no market, keeps its location.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chassis.errors import InvalidInput, Location
from footprint.domain.dataset import Activity, ActivityKind, Dataset, ExchangeKind
from footprint.domain.errors import UnknownRegion
from footprint.domain.product import Site
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import (
    Emission,
    ForegroundLine,
    Link,
    LinkedSystem,
    Origin,
    OriginKind,
    Process,
    ProcessKind,
)
from footprint.domain.system_errors import UncharacterizedFlow, UnknownMethod


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process stands, and what electricity it buys.

    Attributes
    ----------
    electricity
        Activity that supplies it; empty for the market of region and year.
    """

    region: str
    year: int
    electricity: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The supply chain of a product or of a part: what its maker knows of it.

    Attributes
    ----------
    path
        Ids of the parts from the outside in; empty for the product itself.
    sites
        Known sites by activity or reference; all other unit processes stand where the dataset has
        them.
    routes
        Option that is taken, by reference.
    open_routes
        References of which several options are linked, with these.
    """

    path: tuple[str, ...]
    year: int
    sites: Mapping[str, Site] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)
    open_routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "/".join(self.path)


@dataclass(slots=True)
class SystemBuilder:
    """Instantiates activities on demand and walks their inputs."""

    dataset: Dataset
    suppliers_by_activity: Mapping[str, SupplierPcf] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    emissions: list[Emission] = field(default_factory=list)
    foreground: list[ForegroundLine] = field(default_factory=list)
    suppliers: dict[int, SupplierPcf] = field(default_factory=dict)
    _chains: list[Chain] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _instances: dict[tuple[object, ...], int] = field(default_factory=dict)
    _to_walk: list[int] = field(default_factory=list)
    _bound_to_places: dict[str, bool] = field(default_factory=dict)

    def add_node(self, process: Process, chain: Chain, place: Place) -> int:
        """Add a process whose inputs the caller adds; a key that is taken gets a number."""
        key, count = process.key, 1
        while key in self._keys:
            count += 1
            key = f"{process.key}~{count}"
        self._keys.add(key)
        self.processes.append(replace(process, key=key))
        self._chains.append(chain)
        self._places.append(place)
        return len(self.processes) - 1

    def add_stage(self, key: str, stage: str, chain: Chain, place: Place) -> int:
        """Add the node that collects one life-cycle stage of a declared unit."""
        process = Process(key, stage, place.region, ProcessKind.STAGE, "1", stage, stage)
        return self.add_node(process, chain, place)

    def add_foreground(
        self,
        line_id: str,
        input_id: str,
        consumer: int,
        amount: float,
        origin: Origin,
        *,
        own_plant: bool,
    ) -> None:
        """Add a purchase or a direct emission of the maker's own model."""
        if input_id in self.dataset.flows:
            self.emissions.append(Emission(line_id, input_id, consumer, amount, origin))
            supplier, flow_id, key = None, input_id, input_id
        else:
            declared = self._declared(input_id, consumer)
            if declared is not None:
                supplier = self._supplier_process(declared, consumer)
            else:
                supplier = self._instance(input_id, consumer)
            flow_id, key = None, self.processes[supplier].key
            self.links.append(Link(line_id, supplier, consumer, amount, origin))
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
        """Walk everything upstream and characterize what is emitted.

        Raises
        ------
        UnknownMethod, UncharacterizedFlow
        """
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

    def _declared(self, input_id: str, consumer: int) -> SupplierPcf | None:
        """Return the supplier of an input, or of the route by which a reference is had."""
        found = self.suppliers_by_activity.get(input_id)
        if found is None and input_id in self.dataset.routes:
            taken = self._taken(input_id, self._chains[consumer])
            found = self.suppliers_by_activity.get(taken.id)
        return found

    def _taken(self, reference_id: str, chain: Chain) -> Activity:
        """Return the activity of the route that a chain takes."""
        route = chain.routes.get(reference_id, self.dataset.default_route(reference_id).id)
        return self.dataset.activities[self.dataset.routes[reference_id][route].activity_id]

    def _instance(self, activity_id: str, consumer: int) -> int:
        """Index of the instance of an activity that a node buys from."""
        chain, place = self._chains[consumer], self._places[consumer]
        activity = self.dataset.activities[activity_id]
        if activity_id == self.dataset.electricity_reference:
            supplier = self.dataset.activities[self._electricity(consumer)]
            return self._node(supplier, chain, Place(place.region, place.year))
        if activity.kind is ActivityKind.MARKET_REFERENCE:
            if activity_id in chain.open_routes:
                return self._open_market(activity, chain)
            return self._bought(self._taken(activity_id, chain), chain, activity_id)
        return self._bought(activity, chain, activity_id)

    def _electricity(self, consumer: int) -> str:
        """Return the activity that supplies a node's electricity: its site's own, or the market's.

        Raises
        ------
        InvalidInput
            If the dataset has no market where a process of it stands.
        """
        place = self._places[consumer]
        if place.electricity:
            return place.electricity
        market = self.dataset.markets.get((place.region, place.year))
        if market is None:
            at = Location(field="location", id=self.processes[consumer].key)
            known = self.dataset.regions(place.year)
            raise InvalidInput((UnknownRegion(at, place.region, known, place.year),))
        return market.activity_id

    def _bought(self, activity: Activity, chain: Chain, named: str) -> int:
        """Instance of an activity at the site where it is known to stand, by itself or as named.

        Without a site it stands where the dataset has it, a mine in its country, a salt lake in its
        province; if there is no market, in the default region.
        """
        site = chain.sites.get(activity.id) or chain.sites.get(named)
        if site is None:
            known = (activity.location, chain.year) in self.dataset.markets
            region = activity.location if known else self.dataset.default_region
            return self._node(activity, chain, Place(region, chain.year))
        return self._node(activity, chain, Place(site.region, chain.year, site.electricity))

    def _node(self, activity: Activity, chain: Chain, place: Place) -> int:
        """Instance of an activity, one for whatever is the same of chain and place."""
        if self._keeps_its_place(activity):
            chain, place = Chain((), chain.year), Place(activity.location, chain.year)
        identity = (activity.id, chain.path, place)
        if identity not in self._instances:
            process = _process_of(activity, self._key(activity, chain, place), place.region)
            self._instances[identity] = self.add_node(process, chain, place)
            self._to_walk.append(self._instances[identity])
        return self._instances[identity]

    def _open_market(self, reference: Activity, chain: Chain) -> int:
        """Node that the routes of a choice supply, so that a sample may take any of them."""
        identity = (reference.id, chain.path)
        if identity in self._instances:
            return self._instances[identity]
        place = Place(self.dataset.default_region, chain.year)
        process = _process_of(reference, self._key(reference, chain, place), place.region)
        index = self._instances[identity] = self.add_node(process, chain, place)
        for option in chain.open_routes[reference.id]:
            route = self.dataset.routes[reference.id][option]
            activity = self.dataset.activities[route.activity_id]
            supplier = self._bought(activity, chain, reference.id)
            origin = Origin(OriginKind.ROUTE, part=chain.name, route=(reference.id, option))
            taken = float(chain.routes[reference.id] == option)
            line_id = f"{reference.id}={option}"
            self.links.append(Link(line_id, supplier, index, taken, origin))
        return index

    @staticmethod
    def _key(activity: Activity, chain: Chain, place: Place) -> str:
        return f"{activity.id}@{place.region}" + (f"#{chain.name}" if chain.path else "")

    def _keeps_its_place(self, activity: Activity) -> bool:
        """Tell whether nothing upstream of an activity depends on where its consumer stands."""
        if activity.kind is ActivityKind.SYSTEM_PROCESS:
            return True
        return self.dataset.is_electricity(activity.id) and not self._is_bound(activity.id)

    def _is_bound(self, activity_id: str) -> bool:
        """Tell whether an activity buys from a market, directly or upstream."""
        if activity_id not in self._bound_to_places:
            seen, to_walk, bound = {activity_id}, [activity_id], False
            while to_walk and not bound:
                for exchange in self.dataset.exchanges.get(to_walk.pop(), ()):
                    if exchange.kind is ExchangeKind.ELEMENTARY or exchange.input_id in seen:
                        continue
                    kind = self.dataset.activities[exchange.input_id].kind
                    bound = bound or kind is ActivityKind.MARKET_REFERENCE
                    seen.add(exchange.input_id)
                    to_walk.append(exchange.input_id)
            self._bound_to_places[activity_id] = bound
        return self._bound_to_places[activity_id]

    def _supplier_process(self, pcf: SupplierPcf, consumer: int) -> int:
        activity = self.dataset.activities[pcf.activity_id]
        identity = ("supplier", pcf.declaration_id)
        if identity in self._instances:
            return self._instances[identity]
        index = self._instances[identity] = self.add_node(
            Process(
                key=f"{pcf.activity_id}@{pcf.region}#supplier",
                activity_id=pcf.activity_id,
                region=pcf.region,
                kind=ProcessKind.SUPPLIER,
                unit=activity.unit,
                name_en=activity.name_en,
                name_zh=activity.name_zh,
            ),
            self._chains[consumer],
            self._places[consumer],
        )
        self.emissions.append(
            Emission(
                line_id=pcf.declaration_id,
                flow_id=self.dataset.aggregated_flow,
                process=index,
                amount=pcf.per(activity.unit),
                origin=Origin(OriginKind.DECLARATION),
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
                supplier = self._instance(exchange.input_id, index)
                self.links.append(Link(exchange.line_id, supplier, index, exchange.amount))

    def _factors(self, method_id: str) -> dict[str, float]:
        """Factors of the flows that occur; one that no climate method counts has zero.

        Raises
        ------
        UnknownMethod
            If the dataset has no such method.
        UncharacterizedFlow
            If a greenhouse gas has no factor: it would count as nothing.
        """
        dataset = self.dataset
        factors = dataset.factors.get(method_id)
        if factors is None:
            raise UnknownMethod(method_id, tuple(dataset.factors))
        counted = {
            flow
            for id_, method in dataset.methods.items()
            if method.is_climate
            for flow in dataset.factors[id_]
        }
        flows = sorted({emission.flow_id for emission in self.emissions})
        missing = tuple(flow for flow in flows if flow not in factors and flow in counted)
        if missing:
            raise UncharacterizedFlow(method_id, missing)
        return {flow: factors[flow].factor if flow in factors else 0.0 for flow in flows}


def _process_of(activity: Activity, key: str, region: str) -> Process:
    kinds = {
        ActivityKind.SYSTEM_PROCESS: ProcessKind.SYSTEM_PROCESS,
        ActivityKind.UNIT_PROCESS: ProcessKind.UNIT_PROCESS,
        ActivityKind.MARKET_REFERENCE: ProcessKind.MARKET,
    }
    return Process(
        key=key,
        activity_id=activity.id,
        region=region,
        kind=kinds[activity.kind],
        unit=activity.unit,
        name_en=activity.name_en,
        name_zh=activity.name_zh,
    )
