"""The page on the chains: routes, amounts, balances and results are those of the dataset."""

from copy import deepcopy
from dataclasses import replace

import pytest
from tests.docs.markdown import document, marked_table, marked_tables
from tests.docs.template_impacts import (
    METHOD,
    METHODOLOGY,
    impacts_of,
    impacts_of_model,
    unit_scores,
)

from footprint.data.shipped import load_product_template
from footprint.domain.dataset import Dataset, Uncertainty
from footprint.domain.dataset_balances import balances
from footprint.domain.impacts import impacts
from footprint.domain.linking import link_product
from footprint.domain.product_rows import read_product_document

PAGE = document("docs/chains.md")
DATASET = METHODOLOGY.dataset


def three(value: float) -> str:
    """Return three digits, as the tables do; numbers of four whole."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def bounds(uncertainty: Uncertainty) -> str:
    if uncertainty.distribution == "lognormal":
        return f"GSD {uncertainty.gsd:g}"
    if uncertainty.distribution == "triangular":
        return f"{uncertainty.minimum:.4g} to {uncertainty.maximum:.4g}"
    return "none"


def code(cell: str) -> str:
    return cell.split("`")[1]


def test_every_route_is_listed_with_its_activity_and_result() -> None:
    stated = {}
    for reference, route, activity, result in marked_table(PAGE, "check: routes "):
        stated[code(reference), code(route)] = (
            reference.rpartition(", ")[2],
            "(default)" in route,
            code(activity),
            result,
        )
    assert stated == {
        (reference, route.id): (
            DATASET.activities[route.activity_id].unit,
            route.is_default,
            route.activity_id,
            three(unit_scores()[route.activity_id]),
        )
        for reference, routes in DATASET.routes.items()
        for route in routes.values()
    }


AMOUNTS = [row for _, rows in marked_tables(PAGE, "check: amounts ") for row in rows]


@pytest.mark.parametrize("row", AMOUNTS, ids=[row[1].strip("`") for row in AMOUNTS])
def test_an_amount_is_that_of_its_row(row: list[str]) -> None:
    _, line_id, amount, known, _ = row
    exchange = DATASET.rows[code(line_id)]
    assert amount == f"{exchange.amount:.4g} {exchange.unit}"
    assert known == f"{bounds(exchange.uncertainty)}, {exchange.confidence.value}"


def test_balances_are_those_that_are_drawn() -> None:
    drawn = {(each.activity_id, each.element): each for each in balances(DATASET)}
    for _, rows in marked_tables(PAGE, "check: balances "):
        for activity, element, *stated in rows:
            found = drawn[code(activity), element]
            loss = f"{100 * found.loss:.1f} %".replace("-0.0 %", "0.0 %")
            assert stated == [
                f"{found.taken:.4g}",
                f"{found.product:.4g}",
                f"{found.emitted:.4g}",
                loss,
            ], activity


def test_results_are_those_of_their_activities() -> None:
    for activity, unit, result in marked_table(PAGE, "check: scores "):
        id_ = code(activity)
        assert (unit, result) == (DATASET.activities[id_].unit, three(unit_scores()[id_])), id_


def headline_with_row(template: str, line_id: str, amount: float) -> float:
    """Return the result of a template if one exchange of the dataset had another amount."""
    exchange = replace(DATASET.rows[line_id], amount=amount)
    activity = next(id_ for id_, rows in DATASET.exchanges.items() if DATASET.rows[line_id] in rows)
    changed: Dataset = replace(
        DATASET,
        exchanges={
            **DATASET.exchanges,
            activity: tuple(
                exchange if each.line_id == line_id else each
                for each in DATASET.exchanges[activity]
            ),
        },
        rows={**DATASET.rows, line_id: exchange},
    )
    model = read_product_document(load_product_template(template), changed)
    system = link_product(model, changed, METHOD, suppliers=[])
    solution = METHODOLOGY.explaining_engine.solve(system)
    found = {each.method_id: each for each in impacts(system, solution, changed)}
    return found[METHOD].amount or 0.0


def headline_with_parameter(template: str, name: str, amount: float) -> float:
    """Return the result of a template if one of its parameters were another."""
    product = load_product_template(template)
    header = deepcopy(product.header)
    (parameter,) = (each for each in header["parameters"] if each["id"] == name)
    parameter["amount"] = amount
    del parameter["uncertainty"]
    model = read_product_document(replace(product, header=header), DATASET)
    return impacts_of_model(model)[METHOD].amount or 0.0


OPEN_POINTS = marked_table(PAGE, "check: open points ")


@pytest.mark.parametrize("row", OPEN_POINTS, ids=[row[1].strip("`") for row in OPEN_POINTS])
def test_what_hangs_on_an_open_point_is_what_is_computed(row: list[str]) -> None:
    _, named, given, instead, template, told = row
    before = impacts_of(code(template))[METHOD].amount or 0.0
    if "." in named:
        exchange = DATASET.rows[code(named)]
        assert given == f"{exchange.amount:.4g} {exchange.unit}"
        now = headline_with_row(code(template), code(named), float(instead))
    else:
        now = headline_with_parameter(code(template), code(named), float(instead))
    change = f"{now - before:+.3g} ({100 * (now / before - 1):+.1f} %)"
    assert told == change.replace("-", "−")


def test_the_nickel_put_instead_is_without_what_refining_adds() -> None:
    nickel = DATASET.rows["niso4_mhp.01"].amount
    added = unit_scores()["niso4_mhp"] / nickel - unit_scores()["nickel_in_mhp"]
    (row,) = (row for row in OPEN_POINTS if code(row[1]) == "nickel_in_mhp.01")
    assert row[3] == f"{unit_scores()['nickel_in_mhp'] - added:.2f}"


def test_the_polysilicon_put_instead_is_level_three_less_its_steam() -> None:
    steam = DATASET.rows["polysilicon_siemens.03"].amount / 29.3
    (row,) = (row for row in OPEN_POINTS if code(row[1]) == "polysilicon_siemens.02")
    assert row[3] == f"{(6.3 - steam) / 0.1229:.1f}"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("nickel_in_mhp.01", "it counts twice, {} of the NMC811 pack"),
        ("phosphoric_acid_wet.01", "with thermal acid the LFP pack is {} higher"),
        ("polysilicon_siemens.02", "for polysilicon the TOPCon module is {} lower"),
        ("solar_glass.02", "with what a Chinese works plans the TOPCon module is {} lower"),
        ("electricity_de_2024.01", "5 % of losses would add {} to the car"),
    ],
)
def test_the_page_on_data_tells_the_weightiest_with_their_sizes(row: str, told: str) -> None:
    (change,) = (each[-1] for each in OPEN_POINTS if code(each[1]) == row)
    percent = abs(float(change.partition("(")[2].rstrip(" %)").replace("−", "-")))
    assert told.format(f"{percent:.0f} %") in " ".join(document("docs/data.md").split())
