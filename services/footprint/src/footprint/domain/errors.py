"""Mistakes in what the footprint service is given, each with a stable code and both languages."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class MissingField(Violation):
    """A required field is absent or empty."""

    code: ClassVar[str] = "footprint.input.missing_field"
    en: ClassVar[str] = "{location} is empty. Give a value."
    zh: ClassVar[str] = "{location}为空，请填写。"


@dataclass(eq=False)
class UnknownField(Violation):
    """The format has no such field."""

    code: ClassVar[str] = "footprint.input.unknown_field"
    en: ClassVar[str] = "{location} is not part of the format. Fields: {known}."
    zh: ClassVar[str] = "{location}不属于该格式。可用字段：{known}。"

    known: tuple[str, ...]


@dataclass(eq=False)
class NotText(Violation):
    """A text was expected."""

    code: ClassVar[str] = "footprint.input.not_text"
    en: ClassVar[str] = "{location} must be a text."
    zh: ClassVar[str] = "{location}必须为文本。"


@dataclass(eq=False)
class UnfitText(Violation):
    """Too long for what it says, or with characters that nobody sees."""

    code: ClassVar[str] = "footprint.input.unfit_text"
    en: ClassVar[str] = (
        "{location} takes a text of at most {longest} characters, without control characters."
    )
    zh: ClassVar[str] = "{location}须为不超过 {longest} 个字符且不含控制字符的文本。"

    longest: int


@dataclass(eq=False)
class TooMany(Violation):
    """More entries than a list may have."""

    code: ClassVar[str] = "footprint.input.too_many"
    en: ClassVar[str] = "{location} has {count} entries; at most {most} are computed."
    zh: ClassVar[str] = "{location}有 {count} 项，最多计算 {most} 项。"

    count: int
    most: int


@dataclass(eq=False)
class NotAList(Violation):
    """A list was expected."""

    code: ClassVar[str] = "footprint.input.not_a_list"
    en: ClassVar[str] = "{location} must be a list of {elements}."
    zh: ClassVar[str] = "{location}必须为列表，元素类型：{elements}。"

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
    en: ClassVar[str] = "{location}: {value} is not a finite number."
    zh: ClassVar[str] = "{location}：{value} 不是有限数值。"

    value: str


@dataclass(eq=False)
class NegativeAmount(Violation):
    """An input, an emission or an output below zero."""

    code: ClassVar[str] = "footprint.input.negative_amount"
    en: ClassVar[str] = "{location}: {value} is negative. An amount is zero or more."
    zh: ClassVar[str] = "{location}：{value} 为负数。数量须大于或等于零。"

    value: float


@dataclass(eq=False)
class BadUncertainty(Violation):
    """Parameters of an uncertainty that no distribution has."""

    code: ClassVar[str] = "footprint.input.bad_uncertainty"
    en: ClassVar[str] = (
        "{location}: {value} does not fit. A gsd is 1 or more; an amount lies between min and max."
    )
    zh: ClassVar[str] = "{location}：{value} 不合理。gsd 须大于或等于 1；数量须在 min 与 max 之间。"

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
        "{location}: {item_id} is measured in {expected}; {unit} measures something else."
    )
    zh: ClassVar[str] = "{location}：{item_id} 以 {expected} 计量，{unit} 不是同一种量。"

    item_id: str
    unit: str
    expected: str


@dataclass(eq=False)
class NotOneOf(Violation):
    """A value outside a closed list."""

    code: ClassVar[str] = "footprint.input.not_one_of"
    en: ClassVar[str] = "{location}: {value!r} is not one of {allowed}."
    zh: ClassVar[str] = "{location}：{value!r} 不在可选值之内：{allowed}。"

    value: str
    allowed: tuple[str, ...]


@dataclass(eq=False)
class UnlinkedInput(Violation):
    """No activity, flow or intermediate has this id."""

    code: ClassVar[str] = "footprint.input.unlinked"
    en: ClassVar[str] = "{location}: nothing in the dataset is called {item_id!r}."
    zh: ClassVar[str] = "{location}：数据集中没有 {item_id!r}。"

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
        "{location}: {intermediate_id} needs a line of its own, and lines by which it gets "
        "into the product, directly or within other parts."
    )
    zh: ClassVar[str] = (
        "{location}：{intermediate_id} 须至少有一行自身的投入，并直接或经由其他部件进入产品。"
    )

    intermediate_id: str


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
    en: ClassVar[str] = "{location}: stage {stage!r} is not in the boundary. Stages: {known}."
    zh: ClassVar[str] = "{location}：系统边界中没有阶段 {stage!r}。可用阶段：{known}。"

    stage: str
    known: tuple[str, ...]


@dataclass(eq=False)
class StageOfIntermediate(Violation):
    """A line of an intermediate names a stage."""

    code: ClassVar[str] = "footprint.bom.stage_of_intermediate"
    en: ClassVar[str] = (
        "{location} must be empty: a line of {consumer_id} counts in the stage that consumes it."
    )
    zh: ClassVar[str] = "{location}须为空：{consumer_id} 的投入计入消耗它的阶段。"

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
    en: ClassVar[str] = "{location}: no electricity market is known for {region!r}. Known: {known}."
    zh: ClassVar[str] = "{location}：没有 {region!r} 的电力市场数据。已有：{known}。"

    region: str
    known: tuple[str, ...]


@dataclass(eq=False)
class SiteWithoutEffect(Violation):
    """A site is given to something that is not instantiated per region."""

    code: ClassVar[str] = "footprint.site.without_effect"
    en: ClassVar[str] = (
        "{location}: {activity_id} is not a unit process, so a region would change nothing."
    )
    zh: ClassVar[str] = "{location}：{activity_id} 不是单元过程，指定地区不会产生作用。"

    activity_id: str


@dataclass(eq=False)
class SupplierWithoutLine(GreenchainError):
    """A supplier's footprint for something that the product does not buy."""

    code: ClassVar[str] = "footprint.supplier.without_line"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "Declaration {declaration_id} is for {activity_id}, which no line of {product_id} names."
    )
    zh: ClassVar[str] = "声明 {declaration_id} 涉及 {activity_id}，但 {product_id} 没有该投入。"

    declaration_id: str
    activity_id: str
    product_id: str


@dataclass(eq=False)
class AmbiguousSupplier(GreenchainError):
    """Two declared footprints for one input, none of which is the newer one of one supplier."""

    code: ClassVar[str] = "footprint.supplier.ambiguous"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "Two accepted declarations are for {activity_id}: {declaration_ids}; a footprint takes "
        "one. Ask one supplier to revoke its grant, or calculate without supplier data."
    )
    zh: ClassVar[str] = (
        "有两份已接受的声明涉及 {activity_id}：{declaration_ids}，而一个足迹只能采用一份。"
        "请让其中一家供应商撤销授权，或不使用供应商数据。"
    )

    activity_id: str
    declaration_ids: tuple[str, ...]


@dataclass(eq=False)
class InvalidSupplierFootprint(GreenchainError):
    """A supplier's footprint that is not a usable number, or of another quantity."""

    code: ClassVar[str] = "footprint.supplier.invalid"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "Declaration {declaration_id}: {field} is {value}, which cannot be used."
    zh: ClassVar[str] = "声明 {declaration_id}：{field} 的值 {value} 无法使用。"

    declaration_id: str
    field: str
    value: str


@dataclass(eq=False)
class UnknownMethod(GreenchainError):
    """The dataset has no such characterization method."""

    code: ClassVar[str] = "footprint.method.unknown"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "Method {method_id!r} is not in the dataset. Known: {known}."
    zh: ClassVar[str] = "数据集中没有方法 {method_id!r}。已有：{known}。"

    method_id: str
    known: tuple[str, ...]


@dataclass(eq=False)
class UncharacterizedFlow(GreenchainError):
    """An emission of the system has no factor in the method; dropping it would be silent."""

    code: ClassVar[str] = "footprint.method.uncharacterized_flow"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "Method {method_id} has no factor for {flow_ids}."
    zh: ClassVar[str] = "方法 {method_id} 没有 {flow_ids} 的特征化因子。"

    method_id: str
    flow_ids: tuple[str, ...]


@dataclass(eq=False)
class SingularSystem(GreenchainError):
    """A supply loop without a unique solution."""

    code: ClassVar[str] = "footprint.system.singular"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "These activities consume each other so that no amount satisfies them: {activities}. "
        "Check the amounts of the loop."
    )
    zh: ClassVar[str] = "以下活动相互消耗，无解：{activities}。请检查该循环中的数量。"

    activities: tuple[str, ...]


@dataclass(eq=False)
class UnproductiveLoop(GreenchainError):
    """A supply loop that consumes more than it gives: the solution would be negative."""

    code: ClassVar[str] = "footprint.system.unproductive_loop"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "These activities consume more of each other than they produce: {activities}. "
        "Check the amounts of the loop."
    )
    zh: ClassVar[str] = "以下活动相互消耗的量超过其产出：{activities}。请检查该循环中的数量。"

    activities: tuple[str, ...]


@dataclass(eq=False)
class OutOfRange(GreenchainError):
    """Amounts so large that what they lead to cannot be told from infinity."""

    code: ClassVar[str] = "footprint.system.out_of_range"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "Too large to be computed with: {where}. Check amounts and units."
    zh: ClassVar[str] = "数值过大，无法计算：{where}。请检查数量和单位。"

    where: tuple[str, ...]


@dataclass(eq=False)
class EnginesDisagree(GreenchainError):
    """bw2calc and greenchain's engine give different results; nothing may be frozen."""

    code: ClassVar[str] = "footprint.system.engines_disagree"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The two engines give {brightway} and {greenchain} kg CO2e, which differ by more than "
        "{tolerance}. Nothing was frozen; report the product and dataset."
    )
    zh: ClassVar[str] = (
        "两个计算引擎的结果分别为 {brightway} 和 {greenchain} kg CO2e，差异超过 {tolerance}。"
        "未冻结任何结果，请报告产品与数据集。"
    )

    brightway: float
    greenchain: float
    tolerance: float
