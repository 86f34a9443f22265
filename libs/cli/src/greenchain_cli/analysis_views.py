"""What an analysis of a model file found, as a person reads it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from greenchain_cli import uncertainty_views, words
from greenchain_cli.analysis_words import (
    demand,
    most,
    name,
    name_and_id,
    picture,
    scenario,
    share,
    title,
    width,
)
from greenchain_cli.charts import Branch, Span, bars, quantity, signed, tree
from greenchain_cli.language import LANGUAGES, current, say
from greenchain_cli.output import print_fields, print_line, print_rows

_SHOWN_PARTS = 10
_SHOWN_FLOWS = 20


#: Of a score: what two ways to the same number may differ by [-].
_ROUNDING = 1e-9


def show(found: Any) -> None:
    """Show the result of an analysis of any kind."""
    print_fields(_head(found))
    view = _VIEWS[found["kind"]]
    for result in found["results"]:
        title(f"{name_and_id(result['method'])} [{result['method']['unit']}]")
        view(result)
    if found["kind"] == "calculate":
        _inventory(found["inventory"])
        _without_factors(found["inventory"])
    for warning in found["warnings"]:
        title(f"{say('Warning', '警告')} {warning['code']}")
        print_line(warning["message"][current()])


def _head(found: Any) -> Iterator[tuple[str, Any]]:
    engine = found["engine"]
    yield say("model", "模型"), name_and_id(found["model"])
    yield "SHA-256", found["model"]["sha256"]
    yield say("demand", "需求"), demand(found["demand"])
    if found["kind"] != "scenarios":
        yield say("scenario", "情景"), scenario(found["scenario"])
    if "other" in found:
        other = found["other"]
        yield say("other demand", "另一方案的需求"), demand(other["demand"])
        yield say("other scenario", "另一方案的情景"), scenario(other["scenario"])
    instructions = engine.get("instruction_set")
    yield (
        say("engine", "计算引擎"),
        f"{engine['name']} {engine['version']}" + (f" ({instructions})" if instructions else ""),
    )


def _calculation(result: Any) -> None:
    agreement = result["agreement"]
    print_fields(
        [
            (say("score", "得分"), _with_unit(result["score"], result)),
            (
                say("two engines", "两个引擎"),
                words.agreement(agreement["agree"], agreement["relative_difference"]),
            ),
        ]
    )
    if not agreement["agree"]:
        engines = ("brightway", "greenchain", "reference")
        print_fields((each, _with_unit(agreement[each], result)) for each in engines)
    parts = result["contributions"]
    _parts(say("By stage", "按阶段"), _called(words.stage, parts["stages"]), result)
    _parts(say("By activity", "按活动"), parts["activities"], result)
    _parts(say("By elementary flow", "按基本流"), parts["flows"], result)
    _parts(say("By supplier", "按供应商"), parts["suppliers"], result)
    sites, provinces = parts["sites"], parts["provinces"]
    if _divided_alike(sites, provinces):
        # As in a product model, whose sites are known by their regions alone.
        _parts(say("By site", "按地点"), _called(words.region, sites), result)
        if _is_divided(sites):
            print_line(words.where_it_counts())
    else:
        _parts(say("By site", "按地点"), sites, result)
        _parts(say("By province", "按省份"), _called(words.region, provinces), result)


def _is_divided(parts: Sequence[Any]) -> bool:
    return any(part["id"] for part in parts)


def _divided_alike(sites: Sequence[Any], provinces: Sequence[Any]) -> bool:
    """Tell whether the model names by its sites no more than the provinces."""
    alike = {part["id"]: part["score"] for part in sites}
    return alike == {part["id"]: part["score"] for part in provinces}


def _called(by: Callable[[str], str], parts: Sequence[Any]) -> list[Any]:
    """Name parts that models know by an id alone."""
    return [part | {"name": dict.fromkeys(LANGUAGES, by(part["id"]))} for part in parts]


def _parts(heading: str, parts: Sequence[Any], result: Any) -> None:
    """Show parts of the score, unless the model does not divide it in this way."""
    if not _is_divided(parts):
        return
    title(heading)
    shown, others = most(parts, _SHOWN_PARTS)
    unnamed = say("not stated", "未说明")
    spans = [
        Span.of(name(part) or unnamed, part["score"], quantity(part["score"]), share(part["share"]))
        for part in shown
    ]
    if others:
        rest = sum(part["score"] for part in others)
        label = say(f"{len(others)} others", f"其余 {len(others)} 项")
        whole = result["score"]
        spans.append(Span.of(label, rest, quantity(rest), share(rest / whole if whole else None)))
    picture(bars(spans, (result["method"]["unit"], say("share", "占比")), width()))


def _inventory(flows: Sequence[Any]) -> None:
    title(say("Inventory", "清单"))
    shown, others = most(flows, _SHOWN_FLOWS)
    print_rows(
        (say("elementary flow", "基本流"), say("compartment", "环境介质"), say("amount", "数量")),
        [
            (name(flow), flow["compartment"], f"{quantity(flow['amount'])} {flow['unit']}")
            for flow in shown
        ],
    )
    if others:
        print_line(say(f"{len(others)} others: --json", f"其余 {len(others)} 项见 --json"))


def _without_factors(flows: Sequence[Any]) -> None:
    """Warn of flows that count as zero, method by method."""
    lacking: Mapping[str, list[str]] = defaultdict(list)
    times = Counter(name(flow) for flow in flows)
    for flow in flows:
        label = name(flow)
        if times[label] > 1 and flow["compartment"]:
            label = say(f"{label} ({flow['compartment']})", f"{label}（{flow['compartment']}）")
        for method in flow["without_factor"]:
            if label not in lacking[method]:
                lacking[method].append(label)
    if not lacking:
        return
    title(f"{say('Warning', '警告')} uncharacterized")
    for method, names in lacking.items():
        shown, others = most(names, _SHOWN_FLOWS)
        more = [say(f"{len(others)} others", f"其余 {len(others)} 项")] if others else []
        listed = say(", ", "、").join([*shown, *more])
        print_line(
            say(
                f"{method} has no factor for these emissions and resources, which count as zero: "
                f"{listed}",
                f"{method} 没有以下排放和资源的特征化因子，按零计：{listed}",
            )
        )


def _traversal(result: Any) -> None:
    unit = result["method"]["unit"]
    print_fields(
        [
            (say("score", "得分"), _with_unit(result["score"], result)),
            (say("coverage", "覆盖率"), share(result["coverage"])),
            (say("rest", "其余"), _with_unit(result["rest"], result)),
            *([(say("cut", "截去的分支"), result["cut"])] if result["cut"] else []),
        ]
    )
    print_line("")
    header = (unit, say("share", "占比"), say("direct", "直接"), say("activity", "活动"))
    picture(tree(_branches(result), header, width()))
    if any(node["loop"] for node in result["nodes"]):
        print_line("")
        print_line(say("↻ has been visited on the way already", "↻ 该活动已在此路径上出现过"))


def _branches(result: Any) -> list[Branch]:
    """Return the nodes depth first, what weighs most on top, each with the rest of its inputs."""
    children: Mapping[int, list[Any]] = defaultdict(list)
    nodes = {node["id"]: node for node in result["nodes"]}
    for edge in result["edges"]:
        children[edge["to"]].append(nodes[edge["from"]])
    branches = []
    # A stack, since a chain may be deeper than Python's own.
    to_visit = [nodes[0]]
    while to_visit:
        node = to_visit.pop()
        if "id" not in node:
            branches.append(_branch(node["depth"], say("rest", "其余"), node["rest"], "", result))
            continue
        # A stage of a product model is named by its id alone.
        called = name(node)
        label = words.stage(called) if called == node["stage"] else called
        label += " ↻" if node["loop"] else ""
        direct = quantity(node["direct"])
        branches.append(_branch(node["depth"], label, node["cumulative"], direct, result))
        inputs = sorted(children[node["id"]], key=lambda child: abs(child["cumulative"]))
        if inputs and node["rest"]:
            to_visit.append({"depth": node["depth"] + 1, "rest": node["rest"]})
        to_visit += inputs
    return branches


def _branch(depth: int, label: str, score: float, direct: str, result: Any) -> Branch:
    whole = result["score"]
    return Branch(depth, label, (quantity(score), share(score / whole if whole else None), direct))


def _scenarios(result: Any) -> None:
    base = result["score"]
    spans = [Span.of(say("base", "基准"), base, quantity(base), "", "")]
    spans += [
        Span.of(
            name_and_id(each),
            each["score"],
            quantity(each["score"]),
            _changed(each["difference"], base),
            _relative(each["relative_difference"]),
        )
        for each in result["scenarios"]
    ]
    header = (result["method"]["unit"], say("difference", "差值"), say("relative", "相对"))
    picture(bars(spans, header, width()))


def _changed(difference: float, base: float) -> str:
    """Write a difference; one below what solving leaves of a score is none."""
    return "=" if abs(difference) <= _ROUNDING * abs(base) else signed(difference)


def _relative(difference: float | None) -> str:
    return "–" if difference is None else f"{difference * 100:+.1f} %"


def _with_unit(score: float, result: Any) -> str:
    return f"{quantity(score)} {result['method']['unit']}"


_VIEWS = {
    "calculate": _calculation,
    "montecarlo": uncertainty_views.monte_carlo,
    "compare": uncertainty_views.comparison,
    "sensitivity": uncertainty_views.sensitivity,
    "traverse": _traversal,
    "scenarios": _scenarios,
}
