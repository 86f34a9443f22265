"""What can be found in a dataset whose rows all hold: errors, and warnings to look at."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import InvalidInput, Kind, Violation


@dataclass(eq=False)
class Finding(Violation, abstract=True):
    """Base of what a check of a dataset finds."""

    is_error: ClassVar[bool] = True


@dataclass(eq=False)
class UnsoundDataset(InvalidInput):
    """Every row can be read, but together they do not hold."""

    code: ClassVar[str] = "footprint.dataset.unsound"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "The rows of the dataset do not hold together. Mend these; warnings are shown once nothing "
        "is wrong. Findings:"
    )
    zh: ClassVar[str] = "数据集各行之间存在矛盾。请先更正以下问题，之后才会显示警告："


@dataclass(eq=False)
class ElementGained(Finding):
    """An activity gives more of an element than it takes."""

    code: ClassVar[str] = "footprint.dataset.element_gained"
    en: ClassVar[str] = (
        "{location}: {activity_id} takes {taken:.4g} kg of {element} and gives {given:.4g} kg "
        "(product {product:.4g}, emissions {emitted:.4g}). Raise its inputs ({inputs}), correct "
        "the contents in compositions.csv, or say in balance_notes.csv why it is so."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 投入 {element} {taken:.4g} kg，产出 {given:.4g} kg（产品 "
        "{product:.4g}，排放 {emitted:.4g}）。请提高投入（{inputs}）、更正 compositions.csv 中的"
        "含量，或在 balance_notes.csv 中说明原因。"
    )

    activity_id: str
    element: str
    taken: float
    given: float
    product: float
    emitted: float
    inputs: tuple[str, ...]


@dataclass(eq=False)
class ElementEmittedMore(ElementGained):
    """An activity emits more of an element than its inputs bring; its product has none."""

    is_error: ClassVar[bool] = False
    code: ClassVar[str] = "footprint.dataset.element_emitted_more"


@dataclass(eq=False)
class ElementLost(Finding):
    """An activity loses much of an element."""

    is_error: ClassVar[bool] = False
    code: ClassVar[str] = "footprint.dataset.element_lost"
    en: ClassVar[str] = (
        "{location}: {activity_id} loses {loss_percent:.0f} % of its {element}: {taken:.4g} kg go "
        "in ({inputs}), {product:.4g} kg are in the product, {emitted:.4g} kg are emitted. Check "
        "the yield, or say in balance_notes.csv where the rest goes."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 损失 {loss_percent:.0f} % 的 {element}：投入 {taken:.4g} kg"
        "（{inputs}），产品含 {product:.4g} kg，排放 {emitted:.4g} kg。请核对收率，或在 "
        "balance_notes.csv 中说明其余去向。"
    )

    activity_id: str
    element: str
    taken: float
    product: float
    emitted: float
    loss_percent: float
    inputs: tuple[str, ...]


@dataclass(eq=False)
class MissingFactor(Finding):
    """A greenhouse gas that one climate method counts and another one forgets."""

    code: ClassVar[str] = "footprint.dataset.missing_factor"
    en: ClassVar[str] = (
        "{location}: {method_id} has no factor for {flow_id}, which other climate methods count. "
        "Add a row, with factor 0 where the method leaves it out."
    )
    zh: ClassVar[str] = (
        "{location}：{method_id} 缺少 {flow_id} 的因子，而其他气候方法计入该流。请补充一行；若该"
        "方法不计入，因子填 0。"
    )

    method_id: str
    flow_id: str


@dataclass(eq=False)
class AggregateCounted(Finding):
    """A method of another horizon counts totals that are GWP100 of their sources."""

    code: ClassVar[str] = "footprint.dataset.aggregate_counted"
    en: ClassVar[str] = (
        "{location}: {method_id} counts {flow_id}, which is the GWP100 of its sources and cannot "
        "be told apart by gas. Remove the row; results show that part beside the method."
    )
    zh: ClassVar[str] = (
        "{location}：{method_id} 计入了 {flow_id}，该流为来源的 GWP100，无法按气体拆分。请删除该"
        "行；结果会在该方法旁单独列出这一部分。"
    )

    method_id: str
    flow_id: str


@dataclass(eq=False)
class CoverageMissing(Finding):
    """Activities of which nobody says whether their data support a category."""

    is_error: ClassVar[bool] = False
    code: ClassVar[str] = "footprint.dataset.coverage_missing"
    en: ClassVar[str] = (
        "{location}: {count} of {of} activities have no row for {method_id} and count as `none`, "
        "e.g. {examples}. Add a row with full, partial or none and the reason."
    )
    zh: ClassVar[str] = (
        "{location}：{of} 个活动中有 {count} 个没有 {method_id} 的行，按 none 计，例如 "
        "{examples}。请补充 full、partial 或 none 及原因。"
    )

    method_id: str
    count: int
    of: int
    examples: tuple[str, ...]


@dataclass(eq=False)
class MixBreaksRule(Finding):
    """A Chinese mix that does not follow from the direct factor of its region and year."""

    code: ClassVar[str] = "footprint.dataset.mix_breaks_rule"
    en: ClassVar[str] = (
        "{location}: {activity_id} takes {amount:.6g} kWh of {part}; the direct factors of {year} "
        "give {expected:.6f} for {region} (fossil share {direct:g} / {fossil:g}). Write "
        "{expected:.6f}."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 取用 {part} {amount:.6g} kWh；按 {year} 年直接因子，{region} 应"
        "为 {expected:.6f}（化石比例 {direct:g} / {fossil:g}）。请填写 {expected:.6f}。"
    )

    activity_id: str
    part: str
    amount: float
    expected: float
    region: str
    year: int
    direct: float
    fossil: float


@dataclass(eq=False)
class MixWithoutFactor(Finding):
    """A Chinese mix of a year with direct factors, whose region has none."""

    code: ClassVar[str] = "footprint.dataset.mix_without_factor"
    en: ClassVar[str] = (
        "{location}: {region} has a market in {year}, but no direct factor to derive it from. Add "
        "the factor to electricity_direct_factors.csv, or remove the market."
    )
    zh: ClassVar[str] = (
        "{location}：{region} 有 {year} 年的市场，却没有可据以推算的直接因子。请在 "
        "electricity_direct_factors.csv 中补充因子，或删除该市场。"
    )

    region: str
    year: int


@dataclass(eq=False)
class FactorWithoutMix(Finding):
    """A direct factor of a year with Chinese markets, whose region has no market."""

    code: ClassVar[str] = "footprint.dataset.factor_without_mix"
    en: ClassVar[str] = (
        "{location}: {region} has a direct factor of {year}, but no market. Add its mix to "
        "activities.csv and exchanges.csv and name it in markets.csv, or remove the factor."
    )
    zh: ClassVar[str] = (
        "{location}：{region} 有 {year} 年的直接因子，却没有市场。请在 activities.csv 与 "
        "exchanges.csv 中补充其电力结构并在 markets.csv 中列出，或删除该因子。"
    )

    region: str
    year: int


@dataclass(eq=False)
class TooManyCited(Finding):
    """More single amounts of one report than may be cited as facts."""

    code: ClassVar[str] = "footprint.dataset.too_many_cited"
    en: ClassVar[str] = (
        "{location}: {count} rows cite {source_id}, whose terms were not read; at most {most} may "
        "stand as single facts. Replace some by a free source."
    )
    zh: ClassVar[str] = (
        "{location}：有 {count} 行引用 {source_id}，其许可未读到；作为单个事实最多 {most} 行。请以"
        "自由来源替换部分行。"
    )

    source_id: str
    count: int
    most: int


@dataclass(eq=False)
class UnsolvableDataset(Finding):
    """The system of all activities has no solution, or gives nothing net."""

    code: ClassVar[str] = "footprint.dataset.unsolvable"
    en: ClassVar[str] = "{location}: with every activity in its default place: {reason_en}"
    zh: ClassVar[str] = "{location}：所有活动置于默认地点时：{reason_zh}"

    reason_en: str
    reason_zh: str
