"""What can be wrong with the tables of a dataset, beside what can be wrong with any row."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


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


@dataclass(eq=False)
class NotAPackage(Violation):
    """The description of a dataset that is no JSON object."""

    code: ClassVar[str] = "footprint.dataset.not_a_package"
    en: ClassVar[str] = (
        "{location} is no JSON object in UTF-8. Take that of the shipped dataset as a pattern."
    )
    zh: ClassVar[str] = "{location} 不是 UTF-8 编码的 JSON 对象。请以随附数据集的该文件为样本。"


@dataclass(eq=False)
class UnknownDatasetVersion(GreenchainError):
    """No such version ships or was released."""

    code: ClassVar[str] = "footprint.dataset.unknown_version"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "There is no dataset {version!r}. Name a folder, or a version: {known}."
    zh: ClassVar[str] = "没有数据集 {version!r}。请给出文件夹，或以下版本之一：{known}。"

    version: str
    known: tuple[str, ...]


@dataclass(eq=False)
class VersionReleased(GreenchainError):
    """A version was released before, with other content."""

    code: ClassVar[str] = "footprint.dataset.version_released"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} was released with the hash {released}, this is {sha256}. A released "
        "version never changes: raise `version` in datapackage.json."
    )
    zh: ClassVar[str] = (
        "版本 {version} 已以哈希 {released} 发布，当前为 {sha256}。已发布的版本不得更改：请提高 "
        "datapackage.json 中的 version。"
    )

    version: str
    released: str
    sha256: str


@dataclass(eq=False)
class UnknownTable(GreenchainError):
    """A dataset has no such table."""

    code: ClassVar[str] = "footprint.dataset.unknown_table"
    en: ClassVar[str] = "A dataset has no table {table!r}. Its tables: {known}."
    zh: ClassVar[str] = "数据集没有表 {table!r}。可用的表：{known}。"

    table: str
    known: tuple[str, ...]


@dataclass(eq=False)
class RowExists(Violation):
    """A row that the table has already."""

    code: ClassVar[str] = "footprint.dataset.row_exists"
    en: ClassVar[str] = (
        "{location}: {key} stands in {table}.csv already. Use --replace to put this row in its "
        "place, or give it another key."
    )
    zh: ClassVar[str] = (
        "{location}：{table}.csv 中已有 {key}。如要以此行替换，请使用 --replace；否则请改用其他标"
        "识。"
    )

    key: str
    table: str
