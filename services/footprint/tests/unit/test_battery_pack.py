"""The shipped pack against a solve that shares no code with the engines."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
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
from footprint.domain.product import ActivityData, ProductModel
from footprint.domain.result import FootprintResult, compare_engines, footprint_result
from footprint.domain.rule_pack import AgreementRule
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import OutOfRange

METHOD = "ipcc_ar6_gwp100_v2"
RULE = AgreementRule(1e-9, 100, 1e6, 9)
YEAR = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
DATA = resources.files("footprint.data")
PACK = "examples/lfp_battery_pack/bom.csv"


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(DATA.joinpath(path).read_text(encoding="utf-8"))))


@cache
def independent_scores(*told: tuple[str, str]) -> dict[str, float]:
    """Return unit scores [kg CO2e / unit] by a dense solve of the rows.

    Each activity stands once: at the site that was told, else in China. Grid electricity of every
    region has a name of its own, e.g. `CN-SC`.
    """
    regions = dict(told)
    markets = {
        row["region"]: row["activity_id"]
        for row in table("greenchain_lci/markets.csv")
        if row["year"] == "2023"
    }
    routes = {
        row["reference_id"]: row["activity_id"]
        for row in table("greenchain_lci/routes.csv")
        if row["is_default"] == "true"
    }
    factors = {
        row["flow_id"]: float(row["factor"])
        for row in table("greenchain_lci/characterization.csv")
        if row["method_id"] == METHOD
    }
    names = [row["id"] for row in table("greenchain_lci/activities.csv")]
    index = {name: number for number, name in enumerate(names)}
    matrix, direct = np.eye(len(names)), np.zeros(len(names))
    for row in table("greenchain_lci/exchanges.csv"):
        column, amount = index[row["activity_id"]], float(row["amount"])
        if row["exchange_type"] == "elementary":
            direct[column] += amount * factors.get(row["input_id"], 0.0)
        else:
            supplier = row["input_id"]
            if supplier == "electricity_grid":
                supplier = markets[regions.get(row["activity_id"], "CN")]
            matrix[index[routes.get(supplier, supplier)], column] -= amount
    scores = dict(zip(names, np.linalg.solve(matrix.T, direct).tolist(), strict=True))
    scores |= {reference: scores[route] for reference, route in routes.items()}
    return scores | {region: scores[market] for region, market in markets.items()}


def independent_lines(regions: Mapping[str, str], plant_region: str) -> dict[str, float]:
    """Return what each line of the pack causes [kg CO2e], by the rows of the files."""
    scores = independent_scores(*sorted(regions.items()))
    here = {"electricity_grid": plant_region}
    return {
        row["line_id"]: float(row["amount"]) * scores[here.get(row["input_id"], row["input_id"])]
        for row in table(PACK)
    }


def independent_stages(regions: Mapping[str, str], plant_region: str) -> dict[str, float]:
    """Return what each stage of the pack causes [kg CO2e], by the rows of the files."""
    stages: dict[str, float] = {}
    lines = independent_lines(regions, plant_region)
    for row in table(PACK):
        stages[row["stage"]] = stages.get(row["stage"], 0.0) + lines[row["line_id"]]
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


TOLD = {"lfp_cathode": "CN-SC", "copper_foil": "CN-JX"}


@pytest.mark.parametrize("told", [{}, TOLD], ids=["untold", "told"])
def test_the_pack_is_what_an_independent_solve_gives(
    pack: ProductModel, dataset: Dataset, told: dict[str, str]
) -> None:
    found = computed(link_product(pack, dataset, METHOD, told_sites=told))
    expected = independent_stages(told, "CN-JX")
    gate = expected["raw_materials"] + expected["manufacturing"]
    assert found.pcf_kg_co2e == pytest.approx(gate, rel=1e-9)
    assert {**found.stages, **found.beyond_boundary} == pytest.approx(expected, rel=1e-9)


def test_sites_that_are_told_move_the_electricity_of_two_plants_alone(
    pack: ProductModel, dataset: Dataset
) -> None:
    grid = independent_scores()
    bought = {
        row["activity_id"]: float(row["amount"])
        for row in table("greenchain_lci/exchanges.csv")
        if row["activity_id"] in TOLD and row["input_id"] == "electricity_grid"
    }
    amounts = {line.input_id: line.amount for line in pack.lines}
    expected = sum(
        amounts[activity] * bought[activity] * (grid[region] - grid["CN"])
        for activity, region in TOLD.items()
    )
    # Hydropower in Sichuan, where the kiln stands.
    assert expected < -1.0
    before = computed(link_product(pack, dataset, METHOD)).pcf_kg_co2e
    after = computed(link_product(pack, dataset, METHOD, told_sites=TOLD)).pcf_kg_co2e
    assert after - before == pytest.approx(expected, rel=1e-9)


def test_the_sites_that_suppliers_tell_are_those_of_the_site_table(pack: ProductModel) -> None:
    assert pack.sites_told_by_suppliers() == {"lfp_cathode": "CN-SC", "copper_foil": "CN-JX"}


def recorded(name: str, region: str) -> dict[str, float]:
    """Return what a plant's items cause by its records [kg CO2e / kg of output], by hand."""
    scores, kilograms = independent_scores(), {"t": 1000.0, "kg": 1.0}
    gases = {"co2_fossil": 1.0, "co2_biogenic": 0.0}
    caused: dict[str, float] = {}
    output = 0.0
    for row in table(f"examples/lfp_battery_pack/suppliers/{name}.csv"):
        amount = float(row["amount"]) * kilograms.get(row["unit"], 1.0)
        if row["kind"] == "output":
            output += amount
            continue
        item = row["item_id"]
        score = gases[item] if item in gases else scores[region if "grid" in item else item]
        caused[item] = caused.get(item, 0.0) + amount * score
    return {item: amount / output for item, amount in caused.items()}


@pytest.mark.parametrize(
    ("name", "activity_id", "region"),
    [
        ("cathode_maker", "lfp_cathode", "CN-SC"),
        ("cathode_maker_corrected", "lfp_cathode", "CN-SC"),
        ("copper_foil_maker", "copper_foil", "CN-JX"),
    ],
)
def test_a_suppliers_plant_is_what_its_records_say_by_hand(
    name: str, activity_id: str, region: str, example: Example, dataset: Dataset
) -> None:
    found = declared(name, activity_id, region, example, dataset)
    assert found.pcf_kg_co2e == pytest.approx(sum(recorded(name, region).values()), rel=1e-9)


def test_suppliers_data_move_the_pack_but_not_far_from_their_sites(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    found = with_suppliers("cathode_maker", pack, example, dataset)
    sited = computed(link_product(pack, dataset, METHOD, told_sites=TOLD))
    assert found.pcf_kg_co2e == pytest.approx(sited.pcf_kg_co2e, abs=1.0)
    assert found.pcf_kg_co2e != pytest.approx(sited.pcf_kg_co2e, abs=0.01)


def test_a_corrected_meter_raises_the_pack(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    before = with_suppliers("cathode_maker", pack, example, dataset)
    after = with_suppliers("cathode_maker_corrected", pack, example, dataset)
    assert after.pcf_kg_co2e > before.pcf_kg_co2e


def test_the_two_shares_are_those_of_a_sum_by_hand(
    pack: ProductModel, example: Example, dataset: Dataset
) -> None:
    makers = {
        "lfp_cathode": recorded("cathode_maker", "CN-SC"),
        "copper_foil": recorded("copper_foil_maker", "CN-JX"),
    }
    own_energy = {"electricity_grid", "electricity_pv_cn_2023", "heat_natural_gas"}
    lines = independent_lines({}, "CN-JX")
    whole = emitted = metered = 0.0
    for line in pack.lines:
        if line.stage not in ("raw_materials", "manufacturing"):
            continue
        if line.input_id in makers:
            maker = makers[line.input_id]
            whole += line.amount * sum(maker.values())
            emitted += line.amount * maker.get("co2_fossil", 0.0)
            metered += line.amount * sum(maker.get(item, 0.0) for item in own_energy)
        else:
            whole += lines[line.line_id]
            if line.activity_data is ActivityData.OWN_PLANT:
                metered += lines[line.line_id]
    found = with_suppliers("cathode_maker", pack, example, dataset)
    assert found.pcf_kg_co2e == pytest.approx(whole, rel=1e-9)
    assert found.primary_data_share_percent == pytest.approx(100 * emitted / whole, rel=1e-9)
    assert found.primary_activity_share_percent == pytest.approx(
        100 * (emitted + metered) / whole, rel=1e-9
    )
    # A metered kWh has a background factor: it counts in the second share alone.
    assert 0.0 < found.primary_data_share_percent < 1.0
    assert 10.0 < found.primary_activity_share_percent < 40.0


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
