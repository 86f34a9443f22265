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
