"""The marked tables of docs/data.md: what ships, how sure it is, and Chinese electricity."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from footprint.data.shipped import load_dataset, load_example
from footprint.domain.dataset import Confidence
from tools.figures.files import DATA, read
from tools.figures.inventory_examples import scores

PAGE = "docs/data.md"
FOLDER = f"{DATA}/greenchain_lci"
#: The report whose single amounts are counted: its terms of redistribution were not found.
REPORT = "pvps_t12_19"
MEANS = {
    Confidence.VERIFIED: "the number was read in the document that is named 原文核实",
    Confidence.SECONDARY: "read in somebody's copy or quotation of that document 转引核实",
    Confidence.COMPUTED: "derived from cited numbers by the arithmetic in `source_locator` 推算",
    Confidence.ASSUMPTION: "no citable number was read; the uncertainty is wide, and a supplier's"
    " data should replace it 假设",
}

Row = tuple[str, ...]


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of the page; what it does not have is left out."""
    text = read(PAGE)
    for before, figure, after in prose():
        text = re.sub(rf"(?<={before})[\d.]+(?={after})", figure, text)
    for mark, table in tables().items():
        pattern = rf"(?<=<!-- check: {mark} -->\n)(?:\|.*\n)*"
        text = re.sub(pattern, lambda _, fresh=table: fresh, text)  # type: ignore[misc]
    yield PAGE, text


def marked_tables() -> str:
    """Return the tables with their marks, ready to be pasted."""
    return "\n".join(f"<!-- check: {mark} -->\n{table}" for mark, table in tables().items())


def tables() -> dict[str, str]:
    """Return the tables by their marks."""
    return {
        "inventory": _table(("what 项目", "number 数量"), inventory()),
        "confidence": _table(
            ("class 等级", "means 含义", "exchanges 交换", "activities 活动"), confidence()
        ),
        "electricity": _table(
            ("region 地区", "activity 活动", "kg CO2e / kWh", "fossil share 化石占比"),
            electricity(),
        ),
    }


def prose() -> list[tuple[str, str, str]]:
    """Return the figures that the page tells in sentences: what stands before and after them."""
    totals = sum(row["kind"] == "system_process" for row in rows("activities"))
    graphite = "anode_graphite_synthetic"
    routes = load_dataset().routes[graphite]
    added = scores()[routes["acheson_unallocated"].activity_id] - scores()[graphite]
    bought = sum(
        float(line["amount"]) for line in load_example().lines if line["input_id"] == graphite
    )
    return [
        (re.escape("**Published totals** ("), str(totals), re.escape(" activities)")),
        (re.escape("anode: "), f"{scores()[graphite]:.2f}", r" kg\s+CO2e/kg"),
        (re.escape("would be "), f"{bought * added:.1f}", " kg CO2e/kWh higher"),
    ]


def inventory() -> list[Row]:
    """Count what ships."""
    activities, exchanges = rows("activities"), rows("exchanges")
    flows, methods, markets = rows("elementary_flows"), rows("methods"), rows("markets")
    kinds = Counter(row["kind"] for row in activities)
    types = Counter(row["exchange_type"] for row in exchanges)
    places = Counter(row["compartment"].partition(",")[0] for row in flows)
    climate = sum(row["kind"] == "climate" for row in methods)
    verdicts = Counter(row["verdict"] for row in methods)
    years = Counter(row["year"] for row in markets)
    regions = {row["region"] for row in markets}
    provinces = sum(region.startswith("CN-") for region in regions)
    licences = {row["id"]: row["redistribution"] for row in rows("licences")}
    allowed = Counter(licences[row["licence_id"]] for row in rows("sources"))
    routes = rows("routes")
    references = {row["reference_id"] for row in routes}
    reported = sum(REPORT in row["source_id"] for row in exchanges)
    return [
        (
            "activities 活动",
            f"{kinds.total()}: {kinds['unit_process']} unit processes,"
            f" {kinds['system_process']} system processes,"
            f" {kinds['market_reference']} market references",
        ),
        (
            "exchanges 交换",
            f"{types.total()}: {types['technosphere']} technosphere,"
            f" {types['elementary']} elementary",
        ),
        (
            "elementary flows 基本流",
            f"{places.total()}: "
            + ", ".join(f"{number} {place}" for place, number in sorted(places.items())),
        ),
        (
            "methods 方法",
            f"{len(methods)}: {climate} of climate change, {len(methods) - climate} others;"
            f" {verdicts['supported']} supported, {verdicts['screening']} for screening,"
            f" {verdicts['not_supported']} not supported",
        ),
        (
            "characterization factors 特征化因子",
            f"{len(rows('characterization'))}, and {len(rows('regional_factors'))} by location",
        ),
        (
            "electricity markets 电力市场",
            f"{len(markets)} of {len(regions)} regions, {provinces} of them Chinese provinces: "
            + ", ".join(f"{number} in {year}" for year, number in sorted(years.items())),
        ),
        ("routes 路线", f"{len(routes)} of {len(references)} market references"),
        (
            "sources 来源",
            f"{allowed.total()}: {allowed['whole']} may be taken over as a whole,"
            f" of {allowed['fact']} only single numbers are cited",
        ),
        ("amounts from IEA PVPS T12-19 来自该报告的数值", str(reported)),
        ("contents of elements 元素含量", str(len(rows("compositions")))),
        ("retired ids 停用标识", str(len(rows("retired")))),
    ]


def confidence() -> list[Row]:
    """Count exchanges and activities by how sure they are."""
    exchanges = Counter(row["confidence"] for row in rows("exchanges"))
    activities = Counter(row["confidence"] for row in rows("activities"))
    return [
        (f"`{each}`", MEANS[each], str(exchanges[each]), str(activities[each]))
        for each in Confidence
    ]


def electricity() -> list[Row]:
    """Give the nation and each province of the dataset's year: factor and fossil share."""
    year = str(load_dataset().electricity_year)
    names = {row["id"]: (row["name_en"], row["name_zh"]) for row in rows("activities")}
    shares = {
        row["activity_id"]: float(row["amount"])
        for row in rows("exchanges")
        if row["input_id"] == f"electricity_fossil_cn_{year}"
    }
    found = []
    for market in rows("markets"):
        region, activity_id = market["region"], market["activity_id"]
        if market["year"] == year and region.partition("-")[0] == "CN":
            en, zh = names[activity_id]
            place = (
                f"{en.removeprefix('Electricity, ').partition(',')[0]} {zh.partition('电力')[0]}"
            )
            found.append(
                (
                    f"{region} ({place})",
                    f"`{activity_id}`",
                    f"{scores()[activity_id]:.4f}",
                    f"{100 * shares[activity_id]:.1f} %",
                )
            )
    return sorted(found)


@cache
def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the dataset."""
    return list(csv.DictReader(read(f"{FOLDER}/{name}.csv").splitlines()))


def _table(header: Row, body: list[Row]) -> str:
    head, *lines = (f"| {' | '.join(line)} |\n" for line in (header, *body))
    return head + "|" + "---|" * len(header) + "\n" + "".join(lines)
