"""A footprint and lists of footprints as a person reads them."""

from collections.abc import Iterable
from typing import Any

from greenchain_cli import contributions, words
from greenchain_cli.bars import Bar, bar_table
from greenchain_cli.impact_views import equivalents, show_data_quality, show_impacts
from greenchain_cli.language import current, say
from greenchain_cli.output import (
    console,
    headline,
    moment,
    print_fields,
    print_line,
    print_rows,
    print_table,
)


def show_footprint(found: Any) -> None:
    """Show a footprint with all that it rests on."""
    print_fields(_head(found))
    whole = found["kg_co2e"]
    _bars(say("By stage", "按阶段"), contributions.by_stage(found), whole)
    _bars(say("By process", "按过程"), contributions.by_process(found), whole)
    _bars(say("By site", "按地点"), contributions.by_site(found), whole)
    print_line(words.where_it_counts())
    _beyond(found)
    if found["data_quality"]:
        show_data_quality(found["data_quality"])
    show_impacts(found["impacts"])
    for warning in found["warnings"]:
        _title(f"{say('Warning', '警告')} {warning['code']}")
        print_line(warning["message"][current()])
    _flags(found["flags"])
    _declarations(found["declarations"])
    _evidence(found["evidence"])


def show_footprints(page: Any) -> None:
    """Show a page of footprints, a row each."""
    print_rows(
        (
            say("footprint", "碳足迹"),
            say("state", "状态"),
            say("product", "产品"),
            say("kg CO2e / declared unit", "kg CO2e / 声明单位"),
            say("calculated at", "计算时间"),
        ),
        [
            (
                row["id"],
                words.state(row["state"]),
                row["product_id"],
                headline(row["kg_co2e"]),
                moment(row["created_at"]),
            )
            for row in page["footprints"]
        ],
    )


def _head(found: Any) -> Iterable[tuple[str, Any]]:
    engines = found["engines"]
    data, activity = (found[f"primary_{kind}_share_percent"] for kind in ("data", "activity"))
    boundary = words.boundary(found["boundary"])
    yield say("footprint", "碳足迹"), found["id"]
    yield say("state", "状态"), words.state(found["state"])
    yield say("product", "产品"), found["name"][current()]
    yield say("product model", "产品模型"), found["product_model_id"]
    yield say("headline", "结果"), f"{headline(found['kg_co2e'])} {words.unit(found)}"
    yield from equivalents(found)
    yield say("boundary", "系统边界"), boundary
    yield say("method", "特征化方法"), found["method_id"]
    yield say("primary data share", "初级数据占比"), f"{data:.2f} %"
    yield say("primary activity share", "初级活动数据占比"), f"{activity:.2f} %"
    yield (
        say("two engines", "两个引擎"),
        words.agreement(engines["agree"], engines["relative_difference"]),
    )
    yield say("calculated at", "计算时间"), moment(found["created_at"])
    if found["frozen_at"]:
        yield say("frozen at", "冻结时间"), moment(found["frozen_at"])
    if found["sha256"]:
        yield "SHA-256", found["sha256"]
    if found["preceding_footprint_id"]:
        yield say("replaces", "替代的碳足迹"), found["preceding_footprint_id"]
    if found["successor_footprint_id"]:
        yield say("replaced by", "被替代为"), found["successor_footprint_id"]


def _bars(title: str, bars: list[Bar], whole: float) -> None:
    _title(f"{title} [kg CO2e, {say('share', '占比')}]")
    print_table(bar_table(bars, whole, console().width))


def _beyond(found: Any) -> None:
    scores = found["beyond_boundary"]
    if not scores:
        return
    _title(
        say("Beyond the boundary, not in the headline [kg CO2e]", "边界之外、不计入结果 [kg CO2e]")
    )
    print_fields((words.stage(name), headline(score)) for name, score in scores.items())


def _flags(flags: list[Any]) -> None:
    if not flags:
        return
    _title(say("Flags", "标记"))
    print_rows(
        (say("flag", "标记"), say("since", "起始时间"), say("reason", "原因"), say("of", "对象")),
        [
            (
                words.flag(row["code"]),
                moment(row["since"]),
                words.reason(row["reason"]),
                row["subject"],
            )
            for row in flags
        ],
    )


def _declarations(declarations: list[Any]) -> None:
    if not declarations:
        return
    _title(say("Declarations", "声明"))
    print_rows(
        (
            say("declaration", "声明"),
            say("version", "版本"),
            say("part", "外购件"),
            say("supplier", "供应商"),
            say("region", "地区"),
            say("footprint", "碳足迹"),
        ),
        [
            (
                row["id"],
                row["version"],
                row["activity_id"],
                row["supplier_tenant_id"],
                row["region"],
                f"{headline(row['kg_co2e_per_unit'])} kg CO2e / {row['unit']}",
            )
            for row in declarations
        ],
    )


def _evidence(evidence: list[Any]) -> None:
    _title(say("Evidence", "依据"))
    print_rows(
        (say("role", "作用"), say("id", "编号"), say("version", "版本"), "SHA-256"),
        [(words.role(row["role"]), row["id"], row["version"], row["sha256"]) for row in evidence],
    )


def _title(text: str) -> None:
    print_line("")
    print_line(text, style="bold")
