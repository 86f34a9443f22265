"""The example of a background of one's own can be imported, found and bought from."""

from pathlib import Path

import pytest
from tests.docs.markdown import document, marked_block

from footprint.local.backgrounds import import_background, search_background
from footprint.local.explanations import explain

PRODUCT = {
    "format": "greenchain-product/1",
    "product_id": "thing",
    "name": {"en": "Thing", "zh": "物件"},
    "declared_unit": {"amount": 1, "unit": "kg"},
    "plant_region": "CN",
    "backgrounds": [{"id": "own", "version": "1"}],
    "boundary": {"name": "cradle_to_gate", "stages": ["raw_materials"]},
    "intermediates": [],
}
LINE = {
    "line_id": "p.1",
    "stage": "raw_materials",
    "input_id": "own:foil",
    "amount": 1,
    "unit": "kg",
    "activity_data": "own_plant",
    "uncertainty_type": "none",
    "source_title": "own",
    "source_locator": "-",
    "licence": "own",
    "confidence": "assumption",
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = document("docs/own-backgrounds.md")
    for table in ("activities", "exchanges", "elementary_flows"):
        block = marked_block(text, f"check: own-background {table}")
        (tmp_path / f"{table}.csv").write_text(block, encoding="utf-8")
    out = tmp_path / "own.zip"
    found = import_background(
        out,
        id="own",
        version="1",
        title="Own processes",
        licence="Internal",
        year=None,
        csv=tmp_path,
    )
    assert (found["year"], found["unmatched_flows"]) == (2025, [])
    return out


def test_the_example_of_a_background_is_found_in_both_languages(own: Path) -> None:
    for words in ("foil rolling", "铝箔"):
        (found,) = search_background(own, words, 9)["activities"]
        assert (found["input_id"], found["name_zh"]) == ("own:foil", "铝箔轧制")


def test_the_example_of_a_background_counts_what_the_page_says(own: Path) -> None:
    found = explain({"header": PRODUCT, "lines": [LINE], "sites": []}, "ipcc_ar6_gwp100_v2", [own])
    assert "0.1 + 4 · 0.06 = 0.34 kg of CO2" in document("docs/own-backgrounds.md")
    assert found["kg_co2e"] == pytest.approx(0.34)
    names = [each["name"] for each in found["processes"]]
    assert {"en": "Aluminium foil rolling", "zh": "铝箔轧制"} in names
