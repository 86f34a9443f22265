"""What can be wrong with an inventory model, each with a stable code and both languages."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Violation


@dataclass(eq=False)
class NotAnObject(Violation):
    """An object in braces was expected."""

    code: ClassVar[str] = "footprint.model.not_an_object"
    en: ClassVar[str] = "{location} must be an object. Write its fields in braces."
    zh: ClassVar[str] = "{location}：必须为对象，请用花括号书写其字段。"


@dataclass(eq=False)
class NotABoolean(Violation):
    """True or false was expected."""

    code: ClassVar[str] = "footprint.model.not_a_boolean"
    en: ClassVar[str] = "{location} must be true or false, without quotation marks."
    zh: ClassVar[str] = "{location}：必须为 true 或 false，不加引号。"


@dataclass(eq=False)
class NotWhole(Violation):
    """A whole number was expected."""

    code: ClassVar[str] = "footprint.model.not_whole"
    en: ClassVar[str] = "{location}: {value} is not a whole number. Leave out the fraction."
    zh: ClassVar[str] = "{location}：{value} 不是整数，请去掉小数部分。"

    value: float


@dataclass(eq=False)
class NotOneField(Violation):
    """None or several of fields that exclude each other."""

    code: ClassVar[str] = "footprint.model.not_one_field"
    en: ClassVar[str] = "{location} takes exactly one of: {allowed}."
    zh: ClassVar[str] = "{location}：须且只能包含以下之一：{allowed}。"

    allowed: tuple[str, ...]


@dataclass(eq=False)
class TakenPlace(Violation):
    """The same id, or the same thing changed, twice."""

    code: ClassVar[str] = "footprint.model.duplicate"
    en: ClassVar[str] = "{location}: {value!r} already stands at {first}. Rename or remove one."
    zh: ClassVar[str] = "{location}：{value!r} 已出现在 {first}，请改名或删除其一。"

    value: str
    first: str


@dataclass(eq=False)
class UnknownReference(Violation):
    """Nothing of the kind has this id."""

    code: ClassVar[str] = "footprint.model.unknown_reference"
    en: ClassVar[str] = "{location}: there is no {thing} {value!r}.{hint_en}"
    zh: ClassVar[str] = "{location}：没有{thing_zh} {value!r}。{hint_zh}"

    thing: str
    thing_zh: str
    value: str
    hint_en: str
    hint_zh: str


@dataclass(eq=False)
class UnfitName(Violation):
    """A parameter that no formula could name."""

    code: ClassVar[str] = "footprint.model.unfit_name"
    en: ClassVar[str] = (
        "{location}: {value!r} cannot be a parameter's name. Use letters a to z, digits and "
        "underscores, none of: {reserved}."
    )
    zh: ClassVar[str] = (
        "{location}：{value!r} 不能作为参数名。请使用英文字母、数字和下划线，且不得为：{reserved}。"
    )

    value: str
    reserved: tuple[str, ...]


@dataclass(eq=False)
class ZeroAmount(Violation):
    """A demand of nothing."""

    code: ClassVar[str] = "footprint.model.zero_amount"
    en: ClassVar[str] = "{location} is zero, so there is nothing to compute. Give another amount."
    zh: ClassVar[str] = "{location}：数量为零，没有可计算的内容。请填写其他数量。"


@dataclass(eq=False)
class UnfitUncertainty(Violation):
    """An uncertainty that the amount cannot have."""

    code: ClassVar[str] = "footprint.model.unfit_uncertainty"
    en: ClassVar[str] = "{location} does not fit: {rule_en}."
    zh: ClassVar[str] = "{location}：不合理，{rule_zh}。"

    rule_en: str
    rule_zh: str


@dataclass(eq=False)
class UnfitProbabilities(Violation):
    """Probabilities of options that do not sum to one."""

    code: ClassVar[str] = "footprint.model.unfit_probabilities"
    en: ClassVar[str] = (
        "{location}: probabilities are 0 to 1 and sum to 1, here to {total}. Give one to each "
        "option, or to none: the default is then certain."
    )
    zh: ClassVar[str] = (
        "{location}：各概率须在 0 至 1 之间且总和为 1，目前总和为 {total}。请为每个选项给出概"
        "率，或全部省略（此时确定采用默认选项）。"
    )

    total: float


@dataclass(eq=False)
class FormulaSyntax(Violation):
    """A formula that cannot be read."""

    code: ClassVar[str] = "footprint.model.formula_syntax"
    en: ClassVar[str] = (
        "{location}: {formula!r} cannot be read at character {position}: {found!r} where "
        "{expected_en} is expected."
    )
    zh: ClassVar[str] = (
        "{location}：无法解析 {formula!r}，第 {position} 个字符处为 {found!r}，此处应为"
        "{expected_zh}。"
    )

    formula: str
    position: int
    found: str
    expected_en: str
    expected_zh: str

    def message(self, language: str = "en") -> str:
        """Say the error; of a formula that ends too early, that it ends."""
        text = Violation.message(self, language)
        if self.found:
            return text
        empty, end = ("处为 ''", "处公式已结束") if language == "zh" else (": '' ", ": the end ")
        before, _, after = text.rpartition(empty)
        return f"{before}{end}{after}"


@dataclass(eq=False)
class CyclicParameters(Violation):
    """Parameters whose formulas use each other."""

    code: ClassVar[str] = "footprint.model.cyclic_parameters"
    en: ClassVar[str] = (
        "{location}: these parameters are computed from each other: {names}. Give one of them an "
        "amount."
    )
    zh: ClassVar[str] = "{location}：以下参数相互引用：{names}。请为其中之一填写数值。"

    names: tuple[str, ...]


@dataclass(eq=False)
class FormulaNotFinite(Violation):
    """A formula without a finite value: a division by zero, a root of a negative number."""

    code: ClassVar[str] = "footprint.model.formula_not_finite"
    en: ClassVar[str] = (
        "{location}: {formula!r} has no finite value with {values}. Look for a division by zero, "
        "a root or logarithm of what is not positive, or an overflow."
    )
    zh: ClassVar[str] = (
        "{location}：{formula!r} 在 {values} 时没有有限值。请检查是否除以零、对非正数开方或取"
        "对数，或数值溢出。"
    )

    formula: str
    values: tuple[str, ...]


@dataclass(eq=False)
class ProductWithoutActivity(Violation):
    """A product that no activity is there for: the system would not be square."""

    code: ClassVar[str] = "footprint.model.product_without_activity"
    en: ClassVar[str] = (
        "{location}: no activity has {product!r} as its product. Add one that makes it, or one "
        "that treats it if it is waste."
    )
    zh: ClassVar[str] = (
        "{location}：没有以 {product!r} 为参考产品的活动。请添加生产它的活动；若为废物，请添"
        "加处理它的活动。"
    )

    product: str


@dataclass(eq=False)
class ProductOfSeveral(Violation):
    """A product that several activities are there for: the system would not be square."""

    code: ClassVar[str] = "footprint.model.product_of_several"
    en: ClassVar[str] = (
        "{location}: {product!r} is the product of several activities: {activities}. Give each "
        "its own product, and mix them in a market activity."
    )
    zh: ClassVar[str] = (
        "{location}：{product!r} 同时是多个活动的参考产品：{activities}。请为每个活动设置各自"
        "的产品，再由市场活动混合。"
    )

    product: str
    activities: tuple[str, ...]


@dataclass(eq=False)
class ReferenceNotExchanged(Violation):
    """An activity that neither makes nor takes on balance what it is there for."""

    code: ClassVar[str] = "footprint.model.reference_not_exchanged"
    en: ClassVar[str] = (
        "{location}: {activity!r} neither gives nor takes {product!r} on balance. Give an output "
        "of it (an input, if the activity treats it as waste), other than zero."
    )
    zh: ClassVar[str] = (
        "{location}：{activity!r} 的 {product!r} 净产出为零。请填写非零的产出（若处理废物，则填写投"
        "入）。"
    )

    activity: str
    product: str


@dataclass(eq=False)
class OutOfPlace(Violation):
    """A field that has no meaning where it stands."""

    code: ClassVar[str] = "footprint.model.out_of_place"
    en: ClassVar[str] = "{location} cannot stand here: {rule_en}."
    zh: ClassVar[str] = "{location}：不能出现在此处，{rule_zh}。"

    rule_en: str
    rule_zh: str


@dataclass(eq=False)
class SampledFormulaNotFinite(GreenchainError):
    """A formula that has a value by its parameters' amounts, but not for all that are drawn."""

    code: ClassVar[str] = "footprint.model.sampled_formula_not_finite"
    en: ClassVar[str] = (
        "{formula!r} of {name} has no finite value in sample {sample}, with {values}. Narrow the "
        "uncertainty of what it uses, or bound the formula by min, max or a conditional."
    )
    zh: ClassVar[str] = (
        "{name} 的公式 {formula!r} 在第 {sample} 个样本（{values}）中没有有限值。请缩小所用参"
        "数的不确定性，或用 min、max 或条件表达式限制该公式。"
    )

    formula: str
    name: str
    sample: int
    values: tuple[str, ...]
