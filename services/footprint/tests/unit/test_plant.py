from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.errors import InvalidInput, Violation
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain import errors, plant_rows
from footprint.domain.dataset import Dataset
from footprint.domain.plant import PlantModel, link_plant
from footprint.domain.plant_rows import parse_plant
from footprint.domain.result import Scores

YEAR = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}


def record(
    id_: str, kind: str, item_id: str, amount: object, unit: str, **more: object
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "record_id": id_,
        "period_start": "2025-01-01",
        "period_end": "2025-01-31",
        "kind": kind,
        "item_id": item_id,
        "amount": amount,
        "unit": unit,
        "evidence": "meter",
    }
    return row | more


OUTPUT = record("out", "output", "steel", 4, "t")


def parse(dataset: Dataset, *rows: dict[str, Any], region: str = "B") -> PlantModel:
    return parse_plant(activity_id="steel", region=region, rows=rows, dataset=dataset, **YEAR)


def refusals(dataset: Dataset, *rows: dict[str, Any]) -> list[Violation]:
    with pytest.raises(InvalidInput) as refused:
        parse(dataset, *rows)
    return list(refused.value.violations)


def test_records_are_counted_per_unit_of_output(textbook: Dataset) -> None:
    # (6000 + 2000) kWh / 4000 kg = 2 kWh/kg
    plant = parse(
        textbook,
        OUTPUT,
        record("1", "electricity", "grid", 6, "MWh"),
        record(
            "2", "electricity", "grid", 2000, "kWh",
            period_start="2025-02-01", period_end="2025-02-28",
        ),
    )  # fmt: skip
    assert list(plant.per_unit_of_output().values()) == [2.0]


def test_a_plants_footprint_stands_by_kind_of_record(textbook: Dataset) -> None:
    # Per kg: 2 kWh of grid B at 0.1, 3 MJ at 0.06, 0.5 kg lime at 0.2, 1 kg CO2 itself.
    plant = parse(
        textbook,
        OUTPUT,
        record("1", "electricity", "grid", 8, "MWh"),
        record("2", "fuel", "gas_heat", 12, "GJ"),
        record("3", "material", "lime", 2, "t"),
        record("4", "direct_emission", "co2", 4000, "kg"),
    )
    scores: Scores = GreenchainEngine().solve(link_plant(plant, textbook, "gwp")).scores
    assert dict(scores.stages) == pytest.approx(
        {"electricity": 0.2, "fuel": 0.18, "material": 0.1, "direct_emission": 1.0}, rel=1e-14
    )
    assert scores.total == pytest.approx(1.48, rel=1e-14)


def test_electricity_of_a_roof_is_no_grid_electricity(textbook: Dataset) -> None:
    plant = parse(textbook, OUTPUT, record("1", "electricity", "power_a", 4, "MWh"))
    assert GreenchainEngine().solve(link_plant(plant, textbook, "gwp")).scores.total == 0.5


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"unit": "kg"}, errors.WrongDimension, "unit"),
        ({"unit": "stone"}, errors.UnknownUnit, "unit"),
        ({"amount": -1}, errors.NegativeAmount, "amount"),
        ({"amount": "1e999"}, errors.NonFiniteAmount, "amount"),
        ({"amount": "many"}, errors.NotANumber, "amount"),
        ({"item_id": "gridd"}, errors.UnlinkedInput, "item_id"),
        ({"item_id": "co2"}, plant_rows.WrongItem, "item_id"),
        ({"item_id": "lime"}, plant_rows.WrongItem, "item_id"),
        ({"kind": "fuel"}, plant_rows.WrongItem, "item_id"),
        ({"kind": "material"}, plant_rows.WrongItem, "item_id"),
        ({"kind": "direct_emission"}, plant_rows.WrongItem, "item_id"),
        ({"kind": "output"}, plant_rows.WrongItem, "item_id"),
        ({"kind": "steam"}, errors.NotOneOf, "kind"),
        ({"period_start": "2025-1-1"}, plant_rows.NotADate, "period_start"),
        ({"period_start": "20250101"}, plant_rows.NotADate, "period_start"),
        ({"period_end": "2025-02-30"}, plant_rows.NotADate, "period_end"),
        ({"period_end": "2024-12-31"}, plant_rows.PeriodReversed, "period_end"),
        ({"period_end": "2026-01-31"}, plant_rows.PeriodOutside, "period_start"),
        ({"period_start": "2024-12-31"}, plant_rows.PeriodOutside, "period_start"),
        ({"record_id": "out"}, errors.Duplicate, "record_id"),
        ({"meter": "7"}, errors.UnknownField, "meter"),
    ],
)
def test_a_bad_record_is_named(
    textbook: Dataset, change: dict[str, Any], kind: type[Violation], field: str
) -> None:
    bad = record("r1", "electricity", "grid", 1, "kWh") | change
    violations = refusals(textbook, OUTPUT, bad)
    assert [(type(v), v.location.row, v.location.field) for v in violations] == [(kind, 2, field)]
    assert violations[0].message("zh")


def test_an_item_counted_twice_for_a_day_names_both_rows(textbook: Dataset) -> None:
    violations = refusals(
        textbook,
        OUTPUT,
        record("a", "electricity", "grid", 1, "kWh"),
        record("b", "electricity", "grid", 1, "kWh", period_start="2025-01-31"),
    )
    assert [type(v) for v in violations] == [plant_rows.OverlappingPeriods]
    assert (violations[0].location.row, violations[0].attributes()["other_row"]) == (3, 2)


def test_an_overlap_with_a_long_period_is_found_behind_a_short_one(textbook: Dataset) -> None:
    def grid(id_: str, start: str, end: str) -> dict[str, Any]:
        return record(id_, "electricity", "grid", 1, "kWh", period_start=start, period_end=end)

    violations = refusals(
        textbook,
        OUTPUT,
        grid("year", "2025-01-01", "2025-12-31"),
        grid("march", "2025-03-01", "2025-03-31"),
        grid("june", "2025-06-01", "2025-06-30"),
    )
    assert [v.location.id for v in violations] == ["march", "june"]


def test_neighbouring_months_do_not_overlap(textbook: Dataset) -> None:
    later = {"period_start": "2025-02-01", "period_end": "2025-02-28"}
    plant = parse(
        textbook,
        OUTPUT,
        record("a", "electricity", "grid", 1, "kWh"),
        record("b", "electricity", "grid", 1, "kWh", **later),
    )
    assert len(plant.records) == 3


def test_two_items_of_one_month_do_not_overlap(textbook: Dataset) -> None:
    plant = parse(
        textbook,
        OUTPUT,
        record("a", "electricity", "grid", 1, "kWh"),
        record("b", "electricity", "power_a", 1, "kWh"),
    )
    assert len(plant.records) == 3


@pytest.mark.parametrize("rows", [[], [OUTPUT | {"amount": 0}]])
def test_a_plant_that_makes_nothing_is_refused(
    textbook: Dataset, rows: list[dict[str, Any]]
) -> None:
    violations = refusals(textbook, *rows, record("1", "electricity", "grid", 1, "kWh"))
    assert [type(v) for v in violations] == [plant_rows.NoOutput]


def test_a_plant_that_needs_nothing_is_refused(textbook: Dataset) -> None:
    assert [type(v) for v in refusals(textbook, OUTPUT)] == [plant_rows.NoInput]


def test_amounts_that_add_up_to_infinity_are_refused(textbook: Dataset) -> None:
    later = {"period_start": "2025-02-01", "period_end": "2025-02-28", "amount": 1.5e305}
    power = record("1", "electricity", "grid", 1, "kWh")
    huge = [OUTPUT | {"amount": 1.5e305}, OUTPUT | later | {"record_id": "later"}]
    violations = refusals(textbook, *huge, power)
    assert [(type(v), v.location.id) for v in violations] == [(errors.NonFiniteAmount, "steel")]


def test_amounts_that_are_infinite_per_unit_are_refused(textbook: Dataset) -> None:
    power = record("1", "electricity", "grid", 1, "kWh")
    violations = refusals(textbook, OUTPUT | {"amount": 5e-324, "unit": "kg"}, power)
    assert [(type(v), v.location.id) for v in violations] == [(errors.NonFiniteAmount, "grid")]


def test_a_characterized_total_is_no_reading_of_a_plant(textbook: Dataset) -> None:
    total = record("1", "direct_emission", "co2e", 5, "kg CO2e")
    assert [type(v) for v in refusals(textbook, OUTPUT, total)] == [plant_rows.WrongItem]


def test_all_bad_records_are_reported_together(textbook: Dataset) -> None:
    violations = refusals(
        textbook,
        OUTPUT,
        record("1", "electricity", "grid", -1, "kg"),
        record("2", "fuel", "coke", 1, "kg"),
    )
    found = {(v.location.row, v.location.field) for v in violations}
    assert found == {(2, "amount"), (2, "unit"), (3, "item_id")}


def test_a_plant_in_a_region_without_market_is_refused(textbook: Dataset) -> None:
    with pytest.raises(InvalidInput, match="Mars"):
        parse(textbook, OUTPUT, region="Mars")


def test_a_product_that_the_dataset_does_not_know_is_refused(
    textbook: Dataset, line: Callable[..., Any]
) -> None:
    with pytest.raises(InvalidInput, match="Did you mean steel"):
        parse_plant(activity_id="stel", region="A", rows=[], dataset=textbook, **YEAR)
