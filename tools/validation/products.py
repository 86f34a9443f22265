"""The section of one product: sites, routes, published values, reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from footprint.data import shipped
from footprint.domain.dataset import Activity
from tools.validation.cases import Case, Plan
from tools.validation.draws import Draws
from tools.validation.markdown import (
    NONE,
    both,
    cited,
    folded,
    linked,
    number,
    signed,
    span,
    table,
    value_of,
)
from tools.validation.published import Note, Published, PublishedShare, Words
from tools.validation.results import Result, Results
from tools.validation.texts import Texts, paragraphs

#: Inputs that are shown by name; what is smaller is summed up.
MOST_INPUTS = 9
STAGES = {
    "raw_materials": Words("materials", "原材料"),
    "manufacturing": Words("making", "制造"),
    "distribution": Words("carriage", "运输"),
    "use": Words("use", "使用"),
    "end_of_life": Words("end of life", "寿命终止"),
}


@dataclass(frozen=True)
class Compared:
    """A published value beside ours.

    Attributes
    ----------
    ours
        Our score [unit of the published value].
    interval
        2.5 % and 97.5 % quantile; None where the unit is another than that of the samples.
    """

    published: Published
    case: Case
    ours: float
    interval: tuple[float, float] | None

    @property
    def ratio(self) -> float:
        return self.ours / self.published.centre

    @property
    def meets(self) -> bool | None:
        """Whether the published range and our interval overlap; None without an interval."""
        if self.interval is None:
            return None
        low, high = self.published.bounds
        return low <= self.interval[1] and high >= self.interval[0]


@dataclass(frozen=True)
class Section:
    """All that is told of one product."""

    plan: Plan
    results: Results
    draws: Draws
    values: Sequence[Published]
    texts: Texts

    @property
    def headline(self) -> Result:
        return self.results[self.plan.headline()]

    @property
    def name(self) -> Words:
        return Words(self.headline.model.name_en, self.headline.model.name_zh)

    @property
    def unit(self) -> str:
        return f"kg CO2e/{self.headline.model.declared_unit.unit}"

    def routed(self, choice: str, option: str, *, taken: bool, place: str = "template") -> Case:
        case = self.plan.headline(place)
        options = () if taken else ((choice, option),)
        return Case(case.product, case.boundary, place, options)

    def routes(self) -> Iterator[tuple[str, str, bool]]:
        return self.plan.routes(shipped.load_product_template(self.plan.id))

    def compared(self) -> list[Compared]:
        """Return the published values that ours have the boundary and unit of."""
        return [each for value in self.values if (each := self.compare(value)) is not None]

    def compare(self, value: Published) -> Compared | None:
        if value.product != self.plan.id or value.boundary not in self.plan.entry["boundaries"]:
            return None
        if value.unit not in self.plan.entry["units"]:
            return None
        place = self.plan.place_of(value.region)
        case = Case(self.plan.id, value.boundary, place, value.options)
        factor = self.plan.entry["units"][value.unit]
        result = self.results[case]
        low, _, high = self.draws.intervals.get(case.id, (0.0, 0.0, 0.0))
        return Compared(
            value, case, result.total * result.in_unit(factor), None if factor else (low, high)
        )

    def cases(self) -> Iterator[Case]:
        """Yield the cases that an interval is drawn of."""
        for place in self.plan.entry["places"]:
            yield self.plan.headline(place)
        for choice, option, taken in self.routes():
            yield self.routed(choice, option, taken=taken)
        for value in self.values:
            compared = self.compare(value)
            if compared is not None and compared.interval is not None:
                yield compared.case
        for panel in self.plan.entry["panels"]:
            for place in panel.get("places", self.plan.entry["places"]):
                yield Case(self.plan.id, panel["boundary"], place)

    def interval(self, case: Case) -> str:
        low, middle, high = self.draws.intervals[case.id]
        return f"{span(low, high)} ({number(middle)})"

    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return lowest and highest score over places, and over routes at the template's sites."""
        places = [
            self.results[self.plan.headline(each)].total for each in self.plan.entry["places"]
        ]
        routes = [
            self.results[self.routed(choice, option, taken=taken)].total
            for choice, option, taken in self.routes()
        ]
        return (min(places), max(places)), (min(routes), max(routes))

    def moves(self) -> list[str]:
        """Return how far places, the widest choice and the widest input move the headline."""
        places, _ = self.ranges()
        choices: dict[str, list[float]] = {}
        for choice, option, taken in self.routes():
            total = self.results[self.routed(choice, option, taken=taken)].total
            choices.setdefault(choice, []).append(total)
        choice, totals = max(choices.items(), key=lambda item: max(item[1]) - min(item[1]))
        drivers = self.draws.drivers[self.plan.headline().id]
        driver = max(drivers, key=lambda each: abs(each["high"] - each["low"]))
        return [
            both(self.name),
            self.unit,
            number(places[1] - places[0]),
            f"{number(max(totals) - min(totals))} (`{choice}`)",
            f"{number(abs(driver['high'] - driver['low']))} (`{driver['id']}`)",
        ]

    # ---------------------------------------------------------------------------- tables

    def sites(self) -> list[str]:
        stages = [each for each in STAGES if each in self.headline.stages]
        rows = []
        for place in self.plan.entry["places"]:
            case = self.plan.headline(place)
            result = self.results[case]
            kwh, impact = result.electricity()
            rows.append(
                [
                    both(Words(**self.plan.places[place]["name"])),
                    f"**{number(result.total)}**",
                    self.interval(case),
                    *(number(result.stages[stage]) for stage in stages),
                    f"{number(kwh)} kWh, {100.0 * impact / result.total:.0f} %",
                ]
            )
        inside = set(self.headline.system.stages)
        names = [
            both(STAGES[stage]) + ("" if stage in inside else " (beside 另列)") for stage in stages
        ]
        head = [
            *self.texts.heads("sites", self.unit),
            *names,
            *self.texts.heads("sites_last"),
        ]
        return table(head, rows, "l")

    def route_table(self) -> list[str]:
        places = [each for each in self.plan.entry["places"] if "chain" in self.plan.places[each]]
        places = [each for each in places if "use" not in self.plan.places[each]][:3]
        base = self.headline.total
        rows = []
        for choice, option, taken in self.routes():
            result = self.results[self.routed(choice, option, taken=taken)]
            others = (
                self.results[self.routed(choice, option, taken=taken, place=place)].total
                for place in places
            )
            rows.append(
                [
                    f"`{choice}`",
                    f"{option}{' (default 默认)' if taken else ''}",
                    number(result.total),
                    NONE if taken else signed(result.total - base),
                    self.interval(self.routed(choice, option, taken=taken)),
                    *(number(other) for other in others),
                ]
            )
        head = [*self.texts.heads("routes", self.unit), *places]
        return table(head, rows, "ll")

    def inputs(self) -> list[str]:
        bought = sorted(self.headline.bought().items(), key=lambda item: -abs(item[1]))
        total = self.headline.total
        rows = [
            [self.item(name), number(value), f"{100.0 * value / total:.1f} %"]
            for name, value in bought[:MOST_INPUTS]
        ]
        rest = sum(value for _, value in bought[MOST_INPUTS:])
        count = len(bought) - MOST_INPUTS
        rows.append([f"{count} others 其余", number(rest), f"{100.0 * rest / total:.1f} %"])
        return table(self.texts.heads("inputs", self.unit), rows, "l")

    def item(self, name: str) -> str:
        activity = self.activities.get(name)
        if activity is not None:
            return f"{activity.name_en} {activity.name_zh}"
        flow = self.results.dataset.flows.get(name)
        if flow is not None:
            return f"{flow.name_en} {flow.name_zh}"
        for part in self.headline.model.parts:
            if part.product.product_id == name:
                return f"{part.product.name_en} {part.product.name_zh}"
        return name

    def drivers(self) -> list[str]:
        names = self._parameter_names()
        rows = []
        for each in self.draws.drivers[self.plan.headline().id]:
            name = names.get(each["id"])
            shown = f"`{each['id']}`: {both(name) if name else self._exchange(each)}"
            swing = span(each["low"], each["high"])
            amount, share = each["amount"], each["share"]
            rows.append(
                [shown, f"{number(amount)} {each['unit']}", f"{100.0 * share:.0f} %", swing]
            )
        head = self.texts.heads("drivers", self.unit)
        return table(head, rows, "l")

    def _exchange(self, driver: Mapping[str, Any]) -> str:
        """Name an exchange by its activity and, of an input, what it takes."""
        activity = self.item(driver["id"].rpartition(".")[0])
        item = driver["item"].partition("@")[0]
        return f"{activity} ← {self.item(item)}" if item in self.activities else activity

    @property
    def activities(self) -> Mapping[str, Activity]:
        return self.results.dataset.activities

    def _parameter_names(self) -> dict[str, Words]:
        model = self.headline.model
        found = {each.id: Words(each.name.en, each.name.zh) for each in model.parameters}
        for part in model.parts:
            for each in part.product.parameters:
                found[f"{part.id}__{each.id}"] = Words(each.name.en, each.name.zh)
        return found

    def published(self) -> list[str]:
        rows = []
        for each in self.compared():
            value = each.published
            options = (f"{choice}={option}" for choice, option in each.case.options)
            where = ", ".join((each.case.place, *options))
            meets = {None: NONE, True: "yes 是", False: "no 否"}[each.meets]
            rows.append(
                [
                    cited(value),
                    value.boundary,
                    f"{value.region}, {value.year_of_data}",
                    f"{value_of(value)} {value.unit.removeprefix('kg CO2e')}",
                    f"{number(each.ours)} ({where})",
                    f"{each.ratio:.2f}",
                    meets,
                    "yes 是" if value.independent else "no 否",
                    both(self.texts.kind("reasons", value.reason)),
                ]
            )
        head = self.texts.heads("published")
        return table(head, rows, "lll")

    def shares(self, shares: Sequence[PublishedShare]) -> list[str]:
        by_id = {each.published.id: each for each in self.compared()}
        rows = []
        for share in shares:
            if share.published_id not in by_id:
                continue
            value = by_id[share.published_id]
            case = Case(self.plan.id, value.published.boundary, share.place)
            rows.append(
                [
                    cited(value.published),
                    both(share.part),
                    f"{span(share.low, share.high)} %",
                    f"{self.results[case].share(share.ours):.1f} %",
                ]
            )
        if not rows:
            return []
        head = self.texts.heads("shares")
        return [*paragraphs(self.texts.say("shares_head")), *table(head, rows, "ll")]

    def notes(self, notes: Sequence[Note]) -> list[str]:
        lines = []
        for note in notes:
            if self.plan.id in note.products:
                source = linked(f"{note.source}, {note.year}", note.doi_or_url)
                lines.append(f"* {note.text.en} {note.text.zh} ({source})")
        values = [each.published for each in self.compared()]
        return [*lines, "", *folded(self.texts.say("remarks"), remarks(values))]

    def position(self) -> list[str]:
        """Return the row of the summary."""
        compared = [
            each
            for each in self.compared()
            if each.published.boundary == self.plan.headline().boundary
            and each.published.unit == self.unit
        ]
        centres = [each.published.centre for each in compared]
        sites, routes = self.ranges()
        case = self.plan.headline()
        return [
            both(self.name),
            self.unit,
            f"**{number(self.headline.total)}**",
            self.interval(case),
            span(*sites),
            span(*routes),
            f"{span(min(centres), max(centres))}, median 中位 {number(median(centres))} "
            f"({len(centres)})",
            f"{sum(bool(each.meets) for each in compared)} of {len(compared)}",
        ]


def remarks(values: Sequence[Published]) -> list[str]:
    """Write what is known of published values, those with the same remark together."""
    found: dict[tuple[Words, str], list[Published]] = {}
    for value in values:
        found.setdefault((value.note, value.source), []).append(value)
    lines = []
    for (note, _), group in found.items():
        ids = ", ".join(f"`{value.id}`" for value in group)
        locators = "; ".join(dict.fromkeys(value.locator for value in group))
        first = group[0]
        source = linked(f"{first.source}, {first.year}", first.doi_or_url)
        lines.append(f"* {ids}: {both(note)} ({source}; {locators}; {first.confidence})")
    return lines
