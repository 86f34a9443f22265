"""Beside a headline: other units, how sure it is, and impacts by every method."""

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len

from greenchain_cli.analysis_words import picture, title
from greenchain_cli.charts import quantity
from greenchain_cli.language import current, say
from greenchain_cli.output import print_line, print_rows

_CELLS = 50
#: Classes of rows, best first, with the character of their part of a bar.
_CLASSES = (
    ("primary", "█", ("primary: the maker's or a supplier's own", "初级：自有或供应商数据")),
    ("verified in source text", "▓", ("verified in source text", "原文核实")),
    ("verified in secondary copy", "▒", ("verified in secondary copy", "转引核实")),
    ("computed", "░", ("computed from cited numbers", "由引用数值推算")),
    ("assumption", "·", ("assumption", "假设")),
)
_VERDICTS = {
    "supported": ("supported", "可用"),
    "screening": ("screening only", "仅供筛查"),
    "not_supported": ("not supported", "不可用"),
}
#: What the columns of the impacts mean.
_FOOTNOTES = (
    (
        "Verdict: how well the dataset fits the method, whatever the product. Supported: sound "
        "where there are data; screening only: proxies or an incomplete account.",
        "判定：数据集对该方法的适用程度，与具体产品无关。可用：有数据之处可靠；仅供筛查：替代数据或核算不全。",
    ),
    (
        "Covered: the share of this product's activities that have data for the method, by number "
        "and by the greenhouse gases that they emit themselves; it does not say that they are all.",
        "覆盖率：本产品的活动中有该方法数据的占比，按个数和按其自身的温室气体排放；不表示数据完整。",
    ),
    (
        "Threshold: where the smaller of both shares is below it, or both are 0 %, there is "
        "no amount.",
        "阈值：两项覆盖率中较小者低于阈值，或均为 0 % 时，不给出数值。",
    ),
)


def equivalents(found: Any) -> Iterator[tuple[str, str]]:
    """Yield a result in other units, as named values."""
    for each in found["equivalents"]:
        per = each["name"][current()] or each["unit"]
        yield say(f"per {per}", f"每{per}"), f"{quantity(each['kg_co2e'])} kg CO2e"


def show_data_quality(quality: Any) -> None:
    """Show a data-quality statement: two bars, and the shares behind them."""
    title(
        say(
            "Data quality: the rows that the result rests on",
            "数据质量：结果所依据的数据行",
        )
    )
    emission, weakest = quality["by_emission"], quality["by_weakest"]
    columns = [(say("by emitting row", "按排放行"), emission)]
    if weakest:
        columns.append((say("by weakest row", "按最弱行"), weakest))
    width = max(cell_len(name) for name, _ in columns)
    for name, shares in columns:
        picture([f"{name}{' ' * (width - cell_len(name))}  {_bar(shares)}"])
    print_rows(
        ("", *(name for name, _ in columns)),
        [
            (f"{mark} {say(*words)}", *(f"{shares[name]:.1f} %" for _, shares in columns))
            for name, mark, words in _CLASSES
        ],
    )
    print_line(
        say(
            "Weakest: the least sure of all rows between an emission and the product.",
            "最弱行：从排放到产品的路径上可信度最低的一行。",
        )
    )


def _bar(shares: Any) -> str:
    """Draw shares that sum to 100 % in one bar."""
    drawn, total = "", 0.0
    for name, mark, _ in _CLASSES:
        total += shares[name]
        drawn += mark * (round(total / 100.0 * _CELLS) - len(drawn))
    return drawn


def show_impacts(impacts: list[Any]) -> None:
    """Show impacts by every method, with what their data cover."""
    if not impacts:
        return
    title(say("Impacts by every method", "各方法的影响"))
    print_rows(
        (
            say("method", "方法"),
            say("amount", "数值"),
            say("activities covered", "活动覆盖率"),
            say("by climate impact", "按气候影响"),
            say("threshold", "阈值"),
            say("verdict", "判定"),
        ),
        [row for impact in impacts for row in _impact(impact)],
    )
    for words in _FOOTNOTES:
        print_line(say(*words))


def _impact(impact: Any) -> Iterator[tuple[str, ...]]:
    coverage = impact["coverage"]
    amount = impact["amount"]
    verdict = impact["verdict"]
    yield (
        impact["name"][current()],
        say("not supported by the data", "数据不支持")
        if amount is None
        else f"{quantity(amount)} {impact['unit']}",
        f"{coverage['inputs_percent']:.0f} %",
        f"{coverage['climate_percent']:.0f} %",
        f"{coverage['threshold_percent']:.0f} %",
        say(*_VERDICTS[verdict]) if verdict in _VERDICTS else verdict,
    )
    apart = impact["not_separable_kg_co2e"]
    if apart is not None:
        yield (
            say(
                "  + not separable, GWP100 of its source",
                "  + 不可拆分，按其来源的 GWP100",
            ),
            f"{quantity(apart)} kg CO2e",
            "",
            "",
            "",
            "",
        )
