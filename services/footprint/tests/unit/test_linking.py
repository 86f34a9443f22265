from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.errors import InvalidInput
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_rows import parse_product_model
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import (
    AmbiguousSupplier,
    InvalidSupplierFootprint,
    SingularSystem,
    SupplierWithoutLine,
    UncharacterizedFlow,
    UnknownMethod,
    UnproductiveLoop,
)

MakeLine = Callable[..., dict[str, Any]]

# steel: y = 1 + 2·e + 0.5·coal, coal = 0.1·y → y = (1 + 2 e) / 0.95, coal 0.1 y
STEEL_IN_A = 2.0 / 0.95
STEEL_IN_B = 1.2 / 0.95


def product(
    textbook: Dataset,
    *lines: dict[str, Any],
    sites: tuple[tuple[str, str, str], ...] = (),
    intermediates: tuple[str, ...] = (),
    amount: float = 1.0,
) -> ProductModel:
    header = {
        "format": "greenchain-product/1",
        "product_id": "pan",
        "name": {"en": "pan", "zh": "锅"},
        "declared_unit": {"amount": amount, "unit": "piece"},
        "plant_region": "B",
        "boundary": {
            "name": "cradle_to_gate",
            "stages": ["raw_materials", "manufacturing"],
            "beyond": ["end_of_life"],
        },
        "intermediates": [
            {"id": part, "name": {"en": part, "zh": part}, "unit": "kg"} for part in intermediates
        ],
    }
    places = [{"activity_id": a, "region": r, "known_from": k, "note": ""} for a, r, k in sites]
    return parse_product_model(header, lines, places, textbook)


def supplier(**changes: Any) -> SupplierPcf:
    values: dict[str, Any] = {
        "declaration_id": "d1",
        "version": 1,
        "sha256": "0" * 64,
        "activity_id": "steel",
        "region": "B",
        "pcf_kg_co2e": 7.0,
        "unit": "kg",
        "primary_data_share_percent": 10.0,
        "primary_activity_share_percent": 40.0,
        "period_start": date(2025, 1, 1),
        "period_end": date(2025, 12, 31),
    }
    return SupplierPcf(**(values | changes))


def total(system: LinkedSystem) -> float:
    return GreenchainEngine().solve(system).scores.total


def keys(system: LinkedSystem) -> set[str]:
    return {process.key for process in system.processes}


def test_a_unit_process_buys_from_the_market_of_its_own_region(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"), sites=(("steel", "B", "own"),))
    assert total(link_product(pan, textbook, "gwp")) == pytest.approx(3 * STEEL_IN_B, rel=1e-14)


def test_a_site_that_only_the_supplier_knows_stands_in_the_default_region(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"), sites=(("steel", "B", "supplier"),))
    assert total(link_product(pan, textbook, "gwp")) == pytest.approx(3 * STEEL_IN_A, rel=1e-14)


def test_a_site_counts_once_the_supplier_has_told(textbook: Dataset, line: MakeLine) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"), sites=(("steel", "B", "supplier"),))
    system = link_product(pan, textbook, "gwp", told_sites=pan.sites_told_by_suppliers())
    assert total(system) == pytest.approx(3 * STEEL_IN_B, rel=1e-14)


def test_the_plants_own_electricity_comes_from_its_region(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "grid", 3, "kWh", stage="manufacturing"))
    assert total(link_product(pan, textbook, "gwp")) == pytest.approx(0.3, rel=1e-14)


def test_a_system_process_keeps_its_own_location(textbook: Dataset, line: MakeLine) -> None:
    system = link_product(product(textbook, line("1", "lime", 1, "kg")), textbook, "gwp")
    assert "lime@FR" in keys(system)


def test_stages_beyond_the_boundary_stand_apart(textbook: Dataset, line: MakeLine) -> None:
    pan = product(
        textbook,
        line("1", "lime", 1, "kg"),
        line("2", "lime", 5, "kg", stage="end_of_life"),
    )
    scores = GreenchainEngine().solve(link_product(pan, textbook, "gwp")).scores
    assert scores.total == pytest.approx(0.2, rel=1e-14)
    assert scores.stages["end_of_life"] == pytest.approx(1.0, rel=1e-14)


def test_the_result_is_per_declared_unit_whatever_its_amount(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "lime", 10, "kg"), amount=10.0)
    assert total(link_product(pan, textbook, "gwp")) == pytest.approx(2.0, rel=1e-14)


def test_a_direct_emission_of_the_plant_counts(textbook: Dataset, line: MakeLine) -> None:
    pan = product(textbook, line("1", "co2", 0.25, "kg", stage="manufacturing"))
    assert total(link_product(pan, textbook, "gwp")) == 0.25


def test_a_suppliers_footprint_replaces_the_background(textbook: Dataset, line: MakeLine) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"))
    system = link_product(pan, textbook, "gwp", suppliers=[supplier()])
    assert total(system) == 21.0
    assert "steel@B#supplier" in keys(system)


def test_what_others_in_the_chain_buy_is_not_the_suppliers(
    textbook: Dataset, line: MakeLine
) -> None:
    # coal = 0.1 kg of background steel, also when the maker's own steel is a supplier's.
    pan = product(textbook, line("1", "steel", 3, "kg"), line("2", "coal", 10, "kg"))
    system = link_product(pan, textbook, "gwp", suppliers=[supplier()])
    assert total(system) == pytest.approx(21.0 + 10 * 0.1 * STEEL_IN_A, rel=1e-14)


def test_a_suppliers_footprint_is_converted_to_the_unit_of_the_activity(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"))
    per_tonne = supplier(pcf_kg_co2e=7000.0, unit="t")
    assert total(link_product(pan, textbook, "gwp", suppliers=[per_tonne])) == pytest.approx(21.0)


@pytest.mark.parametrize(
    "change",
    [
        {"pcf_kg_co2e": float("nan")},
        {"unit": "kWh"},
        {"unit": "stone"},
        {"primary_data_share_percent": 101.0},
        {"primary_activity_share_percent": float("nan")},
    ],
)
def test_a_suppliers_footprint_that_cannot_be_used_is_refused(
    textbook: Dataset, line: MakeLine, change: dict[str, Any]
) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"))
    with pytest.raises(InvalidSupplierFootprint) as refused:
        link_product(pan, textbook, "gwp", suppliers=[supplier(**change)])
    assert refused.value.field in change


def test_a_supplier_of_something_that_is_not_bought_is_refused(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(textbook, line("1", "lime", 3, "kg"))
    with pytest.raises(SupplierWithoutLine):
        link_product(pan, textbook, "gwp", suppliers=[supplier()])


def test_two_suppliers_of_one_input_are_refused(textbook: Dataset, line: MakeLine) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"))
    with pytest.raises(AmbiguousSupplier) as refused:
        link_product(pan, textbook, "gwp", suppliers=[supplier(), supplier(declaration_id="d2")])
    assert refused.value.declaration_ids == ("d1", "d2")


def test_a_told_site_without_a_market_is_refused(textbook: Dataset, line: MakeLine) -> None:
    pan = product(textbook, line("1", "steel", 3, "kg"))
    with pytest.raises(InvalidInput, match="Mars"):
        link_product(pan, textbook, "gwp", told_sites={"steel": "Mars"})


def test_an_unknown_method_is_refused(textbook: Dataset, line: MakeLine) -> None:
    with pytest.raises(UnknownMethod):
        link_product(product(textbook, line("1", "lime", 3, "kg")), textbook, "gtp")


def test_an_emission_without_a_factor_is_refused_and_not_dropped(
    textbook: Dataset, line: MakeLine
) -> None:
    with pytest.raises(UncharacterizedFlow) as refused:
        link_product(product(textbook, line("1", "ch4", 3, "kg")), textbook, "gwp")
    assert refused.value.flow_ids == ("ch4",)


def test_an_intermediate_counts_in_the_stage_that_consumes_it(
    textbook: Dataset, line: MakeLine
) -> None:
    pan = product(
        textbook,
        line("1", "lid", 2, "kg", stage="manufacturing"),
        line("2", "lime", 3, "kg", stage="", consumer_id="lid"),
        intermediates=("lid",),
    )
    scores = GreenchainEngine().solve(link_product(pan, textbook, "gwp")).scores
    assert scores.stages["manufacturing"] == pytest.approx(2 * 3 * 0.2, rel=1e-14)


def loop_of_parts(textbook: Dataset, line: MakeLine, amount: float) -> LinkedSystem:
    """Make a pan of a lid whose lid and knob consume each other."""
    pan = product(
        textbook,
        line("1", "lid", 1, "kg"),
        line("2", "knob", amount, "kg", stage="", consumer_id="lid"),
        line("3", "lid", 1, "kg", stage="", consumer_id="knob"),
        line("4", "lime", 1, "kg", stage="", consumer_id="knob"),
        intermediates=("lid", "knob"),
    )
    return link_product(pan, textbook, "gwp")


def test_a_loop_of_parts_is_solved(textbook: Dataset, line: MakeLine) -> None:
    # lid = 0.5 knob, knob = lid + 0.2 → lid = 0.1 / (1 − 0.5)
    assert total(loop_of_parts(textbook, line, 0.5)) == pytest.approx(0.2, rel=1e-14)


def test_a_product_in_a_loop_counts_per_declared_amount(textbook: Dataset, line: MakeLine) -> None:
    # 4 pans take 1 kg of ladle, 1 kg of ladle takes half a pan and 1 kg of lime at 0.2:
    # ladle = 0.2 + 0.5/4 of what 4 pans cause, 4 pans = ladle → 0.2 / (1 - 0.125)
    model = product(
        textbook,
        line("ladle", "ladle", 1, "kg"),
        line("back", "pan", 0.5, "piece", consumer_id="ladle", stage=""),
        line("lime", "lime", 1, "kg", consumer_id="ladle", stage=""),
        intermediates=("ladle",),
        amount=4.0,
    )
    assert total(link_product(model, textbook, "gwp")) == pytest.approx(0.2 / 0.875, rel=1e-14)


def test_a_loop_without_solution_names_its_activities(textbook: Dataset, line: MakeLine) -> None:
    with pytest.raises(SingularSystem) as refused:
        total(loop_of_parts(textbook, line, 1.0))
    assert refused.value.activities == ("lid@B#own", "knob@B#own")


def test_a_loop_that_takes_more_than_it_gives_names_its_activities(
    textbook: Dataset, line: MakeLine
) -> None:
    with pytest.raises(UnproductiveLoop, match="knob@B#own"):
        total(loop_of_parts(textbook, line, 2.0))
