"""docs/validation.md and its figures, as texts by path."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tools.validation.amounts import amounts_table
from tools.validation.background import Background
from tools.validation.cases import Case
from tools.validation.draws import Draws
from tools.validation.figure import Panel, Row, figure
from tools.validation.markdown import both, cited, folded, number, table, value_of
from tools.validation.products import Compared, Section, remarks
from tools.validation.published import (
    Published,
    document,
    notes,
    published_shares,
    published_values,
)
from tools.validation.questions import Questions
from tools.validation.results import Results
from tools.validation.texts import Texts, paragraphs

PAGE = "docs/validation.md"
MADE = (
    "<!-- Made by `make validation` from the dataset, the templates and "
    "footprint.data/validation: edit those. -->"
)


def figure_name(product: str) -> str:
    """Return the file name of a product's figure."""
    return f"validation-{product.replace('_', '-')}.svg"


@dataclass
class Page:
    """The page with all that it is made of."""

    results: Results
    draws: Draws
    plan: dict[str, Any]

    @classmethod
    def of(cls, draws: Draws, results: Results | None = None) -> "Page":
        plan = document("plan.json")
        return cls(results or Results.of(plan), draws, plan)

    @cached_property
    def texts(self) -> Texts:
        return Texts.read()

    @cached_property
    def values(self) -> list[Published]:
        return list(published_values())

    @cached_property
    def sections(self) -> list[Section]:
        return [
            Section(plan, self.results, self.draws, self.values, self.texts)
            for plan in self.results.plans.values()
        ]

    @cached_property
    def background(self) -> Background:
        return Background(self.results, self.values, self.texts)

    def cases(self) -> list[Case]:
        """Return the cases that intervals are drawn of, each once."""
        found = {case.id: case for section in self.sections for case in section.cases()}
        return list(found.values())

    def headlines(self) -> list[Case]:
        """Return the cases of which it is told where their spread comes from."""
        return [section.plan.headline() for section in self.sections]

    def compared(self) -> list[Published]:
        """Return the published values that are set beside one of ours."""
        products = [each.published for section in self.sections for each in section.compared()]
        return [*products, *self.background.compared()]

    def files(self) -> dict[str, str]:
        """Return the page and its figures by path."""
        found = {PAGE: "\n".join(self.lines()).rstrip("\n") + "\n"}
        for section in self.sections:
            found[f"docs/figures/{figure_name(section.plan.id)}"] = self.figure(section)
        return found

    def lines(self) -> Iterator[str]:
        yield from ("# Validation 与公开数值的对照", "", MADE, "")
        yield from self.intro()
        yield from ("## Summary 摘要", "")
        yield from self.summary()
        yield from ("## How to read 阅读说明", "")
        yield from self.how()
        for section in self.sections:
            yield from self.section(section)
        questions = Questions(self.results, self.values, self.texts, self.draws)
        yield from ("## Why LFP and NMC811 stand as they do 磷酸铁锂与 NMC811 的次序", "")
        yield from questions.order()
        yield from ("## What hangs on the ingot and on buildings 拉晶与厂房的影响", "")
        yield from questions.ingot()
        yield from ("## What national and provincial grids do 全国与省级电网的影响", "")
        yield from questions.grids()
        yield from ("## The nation's own factor 全国因子", "")
        yield from questions.nation()
        yield from ("## Background activities 背景活动", "")
        yield from self.background.section()
        yield from ("## Values that are not compared 未对照的数值", "")
        yield from self.left_out()

    def intro(self) -> list[str]:
        compared = self.compared()
        text = self.texts.say(
            "intro",
            version=self.results.dataset.version,
            count=len(self.values),
            compared=len(compared),
            independent=sum(value.independent for value in compared),
        )
        return paragraphs(text)

    def summary(self) -> list[str]:
        def total(product: str, place: str = "template") -> float:
            return self.results[self.results.plans[product].headline(place)].total

        derived, official = (
            self.results.unit_score(each, "CN")
            for each in ("electricity_cn_2023", "electricity_cn_2023_official")
        )
        numbers = {
            "lfp": number(total("lfp_battery_pack")),
            "nmc": number(total("nmc811_battery_pack")),
            "topcon": number(total("pv_module_topcon_mono")),
            "perc": number(total("pv_module_perc_mono")),
            "bev": number(total("bev_compact") / 1000.0),
            "lfp_sc": number(total("lfp_battery_pack", "CN-SC")),
            "topcon_sc": number(total("pv_module_topcon_mono", "CN-SC")),
            "lfp_cn": number(total("lfp_battery_pack", "CN")),
            "topcon_cn": number(total("pv_module_topcon_mono", "CN")),
            "nation": f"{derived:.4f}",
            "official": f"{official:.4f}",
            "gap": f"{100.0 * (derived / official - 1.0):.2f}".replace("-", "−"),
        }
        head = self.texts.heads("summary")
        rows = [section.position() for section in self.sections]
        moves = self.texts.heads("moves")
        return [
            *paragraphs(self.texts.say("summary_en", **numbers)),
            *paragraphs(self.texts.say("summary_zh", **numbers)),
            *table(head, rows, "ll"),
            *paragraphs(self.texts.say("most")),
            *table(moves, [section.moves() for section in self.sections], "ll"),
        ]

    def how(self) -> list[str]:
        plan = self.plan
        how = self.texts.say(
            "how", method=plan["method"], samples=f"{plan['samples']:,}", seed=plan["seed"]
        )
        return [
            *paragraphs(how),
            *paragraphs(self.texts.say("places")),
            *paragraphs(self.texts.say("leaves_out")),
        ]

    def section(self, section: Section) -> Iterator[str]:
        name = section.name
        yield from (f"## {name.en} {name.zh}", "")
        alt = f"{name.en}: ours and published values, also in the tables below"
        yield from (f"![{alt}](figures/{figure_name(section.plan.id)})", "")
        yield from ("### Sites 地点", "", *section.sites())
        yield from ("### Routes 路线", "", *section.route_table())
        yield from ("### What it consists of 构成", "", *section.inputs())
        yield from ("### What the spread comes from 离散来源", "", *section.drivers())
        yield from ("### Published values 公开数值", "", *section.published())
        yield from section.shares(list(published_shares()))
        yield from amounts_table(section)
        yield from ("### Reasons 原因", "", *section.notes(list(notes())))

    def left_out(self) -> list[str]:
        compared = {value.id for value in self.compared()}
        left = [value for value in self.values if value.id not in compared]
        rows = [
            [
                f"`{value.id}`",
                cited(value),
                f"`{value.product}`",
                f"{value_of(value)} {value.unit}",
                value.region,
                both(self.texts.kind("not_compared", self.why(value))),
            ]
            for value in left
        ]
        head = self.texts.heads("left_out")
        return [
            *paragraphs(self.texts.say("left_out_head")),
            *table(head, rows, "llllll"),
            *folded(self.texts.say("remarks"), remarks(left)),
        ]

    def why(self, value: Published) -> str:
        """Return the id of the reason why a value is not compared."""
        group = "not_compared"
        return value.boundary if self.texts.has(group, value.boundary) else value.unit

    def figure(self, section: Section) -> str:
        panels = []
        for entry in section.plan.entry["panels"]:
            boundary, unit = entry["boundary"], entry["unit"]
            ours = [
                self._ours(section, Case(section.plan.id, boundary, place), unit)
                for place in entry.get("places", section.plan.entry["places"])
            ]
            theirs = [
                _theirs(each)
                for each in section.compared()
                if (each.published.boundary, each.published.unit) == (boundary, unit)
            ]
            title = f"{section.name.en}, {boundary.replace('_', ' ')}"
            panels.append(Panel(title, unit, [*ours, *theirs]))
        description = (
            "Circles with bars: greenchain's results by place with 95 % intervals. Squares with "
            "bars: published values and ranges, hollow where not independent. The tables of "
            "docs/validation.md have the same numbers."
        )
        name = section.name
        return figure(f"{name.en} {name.zh}: ours and published", description, panels)

    def _ours(self, section: Section, case: Case, unit: str) -> Row:
        factor = section.plan.entry["units"][unit]
        result = self.results[case]
        value = result.total * result.in_unit(factor)
        name = str(section.plan.places[case.place]["name"]["en"])
        if factor:
            return Row(name, value, value, value, ours=True)
        low, _, high = self.draws.intervals[case.id]
        return Row(name, low, value, high, ours=True)


def _theirs(each: Compared) -> Row:
    value = each.published
    low, high = value.bounds
    name = f"{value.short} ({value.region})"
    shown = high if low == high else value.value  # An upper limit has neither value nor low.
    return Row(name, low, shown, high, ours=False, hollow=not value.independent)
