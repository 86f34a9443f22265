"""What a footprint is made of, as parts with names: by stage, by process, by site."""

from typing import Any

from greenchain_cli import words
from greenchain_cli.bars import Bar
from greenchain_cli.language import current, say

_SHOWN_PROCESSES = 7


def by_stage(footprint: Any) -> list[Bar]:
    """Return the stages inside the boundary."""
    return [Bar(words.stage(name), score) for name, score in footprint["stages"].items()]


def by_site(footprint: Any) -> list[Bar]:
    """Return the regions of the emitting processes."""
    return [Bar(words.region(site["region"]), site["kg_co2e"]) for site in footprint["sites"]]


def by_process(footprint: Any) -> list[Bar]:
    """Return the processes that emit most inside the boundary, and the rest."""
    scores: dict[str, float] = {}
    names: dict[str, str] = {}
    for each in footprint["processes"]:
        if each["stage"] in footprint["stages"]:
            key = each["process"]
            scores[key] = scores.get(key, 0.0) + each["kg_co2e"]
            names[key] = process(each)
    ordered = sorted(scores.items(), key=lambda item: -abs(item[1]))
    shown, rest = ordered[:_SHOWN_PROCESSES], ordered[_SHOWN_PROCESSES:]
    bars = [Bar(names[key], score) for key, score in shown]
    if rest:
        label = say(f"{len(rest)} others", f"其余 {len(rest)} 个过程")
        bars.append(Bar(label, sum(score for _, score in rest)))
    return bars


def beyond(footprint: Any) -> str:
    """Tell the stages beyond the boundary."""
    separator = say("; ", "；")
    return separator.join(
        f"{words.stage(name)} {score:.2f}" for name, score in footprint["beyond_boundary"].items()
    )


def process(contribution: Any) -> str:
    """Name a process, where it is and, if so, that it is a supplier's: `…#supplier`."""
    _, _, origin = contribution["process"].partition("#")
    whose = say(" (supplier)", "（供应商）") if origin == "supplier" else ""
    return f"{contribution['name'][current()]} · {contribution['region']}{whose}"
