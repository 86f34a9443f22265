"""What the pages on the data say of the product templates, computed once for all their tests."""

from functools import cache

from pydantic import SecretStr

from footprint.bootstrap import load_methodology
from footprint.data.shipped import load_product_template
from footprint.domain.dataset_system import link_dataset
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_rows import read_product_document
from footprint.settings import FootprintSettings

METHODOLOGY = load_methodology(FootprintSettings(client_secret=SecretStr("not used")))
METHOD = "ipcc_ar6_gwp100_v2"


@cache
def unit_scores() -> dict[str, float]:
    """Return what one unit of each activity causes in its default place [kg CO2e / unit]."""
    system = link_dataset(METHODOLOGY.dataset)
    scores = METHODOLOGY.explaining_engine.solve(system).unit_scores
    return {
        process.activity_id: score for process, score in zip(system.processes, scores, strict=True)
    }


@cache
def impacts_of(template: str) -> dict[str, Impact]:
    """Return the impacts of an unchanged template by method."""
    dataset = METHODOLOGY.dataset
    return impacts_of_model(read_product_document(load_product_template(template), dataset))


def impacts_of_model(model: ProductModel) -> dict[str, Impact]:
    """Return the impacts of a product on background data alone, by method."""
    system = link_product(model, METHODOLOGY.dataset, METHOD, suppliers=[])
    solution = METHODOLOGY.explaining_engine.solve(system)
    return {each.method_id: each for each in impacts(system, solution, METHODOLOGY.dataset)}


def aggregated_percent(found: dict[str, Impact]) -> float:
    """Return the share of the headline that is one figure in CO2e without its gases [%]."""
    headline = found[METHOD].amount
    total = found["ipcc_ar6_gwp20_v1"].not_separable_kg_co2e
    assert headline is not None
    assert total is not None
    return 100.0 * total / headline
