"""Checks of datasets and differences between them as a person reads them."""

from collections import Counter
from typing import Any

from greenchain_cli import words
from greenchain_cli.language import current, say
from greenchain_cli.output import figure, print_fields, print_line, print_rows

#: Changed rows that are named one by one; programs get all of them.
MOST_ROWS = 40
_CHANGES = {
    "added": ("added", "新增"),
    "removed": ("removed", "删除"),
    "changed": ("changed", "更改"),
}


def show_check(found: Any) -> None:
    """Show what a dataset holds, and its warnings."""
    counts = found["counts"]
    print_fields(
        [
            *_named(found["dataset"]),
            (say("activities", "活动"), counts["activities"]),
            (say("exchanges", "交换"), counts["exchanges"]),
            (say("elementary flows", "基本流"), counts["elementary_flows"]),
            (say("methods", "特征化方法"), counts["methods"]),
            (say("electricity markets", "电力市场"), counts["markets"]),
            (say("routes", "路线"), counts["routes"]),
            (say("errors", "错误"), 0),
            (say("warnings", "警告"), len(found["warnings"])),
        ]
    )
    _warnings(found["warnings"])


def show_difference(found: Any) -> None:
    """Show which rows differ, and what that does to products."""
    old, new = found["old"], found["new"]
    print_fields(
        [
            (say("old", "旧"), f"{old['id']} {old['version']} {old['sha256']}"),
            (say("new", "新"), f"{new['id']} {new['version']} {new['sha256']}"),
            (say("method", "特征化方法"), found["method_id"]),
        ]
    )
    _rows(found["rows"])
    _products(found["products"])
    for product in found["products"]:
        _contributors(product)


def show_addition(found: Any) -> None:
    """Show what was added, and what that does."""
    made = say("made as a copy of the shipped dataset", "由随附数据集复制而成")
    print_fields(
        [
            (say("folder", "文件夹"), f"{found['folder']}{f' ({made})' * found['created']}"),
            (say("rows added", "新增行"), found["added"]),
            (say("rows replaced", "替换行"), found["replaced"]),
        ]
    )
    _warnings(found["warnings"])
    print_line("")
    show_difference(found["difference"])


def show_methods(found: Any) -> None:
    """Show methods of the bundle, one a line."""
    print_rows(
        (say("name", "名称"), say("unit", "单位"), say("flows", "流")),
        [(each["name"], each["unit"], each["flows_counted"]) for each in found["methods"]],
    )


def show_method_addition(found: Any) -> None:
    """Show which method was added, and what that does."""
    method = found["method"]
    print_fields(
        [
            (say("method", "特征化方法"), method["name"]),
            (say("id", "标识"), method["id"]),
            (say("from", "来自"), method["bundle"]),
        ]
    )
    show_addition(found)


def show_package(found: Any) -> None:
    """Show where a datapackage stands."""
    built = say("built now", "本次构建") if found["built"] else say("from the cache", "取自缓存")
    print_fields(
        [
            *_named(found["dataset"]),
            (say("region", "地区"), words.region(found["region"])),
            (say("package", "数据包"), f"{found['package']} ({built})"),
            (say("activities", "活动"), found["activities"]),
            (say("flows", "流"), found["flows"]),
            (say("exchanges", "交换"), found["exchanges"]),
            (say("methods", "特征化方法"), len(found["methods"])),
        ]
    )
    print_line(
        say(
            "Not in it: references, whose place the supplier by market or route takes; flows that "
            "no activity has; methods that count none of the rest.",
            "不含：引用（由市场或路线的供应活动代替）、没有活动涉及的基本流、不计其余任何基本流的方法。",
        )
    )


def show_release(found: Any) -> None:
    """Show where a version is archived."""
    state = say("written", "已写入") if found["created"] else say("was there already", "早已存在")
    archive = (say("archive", "归档"), f"{found['archive']} ({state})")
    print_fields([*_named(found["dataset"]), archive])


def _named(dataset: Any) -> list[tuple[str, Any]]:
    return [
        (say("dataset", "数据集"), f"{dataset['id']} {dataset['version']}"),
        ("SHA-256", dataset["sha256"]),
    ]


def _warnings(warnings: list[Any]) -> None:
    if warnings:
        _title(say("Warnings", "警告"))
    for each in warnings:
        print_line(f"{each['code']}  {each['message'][current()]}")


def _rows(rows: list[Any]) -> None:
    if not rows:
        _title(say("No row differs.", "各行均相同。"))
        return
    _title(say("Rows", "行"))
    counts = Counter((row["table"], row["change"]) for row in rows)
    tables = dict.fromkeys(row["table"] for row in rows)
    print_rows(
        (say("table", "数据表"), *(say(*names) for names in _CHANGES.values())),
        [(table, *(counts[table, change] for change in _CHANGES)) for table in tables],
    )
    print_line("")
    for row in rows[:MOST_ROWS]:
        cells = "; ".join(
            f"{each['column']}: {each['old'] or '-'} → {each['new'] or '-'}"
            for each in row["fields"]
        )
        print_line(f"{say(*_CHANGES[row['change']])} {row['table']} {row['key']}  {cells}".rstrip())
    left = len(rows) - MOST_ROWS
    if left > 0:
        print_line(
            say(f"… and {left} more; --json has them all", f"……另有 {left} 行；--json 列出全部")
        )


def _products(products: list[Any]) -> None:
    _title(say("Products [kg CO2e]", "产品 [kg CO2e]"))
    print_rows(
        (
            say("product", "产品"),
            say("per", "声明单位"),
            say("old", "旧"),
            say("new", "新"),
            say("difference", "差值"),
            "%",
        ),
        [
            (
                each["product_id"],
                _declared(each["declared_unit"]),
                *(_total(each, name) for name in ("old", "new")),
                _signed(each["difference_kg_co2e"]),
                _percent(each["difference_percent"]),
            )
            for each in products
        ],
    )


def _contributors(product: Any) -> None:
    """Show by which stages and activities a product differs, or why it cannot be computed."""
    for name, reasons in product["refused"].items():
        which = say("old", "旧") if name == "old" else say("new", "新")
        _title(f"{product['product_id']}: {say('not computed, ', '无法计算，')}{which}")
        for reason in reasons:
            print_line(f"  {reason[current()]}")
    if not product["contributors"]:
        return
    _title(f"{product['product_id']} [kg CO2e]")
    old, new = product["old"]["stages"], product["new"]["stages"]
    stages = [
        (words.stage(name), *_change(old.get(name, 0.0), new.get(name, 0.0)))
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    activities = [
        (each["activity_id"], *_change(each["old_kg_co2e"], each["new_kg_co2e"]))
        for each in product["contributors"]
    ]
    columns = say("old", "旧"), say("new", "新"), say("difference", "差值")
    print_rows((say("stage", "阶段"), *columns), stages)
    print_rows((say("activity", "活动"), *columns), activities)


def _change(old: float, new: float) -> tuple[str, str, str]:
    return figure(old), figure(new), _signed(new - old)


def _declared(unit: str) -> str:
    """Say a declared unit, e.g. ``1 kwh_capacity``; there is none of a product unknown here."""
    amount, _, name = unit.partition(" ")
    return words.declared_unit(float(amount), name) if name else unit


def _total(product: Any, name: str) -> str:
    return figure(product[name]["kg_co2e"]) if product[name] else say("not computed", "无法计算")


def _signed(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{'+' if value > 0 else ''}{figure(value)}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _title(text: str) -> None:
    print_line("")
    print_line(text, style="bold")
