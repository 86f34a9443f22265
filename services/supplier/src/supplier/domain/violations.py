"""What can be wrong with one field of what a lead firm asks or a supplier declares.

A violation names a place in the input; all of them are reported together
(`chassis.errors.InvalidInput`).
"""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import Violation


@dataclass(eq=False)
class MissingText(Violation):
    code: ClassVar[str] = "supplier.text.missing"
    en: ClassVar[str] = "It is empty. Fill it in."
    zh: ClassVar[str] = "内容为空，请填写。"


@dataclass(eq=False)
class TextTooLong(Violation):
    code: ClassVar[str] = "supplier.text.too_long"
    en: ClassVar[str] = "It has {length} characters; {longest} is the most. Shorten it."
    zh: ClassVar[str] = "内容有 {length} 个字符，上限为 {longest} 个，请缩短。"

    length: int
    longest: int


@dataclass(eq=False)
class UnfitText(Violation):
    code: ClassVar[str] = "supplier.text.unfit"
    en: ClassVar[str] = (
        "It holds {character}, a line break or a character that cannot be seen. Remove it and keep "
        "the text on one line."
    )
    zh: ClassVar[str] = "内容含有 {character}（换行符或不可见字符），请删除并保持在一行内。"

    character: str


@dataclass(eq=False)
class BlankEnds(Violation):
    code: ClassVar[str] = "supplier.text.blank_ends"
    en: ClassVar[str] = "It begins or ends with a space. Remove the space."
    zh: ClassVar[str] = "开头或结尾有空格，请删除空格。"


@dataclass(eq=False)
class UnreadableDate(Violation):
    code: ClassVar[str] = "supplier.period.unreadable_date"
    en: ClassVar[str] = "{text!r} is not a calendar day. Write it as year-month-day: 2025-01-31."
    zh: ClassVar[str] = "{text!r} 不是有效日期，请写成 年-月-日，例如 2025-01-31。"

    text: str


@dataclass(eq=False)
class PeriodInverted(Violation):
    code: ClassVar[str] = "supplier.period.inverted"
    en: ClassVar[str] = "The period ends on {end}, before it starts on {start}. Swap the two days."
    zh: ClassVar[str] = "期间的结束日 {end} 早于开始日 {start}，请对调。"

    start: str
    end: str


@dataclass(eq=False)
class UnfitRegion(Violation):
    code: ClassVar[str] = "supplier.plant.unfit_region"
    en: ClassVar[str] = (
        "{region!r} is not a region. Write the ISO 3166 code of a country or province: CN or CN-SC."
    )
    zh: ClassVar[str] = (
        "{region!r} 不是地区代码，请填写 ISO 3166 国家或省级代码，例如 CN 或 CN-SC。"
    )

    region: str


@dataclass(eq=False)
class RequestedPeriodNotCovered(Violation):
    code: ClassVar[str] = "supplier.declaration.requested_period_not_covered"
    en: ClassVar[str] = (
        "The declaration covers {stated}, but {requested} was asked for. Widen its period."
    )
    zh: ClassVar[str] = "声明覆盖期间 {stated}，而请求的期间为 {requested}，请扩大声明期间。"

    stated: str
    requested: str


@dataclass(eq=False)
class UnknownKind(Violation):
    code: ClassVar[str] = "supplier.record.unknown_kind"
    en: ClassVar[str] = "The kind is not one that is known. Use one of: {known}."
    zh: ClassVar[str] = "记录类型未知，请使用以下之一：{known}。"

    known: tuple[str, ...]


@dataclass(eq=False)
class UnknownRecordUnit(Violation):
    code: ClassVar[str] = "supplier.record.unknown_unit"
    en: ClassVar[str] = "Unit {unit!r} is unknown. Use one of: {known} (letter case matters)."
    zh: ClassVar[str] = "未知单位 {unit!r}。可用单位：{known}（区分大小写）。"

    unit: str
    known: tuple[str, ...]


@dataclass(eq=False)
class WrongDimension(Violation):
    code: ClassVar[str] = "supplier.record.wrong_dimension"
    en: ClassVar[str] = (
        "{record_kind} cannot be counted in {unit}. Use one of: {fitting}, or a multiple of it."
    )
    zh: ClassVar[str] = "{record_kind} 不能以 {unit} 计量，请使用 {fitting} 或其倍数单位。"

    record_kind: str
    unit: str
    fitting: tuple[str, ...]


@dataclass(eq=False)
class AmountNotFinite(Violation):
    code: ClassVar[str] = "supplier.amount.not_finite"
    en: ClassVar[str] = "The amount is not a finite number. Write a decimal number such as 1250.5."
    zh: ClassVar[str] = "数量不是有限数值，请填写十进制数，例如 1250.5。"


@dataclass(eq=False)
class AmountNegative(Violation):
    code: ClassVar[str] = "supplier.amount.negative"
    en: ClassVar[str] = "The amount {amount} is negative. State what was used, emitted or made."
    zh: ClassVar[str] = "数量 {amount} 为负数，请填写实际消耗、排放或产出的数量。"

    amount: float


@dataclass(eq=False)
class PercentOutOfRange(Violation):
    code: ClassVar[str] = "supplier.percent.out_of_range"
    en: ClassVar[str] = "{percent} is not a percentage. Give a number from 0 to 100."
    zh: ClassVar[str] = "{percent} 不是百分数，请填写 0 到 100 之间的数。"

    percent: float


@dataclass(eq=False)
class ShareNegative(Violation):
    code: ClassVar[str] = "supplier.request.share_negative"
    en: ClassVar[str] = "The share {share} is not a percentage. Give a number of percent from 0 up."
    zh: ClassVar[str] = "占比 {share} 无效，请填写不小于 0 的百分数。"

    share: float


@dataclass(eq=False)
class OutsideReferencePeriod(Violation):
    code: ClassVar[str] = "supplier.record.outside_reference_period"
    en: ClassVar[str] = (
        "{period} does not lie within the declaration's period {reference_period}. Mend the days, "
        "or leave the record out."
    )
    zh: ClassVar[str] = "{period} 不在声明期间 {reference_period} 内，请改正日期或去掉该记录。"

    period: str
    reference_period: str


@dataclass(eq=False)
class OtherProduct(Violation):
    code: ClassVar[str] = "supplier.record.other_product"
    en: ClassVar[str] = (
        "The output {item_id!r} is not the product asked for, {product!r}. Declare that one only."
    )
    zh: ClassVar[str] = "产出 {item_id!r} 不是所请求的产品 {product!r}，一份声明只申报一种产品。"

    item_id: str
    product: str


@dataclass(eq=False)
class DuplicateRecord(Violation):
    code: ClassVar[str] = "supplier.record.duplicate"
    en: ClassVar[str] = (
        "record_id {record_id!r} is already in the declaration. Every record needs its own."
    )
    zh: ClassVar[str] = "record_id {record_id!r} 在声明中已存在，每条记录须有唯一标识。"

    record_id: str


@dataclass(eq=False)
class OverlappingPeriods(Violation):
    code: ClassVar[str] = "supplier.record.overlapping_periods"
    en: ClassVar[str] = (
        "{period} overlaps {other_period} of record {other!r}, which counts the same {record_kind} "
        "{item_id!r}: the days in common would count twice. Mend one of the periods, or leave one "
        "record out."
    )
    zh: ClassVar[str] = (
        "{period} 与记录 {other!r} 的期间 {other_period} 重叠：两者计量同一 {record_kind} "
        "{item_id!r}，重叠日将被重复计算。请改正其中一个期间，或去掉一条记录。"
    )

    period: str
    other: str
    other_period: str
    record_kind: str
    item_id: str


@dataclass(eq=False)
class BatchSize(Violation):
    code: ClassVar[str] = "supplier.batch.size"
    en: ClassVar[str] = "The batch holds {count} records. Send between 1 and {most} at a time."
    zh: ClassVar[str] = "该批次含 {count} 条记录，每批须为 1 至 {most} 条。"

    count: int
    most: int


@dataclass(eq=False)
class TooManyRecords(Violation):
    code: ClassVar[str] = "supplier.declaration.too_many_records"
    en: ClassVar[str] = (
        "The declaration would hold {count} records; {most} is the most. Sum them up, for example "
        "by month."
    )
    zh: ClassVar[str] = "声明将含 {count} 条记录，上限为 {most} 条，请汇总（例如按月）。"

    count: int
    most: int


@dataclass(eq=False)
class OutOfSequence(Violation):
    code: ClassVar[str] = "supplier.batch.out_of_sequence"
    en: ClassVar[str] = (
        "Batch {sequence} came when batch {expected} was due. Go on with {expected}."
    )
    zh: ClassVar[str] = "收到批次 {sequence}，应为批次 {expected}，请从 {expected} 继续发送。"

    sequence: int
    expected: int


@dataclass(eq=False)
class BatchDiffers(Violation):
    code: ClassVar[str] = "supplier.batch.differs"
    en: ClassVar[str] = (
        "Batch {sequence} is already held with other records. Go on after the last acknowledged "
        "batch, with the same records in the same batches as before."
    )
    zh: ClassVar[str] = (
        "批次 {sequence} 已保存，但记录内容不同。请从最后确认的批次之后继续，并保持原有分批。"
    )

    sequence: int


@dataclass(eq=False)
class EmptyDeclaration(Violation):
    code: ClassVar[str] = "supplier.declaration.empty"
    en: ClassVar[str] = "The declaration holds no record. Send its records first."
    zh: ClassVar[str] = "声明中没有任何记录，请先发送记录。"


@dataclass(eq=False)
class NoOutput(Violation):
    code: ClassVar[str] = "supplier.declaration.no_output"
    en: ClassVar[str] = (
        "The output of {product!r} adds up to 0 {unit}, so nothing can be calculated per {unit}. "
        "Add the records of kind output."
    )
    zh: ClassVar[str] = (
        "{product!r} 的产出合计为 0 {unit}，无法计算单位产品数值，请补充 output 记录。"
    )

    product: str
    unit: str


@dataclass(eq=False)
class OutputGap(Violation):
    code: ClassVar[str] = "supplier.declaration.output_gap"
    en: ClassVar[str] = (
        "No output is stated for {gaps}. Add the missing records; a standstill is an output of 0."
    )
    zh: ClassVar[str] = "{gaps} 期间没有产出记录，请补充；停产期间请填写 0。"

    gaps: tuple[str, ...]


@dataclass(eq=False)
class OtherUnit(Violation):
    code: ClassVar[str] = "supplier.unit.other"
    en: ClassVar[str] = (
        "The unit {unit!r} does not measure what the product was asked for in, {expected!r}. Use "
        "a unit of the same quantity."
    )
    zh: ClassVar[str] = (
        "单位 {unit!r} 与请求的产品单位 {expected!r} 不属于同一物理量，请使用同类单位。"
    )

    unit: str
    expected: str


@dataclass(eq=False)
class PartCount(Violation):
    code: ClassVar[str] = "supplier.request.part_count"
    en: ClassVar[str] = "{count} parts were given. Give between 1 and {most}."
    zh: ClassVar[str] = "共给出 {count} 个零部件，须为 1 至 {most} 个。"

    count: int
    most: int


@dataclass(eq=False)
class DuplicatePart(Violation):
    code: ClassVar[str] = "supplier.request.duplicate_part"
    en: ClassVar[str] = (
        "{activity_id!r} is given twice. Give each product once, with its whole share."
    )
    zh: ClassVar[str] = "{activity_id!r} 重复出现，每种产品只填写一次并给出其全部占比。"

    activity_id: str


@dataclass(eq=False)
class OwnTenant(Violation):
    code: ClassVar[str] = "supplier.request.own_tenant"
    en: ClassVar[str] = (
        "A request cannot be sent to the organisation that asks: nobody both states and decides. "
        "Name the supplier's organisation."
    )
    zh: ClassVar[str] = "不能向本单位发送数据请求：申报方与审核方不得为同一方。请填写供应商的组织。"


@dataclass(eq=False)
class UnfitPageSize(Violation):
    code: ClassVar[str] = "supplier.page.size"
    en: ClassVar[str] = "The page size is {size}. Give 1 to {most}, or 0 for the default."
    zh: ClassVar[str] = "每页条数为 {size}，须为 1 至 {most}，或 0 表示默认值。"

    size: int
    most: int


@dataclass(eq=False)
class UnreadablePageToken(Violation):
    code: ClassVar[str] = "supplier.page.token"
    en: ClassVar[str] = (
        "The page token was not given by this service. Use next_page_token as it is."
    )
    zh: ClassVar[str] = "分页令牌无效，请原样使用返回的 next_page_token。"


@dataclass(eq=False)
class TooManyIds(Violation):
    code: ClassVar[str] = "supplier.filter.too_many"
    en: ClassVar[str] = (
        "{count} ids were given; {most} is the most in one call. Ask in several calls."
    )
    zh: ClassVar[str] = "给出了 {count} 个标识，一次最多 {most} 个，请分多次查询。"

    count: int
    most: int


@dataclass(eq=False)
class ReasonCount(Violation):
    code: ClassVar[str] = "supplier.refusal.reason_count"
    en: ClassVar[str] = "{count} reasons were given. Give between 1 and {most}."
    zh: ClassVar[str] = "共给出 {count} 条原因，须为 1 至 {most} 条。"

    count: int
    most: int


@dataclass(eq=False)
class UnfitHash(Violation):
    code: ClassVar[str] = "supplier.hash.unfit"
    en: ClassVar[str] = "It is not a SHA-256. Give 64 lower-case hexadecimal digits."
    zh: ClassVar[str] = "不是有效的 SHA-256，请填写 64 位小写十六进制数。"
