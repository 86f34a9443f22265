"""`footprint explain` of product folders and templates, by the real command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenchain_cli.main import run

TEMPLATES = Path(__file__).parents[4] / "services/footprint/src/footprint/data/products"
PACK, CAR = "lfp_battery_pack", "bev_compact"

Ask = Callable[..., Any]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return what explains something with --json and returns the answer."""

    def answered(given: str, *words: str) -> Any:
        assert run(["footprint", "explain", given, *words, "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return json.loads(printed.out)

    return answered


def copied(template: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    for file in (TEMPLATES / template).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_every_exchange_of_a_template_is_told_with_all_that_is_known_of_it(ask: Ask) -> None:
    found = ask(PACK)
    exchanges = [each for process in found["processes"] for each in process["exchanges"]]
    assert len(exchanges) > 100
    for each in exchanges:
        assert {"amount", "unit", "total", "kg_co2e", "share_percent", "uncertainty"} <= set(each)
        if each["line_id"]:
            assert set(each["source"]) == {"title", "locator", "doi_or_url", "licence", "year"}
            assert each["confidence"]
            assert each["provenance"] in ("primary", "secondary", "derived", "assumed")
    activities = [each for each in found["processes"] if each["kind"].endswith("_process")]
    assert all(
        set(each["pedigree"]) == {"reliability", "completeness", "time", "geography", "technology"}
        for each in activities
    )


def test_own_emissions_of_all_processes_are_the_headline(ask: Ask) -> None:
    found = ask(CAR)
    own = sum(each["own_kg_co2e"] for each in found["processes"])
    assert own == pytest.approx(found["kg_co2e"], rel=1e-9)
    assert sum(found["stages"].values()) == pytest.approx(found["kg_co2e"], rel=1e-9)


def test_a_folder_is_explained_as_the_template_that_it_was_copied_from(
    ask: Ask, tmp_path: Path
) -> None:
    assert ask(str(copied(PACK, tmp_path / "mine"))) == ask(PACK)


def test_a_part_is_that_of_the_folder_or_else_the_template(ask: Ask, tmp_path: Path) -> None:
    car = copied(CAR, tmp_path / "car")
    whole = ask(str(car))
    assert whole == ask(CAR)
    pack = copied(PACK, car / "parts" / PACK)
    header = json.loads((pack / "product.json").read_text(encoding="utf-8"))
    header["plant_region"] = "CN-SC"
    (pack / "product.json").write_text(json.dumps(header), encoding="utf-8")
    # A pack that is made in Sichuan: its electricity is mostly hydropower.
    assert ask(str(car))["kg_co2e"] < whole["kg_co2e"]


def test_another_method_can_be_asked_for(ask: Ask) -> None:
    found = ask(PACK, "--method", "ipcc_ar6_gwp100_v1")
    assert found["method_id"] == "ipcc_ar6_gwp100_v1"


def test_a_person_reads_the_headline_the_data_quality_and_the_tree(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(PACK)
    assert run(["footprint", "explain", PACK, "--least", "5", "--depth", "3"]) == 0
    printed = capsys.readouterr().out
    assert f"{found['kg_co2e']:.4f} kg CO2e / kWh of capacity" in printed
    assert "by weakest row" in printed
    for class_, share in found["data_quality"]["by_emission"].items():
        assert class_ in printed
        assert f"{share:.1f} %" in printed
    shares = [
        float(line.split("%")[0]) for line in printed.split("process, and")[1].splitlines()
        if "% " in line and "smaller" not in line and line.split("%")[0].strip()[0].isdigit()
    ]  # fmt: skip
    assert shares[0] == 100.0
    assert min(map(abs, shares)) >= 5.0


def test_a_bad_row_of_a_folder_is_named_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(PACK, tmp_path / "mine")
    lines = (folder / "bom.csv").read_text(encoding="utf-8").splitlines()
    number, line = next((at, row) for at, row in enumerate(lines, 1) if ",lfp_cathode" in row)
    lines[number - 1] = line.replace(",lfp_cathode", ",lfp_cathodx", 1)
    (folder / "bom.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run(["footprint", "explain", str(folder), "--json"]) == 3
    (violation,) = json.loads(capsys.readouterr().out)["error"]["violations"]
    assert (violation["file"], violation["line"], violation["code"]) == (
        "bom.csv",
        number,
        "footprint.input.unlinked",
    )


def test_what_is_nothing_is_said_with_the_templates(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "explain", "no_such_pack", "--json"]) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "cli.explain.unknown"
    assert PACK in error["message"]


def test_an_unknown_method_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "explain", PACK, "--method", "mine", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "footprint.method.unknown"
