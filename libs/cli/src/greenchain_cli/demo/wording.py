"""Figures and names of the platform in the words of the story."""

from collections import defaultdict
from typing import Any

from greenchain_cli.demo.narrator import Bar
from greenchain_cli.language import say

_SHOWN_PROCESSES = 7

_UNITS = {"kwh_capacity": ("kWh of capacity", "kWh 容量")}
_STAGES = {
    "raw_materials": ("raw materials", "原材料获取与预处理"),
    "manufacturing": ("manufacturing", "生产制造"),
    "distribution": ("distribution", "分销运输"),
    "end_of_life": ("end of life", "寿命终止与回收"),
}
_REGIONS = {
    "CN": ("China", "中国"),
    "GLO": ("world", "全球"),
    "CN-JX": ("Jiangxi", "江西"),
    "CN-SC": ("Sichuan", "四川"),
}
_BOUNDARIES = {"cradle_to_gate": ("cradle to gate", "从摇篮到大门")}


def unit(footprint: Any) -> str:
    """Say what a footprint's figures are per, e.g. ``kg CO2e / kWh of capacity``."""
    declared = footprint["declared_unit"]
    name = _say(_UNITS, declared["unit"])
    amount = "" if declared["amount"] == 1 else f"{declared['amount']:g} "
    return f"kg CO2e / {amount}{name}"


def stage(name: str) -> str:
    """Name a life-cycle stage."""
    return _say(_STAGES, name)


def region(name: str) -> str:
    """Name a region."""
    return f"{name} {_say(_REGIONS, name)}" if name in _REGIONS else name


def boundary(name: str) -> str:
    """Name a system boundary."""
    return _say(_BOUNDARIES, name)


def by_stage(footprint: Any) -> list[Bar]:
    """Return the stages inside the boundary."""
    return [Bar(stage(name), score) for name, score in footprint["stages"].items()]


def by_site(footprint: Any) -> list[Bar]:
    """Return the regions of the emitting processes."""
    return [Bar(region(site["region"]), site["kg_co2e"]) for site in footprint["sites"]]


def by_process(footprint: Any) -> list[Bar]:
    """Return the processes that emit most inside the boundary, and the rest."""
    scores: dict[str, float] = defaultdict(float)
    for each in footprint["processes"]:
        if each["stage"] in footprint["stages"]:
            scores[each["process"]] += each["kg_co2e"]
    ordered = sorted(scores.items(), key=lambda item: -abs(item[1]))
    shown, rest = ordered[:_SHOWN_PROCESSES], ordered[_SHOWN_PROCESSES:]
    bars = [Bar(_process(key), score) for key, score in shown]
    if rest:
        label = say(f"{len(rest)} others", f"其余 {len(rest)} 个过程")
        bars.append(Bar(label, sum(score for _, score in rest)))
    return bars


def beyond(footprint: Any) -> str:
    """Tell the stages beyond the boundary."""
    separator = say("; ", "；")
    return separator.join(
        f"{stage(name)} {score:.2f}" for name, score in footprint["beyond_boundary"].items()
    )


def _process(key: str) -> str:
    """Say whose process it is: ``lfp_cathode@CN-SC#supplier``."""
    name, _, origin = key.partition("#")
    if origin == "supplier":
        return f"{name}{say(' (supplier)', '（供应商）')}"
    return name


def _say(names: dict[str, tuple[str, str]], name: str) -> str:
    return say(*names[name]) if name in names else name
