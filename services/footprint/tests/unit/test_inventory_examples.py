"""The shipped inventory models: their arithmetic, their numbers, the JSON Schema that fits them."""

import contextlib
import copy
import json
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidInput
from footprint.adapters.model_arrays import model_arrays
from footprint.data.shipped import load_dataset
from footprint.domain.dataset import ExchangeKind
from footprint.domain.inventory_model import InventoryModel
from footprint.domain.inventory_model_rows import parse_inventory_model

DATA = resources.files("footprint.data")
NAMES = ("coal_power", "lfp_cell", "pv_module")


@cache
def text(name: str) -> str:
    return DATA.joinpath("examples", "inventory", f"{name}.json").read_text(encoding="utf-8")


def model(name: str) -> InventoryModel:
    return parse_inventory_model(json.loads(text(name)))


@cache
def validator() -> Any:
    folder = DATA.joinpath("schemas")
    schema = json.loads(folder.joinpath("greenchain-inventory-1.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def scores(found: InventoryModel) -> dict[str, float]:
    """Return the score of one unit of each product by the first method, densely solved."""
    system = model_arrays(found).system
    adjoint = np.linalg.solve(system.technosphere_matrix().toarray().T, system.intensities()[:, 0])
    ids = [product.id for product in found.products]
    return dict(zip(ids, adjoint.tolist(), strict=True))


def by_scenario(name: str) -> dict[str, float]:
    """Return the score of the demand, of the model ("") and under each scenario."""
    base = model(name)
    variants = {"": base} | {found.id: base.under(found) for found in base.scenarios}
    return {
        scenario: scores(found)[found.demand.product] * found.demand.amount
        for scenario, found in variants.items()
    }


def test_coal_power_has_the_scores_of_its_arithmetic() -> None:
    # Per kg of coal: 1/5 kWh, 1/20 kg of steel and 1/10 kg of CO2. With c, e and s for the
    # scores of coal, electricity and steel, e = 1 + c/2 and s = 4 + 2 c, so that
    # c = 1/10 + e/5 + s/20 = 1/10 + (1/5 + c/10) + (1/5 + c/10)  and  c (1 - 1/5) = 1/2.
    coal = Fraction(1, 2) / Fraction(4, 5)
    expected = {"coal": coal, "electricity": 1 + coal / 2, "steel": 4 + 2 * coal}
    assert expected["electricity"] == Fraction(21, 16)
    assert scores(model("coal_power")) == pytest.approx(
        {name: float(value) for name, value in expected.items()}, rel=1e-14
    )


def test_coal_power_runs_as_often_as_its_arithmetic_says() -> None:
    # x_e - 2 x_m = 1, 10 x_m = x_e/2 + 2 x_s, x_s = x_m/2: x_m = x_e/18 and x_e (1 - 1/9) = 1.
    matrix = model_arrays(model("coal_power")).system.technosphere_matrix().toarray()
    supply = np.linalg.solve(matrix, [1.0, 0.0, 0.0])
    np.testing.assert_allclose(supply, [9 / 8, 1 / 16, 1 / 32], rtol=1e-14)


def test_a_thrifty_mine_halves_its_electricity() -> None:
    # c = 1/10 + e/10 + s/20 = 1/10 + (1/10 + c/20) + (1/5 + c/10): c = 8/17, e = 21/17.
    assert by_scenario("coal_power") == pytest.approx(
        {"": 21 / 16, "thrifty_mine": 21 / 17}, rel=1e-14
    )


@cache
def totals(name: str) -> dict[str, float]:
    """Return what one unit of each activity that takes nothing emits, as the file states it."""
    return {
        activity["id"]: sum(emission["amount"] for emission in activity["emissions"])
        for activity in json.loads(text(name))["activities"]
        if "inputs" not in activity
    }


def lfp_cell(
    cathode_grid: str = "electricity_sc",
    plant_grid: str = "electricity_jx",
    graphite: str = "graphite_synthetic",
    cell_yield: float = 0.95,
) -> float:
    """Return the score of 1 kWh of cells, written out [kg CO2e]."""
    of = totals("lfp_cell")
    cathode = 0.241226 * of["lithium_carbonate"] + 0.97512 * of["iron_phosphate"]
    cathode += 6.8737 * of[cathode_grid] + 0.6395272 * of["nitrogen"] + 0.1395
    foil = of["copper_cathode"] + 8.84 * of[plant_grid]
    materials = (1.998 * cathode + 0.955 * of[graphite] + 0.5655 * foil) / cell_yield
    energy = 0.48 * 28.9 * of[plant_grid] + 0.52 * 28.9 * 3.6 * of["heat_natural_gas"]
    scrap = (1 / cell_yield - 1) * (1.998 + 0.955 + 0.5655)
    return materials + energy + scrap * of["scrap_treatment"]


def test_the_lfp_cell_has_the_scores_of_its_arithmetic() -> None:
    assert by_scenario("lfp_cell") == pytest.approx(
        {
            "": lfp_cell(),
            "cathode_in_jiangxi": lfp_cell(cathode_grid="electricity_jx"),
            "cell_in_sichuan": lfp_cell(plant_grid="electricity_sc"),
            "natural_graphite": lfp_cell(graphite="graphite_natural"),
            "better_yield": lfp_cell(cell_yield=0.98),
        },
        rel=1e-12,
    )


def pv_module(
    polysilicon_grid: str = "electricity_sc",
    module_grid: str = "electricity_jx",
    recycled: float = 0.0,
) -> float:
    """Return the score of 1 kWp of modules, written out [kg CO2e]."""
    of = totals("pv_module")
    heat, sichuan = of["heat_natural_gas"], of["electricity_sc"]
    smelted = 11 * sichuan + 3.5808
    polysilicon = 1.13 * smelted + 49 * of[polysilicon_grid] + 28.8 * heat
    crystal = polysilicon + 32 * sichuan + 68.224 * heat
    wafer = 0.59524 * crystal + 4.7619 * sichuan
    cell = 1.03 * wafer + 17.747 * sichuan
    frame = (1 - recycled) * of["aluminium_primary"] + recycled * of["aluminium_recycled"]
    area = 0.93541 * cell + 2.125 * frame + 8.8125 * of["glass"] + 0.875 * of["eva"]
    area += 0.1025 * of["copper_cathode"]
    return (area + 13.975 * of[module_grid]) / 0.21


def test_the_pv_module_has_the_scores_of_its_arithmetic() -> None:
    assert by_scenario("pv_module") == pytest.approx(
        {
            "": pv_module(),
            "recycled_frame": pv_module(recycled=0.75),
            "polysilicon_in_jiangxi": pv_module(polysilicon_grid="electricity_jx"),
            "modules_in_sichuan": pv_module(module_grid="electricity_sc"),
        },
        rel=1e-12,
    )


@cache
def dataset_scores() -> dict[str, float]:
    """Return the score of one unit of each activity of the dataset, on national electricity.

    A reference has the score of its default route.
    """
    dataset = load_dataset()
    places = {activity: place for place, activity in enumerate(dataset.activities)}
    factors = dataset.factors["ipcc_ar6_gwp100_v2"]
    matrix, direct = np.eye(len(places)), np.zeros(len(places))
    for activity, exchanges in dataset.exchanges.items():
        for exchange in exchanges:
            if exchange.kind is ExchangeKind.TECHNOSPHERE:
                matrix[places[exchange.input_id], places[activity]] -= exchange.amount
            elif exchange.input_id in factors:
                direct[places[activity]] += exchange.amount * factors[exchange.input_id].factor
    stands_for = {"electricity_grid": "electricity_cn_2023"}
    for reference, routes in dataset.routes.items():
        (stands_for[reference],) = (
            route.activity_id for route in routes.values() if route.is_default
        )
    for reference, activity in stands_for.items():
        matrix[places[activity], places[reference]] -= 1.0
    return dict(zip(places, np.linalg.solve(matrix.T, direct).tolist(), strict=True))


#: What activities of the examples are called in the dataset, where the names differ.
IN_DATASET = {
    "electricity_sc": "electricity_cn_sc_2023",
    "electricity_jx": "electricity_cn_jx_2023",
    "graphite_natural": "anode_graphite_natural",
    "graphite_synthetic": "anode_graphite_synthetic",
    "nitrogen": "nitrogen_gas",
    "aluminium_recycled": "aluminium_secondary_cn",
}


@pytest.mark.parametrize("name", ["lfp_cell", "pv_module"])
def test_totals_of_the_background_are_those_of_the_dataset(name: str) -> None:
    found = model(name)
    solved = scores(found)
    checked = 0
    for activity in found.activities:
        cited = {exchange.source for exchange in activity.exchanges}
        if activity.background and cited & {"greenchain_lci", "mee_2023"}:
            expected = dataset_scores()[IN_DATASET.get(activity.id, activity.id)]
            # The files state five digits.
            assert solved[activity.product] == pytest.approx(expected, rel=5e-5), activity.id
            checked += 1
    assert checked >= 6


def test_the_version_of_the_dataset_is_the_one_whose_totals_are_stated() -> None:
    for name in ("lfp_cell", "pv_module"):
        (cited,) = (each for each in model(name).sources if each.id == "greenchain_lci")
        assert cited.title.startswith(f"greenchain-lci {load_dataset().version}, ")


@pytest.mark.parametrize(
    ("activity_id", "in_dataset", "left_out"),
    [
        ("cathode_making", "lfp_cathode", {"co2_biogenic"}),
        ("foil_making", "copper_foil", {"sulfuric_acid"}),
    ],
)
def test_amounts_of_cathode_and_foil_are_those_of_the_dataset(
    activity_id: str, in_dataset: str, left_out: set[str]
) -> None:
    rows = load_dataset().exchanges[in_dataset]
    expected = {row.input_id: row.amount for row in rows if row.input_id not in left_out}
    assert {row.input_id for row in rows} == expected.keys() | left_out
    (found,) = (each for each in model("lfp_cell").activities if each.id == activity_id)
    grids = {"electricity_sc": "electricity_grid", "electricity_jx": "electricity_grid"}
    assert {
        (IN_DATASET | grids).get(exchange.item, exchange.item): exchange.amount.given
        for exchange in found.exchanges
        if exchange.item != found.product
    } == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_flow_counts_and_every_source_and_product_is_used(name: str) -> None:
    found = model(name)
    assert [found.uncharacterized(method) for method in found.methods] == [()]
    cited = {exchange.source for exchange in found.exchanges()}
    cited |= {parameter.source for parameter in found.parameters}
    cited |= {factor.source for method in found.methods for factor in method.factors}
    assert cited - {""} == {source.id for source in found.sources}
    consumed = {e.item for a in found.activities for e in a.exchanges if e.item != a.product}
    consumed.add(found.demand.product)
    for scenario in found.scenarios:
        consumed |= {change.product or "" for change in scenario.exchanges.values()}
    assert {product.id for product in found.products} <= consumed


# --------------------------------------------------------------------------------- JSON Schema


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_the_examples_and_they_name_it(name: str) -> None:
    document = json.loads(text(name))
    validator().validate(document)
    there = DATA.joinpath("examples", "inventory", document["$schema"])
    assert there.is_file()


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    *before, last = path
    for step in before:
        document = document[step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "greenchain-inventory/2"),
        (("colour",), "red"),
        (("name",), "Cell"),
        (("name", "zh"), ""),
        (("products",), []),
        (("products", 0, "unit"), ""),
        (("products", 0, "id"), "x" * 129),
        (("flows",), {}),
        (("sources", 0, "year"), 2025.5),
        (("methods", 0, "factors", 0, "amount"), "1"),
        (("parameters", 0, "id"), "cell yield"),
        (("parameters", 0, "formula"), "1"),
        (("parameters", 0, "uncertainty", "type"), "beta"),
        (("parameters", 0, "uncertainty", "sd"), 1),
        (("parameters", 2, "uncertainty", "gsd"), 0.5),
        (("choices", 0, "options"), []),
        (("choices", 0, "options", 0, "probability"), -0.34),
        (("activities", 0, "background"), 1),
        (("activities", 0, "inputs", 0, "formula"), "1+" * 250 + "1"),
        (("activities", 0, "inputs", 0, "flow"), "co2_fossil"),
        (("activities", 0, "inputs", 1, "when"), {"choice": "anode_route"}),
        (("activities", 1, "outputs", 0, "amount"), True),
        (("activities", 2, "emissions", 0, "product"), "cell"),
        (("demand", "amount"), 0),
        (("scenarios", 0, "changes", 0), {"exchange": "cathode_electricity"}),
        (("scenarios", 0, "changes", 0, "option"), "natural"),
        (("scenarios", 2, "changes", 0, "amount"), 1),
    ],
)
def test_the_schema_and_the_parser_refuse_what_has_the_wrong_form(
    path: tuple[Any, ...], value: Any
) -> None:
    document = json.loads(text("lfp_cell"))
    put(document, path, value)
    assert not validator().is_valid(document)
    with pytest.raises(InvalidInput):
        parse_inventory_model(document)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            found += paths_of(inner, (*path, step))
    return found


json_values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
EXAMPLE = json.loads(text("lfp_cell"))


@given(st.sampled_from(paths_of(EXAMPLE)[1:]), json_values, st.booleans())
def test_the_schema_refuses_nothing_that_the_parser_takes(
    path: tuple[Any, ...], value: Any, is_beside: bool
) -> None:
    document = copy.deepcopy(EXAMPLE)
    with contextlib.suppress(TypeError):  # a new key beside a place in a list
        put(document, (*path[:-1], "new") if is_beside else path, value)
    with contextlib.suppress(InvalidInput):
        parse_inventory_model(document)
        assert validator().is_valid(document)
