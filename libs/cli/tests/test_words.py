"""The command's words are those of the nomenclature, and its regions those of the data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from footprint.data.shipped import load_dataset
from greenchain_cli import language, words

NOMENCLATURE = Path(__file__).parents[3] / "docs" / "nomenclature.md"


@pytest.fixture
def chinese() -> Iterator[None]:
    before = language.current()
    language.speak("zh")
    yield
    language.speak(before)


def documented() -> set[tuple[str, str]]:
    """Return every word that the nomenclature names with its translation."""
    text = NOMENCLATURE.read_text(encoding="utf-8")
    cells = re.findall(r"`([a-z_]+)` ([\u4e00-\u9fff]+)", text)
    rows = re.findall(r"^\| `([a-z_]+)` \| ([\u4e00-\u9fff]+) \|", text, re.MULTILINE)
    return {*cells, *rows}


@pytest.mark.parametrize("name", [*words.STATES, *words.STAGES, "stale"])
def test_translations_are_those_of_the_nomenclature(name: str) -> None:
    translated = {**words.STATES, **words.STAGES, **words.FLAGS}[name][1]

    assert (name, translated) in documented()


def test_every_region_of_the_data_has_a_name(chinese: None) -> None:
    regions = {activity.location for activity in load_dataset().activities.values()}

    unnamed = {region for region in regions if region and words.region(region) == region}
    assert unnamed == set()


def test_a_region_is_named_after_its_code(chinese: None) -> None:
    assert words.region("CN-SC") == "CN-SC 四川"


def test_what_has_no_word_keeps_its_name() -> None:
    assert words.state("elsewhere") == "elsewhere"
