"""Why a product cannot be linked, solved or frozen, each with a stable code and both languages."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind


@dataclass(eq=False)
class SupplierWithoutLine(GreenchainError):
    """A supplier's footprint for something that the product does not buy."""

    code: ClassVar[str] = "footprint.supplier.without_line"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "Declaration {declaration_id} is for {activity_id}, which no line of {product_id} names. "
        "Add such a line, or calculate without supplier data."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 涉及 {activity_id}，但 {product_id} 没有该投入。请添加该投入，或不使"
        "用供应商数据。"
    )

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
    en: ClassVar[str] = (
        "Declaration {declaration_id}: {field} is {value}, which cannot be used. Ask the supplier "
        "for a new version, or calculate without supplier data."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id}：{field} 的值 {value} 无法使用。请供应商提交新版本，或不使用供应商数"
        "据。"
    )

    declaration_id: str
    field: str
    value: str


@dataclass(eq=False)
class UnknownMethod(GreenchainError):
    """The dataset has no such characterization method, or none that gives a footprint."""

    code: ClassVar[str] = "footprint.method.unknown"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "No footprint is computed by method {method_id!r}. Use one of: {known}."
    zh: ClassVar[str] = "不能以方法 {method_id!r} 计算碳足迹。请使用以下之一：{known}。"

    method_id: str
    known: tuple[str, ...]


@dataclass(eq=False)
class UncharacterizedFlow(GreenchainError):
    """An emission of the system has no factor in the method; dropping it would be silent."""

    code: ClassVar[str] = "footprint.method.uncharacterized_flow"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "Method {method_id} has no factor for {flow_ids}. Use another method, or leave these flows "
        "out."
    )
    zh: ClassVar[str] = (
        "方法 {method_id} 没有 {flow_ids} 的特征化因子。请使用其他方法，或去掉这些流。"
    )

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
