"""The main job, as `greenchain demo` runs it: what its summary must mean."""

import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import INVENTORY, PRODUCT, Told, run_demo
from tests.e2e.independent_solve import Background, product_footprint, supplier_footprint

RECORDS = PRODUCT / "suppliers"
FIELDS = {
    "product",
    "declared_unit",
    "boundary",
    "pcf_kg_co2e",
    "pcf_kg_co2e_background_only",
    "stages",
    "beyond_boundary",
    "primary_data_share_percent",
    "primary_activity_share_percent",
    "engines",
    "declarations",
    "footprint_id",
    "superseded_footprint_id",
    "record_id",
    "record_status",
    "record_flags",
    "events",
    "verified",
    "database",
    "event_log",
    "elapsed_s",
}


@pytest.fixture(scope="session")
def background() -> Background:
    return Background(INVENTORY, ["CN-SC", "CN-JX"])


def types_of(summary: Any, kind: str) -> list[str]:
    """Types of the events about one kind of aggregate, in the log's order."""
    return [event["type"] for event in summary["events"] if f".{kind}." in event["type"]]


def test_the_summary_has_exactly_the_documented_fields(demo: Told) -> None:
    assert set(demo.summary) == FIELDS


def test_the_product_is_one_kwh_of_capacity_from_cradle_to_gate(demo: Told) -> None:
    summary = demo.summary
    assert summary["product"] == "lfp_battery_pack"
    assert summary["declared_unit"] == {"amount": 1.0, "unit": "kwh_capacity"}
    assert summary["boundary"] == "cradle_to_gate"


def test_stages_inside_the_boundary_sum_to_the_headline(demo: Told) -> None:
    summary = demo.summary
    assert set(summary["stages"]) == {"raw_materials", "manufacturing"}
    assert math.fsum(summary["stages"].values()) == pytest.approx(summary["pcf_kg_co2e"], rel=1e-12)


def test_stages_beyond_the_boundary_are_apart(demo: Told) -> None:
    assert set(demo.summary["beyond_boundary"]) == {"distribution", "end_of_life"}


def test_background_data_alone_give_the_figure_of_an_independent_solve(
    demo: Told, background: Background
) -> None:
    stages = product_footprint(background, PRODUCT, {})
    expected = stages["raw_materials"] + stages["manufacturing"]
    assert demo.summary["pcf_kg_co2e_background_only"] == pytest.approx(expected, rel=1e-9)


def test_the_headline_is_that_of_an_independent_solve(demo: Told, background: Background) -> None:
    suppliers = {
        "lfp_cathode": supplier_footprint(
            background, RECORDS / "cathode_maker_corrected.csv", "CN-SC"
        ),
        "copper_foil": supplier_footprint(background, RECORDS / "copper_foil_maker.csv", "CN-JX"),
    }
    stages = product_footprint(background, PRODUCT, suppliers)
    summary = demo.summary
    assert summary["stages"] == pytest.approx(
        {name: stages[name] for name in ("raw_materials", "manufacturing")}, rel=1e-9
    )
    assert summary["beyond_boundary"] == pytest.approx(
        {name: stages[name] for name in ("distribution", "end_of_life")}, rel=1e-9
    )


def test_both_engines_agree(demo: Told) -> None:
    engines = demo.summary["engines"]
    assert set(engines) == {"brightway", "greenchain", "relative_difference"}
    assert engines["brightway"] == demo.summary["pcf_kg_co2e"]
    assert engines["greenchain"] == pytest.approx(engines["brightway"], rel=1e-9)
    assert 0.0 <= engines["relative_difference"] <= 1e-9


def test_only_direct_emissions_count_as_primary_data(demo: Told) -> None:
    assert 0.0 < demo.summary["primary_data_share_percent"] < 1.0


def test_the_energy_of_three_plants_counts_as_primary_activity(demo: Told) -> None:
    assert 10.0 < demo.summary["primary_activity_share_percent"] < 30.0


def test_the_corrected_declaration_replaced_the_first_one(demo: Told) -> None:
    declarations = {row["activity_id"]: row for row in demo.summary["declarations"]}
    assert set(declarations) == {"lfp_cathode", "copper_foil"}
    assert (declarations["lfp_cathode"]["version"], declarations["copper_foil"]["version"]) == (
        2,
        1,
    )
    assert {row["state"] for row in declarations.values()} == {"accepted"}


def test_the_old_footprint_was_replaced(demo: Told) -> None:
    summary = demo.summary
    assert summary["superseded_footprint_id"] != summary["footprint_id"]


def test_the_record_stays_issued_and_carries_its_flags(demo: Told) -> None:
    summary = demo.summary
    assert summary["record_status"] == "issued"
    assert [flag["code"] for flag in summary["record_flags"]] == [
        "footprint_stale",
        "footprint_deprecated",
    ]
    assert all(flag["reason"] and flag["since"] for flag in summary["record_flags"])


def test_the_body_verified_the_record(demo: Told) -> None:
    assert demo.summary["verified"] is True


def test_events_of_a_declaration_come_in_order(demo: Told) -> None:
    assert types_of(demo.summary, "declaration") == [
        "greenchain.declaration.submitted.v1",
        "greenchain.declaration.submitted.v1",
        "greenchain.declaration.accepted.v1",
        "greenchain.declaration.accepted.v1",
        "greenchain.declaration.corrected.v1",
        "greenchain.declaration.accepted.v1",
    ]


def test_events_of_the_footprints_are_all_there(demo: Told) -> None:
    assert sorted(types_of(demo.summary, "footprint")) == [
        "greenchain.footprint.deprecated.v1",
        "greenchain.footprint.flagged.v1",
        "greenchain.footprint.frozen.v1",
        "greenchain.footprint.frozen.v1",
        "greenchain.footprint.recomputed.v1",
    ]


def test_events_of_the_record_come_in_order(demo: Told) -> None:
    assert types_of(demo.summary, "record") == [
        "greenchain.record.submitted.v1",
        "greenchain.record.issued.v1",
        "greenchain.record.flagged.v1",
        "greenchain.record.flagged.v1",
    ]


def test_offsets_of_a_partition_count_without_gap(demo: Told) -> None:
    offsets: dict[tuple[str, int], list[int]] = defaultdict(list)
    for event in demo.summary["events"]:
        offsets[event["topic"], event["partition"]].append(event["offset"])
    assert all(seen == list(range(len(seen))) for seen in offsets.values())


def test_no_event_was_put_aside(demo: Told) -> None:
    assert not [e for e in demo.summary["events"] if e["topic"].endswith("dead-letter")]


def test_the_embedded_default_was_used(demo: Told) -> None:
    assert (demo.summary["database"], demo.summary["event_log"]) == ("sqlite", "local")


def test_the_summary_tells_how_long_it_took(demo: Told) -> None:
    assert demo.summary["elapsed_s"] > 0.0


def test_the_story_names_what_is_not_real(demo: Told) -> None:
    for word in ("illustrative", "provisional", "demonstration", "kg CO2e"):
        assert word in demo.story.lower() or word in demo.story


def test_the_story_tells_the_figures_of_the_summary(demo: Told) -> None:
    summary = demo.summary
    for figure in (summary["pcf_kg_co2e"], summary["pcf_kg_co2e_background_only"]):
        assert f"{figure:.2f}" in demo.story
    assert summary["record_id"] in demo.story


def test_a_changed_bill_of_materials_changes_the_figure_and_the_language_is_that_of_the_shell(
    demo: Told,
    background: Background,
    changed_product: Callable[[str, float], Path],
    tmp_path: Path,
) -> None:
    folder = changed_product("lfp_battery_pack.02", 2.0)

    told = run_demo(tmp_path / "demo", "--product", str(folder), LANG="zh_CN.UTF-8")

    assert told.exit_code == 0, told.progress
    before, after = demo.summary, told.summary
    graphite = (
        product_footprint(background, folder, {})["raw_materials"]
        - product_footprint(background, PRODUCT, {})["raw_materials"]
    )
    assert graphite > 0.1
    assert after["pcf_kg_co2e"] - before["pcf_kg_co2e"] == pytest.approx(graphite, rel=1e-6)
    assert "示例性" in told.story or "示意" in told.story
    assert "The exporter" not in told.story


def test_a_malformed_bill_of_materials_ends_the_demonstration_without_a_summary(
    changed_product: Callable[[str, float], Path], tmp_path: Path
) -> None:
    folder = changed_product("lfp_battery_pack.02", -1.0)

    told = run_demo(tmp_path / "demo", "--product", str(folder))

    assert told.exit_code == 3
    assert "lfp_battery_pack.02" in told.progress
    assert not (told.state / "summary.json").exists()


def test_a_directory_that_is_not_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")

    told = run_demo(tmp_path)

    assert told.exit_code == 3
    assert (tmp_path / "precious.txt").read_text() == "mine"
