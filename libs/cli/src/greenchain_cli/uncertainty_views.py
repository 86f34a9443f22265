"""What sampled scores say, as a person reads it: spread, comparison, and where it comes from."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from greenchain_cli.analysis_words import interval, picture, share, title, width
from greenchain_cli.charts import Span, bars, histogram, quantity
from greenchain_cli.language import current, say
from greenchain_cli.output import print_fields, print_line, print_rows

#: Lines of the picture that shows how the mean settles.
_STEPS = 8


def monte_carlo(result: Any) -> None:
    """Show how the score is spread."""
    summary = result["summary"]
    print_fields(_spread(summary, say("score, deterministic", "确定性得分"), result["score"]))
    print_line(result["note"][current()])
    above = share(result["above_deterministic"])
    print_line(
        say(
            f"{above} of the samples lie above the deterministic score.",
            f"{above} 的样本高于确定性得分。",
        )
    )
    if result["resolved"]:
        print_line(
            say(
                f"{result['resolved']} samples were solved directly.",
                f"{result['resolved']} 个样本改用直接求解。",
            )
        )
    told = f"{say('deterministic', '确定性得分')} {quantity(result['score'])}"
    _distribution(summary, result, "◆", result["score"], told)
    _convergence(summary["convergence"], result)


def comparison(result: Any) -> None:
    """Show how probably the first variant is below the other."""
    lower, (low, high) = result["probability_lower"], result["interval"]
    ties = result["ties"]
    equal = ties / result["difference"]["samples"]
    # Equal samples count half to each side of a probability, but are on neither.
    below, above = lower - equal / 2, 1 - lower - equal / 2
    spans = [Span.of(say("the first is lower", "第一方案更低"), below, share(below))]
    if ties:
        spans.append(Span.of(say("both are equal", "两者相等"), equal, share(equal)))
        print_line(
            say(
                f"In {share(equal)} of the samples both are equal, in {share(below)} the first "
                f"is lower, in {share(above)} the other.",
                f"{share(equal)} 的样本两者相等，{share(below)} 第一方案更低，"
                f"{share(above)} 另一方案更低。",
            )
        )
    elif lower >= 0.5:  # what is found is said of the variant of which it is more probable
        print_line(_finding(say("first", "第一"), lower, low, high))
    else:
        print_line(_finding(say("other", "另一"), 1 - lower, 1 - high, 1 - low))
    spans.append(Span.of(say("the other is lower", "另一方案更低"), above, share(above)))
    picture(bars(spans, ("",), width()))
    title(say("The variants", "两个方案"))
    print_rows(
        (
            "",
            say("deterministic", "确定性得分"),
            say("mean", "均值"),
            say("95 % interval", "95 % 区间"),
        ),
        [
            _variant(say("first", "第一方案"), result["first"]),
            _variant(say("other", "另一方案"), result["other"]),
        ],
    )
    title(say("First minus other", "第一方案减另一方案"))
    difference = result["difference"]
    deterministic = result["first"]["score"] - result["other"]["score"]
    print_fields(_spread(difference, say("deterministic", "确定性差值"), deterministic))
    _distribution(difference, result, "0", 0.0, say("no difference", "无差异"))
    ratio = result["ratio"]
    if ratio:
        title(say("First divided by other", "第一方案除以另一方案"))
        print_fields(
            [
                (say("median", "中位数"), quantity(ratio["median"])),
                (say("95 % interval", "95 % 区间"), _central(ratio)),
            ]
        )


def _finding(which: str, probability: float, low: float, high: float) -> str:
    return say(
        f"The {which} variant is lower with a probability of {share(probability)} "
        f"(95 % interval {share(low)} … {share(high)}).",
        f"{which}方案更低的概率为 {share(probability)}（95 % 区间 {share(low)} … {share(high)}）。",
    )


def sensitivity(result: Any) -> None:
    """Show which inputs the spread comes from."""
    first_order, sampled = (
        quantity(math.sqrt(result[of])) for of in ("variance", "sampled_variance")
    )
    print_fields(
        [
            (say("score, deterministic", "确定性得分"), quantity(result["score"])),
            (say("standard deviation, first order", "标准差（一阶）"), first_order),
            (say("standard deviation, sampled", "标准差（抽样）"), sampled),
        ]
    )
    if note := result["note"][current()]:
        print_line(note)
    if not result["tornado"]:
        print_line(say("No amount of this model varies.", "该模型没有不确定的数量。"))
        return
    title(
        say(
            "Score with one input at its 5 % and its 95 % quantile",
            "单个输入取 5 % 与 95 % 分位数时的得分",
        )
    )
    picture(bars(_swings(result["tornado"]), ("5 %", "95 %"), width(), origin=result["score"]))
    title(say("Share of the variance", "方差占比"))
    shares = [
        Span.of(
            _from_source(each["input"]),
            each["variance_share"],
            share(each["variance_share"]),
            "–" if each["rank_correlation"] is None else f"{each['rank_correlation']:+.2f}",
        )
        for each in result["inputs"]
    ]
    header = (say("share", "占比"), say("rank correlation", "秩相关"))
    picture(bars(shares, header, width()))
    title(say("The inputs", "输入"))
    print_rows(
        (
            say("input", "输入"),
            say("of", "对象"),
            say("5 % … 95 %", "5 % … 95 %"),
            say("source", "来源"),
            say("confidence", "可信度"),
        ),
        [_input(each) for each in result["tornado"]],
    )


def _swings(tornado: Sequence[Any]) -> list[Span]:
    spans = []
    for each in tornado:
        at_low, at_high = each["low"]["score"], each["high"]["score"]
        figures = quantity(at_low), quantity(at_high)
        ends = min(at_low, at_high), max(at_low, at_high)
        spans.append(Span(_from_source(each["input"]), *ends, figures))
    return spans


def _from_source(of: Any) -> str:
    """Name an input and, if it states one, its source."""
    return f"{of['id']} ({of['source']})" if of["source"] else str(of["id"])


def _spread(summary: Any, label: str, deterministic: float) -> Iterator[tuple[str, Any]]:
    """Name the figures of a summary; one sample has no spread."""
    yield label, quantity(deterministic)
    yield say("mean", "均值"), quantity(summary["mean"])
    if summary["standard_deviation"] is not None:
        yield say("standard deviation", "标准差"), quantity(summary["standard_deviation"])
        yield say("standard error of the mean", "均值标准误"), quantity(summary["standard_error"])
    yield say("samples", "样本数"), summary["samples"]
    for probability, value in summary["quantiles"].items():
        median = float(probability) == 0.5
        quantile = say(
            f"{float(probability) * 100:g} % quantile", f"{float(probability) * 100:g} % 分位数"
        )
        yield say("median", "中位数") if median else quantile, quantity(value)


def _distribution(summary: Any, result: Any, mark: str, value: float, told: str) -> None:
    """Draw the histogram with the 95 % interval, the median and one more mark on its axis."""
    title(f"{say('Distribution', '分布')} [{result['method']['unit']}]")
    quantiles = summary["quantiles"]
    marks = [("├", quantiles["0.025"]), ("┤", quantiles["0.975"]), ("┼", summary["median"])]
    legend = [
        f"├ ┤ {say('95 % interval', '95 % 区间')} {_central(summary)}",
        f"┼ {say('median', '中位数')} {quantity(summary['median'])}",
    ]
    if summary["minimum"] <= value <= summary["maximum"]:
        marks.append((mark, value))
        legend.append(f"{mark} {told}")
    drawn = summary["histogram"]
    picture(histogram(drawn["edges"], drawn["counts"], marks, width()))
    for line in legend:
        print_line(line)


def _convergence(convergence: Any, result: Any) -> None:
    """Draw how the 95 % interval of the mean narrows with the samples."""
    points = len(convergence["samples"])
    if not points:
        return
    title(f"{say('Convergence of the mean', '均值的收敛')} [{result['method']['unit']}]")
    last = points - 1
    steps = sorted({round(step * last / (_STEPS - 1)) for step in range(_STEPS)})
    spans = [
        Span(
            str(convergence["samples"][n]),
            convergence["lower"][n],
            convergence["upper"][n],
            (
                quantity(convergence["mean"][n]),
                f"± {quantity((convergence['upper'][n] - convergence['lower'][n]) / 2)}",
            ),
        )
        for n in steps
    ]
    header = (say("mean", "均值"), say("95 % interval", "95 % 区间"))
    picture(bars(spans, header, width(), origin=convergence["mean"][last]))


def _central(summary: Any) -> str:
    return interval(summary["quantiles"]["0.025"], summary["quantiles"]["0.975"])


def _variant(label: str, variant: Any) -> tuple[str, ...]:
    summary = variant["summary"]
    return label, quantity(variant["score"]), quantity(summary["mean"]), _central(summary)


def _input(bar: Any) -> tuple[str, ...]:
    """Return a row: what varies, between which amounts or options, and where it is from."""
    of, low, high = bar["input"], bar["low"], bar["high"]
    if low["amount"] is None:
        spread = f"{low['option']} … {high['option']}"
    else:
        unit = "" if of["unit"] == "1" else of["unit"]
        spread = f"{interval(low['amount'], high['amount'])} {unit}".rstrip()
    return of["id"], of["item"], spread, of["source"], of["confidence"]
