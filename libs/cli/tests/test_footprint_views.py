"""What `footprint show` and `footprint list` print."""

from typing import Any

import pytest

from greenchain_cli import language
from greenchain_cli.contributions import by_process
from greenchain_cli.footprint_views import show_footprint, show_footprints

SHA256 = "5" * 64


def process(key: str, stage: str, kg_co2e: float) -> dict[str, Any]:
    return {
        "stage": stage,
        "process": key,
        "activity_id": "electricity_coal_cn",
        "name": {"en": "Electricity, coal", "zh": "燃煤发电"},
        "region": key.partition("@")[2].partition("#")[0],
        "kg_co2e": kg_co2e,
    }


def impact(method_id: str, amount: float | None, **more: Any) -> dict[str, Any]:
    return {
        "method_id": method_id,
        "name": {"en": method_id, "zh": method_id},
        "unit": "mol H+ eq",
        "verdict": "screening",
        "amount": amount,
        "not_separable_kg_co2e": None,
        "coverage": {"inputs_percent": 48.0, "climate_percent": 71.0, "threshold_percent": 40.0},
        **more,
    }


QUALITY = {
    "primary": 10.0,
    "verified in source text": 20.0,
    "verified in secondary copy": 30.0,
    "computed": 39.5,
    "assumption": 0.5,
}


def footprint() -> dict[str, Any]:
    return {
        "id": "f-1",
        "state": "deprecated",
        "sha256": SHA256,
        "product_model_id": "m-1",
        "name": {"en": "Pack", "zh": "电池包"},
        "declared_unit": {"amount": 1.0, "unit": "kwh_capacity"},
        "boundary": "cradle_to_gate",
        "method_id": "ar6",
        "kg_co2e": 4.0,
        "stages": {"raw_materials": 3.0, "manufacturing": 1.0},
        "beyond_boundary": {"distribution": 0.5},
        "primary_data_share_percent": 0.33,
        "primary_activity_share_percent": 22.04,
        "equivalents": [
            {
                "id": "pack",
                "name": {"en": "Pack", "zh": "电池包"},
                "unit": "piece",
                "kg_co2e": 172.0,
            }
        ],
        "data_quality": {"by_emission": QUALITY, "by_weakest": QUALITY | {"computed": 12.25}},
        "impacts": [
            impact("acidification", 0.2122),
            impact("toxicity", None, verdict="not_supported"),
            impact("gwp20", 2.5, unit="kg CO2e", not_separable_kg_co2e=1.25),
        ],
        "engines": {"agree": True, "relative_difference": 3.2e-16},
        "warnings": [{"code": "ill_conditioned", "message": {"en": "Check.", "zh": "请检查。"}}],
        "processes": [
            process("electricity_coal_cn@CN", "raw_materials", 2.0),
            process("electricity_coal_cn@CN", "manufacturing", 1.0),
            process("electricity_coal_cn@CN-SC#supplier", "raw_materials", 1.0),
            process("electricity_coal_cn@CN", "distribution", 0.5),
        ],
        "sites": [{"region": "CN", "kg_co2e": 3.0}, {"region": "CN-SC", "kg_co2e": 1.0}],
        "declarations": [
            {
                "id": "d-1",
                "version": 1,
                "activity_id": "lfp_cathode",
                "supplier_tenant_id": "cathode-maker",
                "region": "CN-SC",
                "kg_co2e_per_unit": 9.19,
                "unit": "kg",
            }
        ],
        "evidence": [{"role": "dataset", "id": "greenchain_lci", "version": "1", "sha256": SHA256}],
        "flags": [
            {
                "code": "stale",
                "reason": "declaration_corrected",
                "subject": "d-1",
                "since": "2026-03-01T08:00:00.123Z",
            }
        ],
        "preceding_footprint_id": "f-0",
        "successor_footprint_id": "f-2",
        "created_at": "2026-03-01T07:00:00Z",
        "frozen_at": "2026-03-01T07:30:00Z",
    }


@pytest.mark.parametrize(
    "told",
    [
        "0.33 %",
        "22.04 %",
        "f-0",
        "f-2",
        "2026-03-01 08:00:00 UTC",
        "a cited declaration was corrected",
        "cathode-maker",
        "greenchain_lci",
        "Electricity, coal · CN-SC (supplier)",
        "CN-SC Sichuan",
        "kWh of capacity",
        "Check.",
        "deprecated",
        "per Pack                172.0 kg CO2e",
        "39.5 %",
        "12.2 %",
        "0.2122 mol H+ eq",
        "screening only",
        "not supported by the data",
        "not separable, GWP100 of its source",
        "1.250 kg CO2e",
        "An emission counts where the process that emits it stands",
        "Verdict: how well the dataset fits the method",
        "Covered: the share of this product's activities",
        "Threshold: where the smaller of both shares is below it",
    ],
)
def test_a_footprint_is_shown_with_what_it_rests_on(
    told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_footprint(footprint())

    assert told in capsys.readouterr().out


def test_a_footprint_is_shown_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    language.speak("zh")

    show_footprint(footprint())

    printed = capsys.readouterr().out
    for told in (
        "已废止",
        "原材料获取与预处理",
        "燃煤发电",
        "四川",
        "过时",
        "所引用的声明已更正",
        "数据不支持",
        "排放计入排放过程所在地",
        "阈值：",
        "一致（相对差 3.2e-16）",
    ):
        assert told in printed
    assert "deprecated" not in printed


def test_an_impact_that_the_data_do_not_support_is_never_a_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_footprint(footprint())

    printed = capsys.readouterr().out.splitlines()
    (line,) = [line for line in printed if line.startswith("toxicity")]
    assert line.endswith(" not supported")
    assert "not supported by the data" in line
    assert "mol" not in line


def test_a_footprint_of_an_earlier_release_is_shown_without_what_it_does_not_tell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_footprint(footprint() | {"equivalents": [], "data_quality": None, "impacts": []})

    printed = capsys.readouterr().out
    assert "f-1" in printed
    assert "Data quality" not in printed
    assert "Impacts" not in printed


def test_a_process_counts_what_it_emits_inside_the_boundary() -> None:
    assert [bar.amount for bar in by_process(footprint())] == [3.0, 1.0]


def test_footprints_are_listed_with_their_state(capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "id": "f-1",
        "state": "frozen",
        "product_id": "pack",
        "kg_co2e": 4.0,
        "created_at": "2026-03-01T07:00:00Z",
    }

    show_footprints({"footprints": [row], "next": None})

    header, line = capsys.readouterr().out.splitlines()
    assert "kg CO2e / declared unit" in header
    assert line.split()[:4] == ["f-1", "frozen", "pack", "4.00000"]


def test_a_headline_has_six_significant_digits(capsys: pytest.CaptureFixture[str]) -> None:
    show_footprint(footprint() | {"kg_co2e": 24393.3885})

    assert "24393.4 kg CO2e / kWh of capacity" in capsys.readouterr().out
