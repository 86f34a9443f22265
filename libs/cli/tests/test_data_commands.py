"""Commands around datasets and templates: what they print, write and refuse."""

import csv
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import footprint
from footprint.data.shipped import load_dataset, load_product_template, product_template_names
from footprint.domain.product_rows import read_product_document
from footprint.entrypoints.http_models import ProductModelIn
from footprint.local import data
from greenchain_cli import language
from greenchain_cli.data_views import MOST_ROWS, show_difference
from greenchain_cli.main import run
from greenchain_cli.tables import read_product

DATA = Path(inspect.getfile(footprint)).parent / "data"
SHIPPED = DATA / "greenchain_lci"
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the shipped dataset that a test may change."""
    folder = tmp_path / "data" / "copy"
    folder.mkdir(parents=True)
    for file in SHIPPED.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def sichuan(file: Path, **changes: str) -> Path:
    """Write a row of the shipped electricity of Sichuan, changed."""
    with (SHIPPED / "exchanges.csv").open(encoding="utf-8", newline="") as shipped:
        rows = csv.DictReader(shipped)
        row = next(row for row in rows if row["line_id"] == "electricity_cn_sc_2023.02")
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, row, lineterminator="\n")
        writer.writeheader()
        writer.writerow(row | changes)
    return file


class TestCheck:
    def test_the_shipped_dataset_holds(self, ask: Ask) -> None:
        found = ask("data", "check")
        assert found["dataset"]["id"] == "greenchain-lci"
        assert found["counts"]["activities"] > 100
        assert [each for each in found["warnings"] if each["is_error"]] == []

    def test_warnings_are_shown_to_people_below_the_counts(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warning = {"code": "some.code", "message": {"en": "look at this", "zh": "请看"}}
        counts = dict.fromkeys(
            ("activities", "exchanges", "elementary_flows", "methods", "markets", "routes"), 1
        )
        found = {
            "dataset": {"id": "x", "version": "1", "sha256": "0" * 64},
            "counts": counts,
            "warnings": [warning],
        }
        monkeypatch.setattr(data, "check_data", lambda _: found)
        assert run(["footprint", "data", "check"]) == 0
        shown = capsys.readouterr().out
        assert "warnings             1" in shown
        assert shown.rstrip().endswith("some.code  look at this")

    def test_a_bad_row_ends_with_3_and_its_place(self, copy: Path, ask: Ask) -> None:
        path = copy / "exchanges.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("0.641363,kWh", "0.641363,MJ", 1), encoding="utf-8")
        (violation,) = ask("data", "check", str(copy), code=3)["violations"]
        assert (violation["file"], violation["id"], violation["field"]) == (
            "exchanges.csv",
            "electricity_cn_2023.01",
            "unit",
        )
        assert violation["row"] is not None
        assert "Write the amount in kWh" in violation["message"]

    def test_a_mix_that_breaks_the_rule_ends_with_3(self, copy: Path, ask: Ask) -> None:
        path = copy / "exchanges.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("0.641363,kWh", "0.6,kWh", 1), encoding="utf-8")
        error = ask("data", "check", str(copy), code=3)
        assert error["code"] == "footprint.dataset.unsound"
        (violation,) = error["violations"]
        assert violation["code"] == "footprint.dataset.mix_breaks_rule"
        assert "Write 0.641363." in violation["message"]

    def test_what_is_no_dataset_is_said(self, ask: Ask, tmp_path: Path) -> None:
        assert ask("data", "check", "99.0.0", code=4)["code"] == (
            "footprint.dataset.unknown_version"
        )
        assert ask("data", "check", str(tmp_path), code=4)["code"] == "cli.file.missing"


class TestAddAndDiff:
    def test_a_replaced_row_is_compared_in_products(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], ask: Ask
    ) -> None:
        file = sichuan(
            tmp_path / "exchanges.csv",
            input_id="electricity_nonfossil_cn_2023",
            uncertainty_type="none",
            min="",
            max="",
        )
        words = ["data", "add", str(file), "--to", "ours", "--replace"]
        assert run(["footprint", *words]) == 0
        shown = capsys.readouterr().out
        assert "ours (made as a copy of the shipped dataset)" in shown
        assert "rows replaced  1" in shown
        assert "electricity_nonfossil_cn_sc_2023 → electricity_nonfossil_cn_2023" in shown

        found = ask("data", "diff", str(SHIPPED), "ours")
        (row,) = found["rows"]
        assert (row["table"], row["change"]) == ("exchanges", "changed")
        products = {each["product_id"]: each for each in found["products"]}
        pack = products["lfp_battery_pack"]
        # The national mean of non-fossil power is above that of Sichuan, where the pack is made.
        assert pack["difference_kg_co2e"] > 0
        assert pack["new"]["kg_co2e"] - pack["old"]["kg_co2e"] == pytest.approx(
            pack["difference_kg_co2e"]
        )
        assert pack["contributors"]
        assert all(each["activity_id"].startswith("electricity_") for each in pack["contributors"])

    def test_a_row_that_is_there_needs_replace(self, tmp_path: Path, ask: Ask) -> None:
        file = sichuan(tmp_path / "notice.csv")
        words = ("data", "add", str(file), "--table", "exchanges", "--to", "ours")
        (violation,) = ask(*words, code=3)["violations"]
        assert (violation["file"], violation["line"]) == ("notice.csv", 2)
        assert violation["code"] == "footprint.dataset.row_exists"
        assert not Path("ours").exists()

    def test_the_files_of_a_folder_are_named_as_their_tables(
        self, tmp_path: Path, ask: Ask
    ) -> None:
        (tmp_path / "new").mkdir()
        sichuan(tmp_path / "new" / "exchanges.csv", confidence="assumption")
        words = ("data", "add", "new", "--to", "ours", "--replace")
        assert ask(*words, "--table", "exchanges", code=2)["code"] == "cli.usage"
        found = ask(*words)
        assert (found["added"], found["replaced"]) == (0, 1)

    @pytest.mark.parametrize("name", ["exchanges.csv", "notice.csv"])
    def test_a_file_that_is_not_there_is_said(self, name: str, ask: Ask) -> None:
        error = ask("data", "add", name, "--to", "ours", code=4)
        assert error["code"] == "cli.file.missing"

    def test_a_folder_without_tables_adds_nothing_and_makes_no_copy(
        self, tmp_path: Path, ask: Ask
    ) -> None:
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "._exchanges.csv").write_bytes(b"what a Mac leaves")
        error = ask("data", "add", "new", "--to", "ours", code=4)
        assert error["attributes"]["path"] == str(Path("new") / "*.csv")
        assert not Path("ours").exists()

    def test_many_rows_are_cut_off_for_people_and_counted(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = [
            {"table": "exchanges", "key": f"x.{number}", "change": "added", "fields": []}
            for number in range(MOST_ROWS + 3)
        ]
        of = {"id": "x", "version": "1", "sha256": "0" * 64}
        show_difference({"old": of, "new": of, "method_id": "gwp", "rows": rows, "products": []})
        shown = capsys.readouterr().out
        assert "and 3 more" in shown
        assert f"exchanges  {MOST_ROWS + 3}" in shown

    def test_products_are_told_in_the_language_with_what_they_differ_by(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        of = {"id": "x", "version": "1", "sha256": "0" * 64}
        product = {
            "product_id": "car",
            "declared_unit": "1 vehicle",
            "old": {"kg_co2e": 4.0, "stages": {"use": 4.0}},
            "new": {"kg_co2e": 5.5, "stages": {"use": 5.5}},
            "difference_kg_co2e": 1.5,
            "difference_percent": 37.5,
            "refused": {},
            "contributors": [{"activity_id": "steel", "old_kg_co2e": 3.0, "new_kg_co2e": 2.5}],
        }
        found = {"old": of, "new": of, "method_id": "gwp", "rows": [], "products": [product]}
        language.speak("zh")
        show_difference(found)
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert ["car", "1", "辆", "4.000", "5.500", "+1.500", "+37.50"] in rows
        assert ["使用", "4.000", "5.500", "+1.500"] in rows
        assert ["steel", "3.000", "2.500", "-0.5000"] in rows


class TestBuild:
    def test_a_package_is_built_once(self, tmp_path: Path, ask: Ask) -> None:
        first, again = ask("data", "build"), ask("data", "build", "--out", "here.zip")
        assert (first["built"], again["built"]) == (True, False)
        assert Path(first["package"]).is_relative_to(tmp_path / "cache")
        assert Path("here.zip").read_bytes() == Path(first["package"]).read_bytes()

    def test_a_region_without_a_market_is_refused(self, ask: Ask) -> None:
        (violation,) = ask("data", "build", "--region", "XX", code=3)["violations"]
        assert violation["code"] == "footprint.input.unknown_region"

    def test_a_release_stands_beside_the_folder_and_never_changes(
        self, copy: Path, ask: Ask
    ) -> None:
        found = ask("data", "build", str(copy), "--release")
        archive = copy.parent / "releases" / Path(found["archive"]).name
        assert archive.is_file()
        assert ask("data", "diff", str(archive), str(copy))["rows"] == []
        with (copy / "retired.csv").open("a", encoding="utf-8") as file:
            file.write("\n")
        error = ask("data", "build", str(copy), "--release", code=3)
        assert error["code"] == "footprint.dataset.version_released"

    def test_a_changed_copy_is_not_released_under_the_shipped_version(
        self, copy: Path, ask: Ask
    ) -> None:
        with (copy / "retired.csv").open("a", encoding="utf-8") as file:
            file.write("\n")
        error = ask("data", "build", str(copy), "--release", code=3)
        assert error["code"] == "footprint.dataset.version_released"
        assert not (copy.parent / "releases").exists()

    @pytest.mark.parametrize("option", [["--out", "x.zip"], ["--region", "DE"]])
    def test_a_release_has_neither_region_nor_place(self, option: list[str], ask: Ask) -> None:
        assert ask("data", "build", "--release", *option, code=2)["code"] == "cli.usage"


class TestTemplates:
    def test_all_templates_are_listed_with_their_parts(self, ask: Ask) -> None:
        found = {each["product_id"]: each for each in ask("template", "list")["templates"]}
        assert set(found) == {path.name for path in (DATA / "products").iterdir()}
        assert found["bev_compact"]["parts"] == ["lfp_battery_pack"]

    def test_a_copy_holds_the_parts_and_can_be_read(self, ask: Ask) -> None:
        copied = ask("template", "copy", "bev_compact", "car")
        assert "parts/lfp_battery_pack/bom.csv" in copied["files"]
        product = read_product(Path("car"))
        assert product.header["product_id"] == "bev_compact"
        assert set(product.document["parts"]) == {"lfp_battery_pack"}

    @pytest.mark.parametrize("name", product_template_names())
    def test_an_unchanged_copy_is_the_template_to_the_service(self, name: str, ask: Ask) -> None:
        ask("template", "copy", name, "copied")
        sent = json.loads(json.dumps(read_product(Path("copied")).document))
        received = ProductModelIn(**sent).document()
        shipped = load_product_template(name)
        dataset = load_dataset()
        assert read_product_document(received, dataset) == read_product_document(shipped, dataset)

    def test_nothing_is_overwritten(self, ask: Ask) -> None:
        Path("car/parts/lfp_battery_pack").mkdir(parents=True)
        mine = Path("car/parts/lfp_battery_pack/bom.csv")
        mine.write_text("mine", encoding="utf-8")
        error = ask("template", "copy", "bev_compact", "car", code=3)
        assert error["code"] == "footprint.template.files_exist"
        assert str(mine) in error["message"]
        assert mine.read_text(encoding="utf-8") == "mine"
        assert [path for path in Path("car").rglob("*") if path.is_file()] == [mine]

    def test_a_copy_that_breaks_off_can_be_tried_again(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened, seen = Path.open, []

        def full(self: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
            if mode == "xb":
                seen.append(self)
                if len(seen) == 3:
                    raise OSError(28, "No space left on device", str(self))
            return opened(self, mode, *rest, **named)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", full)
            error = ask("template", "copy", "bev_compact", "car", code=3)
        assert error["code"] == "cli.file.unusable"
        assert not [path for path in Path("car").rglob("*") if path.is_file()]
        assert len(ask("template", "copy", "bev_compact", "car")["files"]) == 6

    def test_an_unknown_template_is_told_which_there_are(self, ask: Ask) -> None:
        error = ask("template", "copy", "airship", "x", code=4)
        assert "lfp_battery_pack" in error["message"]
