"""Whether a product that was read before still stands on the dataset at hand."""

from collections.abc import Iterator

from chassis.errors import InvalidInput, Location, Violation
from footprint.domain.dataset import Dataset
from footprint.domain.errors import NotOneOf, UnknownRegion
from footprint.domain.product import ProductModel


def require_known(model: ProductModel, dataset: Dataset) -> None:
    """Check that all that a product names is in a dataset, which may be newer than the product.

    Raises
    ------
    InvalidInput
        With every input, route and region that is not there; successors of retired activities are
        named.
    """
    found = tuple(_missing(model, dataset))
    if found:
        raise InvalidInput(found)


def _missing(model: ProductModel, dataset: Dataset) -> Iterator[Violation]:
    own = {
        model.product_id,
        *(part.id for part in model.intermediates),
        *(part.id for part in model.parts),
    }
    for line in model.lines:
        known = line.input_id in dataset.activities or line.input_id in dataset.flows
        if not known and line.input_id not in own:
            at = Location(field="input_id", row=line.row, id=line.line_id, table="lines")
            yield dataset.unlinked(at, line.input_id)
    for row, site in enumerate(model.sites, start=1):
        for field, item_id in (
            ("activity_id", site.activity_id),
            ("electricity", site.electricity),
        ):
            if item_id and item_id not in dataset.activities:
                yield dataset.unlinked(Location(field=field, row=row, table="sites"), item_id)
    for choice in model.choices:
        routes = dataset.routes.get(choice.id, {})
        for option in choice.probabilities if routes else ():
            if option not in routes:
                at = Location(field=f"choices.{choice.id}")
                yield NotOneOf(at, value=option, allowed=tuple(routes))
    year = model.electricity_year or dataset.electricity_year
    for field, region, of_year in _regions(model, year):
        if (region, of_year) not in dataset.markets:
            yield UnknownRegion(Location(field=field), region, dataset.regions(of_year), of_year)
    for part in model.parts:
        yield from _missing(part.product, dataset)


def _regions(model: ProductModel, year: int) -> Iterator[tuple[str, str, int]]:
    """Yield each region that a product names, with its field and the year of its electricity."""
    yield "plant_region", model.plant_region, year
    for part in model.intermediates:
        yield f"intermediates.{part.id}", part.region, year
    for site in model.sites:
        yield f"sites.{site.activity_id}", site.region, year
    for stage, place in model.boundary.stage_sites.items():
        yield f"boundary.stage_sites.{stage}", place.region, place.year or year
