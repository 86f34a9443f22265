"""Small systems with the arithmetic beside them: what anybody can check with a pencil."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine.inventory import Assessment
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

Floats = NDArray[np.float64]

CO2, SO2, CRUDE_OIL = np.eye(3)


def technosphere(*rows: list[float]) -> Technosphere:
    """Products in rows, activities in columns; what is given is positive."""
    return Technosphere(sparse.csr_array(np.array(rows)))


def test_electricity_and_fuel() -> None:
    # Heijungs & Suh, The Computational Structure of Life Cycle Assessment (2002), section 2.2,
    # doi:10.1007/978-94-015-9900-9. Electricity takes 2 L of fuel for 10 kWh; fuel comes by 100 L.
    #   1000 kWh / 10 kWh = 100 times the one; 100 · 2 L / 100 L = 2 times the other
    #                  electricity  fuel
    system = technosphere([-2.0, 100.0],  # fuel [L]
                          [10.0, 0.0])  # electricity [kWh]  # fmt: skip
    emissions = np.array([[1.0, 10.0],  # CO2 [kg]
                          [0.1, 2.0],  # SO2 [kg]
                          [0.0, -50.0]])  # crude oil [L]  # fmt: skip
    supply = system.supply(np.array([0.0, 1000.0]))
    np.testing.assert_allclose(supply, [100.0, 2.0], rtol=1e-14)
    # 100 · 1 + 2 · 10 = 120; 100 · 0.1 + 2 · 2 = 14; 2 · −50 = −100
    np.testing.assert_allclose(emissions @ supply, [120.0, 14.0, -100.0], rtol=1e-14)
    # 1 L: 10 kg / 100 = 0.1 kg of CO2; 1 kWh: (1 + 2 · 0.1) / 10 = 0.12 kg. SO2: 0.02; 0.014.
    scores = system.adjoint_scores(np.stack([CO2 @ emissions, SO2 @ emissions], axis=1))
    np.testing.assert_allclose(scores, [[0.1, 0.02], [0.12, 0.014]], rtol=1e-14)
    np.testing.assert_allclose(system.adjoint_scores(CRUDE_OIL @ emissions), [-0.5, -0.1], 1e-14)


def test_where_the_impact_of_electricity_comes_from() -> None:
    # The same system for 1000 kWh, CO2 with a factor of 1 and crude oil with one of 3 per litre:
    #   electricity 100 · 1 = 100; fuel 2 · (10 · 1 − 50 · 3) = −280
    #   CO2 120 · 1 = 120; SO2 none; crude oil −100 · 3 = −300; both add up to −180
    def entries(*rows: list[float]) -> Exchanges:
        matrix = np.array(rows)
        row, column = np.nonzero(matrix)
        return Exchanges.fixed(row, column, matrix[row, column])

    system = System(
        size=2,
        flows=3,
        methods=1,
        technosphere=entries([-2.0, 100.0], [10.0, 0.0]),
        biosphere=entries([1.0, 10.0], [0.1, 2.0], [0.0, -50.0]),
        characterization=entries([1.0], [0.0], [3.0]),
        reference=np.array([1, 0]),
    )
    assessment = Assessment(system)
    inventory = assessment.inventory(np.array([0.0, 1000.0]))
    np.testing.assert_allclose(inventory.flows, [120.0, 14.0, -100.0], rtol=1e-14)
    np.testing.assert_allclose(inventory.by_activity[:, 0], [100.0, -280.0], rtol=1e-14)
    np.testing.assert_allclose(inventory.by_flow[:, 0], [120.0, 0.0, -300.0], rtol=1e-14)
    np.testing.assert_allclose(inventory.scores, [-180.0], rtol=1e-14)
    np.testing.assert_allclose(assessment.unit_scores[1], [-0.18], rtol=1e-14)


def test_electricity_and_fuel_that_need_each_other() -> None:
    # The same, and 100 L of fuel take 20 kWh: 2 s₁ = 100 s₂ and 10 s₁ − 20 s₂ = 1000
    #   s₁ = 50 s₂; 480 s₂ = 1000; s = (1250, 25) / 12; CO2 = (1250 + 250) / 12 = 125
    system = technosphere([-2.0, 100.0], [10.0, -20.0])
    supply = system.supply(np.array([0.0, 1000.0]))
    np.testing.assert_allclose(supply, [1250.0 / 12.0, 25.0 / 12.0], rtol=1e-14)
    scores = system.adjoint_scores(np.array([1.0, 10.0]))
    assert scores[1] * 1000.0 == pytest.approx(125.0, rel=1e-14)


def test_two_sectors_of_an_economy() -> None:
    # Miller & Blair, Input-Output Analysis, 2nd ed. (2009), section 2.3: a dollar of each sector
    # takes (0.15, 0.2) and (0.25, 0.05) dollars of both.
    #   det = 0.85 · 0.95 − 0.25 · 0.2 = 0.7575
    #   x = (0.95 · 600 + 0.25 · 1500, 0.2 · 600 + 0.85 · 1500) / det = (945, 1395) / 0.7575
    economy = technosphere([0.85, -0.25], [-0.2, 0.95])
    output = economy.supply(np.array([600.0, 1500.0]))
    np.testing.assert_allclose(output, [945.0 / 0.7575, 1395.0 / 0.7575], rtol=1e-14)
    np.testing.assert_allclose(output, [1247.5, 1841.6], atol=0.05)  # as printed in the book


def test_two_loops_that_share_an_activity() -> None:
    # 0 takes 0.5 of 1; 1 takes 0.2 of 0 and 0.1 of 2; 2 takes 0.4 of 1. One unit of 0:
    #   s₂ = 0.1 s₁; s₁ = 0.5 s₀ + 0.4 s₂ → 0.96 s₁ = 0.5 s₀; s₀ = 1 + 0.2 s₁ → 0.86 s₀ = 0.96
    loops = technosphere([1.0, -0.2, 0.0], [-0.5, 1.0, -0.4], [0.0, -0.1, 1.0])
    supply = loops.supply(np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(supply, [0.96 / 0.86, 0.5 / 0.86, 0.05 / 0.86], rtol=1e-14)


def test_an_activity_that_takes_of_its_own_product() -> None:
    # 8 % of the electricity is lost on its way: 1 kWh at the socket takes 1 / 0.92 kWh.
    grid = technosphere([0.92])
    assert grid.supply(np.ones(1))[0] == pytest.approx(1.0 / 0.92, rel=1e-15)


def test_waste_goes_to_its_treatment() -> None:
    # 1 kg of steel leaves 0.2 kg of slag. To treat 1 kg of slag takes 0.5 kWh and emits 0.9 kg CO2;
    # 1 kWh emits 0.8 kg, steel itself 2 kg.
    #   slag: 0.2 · 1 − 1 · s = 0 → s = 0.2; electricity: 0.5 · 0.2 = 0.1
    #                     steel treatment electricity
    system = technosphere([1.0, 0.0, 0.0],  # steel [kg]
                          [0.2, -1.0, 0.0],  # slag [kg]
                          [0.0, -0.5, 1.0])  # electricity [kWh]  # fmt: skip
    np.testing.assert_allclose(system.supply(np.array([1.0, 0.0, 0.0])), [1.0, 0.2, 0.1], 1e-15)
    scores = system.adjoint_scores(np.array([2.0, 0.9, 0.8]))
    # 2 + 0.2 · (0.9 + 0.5 · 0.8) = 2.26; a kg of slag that somebody *takes* spares its treatment
    np.testing.assert_allclose(scores, [2.26, -1.3, 0.8], rtol=1e-15)
    # To treat 1 kg of slag is a demand of −1 kg.
    np.testing.assert_allclose(system.supply(np.array([0.0, -1.0, 0.0])), [0.0, 1.0, 0.5], 1e-15)


def test_a_co_product_replaces_what_is_made_for_itself() -> None:
    # A plant gives 1 kWh of electricity with 2 kWh of heat and emits 1 kg; a boiler emits 0.25 kg
    # per kWh of heat.
    #   heat: 2 · 1 + s = 0 → s = −2; 1 − 2 · 0.25 = 0.5 kg
    system = technosphere([1.0, 0.0], [2.0, 1.0])
    assert system.supply(np.array([1.0, 0.0])).tolist() == [1.0, -2.0]
    assert system.adjoint_scores(np.array([1.0, 0.25])).tolist() == [0.5, 0.25]


def test_two_activities_that_both_give_two_products() -> None:
    # Old: 3 A + 1 B; new: 1 A + 2 B. 1 of A and nothing of B: s = (2, −1) / 5 by Cramer's rule.
    refineries = technosphere([3.0, 1.0], [1.0, 2.0])
    np.testing.assert_allclose(refineries.supply(np.array([1.0, 0.0])), [0.4, -0.2], rtol=1e-15)


def test_scrap_comes_back_as_metal() -> None:
    # A part of 1 kg takes 1.1 kg of ingot and leaves 0.1 kg of scrap; the remelter makes 0.95 kg of
    # ingot of 1 kg of scrap and emits 0.57 kg; primary ingot 16 kg, the part itself 0.5 kg.
    #   scrap: 0.1 − s_r = 0; ingot: −1.1 + 0.95 · 0.1 + s_p = 0 → s_p = 1.005
    #   0.5 + 0.1 · 0.57 + 1.005 · 16 = 16.637
    #                     part remelter primary
    system = technosphere([1.0, 0.0, 0.0],  # part [kg]
                          [-1.1, 0.95, 1.0],  # ingot [kg]
                          [0.1, -1.0, 0.0])  # scrap [kg]  # fmt: skip
    np.testing.assert_allclose(system.supply(np.array([1.0, 0.0, 0.0])), [1.0, 0.1, 1.005], 1e-14)
    # Scrap is worth the ingot that comes of it: 0.95 · 16 − 0.57 = 14.63 kg saved, so that a kg of
    # it that somebody takes away costs as much.
    scores = system.adjoint_scores(np.array([0.5, 0.57, 16.0]))
    np.testing.assert_allclose(scores, [16.637, 16.0, 14.63], rtol=1e-14)


def test_a_product_in_another_unit_has_the_same_footprint() -> None:
    # The electricity of the first test in MWh: its row by 1 / 1000, its score by 1000.
    system = technosphere([-2.0, 100.0], [0.01, 0.0])
    np.testing.assert_allclose(system.adjoint_scores(np.array([1.0, 10.0])), [0.1, 120.0], 1e-14)
