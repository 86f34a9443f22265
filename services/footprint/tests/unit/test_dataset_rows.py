"""Reading the rows of a dataset: what each rule refuses, where, and in both languages."""

import re
from typing import Any

import pytest
from services.footprint.tests.textbook_dataset import (
    CITED,
    HEADER,
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

from chassis.errors import InvalidInput, Violation
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.rows import MOST_SUGGESTED

WORLD = {"kind": "other", "category": "water_use", "unit": "m3 world eq"}


def route(route_id: str, activity_id: str, is_default: str, of: str = "salt") -> dict[str, str]:
    return {
        "reference_id": of,
        "route_id": route_id,
        "activity_id": activity_id,
        "is_default": is_default,
        "name_en": route_id,
        "name_zh": route_id,
        **CITED,
    }


def place(location: str, unit: str) -> dict[str, str]:
    about = {"method_id": "scarcity", "location": location, "factor": "3", "unit": unit}
    return {**about, **CITED}


#: Salt comes from brine or from rock; both take electricity.
ACTIVITIES = [
    activity("grid", "kWh", "market_reference", product="Electricity"),
    activity("power_a", "kWh", "system_process", product="Electricity"),
    activity("power_b", "kWh", "system_process", product="Electricity"),
    activity("salt", "kg", "market_reference", product="Salt"),
    activity("brine_salt", "kg", "unit_process", product="Salt"),
    activity("rock_salt", "kg", "unit_process", product="Salt"),
]
EXCHANGES = [
    exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
    exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
    exchange("brine_salt", "technosphere", "grid", 1, "kWh"),
    exchange("rock_salt", "technosphere", "grid", 4, "kWh"),
]
ROUTES = [route("brine", "brine_salt", "true"), route("rock", "rock_salt", "false")]
FLOWS = [flow("co2", "kg"), flow("co2e", "kg CO2e"), flow("ch4", "kg")]
FACTORS = [factor("gwp", "co2", 1, "kg"), factor("gwp", "co2e", 1, "kg CO2e")]


def salts(**changes: Table) -> DatasetDocument:
    tables: dict[str, Table] = {
        "activities": ACTIVITIES,
        "exchanges": EXCHANGES,
        "routes": ROUTES,
    }
    return textbook_document(**(tables | changes))


def described(**settings: Any) -> DatasetDocument:
    """Return the dataset with other settings in its header; None leaves one out."""
    of = salts()
    changed = HEADER["greenchain"] | settings
    header = {**HEADER, "greenchain": {k: v for k, v in changed.items() if v is not None}}
    return DatasetDocument(header, of.tables, of.sha256)


def violations(of: DatasetDocument) -> tuple[Violation, ...]:
    with pytest.raises(InvalidInput) as refused:
        of.dataset()
    for each in refused.value.violations:
        assert each.message("zh") != each.message("en")
    return refused.value.violations


def told(of: DatasetDocument) -> list[tuple[str, str]]:
    """Return place and last word of the code of all that is wrong."""
    found = violations(of)
    return [(each.location.text(), each.code.rpartition(".")[2]) for each in found]


def test_a_dataset_that_holds_is_read() -> None:
    dataset = salts().dataset()
    assert dataset.default_route("salt").activity_id == "brine_salt"
    assert dataset.markets["A", 2024].activity_id == "power_a"
    assert dataset.description == HEADER["greenchain"]["description"]


# ------------------------------------------------------------------------------- keys and years


def test_another_reference_cannot_take_the_place_of_a_regions_electricity() -> None:
    salt = market("A", "brine_salt") | {"reference_id": "salt"}
    of = salts(markets=[market("A", "power_a"), market("B", "power_b"), salt])
    assert told(of) == [("markets.csv row 3 (line salt/A/2024), field reference_id", "wrong_table")]
    assert "to routes.csv" in violations(of)[0].message()


def test_electricity_has_no_routes() -> None:
    of = salts(routes=[*ROUTES, route("coal", "power_a", "true", of="grid")])
    assert told(of) == [("routes.csv row 3 (line grid/coal), field reference_id", "wrong_table")]


@pytest.mark.parametrize(
    ("table", "row", "at"),
    [
        (
            "exchanges",
            EXCHANGES[2] | {"line_id": "brine_salt.grid "},
            "exchanges.csv row 5 (line brine_salt.grid), field line_id",
        ),
        ("methods", method("gwp "), "methods.csv row 3 (line gwp), field id"),
        ("activities", ACTIVITIES[4] | {"id": "\tbrine_salt"}, "(line brine_salt), field id"),
        ("characterization", FACTORS[0] | {"flow_id": " co2"}, "(line gwp/co2), field method_id"),
        (
            "markets",
            market("A", "power_b") | {"year": "2024.0"},
            "markets.csv row 3 (line grid/A/2024), field reference_id",
        ),
        ("routes", ROUTES[1] | {"route_id": "rock "}, "(line salt/rock), field reference_id"),
    ],
)
def test_spaces_make_no_other_key(table: str, row: dict[str, str], at: str) -> None:
    of = salts()
    tables = {**of.tables, table: [*of.tables[table], row]}
    ((where, code),) = told(DatasetDocument(of.header, tables, of.sha256))
    assert code == "duplicate"
    assert where.endswith(at)


@pytest.mark.parametrize(
    ("table", "field"), [("markets", "year"), ("activities", "valid_year"), ("sources", "year")]
)
@pytest.mark.parametrize("year", ["2024.9", "0", "-2024", "20240", "1e300"])
def test_a_part_of_a_year_is_not_another_year(table: str, field: str, year: str) -> None:
    of = salts()
    last = dict(of.tables[table][-1]) | {field: year}
    tables = {**of.tables, table: [*of.tables[table][:-1], last]}
    found = told(DatasetDocument(of.header, tables, of.sha256))
    assert found[0][0].startswith(f"{table}.csv row {len(tables[table])} ")
    assert found[0][0].endswith(f", field {field}")
    assert found[0][1] == "not_a_year"


# ------------------------------------------------------------------------------------ the header


@pytest.mark.parametrize(
    ("settings", "field", "code"),
    [
        ({"description": None}, "description", "missing_field"),
        ({"description": "Salt"}, "description", "not_an_object"),
        ({"description": {"en": "Salt"}}, "description.zh", "missing_field"),
        ({"default_region": None}, "default_region", "missing_field"),
        ({"default_region": 3}, "default_region", "not_text"),
        ({"default_region": "C"}, "default_region", "unlinked"),
        ({"electricity_year": None}, "electricity_year", "missing_field"),
        ({"electricity_year": "2024"}, "electricity_year", "not_a_number"),
        ({"electricity_year": True}, "electricity_year", "not_a_number"),
        ({"electricity_year": 2024.5}, "electricity_year", "not_whole"),
        ({"electricity_year": 1990}, "electricity_year", "no_market"),
        ({"electricity_reference": None}, "electricity_reference", "missing_field"),
        ({"electricity_reference": ["grid"]}, "electricity_reference", "not_text"),
        ({"electricity_reference": "power_a"}, "electricity_reference", "unlinked"),
        ({"aggregated_flow": None}, "aggregated_flow", "missing_field"),
        ({"aggregated_flow": "co3"}, "aggregated_flow", "unlinked"),
        ({"aggregated_flow": "co2"}, "aggregated_flow", "unfit_aggregate"),
    ],
)
def test_a_setting_that_the_tables_do_not_bear_out_is_refused(
    settings: dict[str, Any], field: str, code: str
) -> None:
    assert told(described(**settings)) == [(f"datapackage.json, field greenchain.{field}", code)]


@pytest.mark.parametrize(
    ("change", "at", "code"),
    [
        ({"greenchain": None}, "datapackage.json, field greenchain", "missing_field"),
        ({"greenchain": [1]}, "datapackage.json, field greenchain", "not_an_object"),
        ({"name": 3}, "datapackage.json, field name", "not_text"),
        ({"version": ""}, "datapackage.json, field version", "missing_field"),
    ],
)
def test_a_header_that_says_nothing_is_told_once(change: Any, at: str, code: str) -> None:
    of = salts()
    assert told(DatasetDocument({**HEADER, **change}, of.tables, of.sha256)) == [(at, code)]


def test_a_year_without_a_market_is_told_with_those_that_have_one() -> None:
    (found,) = violations(described(electricity_year=1990))
    assert "no electricity of A in 1990" in found.message()
    assert found.message().endswith("use a year that has it: 2024.")
    assert "改用已有的年份：2024" in found.message("zh")


@pytest.mark.parametrize("weight", [0, 28])
def test_published_totals_count_as_they_are_in_some_climate_method(weight: float) -> None:
    of = salts(characterization=[FACTORS[0], factor("gwp", "co2e", weight, "kg CO2e")])
    at = "datapackage.json, field greenchain.aggregated_flow"
    assert told(of) == [(at, "unfit_aggregate")]


# -------------------------------------------------------------------------------------- the rows


def test_an_activity_without_exchanges_is_told_by_its_own_row() -> None:
    unread = ACTIVITIES[0] | {"id": "unread", "kind": "none of these"}
    activities = [unread, *ACTIVITIES, activity("tin", "kg", "unit_process")]
    assert told(salts(activities=activities)) == [
        ("activities.csv row 1 (line unread), field kind", "not_one_of"),
        ("activities.csv row 8 (line tin), field id", "activity_without_exchanges"),
    ]


def test_an_activity_whose_only_row_cannot_be_read_has_a_row() -> None:
    of = salts(exchanges=[*EXCHANGES[:3], EXCHANGES[3] | {"amount": "much", "unit": ""}])
    assert [code for _, code in told(of)] == ["not_a_number", "missing_field"]


@pytest.mark.parametrize(
    ("routes", "count", "at"),
    [
        ([], 0, "activities.csv row 5 (line salt), field id"),
        (
            [route("rock", "rock_salt", "false"), route("brine", "brine_salt", "false")],
            0,
            "routes.csv row 1 (line salt/rock), field is_default",
        ),
        (
            [route("rock", "rock_salt", "true"), route("brine", "brine_salt", "true")],
            2,
            "routes.csv row 2 (line salt/brine), field is_default",
        ),
    ],
)
def test_a_reference_without_one_default_is_told_where_that_can_be_mended(
    routes: Table, count: int, at: str
) -> None:
    unread = ACTIVITIES[0] | {"id": "unread", "kind": "none of these"}
    found = violations(salts(activities=[unread, *ACTIVITIES], routes=routes))[1]
    assert (found.location.text(), found.code) == (at, "footprint.dataset.unfit_default")
    assert f"salt has {count} default routes" in found.message()


def test_a_reference_takes_nothing_itself() -> None:
    row = exchange("salt", "technosphere", "grid", 1, "kWh")
    assert told(salts(exchanges=[*EXCHANGES, row])) == [
        ("exchanges.csv row 5 (line salt.grid), field activity_id", "reference_with_exchanges")
    ]


@pytest.mark.parametrize(
    ("amounts", "taken"), [((1.0,), "1"), ((0.5, 0.5), "1"), ((0.1,) * 10, "1"), ((2.0,), "2")]
)
def test_an_activity_that_uses_up_what_it_gives_is_refused_at_its_last_such_row(
    amounts: tuple[float, ...], taken: str
) -> None:
    own = [
        exchange("brine_salt", "technosphere", "brine_salt", amount, "kg")
        | {"line_id": f"brine_salt.{number}"}
        for number, amount in enumerate(amounts)
    ]
    (found,) = violations(salts(exchanges=[*EXCHANGES, *own]))
    assert found.code == "footprint.dataset.zero_net_output"
    assert found.location.row == len(EXCHANGES) + len(own)
    assert f"takes {taken} of itself" in found.message()


def test_an_activity_may_use_some_of_what_it_gives() -> None:
    own = [
        exchange("brine_salt", "technosphere", "brine_salt", amount, "kg")
        | {"line_id": f"brine_salt.{amount}"}
        for amount in (1.5, -0.6)
    ]
    assert len(salts(exchanges=[*EXCHANGES, *own]).dataset().exchanges["brine_salt"]) == 3


def test_a_retired_id_is_gone() -> None:
    retired = {
        "id": "rock_salt",
        "successor_id": "brine_salt",
        "version": "1",
        "reason_en": "-",
        "reason_zh": "-",
    }
    assert told(salts(retired=[retired])) == [
        ("retired.csv row 1 (line rock_salt), field id", "retired_exists")
    ]


# ------------------------------------------------------------------------------------ the methods


def scarcity(numerator: str, *places: dict[str, str]) -> DatasetDocument:
    """Return a dataset with a method that weighs methane by its place, whatever for."""
    row = factor("scarcity", "ch4", 2, "kg") | {"unit": f"{numerator}/kg"}
    return salts(
        methods=[method("gwp"), method("scarcity", **WORLD)],
        characterization=[*FACTORS, row],
        regional_factors=list(places),
    )


@pytest.mark.parametrize(
    ("numerator", "unit"), [("m3", "m3 world eq/m3"), ("m3 world eq", "1"), ("m3 world eq", "-")]
)
def test_factors_of_flow_and_place_lead_to_the_unit_of_the_method(
    numerator: str, unit: str
) -> None:
    dataset = scarcity(numerator, place("A", unit), place("B", unit)).dataset()
    assert dataset.factor_of("scarcity", "ch4", "A") == 6.0


@pytest.mark.parametrize(
    ("unit", "code", "expected"),
    [
        ("kg CO2/kg", "no_regional_factors", "kg CO2e/kg"),
        ("kg CO2e/t", "unit_differs", "kg CO2e/kg"),
        ("kg CO2e", "unit_differs", "kg CO2e/kg"),
    ],
)
def test_a_factor_of_another_unit_is_told_what_to_write(
    unit: str, code: str, expected: str
) -> None:
    of = salts(characterization=[FACTORS[0] | {"unit": unit}, FACTORS[1]])
    assert told(of) == [("characterization.csv row 1 (line gwp/co2), field unit", code)]
    assert expected in violations(of)[0].message()


def test_a_method_that_is_meant_by_place_needs_places() -> None:
    (found,) = violations(scarcity("m3"))
    assert found.code == "footprint.dataset.no_regional_factors"
    assert "add rows of the method to regional_factors.csv" in found.message()


@pytest.mark.parametrize(
    ("numerator", "units", "at", "expected"),
    [
        ("m3", ("m3/m3", "m3 world eq/m3", "m3 world eq/m3"), "row 1", "m3 world eq/m3"),
        ("m3", ("m3 world eq/m3", "m3 world eq/m3", "1"), "row 3", "m3 world eq/m3"),
        ("m3 world eq", ("1", "1", "m3"), "row 3", "'1'"),
    ],
)
def test_a_place_with_another_unit_than_most_is_told(
    numerator: str, units: tuple[str, str, str], at: str, expected: str
) -> None:
    rows = [place(location, unit) for location, unit in zip("ABC", units, strict=True)]
    (found,) = violations(scarcity(numerator, *rows))
    assert found.code == "footprint.dataset.unit_differs"
    assert found.location.text().startswith(f"regional_factors.csv {at} ")
    assert expected in found.message()


def test_a_factor_that_its_places_do_not_take_is_told() -> None:
    (found,) = violations(scarcity("kg", place("A", "m3 world eq/m3")))
    assert found.location.text() == "characterization.csv row 3 (line scarcity/ch4), field unit"
    assert "'m3/kg'" in found.message()


# -------------------------------------------------------------------------------------- messages


def test_chinese_messages_of_links_name_tables_alone() -> None:
    of = salts(compositions=[composition("sugar", "C", 0.4)])
    header = {**HEADER, "greenchain": HEADER["greenchain"] | {"default_region": "sugar"}}
    found = violations(DatasetDocument(header, of.tables, of.sha256))
    assert [each.code for each in found] == ["footprint.dataset.unlinked"] * 2
    for each in found:
        assert re.sub(r"[a-z_]+\.(csv|json)", "", each.message("zh")).count("or ") == 0
        assert "the package" not in each.message("zh")
    assert "activities.csv / elementary_flows.csv 中没有 'sugar'" in found[0].message("zh")


def test_so_many_unknown_ids_are_compared_with_the_known_ones_and_no_more() -> None:
    rows = [
        exchange("brine_salt", "technosphere", "rock_sald", 0.1, "kg")
        | {"line_id": f"brine_salt.{number}"}
        for number in range(MOST_SUGGESTED + 5)
    ]
    found = violations(salts(exchanges=[*EXCHANGES, *rows]))
    hints = ["e.g. rock_salt" in each.message() for each in found]
    assert hints == [True] * MOST_SUGGESTED + [False] * 5


def test_an_unknown_id_is_told_without_a_comparison_if_nobody_asks_for_one() -> None:
    dataset = salts().dataset()
    (found,) = violations(salts(exchanges=[*EXCHANGES, EXCHANGES[2] | {"line_id": ""}]))
    at = found.location
    assert "Did you mean rock_salt?" in dataset.unlinked(at, "rock_sald").message()
    told_plainly = dataset.unlinked(at, "rock_sald", suggest=False).message()
    assert "Did you mean" not in told_plainly


def test_a_row_that_links_nowhere_in_an_unknown_unit_is_told_both() -> None:
    row = EXCHANGES[2] | {"input_id": "gridd", "unit": "kwhh"}
    of = salts(exchanges=[*EXCHANGES[:2], row, EXCHANGES[3]])
    place = f"exchanges.csv row 3 (line {row['line_id']}), field"
    assert [where for where, _ in told(of)] == [f"{place} input_id", f"{place} unit"]
    unit = violations(of)[1]
    assert "unit 'kwhh' is unknown" in unit.message()
    assert "未知单位 'kwhh'" in unit.message("zh")
