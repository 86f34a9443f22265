"""Backgrounds of one's own as a person reads them."""

from typing import Any

from greenchain_cli.language import say
from greenchain_cli.output import moment, print_fields, print_line, print_rows

#: Flows that are shown; --json has more.
MOST_UNMATCHED = 10


def show_background(found: Any) -> None:
    """Show what a background is, and how much of it the dataset knows."""
    counts = found["counts"]
    fields = [
        (say("background", "背景数据"), f"{found['id']} {found['version']}"),
        (say("title", "标题"), found["title"]),
        (say("licence", "许可"), found["licence"]),
        (say("activities", "活动"), str(counts["activities"])),
        (say("inputs", "投入"), str(counts["technosphere"] - counts["activities"])),
        (
            say("flows known to the dataset", "数据集中已有的基本流"),
            f"{counts['flows_matched']} / {counts['flows']}",
        ),
        (
            say("emission and resource rows with such flows", "涉及这些基本流的排放和资源行"),
            f"{counts['biosphere_matched']} / {counts['biosphere']}",
        ),
    ]
    if counts["inputs_left_out"]:
        told = say("inputs without supplier, left out", "没有供应者而舍去的投入")
        fields.append((told, str(counts["inputs_left_out"])))
    fields.append(("SHA-256", found["sha256"]))
    if "file" in found:
        fields.append((say("file", "文件"), found["file"]))
    print_fields(fields)
    unmatched = found.get("unmatched_flows", [])
    if not unmatched:
        return
    print_line("")
    print_line(
        say(
            "Flows that the dataset does not have; they count nothing",
            "数据集中没有的基本流（不计入结果）",
        ),
        style="bold",
    )
    print_rows(
        (say("flow", "基本流"), say("compartment", "环境介质"), say("exchanges", "交换数")),
        [(row["name"], row["compartment"], row["exchanges"]) for row in unmatched[:MOST_UNMATCHED]],
    )


def show_backgrounds(found: Any) -> None:
    """Show the backgrounds of an organisation, a row each."""
    print_rows(
        (
            say("background", "背景数据"),
            say("version", "版本"),
            say("title", "标题"),
            say("activities", "活动"),
            say("uploaded at", "上传时间"),
        ),
        [
            (
                row["id"],
                row["version"],
                row["title"],
                row["counts"]["activities"],
                moment(row["created_at"]),
            )
            for row in found["backgrounds"]
        ],
    )


def show_activities(found: Any) -> None:
    """Show activities, each with the id by which a bill of materials names it."""
    print_rows(
        (
            "input_id",
            say("activity", "活动"),
            say("product", "产品"),
            say("place", "地点"),
            say("unit", "单位"),
        ),
        [
            (
                row["input_id"],
                say(row["name"], row["name_zh"] or row["name"]),
                row["reference_product"],
                row["location"],
                row["unit"]
                or say(
                    f"{row['unit_given']} (cannot be bought)", f"{row['unit_given']}（不可引用）"
                ),
            )
            for row in found["activities"]
        ],
    )
