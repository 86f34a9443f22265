"""What needs samples: intervals of cases, and which inputs weigh most; kept in a file."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from footprint.bootstrap import run_analysis
from footprint.domain.product_inventory import product_inventory
from tools.validation.cases import Case
from tools.validation.results import Results

FILE = Path(__file__).with_name("draws.json")
#: Digits that are kept: fewer than processors of different kinds may differ in.
DIGITS = 6
TOP = 6


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


@dataclass
class Draws:
    """Drawn results by the id of their case.

    Attributes
    ----------
    intervals
        2.5 %, 50 % and 97.5 % quantile [kg CO2e / declared unit], by case.
    drivers
        Largest contributions to variance with the swing of each, by case.
    """

    intervals: dict[str, list[float]] = field(default_factory=dict)
    drivers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Draws":
        document = json.loads(FILE.read_text(encoding="utf-8"))
        return cls(document["intervals"], document["drivers"])

    def write(self) -> None:
        document = {
            "intervals": dict(sorted(self.intervals.items())),
            "drivers": dict(sorted(self.drivers.items())),
        }
        text = json.dumps(document, ensure_ascii=False, indent=1)
        FILE.write_text(text + "\n", encoding="utf-8")


def _options(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {"methods": [plan["method"]], "samples": plan["samples"], "seed": plan["seed"]}


def interval(case: Case, results: Results, plan: Mapping[str, Any]) -> list[float]:
    """Return the quantiles of a case; its routes are held, all uncertain amounts vary."""
    document = product_inventory(results.model(case), results.dataset, {plan["method"]})
    answer: Any = run_analysis("montecarlo", document, _options(plan))
    quantiles = answer["results"][0]["summary"]["quantiles"]
    return [_rounded(quantiles[name]) for name in ("0.025", "0.5", "0.975")]


def drivers(case: Case, results: Results, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the inputs that the spread of a case comes from, largest first."""
    document = product_inventory(results.model(case), results.dataset, {plan["method"]})
    options = {**_options(plan), "top": TOP}
    answer: Any = run_analysis("sensitivity", document, options)
    found = answer["results"][0]
    bars = {_name(bar["input"]): bar for bar in found["tornado"]}
    shown = []
    for each in found["inputs"]:
        bar = bars.get(_name(each["input"]))
        shown.append(
            {
                "kind": each["input"]["kind"],
                "id": _name(each["input"]),
                "item": each["input"]["item"],
                "unit": each["input"]["unit"],
                "amount": each["amount"],
                "share": _rounded(each["variance_share"]),
                "low": _rounded(bar["low"]["score"] if bar else found["score"]),
                "high": _rounded(bar["high"]["score"] if bar else found["score"]),
            }
        )
    return shown


def _name(item: Mapping[str, str]) -> str:
    return item["id"].rpartition(": ")[2]


def draw(
    cases: Iterable[Case],
    headlines: Iterable[Case],
    results: Results,
    plan: Mapping[str, Any],
    told: Callable[[str], None] = lambda _: None,
) -> Draws:
    """Draw the intervals of cases and the drivers of headlines."""
    draws = Draws()
    for case in cases:
        told(case.id)
        draws.intervals[case.id] = interval(case, results, plan)
    for case in headlines:
        draws.drivers[case.id] = drivers(case, results, plan)
    return draws
