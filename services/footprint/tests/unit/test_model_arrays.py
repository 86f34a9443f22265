import math
from typing import Any

import numpy as np
import pytest

from footprint.adapters.model_arrays import ModelArrays, model_arrays
from footprint.domain.inventory_model import InventoryModel
from footprint.domain.inventory_model_errors import SampledFormulaNotFinite
from footprint.domain.inventory_model_rows import parse_inventory_model
from footprint.engine.distributions import Distributions, Kind
from footprint.engine.draws import Stream, draw
from footprint.engine.monte_carlo import monte_carlo

SEED, SAMPLES = 7, 4000


def model(**changes: Any) -> InventoryModel:
    """Return a cell of two routes, a grid, and a treatment that takes scrap."""
    document: dict[str, Any] = {
        "format": "greenchain-inventory/1",
        "id": "cells",
        "products": [
            {"id": "electricity", "unit": "kWh"},
            {"id": "scrap", "unit": "kg"},
            {"id": "cell", "unit": "kWh"},
        ],
        "flows": [{"id": "ch4", "unit": "kg"}, {"id": "co2", "unit": "kg"}],
        "methods": [
            {
                "id": "gwp100",
                "unit": "kg CO2e",
                "factors": [
                    {"flow": "co2", "amount": 1},
                    {
                        "flow": "ch4",
                        "amount": 29.8,
                        "uncertainty": {"type": "normal", "sd": 5},
                    },
                ],
            },
            {"id": "gtp", "unit": "kg CO2e", "factors": [{"flow": "ch4", "amount": 7.5}]},
        ],
        "parameters": [
            {"id": "drying", "formula": "heat / good"},
            {"id": "heat", "amount": 6},
            {
                "id": "good",
                "amount": 0.9,
                "uncertainty": {"type": "uniform", "min": 0.8, "max": 1.0},
            },
        ],
        "choices": [
            {
                "id": "route",
                "options": [
                    {"id": "never", "probability": 0},
                    {"id": "wet", "probability": 0.75},
                    {"id": "dry", "probability": 0.25},
                ],
                "default": "wet",
            }
        ],
        "activities": [
            {
                "id": "coating",
                "product": "cell",
                "outputs": [
                    {"product": "cell", "amount": 2},
                    {"product": "scrap", "amount": 0.1},
                ],
                "inputs": [
                    {
                        "id": "wet",
                        "product": "electricity",
                        "formula": "drying + 4",
                        "uncertainty": {"type": "lognormal", "gsd": 1.1},
                        "when": {"choice": "route", "option": "wet"},
                    },
                    {
                        "id": "dry",
                        "product": "electricity",
                        "amount": 4,
                        "when": {"choice": "route", "option": "dry"},
                    },
                    {"id": "light", "product": "electricity", "formula": "heat / 2"},
                ],
                "emissions": [{"id": "solvent", "flow": "ch4", "formula": "0.1 * drying"}],
            },
            {
                "id": "grid",
                "product": "electricity",
                "background": True,
                "outputs": [{"product": "electricity", "amount": 1}],
                "emissions": [{"flow": "co2", "amount": 0.6}],
            },
            {
                "id": "recycling",
                "product": "scrap",
                "outputs": [{"product": "scrap", "amount": -1}],
                "inputs": [
                    {
                        "product": "electricity",
                        "amount": 2,
                        "uncertainty": {"type": "triangular", "min": 1, "max": 4},
                    }
                ],
            },
        ],
        "demand": {"product": "cell", "amount": 1},
        "scenarios": [],
    }
    return parse_inventory_model(document | changes)


def position(arrays: ModelArrays, exchange: str) -> int:
    return [found.id for found in arrays.technosphere].index(exchange)


def technosphere(arrays: ModelArrays, first: int = 0, count: int = SAMPLES) -> Any:
    """Return drawn amounts of the technosphere (m, count)."""
    given = arrays.given(SEED)
    return draw(
        arrays.system.technosphere.distribution,
        seed=SEED,
        stream=Stream.TECHNOSPHERE,
        first=first,
        count=count,
        given=None if given is None else given(first, count),
    )


def distribution(of: Distributions, place: int) -> tuple[float, ...]:
    return tuple(float(array[place]) for array in (of.kind, of.first, of.second, of.third))


def test_matrices_have_products_in_rows_and_activities_in_columns_signed() -> None:
    arrays = model_arrays(model())
    # Columns: coating, grid, recycling. The wet route is the default: 6 / 0.9 + 4; light 6 / 2.
    electricity = [-(6 / 0.9 + 4 + 3), 1.0, -2.0]
    np.testing.assert_allclose(
        arrays.system.technosphere_matrix().toarray(),
        [electricity, [0.1, 0.0, -1.0], [2.0, 0.0, 0.0]],
        rtol=1e-15,
    )
    np.testing.assert_allclose(
        arrays.system.biosphere_matrix().toarray(),
        [[0.1 * 6 / 0.9, 0.0, 0.0], [0.0, 0.6, 0.0]],
        rtol=1e-15,
    )
    factors = arrays.system.characterization_matrix().toarray()
    assert factors.tolist() == [[29.8, 7.5], [1.0, 0.0]]
    assert arrays.system.reference.tolist() == [2, 0, 1]
    assert arrays.background.tolist() == [False, True, False]


def test_exchanges_and_factors_are_told_by_their_positions() -> None:
    arrays = model_arrays(model())
    for place, exchange in enumerate(arrays.technosphere):
        product = arrays.model.products[arrays.system.technosphere.row[place]]
        activity = arrays.model.activities[arrays.system.technosphere.column[place]]
        assert (exchange.item, exchange.activity) == (product.id, activity.id)
    assert [exchange.id for exchange in arrays.biosphere] == ["solvent", "grid.co2"]
    assert [factor.id for factor in arrays.characterization] == [
        "gwp100.co2",
        "gwp100.ch4",
        "gtp.ch4",
    ]


def test_distributions_carry_the_sign_of_their_entry() -> None:
    arrays = model_arrays(model())
    found = arrays.system.technosphere.distribution
    scrap = position(arrays, "recycling.electricity")
    assert distribution(found, scrap) == (Kind.TRIANGULAR, -4.0, -2.0, -1.0)
    wet = position(arrays, "wet")
    assert distribution(found, wet) == (Kind.LOGNORMAL, -1.0, math.log(1.1), 0.0)
    factors = arrays.system.characterization.distribution
    assert distribution(factors, 1) == (Kind.NORMAL, 29.8, 5.0, 0.0)


def test_a_formula_that_does_not_vary_is_worked_in() -> None:
    arrays = model_arrays(model())
    light = position(arrays, "light")
    found = arrays.system.technosphere.distribution
    assert distribution(found, light) == (Kind.FIXED, -3.0, 0.0, 0.0)
    assert found.given[light] == -1


def test_given_values_are_formulas_of_drawn_parameters_times_the_option() -> None:
    arrays = model_arrays(model())
    drawn = arrays.draw_parameters(SEED, 0, SAMPLES)
    assert sorted(drawn) == ["good", "route"]
    given = arrays.given(SEED)
    assert given is not None
    table = given(0, SAMPLES)
    found = arrays.system.technosphere.distribution
    is_wet, is_dry = drawn["route"] == 1.0, drawn["route"] == 2.0
    wet = table[found.given[position(arrays, "wet")]]
    np.testing.assert_allclose(wet, (6 / drawn["good"] + 4) * is_wet, rtol=1e-15)
    np.testing.assert_array_equal(table[found.given[position(arrays, "dry")]], is_dry)
    solvent = table[arrays.system.biosphere.distribution.given[0]]
    np.testing.assert_allclose(solvent, 0.1 * (6 / drawn["good"]), rtol=1e-15)


def test_options_are_taken_as_often_as_they_are_probable() -> None:
    drawn = model_arrays(model()).draw_parameters(SEED, 0, SAMPLES)["route"]
    assert not (drawn == 0.0).any()
    # Four standard deviations of the share of 4000 draws.
    assert np.mean(drawn == 1.0) == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / SAMPLES))
    assert ((drawn == 1.0) | (drawn == 2.0)).all()


def test_a_sample_is_the_same_in_whatever_part_it_is_asked_for() -> None:
    arrays = model_arrays(model())
    given = arrays.given(SEED)
    assert given is not None
    parts = np.hstack([given(0, 5), given(5, 1), given(6, 26)])
    np.testing.assert_array_equal(parts, given(0, 32))
    assert (arrays.given(SEED + 1) or given)(0, 32).tolist() != parts.tolist()


def test_amounts_of_a_cell_keep_to_the_route() -> None:
    arrays = model_arrays(model())
    amounts = technosphere(arrays)
    wet, dry = amounts[position(arrays, "wet")], amounts[position(arrays, "dry")]
    assert ((wet == 0.0) != (dry == 0.0)).all()
    assert (wet <= 0.0).all()
    assert set(dry.tolist()) == {0.0, -4.0}


def test_what_does_not_vary_needs_no_table() -> None:
    certain = model(
        parameters=[{"id": "drying", "formula": "heat / 0.9"}, {"id": "heat", "amount": 6}],
        choices=[
            {
                "id": "route",
                "options": [{"id": "wet"}, {"id": "dry"}],
                "default": "dry",
            }
        ],
    )
    arrays = model_arrays(certain)
    assert arrays.given(SEED) is None
    wet, dry = position(arrays, "wet"), position(arrays, "dry")
    assert arrays.system.technosphere.amount[[wet, dry]].tolist() == [0.0, -4.0]
    found = arrays.system.technosphere.distribution
    assert distribution(found, wet) == (Kind.FIXED, 0.0, 0.0, 0.0)


def test_a_scenario_shares_positions_and_draws_with_the_model() -> None:
    base = model(
        scenarios=[
            {
                "id": "elsewhere",
                "changes": [
                    {"exchange": "recycling.electricity", "product": "cell"},
                    {"choice": "route", "option": "dry"},
                ],
            }
        ]
    )
    before, after = (model_arrays(found) for found in (base, base.under(base.scenarios[0])))
    moved = position(before, "recycling.electricity")
    rows = [arrays.system.technosphere.row[moved] for arrays in (before, after)]
    assert rows == [0, 2]
    others = np.arange(before.system.technosphere.size) != moved
    for name in ("row", "column"):
        left, right = (getattr(arrays.system.technosphere, name) for arrays in (before, after))
        np.testing.assert_array_equal(left[others], right[others])
    drawn, drawn_after = technosphere(before), technosphere(after)
    unchosen = [position(before, exchange) for exchange in ("wet", "dry")]
    kept = np.setdiff1d(np.arange(len(drawn)), unchosen)
    np.testing.assert_array_equal(drawn[kept], drawn_after[kept])
    assert (drawn_after[position(after, "dry")] == -4.0).all()
    assert (drawn_after[position(after, "wet")] == 0.0).all()


def test_a_formula_of_lognormals_gives_a_lognormal_score() -> None:
    gsds = {"power": 1.2, "hours": 1.3}
    lamp = parse_inventory_model(
        {
            "format": "greenchain-inventory/1",
            "id": "lamp",
            "products": [{"id": "light", "unit": "h"}],
            "flows": [{"id": "co2", "unit": "kg"}],
            "methods": [{"id": "co2", "unit": "kg", "factors": [{"flow": "co2", "amount": 0.5}]}],
            "parameters": [
                {"id": id_, "amount": 3, "uncertainty": {"type": "lognormal", "gsd": gsd}}
                for id_, gsd in gsds.items()
            ],
            "activities": [
                {
                    "id": "lamp",
                    "product": "light",
                    "outputs": [{"product": "light", "amount": 2}],
                    "emissions": [
                        {
                            "flow": "co2",
                            "formula": "power ** 2 / hours",
                            "uncertainty": {"type": "lognormal", "gsd": 1.1},
                        }
                    ],
                }
            ],
            "demand": {"product": "light", "amount": 1},
        }
    )
    arrays = model_arrays(lamp)
    result = monte_carlo(
        arrays.system, np.array([0]), samples=SAMPLES, seed=SEED, given=arrays.given(SEED)
    )
    logarithms = np.log(result.scores[:, 0, 0])
    # ln h = ln 0.5 - ln 2 + 2 ln power - ln hours + noise, of independent normals.
    sigma = math.sqrt((2 * math.log(1.2)) ** 2 + math.log(1.3) ** 2 + math.log(1.1) ** 2)
    expected = math.log(0.5 / 2 * 3**2 / 3)
    # Four standard errors of a mean and of a standard deviation of normals.
    assert np.mean(logarithms) == pytest.approx(expected, abs=4 * sigma / math.sqrt(SAMPLES))
    assert np.std(logarithms) == pytest.approx(sigma, rel=4 / math.sqrt(2 * SAMPLES))


def test_a_sample_without_a_finite_value_is_told() -> None:
    parameters = [
        {"id": "drying", "formula": "sqrt(heat)"},
        {"id": "heat", "amount": 1, "uncertainty": {"type": "normal", "sd": 1}},
    ]
    given = model_arrays(model(parameters=parameters)).given(SEED)
    assert given is not None
    with pytest.raises(SampledFormulaNotFinite) as told:
        given(0, SAMPLES)
    assert (told.value.formula, told.value.name) == ("sqrt(heat)", "drying")
    [value] = told.value.values
    assert value.startswith("heat = -")
    first = told.value.sample
    given(0, first)
    with pytest.raises(SampledFormulaNotFinite):
        given(first, 1)
