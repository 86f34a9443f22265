"""The three example models, analysed by the real command; the arithmetic stands beside."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenchain_cli import language
from greenchain_cli.main import run

EXAMPLES = Path(__file__).parents[4] / "services/footprint/src/footprint/data/examples/inventory"
COAL, CELL, MODULE = (
    str(EXAMPLES / f"{name}.json") for name in ("coal_power", "lfp_cell", "pv_module")
)

Ask = Callable[..., Any]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return what runs a command with --json and returns its one result."""

    def answered(kind: str, model: str, *words: str) -> Any:
        assert run(["footprint", kind, model, *words, "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        found = json.loads(printed.out)
        (result,) = found["results"]
        return found | result

    return answered


class TestCoalPower:
    # p, m, s: runs of power plant, mine (10 kg each) and steel works, for 1 kWh.
    #   electricity  p − 2 m = 1
    #   coal         10 m − p / 2 − 2 s = 0
    #   steel        s − m / 2 = 0
    # so s = m / 2, 9 m = p / 2, 16 m = 1: p = 18/16, m = 1/16, s = 1/32.
    # CO2: 1 a run of the plant and of the mine, 4 of the steel works: 18/16 + 1/16 + 2/16 = 21/16.

    def test_calculate(self, ask: Ask) -> None:
        found = ask("calculate", COAL, "--method", "co2")
        assert found["score"] == pytest.approx(21 / 16, rel=1e-12)
        assert found["agreement"]["brightway"] == pytest.approx(21 / 16, rel=1e-12)
        stages = {part["id"]: part["score"] for part in found["contributions"]["stages"]}
        assert stages == pytest.approx({"energy": 18 / 16, "materials": 3 / 16}, rel=1e-12)
        supply = {each["activity"]: each["amount"] for each in found["supply"]}
        assert supply == pytest.approx(
            {"power_plant": 18 / 16, "mine": 1 / 16, "steel_works": 1 / 32}, rel=1e-12
        )

    def test_another_demand(self, ask: Ask) -> None:
        # For 1 kg of coal: p = 2 m, s = m / 2, 10 m − m − m = 1: m = 1/8; 2/8 + 1/8 + 2/8 = 5/8.
        found = ask("calculate", COAL, "--demand", "coal=4")
        assert found["demand"] == {"product": "coal", "amount": 4.0, "unit": "kg"}
        assert found["score"] == pytest.approx(4 * 5 / 8, rel=1e-12)

    def test_scenarios(self, ask: Ask) -> None:
        # p − m = 1 instead: 9 m = p / 2 still, 17 m = 1: 18/17 + 1/17 + 2/17 = 21/17.
        found = ask("scenarios", COAL)
        (thrifty,) = found["scenarios"]
        assert thrifty["score"] == pytest.approx(21 / 17, rel=1e-12)
        assert thrifty["difference"] == pytest.approx(21 / 17 - 21 / 16, rel=1e-9)
        alone = ask("calculate", COAL, "--scenario", "thrifty_mine")
        assert alone["score"] == pytest.approx(21 / 17, rel=1e-12)

    def test_traverse(self, ask: Ask) -> None:
        # The plant emits 1 and takes 0.5 kg of coal, of 5/8 each.
        found = ask("traverse", COAL, "--cutoff", "0.2")
        plant, mine = found["nodes"]
        assert (plant["direct"], mine["cumulative"]) == pytest.approx((1, 5 / 16), rel=1e-12)
        # The mine runs 1/20 of a time.
        assert mine["direct"] == pytest.approx(1 / 20, rel=1e-12)
        assert found["coverage"] == pytest.approx((1 + 1 / 20) / (21 / 16), rel=1e-12)
        assert found["rest"] == pytest.approx(21 / 16 - 1 - 1 / 20, rel=1e-12)

    def test_where_nothing_is_uncertain_every_sample_is_the_score(self, ask: Ask) -> None:
        found = ask("montecarlo", COAL, "--samples", "50")
        assert found["scores"] == pytest.approx([21 / 16] * 50, rel=1e-12)

    def test_a_comparison_without_uncertainty_is_certain(self, ask: Ask) -> None:
        found = ask("compare", COAL, "--with-scenario", "thrifty_mine", "--samples", "50")
        assert (found["probability_lower"], found["ties"]) == (0.0, 0)
        assert found["difference"]["mean"] == pytest.approx(21 / 16 - 21 / 17, rel=1e-9)


def totals(path: str) -> dict[str, float]:
    """Return what one unit of each activity that takes nothing emits, as the file states it."""
    return {
        activity["id"]: sum(emission["amount"] for emission in activity["emissions"])
        for activity in json.loads(Path(path).read_text(encoding="utf-8"))["activities"]
        if "inputs" not in activity
    }


CELL_OF, MODULE_OF = totals(CELL), totals(MODULE)


def cell_score(
    cell_yield: float = 0.95,
    power: float = CELL_OF["electricity_jx"],
    graphite: float = CELL_OF["graphite_synthetic"],
) -> float:
    """Compute 1 kWh of the example's cell [kg CO2e / kWh of capacity]."""
    of = CELL_OF
    cathode = 0.1395 + 0.241226 * of["lithium_carbonate"] + 0.97512 * of["iron_phosphate"]
    cathode += 6.8737 * of["electricity_sc"] + 0.6395272 * of["nitrogen"]
    foil = of["copper_cathode"] + 8.84 * power
    started = 1 / cell_yield
    materials = started * (1.998 * cathode + 0.955 * graphite + 0.5655 * foil)
    scrap = (started - 1) * (1.998 + 0.955 + 0.5655) * of["scrap_treatment"]
    energy = 28.9 * (0.48 * power + 0.52 * 3.6 * of["heat_natural_gas"])
    return materials + scrap + energy


class TestCell:
    def test_calculate(self, ask: Ask) -> None:
        found = ask("calculate", CELL)
        assert found["score"] == pytest.approx(cell_score(), rel=1e-12)
        # 0.52 · 28.9 kWh of gas, 3.6 MJ each.
        activities = {part["id"]: part["score"] for part in found["contributions"]["activities"]}
        assert activities["heat_natural_gas"] == pytest.approx(
            0.52 * 28.9 * 3.6 * CELL_OF["heat_natural_gas"], rel=1e-12
        )

    def test_scenarios(self, ask: Ask) -> None:
        scores = {each["id"]: each["score"] for each in ask("scenarios", CELL)["scenarios"]}
        sichuan, natural = CELL_OF["electricity_sc"], CELL_OF["graphite_natural"]
        assert scores["better_yield"] == pytest.approx(cell_score(cell_yield=0.98), rel=1e-12)
        assert scores["cell_in_sichuan"] == pytest.approx(cell_score(power=sichuan), rel=1e-12)
        assert scores["natural_graphite"] == pytest.approx(cell_score(graphite=natural), rel=1e-12)

    def test_the_mean_lies_near_that_of_both_routes(self, ask: Ask) -> None:
        found = ask("montecarlo", CELL, "--samples", "4000", "--seed", "3")
        # 0.34 of the samples take natural graphite, the rest synthetic.
        natural = cell_score(graphite=CELL_OF["graphite_natural"])
        expected = 0.34 * natural + 0.66 * cell_score()
        assert found["summary"]["mean"] == pytest.approx(expected, rel=0.03)
        assert found["summary"]["samples"] == len(found["scores"]) == 4000

    def test_the_same_seed_gives_the_same_samples(self, ask: Ask) -> None:
        first, again = (ask("montecarlo", CELL, "--samples", "30")["scores"] for _ in range(2))
        other = ask("montecarlo", CELL, "--samples", "30", "--seed", "2")["scores"]
        assert first == again
        assert first != other

    def test_the_most_sensitive_input_is_named_with_its_source(self, ask: Ask) -> None:
        found = ask("sensitivity", CELL, "--top", "3", "--samples", "500")
        assert [len(found[each]) for each in ("inputs", "tornado")] == [3, 3]
        of, high = found["tornado"][0]["input"], found["tornado"][0]["high"]
        assert (of["id"], of["source"]) == ("graphite_synthetic.co2e_aggregated", "greenchain_lci")
        # 95 % quantile of a lognormal with gsd 1.3 around its median: median · 1.3^1.6448536.
        at_95 = CELL_OF["graphite_synthetic"] * 1.3**1.6448536269514722
        assert high["amount"] == pytest.approx(at_95, rel=1e-9)
        assert high["score"] == pytest.approx(cell_score(graphite=at_95), rel=1e-9)


def module_score(
    recycled: float = 0.0,
    module_power: float = MODULE_OF["electricity_jx"],
    polysilicon_power: float = MODULE_OF["electricity_sc"],
) -> float:
    """Compute 1 kWp of the example's module [kg CO2e / kWp]."""
    of = MODULE_OF
    power, heat = of["electricity_sc"], of["heat_natural_gas"]
    silicon = 3.5808 + 11 * power
    polysilicon = 1.13 * silicon + 49 * polysilicon_power + 28.8 * heat
    crystal = polysilicon + 32 * power + 68.224 * heat
    wafer = 0.59524 * crystal + 4.7619 * power
    cell = 1.03 * wafer + 17.747 * power
    frame = (1 - recycled) * of["aluminium_primary"] + recycled * of["aluminium_recycled"]
    square_metre = (
        0.93541 * cell
        + 2.125 * frame
        + 8.8125 * of["glass"]
        + 0.875 * of["eva"]
        + 0.1025 * of["copper_cathode"]
        + 13.975 * module_power
    )
    return square_metre / 0.21


class TestModule:
    def test_calculate(self, ask: Ask) -> None:
        assert ask("calculate", MODULE)["score"] == pytest.approx(module_score(), rel=1e-12)

    def test_scenarios(self, ask: Ask) -> None:
        scores = {each["id"]: each["score"] for each in ask("scenarios", MODULE)["scenarios"]}
        assert scores == pytest.approx(
            {
                "recycled_frame": module_score(recycled=0.75),
                "polysilicon_in_jiangxi": module_score(
                    polysilicon_power=MODULE_OF["electricity_jx"]
                ),
                "modules_in_sichuan": module_score(module_power=MODULE_OF["electricity_sc"]),
            },
            rel=1e-12,
        )

    @pytest.mark.parametrize("background", ["model", "fixed", "sampled"])
    def test_a_fixed_background_leaves_the_least_spread(self, ask: Ask, background: str) -> None:
        words = ("--samples", "2000", "--background")
        spread = ask("montecarlo", MODULE, *words, background)["summary"]["standard_deviation"]
        fixed = ask("montecarlo", MODULE, *words, "fixed")["summary"]["standard_deviation"]
        assert spread >= fixed > 0.0


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("model", [COAL, CELL, MODULE])
@pytest.mark.parametrize(
    "line",
    [
        "calculate",
        "montecarlo --samples 20",
        "sensitivity --samples 20",
        "traverse",
        "scenarios",
    ],
)
def test_people_are_shown_every_kind(
    line: str, model: str, spoken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    language.speak(spoken)
    kind, *words = line.split()
    assert run(["footprint", kind, model, *words]) == 0
    printed = capsys.readouterr()
    assert json.loads(Path(model).read_text(encoding="utf-8"))["name"][spoken] in printed.out
    assert printed.err == ""


class TestTwoMethods:
    @pytest.fixture
    def model(self, tmp_path: Path) -> str:
        """Give the power plant a second method, by which all counts twice."""
        content = json.loads(Path(COAL).read_text(encoding="utf-8"))
        double = {"id": "twice", "unit": "points", "factors": [{"flow": "co2_fossil", "amount": 2}]}
        content["methods"].append(double)
        path = tmp_path / "two.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    @pytest.mark.parametrize(
        "line",
        [
            "calculate",
            "montecarlo --samples 5",
            "sensitivity --samples 5",
            "traverse",
            "scenarios",
        ],
    )
    def test_every_kind_tells_of_each(
        self, line: str, model: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        kind, *words = line.split()
        assert run(["footprint", kind, model, *words, "--json"]) == 0
        once, twice = json.loads(capsys.readouterr().out)["results"]
        assert (once["score"], twice["score"]) == pytest.approx((21 / 16, 42 / 16), rel=1e-12)
        assert run(["footprint", kind, model, *words]) == 0
        assert "twice [points]" in capsys.readouterr().out

    def test_they_are_told_in_the_order_in_which_they_are_asked_for(
        self, model: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(["footprint", "calculate", model, "--method", "twice", "--method", "co2", "--json"])
        told = json.loads(capsys.readouterr().out)["results"]
        assert [each["method"]["id"] for each in told] == ["twice", "co2"]

    def test_the_scores_of_each_have_a_column(self, model: str, tmp_path: Path) -> None:
        path = tmp_path / "scores.csv"
        run(["footprint", "montecarlo", model, "--samples", "3", "--scores", str(path), "--json"])
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        assert header == "sample,co2 [kg CO2],twice [points]"
        assert [row.split(",")[0] for row in rows] == ["0", "1", "2"]
        assert [float(cell) for cell in rows[2].split(",")[1:]] == pytest.approx(
            [21 / 16, 42 / 16], rel=1e-12
        )


def test_everything_that_is_wrong_with_a_model_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(COAL).read_text(encoding="utf-8")
    text = text.replace('"coal", "amount": 0.5', '"cole", "amount": "half"')
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("cole")].count("\n") + 1

    assert run(["footprint", "calculate", str(path)]) == 3

    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"broken.json line {line}, field activities[0].inputs[0].product" in printed.err
    assert f"broken.json line {line}, field activities[0].inputs[0].amount" in printed.err


def test_ctrl_c_ends_a_long_analysis_at_once() -> None:
    watched, terminal = pty.openpty()
    words = ["footprint", "montecarlo", CELL, "--samples", "10000000"]
    with subprocess.Popen(
        [sys.executable, "-m", "greenchain_cli", *words],
        stdout=subprocess.PIPE,
        stderr=terminal,
        # Whoever started the tests may have them ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        os.close(terminal)
        seen = b""
        while b"/10000000" not in seen:
            seen += os.read(watched, 4096)
        process.send_signal(signal.SIGINT)
        try:
            stdout, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    rest = _read_all(watched)
    assert (process.returncode, stdout) == (130, b"")
    assert b"Traceback" not in seen + rest


def _read_all(terminal: int) -> bytes:
    """Read what is left of a terminal whose other side is closed."""
    read = b""
    try:
        while piece := os.read(terminal, 4096):
            read += piece
    except OSError:
        pass
    os.close(terminal)
    return read
