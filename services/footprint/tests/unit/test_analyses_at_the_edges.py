"""Numbers at the edges: steps of formulas, overflow, scores of about zero, backgrounds."""

import json
import math
from typing import Any

import pytest
from services.footprint.tests.analysis_models import model

from chassis.errors import InvalidInput
from footprint.adapters.analysis_run import run_analysis
from footprint.domain.analysis_errors import NoBackground, NotComputable, OpenBackground


def run(kind: str, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    found: Any = run_analysis(kind, document, {"methods": ["gwp"]} | options)
    json.dumps(found, allow_nan=False)
    result: dict[str, Any] = found["results"][0]
    return result


def by_formula(formula: str, **parameter: Any) -> dict[str, Any]:
    """Give an activity that emits what a formula of the parameter p says."""
    works = {
        "id": "works",
        "product": "thing",
        "outputs": [{"product": "thing", "amount": 1}],
        "emissions": [{"flow": "co2", "formula": formula}],
    }
    return model([works], "thing", parameters=[{"id": "p", "unit": "1"} | parameter])


def uniform(low: float, high: float) -> dict[str, Any]:
    return {"type": "uniform", "min": low, "max": high}


class TestFormulas:
    def test_a_step_at_the_end_of_the_range_has_no_variance(self) -> None:
        document = by_formula("2 if p < 1 else 3", amount=1, uncertainty=uniform(0, 1))
        found = run("sensitivity", document, samples=200)
        assert (found["variance"], found["sampled_variance"]) == (0.0, 0.0)

    def test_a_step_within_the_range_is_seen_by_its_secant_and_told_of(self) -> None:
        document = by_formula("2 if p < 0.5 else 3", amount=0.5, uncertainty=uniform(0, 1))
        found = run("sensitivity", document, samples=2000)
        # A secant of 1 / 0.9 over the variance 1/12; half of the samples are off by one.
        assert found["variance"] == pytest.approx((1 / 0.9) ** 2 / 12)
        assert found["sampled_variance"] == pytest.approx(0.25, rel=0.05)
        assert "steps" in found["note"]["en"]
        assert "跳变" in found["note"]["zh"]

    def test_a_step_away_from_the_amount_is_told_of(self) -> None:
        document = by_formula("2 if p < 0.8 else 3", amount=0.5, uncertainty=uniform(0, 1))
        found = run("sensitivity", document, samples=2000)
        assert found["variance"] == 0.0
        assert found["note"]["en"]

    def test_formulas_are_asked_for_nothing_beyond_what_is_drawn(self) -> None:
        document = by_formula("sqrt(p) + 1", amount=0, uncertainty=uniform(0, 1))
        found = run("sensitivity", document, samples=2000)
        # Var √p = 1/2 − 4/9; the slope at 0 is infinite, that of the secant is not.
        assert found["sampled_variance"] == pytest.approx(1 / 18, rel=0.1)
        assert found["variance"] == pytest.approx(1 / 18, rel=0.3)

    def test_slopes_of_smooth_formulas_are_exact(self) -> None:
        document = by_formula("p ** 3", amount=2, uncertainty={"type": "normal", "sd": 0.001})
        (driver,) = run("sensitivity", document, samples=100)["inputs"]
        assert driver["gradient"] == pytest.approx(12.0, rel=1e-6)

    def test_what_rounding_makes_of_equal_scores_is_no_variance(self) -> None:
        document = by_formula("0.1 * p / p", amount=1, uncertainty=uniform(0.5, 1.5))
        found = run("sensitivity", document, samples=999)
        assert 0.0 < found["sampled_variance"] < 1e-30
        assert found["note"]["en"] == ""

    def test_a_parameter_whose_deviation_rounding_swallows(self) -> None:
        document = by_formula("p", amount=1e6, uncertainty={"type": "normal", "sd": 1e-9})
        run("sensitivity", document, samples=100)


class TestOverflow:
    @pytest.mark.parametrize(
        "kind", ["calculate", "montecarlo", "sensitivity", "traverse", "scenarios"]
    )
    def test_a_score_that_overflows_by_its_demand_is_refused(self, kind: str) -> None:
        document = by_formula("p", amount=1e300)
        document["demand"]["amount"] = 1e10
        changes = [{"parameter": "p", "amount": 1}]
        document["scenarios"] = [{"id": "less", "changes": changes}]
        with pytest.raises(NotComputable) as refused:
            run(kind, document)
        assert "not" not in refused.value.message("zh")

    def test_a_scenario_that_overflows_is_named(self) -> None:
        document = by_formula("p", amount=1)
        document["demand"]["amount"] = 1e10
        changes = [{"parameter": "p", "amount": 1e300}]
        document["scenarios"] = [{"id": "huge", "changes": changes}]
        with pytest.raises(NotComputable) as refused:
            run("scenarios", document)
        assert refused.value.names == ("huge",)

    def test_a_variance_that_overflows_is_refused(self) -> None:
        document = by_formula("p", amount=1e200, uncertainty={"type": "lognormal", "gsd": 1.5})
        with pytest.raises(NotComputable) as refused:
            run("sensitivity", document, samples=10)
        assert "too large" in refused.value.message("en")
        assert "过大" in refused.value.message("zh")


class TestScoresOfAboutZero:
    def test_a_base_of_next_to_nothing_has_no_relative_difference(self) -> None:
        document = by_formula("p", amount=1e-310)
        document["scenarios"] = [{"id": "s", "changes": [{"parameter": "p", "amount": 4}]}]
        (scenario,) = run("scenarios", document)["scenarios"]
        assert scenario["difference"] == 4.0
        assert scenario["relative_difference"] is None

    def test_what_cancels_to_rounding_has_no_shares(self) -> None:
        document = by_formula("p", amount=0.1)
        (works,) = document["activities"]
        works["emissions"] += [
            {"flow": "co2", "amount": 0.2},
            {"flow": "co2", "amount": -0.3},
        ]
        works["outputs"].append({"product": "second", "amount": 1})
        document["products"].append({"id": "second", "unit": "kg"})
        document["activities"].append(
            {
                "id": "taken_away",
                "product": "second",
                "outputs": [{"product": "second", "amount": -1}],
                "emissions": [{"flow": "co2", "amount": 1e-3}],
            }
        )
        works["emissions"].append({"flow": "co2", "amount": -1e-3})
        document["scenarios"] = [{"id": "s", "changes": [{"parameter": "p", "amount": 4}]}]
        found = run("calculate", document)
        assert math.isclose(found["score"], 0.0, abs_tol=1e-15)
        shares = [part["share"] for part in found["contributions"]["activities"]]
        assert shares == [None, None]
        (scenario,) = run("scenarios", document)["scenarios"]
        assert scenario["relative_difference"] is None


def test_an_emitted_flow_without_a_factor_is_told() -> None:
    document = by_formula("p", amount=1)
    document["flows"] += [{"id": id_, "unit": "kg"} for id_ in ("ch4", "never")]
    document["activities"][0]["emissions"].append({"flow": "ch4", "amount": 5})

    def told(**options: Any) -> dict[str, list[str]]:
        found: Any = run_analysis("calculate", document, options)
        return {each["flow"]: each["without_factor"] for each in found["inventory"]}

    assert told(methods=["gwp"]) == {"co2": [], "ch4": ["gwp"]}
    assert told() == {"co2": ["none"], "ch4": ["gwp", "none"]}


def test_a_factor_is_per_unit_of_its_flow() -> None:
    document = by_formula("p", amount=1)
    document["flows"][0]["unit"] = "t"
    factor = document["methods"][0]["factors"][0]
    factor["uncertainty"] = {"type": "lognormal", "gsd": 1.1}
    found = run("sensitivity", document, samples=10, characterization=True)
    assert found["inputs"][0]["input"]["unit"] == "kg CO2e/t"


def behind(*background: str) -> dict[str, Any]:
    """Give a chain of three, of which each emits 1 kg (gsd 1.5), with a background."""
    activities = []
    for name, takes in (("a", "b"), ("b", "c"), ("c", "")):
        uncertainty = {"type": "lognormal", "gsd": 1.5}
        activities.append(
            {
                "id": name.upper(),
                "product": name,
                "background": name in background,
                "outputs": [{"product": name, "amount": 1}],
                "inputs": [{"product": takes, "amount": 1}] if takes else [],
                "emissions": [{"flow": "co2", "amount": 1, "uncertainty": uncertainty}],
            }
        )
    return model(activities, "a")


class TestBackground:
    @pytest.mark.parametrize("background", ["abc", "bc"])
    def test_a_fixed_one_that_is_asked_for_itself_does_not_vary(self, background: str) -> None:
        asked = {"product": "b", "amount": 2}
        found = run("montecarlo", behind(*background), background="fixed", demand=asked, samples=20)
        assert found["summary"]["mean"] == found["score"] == 4.0
        assert found["summary"]["standard_deviation"] == 0.0

    @pytest.mark.parametrize("background", ["abc", "bc"])
    def test_a_sampled_one_that_is_asked_for_itself_is_the_whole(self, background: str) -> None:
        asked = {"product": "b", "amount": 2}
        sampled, whole = (
            run("montecarlo", behind(*background), background=of, demand=asked, samples=20)
            for of in ("sampled", "model")
        )
        assert sampled["scores"] == whole["scores"]

    def test_one_that_takes_from_the_foreground_is_refused_by_name(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            run("montecarlo", behind("b"), background="fixed", samples=20)
        (violation,) = refused.value.violations
        assert isinstance(violation, OpenBackground)
        assert violation.names == ("B.c",)

    def test_one_that_a_scenario_opens_is_refused(self) -> None:
        document = behind("b", "c")
        changes = [{"exchange": "B.c", "product": "a"}]
        document["scenarios"] = [{"id": "back", "changes": changes}]
        run("montecarlo", document, background="fixed", samples=20)
        with pytest.raises(InvalidInput) as refused:
            run("montecarlo", document, background="fixed", samples=20, scenario="back")
        assert isinstance(refused.value.violations[0], OpenBackground)

    def test_none_at_all_is_refused(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            run("montecarlo", behind(), background="sampled", samples=20)
        assert isinstance(refused.value.violations[0], NoBackground)
