"""Which variants of a template are computed: places, routes, boundaries, as changed documents."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from footprint.domain.dataset import ActivityKind, Dataset
from footprint.domain.product_parts import ProductDocument

#: Locations of activities that stand for no place in particular.
ANYWHERE = ("CN", "GLO")


@dataclass(frozen=True, slots=True)
class Case:
    """A variant of a template.

    Attributes
    ----------
    options
        Option by choice; `part/choice` for a choice of a part. Others are the template's.
    """

    product: str
    boundary: str = "cradle_to_gate"
    place: str = "template"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        chosen = [f"{choice}={option}" for choice, option in self.options]
        return ":".join([self.product, self.boundary, self.place, *chosen])


@dataclass(frozen=True, slots=True)
class Plan:
    """What is computed of one product, an entry of `products` in `plan.json`."""

    entry: Mapping[str, Any]
    places: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    @property
    def own_boundary(self) -> str:
        """The boundary of most published values: that of the first panel."""
        return str(self.entry["panels"][0]["boundary"])

    def place_of(self, region: str) -> str:
        """Place of ours that a published region is set beside."""
        return str(self.entry["counterparts"].get(region, "template"))

    def headline(self, place: str = "template") -> Case:
        """Return the case that the headline of a place is taken from."""
        return Case(self.id, str(self.entry.get("headline", self.own_boundary)), place)

    def routes(self, document: ProductDocument) -> Iterator[tuple[str, str, bool]]:
        """Yield choice, option and whether the template takes it, of all routes that are varied."""
        for choice in self.entry["routes"]:
            owner, _, name = choice.rpartition("/")
            header = _part(document, owner).header if owner else document.header
            (found,) = (each for each in header["choices"] if each["id"] == name)
            for option in found["options"]:
                yield choice, option["id"], option["id"] == found["default"]


def _part(document: ProductDocument, part_id: str) -> ProductDocument:
    (part,) = (each for each in document.header["parts"] if each["id"] == part_id)
    return document.parts[part["product_id"]]


def changed(document: ProductDocument, case: Case, plan: Plan, dataset: Dataset) -> ProductDocument:
    """Return the document of a template as a case has it."""
    boundary, place = plan.entry["boundaries"][case.boundary], plan.places[case.place]
    moved = _placed(document, place, dataset)
    header = deepcopy(dict(moved.header))
    stages = [*header["boundary"]["stages"], *header["boundary"].get("beyond", [])]
    header["boundary"]["stages"] = boundary["stages"]
    header["boundary"]["beyond"] = [each for each in stages if each not in boundary["stages"]]
    if "use" in place:
        region, year = place["use"]
        header["boundary"]["stage_sites"]["use"] = {"region": region, "year": year}
    for choice, option in case.options:
        _choose(header, choice, option)
    without = boundary.get("without", ())
    lines = [line for line in moved.lines if line["line_id"] not in without]
    return replace(moved, header=header, lines=lines)


def _choose(header: dict[str, Any], choice: str, option: str) -> None:
    owner, _, name = choice.rpartition("/")
    if owner:
        (part,) = (each for each in header["parts"] if each["id"] == owner)
        part["choices"] = {**part.get("choices", {}), name: option}
        return
    (found,) = (each for each in header["choices"] if each["id"] == name)
    found["default"] = option


def _placed(
    document: ProductDocument, place: Mapping[str, Any], dataset: Dataset
) -> ProductDocument:
    """Return a document with plant and chain at a place; sites abroad stay where they are."""
    header = deepcopy(dict(document.header))
    region = place.get("chain") or place.get("plant")
    if region is not None:
        header["plant_region"] = region
        for part in header.get("intermediates", []):
            part.pop("region", None)
    sites = document.sites
    if "chain" in place:
        abroad = [dict(site) for site in sites if not str(site["region"]).startswith("CN")]
        kept = {str(site["activity_id"]) for site in abroad}
        moved = chain_sites(place["chain"], dataset)
        sites = [*abroad, *(site for site in moved if site["activity_id"] not in kept)]
    parts = {id_: _placed(part, place, dataset) for id_, part in document.parts.items()}
    return replace(document, header=header, sites=sites, parts=parts)


def chain_sites(region: str, dataset: Dataset) -> list[dict[str, str]]:
    """Return sites of all that buys from a market: at a region, or where it really stands.

    A mine in Australia or a salt lake in Qinghai cannot move; its activity has a location other
    than China or the world as a whole.
    """
    known = dataset.regions()
    found = []
    for id_, activity in dataset.activities.items():
        bought = {exchange.input_id for exchange in dataset.exchanges.get(id_, ())}
        if activity.kind is not ActivityKind.UNIT_PROCESS:
            continue
        if dataset.electricity_reference not in bought:
            continue
        at = activity.location
        at = region if at in ANYWHERE or at not in known else at
        found.append({"activity_id": id_, "region": at, "known_from": "own", "note": ""})
    return found
