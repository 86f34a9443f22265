"""What can go wrong on the client's side. Errors of the service come as `RemoteError`."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, InvalidInput, Kind, Violation


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
class CalculationRefused(InvalidInput):
    """The submitted version cannot be calculated; its records are to be mended."""

    code: ClassVar[str] = "supplier_client.calculation.refused"
    en: ClassVar[str] = (
        "The declaration was submitted, but no footprint can be calculated from it. Mend what is "
        "named here and declare again: that makes the next version. Violations:"
    )
    zh: ClassVar[str] = (
        "声明已提交，但无法据此算出碳足迹。请改正以下问题后重新声明，系统将生成下一版本。问题如下："
    )


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
