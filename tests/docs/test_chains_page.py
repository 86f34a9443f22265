"""The page on the chains: routes, amounts, balances and results are those of the dataset."""

import pytest
from tests.docs.markdown import document, marked_table, marked_tables
from tests.docs.template_impacts import METHODOLOGY, unit_scores

from footprint.domain.dataset import Uncertainty
from footprint.domain.dataset_balances import balances

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
