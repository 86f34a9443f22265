"""The figures that the README gives are those of the shipped example."""

from datetime import date

import pytest
from pydantic import SecretStr
from tests.docs.markdown import document

from footprint.application.calculation import solve
from footprint.bootstrap import load_methodology
from footprint.data.shipped import Example, load_example
from footprint.domain.linking import link_product
from footprint.domain.plant import link_plant
from footprint.domain.plant_rows import parse_plant
from footprint.domain.product_rows import parse_product_model
from footprint.domain.result import FootprintResult
from footprint.domain.supplier import SupplierPcf
from footprint.settings import FootprintSettings

METHODOLOGY = load_methodology(FootprintSettings(client_secret=SecretStr("not used")))
METHOD = "ipcc_ar6_gwp100_v2"
START, END = date(2025, 1, 1), date(2025, 12, 31)
#: Activity and region of the two plants, by the file of their records.
PLANTS = {
    "cathode_maker": ("lfp_cathode", "CN-SC"),
    "cathode_maker_corrected": ("lfp_cathode", "CN-SC"),
    "copper_foil_maker": ("copper_foil", "CN-JX"),
}


def supplier_footprint(example: Example, records: str) -> SupplierPcf:
    """Calculate a supplier's own footprint from its records."""
    activity_id, region = PLANTS[records]
    plant = parse_plant(
        activity_id=activity_id,
        region=region,
        period_start=START,
        period_end=END,
        rows=example.supplier_records[records],
        dataset=METHODOLOGY.dataset,
    )
    result, *_ = solve(link_plant(plant, METHODOLOGY.dataset, METHOD), METHODOLOGY)
    return SupplierPcf(
        declaration_id=records,
        version=1,
        sha256="0" * 64,
        activity_id=activity_id,
        region=region,
        pcf_kg_co2e=result.pcf_kg_co2e,
        unit="kg",
        primary_data_share_percent=result.primary_data_share_percent,
        primary_activity_share_percent=result.primary_activity_share_percent,
        period_start=START,
        period_end=END,
    )


@pytest.fixture(scope="module")
def example() -> Example:
    return load_example()


def pack(example: Example, *records: str) -> FootprintResult:
    """Calculate the pack with the footprints of some suppliers."""
    model = parse_product_model(example.header, example.lines, example.sites, METHODOLOGY.dataset)
    suppliers = [supplier_footprint(example, name) for name in records]
    system = link_product(model, METHODOLOGY.dataset, METHOD, suppliers=suppliers)
    return solve(system, METHODOLOGY)[0]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_figures_of_the_demonstration_are_those_of_the_example(
    name: str, example: Example
) -> None:
    background = pack(example)
    first = pack(example, "cathode_maker", "copper_foil_maker")
    corrected = pack(example, "cathode_maker_corrected", "copper_foil_maker")
    text = document(name)
    for figure in (
        f"{background.pcf_kg_co2e:.2f} kg CO2e",
        f"{first.pcf_kg_co2e:.2f} kg CO2e",
        f"{first.primary_data_share_percent:.2f} %",
        f"{first.primary_activity_share_percent:.1f} %",
        f"{corrected.pcf_kg_co2e:.2f} kg CO2e",
    ):
        assert figure in text
