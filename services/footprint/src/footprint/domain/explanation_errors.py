"""Why a footprint cannot be explained: what it rests on is not what is at hand."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind


@dataclass(eq=False)
class DatasetNotAtHand(GreenchainError):
    """A footprint rests on a version of a dataset that is not here."""

    code: ClassVar[str] = "footprint.dataset.not_at_hand"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The footprint rests on dataset {pinned}; at hand is {at_hand}. Calculate again with what "
        "is at hand and explain that one, or ask a service that has the former."
    )
    zh: ClassVar[str] = (
        "该碳足迹依据数据集 {pinned}，而现有的是 {at_hand}。"
        "请用现有数据集重新计算后再解释，或向拥有前者的服务查询。"
    )

    pinned: str
    at_hand: str


@dataclass(eq=False)
class ExplanationDiffers(GreenchainError):
    """Solving a footprint's inputs again gives another number than the stored one."""

    code: ClassVar[str] = "footprint.explanation.differs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Footprint {footprint_id} holds {stored} kg CO2e; the same inputs give {found} here, so "
        "nothing would explain it. Calculate again, and report this if it stays."
    )
    zh: ClassVar[str] = (
        "碳足迹 {footprint_id} 的结果为 {stored} kg CO2e，而相同输入在此处得到 {found}，"
        "因此无法解释。请重新计算；若仍如此，请报告。"
    )

    footprint_id: str
    stored: float
    found: float
