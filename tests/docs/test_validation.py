"""docs/validation.md is what the dataset, the templates and the published values make of it."""

import xml.etree.ElementTree as ET
from functools import cache

import pytest
from tests.docs.markdown import document, spans
from tools.validation.amounts import with_rows
from tools.validation.cases import Case, changed
from tools.validation.draws import Draws
from tools.validation.figure import Panel, Row, figure, step_of
from tools.validation.markdown import number, signed, table
from tools.validation.page import PAGE, Page, figure_name
from tools.validation.published import document as plan_document
from tools.validation.published import rows

from footprint.data.shipped import load_dataset, load_product_template
from footprint.domain.dataset import Confidence

VALUES = rows("published_values.csv")
DATASET = load_dataset()


@cache
def page() -> Page:
    return Page.of(Draws.read())


@cache
def files() -> dict[str, str]:
    return page().files()


def test_the_page_and_its_figures_are_fresh() -> None:
    stale = [name for name, text in files().items() if document(name) != text]
    assert stale == [], "run `make validation`"


def test_intervals_are_there_for_the_cases_of_the_page_and_no_others() -> None:
    assert page().draws.intervals.keys() == {case.id for case in page().cases()}
    assert page().draws.drivers.keys() == {case.id for case in page().headlines()}


def test_every_published_value_is_shown_or_says_why_not() -> None:
    shown = set(spans(document(PAGE)))
    assert {row["id"] for row in VALUES} <= shown
    compared = {value.id for value in page().compared()}
    for value in page().values:
        if value.id not in compared:
            assert page().texts.kind("not_compared", page().why(value)).en


def test_every_published_value_states_its_source_and_the_kind_of_its_reason() -> None:
    confidences = {each.value for each in Confidence}
    for row in VALUES:
        needed = ("source_title", "year", "locator", "licence", "unit", "boundary", "region")
        assert all(row[name] for name in needed), row["id"]
        assert all(row[f"{name}_{language}"] for name in ("note", "quantity") for language in
                   ("en", "zh")), row["id"]  # fmt: skip
        assert row["confidence"] in confidences, row["id"]
        assert page().texts.has("reasons", row["reason"]), row["id"]
        assert row["low"] or row["value"] or row["high"], row["id"]


def test_ids_of_published_values_are_unique() -> None:
    ids = [row["id"] for row in VALUES]
    assert len(ids) == len(set(ids))


def test_published_values_name_what_exists() -> None:
    known = {*DATASET.activities, *(plan["id"] for plan in page().plan["products"])}
    for value in page().values:
        assert {value.product, *value.counterparts, *value.used_in} <= known, value.id


def test_a_value_that_the_dataset_rests_on_is_no_independent_check() -> None:
    for value in page().values:
        assert value.independent == (not value.used_in), value.id


def test_rows_of_a_database_that_the_dataset_takes_are_marked() -> None:
    """A CPCD id in the locator of an exchange and of a published value is the same number."""
    taken = {
        exchange.source.locator.split(" ")[0]: activity
        for activity, exchanges in DATASET.exchanges.items()
        for exchange in exchanges
        if "CPCD" in exchange.source.title
    }
    for value in page().values:
        for id_, activity in taken.items():
            if len(id_) > 10 and id_ in value.locator:
                assert activity in value.used_in, f"{value.id}: {activity} is {id_}"


def test_amounts_of_sources_are_of_rows_and_parameters_that_there_are() -> None:
    for row in rows("published_amounts.csv"):
        (value,) = (value for value in page().values if value.id == row["published_id"])
        parameters = {
            each["id"] for each in load_product_template(value.product).header["parameters"]
        }
        known = DATASET.rows if row["kind"] == "row" else parameters
        assert row["ours"] in known, row["id"]


def test_an_amount_of_a_source_changes_that_row_alone() -> None:
    changed_rows = with_rows(DATASET, {"cz_ingot.02": 38.4})
    before = {row.line_id: row.amount for rows_ in DATASET.exchanges.values() for row in rows_}
    after = {row.line_id: row.amount for rows_ in changed_rows.exchanges.values() for row in rows_}
    assert {id_ for id_, amount in after.items() if amount != before[id_]} == {"cz_ingot.02"}


def test_shares_of_sources_are_of_values_that_are_compared() -> None:
    compared = {value.id for value in page().compared()}
    assert {row["published_id"] for row in rows("published_shares.csv")} <= compared


@pytest.mark.parametrize("product", [each["id"] for each in plan_document("plan.json")["products"]])
def test_a_figure_has_a_title_and_says_where_its_table_is(product: str) -> None:
    name = f"docs/figures/{figure_name(product)}"
    space = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(document(name))
    assert root.findtext(f"{space}title")
    assert PAGE in (root.findtext(f"{space}desc") or "")


def test_a_place_moves_what_buys_electricity_but_not_what_stands_abroad() -> None:
    plan = page().results.plans["bev_compact"]
    template = load_product_template("bev_compact")
    moved = changed(template, Case("bev_compact", place="CN-SC"), plan, DATASET)
    sites = {site["activity_id"]: site["region"] for site in moved.sites}
    assert sites["plastic_part"] == "CN-SC"
    abroad = [site for site in template.sites if not site["region"].startswith("CN")]
    assert abroad
    assert all(sites[site["activity_id"]] == site["region"] for site in abroad)
    battery = moved.parts["lfp_battery_pack"]
    assert battery.header["plant_region"] == moved.header["plant_region"] == "CN-SC"
    assert {site["activity_id"]: site["region"] for site in battery.sites}["lfp_cathode"] == "CN-SC"


def test_the_shipped_template_itself_stays_as_it_is() -> None:
    before = load_product_template("lfp_battery_pack")
    case = Case("lfp_battery_pack", place="CN-SC", options=(("lithium_carbonate", "lepidolite"),))
    changed(before, case, page().results.plans["lfp_battery_pack"], DATASET)
    assert before == load_product_template("lfp_battery_pack")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.6188, "0.6188"), (5.434, "5.43"), (79.84, "79.8"), (24589.4, "24,589")],
)
def test_a_number_has_the_digits_that_a_reader_needs(value: float, text: str) -> None:
    assert number(value) == text


def test_a_difference_has_its_sign() -> None:
    assert [signed(value) for value in (5.434, -0.5, 0.00001)] == ["+5.43", "−0.5000", "0"]


def test_a_cell_cannot_end_its_column() -> None:
    assert table(["a"], [["x | y"]])[2] == "| x / y |"


@pytest.mark.parametrize(("largest", "step"), [(140.0, 20.0), (0.279, 0.05), (45_000.0, 5_000.0)])
def test_ticks_are_round_and_few(largest: float, step: float) -> None:
    assert step_of(largest) == pytest.approx(step)


def test_what_is_not_independent_is_hollow() -> None:
    one = Row("theirs", 1.0, 2.0, 3.0, ours=False, hollow=True)
    drawn = figure("t", "d", [Panel("p", "kg", [one])])
    (mark,) = (line for line in drawn.splitlines() if 'width="8"' in line)
    assert 'fill="white"' in mark
