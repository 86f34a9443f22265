"""Checks of a dataset, each by rows that break one rule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.footprint.tests.textbook_dataset import (
    CITED,
    Table,
    activity,
    composition,
    exchange,
    factor,
    flow,
    market,
    method,
    textbook_document,
)

from chassis.errors import InvalidInput
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application.datasets import check
from footprint.domain.dataset_checks import MOST_CITED, check_dataset
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_findings import Finding

GRID = activity("grid", "kWh", "market_reference", product="Electricity", sector="energy")
POWER = [
    activity(id_, "kWh", "system_process", product="Electricity", sector="energy")
    for id_ in ("power_a", "power_b")
]
OF_POWER = [
    exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
    exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
]
#: Climate methods that count the same gases; the total of GWP100 in one of them alone.
METHODS: dict[str, Table] = {
    "methods": [method("gwp100"), method("gwp20")],
    "characterization": [
        factor("gwp100", "co2", 1, "kg"),
        factor("gwp100", "ch4", 30, "kg"),
        factor("gwp100", "co2e", 1, "kg CO2e"),
        factor("gwp20", "co2", 1, "kg"),
        factor("gwp20", "ch4", 80, "kg"),
    ],
}


def document(activities: Table, exchanges: Table, **more: Table) -> DatasetDocument:
    return textbook_document(
        [GRID, *POWER, *activities], [*OF_POWER, *exchanges], **{**METHODS, **more}
    )


def findings(of: DatasetDocument) -> tuple[Finding, ...]:
    return check_dataset(of.dataset(), of)


def test_a_dataset_that_holds_has_no_findings() -> None:
    assert findings(document([], [])) == ()


# ------------------------------------------------------------------------------------- balances


def smelter(ore: float, dust: float, **more: Table) -> DatasetDocument:
    """Return a dataset in which 1 kg of nickel (0.9 kg Ni) is made of ore that is half nickel."""
    return document(
        [activity("ore", "kg", "system_process"), activity("nickel", "kg", "unit_process")],
        [
            exchange("ore", "elementary", "co2", 1, "kg"),
            exchange("nickel", "technosphere", "ore", ore, "kg"),
            exchange("nickel", "elementary", "dust", dust, "kg"),
        ],
        elementary_flows=[
            *(flow(id_, unit) for id_, unit in (("co2", "kg"), ("co2e", "kg CO2e"), ("ch4", "kg"))),
            flow("dust", "kg"),
        ],
        compositions=[
            composition("ore", "Ni", 0.5),
            composition("nickel", "Ni", 0.9),
            composition("dust", "Ni", 0.1),
        ],
        **more,
    )


def test_an_activity_that_gives_more_of_an_element_than_it_takes_is_an_error() -> None:
    # 1.8 kg of ore bring 0.9 kg; 0.9 in the product and 0.05 as dust are 0.95, 5.6 % too much.
    (found,) = findings(smelter(ore=1.8, dust=0.5))
    assert found.is_error
    assert found.code == "footprint.dataset.element_gained"
    assert found.location.text() == "exchanges.csv row 4 (line nickel.ore), field amount"
    assert "takes 0.9 kg of Ni and gives 0.95 kg (product 0.9, emissions 0.05)" in found.message()
    assert "Raise its inputs (ore)" in found.message()
    assert "请提高投入（ore）" in found.message("zh")


def test_rounding_of_contents_is_no_gain() -> None:
    # 1.79 kg bring 0.895 kg: 0.9 is 0.56 % more.
    assert findings(smelter(ore=1.79, dust=0.0)) == ()


def test_a_large_loss_is_a_warning_with_inputs_and_yield() -> None:
    # 2.6 kg bring 1.3 kg; 0.9 of them are 69 %.
    (found,) = findings(smelter(ore=2.6, dust=0.0))
    assert not found.is_error
    assert found.code == "footprint.dataset.element_lost"
    assert "loses 31 % of its Ni: 1.3 kg go in (ore), 0.9 kg are in the product" in found.message()


def test_a_loss_of_less_than_a_third_is_none() -> None:
    assert findings(smelter(ore=2.5, dust=0.0)) == ()


def test_an_imbalance_that_a_note_explains_is_none() -> None:
    note = {"activity_id": "nickel", "element": "Ni", "reason_en": "slag", "reason_zh": "炉渣"}
    assert findings(smelter(ore=2.6, dust=0.0, balance_notes=[note])) == ()


def test_a_note_on_an_unknown_activity_is_refused_with_its_place() -> None:
    note = {"activity_id": "nickeel", "element": "Ni", "reason_en": "slag", "reason_zh": "炉渣"}
    with pytest.raises(InvalidInput) as refused:
        findings(smelter(ore=2.6, dust=0.0, balance_notes=[note]))
    (violation,) = refused.value.violations
    assert violation.location.text() == (
        "balance_notes.csv row 1 (line nickeel/Ni), field activity_id"
    )
    assert "nickel" in violation.message()


def test_a_waste_that_holds_none_of_the_element_is_not_balanced() -> None:
    found = document(
        [activity("scrap", "kg", "system_process"), activity("treatment", "kg", "unit_process")],
        [
            exchange("scrap", "elementary", "co2", 1, "kg"),
            exchange("treatment", "technosphere", "scrap", 1, "kg"),
        ],
        compositions=[composition("scrap", "Ni", 0.5)],
    )
    assert findings(found) == ()


def test_emitting_more_than_the_inputs_bring_is_a_warning() -> None:
    found = document(
        [activity("coal", "kg", "system_process"), activity("heat", "MJ", "unit_process")],
        [
            exchange("coal", "elementary", "co2", 1, "kg"),
            exchange("heat", "technosphere", "coal", 1, "kg"),
            exchange("heat", "elementary", "co2", 3, "kg"),
        ],
        compositions=[composition("coal", "C", 0.6), composition("co2", "C", 12 / 44)],
    )
    (warning,) = findings(found)
    assert (warning.is_error, warning.code) == (False, "footprint.dataset.element_emitted_more")


def test_a_reference_holds_what_its_default_route_holds() -> None:
    ore = activity("ore", "kg", "market_reference", product="ore")
    mine = activity("mine", "kg", "system_process", product="ore")
    route = {
        "reference_id": "ore",
        "route_id": "mine",
        "activity_id": "mine",
        "is_default": "true",
        "name_en": "mine",
        "name_zh": "mine",
        **CITED,
    }
    found = document(
        [ore, mine, activity("nickel", "kg", "unit_process")],
        [
            exchange("mine", "elementary", "co2", 1, "kg"),
            exchange("nickel", "technosphere", "ore", 1, "kg"),
        ],
        routes=[route],
        compositions=[composition("mine", "Ni", 0.5), composition("nickel", "Ni", 0.9)],
    )
    (error,) = findings(found)
    assert "takes 0.5 kg of Ni and gives 0.9 kg" in error.message()


def test_what_comes_out_of_the_ground_is_taken() -> None:
    taken = flow("res_nickel", "kg") | {"compartment": "natural resource, in ground"}
    found = document(
        [activity("nickel", "kg", "unit_process")],
        [exchange("nickel", "elementary", "res_nickel", 0.95, "kg")],
        elementary_flows=[flow("co2", "kg"), flow("co2e", "kg CO2e"), flow("ch4", "kg"), taken],
        compositions=[composition("res_nickel", "Ni", 1), composition("nickel", "Ni", 0.9)],
    )
    assert findings(found) == ()


@given(ore=st.floats(0.01, 100), dust=st.floats(0, 100))
def test_a_balance_is_an_error_if_and_only_if_more_comes_out(ore: float, dust: float) -> None:
    found = findings(smelter(ore, dust))
    gains = 0.9 + 0.1 * float(str(dust)) > 0.5 * float(str(ore)) * 1.01
    assert any(each.is_error for each in found) == gains


# -------------------------------------------------------------------------------------- methods


def test_a_gas_that_one_climate_method_forgets_is_an_error() -> None:
    rows = [row for row in METHODS["characterization"] if row["factor"] != "80"]
    (found,) = findings(document([], [], characterization=rows))
    assert found.is_error
    assert found.message().startswith(
        "characterization.csv line gwp20/ch4, field factor: gwp20 has no factor for ch4"
    )


def test_a_total_of_gwp100_counts_in_no_other_horizon() -> None:
    rows = [*METHODS["characterization"], factor("gwp20", "co2e", 1, "kg CO2e")]
    (found,) = findings(document([], [], characterization=rows))
    assert found.code == "footprint.dataset.aggregate_counted"
    assert found.location.row == len(rows)


def test_activities_without_a_word_on_a_category_are_counted_as_a_warning() -> None:
    more: dict[str, Table] = {
        "methods": [*METHODS["methods"], method("water", kind="other", category="water_use")],
        "coverage": [
            {"activity_id": "power_a", "method_id": "water", "coverage": "full", "reason": "-"}
        ],
    }
    (found,) = findings(document([], [], **more))
    assert not found.is_error
    assert "1 of 2 activities have no row for water" in found.message()
    assert "power_b" in found.message()


# ---------------------------------------------------------------------------------- electricity


def direct(region: str, value: str, year: str = "2023") -> dict[str, str]:
    about = {"year": year, "region": region, "value": value, "unit": "kg CO2/kWh"}
    return {**about, **CITED}


def mix(fossil: float, rest: float, grid: float = 1.0, **more: Any) -> DatasetDocument:
    """Return a dataset in which half of China's electricity is fossil, by its direct factor."""
    parts = ("electricity_fossil_cn_2023", "electricity_nonfossil_cn_2023")
    network = "electricity_network_cn_2023"
    made = [*parts, network, "electricity_cn_2023"]
    amounts = dict(zip((*parts, network), (fossil, rest, grid), strict=True))
    return document(
        [
            activity(id_, "kWh", "unit_process", product="Electricity", sector="energy")
            for id_ in made
        ],
        [
            *(exchange(id_, "elementary", "co2", 0.9, "kg") for id_ in made[:3]),
            *(
                exchange("electricity_cn_2023", "technosphere", id_, amount, "kWh")
                for id_, amount in amounts.items()
            ),
        ],
        **{
            "markets": [
                market("A", "power_a"),
                market("B", "power_b"),
                market("CN", "electricity_cn_2023", 2023),
            ],
            "electricity_direct_factors": [direct("CN", "0.4"), direct("CN/fossil", "0.8")],
            **more,
        },
    )


def test_a_mix_that_follows_its_direct_factor_holds() -> None:
    assert findings(mix(0.5, 0.5)) == ()


@pytest.mark.parametrize(
    ("shares", "line", "told"),
    [
        ((0.6, 0.5, 1.0), "electricity_fossil_cn_2023", "Write 0.500000"),
        ((0.5, 0.4, 1.0), "electricity_nonfossil_cn_2023", "Write 0.500000"),
        ((0.5, 0.5, 1.05), "electricity_network_cn_2023", "Write 1.000000"),
    ],
)
def test_a_mix_that_does_not_is_told_what_to_write(
    shares: tuple[float, float, float], line: str, told: str
) -> None:
    (found,) = findings(mix(*shares))
    assert found.code == "footprint.dataset.mix_breaks_rule"
    assert found.location.id == f"electricity_cn_2023.{line}"
    assert found.location.row is not None
    assert told in found.message()
    assert "0.4 / 0.8" in found.message("zh")


def test_an_official_total_follows_no_rule() -> None:
    years = ("2023", "2024")
    factors = [
        direct(region, value, year)
        for year in years
        for region, value in (("CN", "0.4"), ("CN/fossil", "0.8"))
    ]
    markets = [
        market("A", "power_a"),
        market("B", "power_b"),
        market("CN", "electricity_cn_2023", 2023),
        market("CN", "power_a", 2024),  # a published total
    ]
    changed = mix(0.5, 0.5, electricity_direct_factors=factors, markets=markets)
    assert findings(changed) == ()


def test_a_market_without_a_direct_factor_is_an_error() -> None:
    (found,) = findings(mix(0.5, 0.5, electricity_direct_factors=[direct("CN/fossil", "0.8")]))
    assert found.location.text() == "markets.csv row 3 (line grid/CN/2023), field region"


def test_a_province_with_a_direct_factor_and_no_market_is_an_error() -> None:
    factors = [direct("CN", "0.4"), direct("CN/fossil", "0.8"), direct("CN-SC", "0.1")]
    (found,) = findings(mix(0.5, 0.5, electricity_direct_factors=factors))
    assert found.location.text() == (
        "electricity_direct_factors.csv row 3 (line 2023/CN-SC), field region"
    )


@pytest.mark.parametrize("region", ["CN/grid-east", "CN/without-market-traded-nonfossil"])
def test_other_direct_factors_need_no_market(region: str) -> None:
    factors = [direct("CN", "0.4"), direct("CN/fossil", "0.8"), direct(region, "0.5")]
    assert findings(mix(0.5, 0.5, electricity_direct_factors=factors)) == ()


def test_a_year_without_direct_factors_follows_no_rule() -> None:
    factors = [direct("CN", "0.4", "2021"), direct("CN/fossil", "0.8", "2021")]
    assert findings(mix(0.9, 0.5, electricity_direct_factors=factors)) == ()


def test_a_direct_factor_that_is_no_number_is_refused_with_its_place() -> None:
    factors = [direct("CN", "0,4"), direct("CN/fossil", "0.8")]
    with pytest.raises(InvalidInput) as refused:
        findings(mix(0.5, 0.5, electricity_direct_factors=factors))
    assert refused.value.violations[0].location.text() == (
        "electricity_direct_factors.csv row 1 (line 2023/CN), field value"
    )


def test_a_direct_factor_of_fossil_power_that_is_zero_is_refused_with_its_place() -> None:
    factors = [direct("CN", "0"), direct("CN/fossil", "0.0")]
    with pytest.raises(InvalidInput) as refused:
        findings(mix(0.5, 0.5, electricity_direct_factors=factors))
    (violation,) = refused.value.violations
    assert violation.code == "footprint.dataset.no_fossil_factor"
    assert violation.location.text() == (
        "electricity_direct_factors.csv row 2 (line 2023/CN/fossil), field value"
    )


# ------------------------------------------------------------------------- citations, the system


def cited(count: int) -> DatasetDocument:
    of = document(
        [activity("wafer", "kg", "unit_process")],
        [
            exchange("wafer", "elementary", "co2", 1, "kg")
            | {"line_id": f"wafer.{number}", "source_id": "iea_pvps_t12_19"}
            for number in range(count)
        ],
    )
    source = {**of.rows("sources")[0], "id": "iea_pvps_t12_19"}
    tables = {**of.tables, "sources": [*of.rows("sources"), source]}
    return DatasetDocument(of.header, tables, of.sha256)


def test_so_many_single_amounts_of_a_report_may_be_cited_and_no_more() -> None:
    assert findings(cited(MOST_CITED)) == ()
    (found,) = findings(cited(MOST_CITED + 1))
    assert found.location.text() == "sources.csv row 2 (line iea_pvps_t12_19), field id"


@pytest.mark.parametrize("back", [1.0, 2.0])
def test_a_loop_that_gives_nothing_net_is_found_by_the_engine(back: float) -> None:
    found = document(
        [activity("hen", "piece", "unit_process"), activity("egg", "piece", "unit_process")],
        [
            exchange("hen", "technosphere", "egg", 1, "piece"),
            exchange("egg", "technosphere", "hen", back, "piece"),
            exchange("egg", "elementary", "co2", 1, "kg"),
        ],
    )
    _, (error,) = check(found, GreenchainEngine())
    assert error.is_error
    assert error.code == "footprint.dataset.unsolvable"
    assert "hen@A" in error.message()
    assert "hen@A" in error.message("zh")


def test_errors_stand_before_warnings() -> None:
    rows = [row for row in METHODS["characterization"] if row["factor"] != "80"]
    found = smelter(ore=2.6, dust=0.0, characterization=rows)
    assert [each.is_error for each in findings(found)] == [True, False]
