"""The shipped pack against a solve that shares no code with the engines."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib import resources

import numpy as np
import pytest

from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.data.shipped import Example
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.plant import link_plant
from footprint.domain.plant_rows import parse_plant
from footprint.domain.product import ProductModel
from footprint.domain.result import FootprintResult, compare_engines, footprint_result
from footprint.domain.rule_pack import AgreementRule
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import OutOfRange

METHOD = "ipcc_ar6_gwp100_v2"
RULE = AgreementRule(1e-9, 100, 1e6, 9)
YEAR = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
DATA = resources.files("footprint.data")


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(DATA.joinpath(path).read_text(encoding="utf-8"))))


def independent_stages(regions: Mapping[str, str], plant_region: str) -> dict[str, float]:
    """Solve the pack densely from the files' rows: one copy of an activity per region."""
    markets = {
        row["region"]: row["activity_id"] for row in table("greenchain_lci/electricity_markets.csv")
    }
    factors = {
        row["flow_id"]: float(row["factor"])
        for row in table("greenchain_lci/characterization.csv")
        if row["method_id"] == METHOD
    }
    inputs = table("greenchain_lci/exchanges.csv")
    names = [row["id"] for row in table("greenchain_lci/activities.csv")]
    index = {name: number for number, name in enumerate(names)}
    matrix, direct = np.eye(len(names)), np.zeros(len(names))
    for row in inputs:
        column, amount = index[row["activity_id"]], float(row["amount"])
        if row["exchange_type"] == "elementary":
            direct[column] += amount * factors[row["input_id"]]
        else:
            supplier = row["input_id"]
            if supplier == "electricity_grid":
                supplier = markets[regions.get(row["activity_id"], "CN")]
            matrix[index[supplier], column] -= amount
    scores = np.linalg.solve(matrix.T, direct)
    stages: dict[str, float] = {}
    for row in table("examples/lfp_battery_pack/bom.csv"):
        supplier = row["input_id"]
        if supplier == "electricity_grid":
            supplier = markets[plant_region]
        part = float(row["amount"]) * float(scores[index[supplier]])
        stages[row["stage"]] = stages.get(row["stage"], 0.0) + part
    return stages


def computed(system: LinkedSystem) -> FootprintResult:
    brightway, greenchain = BrightwayEngine().score(system), GreenchainEngine().solve(system)
    engines = compare_engines(brightway, greenchain, RULE)
    assert engines.agree
    return footprint_result(system, brightway, greenchain, engines)


def declared(
    name: str, activity_id: str, region: str, data: Example, dataset: Dataset
) -> SupplierPcf:
    plant = parse_plant(
        activity_id=activity_id,
        region=region,
        rows=data.supplier_records[name],
        dataset=dataset,
        **YEAR,
    )
    found = computed(link_plant(plant, dataset, METHOD))
    return SupplierPcf(
        declaration_id=name,
        version=1,
        sha256="0" * 64,
        activity_id=activity_id,
        region=region,
        pcf_kg_co2e=found.pcf_kg_co2e,
        unit="kg",
        primary_data_share_percent=found.primary_data_share_percent,
        primary_activity_share_percent=found.primary_activity_share_percent,
        **YEAR,
    )


def with_suppliers(
    cathode: str, pack: ProductModel, example: Example, dataset: Dataset
) -> FootprintResult:
    suppliers = [
        declared(cathode, "lfp_cathode", "CN-SC", example, dataset),
        declared("copper_foil_maker", "copper_foil", "CN-JX", example, dataset),
    ]
    return computed(link_product(pack, dataset, METHOD, suppliers=suppliers))


@pytest.mark.parametrize(
    ("told", "headline"),
    [({}, 94.44), ({"lfp_cathode": "CN-SC", "copper_foil": "CN-JX"}, 89.30)],
)
def test_the_pack_is_what_an_independent_solve_gives(
    pack: ProductModel, dataset: Dataset, told: dict[str, str], headline: float
) -> None:
    found = computed(link_product(pack, dataset, METHOD, told_sites=told))
    expected = independent_stages(told, "CN-JX")
    gate = expected["raw_materials"] + expected["manufacturing"]
    assert found.pcf_kg_co2e == pytest.approx(gate, rel=1e-9)
    assert {**found.stages, **found.beyond_boundary} == pytest.approx(expected, rel=1e-9)
    assert round(found.pcf_kg_co2e, 2) == headline


def test_the_sites_that_suppliers_tell_are_those_of_the_site_table(pack: ProductModel) -> None:
    assert pack.sites_told_by_suppliers() == {"lfp_cathode": "CN-SC", "copper_foil": "CN-JX"}


def test_a_suppliers_plant_is_what_its_records_say_by_hand(
    example: Example, dataset: Dataset
) -> None:
    kilograms = {"t": 1000.0, "kg": 1.0}
    totals: dict[str, float] = {}
    for row in example.supplier_records["copper_foil_maker"]:
        amount = float(row["amount"]) * kilograms.get(row["unit"], 1.0)
        key = "output" if row["kind"] == "output" else row["item_id"]
        totals[key] = totals.get(key, 0.0) + amount
    heat = 0.0561 + 1.26e-6 * 29.8 + 9e-8 * 273 + 0.025974026 * 0.608
    expected = (
        totals["electricity_grid"] * 0.6644
        + totals["electricity_pv_cn"] * 0.052
        + totals["heat_natural_gas"] * heat
        + totals["copper_cathode"] * 4.23
        + totals["sulfuric_acid"] * 0.148
    ) / totals["output"]
    found = declared("copper_foil_maker", "copper_foil", "CN-JX", example, dataset)
    assert found.pcf_kg_co2e == pytest.approx(expected, rel=1e-9)


def test_suppliers_data_move_the_pack_but_not_far_from_their_sites(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    found = with_suppliers("cathode_maker", pack, example, dataset)
    assert found.pcf_kg_co2e == pytest.approx(89.30, abs=1.0)
    assert found.pcf_kg_co2e != pytest.approx(89.30, abs=0.01)


def test_a_corrected_meter_raises_the_pack(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    before = with_suppliers("cathode_maker", pack, example, dataset)
    after = with_suppliers("cathode_maker_corrected", pack, example, dataset)
    assert after.pcf_kg_co2e > before.pcf_kg_co2e


def test_primary_data_are_well_under_a_percent_and_primary_activity_some_twenty(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    found = with_suppliers("cathode_maker", pack, example, dataset)
    assert 0.0 < found.primary_data_share_percent < 1.0
    assert found.primary_activity_share_percent == pytest.approx(20.0, abs=5.0)


def test_changing_the_bill_of_materials_changes_the_headline(
    pack: ProductModel, dataset: Dataset
) -> None:
    more = replace(pack.lines[0], amount=pack.lines[0].amount * 1.1)
    changed = replace(pack, lines=(more, *pack.lines[1:]))
    before = computed(link_product(pack, dataset, METHOD)).pcf_kg_co2e
    after = computed(link_product(changed, dataset, METHOD)).pcf_kg_co2e
    cathode = next(
        part.kg_co2e
        for part in computed(link_product(pack, dataset, METHOD)).lines
        if part.input_id == "lfp_cathode"
    )
    assert after - before == pytest.approx(0.1 * cathode, rel=1e-9)


@pytest.mark.parametrize("units", [1e3, 1e6, 1e9])
def test_the_condition_number_does_not_depend_on_the_declared_amount(
    units: float, pack: ProductModel, dataset: Dataset
) -> None:
    many = replace(
        pack,
        declared_unit=replace(pack.declared_unit, amount=units),
        lines=tuple(replace(line, amount=line.amount * units) for line in pack.lines),
    )
    one = computed(link_product(pack, dataset, METHOD))
    found = computed(link_product(many, dataset, METHOD))
    assert found.engines.condition == pytest.approx(one.engines.condition, rel=1e-6)
    assert found.engines.tolerance == 1e-9
    assert found.pcf_kg_co2e == pytest.approx(one.pcf_kg_co2e * units, rel=1e-12)


@pytest.mark.parametrize(("amount", "stage"), [(1e308, "raw_materials"), (3e300, "end_of_life")])
def test_amounts_that_overflow_are_named(
    amount: float, stage: str, pack: ProductModel, dataset: Dataset
) -> None:
    first, *others = pack.lines
    large = replace(first, amount=amount, stage=stage)
    system = link_product(replace(pack, lines=(large, *others)), dataset, METHOD)
    with pytest.raises(OutOfRange, match=r"lfp_battery_pack\.01"):
        GreenchainEngine().solve(system)


def test_results_that_overflow_name_the_processes(pack: ProductModel, dataset: Dataset) -> None:
    first, *others = pack.lines
    large = replace(first, amount=9e299)  # of cathode at more than 2 kg CO2e/kg
    system = link_product(replace(pack, lines=(large, *others)), dataset, METHOD)
    with pytest.raises(OutOfRange) as refused:
        GreenchainEngine().solve(system)
    assert "lfp_battery_pack/raw_materials" in refused.value.where
