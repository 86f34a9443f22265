"""The figures that the README gives are those of the shipped example."""

import pytest
from tests.docs.markdown import document
from tools.figures.demonstration import SECTIONS, demonstration


@pytest.mark.parametrize("name", SECTIONS)
def test_the_figures_of_the_demonstration_are_those_of_the_example(name: str) -> None:
    told = document(name).partition(SECTIONS[name])[2].partition("\n## ")[0]
    places = [told.find(figure) for figure in demonstration().figures()]
    assert -1 not in places, demonstration().figures()
    assert places == sorted(places)


def test_the_demonstration_is_lowered_by_suppliers_and_raised_by_the_correction() -> None:
    told = demonstration()
    assert told.first.pcf_kg_co2e < told.corrected.pcf_kg_co2e < told.background.pcf_kg_co2e
    assert told.background.primary_data_share_percent == 0.0
