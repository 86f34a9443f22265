"""The product model: what one declared unit of a product is made of, stage by stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from footprint.domain.dataset import Source, Uncertainty


class ActivityData(StrEnum):
    """Where the amount of a line comes from; decides the shares, not the result."""

    OWN_PLANT = "own_plant"
    LITERATURE = "literature"
    ASSUMPTION = "assumption"


class SiteKnowledge(StrEnum):
    """From whom the region of an activity becomes known."""

    OWN = "own"
    """The maker of the product knows it by itself."""
    SUPPLIER = "supplier"
    """Only the supplier can tell; until then the dataset's default region stands."""


@dataclass(frozen=True, slots=True)
class DeclaredUnit:
    """The amount of product that a footprint is stated for, e.g. 1 `kwh_capacity`."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """The stages that make the headline, and those computed beside it."""

    name: str
    stages: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    @property
    def all_stages(self) -> tuple[str, ...]:
        return self.stages + self.beyond


@dataclass(frozen=True, slots=True)
class Intermediate:
    """A part that the maker makes itself; its own lines name it as `consumer_id`."""

    id: str
    name_en: str
    name_zh: str
    unit: str
    region: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where an activity of the chain takes place."""

    activity_id: str
    region: str
    known_from: SiteKnowledge
    note: str = ""


@dataclass(frozen=True, slots=True)
class BomLine:
    """One line of the bill of materials.

    Attributes
    ----------
    row
        Data row of the input, counted from 1.
    stage
        Life-cycle stage; empty on the lines of an intermediate, which follow their consumer.
    consumer_id
        The product, or the intermediate that consumes.
    amount
        Amount [unit of the input] per declared unit of the product or per unit of the intermediate.
    """

    row: int
    line_id: str
    stage: str
    consumer_id: str
    input_id: str
    amount: float
    activity_data: ActivityData
    uncertainty: Uncertainty
    source: Source
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProductModel:
    """A validated product: every line is linked and in the unit of its input."""

    product_id: str
    name_en: str
    name_zh: str
    declared_unit: DeclaredUnit
    plant_region: str
    boundary: Boundary
    intermediates: tuple[Intermediate, ...]
    lines: tuple[BomLine, ...]
    sites: tuple[Site, ...]

    def sites_told_by_suppliers(self) -> dict[str, str]:
        """Regions by activity id that only suppliers can tell."""
        return {
            site.activity_id: site.region
            for site in self.sites
            if site.known_from is SiteKnowledge.SUPPLIER
        }

    def canonical(self) -> dict[str, Any]:
        """Return the model as plain values, for hashing and storing."""
        return {
            "product_id": self.product_id,
            "name": {"en": self.name_en, "zh": self.name_zh},
            "declared_unit": {
                "amount": self.declared_unit.amount,
                "unit": self.declared_unit.unit,
            },
            "plant_region": self.plant_region,
            "boundary": {
                "name": self.boundary.name,
                "stages": list(self.boundary.stages),
                "beyond": list(self.boundary.beyond),
            },
            "intermediates": [
                {
                    "id": part.id,
                    "name": {"en": part.name_en, "zh": part.name_zh},
                    "unit": part.unit,
                    "region": part.region,
                }
                for part in self.intermediates
            ],
            "lines": [_canonical_line(line) for line in self.lines],
            "sites": [
                {
                    "activity_id": site.activity_id,
                    "region": site.region,
                    "known_from": site.known_from.value,
                    "note": site.note,
                }
                for site in self.sites
            ],
        }


def _canonical_line(line: BomLine) -> Mapping[str, Any]:
    return {
        "line_id": line.line_id,
        "stage": line.stage,
        "consumer_id": line.consumer_id,
        "input_id": line.input_id,
        "amount": line.amount,
        "activity_data": line.activity_data.value,
        "uncertainty": {
            "type": line.uncertainty.distribution,
            "gsd": line.uncertainty.gsd,
            "min": line.uncertainty.minimum,
            "max": line.uncertainty.maximum,
        },
        "source": {
            "title": line.source.title,
            "locator": line.source.locator,
            "doi_or_url": line.source.doi_or_url,
            "licence": line.source.licence,
        },
        "confidence": line.confidence,
        "note": line.note,
    }
