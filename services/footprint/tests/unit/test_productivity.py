from typing import Any

import numpy as np
import pytest

from footprint.bootstrap import run_analysis
from footprint.engine.productivity import unproductive_loop
from footprint.engine.system import Exchanges, System

NONE = Exchanges.fixed(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def found(rows: list[tuple[int, int, float]], reference: list[int]) -> list[int]:
    row, column = (np.array([r[k] for r in rows], dtype=np.int64) for k in (0, 1))
    technosphere = Exchanges.fixed(row, column, np.array([r[2] for r in rows]))
    size = len(reference)
    system = System(size, 0, 0, technosphere, NONE, NONE, np.array(reference))
    return [int(index) for index in unproductive_loop(system)]


OUTPUTS = [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0)]


@pytest.mark.parametrize(("gain", "members"), [(0.9, []), (1.0, [0, 1]), (1.1, [0, 1])])
def test_a_loop_is_unproductive_from_a_gain_of_one(gain: float, members: list[int]) -> None:
    # 0 takes 2 of 1, which takes gain / 2 of 0; 2 takes from both.
    loop = [(1, 0, -2.0), (0, 1, -gain / 2.0), (0, 2, -5.0), (1, 2, -5.0)]
    assert found(OUTPUTS + loop, [0, 1, 2]) == members


def test_products_may_be_paired_in_any_order() -> None:
    # Activity 0 gives product 1 and takes 2 of product 0, of which activity 1 takes 1 to give 1.
    assert found([(1, 0, 1.0), (0, 1, 1.0), (0, 0, -2.0), (1, 1, -1.0)], [1, 0]) == [0, 1]


def test_waste_and_co_products_are_left_alone() -> None:
    # 1 treats the waste of 0 and takes its product; 0 gives more of the waste than of anything.
    assert found([(0, 0, 1.0), (1, 1, -1.0), (1, 0, 3.0), (0, 1, -2.0)], [0, 1]) == []


def activity(made: str, taken: str, amount: float) -> dict[str, object]:
    return {
        "id": f"making_{made}",
        "product": made,
        "outputs": [{"product": made, "amount": 1}],
        "inputs": [{"product": taken, "amount": amount}],
        "emissions": [{"flow": "co2", "amount": 1}],
    }


@pytest.mark.parametrize(("amount", "codes"), [(0.5, []), (2.0, ["unproductive_loop"])])
def test_a_calculation_warns_of_such_a_loop_by_name(amount: float, codes: list[str]) -> None:
    model = {
        "format": "greenchain-inventory/1",
        "id": "loop",
        "products": [{"id": "a", "unit": "kg"}, {"id": "b", "unit": "kg"}],
        "flows": [{"id": "co2", "unit": "kg", "compartment": "air"}],
        "methods": [{"id": "gwp", "unit": "kg CO2e", "factors": [{"flow": "co2", "amount": 1}]}],
        "activities": [activity("a", "b", amount), activity("b", "a", 1.0)],
        "demand": {"product": "a", "amount": 1},
    }
    warnings: Any = run_analysis("calculate", model, {})["warnings"]
    assert [each["code"] for each in warnings] == codes
    assert all("making_a, making_b" in each["message"]["en"] for each in warnings)
