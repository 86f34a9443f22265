"""What can go wrong on the client's side. Errors of the service come as `RemoteError`."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class OtherEncoding(Violation):
    """The file is not in UTF-8; a spreadsheet's plain "CSV" is not where Windows is Chinese."""

    code: ClassVar[str] = "supplier_client.file.encoding"
    en: ClassVar[str] = (
        "Line {line} of the file is not in UTF-8. Save it as “CSV UTF-8 (Comma delimited)” in "
        "Excel or WPS, not as plain CSV or Unicode text."
    )
    zh: ClassVar[str] = (
        "文件第 {line} 行不是 UTF-8 编码。请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”，"
        "不要选择普通 CSV（GBK 编码）或“Unicode 文本”。"
    )

    line: int


@dataclass(eq=False)
class OtherSeparator(Violation):
    """The columns are separated by something else than commas."""

    code: ClassVar[str] = "supplier_client.file.separator"
    en: ClassVar[str] = (
        "The columns are separated by {found!r}. Save the file with commas between the columns."
    )
    zh: ClassVar[str] = "各列以 {found!r} 分隔，请另存为以英文逗号分隔的文件。"

    found: str


@dataclass(eq=False)
class UnreadableFile(Violation):
    """The file is no CSV."""

    code: ClassVar[str] = "supplier_client.file.unreadable"
    en: ClassVar[str] = (
        "Line {line} of the file cannot be read as CSV: {reason}. Look for a quotation mark "
        "without its partner there or above."
    )
    zh: ClassVar[str] = (
        "文件第 {line} 行无法按 CSV 读取（{reason}）。请检查该行及以上各行的引号是否成对。"
    )

    line: int
    reason: str


@dataclass(eq=False)
class MissingColumn(Violation):
    """A column of the format is not there."""

    code: ClassVar[str] = "supplier_client.file.missing_column"
    en: ClassVar[str] = "Column {column!r} is missing. The columns are: {columns}."
    zh: ClassVar[str] = "缺少列 {column!r}。应有的列：{columns}。"

    column: str
    columns: tuple[str, ...]


@dataclass(eq=False)
class UnknownColumn(Violation):
    """A column is not one of the format's, or stands there twice."""

    code: ClassVar[str] = "supplier_client.file.unknown_column"
    en: ClassVar[str] = "Column {column!r} is unknown or stands there twice. Remove it."
    zh: ClassVar[str] = "列 {column!r} 未知或重复，请删除。"

    column: str


@dataclass(eq=False)
class WrongFieldCount(Violation):
    """A row does not have one field per column."""

    code: ClassVar[str] = "supplier_client.file.field_count"
    en: ClassVar[str] = (
        "The row has {count} fields, the header {expected}. Quote fields that hold a comma."
    )
    zh: ClassVar[str] = "该行有 {count} 个字段，表头有 {expected} 个。含逗号的字段请加引号。"

    count: int
    expected: int


@dataclass(eq=False)
class NotANumber(Violation):
    """An amount is not a decimal number."""

    code: ClassVar[str] = "supplier_client.file.not_a_number"
    en: ClassVar[str] = "{text!r} is not a number. Write it like 1250.5 or 1.2505e3."
    zh: ClassVar[str] = "{text!r} 不是数字，请写成 1250.5 或 1.2505e3 的形式。"

    text: str


@dataclass(eq=False)
class UnknownKind(Violation):
    """A record's kind is not one of the format's."""

    code: ClassVar[str] = "supplier_client.file.unknown_kind"
    en: ClassVar[str] = "{text!r} is not a kind of record. The kinds are: {known}."
    zh: ClassVar[str] = "{text!r} 不是有效的记录类型。可用类型：{known}。"

    text: str
    known: tuple[str, ...]


@dataclass(eq=False)
class RefusedRecord(Violation):
    """What the service says is wrong with a record; `code` is the service's own.

    The location's row counts the records that were given to `send_records` from 1.
    """

    code: ClassVar[str] = "supplier_client.record.refused"
    en: ClassVar[str] = "{text_en}"
    zh: ClassVar[str] = "{text_zh}"

    remote_code: str
    text_en: str
    text_zh: str

    def __post_init__(self) -> None:
        # An instance attribute: each refusal is of the service's own sort.
        self.__dict__.update(code=self.remote_code)


@dataclass(eq=False)
class DraftHoldsOtherRecords(GreenchainError):
    """The draft was filled from another file, or in other batches, before."""

    code: ClassVar[str] = "supplier_client.draft.other_records"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The draft of declaration {declaration_id} already holds records that are not the first "
        "ones of these {given} in the same batches. Send the same records with the same batch size "
        "as before, or discard the draft and send all records again (greenchain supplier declare "
        "--afresh)."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 的草稿中已有的记录与本次 {given} 条记录的开头部分或分批方式不一致。"
        "请使用与之前相同的记录和批次大小，或丢弃草稿并重新发送全部记录"
        "（greenchain supplier declare --afresh）。"
    )

    declaration_id: str
    given: int


@dataclass(eq=False)
class CalculationPending(GreenchainError):
    """The footprint was not calculated in the time given."""

    code: ClassVar[str] = "supplier_client.calculation.pending"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "The footprint of declaration {declaration_id} version {version} is not there after "
        "{seconds:.0f} s. Ask again later."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版的碳足迹在 {seconds:.0f} 秒后仍未算出，请稍后再查询。"
    )

    declaration_id: str
    version: int
    seconds: float
