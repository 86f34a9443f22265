"""The intervals of docs/validation.md are what the samples give."""

import pytest
from tools.validation.cases import Case
from tools.validation.draws import Draws, drivers, interval
from tools.validation.page import Page

PAGE = Page.of(Draws.read())


@pytest.mark.parametrize("case", PAGE.headlines(), ids=lambda case: case.product)
def test_the_interval_of_a_headline_is_that_of_its_samples(case: Case) -> None:
    drawn = interval(case, PAGE.results, PAGE.plan)
    assert drawn == pytest.approx(PAGE.draws.intervals[case.id], rel=1e-4), "run `make validation`"


@pytest.mark.parametrize("case", PAGE.headlines(), ids=lambda case: case.product)
def test_the_drivers_of_a_headline_are_those_of_its_samples(case: Case) -> None:
    found = drivers(case, PAGE.results, PAGE.plan)
    stated = PAGE.draws.drivers[case.id]
    assert [each["id"] for each in found] == [each["id"] for each in stated]
    shares = [each["share"] for each in stated]
    assert [each["share"] for each in found] == pytest.approx(shares, rel=1e-3)
