"""A pan whose impacts, shares and data quality anybody can compute with a pencil.

A pan takes 2 kg of steel and 1 kg of recycling, and emits 1 kg of CO2 at the plant; at its end it
takes 1 kg of lime. Everything stands in A but lime, a total published in FR.

=========  ==========================  =========================================================
activity   takes                       emits
=========  ==========================  =========================================================
steel      0.5 kg of lime (computed)   1 kg CO2, 0.01 kg CH4 and 3 m3 of water (verified)
lime                                   0.2 kg CO2e (assumption), 1 m3 of water (computed)
recycling  −1 kg of steel, a credit    0.5 kg CO2e (computed)
           (secondary copy)
=========  ==========================  =========================================================
"""

from collections.abc import Mapping
from typing import Any

from services.footprint.tests.textbook_dataset import (
    CITED,
    activity,
    exchange,
    factor,
    flow,
    method,
    textbook_dataset,
)

from footprint.domain.dataset import Dataset
from footprint.domain.product import ProductModel
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import LINE_FIELDS, read_product_document

VERIFIED, SECONDARY = "verified in source text", "verified in secondary copy"


def pan_dataset(**changes: list[dict[str, str]]) -> Dataset:
    """Return the dataset; `changes` replace its tables."""
    activities = [
        activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
        activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("steel", "kg", "unit_process"),
        activity("lime", "kg", "system_process", location="FR"),
        activity("recycling", "kg", "unit_process"),
    ]
    exchanges = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("steel", "technosphere", "lime", 0.5, "kg") | {"confidence": "computed"},
        exchange("steel", "elementary", "co2", 1, "kg"),
        exchange("steel", "elementary", "ch4", 0.01, "kg"),
        exchange("steel", "elementary", "water", 3, "m3"),
        exchange("lime", "elementary", "co2e", 0.2, "kg CO2e") | {"confidence": "assumption"},
        exchange("lime", "elementary", "water", 1, "m3") | {"confidence": "computed"},
        exchange("recycling", "technosphere", "steel", -1, "kg") | {"confidence": SECONDARY},
        exchange("recycling", "elementary", "co2e", 0.5, "kg CO2e") | {"confidence": "computed"},
    ]
    water = {"kind": "other", "category": "water_use", "unit": "m3"}
    world = water | {"unit": "m3 world eq"}
    tables: dict[str, list[dict[str, str]]] = {
        "activities": activities,
        "exchanges": exchanges,
        "elementary_flows": [
            flow("co2", "kg"),
            flow("co2e", "kg CO2e"),
            flow("ch4", "kg"),
            flow("water", "m3"),
        ],
        "methods": [
            method("gwp"),
            method("gwp20", verdict="screening"),
            method("water", threshold_percent="40", **water),
            method("scarcity", threshold_percent="40", **world),
        ],
        "characterization": [
            factor("gwp", "co2", 1, "kg"),
            factor("gwp", "co2e", 1, "kg CO2e"),
            factor("gwp", "ch4", 30, "kg"),
            factor("gwp20", "co2", 1, "kg"),
            factor("gwp20", "ch4", 80, "kg"),
            factor("water", "water", 1, "m3") | {"unit": "m3/m3"},
            factor("scarcity", "water", 2, "m3") | {"unit": "m3 world eq/m3"},
        ],
        "regional_factors": [place("A", 10), place("GLO", 5)],
        "coverage": [
            covered("steel", "water", "full"),
            covered("steel", "scarcity", "partial"),
            covered("lime", "water", "none"),
            covered("recycling", "water", "none"),
        ],
    }
    return textbook_dataset(**(tables | changes))


def place(location: str, value: float) -> dict[str, str]:
    """Return a row of `regional_factors.csv` of the method `scarcity`."""
    return {
        "method_id": "scarcity",
        "location": location,
        "factor": str(value),
        "unit": "1",
        **CITED,
    }


def covered(activity_id: str, method_id: str, coverage: str) -> dict[str, str]:
    """Return a row of `coverage.csv`."""
    return {
        "activity_id": activity_id,
        "method_id": method_id,
        "coverage": coverage,
        "reason": "textbook",
    }


def row(line_id: str, input_id: str, amount: float, **changes: Any) -> dict[str, Any]:
    """Return a row of the bill of materials, of something weighed in kilograms."""
    return {
        **dict.fromkeys(LINE_FIELDS, ""),
        "line_id": line_id,
        "stage": "raw_materials",
        "input_id": input_id,
        "amount": amount,
        "unit": "kg",
        "activity_data": "literature",
        "source_title": "Design of the pan",
        "source_locator": "page 7",
        "licence": "fact",
        "confidence": VERIFIED,
        **changes,
    }


def pan_document(
    *more: Mapping[str, Any], recycling: bool = True, **header: Any
) -> ProductDocument:
    """Return the pan as its maker would bring it, with more lines or without recycling."""
    lines = [
        row("steel", "steel", 2),
        row("furnace", "co2", 1, stage="manufacturing", activity_data="own_plant"),
        row("scrap", "lime", 1, stage="end_of_life"),
        *([row("recycling", "recycling", 1)] if recycling else []),
        *more,
    ]
    content = {
        "format": "greenchain-product/1",
        "product_id": "pan",
        "name": {"en": "Pan", "zh": "锅"},
        "declared_unit": {"amount": 1, "unit": "piece"},
        "plant_region": "A",
        "boundary": {
            "name": "cradle_to_gate",
            "stages": ["raw_materials", "manufacturing"],
            "beyond": ["end_of_life"],
        },
        "intermediates": [],
        **header,
    }
    return ProductDocument(content, lines, [])


def pan(dataset: Dataset, *more: Mapping[str, Any], **changes: Any) -> ProductModel:
    """Return the pan, read; see `pan_document`."""
    return read_product_document(pan_document(*more, **changes), dataset)
