"""An explanation as a person reads it: headline, data quality, and the tree of what causes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from greenchain_cli import words
from greenchain_cli.analysis_words import title
from greenchain_cli.charts import quantity
from greenchain_cli.impact_views import equivalents, show_data_quality
from greenchain_cli.language import current, say
from greenchain_cli.output import headline, print_fields, print_line

_PROVENANCE = {
    "primary": ("primary", "初级"),
    "secondary": ("secondary", "次级"),
    "derived": ("derived", "推算"),
    "assumed": ("assumed", "假设"),
}
_CONFIDENCE = {
    "verified in source text": ("verified in source text", "原文核实"),
    "verified in secondary copy": ("verified in secondary copy", "转引核实"),
    "computed": ("computed", "推算"),
    "assumption": ("assumption", "假设"),
}
#: Where both would say the same, the confidence alone is told.
_SAME = {("computed", "derived"), ("assumption", "assumed")}


def show_explanation(found: Any, depth: int, least: float) -> None:
    """Show an explanation.

    Parameters
    ----------
    depth
        Levels below the product.
    least
        What has a smaller share of the result is summed up [%].
    """
    print_fields(_head(found))
    show_data_quality(found["data_quality"])
    title(
        say(
            f"What causes it: to {depth} levels, what has less than {least:g} % summed up",
            f"成因：展开 {depth} 层，占比低于 {least:g} % 的合并",
        )
    )
    _print_tree(list(_Tree(found, depth, least).lines()))


def _head(found: Any) -> Iterator[tuple[str, str]]:
    if found["footprint_id"]:
        yield say("footprint", "碳足迹"), found["footprint_id"]
    yield say("product", "产品"), f"{found['name'][current()]} ({found['product_id']})"
    yield say("headline", "结果"), f"{headline(found['kg_co2e'])} {words.unit(found)}"
    yield from equivalents(found)
    yield say("boundary", "系统边界"), words.boundary(found["boundary"])
    yield say("method", "特征化方法"), found["method_id"]
    dataset = found["dataset"]
    pinned = f"{dataset['id']} {dataset['version']} ({dataset['sha256'][:12]})"
    yield say("dataset", "数据集"), pinned


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the tree.

    Attributes
    ----------
    figures
        Share, amount of the impact and amount of the input, as they are written.
    guide, below
        What leads to the label, and what to the row under it.
    rows
        Where the amount comes from; empty where nobody states one.
    """

    figures: tuple[str, str, str]
    guide: str
    below: str
    label: str
    rows: tuple[str, ...] = ()


class _Tree:
    """Unfolds the chain along the largest shares.

    A process that several consume has its part in each of them: what it takes for one of them is in
    proportion to what that one takes of it.
    """

    def __init__(self, found: Any, depth: int, least: float) -> None:
        self.total: float = found["kg_co2e"]
        self.depth, self.least = depth, least
        self.root = found["processes"][0]
        self.processes = {each["process"]: each for each in found["processes"]}

    def lines(self) -> Iterator[_Line]:
        """Yield the product and all below it, depth first."""
        figures = (self._percent(self.root["kg_co2e"]), quantity(self.root["kg_co2e"]), "")
        yield _Line(figures, "", "", self.root["name"][current()])
        yield from self._below(self.root, 1.0, 1, "")

    def _below(self, process: Any, part: float, level: int, guide: str) -> Iterator[_Line]:
        """Yield what a process takes and emits; `part` of it is for the line above."""
        if level > self.depth:
            return
        shown = [each for each in process["exchanges"] if self._share(each, part) >= self.least]
        others = [
            each
            for each in process["exchanges"]
            if each["kg_co2e"] and self._share(each, part) < self.least
        ]
        for position, exchange in enumerate(shown):
            is_last = position == len(shown) - 1 and not others
            yield from self._exchange(exchange, part, level, guide, is_last)
        if others:
            kg_co2e = part * sum(each["kg_co2e"] for each in others)
            label = say(f"{len(others)} smaller", f"其余 {len(others)} 项")
            figures = (self._percent(kg_co2e), quantity(kg_co2e), "")
            yield _Line(figures, f"{guide}└ ", "", label)

    def _exchange(
        self, exchange: Any, part: float, level: int, guide: str, is_last: bool
    ) -> Iterator[_Line]:
        kg_co2e, total = part * exchange["kg_co2e"], part * exchange["total"]
        upstream = self.processes.get(exchange["input"]) if exchange["kind"] == "input" else None
        is_stage = upstream is not None and upstream["kind"] == "stage"
        # A part is measured in its declared units, e.g. of 1 kWh.
        unit = exchange["unit"].removeprefix("1 ")
        amount = "" if is_stage else f"{quantity(total)} {unit}"
        below = guide + ("  " if is_last else "│ ")
        yield _Line(
            (self._percent(kg_co2e), quantity(kg_co2e), amount),
            guide + ("└ " if is_last else "├ "),
            below,
            _label(exchange, upstream),
            tuple(_rows(exchange)),
        )
        if upstream is not None and upstream["amount"]:
            yield from self._below(upstream, total / upstream["amount"], level + 1, below)

    def _share(self, exchange: Any, part: float) -> float:
        """Absolute share of the result [%]; all of it where the result is zero."""
        if not self.total:
            return 100.0
        kg_co2e: float = part * exchange["kg_co2e"]
        return abs(100.0 * kg_co2e / self.total)

    def _percent(self, kg_co2e: float) -> str:
        return f"{100.0 * kg_co2e / self.total:.1f} %" if self.total else "–"


def _label(exchange: Any, upstream: Any) -> str:
    name: str = exchange["name"][current()] or exchange["input"]
    if upstream is None:
        return say(f"emits {name}", f"排放 {name}")
    if upstream["kind"] == "stage":
        return words.stage(upstream["activity_id"])
    whose = say(" (supplier)", "（供应商）") if upstream["kind"] == "supplier" else ""
    return f"{name} · {upstream['region']}{whose}"


def _rows(exchange: Any) -> Iterator[str]:
    """Say where an amount comes from, and the parameters that it is computed from.

    E.g. ``ps.01: Title, Table 2 (2021) · verified in source text · secondary``.
    """
    provenance, confidence = exchange["provenance"], exchange["confidence"]
    if provenance is None:
        return
    cited = _cited(exchange["source"], confidence)
    also = "" if (confidence, provenance) in _SAME else f" · {say(*_PROVENANCE[provenance])}"
    yield f"{exchange['line_id']}: {cited}{also}"
    for each in exchange["parameters"]:
        value = f"{each['value']:.6g} {each['unit']}".rstrip()
        yield f"  {each['id']} = {value}: {_cited(each['source'], each['confidence'])}"


def _cited(source: Any, confidence: str) -> str:
    sure = say(*_CONFIDENCE[confidence]) if confidence in _CONFIDENCE else confidence
    if source is None:
        return sure
    year = f" ({source['year']})" if source["year"] else ""
    places = ", ".join(part for part in (source["title"], source["locator"]) if part)
    return f"{places}{year} · {sure}"


def _print_tree(lines: list[_Line]) -> None:
    header = (say("share", "占比"), "kg CO2e", say("amount", "数量"))
    rows = [header, *(line.figures for line in lines)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]

    def figures(of: tuple[str, ...]) -> str:
        return "  ".join(
            " " * (width - cell_len(cell)) + cell for width, cell in zip(widths, of, strict=True)
        )

    print_line(f"{figures(header)}  {say('process, and the row of its amount', '过程及其数据行')}")
    blank = " " * cell_len(figures(header))
    for line in lines:
        print_line(f"{figures(line.figures)}  {line.guide}{line.label}".rstrip())
        for row in line.rows:
            print_line(f"{blank}  {line.below}  {row}", style="dim")
