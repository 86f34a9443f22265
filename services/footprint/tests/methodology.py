"""What calculations rest on, as shipped, and the product that tests calculate."""

from dataclasses import replace
from functools import cache
from typing import Any

from services.footprint.tests.fakes import EXPORTER

from chassis.clock import Clock
from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.adapters.rule_packs import load_rule_pack
from footprint.application.import_product_model import import_product_model
from footprint.application.ports import Methodology, StoredProductModel, UnitOfWorkFor
from footprint.data.shipped import load_dataset, load_example
from footprint.domain.product_footprint import Evidence
from footprint.domain.product_parts import ProductDocument
from footprint.domain.result import Scores
from footprint.domain.system import LinkedSystem


@cache
def shipped() -> Methodology:
    """Give the shipped dataset and rule pack with both engines."""
    return Methodology(
        dataset=load_dataset(),
        rules=load_rule_pack("iso14067_cradle_to_gate"),
        record_engine=BrightwayEngine(),
        explaining_engine=GreenchainEngine(),
        lock_file=Evidence("lock_file", "requirements.lock", "not available", ""),
    )


class WrongEngine:
    """Says a thousandth more than bw2calc."""

    def score(self, system: LinkedSystem) -> Scores:
        """Return wrong scores."""
        right = shipped().record_engine.score(system)
        wrong = {
            stage: value if stage in system.beyond else value * 1.001
            for stage, value in right.stages.items()
        }
        return replace(right, total=right.total * 1.001, stages=wrong)


def line(line_id: str, input_id: str, amount: object = 1.0, **changes: Any) -> dict[str, Any]:
    """Give a row of a bill of materials."""
    return {
        "line_id": line_id,
        "stage": "raw_materials",
        "consumer_id": "",
        "input_id": input_id,
        "amount": amount,
        "unit": "kg",
        "activity_data": "literature",
        "uncertainty_type": "none",
        "gsd": "",
        "min": "",
        "max": "",
        "source_title": "test",
        "source_locator": "test",
        "doi_or_url": "",
        "licence": "test",
        "confidence": "assumption",
        "note": "",
    } | changes


def header(**changes: Any) -> dict[str, Any]:
    """Give the header of a product file."""
    return {
        "format": "greenchain-product/1",
        "product_id": "small_pack",
        "name": {"en": "Small pack", "zh": "小电池包"},
        "declared_unit": {"amount": 1.0, "unit": "kwh_capacity"},
        "plant_region": "CN-JX",
        "boundary": {
            "name": "cradle_to_gate",
            "stages": ["raw_materials", "manufacturing"],
            "beyond": ["distribution"],
        },
        "intermediates": [],
    } | changes


def import_example(open_uow: UnitOfWorkFor, clock: Clock) -> StoredProductModel:
    """Import the shipped battery pack."""
    example = load_example()
    stored, _ = import_product_model(
        ProductDocument(example.header, example.lines, example.sites),
        caller=EXPORTER,
        dataset=load_dataset(),
        open_uow=open_uow,
        clock=clock,
    )
    return stored
