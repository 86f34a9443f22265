"""Mistakes in the rows that the footprint service is given, each with a stable code, bilingual."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import Violation
from footprint.domain.regions import advice


@dataclass(eq=False)
class MissingField(Violation):
    """A required field is absent or empty."""

    code: ClassVar[str] = "footprint.input.missing_field"
    en: ClassVar[str] = "{location} is empty. Give a value."
    zh: ClassVar[str] = "{location}：不能为空，请填写。"


@dataclass(eq=False)
class UnknownField(Violation):
    """The format has no such field."""

    code: ClassVar[str] = "footprint.input.unknown_field"
    en: ClassVar[str] = (
        "{location} is not part of the format. Remove it or mend its name. Fields: {known}."
    )
    zh: ClassVar[str] = "{location}：不属于该格式，请删除或更正名称。可用字段：{known}。"

    known: tuple[str, ...]


@dataclass(eq=False)
class NotText(Violation):
    """A text was expected."""

    code: ClassVar[str] = "footprint.input.not_text"
    en: ClassVar[str] = "{location} must be a text. {advice_en}"
    zh: ClassVar[str] = "{location}：必须为文本。{advice_zh}"

    advice_en: str = "Put it in quotation marks."
    advice_zh: str = "请加引号。"


@dataclass(eq=False)
class UnfitText(Violation):
    """Too long for what it says, or with characters that nobody sees."""

    code: ClassVar[str] = "footprint.input.unfit_text"
    en: ClassVar[str] = (
        "{location} takes a text of at most {longest} characters, without control characters. "
        "Shorten or retype it."
    )
    zh: ClassVar[str] = (
        "{location}：须为不超过 {longest} 个字符且不含控制字符的文本。请缩短或重新输入。"
    )

    longest: int


@dataclass(eq=False)
class TooMany(Violation):
    """More entries than a list may have."""

    code: ClassVar[str] = "footprint.input.too_many"
    en: ClassVar[str] = (
        "{location} has {count} entries; at most {most} are computed. Merge or remove some."
    )
    zh: ClassVar[str] = "{location}：有 {count} 项，最多计算 {most} 项。请合并或删减。"

    count: int
    most: int


@dataclass(eq=False)
class NotAList(Violation):
    """A list was expected."""

    code: ClassVar[str] = "footprint.input.not_a_list"
    en: ClassVar[str] = "{location} must be a list of {elements}. Write it in square brackets."
    zh: ClassVar[str] = "{location}：必须为列表，元素类型：{elements}。请用方括号书写。"

    elements: str


@dataclass(eq=False)
class NotANumber(Violation):
    """A number was expected."""

    code: ClassVar[str] = "footprint.input.not_a_number"
    en: ClassVar[str] = "{location}: {value!r} is not a number. Write e.g. 0.5 or 1.2e-3."
    zh: ClassVar[str] = "{location}：{value!r} 不是数值。请写成 0.5 或 1.2e-3 的形式。"

    value: str


@dataclass(eq=False)
class NonFiniteAmount(Violation):
    """NaN, infinite, or too large for a float64."""

    code: ClassVar[str] = "footprint.input.non_finite_amount"
    en: ClassVar[str] = (
        "{location}: {value} is not a finite number. Give a decimal number such as 0.5."
    )
    zh: ClassVar[str] = "{location}：{value} 不是有限数值。请填写十进制数，例如 0.5。"

    value: str


@dataclass(eq=False)
class NegativeAmount(Violation):
    """An input, an emission or an output below zero."""

    code: ClassVar[str] = "footprint.input.negative_amount"
    en: ClassVar[str] = "{location}: {value} is negative. Give zero or more."
    zh: ClassVar[str] = "{location}：{value} 为负数。请填写大于或等于零的数。"

    value: float


@dataclass(eq=False)
class BadUncertainty(Violation):
    """Parameters of an uncertainty that no distribution has."""

    code: ClassVar[str] = "footprint.input.bad_uncertainty"
    en: ClassVar[str] = (
        "{location}: {value} does not fit. Give a gsd of 1 or more, and an amount between min and "
        "max."
    )
    zh: ClassVar[str] = (
        "{location}：{value} 不合理。gsd 请填写大于或等于 1 的数，数量须在 min 与 max 之间。"
    )

    value: float


@dataclass(eq=False)
class UnknownUnit(Violation):
    """The unit is not one of the platform's."""

    code: ClassVar[str] = "footprint.input.unknown_unit"
    en: ClassVar[str] = "{location}: unit {unit!r} is unknown. Use a unit like {expected}."
    zh: ClassVar[str] = "{location}：未知单位 {unit!r}。请使用与 {expected} 同类的单位。"

    unit: str
    expected: str


@dataclass(eq=False)
class WrongDimension(Violation):
    """The unit measures another quantity than the unit of what is exchanged."""

    code: ClassVar[str] = "footprint.input.wrong_dimension"
    en: ClassVar[str] = (
        "{location}: {item_id} is measured in {expected}; {unit} measures something else. Give the "
        "amount in {expected} or a multiple of it."
    )
    zh: ClassVar[str] = (
        "{location}：{item_id} 以 {expected} 计量，{unit} 不是同一种量。请以 {expected} 或其倍数单"
        "位填写数量。"
    )

    item_id: str
    unit: str
    expected: str


@dataclass(eq=False)
class NotOneOf(Violation):
    """A value outside a closed list."""

    code: ClassVar[str] = "footprint.input.not_one_of"
    en: ClassVar[str] = "{location}: {value!r} is not a possible value. Use one of: {allowed}."
    zh: ClassVar[str] = "{location}：{value!r} 不是可选值。请使用以下之一：{allowed}。"

    value: str
    allowed: tuple[str, ...]


@dataclass(eq=False)
class UnlinkedInput(Violation):
    """No activity, flow or intermediate has this id."""

    code: ClassVar[str] = "footprint.input.unlinked"
    en: ClassVar[str] = (
        "{location}: nothing in the dataset is called {item_id!r}. Use an id of the dataset or of "
        "an intermediate."
    )
    zh: ClassVar[str] = "{location}：数据集中没有 {item_id!r}。请使用数据集或中间产品中的标识。"

    item_id: str
    closest: str

    def message(self, language: str = "en") -> str:
        """Say the error, with the most similar known id if there is one."""
        text = Violation.message(self, language)
        if not self.closest:
            return text
        hint = (
            f"您是否指 {self.closest}？" if language == "zh" else f" Did you mean {self.closest}?"
        )
        return text + hint


@dataclass(eq=False)
class RetiredActivity(Violation):
    """An id that earlier versions of the dataset had."""

    code: ClassVar[str] = "footprint.input.retired"
    en: ClassVar[str] = (
        "{location}: {item_id!r} is not in the dataset since version {version}: {reason_en}. "
        "Use {successor!r} instead."
    )
    zh: ClassVar[str] = (
        "{location}：自版本 {version} 起数据集不再包含 {item_id!r}：{reason_zh}。请改用 "
        "{successor!r}。"
    )

    item_id: str
    successor: str
    version: str
    reason_en: str
    reason_zh: str


@dataclass(eq=False)
class Duplicate(Violation):
    """The same id twice."""

    code: ClassVar[str] = "footprint.input.duplicate"
    en: ClassVar[str] = "{location}: {value!r} already stands in row {first_row}. Remove one."
    zh: ClassVar[str] = "{location}：{value!r} 已出现在第 {first_row} 行，请删除其一。"

    value: str
    first_row: int


@dataclass(eq=False)
class TakenId(Violation):
    """An id that the dataset already uses for something else."""

    code: ClassVar[str] = "footprint.input.taken_id"
    en: ClassVar[str] = "{location}: {value!r} already names something else. Choose another id."
    zh: ClassVar[str] = "{location}：{value!r} 已被占用，请更换标识。"

    value: str


@dataclass(eq=False)
class UnlinkedIntermediate(Violation):
    """An intermediate that nothing goes into, or that goes into nothing of the product."""

    code: ClassVar[str] = "footprint.bom.unlinked_intermediate"
    en: ClassVar[str] = (
        "{location}: {intermediate_id} needs a line of its own, and lines by which it gets into "
        "the product, directly or within other parts. Add them, or remove the part."
    )
    zh: ClassVar[str] = (
        "{location}：{intermediate_id} 须至少有一行自身的投入，并直接或经由其他部件进入产品。请补充"
        "，或删除该部件。"
    )

    intermediate_id: str


@dataclass(eq=False)
class UnusedPart(Violation):
    """A part that no line takes: it would count nothing."""

    code: ClassVar[str] = "footprint.bom.unused_part"
    en: ClassVar[str] = (
        "{location}: no line gets {part_id} into the product. Add a line that names it as its "
        "input, or remove the part."
    )
    zh: ClassVar[str] = (
        "{location}：没有任何行使 {part_id} 进入产品。请添加以其为投入的行，或删除该部件。"
    )

    part_id: str


@dataclass(eq=False)
class SelfLoop(Violation):
    """A thing that is made of itself."""

    code: ClassVar[str] = "footprint.bom.self_loop"
    en: ClassVar[str] = "{location}: {item_id} is listed as an input of itself. Remove the line."
    zh: ClassVar[str] = "{location}：{item_id} 被列为自身的投入，请删除该行。"

    item_id: str


@dataclass(eq=False)
class UnknownStage(Violation):
    """A stage that the boundary does not name."""

    code: ClassVar[str] = "footprint.bom.unknown_stage"
    en: ClassVar[str] = (
        "{location}: stage {stage!r} is not in the boundary. Add it there, or use one of: {known}."
    )
    zh: ClassVar[str] = (
        "{location}：系统边界中没有阶段 {stage!r}。请在边界中添加，或使用以下之一：{known}。"
    )

    stage: str
    known: tuple[str, ...]


@dataclass(eq=False)
class StageOfIntermediate(Violation):
    """A line of an intermediate names a stage."""

    code: ClassVar[str] = "footprint.bom.stage_of_intermediate"
    en: ClassVar[str] = (
        "{location} must be empty: a line of {consumer_id} counts in the stage that consumes it. "
        "Remove the stage."
    )
    zh: ClassVar[str] = (
        "{location}：此处须留空，{consumer_id} 的投入计入消耗它的阶段。请删除该阶段。"
    )

    consumer_id: str


@dataclass(eq=False)
class BadReferenceFlow(Violation):
    """The declared unit is zero, negative or not finite."""

    code: ClassVar[str] = "footprint.product.bad_reference_flow"
    en: ClassVar[str] = (
        "{location}: a declared unit of {value} cannot be computed. Give an amount above zero."
    )
    zh: ClassVar[str] = "{location}：无法以 {value} 作为声明单位的数量。请填写大于零的数。"

    value: str


@dataclass(eq=False)
class EmptyBillOfMaterials(Violation):
    """There is no line at all."""

    code: ClassVar[str] = "footprint.bom.empty"
    en: ClassVar[str] = "The bill of materials has no lines. Add at least one input."
    zh: ClassVar[str] = "物料清单没有任何行，请至少添加一项投入。"


@dataclass(eq=False)
class UnknownRegion(Violation):
    """The dataset has no electricity market for the region."""

    code: ClassVar[str] = "footprint.input.unknown_region"
    en: ClassVar[str] = "{location}: no electricity market is known for {region!r}"
    zh: ClassVar[str] = "{location}：没有 {region!r}"

    region: str
    known: tuple[str, ...]
    year: int | None = None
    years: tuple[int, ...] = ()

    def message(self, language: str = "en") -> str:
        """Say the error, with the year if one is meant; other years, and regions of this one."""
        text = Violation.message(self, language)
        if language == "zh":
            text += f" {'' if self.year is None else f'{self.year} 年'}的电力市场数据。"
        else:
            text += f"{'' if self.year is None else f' in {self.year}'}. "
        return text + advice(self.known, self.years, language)


@dataclass(eq=False)
class UnfitEquivalent(Violation):
    """Another unit that no declared units make."""

    code: ClassVar[str] = "footprint.product.unfit_equivalent"
    en: ClassVar[str] = (
        "{location}: {value} is no number of declared units above zero. Give an amount, or a "
        "formula with a finite value, above zero."
    )
    zh: ClassVar[str] = (
        "{location}：{value} 不是大于零的声明单位数量。请填写大于零的数，或取值有限且大于零的公式。"
    )

    value: str


@dataclass(eq=False)
class SiteWithoutEffect(Violation):
    """A site is given to something that is not instantiated per region."""

    code: ClassVar[str] = "footprint.site.without_effect"
    en: ClassVar[str] = (
        "{location}: {activity_id} is not a unit process, so a region would change nothing. Remove "
        "the row."
    )
    zh: ClassVar[str] = "{location}：{activity_id} 不是单元过程，指定地区不会产生作用。请删除该行。"

    activity_id: str
