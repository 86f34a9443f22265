"""Fixtures of the footprint service's tests."""

from collections.abc import Callable
from typing import Any

import pytest
from services.footprint.tests.textbook_dataset import activity, exchange, textbook_dataset
from services.footprint.tests.textbook_salts import salts_dataset

from footprint.data.shipped import Example, load_dataset, load_example
from footprint.domain.dataset import Dataset
from footprint.domain.product import ProductModel
from footprint.domain.product_rows import LINE_FIELDS, parse_product_model

#: Columns by which a row of a product model says where it comes from.
SOURCE = {
    "source_title": "textbook",
    "source_locator": "-",
    "doi_or_url": "-",
    "licence": "fact",
    "confidence": "fact",
}


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Return the shipped dataset."""
    return load_dataset()


@pytest.fixture(scope="session")
def example() -> Example:
    """Return the shipped example as a user would bring it."""
    return load_example()


@pytest.fixture(scope="session")
def pack(example: Example, dataset: Dataset) -> ProductModel:
    """Return the shipped battery pack."""
    return parse_product_model(example.header, example.lines, example.sites, dataset)


@pytest.fixture
def line() -> Callable[..., dict[str, Any]]:
    """Return a factory of valid rows of a bill of materials."""

    def make(
        line_id: str, input_id: str, amount: object, unit: str, **more: object
    ) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(LINE_FIELDS, "")
        row |= {"stage": "raw_materials", "activity_data": "literature", **SOURCE}
        row |= {"line_id": line_id, "input_id": input_id, "amount": amount, "unit": unit}
        return row | more

    return make


@pytest.fixture
def textbook() -> Dataset:
    """Return a dataset that can be computed by hand.

    Steel takes 2 kWh of grid electricity and emits 1 kg CO2 per kg. Coal takes 0.1 kg of steel and
    steel 0.5 kg of coal, a loop. Electricity is 0.5 kg CO2e/kWh in A and 0.1 in B; lime is a
    published total of 0.2 kg CO2e/kg.
    """
    activities = [
        activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
        activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("gas_heat", "MJ", "system_process", sector="energy"),
        activity("steel", "kg", "unit_process"),
        activity("coal", "kg", "unit_process"),
        activity("lime", "kg", "system_process", location="FR"),
    ]
    exchanges = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("gas_heat", "elementary", "co2e", 0.06, "kg CO2e"),
        exchange("steel", "technosphere", "grid", 2, "kWh"),
        exchange("steel", "technosphere", "coal", 0.5, "kg"),
        exchange("steel", "elementary", "co2", 1, "kg"),
        exchange("coal", "technosphere", "steel", 0.1, "kg"),
        exchange("lime", "elementary", "co2e", 0.2, "kg CO2e"),
    ]
    return textbook_dataset(activities, exchanges)


@pytest.fixture
def salts() -> Dataset:
    """Return the dataset of two salts at two places in two years."""
    return salts_dataset()
