"""Options of choices in analyses: which are taken, how often, and what hangs on them."""

import json
import math
from typing import Any

import pytest
from services.footprint.tests.analysis_models import model

from footprint.adapters.analysis_run import run_analysis


def two_routes(likely: float, default: str) -> dict[str, Any]:
    """Give a product of 1 kg of CO2 by route x, of probability `likely`, or of 10 kg by route y.

    The mean is 1.2715 kg and 10.168 kg, as those of lognormals of gsd 2 and 1.2.
    """
    route = {"id": "r", "default": default}
    options = [{"id": "x", "probability": likely}, {"id": "y", "probability": 1.0 - likely}]
    activities: list[dict[str, Any]] = [
        {
            "id": "A",
            "product": "a",
            "outputs": [{"product": "a", "amount": 1}],
            "inputs": [
                {"product": "b", "amount": 1, "when": {"choice": "r", "option": "x"}},
                {"product": "c", "amount": 1, "when": {"choice": "r", "option": "y"}},
            ],
        }
    ]
    for name, amount, gsd in (("b", 1, 2.0), ("c", 10, 1.2)):
        uncertainty = {"type": "lognormal", "gsd": gsd}
        activities.append(
            {
                "id": name.upper(),
                "product": name,
                "outputs": [{"product": name, "amount": 1}],
                "emissions": [{"flow": "co2", "amount": amount, "uncertainty": uncertainty}],
            }
        )
    return model(activities, "a", choices=[route | {"options": options}])


def run(kind: str, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    found: Any = run_analysis(kind, document, {"methods": ["gwp"]} | options)
    json.dumps(found, allow_nan=False)
    result: dict[str, Any] = found["results"][0]
    return result


def variance(amount: float, gsd: float) -> float:
    """Return the variance of a lognormal."""
    square = math.log(gsd) ** 2
    return amount**2 * math.exp(square) * math.expm1(square)


@pytest.mark.parametrize("default", ["x", "y"])
def test_an_option_that_is_certain_is_taken_whatever_the_default(default: str) -> None:
    found = run("montecarlo", two_routes(1.0, default), samples=2000)
    assert found["summary"]["median"] == pytest.approx(1.0, rel=0.1)
    assert found["summary"]["maximum"] < 20.0
    assert found["score"] == {"x": 1.0, "y": 10.0}[default]


@pytest.mark.parametrize("default", ["x", "y"])
def test_the_variance_is_that_of_the_options_by_their_probability(default: str) -> None:
    found = run("sensitivity", two_routes(0.9, default), samples=20_000)
    parts = {
        "r": 0.9 * 0.1 * (10 - 1) ** 2,
        "B.co2": 0.9 * variance(1, 2.0),
        "C.co2": 0.1 * variance(10, 1.2),
    }
    assert found["variance"] == pytest.approx(sum(parts.values()))
    shares = {each["input"]["id"]: each["variance_share"] for each in found["inputs"]}
    assert shares == pytest.approx({name: part / found["variance"] for name, part in parts.items()})
    assert found["sampled_variance"] == pytest.approx(found["variance"], rel=0.1)
    assert found["note"] == {"en": "", "zh": ""}


def test_inputs_are_told_with_the_option_that_they_count_with() -> None:
    inputs = {
        each["input"]["id"]: each
        for each in run("sensitivity", two_routes(0.9, "y"), samples=200)["inputs"]
    }
    assert (inputs["B.co2"]["amount"], inputs["B.co2"]["gradient"]) == (1.0, 1.0)
    assert (inputs["C.co2"]["amount"], inputs["C.co2"]["gradient"]) == (10.0, 1.0)


@pytest.mark.parametrize("default", ["x", "y"])
def test_an_option_that_is_certain_leaves_the_others_without_variance(default: str) -> None:
    found = run("sensitivity", two_routes(1.0, default), samples=200)
    assert found["variance"] == pytest.approx(variance(1, 2.0))
    assert [each["input"]["id"] for each in found["inputs"]] == ["B.co2"]


def test_the_tornado_is_that_of_the_default_options() -> None:
    bars = run("sensitivity", two_routes(0.9, "y"), samples=200)["tornado"]
    assert [bar["input"]["id"] for bar in bars] == ["r", "C.co2"]


def test_more_combinations_than_are_looked_at_are_those_most_probable() -> None:
    """Twelve choices between 0 and 1 kg at odds of 99 to 1: 4096 combinations, 32 hold 94 %."""
    choices, emissions = [], []
    for n in range(12):
        options = [{"id": "no", "probability": 0.99}, {"id": "yes", "probability": 0.01}]
        choices.append({"id": f"r{n}", "options": options, "default": "no"})
        when = {"choice": f"r{n}", "option": "yes"}
        emissions.append({"flow": "co2", "amount": 1, "when": when})
    works = {
        "id": "works",
        "product": "thing",
        "outputs": [{"product": "thing", "amount": 1}],
        "emissions": emissions,
    }
    found = run("sensitivity", model([works], "thing", choices=choices), samples=2000)
    assert len(found["inputs"]) == 12
    assert found["variance"] == pytest.approx(12 * 0.99 * 0.01, rel=0.25)


def test_rank_correlations_do_not_depend_on_how_many_inputs_are_shown() -> None:
    spread = {"type": "lognormal", "gsd": 1.3}
    route = {"choice": "r", "option": "x"}
    document = two_routes(0.5, "x")
    document["parameters"] = [
        {"id": "p", "amount": 1, "uncertainty": {"type": "uniform", "min": 0.5, "max": 1.5}}
    ]
    document["activities"][0]["emissions"] = [
        {"flow": "co2", "formula": "1 / p", "uncertainty": spread},
        {"flow": "co2", "formula": "30 * p", "uncertainty": spread, "when": route},
    ]
    few, every = (
        run("sensitivity", document, samples=500, methods=["gwp"], top=top)["inputs"]
        for top in (3, 20)
    )
    assert few == every[:3]
    assert "A.co2" not in {each["input"]["id"] for each in few}
    shown = {each["input"]["id"]: each["rank_correlation"] for each in every}
    assert shown["A.co2.2"] > 0.7
    assert abs(shown["A.co2"]) < 0.5
