"""Explanations, by hand and by what holds for any system; the pan is in `textbook_pan`."""

import math
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.footprint.tests.textbook_dataset import activity, exchange
from services.footprint.tests.textbook_pan import pan, pan_dataset

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.data_quality import data_quality
from footprint.domain.dataset import Dataset
from footprint.domain.explanation import ExplainedExchange, ExplainedProcess, Explanation, explain
from footprint.domain.linking import link_product
from footprint.domain.system import LinkedSystem

ENGINE = GreenchainEngine()


def total(system: LinkedSystem) -> float:
    return ENGINE.solve(system).scores.total


def explained(dataset: Dataset, **changes: Any) -> Explanation:
    system = link_product(pan(dataset, **changes), dataset, "gwp")
    solution = ENGINE.solve(system)
    return explain(system, solution, dataset, data_quality(system, solution, dataset, total))


def process(found: Explanation, key: str) -> ExplainedProcess:
    (one,) = [each for each in found.processes if each.process.key == key]
    return one


def exchanges(of: ExplainedProcess) -> dict[str, ExplainedExchange]:
    return {each.input_key: each for each in of.exchanges}


def test_the_product_comes_first_then_what_weighs_most() -> None:
    found = explained(pan_dataset())
    assert found.processes[0].process.key == "pan"
    assert (found.kg_co2e, found.processes[0].share_percent) == pytest.approx((2.9, 100.0))
    scores = [abs(each.kg_co2e) for each in found.processes[1:]]
    assert scores == sorted(scores, reverse=True)


def test_a_process_stands_once_with_all_that_is_needed_of_it() -> None:
    # 2 kg of steel less a credit of 1; 1.4 each, of which 1.3 its own.
    steel = process(explained(pan_dataset()), "steel@A")
    assert steel.supply == pytest.approx(1.0)
    assert (steel.unit_score, steel.own_kg_co2e, steel.kg_co2e) == pytest.approx((1.4, 1.3, 1.4))
    assert steel.share_percent == pytest.approx(100 * 1.4 / 2.9)
    assert (steel.valid_year, steel.pedigree) == (2024, (1, 1, 1, 1, 1))


def test_an_exchange_has_its_amount_its_total_and_its_share() -> None:
    steel = exchanges(process(explained(pan_dataset()), "steel@A"))
    lime = steel["lime@FR"]
    assert (lime.amount, lime.total, lime.kg_co2e) == pytest.approx((0.5, 0.5, 0.1))
    assert lime.share_percent == pytest.approx(100 * 0.1 / 2.9)
    assert not lime.is_emission
    methane = steel["ch4"]
    assert (methane.amount, methane.total, methane.kg_co2e) == pytest.approx((0.01, 0.01, 0.3))
    assert methane.is_emission
    assert methane.row is not None
    assert methane.row.line_id == "steel.ch4"


def test_a_credit_has_a_negative_share() -> None:
    # −1 kg of steel at 1.4
    credit = exchanges(process(explained(pan_dataset()), "recycling@A"))["steel@A"]
    assert credit.kg_co2e == pytest.approx(-1.4)
    assert credit.share_percent == pytest.approx(-100 * 1.4 / 2.9)


def test_what_is_beyond_the_boundary_is_left_out() -> None:
    keys = {each.process.key for each in explained(pan_dataset()).processes}
    assert "pan/end_of_life" not in keys
    assert keys == {
        "pan",
        "pan/raw_materials",
        "pan/manufacturing",
        "steel@A",
        "lime@FR",
        "recycling@A",
    }


def test_a_result_of_zero_has_no_shares() -> None:
    nothing = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("lime", "elementary", "water", 1, "m3"),
        exchange("steel", "elementary", "co2", -0.5, "kg"),
        exchange("recycling", "elementary", "water", 1, "m3"),
    ]
    # 2 · −0.5 + 1 = 0
    found = explained(pan_dataset(exchanges=nothing, coverage=[]))
    assert found.kg_co2e == 0.0
    assert {each.share_percent for each in found.processes} == {0.0}


NAMES = ("steel", "lime", "recycling")
amounts = st.lists(st.floats(-0.25, 0.25), min_size=9, max_size=9)
emitted = st.lists(st.floats(0.1, 10.0), min_size=3, max_size=3)


def looped(inputs: list[float], emissions: list[float]) -> Dataset:
    """Return a dataset in which each of three activities takes of all, itself included."""
    rows = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
    ]
    for number, name in enumerate(NAMES):
        rows.append(exchange(name, "elementary", "co2", emissions[number], "kg"))
        rows += [
            exchange(name, "technosphere", other, inputs[3 * number + position], "kg")
            for position, other in enumerate(NAMES)
        ]
    activities = [
        activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
        activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
        *(activity(name, "kg", "unit_process") for name in NAMES),
    ]
    return pan_dataset(activities=activities, exchanges=rows, coverage=[])


@settings(max_examples=60, deadline=None)
@given(amounts, emitted)
def test_of_every_process_inputs_and_own_emissions_are_all_that_it_causes(
    inputs: list[float], emissions: list[float]
) -> None:
    found = explained(looped(inputs, emissions))
    for each in found.processes:
        parts = [exchange.kg_co2e for exchange in each.exchanges]
        scale = math.fsum(map(abs, parts)) or 1.0
        # Below the normal numbers, products of two keep fewer digits.
        assert abs(math.fsum(parts) - each.kg_co2e) <= 1e-12 * scale + sys.float_info.min
        own = [exchange.kg_co2e for exchange in each.exchanges if exchange.is_emission]
        assert math.fsum(own) == pytest.approx(each.own_kg_co2e, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(amounts, emitted)
def test_what_all_take_of_a_process_is_what_is_needed_of_it(
    inputs: list[float], emissions: list[float]
) -> None:
    found = explained(looped(inputs, emissions))
    taken: dict[str, list[float]] = {}
    for each in found.processes:
        for one in each.exchanges:
            if not one.is_emission:
                taken.setdefault(one.input_key, []).append(one.total)
    for each in found.processes[1:]:
        assert math.fsum(taken[each.process.key]) == pytest.approx(each.supply, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(amounts, emitted)
def test_own_emissions_of_all_processes_are_the_headline(
    inputs: list[float], emissions: list[float]
) -> None:
    found = explained(looped(inputs, emissions))
    own = math.fsum(each.own_kg_co2e for each in found.processes)
    assert own == pytest.approx(found.kg_co2e, rel=1e-9)
