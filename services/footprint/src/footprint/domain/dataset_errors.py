"""What can be wrong with the tables of a dataset, beside what can be wrong with any row."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import Violation


@dataclass(eq=False)
class UnlinkedRow(Violation):
    """A row names something that another table does not have."""

    code: ClassVar[str] = "footprint.dataset.unlinked"
    en: ClassVar[str] = (
        "{location}: {table} has no {value!r}. Add it there, or name one that is there{hint_en}."
    )
    zh: ClassVar[str] = (
        "{location}：{table} 中没有 {value!r}。请先在该表中添加，或改用已有的标识{hint_zh}。"
    )

    value: str
    table: str
    hint_en: str = ""
    hint_zh: str = ""


@dataclass(eq=False)
class UnitDiffers(Violation):
    """A row is given in another unit than what it links to."""

    code: ClassVar[str] = "footprint.dataset.unit_differs"
    en: ClassVar[str] = (
        "{location}: {value!r} stands where {item_id} is counted in {expected!r}. Write the amount "
        "in {expected} and the unit {expected!r}."
    )
    zh: ClassVar[str] = (
        "{location}：此处为 {value!r}，而 {item_id} 以 {expected!r} 计量。请换算为 {expected} 并填"
        "写该单位。"
    )

    value: str
    item_id: str
    expected: str


@dataclass(eq=False)
class ZeroNetOutput(Violation):
    """An activity that uses up all that it gives."""

    code: ClassVar[str] = "footprint.dataset.zero_net_output"
    en: ClassVar[str] = (
        "{location}: {activity_id} takes {amount:g} of itself to give 1, so nothing is left. Write "
        "less than 1, or link another activity."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 为产出 1 而消耗自身 {amount:g}，净产出为零或负。请填写小于 1 的"
        "数，或改链接其他活动。"
    )

    activity_id: str
    amount: float


@dataclass(eq=False)
class RefusedLicence(Violation):
    """A source whose terms do not allow its rows to ship."""

    code: ClassVar[str] = "footprint.dataset.refused_licence"
    en: ClassVar[str] = (
        "{location}: the terms of {licence_id!r} do not allow this source to ship. Take the number "
        "from a source that may be cited, or leave the row out."
    )
    zh: ClassVar[str] = (
        "{location}：{licence_id!r} 的条款不允许该来源随数据集发布。请改用可引用的来源，或删除该"
        "行。"
    )

    licence_id: str


@dataclass(eq=False)
class UnfitReference(Violation):
    """A market or route whose activity does not supply what the reference stands for."""

    code: ClassVar[str] = "footprint.dataset.unfit_reference"
    en: ClassVar[str] = (
        "{location}: {activity_id} does not supply {expected}. Name an activity that does."
    )
    zh: ClassVar[str] = "{location}：{activity_id} 不提供 {expected}。请改用提供该产品的活动。"

    activity_id: str
    expected: str


@dataclass(eq=False)
class UnfitDefault(Violation):
    """A market reference without exactly one default route."""

    code: ClassVar[str] = "footprint.dataset.unfit_default"
    en: ClassVar[str] = (
        "{location}: {reference_id} has {count} default routes; it needs one. Write `true` in "
        "`is_default` of exactly one of its routes."
    )
    zh: ClassVar[str] = (
        "{location}：{reference_id} 有 {count} 条默认路线，须恰好一条。请只在一条路线的 is_default "
        "中填写 true。"
    )

    reference_id: str
    count: int


@dataclass(eq=False)
class ActivityWithoutExchanges(Violation):
    """An activity that neither takes nor emits anything: it would weigh nothing."""

    code: ClassVar[str] = "footprint.dataset.activity_without_exchanges"
    en: ClassVar[str] = (
        "{location}: {activity_id} has no row in exchanges.csv and would weigh nothing. Add its "
        "inputs and emissions, or remove it."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 在 exchanges.csv 中没有任何行，其影响将为零。请补充投入与排放，"
        "或删除该活动。"
    )

    activity_id: str


@dataclass(eq=False)
class MissingTable(Violation):
    """A table that every dataset has."""

    code: ClassVar[str] = "footprint.dataset.missing_table"
    en: ClassVar[str] = "{location} is missing. Add the file and name it in datapackage.json."
    zh: ClassVar[str] = "缺少{location}。请添加该文件并在 datapackage.json 中列出。"
