"""How sure a result is, and what each number rests on; the pan is in `textbook_pan`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from services.footprint.tests.textbook_dataset import activity, exchange
from services.footprint.tests.textbook_pan import SECONDARY, VERIFIED, pan, pan_dataset, row

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.data_quality import DataQualityStatement, data_quality
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.provenance import Ground, Provenance, RowsOf
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import Emission, Link, LinkedSystem

ENGINE = GreenchainEngine()


def total(system: LinkedSystem) -> float:
    return ENGINE.solve(system).scores.total


def linked(dataset: Dataset, *more: dict[str, Any], **changes: Any) -> LinkedSystem:
    suppliers = changes.pop("suppliers", ())
    return link_product(pan(dataset, *more, **changes), dataset, "gwp", suppliers=suppliers)


def stated(
    dataset: Dataset | None = None, *more: dict[str, Any], **changes: Any
) -> DataQualityStatement:
    dataset = dataset or pan_dataset()
    system = linked(dataset, *more, **changes)
    return data_quality(system, ENGINE.solve(system), dataset, total)


def percent(**parts: float) -> dict[Ground, float]:
    whole = sum(parts.values())
    return {ground: 100 * parts.get(ground.name.lower(), 0.0) / whole for ground in Ground}


def approximately(shares: Mapping[Ground, float]) -> Any:
    return pytest.approx(dict(shares), rel=1e-9, abs=1e-9)


SUPPLIER = SupplierPcf(
    declaration_id="d1",
    version=1,
    sha256="0" * 64,
    activity_id="steel",
    region="B",
    pcf_kg_co2e=2.0,
    unit="kg",
    primary_data_share_percent=10.0,
    primary_activity_share_percent=40.0,
    period_start=date(2025, 1, 1),
    period_end=date(2025, 12, 31),
)


def test_by_emission_the_emitting_row_counts() -> None:
    # The plant's own 1; net 1 kg of steel emits 1.3 (verified); its lime 0.1 (assumption);
    # recycling 0.5 (computed).
    expected = percent(primary=1.0, verified=1.3, computed=0.5, assumption=0.1)
    assert stated().by_emission == approximately(expected)


def test_by_weakest_the_least_sure_row_of_the_way_counts_and_credits_as_burdens() -> None:
    # own emission 1: primary. Steel of line `steel` (verified), 2 · 1.3: verified. Its lime over a
    # computed row, with an assumed total, 2 · 0.5 · 0.2: assumption. Recycling's own 0.5: computed.
    # Its credit, 1 · 1.3 over a secondary row: secondary; the lime of that 0.1: assumption.
    expected = percent(primary=1.0, verified=2.6, secondary=1.3, computed=0.5, assumption=0.3)
    assert stated().by_weakest == approximately(expected)


def test_an_assumed_line_makes_all_upstream_assumed() -> None:
    guessed = row("guess", "steel", 10, confidence="assumption")
    # 10 · (1.3 + 0.1) more
    expected = percent(primary=1.0, verified=2.6, secondary=1.3, computed=0.5, assumption=14.3)
    assert stated(None, guessed).by_weakest == approximately(expected)


def test_words_that_are_no_class_count_as_an_assumption() -> None:
    system = linked(pan_dataset(), row("odd", "steel", 1, confidence="I am sure"))
    rows = RowsOf(system, pan_dataset())
    (odd,) = [found for link in system.links if (found := rows.of(link)) and link.line_id == "odd"]
    assert (odd.confidence, odd.ground) == ("I am sure", Ground.ASSUMPTION)


def test_a_suppliers_footprint_is_primary_whatever_it_rests_on() -> None:
    # 2 kg at 2.0 from the supplier; the line that buys them is verified.
    found = stated(pan_dataset(), recycling=False, suppliers=[SUPPLIER])
    assert found.by_emission == approximately(percent(primary=5.0))
    assert found.by_weakest == approximately(percent(primary=1.0, verified=4.0))


def test_both_sum_to_a_hundred() -> None:
    found = stated()
    assert sum(found.by_emission.values()) == pytest.approx(100.0)
    assert sum(found.by_weakest.values()) == pytest.approx(100.0)


def test_a_loop_counts_with_all_its_turns() -> None:
    # Steel takes 0.5 kg of coal, coal 0.1 kg of steel (assumption): y = 1 + 0.05 y.
    # The first turn, 1, is verified; all later ones, 1 / 0.95 − 1, go over the assumed row.
    dataset = pan_dataset(
        activities=[
            activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
            activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("steel", "kg", "unit_process"),
            activity("coal", "kg", "unit_process"),
            activity("lime", "kg", "system_process"),
        ],
        exchanges=[
            exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
            exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
            exchange("lime", "elementary", "co2e", 0.1, "kg CO2e"),
            exchange("steel", "elementary", "co2", 1, "kg"),
            exchange("steel", "technosphere", "coal", 0.5, "kg"),
            exchange("coal", "technosphere", "steel", 0.1, "kg") | {"confidence": "assumption"},
        ],
        coverage=[],
    )
    found = stated(dataset, recycling=False)
    expected = percent(primary=1.0, verified=2.0, assumption=2 * (1 / 0.95 - 1))
    assert found.by_weakest == approximately(expected)
    assert found.by_emission == approximately(percent(primary=1.0, verified=2 / 0.95))


def test_where_credits_in_a_loop_leave_no_answer_none_is_given() -> None:
    # Steel takes 2 kg of recycling, which gives 1 kg of steel back: 1 / 3 kg is enough of both.
    # With the credit as a burden, steel would need 2 kg of itself.
    exchanges = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("lime", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("steel", "elementary", "co2", 1, "kg"),
        exchange("steel", "technosphere", "recycling", 2, "kg"),
        exchange("recycling", "technosphere", "steel", -1, "kg"),
    ]
    found = stated(pan_dataset(exchanges=exchanges, coverage=[]), recycling=False)
    assert found.by_emission == approximately(percent(primary=1.0, verified=2 / 3))
    assert found.by_weakest == {}


def test_a_result_of_zero_rests_on_nothing() -> None:
    dataset = pan_dataset()
    system = linked(dataset, recycling=False)
    nothing = replace(system, factors=dict.fromkeys(system.factors, 0.0))
    found = data_quality(nothing, ENGINE.solve(nothing), dataset, total)
    assert set(found.by_emission.values()) == {0.0}


@pytest.mark.parametrize(
    ("ground", "provenance"),
    [
        (Ground.PRIMARY, Provenance.PRIMARY),
        (Ground.VERIFIED, Provenance.SECONDARY),
        (Ground.SECONDARY, Provenance.SECONDARY),
        (Ground.COMPUTED, Provenance.DERIVED),
        (Ground.ASSUMPTION, Provenance.ASSUMED),
    ],
)
def test_a_class_says_where_a_number_comes_from(ground: Ground, provenance: Provenance) -> None:
    assert ground.provenance is provenance


def test_every_link_and_emission_finds_its_row() -> None:
    dataset = pan_dataset()
    system = linked(dataset, suppliers=[SUPPLIER])
    rows = RowsOf(system, dataset)
    items: list[Link | Emission] = [*system.links, *system.emissions]
    found = {item.line_id: rows.of(item) for item in items}
    assert found["stage.raw_materials"] is None
    line, own, declared = found["steel"], found["furnace"], found["d1"]
    assert line is not None
    assert line.source is not None
    assert (line.ground, line.source.locator) == (Ground.VERIFIED, "page 7")
    assert own is not None
    assert own.ground is Ground.PRIMARY
    assert declared is not None
    assert (declared.ground, declared.source) == (Ground.PRIMARY, None)
    credit = found["recycling.steel"]
    assert credit is not None
    assert credit.source is not None
    assert (credit.confidence, credit.source.year) == (SECONDARY, 2024)
    emission = found["steel.co2"]
    assert emission is not None
    assert emission.confidence == VERIFIED
