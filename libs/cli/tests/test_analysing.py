"""Commands that analyse a model file: what they ask of the engine, and how they end."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chassis.errors import InvalidInput, Location
from footprint import bootstrap
from footprint.domain import analysis_options
from footprint.domain.errors import MissingField, NotOneOf
from footprint.local.templates import copy_template
from greenchain_cli.analysing import analyse
from greenchain_cli.commands.options import DEFAULT_METHOD
from greenchain_cli.main import run
from greenchain_cli.model_file import is_local

MODEL = """{"format": "greenchain-inventory/1",
 "id": "pack",
 "activities": [
  {"id": "cell"},
  {"id": "tray",
   "product": "tray"}]}
"""
METHOD = {"id": "gwp100", "unit": "kg CO2e", "name": {"en": "", "zh": ""}}
FOUND = {
    "kind": "scenarios",
    "model": {"id": "pack", "name": {"en": "", "zh": ""}, "sha256": "5" * 64},
    "demand": {"product": "pack", "amount": 1.0, "unit": "piece"},
    "scenario": None,
    "engine": {"name": "greenchain", "version": "0.1.0"},
    "warnings": [],
    "results": [{"method": METHOD, "score": 3.0, "scenarios": [], "scores": [1.5, 0.25]}],
}

Asked = list[tuple[str, dict[str, Any], dict[str, Any]]]
Answer = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GREENCHAIN_CLIENT_ID", raising=False)


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "pack.json"
    path.write_text(MODEL, encoding="utf-8")
    return str(path)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], None]:
    """Return what puts something in the engine's place."""

    def replace(with_: Answer) -> None:
        monkeypatch.setattr(bootstrap, "run_analysis", with_)

    return replace


@pytest.fixture
def asked(answer: Callable[[Answer], None]) -> Asked:
    """Answer every analysis alike; return what was asked."""
    heard: Asked = []

    def note(kind: str, model: Any, options: Any, *, progress: Any) -> Any:
        heard.append((kind, model, options))
        return FOUND

    answer(note)
    return heard


def refusing(*violations: Any) -> Answer:
    def refuse(*_: Any, **__: Any) -> Any:
        raise InvalidInput(violations=violations)

    return refuse


class TestWhatIsAsked:
    def test_what_is_not_given_is_left_to_its_default(self, model: str, asked: Asked) -> None:
        assert run(["footprint", "calculate", model, "--json"]) == 0
        assert asked == [("calculate", json.loads(MODEL), {})]

    @pytest.mark.parametrize(
        ("line", "kind", "options"),
        [
            (
                "montecarlo --method a --method b --demand cell=2.5 --scenario s --samples 10 "
                "--seed 7 --background sampled --characterization",
                "montecarlo",
                {
                    "methods": ["a", "b"],
                    "demand": {"product": "cell", "amount": 2.5},
                    "scenario": "s",
                    "samples": 10,
                    "seed": 7,
                    "background": "sampled",
                    "characterization": True,
                },
            ),
            (
                "compare --with-scenario s --with-demand a=b=-1e-3",
                "compare",
                {"with_scenario": "s", "with_demand": {"product": "a=b", "amount": -1e-3}},
            ),
            ("sensitivity --top 5 --seed 0", "sensitivity", {"top": 5, "seed": 0}),
            ("traverse --cutoff 0.01 --max-nodes 9", "traverse", {"cutoff": 0.01, "max_nodes": 9}),
            ("scenarios --method a", "scenarios", {"methods": ["a"]}),
        ],
    )
    def test_options_go_to_the_engine(
        self, line: str, kind: str, options: dict[str, Any], model: str, asked: Asked
    ) -> None:
        command, *words = line.split()
        assert run(["footprint", command, model, *words, "--json"]) == 0
        ((heard, _, given),) = asked
        assert (heard, given) == (kind, options)

    @pytest.mark.parametrize(
        "demand",
        ["cell", "=1", "cell=", "cell=much", "cell=nan", "cell=1_000", "cell=１", "cell=1e999"],
    )
    def test_a_malformed_demand_is_wrong_use(
        self, demand: str, model: str, asked: Asked, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["footprint", "calculate", model, "--demand", demand]) == 2
        assert "Write PRODUCT=AMOUNT" in capsys.readouterr().err
        assert asked == []

    def test_the_defaults_that_the_help_names_are_those_of_the_analyses(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = ""
        for command in ("montecarlo", "sensitivity", "traverse"):
            run(["footprint", command, "--help"])
            told += " ".join(capsys.readouterr().out.split())
        for default in (
            f"Samples; otherwise {analysis_options.SAMPLES}.",
            f"the same result. Otherwise {analysis_options.SEED}.",
            f"How many amounts to name; otherwise {analysis_options.TOP}.",
            f"otherwise {analysis_options.CUTOFF}.",
            f"Nodes at most; otherwise {analysis_options.MAX_NODES}.",
            "(model, the default)",
        ):
            assert default in told


class TestModelOrProductModel:
    def test_any_file_that_exists_is_a_model_file(self, tmp_path: Path, asked: Asked) -> None:
        path = tmp_path / "pack"
        path.write_text(MODEL, encoding="utf-8")
        assert run(["footprint", "calculate", str(path), "--json"]) == 0
        assert asked

    def test_what_ends_in_json_is_a_file_even_if_it_is_not_there(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["footprint", "calculate", "nothing.json"]) == 4
        assert "There is no file nothing.json" in capsys.readouterr().err

    def test_anything_else_is_the_id_of_a_product_model(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["footprint", "calculate", "6b6f6d0e"]) == 2
        assert "GREENCHAIN_CLIENT_ID is not set" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["x.json", "--no-supplier-data"], "--supplier-data is for an imported product model."),
            (["id", "--demand", "a=1"], "--demand is for a model file."),
            (["id", "--scenario", "s"], "--scenario is for a model file."),
            (["id", "--method", "a", "--method", "b"], "a second --method is for a model file."),
        ],
    )
    def test_an_option_of_the_other_kind_is_wrong_use(
        self, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["footprint", "calculate", *arguments]) == 2
        assert told in capsys.readouterr().err


class TestWhatIsPrinted:
    def test_programs_get_the_result_as_one_line_and_nothing_else(
        self, model: str, asked: Asked, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(["footprint", "scenarios", model, "--json"])
        printed = capsys.readouterr()
        assert json.loads(printed.out) == FOUND
        assert (printed.out.count("\n"), printed.err) == (1, "")

    def test_people_get_the_view_of_its_kind(
        self, model: str, asked: Asked, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(["footprint", "scenarios", model])
        assert "base" in capsys.readouterr().out

    def test_scores_of_all_samples_are_written(
        self, model: str, asked: Asked, tmp_path: Path
    ) -> None:
        path = tmp_path / "scores.csv"
        assert run(["footprint", "montecarlo", model, "--scores", str(path), "--json"]) == 0
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows == [["sample", "gwp100 [kg CO2e]"], ["0", "1.5"], ["1", "0.25"]]
        assert asked[0][2]["all_scores"] is True

    def test_a_place_where_no_scores_can_be_written_is_found_before_the_computing(
        self, model: str, asked: Asked, tmp_path: Path
    ) -> None:
        assert run(["footprint", "montecarlo", model, "--scores", str(tmp_path / "no/x.csv")]) == 4
        assert asked == []

    def test_a_refusal_leaves_no_empty_scores_behind(
        self, model: str, answer: Callable[[Answer], None], tmp_path: Path
    ) -> None:
        answer(refusing(MissingField(Location("demand"))))
        path, kept = tmp_path / "scores.csv", tmp_path / "kept.csv"
        kept.write_text("as it was", encoding="utf-8")
        for each in (path, kept):
            assert run(["footprint", "montecarlo", model, "--scores", str(each)]) == 3
        assert not path.exists()
        assert kept.read_text(encoding="utf-8") == "as it was"


class TestProgress:
    @pytest.fixture
    def bar(self, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
        """Let somebody watch; return what is seen."""
        seen = io.StringIO()
        console = Console(file=seen, force_terminal=True, width=80, highlight=False)
        monkeypatch.setattr("greenchain_cli.analysing.progress", lambda: console)
        return seen

    def test_whoever_watches_sees_how_many_samples_are_done(
        self, model: str, answer: Callable[[Answer], None], bar: io.StringIO
    ) -> None:
        def compute(*_: Any, progress: Callable[[int, int], None]) -> Any:
            progress(250, 1000)
            return FOUND

        answer(compute)
        assert run(["footprint", "montecarlo", model, "--json"]) == 0
        assert "computing" in bar.getvalue()
        assert "250/1000" in bar.getvalue()

    def test_where_nobody_watches_nothing_is_told(
        self, model: str, answer: Callable[[Answer], None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        def compute(*_: Any, progress: Any) -> Any:
            assert progress is None
            return FOUND

        answer(compute)
        assert run(["footprint", "montecarlo", model, "--json"]) == 0
        assert capsys.readouterr().err == ""

    def test_ctrl_c_ends_it(
        self, model: str, answer: Callable[[Answer], None], bar: io.StringIO
    ) -> None:
        def interrupted(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        answer(interrupted)
        assert run(["footprint", "montecarlo", model]) == 130


class TestWhatIsWrong:
    def test_every_violation_is_told_with_its_line_and_nothing_else(
        self, model: str, answer: Callable[[Answer], None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        answer(
            refusing(
                MissingField(Location("activities[0].product")),
                NotOneOf(Location("activities[1].product"), "tray", ("cell",)),
            )
        )
        assert run(["footprint", "calculate", model]) == 3
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.splitlines()[2:] == [
            "  footprint.input.missing_field  pack.json line 4, field activities[0].product is "
            "empty. Give a value.",
            "  footprint.input.not_one_of  pack.json line 6, field activities[1].product: 'tray' "
            "is not a possible value. Use one of: cell.",
        ]

    def test_programs_get_file_line_and_field(
        self, model: str, answer: Callable[[Answer], None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        answer(refusing(MissingField(Location("demand"))))
        assert run(["footprint", "calculate", model, "--json"]) == 3
        (violation,) = json.loads(capsys.readouterr().out)["error"]["violations"]
        assert (violation["file"], violation["line"], violation["field"]) == (
            "pack.json", None, "demand",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("field", "option"),
        [
            ("options.methods", "--method"),
            ("options.with_demand.product", "--with-demand"),
            ("options.max_nodes", "--max-nodes"),
        ],
    )
    def test_options_that_do_not_fit_the_model_are_wrong_use(
        self,
        field: str,
        option: str,
        model: str,
        answer: Callable[[Answer], None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        answer(refusing(NotOneOf(Location(field), "gwp", ("gwp100", "gwp20"))))
        assert run(["footprint", "calculate", model]) == 2
        told = capsys.readouterr().err
        assert "These options do not fit the model:" in told
        assert f"field {option}: 'gwp' is not a possible value. Use one of: gwp100, gwp20." in told

    def test_where_the_file_is_wrong_too_the_file_decides(
        self, model: str, answer: Callable[[Answer], None]
    ) -> None:
        answer(refusing(MissingField(Location("options.methods")), MissingField(Location("id"))))
        assert run(["footprint", "calculate", model]) == 3

    def test_a_file_that_is_no_json_is_named_with_the_place(
        self, tmp_path: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "broken.json"
        path.write_text('{"id": "pack"\n "name"}', encoding="utf-8")
        assert run(["footprint", "traverse", str(path)]) == 3
        assert "broken.json cannot be read: line 2, column 2" in capsys.readouterr().err
        assert asked == []


class TestProducts:
    def test_a_template_is_a_model_of_its_own_name(self) -> None:
        assert is_local("lfp_battery_pack")
        assert not is_local("01890a5d-ac96-774b-bcce-b302099a8057")

    def test_without_a_method_the_headline_is_computed(self) -> None:
        found = analyse("calculate", "lfp_battery_pack")
        assert [each["method"]["id"] for each in found["results"]] == [DEFAULT_METHOD]

    def test_the_rows_of_a_folder_are_named_by_file(self, tmp_path: Path) -> None:
        copy_template("lfp_battery_pack", tmp_path / "mine")
        bom = tmp_path / "mine" / "bom.csv"
        bom.write_text(bom.read_text(encoding="utf-8").replace("lfp_cathode", "lfp_cathod", 1))
        with pytest.raises(InvalidInput) as refused:
            analyse("montecarlo", str(tmp_path / "mine"), samples=10)
        assert {each.location.table for each in refused.value.violations} == {"bom.csv"}

    def test_an_unknown_option_is_told_by_its_name(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            analyse("calculate", "lfp_battery_pack", scenario="nothing")
        assert [each.location.field for each in refused.value.violations] == ["--scenario"]
