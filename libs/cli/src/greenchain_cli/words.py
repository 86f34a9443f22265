"""States, flags, stages, units and regions in the words of `docs/nomenclature.md`."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from greenchain_cli.language import say

Words = Mapping[str, tuple[str, str]]

STATES: Words = {
    "proposed": ("proposed", "拟议"),
    "sent": ("sent", "已发送"),
    "answered": ("answered", "已答复"),
    "fulfilled": ("fulfilled", "已满足"),
    "draft": ("draft", "草稿"),
    "submitted": ("submitted", "已提交"),
    "calculated": ("calculated", "已计算"),
    "accepted": ("accepted", "已接受"),
    "returned": ("returned", "已退回"),
    "superseded": ("superseded", "已被取代"),
    "refused": ("refused: it cannot be calculated", "无法计算"),
    "frozen": ("frozen", "已冻结"),
    "deprecated": ("deprecated", "已废止"),
    "under_review": ("under review", "审核中"),
    "issued": ("issued", "已颁发"),
    "rejected": ("rejected", "已拒绝"),
    "suspended": ("suspended", "已暂停"),
    "revoked": ("revoked", "已撤销"),
    "withdrawn": ("withdrawn", "已注销"),
}
FLAGS: Words = {
    "stale": ("stale", "过时"),
    "footprint_stale": ("footprint stale", "碳足迹过时"),
    "footprint_deprecated": ("footprint deprecated", "碳足迹已废止"),
}
STAGES: Words = {
    "raw_materials": ("raw materials", "原材料获取与预处理"),
    "manufacturing": ("manufacturing", "生产制造"),
    "distribution": ("distribution", "分销运输"),
    "use": ("use", "使用"),
    "end_of_life": ("end of life", "寿命终止与回收"),
}
_REASONS: Words = {
    "declaration_corrected": ("a cited declaration was corrected", "所引用的声明已更正"),
    "footprint_replaced": ("it was replaced by a new footprint", "已由新的碳足迹替代"),
}
_UNITS: Words = {
    "kwh_capacity": ("kWh of capacity", "kWh 容量"),
    "kwh_delivered": ("kWh delivered", "kWh 供电量"),
    "kwp": ("kWp", "kWp"),
    "vehicle": ("vehicle", "辆"),
}
_BOUNDARIES: Words = {
    "cradle_to_gate": ("cradle to gate", "从摇篮到大门"),
    "cradle_to_grave": ("cradle to grave", "从摇篮到坟墓"),
}
_PURPOSES: Words = {
    "own_calculation": ("own calculation", "计算自身碳足迹"),
    "product_footprint": ("product footprint", "用于产品碳足迹"),
}
_ROLES: Words = {
    "product_model": ("product model", "产品模型"),
    "dataset": ("dataset", "数据集"),
    "background": ("background", "自有背景数据"),
    "method": ("method", "特征化方法"),
    "rule_pack": ("rule pack", "规则包"),
    "declaration": ("declaration", "声明"),
    "supplier_footprint": ("supplier's footprint", "供应商碳足迹"),
    "engine": ("engine", "计算引擎"),
    "lock_file": ("lock file", "依赖锁定文件"),
}


def state(name: str) -> str:
    """Name a state."""
    return _say(STATES, name)


def flag(name: str) -> str:
    """Name a flag."""
    return _say(FLAGS, name)


def reason(name: str) -> str:
    """Say why a flag is there."""
    return _say(_REASONS, name)


def stage(name: str) -> str:
    """Name a life-cycle stage."""
    return _say(STAGES, name)


def boundary(name: str) -> str:
    """Name a system boundary."""
    return _say(_BOUNDARIES, name)


def purpose(name: str) -> str:
    """Name what a grant is for."""
    return _say(_PURPOSES, name)


def role(name: str) -> str:
    """Name what a piece of evidence is to a footprint."""
    return _say(_ROLES, name)


def region(code: str) -> str:
    """Name a region after its code, e.g. ``CN-SC Sichuan``."""
    names = _regions()
    return f"{code} {say(*names[code])}" if code in names else code


def unit(footprint: Any) -> str:
    """Say what a footprint's figures are per, e.g. ``kg CO2e / kWh of capacity``."""
    declared = footprint["declared_unit"]
    amount = "" if declared["amount"] == 1 else f"{declared['amount']:g} "
    return f"kg CO2e / {amount}{_say(_UNITS, declared['unit'])}"


def declared_unit(amount: float, name: str) -> str:
    """Say what a product is declared by, e.g. ``1 kWh of capacity``."""
    return f"{amount:g} {_say(_UNITS, name)}"


def agreement(agree: bool, relative_difference: float) -> str:
    """Tell whether two engines find the same, and by how much they differ [-]."""
    by = f"{relative_difference:.1e}"
    if agree:
        return say(f"agree (relative difference {by})", f"一致（相对差 {by}）")
    return say(f"DO NOT AGREE (relative difference {by})", f"不一致（相对差 {by}）")


def where_it_counts() -> str:
    """Tell what a division by sites divides by."""
    return say(
        "An emission counts where the process that emits it stands: the fuel of a grid where the "
        "mean of its power plants stands, e.g. the nation; data that stand in for others, where "
        "they come from.",
        "排放计入排放过程所在地：电网燃料计入其电厂均值所在地（如全国），替代数据计入其来源地。",
    )


@cache
def _regions() -> Words:
    table = resources.files("greenchain_cli.data").joinpath("regions.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {row["region"]: (row["en"], row["zh"]) for row in rows}


def _say(names: Words, name: str) -> str:
    return say(*names[name]) if name in names else name
