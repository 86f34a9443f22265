"""Mistakes of the protocol rather than of the data."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class StreamOutOfOrder(GreenchainError):
    code: ClassVar[str] = "supplier.stream.out_of_order"
    en: ClassVar[str] = (
        "The first message of a stream is its opening and every later one a batch; this one was "
        "{got}. Send them in this order."
    )
    zh: ClassVar[str] = (
        "流的第一条消息必须为 opening，其后均为 batch；收到的是 {got}。请按此顺序发送。"
    )

    got: str


@dataclass(eq=False)
class StreamIdle(GreenchainError):
    code: ClassVar[str] = "supplier.stream.idle"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "Nothing came for {seconds:.0f} s. Open the stream again; it goes on after the last "
        "acknowledged batch."
    )
    zh: ClassVar[str] = "{seconds:.0f} 秒内未收到数据。请重新打开流，将从最后确认的批次之后继续。"

    seconds: float


@dataclass(eq=False)
class UnknownState(Violation):
    code: ClassVar[str] = "supplier.filter.unknown_state"
    en: ClassVar[str] = "{number} is not a state of a declaration."
    zh: ClassVar[str] = "{number} 不是有效的声明状态。"

    number: int


@dataclass(eq=False)
class MoreViolations(Violation):
    code: ClassVar[str] = "supplier.batch.more_violations"
    en: ClassVar[str] = "{count} more violations do not fit into the answer. Mend the others first."
    zh: ClassVar[str] = "另有 {count} 个问题未列出，请先改正已列出的问题。"

    count: int
