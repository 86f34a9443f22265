"""Impacts by several methods, with the arithmetic beside them; the pan is in `textbook_pan`."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from services.footprint.tests.textbook_dataset import factor, flow, method
from services.footprint.tests.textbook_pan import covered, pan, pan_dataset, row

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.dataset import Dataset, Verdict
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.supplier import SupplierPcf


def by_method(
    dataset: Dataset | None = None, *more: dict[str, Any], **changes: Any
) -> dict[str, Impact]:
    dataset = dataset or pan_dataset()
    system = link_product(pan(dataset, *more, **changes), dataset, "gwp")
    found = impacts(system, GreenchainEngine().solve(system), dataset)
    return {impact.method_id: impact for impact in found}


def test_the_method_of_the_footprint_gives_its_headline() -> None:
    # steel 1 + 0.3 + 0.5 · 0.2 = 1.4; recycling 0.5 − 1.4 = −0.9
    # raw materials 2 · 1.4 − 0.9 = 1.9; manufacturing 1; end of life 0.2
    found = by_method()["gwp"]
    assert found.stages == pytest.approx({"raw_materials": 1.9, "manufacturing": 1.0}, rel=1e-12)
    assert found.amount == pytest.approx(2.9, rel=1e-12)
    assert found.beyond_boundary == pytest.approx({"end_of_life": 0.2}, rel=1e-12)
    assert found.not_separable_kg_co2e is None


def test_another_climate_method_tells_published_totals_apart() -> None:
    # net 1 kg of steel: 1 + 0.01 · 80 = 1.8; manufacturing 1. Lime 0.5 · 0.2 and recycling 0.5 are
    # totals; what is beyond the boundary counts in neither.
    found = by_method()["gwp20"]
    assert found.amount == pytest.approx(2.8, rel=1e-12)
    assert found.not_separable_kg_co2e == pytest.approx(0.6, rel=1e-12)
    assert found.beyond_boundary == {"end_of_life": 0.0}
    assert (found.unit, found.verdict) == ("kg CO2e", Verdict.SCREENING)


def test_a_regional_method_counts_a_flow_by_where_it_is() -> None:
    # water: 1 · 3 + 0.5 · 1 = 3.5. Scarcity: steel in A 3 · 2 · 10 = 60; lime in FR, which has no
    # factor of its own, 0.5 · 2 · 5 = 5; 1 kg of lime beyond the boundary 10.
    found = by_method(pan_dataset(coverage=_all("water") + _all("scarcity")))
    assert found["water"].amount == pytest.approx(3.5, rel=1e-12)
    assert found["scarcity"].amount == pytest.approx(65.0, rel=1e-12)
    assert found["scarcity"].beyond_boundary == pytest.approx({"end_of_life": 10.0}, rel=1e-12)


def _all(method_id: str) -> list[dict[str, str]]:
    return [covered(each, method_id, "full") for each in ("steel", "lime", "recycling")]


def test_coverage_counts_activities_and_what_they_emit() -> None:
    # Of steel, lime, recycling and the plant, which tells its CO2 alone, steel is covered: 1 of 4.
    # Own emissions 1.3, 0.1, 0.5 and 1.
    coverage = by_method()["water"].coverage
    assert coverage.inputs_percent == pytest.approx(25.0, rel=1e-12)
    assert coverage.climate_percent == pytest.approx(100 * 1.3 / 2.9, rel=1e-12)
    assert coverage.threshold_percent == 40.0
    assert not coverage.is_enough


def test_partial_support_counts_and_activities_beyond_the_boundary_do_not() -> None:
    # Without recycling: steel, lime and the plant; 2 kg of steel emit 2.6, their lime 0.2 and the
    # plant 1. The lime at the end of life is beyond.
    coverage = by_method(recycling=False)["scarcity"].coverage
    assert coverage.inputs_percent == pytest.approx(100 / 3, rel=1e-12)
    assert coverage.climate_percent == pytest.approx(100 * 2.6 / 3.8, rel=1e-12)


def test_below_the_threshold_there_is_no_number() -> None:
    found = by_method()["water"]
    assert (found.amount, found.stages, found.beyond_boundary) == (None, {}, {})


@pytest.mark.parametrize(("threshold", "is_shown"), [("33.333", True), ("33.334", False)])
def test_at_the_threshold_there_is_one(threshold: str, is_shown: bool) -> None:
    other = {"kind": "other", "category": "water_use", "unit": "m3 world eq"}
    methods = [
        method("gwp"),
        method("gwp20"),
        method("water", **other | {"unit": "m3"}),
        method("scarcity", threshold_percent=threshold, **other),
    ]
    found = by_method(pan_dataset(methods=methods), recycling=False)["scarcity"]
    assert (found.amount is not None) == is_shown


def test_the_smaller_of_both_coverages_decides() -> None:
    # Lime alone is covered: one of three, 0.2 of 3.8 of the emissions.
    coverage = [covered("lime", "water", "full")]
    found = by_method(pan_dataset(coverage=coverage), recycling=False)["water"]
    assert found.coverage.inputs_percent == pytest.approx(100 / 3)
    assert found.coverage.climate_percent == pytest.approx(100 * 0.2 / 3.8)
    assert found.amount is None


def test_a_suppliers_declaration_tells_greenhouse_gases_alone() -> None:
    dataset = pan_dataset(coverage=_all("water"))
    model = pan(dataset, recycling=False)
    declared = SupplierPcf(
        declaration_id="d1",
        version=1,
        sha256="0" * 64,
        activity_id="steel",
        region="B",
        pcf_kg_co2e=1.5,
        unit="kg",
        primary_data_share_percent=10.0,
        primary_activity_share_percent=40.0,
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
    )
    system = link_product(model, dataset, "gwp", suppliers=[declared])
    solution = GreenchainEngine().solve(system)
    found = {i.method_id: i for i in impacts(system, solution, dataset)}["water"]
    # All that is needed is the supplier's steel and the plant's own CO2.
    assert found.coverage.inputs_percent == 0.0
    assert found.amount is None


def test_what_is_not_supported_is_no_number_whatever_is_covered() -> None:
    other = {"kind": "other", "category": "water_use", "unit": "m3"}
    methods = [
        method("gwp"),
        method("gwp20"),
        method("water", verdict="not_supported", **other),
        method("scarcity", **other | {"unit": "m3 world eq"}),
    ]
    found = by_method(pan_dataset(methods=methods, coverage=_all("water")))["water"]
    assert found.coverage.is_enough
    assert found.amount is None


def test_a_product_that_buys_nothing_covers_nothing() -> None:
    dataset = pan_dataset()
    model = pan(dataset, recycling=False)
    own = tuple(line for line in model.lines if line.input_id == "co2")
    system = link_product(replace(model, lines=own), dataset, "gwp")
    found = {i.method_id: i for i in impacts(system, GreenchainEngine().solve(system), dataset)}
    assert found["gwp"].amount == 1.0
    assert found["water"].amount is None
    assert found["gwp20"].not_separable_kg_co2e == 0.0


def test_a_kind_of_gas_that_no_row_tells_is_not_zero() -> None:
    methods = [
        method("gwp"),
        method("gwp20"),
        method("biogenic"),
        method("land_use"),
        method("water", kind="other", unit="m3"),
        method("scarcity", kind="other", unit="m3 world eq"),
    ]
    flows = [flow("co2", "kg"), flow("co2e", "kg CO2e"), flow("ch4", "kg"), flow("water", "m3")]
    dataset = pan_dataset(
        methods=methods,
        elementary_flows=[*flows, flow("co2_biogenic", "kg")],
        characterization=[
            factor("gwp", "co2", 1, "kg"),
            factor("gwp", "co2e", 1, "kg CO2e"),
            factor("gwp", "ch4", 30, "kg"),
            factor("gwp20", "co2", 1, "kg"),
            factor("biogenic", "co2_biogenic", 1, "kg"),
            # A flow that is told, but counts nothing in this method.
            factor("land_use", "co2", 0, "kg"),
            factor("land_use", "co2_biogenic", 1, "kg"),
            factor("water", "water", 1, "m3") | {"unit": "m3/m3"},
            factor("scarcity", "water", 2, "m3") | {"unit": "m3 world eq/m3"},
        ],
        coverage=[],
    )
    found = by_method(dataset)
    assert found["biogenic"].amount is None
    assert found["biogenic"].not_separable_kg_co2e == pytest.approx(0.6)
    assert found["land_use"].amount is None
    # A category that no activity covers is no result either, whatever its threshold.
    assert found["water"].coverage.threshold_percent == 0.0
    assert found["water"].amount is None


def test_an_own_emission_counts_at_the_plant() -> None:
    own = row("tap", "water", 7, unit="m3", stage="manufacturing", activity_data="own_plant")
    found = by_method(pan_dataset(coverage=_all("scarcity")), own)["scarcity"]
    assert found.stages["manufacturing"] == pytest.approx(7 * 2 * 10)
