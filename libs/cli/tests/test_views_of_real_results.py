"""Views of what the engine really gives, for a model that names nothing."""

import io
import json
from typing import Any

import pytest
from rich.console import Console

from footprint.bootstrap import run_analysis
from greenchain_cli import output
from greenchain_cli.analysis_views import show

LOGNORMAL = {"type": "lognormal", "gsd": 1.2}
MODEL: dict[str, Any] = {
    "format": "greenchain-inventory/1",
    "id": "unnamed",
    "products": [{"id": "bread", "unit": "kg"}, {"id": "heat", "unit": "MJ"}],
    "flows": [{"id": "co2", "unit": "kg"}],
    "methods": [{"id": "gwp", "unit": "kg CO2e", "factors": [{"flow": "co2", "amount": 1}]}],
    "activities": [
        {
            "id": "bakery",
            "product": "bread",
            "outputs": [{"product": "bread", "amount": 1}],
            "inputs": [{"product": "heat", "amount": 5, "uncertainty": LOGNORMAL}],
        },
        {
            "id": "boiler",
            "product": "heat",
            "outputs": [{"product": "heat", "amount": 1}],
            "emissions": [{"id": "flue", "flow": "co2", "amount": 0.06}],
        },
    ],
    "demand": {"product": "bread", "amount": 1},
    "scenarios": [{"id": "clean", "changes": [{"exchange": "flue", "amount": 0.01}]}],
}


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("calculate", {}, "boiler"),
        ("montecarlo", {"samples": 50}, "median"),
        ("compare", {"samples": 50, "with_scenario": "clean"}, "clean"),
        ("sensitivity", {"samples": 50}, "bakery.heat"),
        ("traverse", {}, "bakery"),
        ("scenarios", {}, "clean"),
    ],
)
def test_every_view_shows_a_model_without_names(
    kind: str, options: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    monkeypatch.setattr(output, "console", lambda: console)
    found = run_analysis(kind, MODEL, options)
    show(json.loads(json.dumps(found, allow_nan=False)))
    assert told in console.file.getvalue()  # type: ignore[attr-defined]
