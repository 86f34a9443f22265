"""Activities of the dataset beside published values of the same products."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.validation.markdown import NONE, both, cited, folded, number, span, table, value_of
from tools.validation.products import remarks
from tools.validation.published import Published
from tools.validation.results import Results
from tools.validation.texts import Texts, paragraphs

#: Boundaries that a unit of an activity has.
BOUNDARIES = ("cradle_to_gate", "electricity_life_cycle")
#: Inputs and emissions of an activity that are named.
MOST_PARTS = 3
#: Share of an activity's score below which a part is not named [-].
SMALLEST = 0.005


@dataclass(frozen=True)
class Background:
    """All published values that are about activities."""

    results: Results
    values: Sequence[Published]
    texts: Texts

    def compared(self) -> Iterator[Published]:
        """Yield the published values of which ours have boundary and unit."""
        for value in self.values:
            if value.counterparts and value.boundary in BOUNDARIES and self.fits(value):
                yield value

    def fits(self, value: Published) -> bool:
        """Whether our activities are in the unit of the published value."""
        activities = self.results.dataset.activities
        units = {activities[each].unit for each in value.counterparts}
        return units == {value.unit.removeprefix("kg CO2e/")}

    def place(self, value: Published) -> str:
        """Where our activity stands for a comparison."""
        return value.region if value.region in self.results.dataset.regions() else "CN"

    def ours(self, value: Published) -> list[float]:
        """Return our scores for a published value [its unit]."""
        place = self.place(value)
        return [self.results.unit_score(each, place) for each in value.counterparts]

    def overview(self) -> list[str]:
        """Return one row for each activity: ours beside the range of independent values."""
        found: dict[str, list[Published]] = defaultdict(list)
        for value in self.compared():
            for each in value.counterparts:
                found[each].append(value)
        rows = []
        for activity_id, values in sorted(found.items()):
            activity = self.results.dataset.activities[activity_id]
            ours = self.results.unit_score(activity_id, "CN")
            bounds = [each.bounds for each in values if each.independent]
            low = min((bound[0] for bound in bounds), default=None)
            high = max((bound[1] for bound in bounds), default=None)
            if low is None or high is None:
                where, given = "no independent value 无独立值", NONE
            else:
                given = f"{span(low, high)} ({len(bounds)})"
                where = (
                    "inside 在内"
                    if low <= ours <= high
                    else ("below 低于" if ours < low else "above 高于")
                )
                if low == high:
                    where = f"ours ÷ theirs {ours / low:.2f}"
            rows.append(
                [
                    f"`{activity_id}`: {activity.name_en} {activity.name_zh}",
                    f"{number(ours)} / {activity.unit}",
                    self.consists(activity_id),
                    given,
                    where,
                    f"{len(values) - len(bounds)}",
                ]
            )
        head = self.texts.heads("overview")
        return table(head, rows, "lrl")

    def consists(self, activity_id: str) -> str:
        """Tell the largest parts of an activity's score: what it buys and emits itself."""
        parts = sorted(self.results.parts(activity_id).items(), key=lambda item: -abs(item[1]))
        total = sum(value for _, value in parts)
        return ", ".join(
            f"`{name}` {100.0 * value / total:.0f} %"
            for name, value in parts[:MOST_PARTS]
            if abs(value) > SMALLEST * total
        )

    def detail(self) -> list[str]:
        """Return one row for each published value."""
        rows = []
        for value in self.compared():
            ours = self.ours(value)
            rows.append(
                [
                    cited(value),
                    " ".join(f"`{each}`" for each in value.counterparts),
                    f"{value.region}, {value.year_of_data}",
                    f"{value_of(value)} {value.unit.removeprefix('kg CO2e')}",
                    " ".join(number(each) for each in ours),
                    " ".join(f"{each / value.centre:.2f}" for each in ours),
                    "yes 是" if value.independent else f"no 否: `{value.used_in[0]}`",
                    both(self.texts.kind("reasons", value.reason)),
                ]
            )
        head = self.texts.heads("detail")
        return table(head, rows, "lll")

    def section(self) -> list[str]:
        return [
            *paragraphs(self.texts.say("background")),
            *self.overview(),
            *self.detail(),
            *folded(self.texts.say("remarks"), remarks(list(self.compared()))),
        ]
