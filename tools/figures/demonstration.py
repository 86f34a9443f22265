"""The figures of the demonstration, which both READMEs tell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain

from pydantic import SecretStr

from footprint.application.calculation import solve
from footprint.bootstrap import load_methodology
from footprint.data.shipped import load_example
from footprint.domain.linking import link_product
from footprint.domain.plant import link_plant
from footprint.domain.plant_rows import parse_plant
from footprint.domain.product_rows import parse_product_model
from footprint.domain.result import FootprintResult
from footprint.domain.supplier import SupplierPcf
from footprint.settings import FootprintSettings
from tools.figures.files import read

METHODOLOGY = load_methodology(FootprintSettings(client_secret=SecretStr("not used")))
METHOD = "ipcc_ar6_gwp100_v2"
START, END = date(2025, 1, 1), date(2025, 12, 31)
#: Activity and region of the two plants, by the file of their records.
PLANTS = {
    "cathode_maker": ("lfp_cathode", "CN-SC"),
    "cathode_maker_corrected": ("lfp_cathode", "CN-SC"),
    "copper_foil_maker": ("copper_foil", "CN-JX"),
}
#: Heading of the section that tells the figures, by document.
SECTIONS = {"README.md": "## What the demo tells", "README.zh-CN.md": "## 演示讲述什么"}


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration computes, one after the other."""

    background: FootprintResult
    first: FootprintResult
    corrected: FootprintResult

    def figures(self) -> tuple[str, ...]:
        """Return the figures in the order in which they are told."""
        return (
            f"{self.background.pcf_kg_co2e:.2f} kg CO2e",
            f"{self.first.pcf_kg_co2e:.2f} kg CO2e",
            f"{self.first.primary_data_share_percent:.2f} %",
            f"{self.first.primary_activity_share_percent:.1f} %",
            f"{self.corrected.pcf_kg_co2e:.2f} kg CO2e",
        )


def supplier_footprint(records: str) -> SupplierPcf:
    """Calculate a supplier's own footprint from its records."""
    activity_id, region = PLANTS[records]
    plant = parse_plant(
        activity_id=activity_id,
        region=region,
        period_start=START,
        period_end=END,
        rows=load_example().supplier_records[records],
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


def pack(*records: str) -> FootprintResult:
    """Calculate the pack with the footprints of some suppliers."""
    example = load_example()
    model = parse_product_model(example.header, example.lines, example.sites, METHODOLOGY.dataset)
    suppliers = [supplier_footprint(name) for name in records]
    system = link_product(model, METHODOLOGY.dataset, METHOD, suppliers=suppliers)
    return solve(system, METHODOLOGY)[0]


@cache
def demonstration() -> Demonstration:
    """Calculate the pack three times, as the demonstration does."""
    return Demonstration(
        pack(),
        pack("cathode_maker", "copper_foil_maker"),
        pack("cathode_maker_corrected", "copper_foil_maker"),
    )


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of the READMEs."""
    for name, heading in SECTIONS.items():
        before, found, after = read(name).partition(heading)
        told, _, rest = after.partition("\n## ")
        figures = demonstration().figures()
        matches = re.findall(r"\d+\.\d\d kg CO2e|\d+\.\d+ %", told)
        if not found or len(matches) != len(figures):
            raise ValueError(f"{name}: {len(matches)} figures below {heading}")
        between = re.split(r"\d+\.\d\d kg CO2e|\d+\.\d+ %", told)
        told = "".join(chain(*zip(between, (*figures, ""), strict=True)))
        yield name, before + found + told + "\n## " + rest
