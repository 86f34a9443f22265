"""All activities of a dataset as one system, each in its default place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chassis.errors import InvalidInput, Location
from footprint.domain.dataset import ActivityKind, Dataset
from footprint.domain.errors import UnknownRegion
from footprint.domain.instances import Chain, Place, SystemBuilder
from footprint.domain.product import Site, SiteKnowledge
from footprint.domain.system import LinkedSystem, Origin, OriginKind, Process, ProcessKind

#: Node that asks for one unit of every activity; no activity is called so.
EVERYTHING = "dataset#everything"


def link_dataset(dataset: Dataset, region: str | None = None) -> LinkedSystem:
    """Instantiate every activity; the product of the system takes one unit of each.

    It is characterized by the first method that counts published totals, if there is one.

    Parameters
    ----------
    region
        Where unit processes stand, by default the dataset's own default region.

    Raises
    ------
    InvalidInput
        If the region has no electricity market in the dataset's year.
    UncharacterizedFlow
        If the method forgets a gas that others count.
    """
    dataset = placed(dataset, region)
    total = dataset.aggregated_flow
    counting = (id_ for id_, factors in dataset.factors.items() if total in factors)
    method_id = next(counting, next(iter(dataset.methods)))
    place = Place(dataset.default_region, dataset.electricity_year)
    builder, chain = SystemBuilder(dataset), _chain(dataset, place.year, region)
    node = Process(EVERYTHING, EVERYTHING, place.region, ProcessKind.PRODUCT, "1", "", "")
    product = builder.add_node(node, chain, place)
    for activity in dataset.activities.values():
        if activity.kind is not ActivityKind.MARKET_REFERENCE:
            origin = Origin(OriginKind.STRUCTURE)
            builder.add_foreground(activity.id, activity.id, product, 1.0, origin, own_plant=False)
    return builder.finish(method_id, product, {}, {})


def placed(dataset: Dataset, region: str | None) -> Dataset:
    """Return a dataset with another default region, or as it is.

    Raises
    ------
    InvalidInput
        If the region has no electricity market in the dataset's year.
    """
    if region is None:
        return dataset
    known, year = dataset.regions(), dataset.electricity_year
    if region not in known:
        raise InvalidInput((UnknownRegion(Location("region"), region, known, year),))
    return replace(dataset, default_region=region)


def _chain(dataset: Dataset, year: int, region: str | None) -> Chain:
    """Return the chain in which all unit processes stand in one region, if there is one."""
    if region is None:
        return Chain((), year)
    sites = {
        id_: Site(id_, region, SiteKnowledge.OWN)
        for id_, activity in dataset.activities.items()
        if activity.kind is ActivityKind.UNIT_PROCESS
    }
    return Chain((), year, sites)


@dataclass(frozen=True, slots=True)
class PlacedFlow:
    """A flow, where it matters at a place: some methods have other factors elsewhere.

    Attributes
    ----------
    location
        Empty where no method asks for it.
    """

    flow_id: str
    location: str

    @property
    def key(self) -> str:
        return f"{self.flow_id}@{self.location}" if self.location else self.flow_id


def placed_flows(system: LinkedSystem, dataset: Dataset) -> Iterator[tuple[int, PlacedFlow, float]]:
    """Yield process, flow and amount of all emissions of a system."""
    regional = {
        flow for method_id in dataset.regional_factors for flow in dataset.factors[method_id]
    }
    for emission in system.emissions:
        region = system.processes[emission.process].region
        location = region if emission.flow_id in regional else ""
        yield emission.process, PlacedFlow(emission.flow_id, location), emission.amount
