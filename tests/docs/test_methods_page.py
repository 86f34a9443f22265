"""The page on methods: verdicts, thresholds, factors and coverage are those of the dataset."""

import math
import re

import pytest
from tests.docs.markdown import document, marked_table
from tests.docs.template_impacts import METHODOLOGY, impacts_of

from footprint.domain.dataset import Verdict

PAGE = document("docs/methods.md")
DATASET = METHODOLOGY.dataset
TEMPLATES = (
    "lfp_battery_pack",
    "nmc811_battery_pack",
    "pv_module_topcon_mono",
    "pv_module_perc_mono",
    "bev_compact",
)


def listed(mark: str) -> dict[str, list[str]]:
    return {row[0].strip("`"): row for row in marked_table(PAGE, f"check: {mark} ")}


def test_every_method_is_listed_with_unit_verdict_and_threshold() -> None:
    stated = {
        id_: tuple(row[1:4]) for id_, row in (listed("climate-methods") | listed("methods")).items()
    }
    assert stated == {
        each.id: (
            each.unit,
            each.verdict.value.replace("_", " "),
            f"{each.threshold_percent:g} %",
        )
        for each in DATASET.methods.values()
    }
    climate = {each.id for each in DATASET.methods.values() if each.is_climate}
    assert listed("climate-methods").keys() == climate


def test_factors_of_gases_are_those_of_the_dataset() -> None:
    table = listed("gases")
    for gas, row in table.items():
        ids = re.findall(r"`([^`]+)`", marked_header("gases"))
        stated = [float(cell.replace(" ", "")) for cell in row[1:]]
        assert stated == [DATASET.factors[id_][gas].factor for id_ in ids], gas


def marked_header(mark: str) -> str:
    return PAGE[PAGE.index(f"<!-- check: {mark} -->") :].splitlines()[1]


def test_every_gas_has_a_factor_in_every_climate_method() -> None:
    climate = [each.id for each in DATASET.methods.values() if each.is_climate]
    gases = {flow for id_ in climate for flow in DATASET.factors[id_]} - {DATASET.aggregated_flow}
    for id_ in climate:
        assert gases <= DATASET.factors[id_].keys()
    parts = [f"ef_3_1_climate_change_{part}" for part in ("fossil", "biogenic", "luluc")]
    for gas in gases:
        total = DATASET.factors["ef_3_1_climate_change"][gas].factor
        assert math.fsum(DATASET.factors[id_][gas].factor for id_ in parts) == total


def test_published_totals_count_in_the_methods_that_are_named() -> None:
    counting = [
        each.id
        for each in DATASET.methods.values()
        if DATASET.aggregated_flow in DATASET.factors[each.id]
    ]
    assert counting == ["ipcc_ar6_gwp100_v2", "ipcc_ar6_gwp100_v1"]
    assert "In the two AR6 GWP100 methods it counts as published" in " ".join(PAGE.split())


def test_places_are_valued_as_is_said() -> None:
    aware, ef = (
        DATASET.regional_factors[id_]
        for id_ in ("aware_2_0_non_agri_annual", "ef_3_1_water_use_aware12")
    )
    for place, value in re.findall(r"^\| .+ \(([A-Z-]+)\) \| ([\d.]+) \|$", PAGE, re.MULTILINE):
        assert float(value) == aware[place], place
    assert f"{ef['CN']:g} for all of China" in PAGE
    assert {factor for place, factor in ef.items() if place.startswith("CN-")} == {ef["CN"]}
    assert f"({aware['GLO']:g}, computed" in PAGE
    assert f"{ef['GLO']:g} in EF 3.1)" in PAGE


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_coverage_of_a_template_is_what_is_computed(template: str) -> None:
    column = 1 + TEMPLATES.index(template)
    stated = {id_: row[column] for id_, row in listed("coverage").items()}
    found = {
        id_: each
        for id_, each in impacts_of(template).items()
        if not DATASET.methods[id_].is_climate
    }
    assert stated == {
        id_: f"{each.coverage.inputs_percent:.1f} / {each.coverage.climate_percent:.1f}"
        + (" not shown" if each.amount is None else "")
        for id_, each in found.items()
    }


def test_what_is_not_supported_is_never_shown() -> None:
    never = [each.id for each in DATASET.methods.values() if each.verdict is Verdict.NOT_SUPPORTED]
    assert never == ["ef_3_1_eutrophication_freshwater"]
    assert all(impacts_of(template)[never[0]].amount is None for template in TEMPLATES)
