"""Two salts, two places, two years: products of which anybody can compute the score.

Electricity is 0.5 kg CO2e/kWh in A and 0.1 in B in 2024, 0.4 and 0.05 in 2025. Brine salt takes
1 kWh, rock salt 4 kWh; both stand in A unless a site says otherwise.
"""

from typing import Any

from services.footprint.tests.textbook_dataset import (
    CITED,
    activity,
    exchange,
    market,
    textbook_dataset,
)

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.bootstrap import run_analysis
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_inventory import product_inventory


def route(route_id: str, activity_id: str, is_default: str) -> dict[str, str]:
    names = {"name_en": route_id, "name_zh": route_id}
    return {
        "reference_id": "salt",
        "route_id": route_id,
        "activity_id": activity_id,
        "is_default": is_default,
        **names,
        **CITED,
    }


def salts_dataset() -> Dataset:
    """Return the dataset of two salts; see the module."""
    activities = [
        activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
        activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_a_25", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b_25", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("own_pv", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("steam", "MJ", "system_process", product="Electricity", sector="energy"),
        activity("salt", "kg", "market_reference", product="Salt"),
        activity("brine_salt", "kg", "unit_process", product="Salt"),
        activity("rock_salt", "kg", "unit_process", product="Salt"),
    ]
    exchanges = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("power_a_25", "elementary", "co2e", 0.4, "kg CO2e"),
        exchange("power_b_25", "elementary", "co2e", 0.05, "kg CO2e"),
        exchange("own_pv", "elementary", "co2e", 0.03, "kg CO2e"),
        exchange("steam", "elementary", "co2e", 9, "kg CO2e"),
        exchange("brine_salt", "technosphere", "grid", 1, "kWh"),
        exchange("rock_salt", "technosphere", "grid", 4, "kWh"),
    ]
    return textbook_dataset(
        activities,
        exchanges,
        markets=[
            market("A", "power_a"),
            market("B", "power_b"),
            market("A", "power_a_25", 2025),
            market("B", "power_b_25", 2025),
        ],
        routes=[route("brine", "brine_salt", "true"), route("rock", "rock_salt", "false")],
        retired=[
            {
                "id": "sea_salt",
                "successor_id": "salt",
                "version": "1",
                "reason_en": "Routes are told apart.",
                "reason_zh": "按路线区分。",
            }
        ],
    )


def header(**more: Any) -> dict[str, Any]:
    """Return the header of a pan made in B."""
    return {
        "format": "greenchain-product/1",
        "product_id": "pan",
        "name": {"en": "pan", "zh": "锅"},
        "declared_unit": {"amount": 1, "unit": "piece"},
        "plant_region": "B",
        "boundary": {"name": "cradle_to_grave", "stages": ["raw_materials", "use"]},
        **more,
    }


def total(model: ProductModel, dataset: Dataset) -> float:
    """Return the headline of a product, linked and solved by our engine."""
    return GreenchainEngine().solve(link_product(model, dataset, "gwp")).scores.total


def score(model: ProductModel, dataset: Dataset, **scenario: Any) -> float:
    """Return the score of a product as an inventory model, by our engine."""
    document = product_inventory(model, dataset, {"gwp"})
    options: dict[str, Any] = {"methods": ["gwp"]}
    if scenario:
        document["scenarios"] = [{"id": "other", **scenario}]
        options["scenario"] = "other"
    found = run_analysis("calculate", document, options)
    return float(found["results"][0]["score"])
