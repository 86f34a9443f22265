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
class NoRegionalFactors(Violation):
    """A factor of another unit than its method's, which has no factors of places to convert it."""

    code: ClassVar[str] = "footprint.dataset.no_regional_factors"
    en: ClassVar[str] = (
        "{location}: {value!r} does not give the {unit} that {method_id} counts, and the method "
        "has no factors of places. Write the factor in {expected}, or add rows of the method to "
        "regional_factors.csv."
    )
    zh: ClassVar[str] = (
        "{location}：{value!r} 得不到 {method_id} 所计量的 {unit}，且该方法没有分地区因子。请将因子"
        "换算为 {expected}，或在 regional_factors.csv 中补充该方法的行。"
    )

    value: str
    method_id: str
    unit: str
    expected: str


@dataclass(eq=False)
class NotAYear(Violation):
    """A number that no year has."""

    code: ClassVar[str] = "footprint.dataset.not_a_year"
    en: ClassVar[str] = "{location}: {value:g} is no year. Write a whole one, e.g. 2024."
    zh: ClassVar[str] = "{location}：{value:g} 不是年份。请填写整数年份，例如 2024。"

    value: float


@dataclass(eq=False)
class ReferenceWithExchanges(Violation):
    """A row of an activity that only stands for its suppliers: nobody would count it."""

    code: ClassVar[str] = "footprint.dataset.reference_with_exchanges"
    en: ClassVar[str] = (
        "{location}: {activity_id} stands for its suppliers and has no inputs or emissions of its "
        "own. Give the row to an activity that supplies it, or remove the row."
    )
    zh: ClassVar[str] = (
        "{location}：{activity_id} 仅代表其供应活动，自身没有投入或排放。请将该行改到供应该产品的"
        "活动，或删除该行。"
    )

    activity_id: str


@dataclass(eq=False)
class WrongTable(Violation):
    """Electricity among the routes, or another reference among the markets of electricity."""

    code: ClassVar[str] = "footprint.dataset.wrong_table"
    en: ClassVar[str] = (
        "{location}: {reference_id} does not belong here: markets.csv has {electricity} by region "
        "and year, routes.csv every other reference. Move the row to {table}."
    )
    zh: ClassVar[str] = (
        "{location}：{reference_id} 不属于此表：markets.csv 按地区和年份列出 {electricity}，其他引"
        "用均在 routes.csv 中。请将该行移至 {table}。"
    )

    reference_id: str
    electricity: str
    table: str


@dataclass(eq=False)
class RetiredExists(Violation):
    """An id that is said to be gone, and is there."""

    code: ClassVar[str] = "footprint.dataset.retired_exists"
    en: ClassVar[str] = (
        "{location}: {item_id!r} is retired, but the dataset still has it. Remove it there, or "
        "remove this row."
    )
    zh: ClassVar[str] = (
        "{location}：{item_id!r} 已停用，但数据集中仍有该标识。请在数据集中删除，或删除此行。"
    )

    item_id: str


@dataclass(eq=False)
class NoMarket(Violation):
    """The default region has no electricity in the year that the dataset names."""

    code: ClassVar[str] = "footprint.dataset.no_market"
    en: ClassVar[str] = (
        "{location}: markets.csv has no electricity of {region} in {year}. Add it there, or use a "
        "year that has it: {known}."
    )
    zh: ClassVar[str] = (
        "{location}：markets.csv 中没有 {region} {year} 年的电力。请在该表中添加，或改用已有的年份"
        "：{known}。"
    )

    region: str
    year: int
    known: tuple[int, ...]


@dataclass(eq=False)
class UnfitAggregate(Violation):
    """A flow that cannot count published totals as they are."""

    code: ClassVar[str] = "footprint.dataset.unfit_aggregate"
    en: ClassVar[str] = (
        "{location}: {flow_id} is to count published totals, so it needs the unit {unit} and the "
        "factor 1 in a climate method. Name such a flow, or correct elementary_flows.csv and "
        "characterization.csv."
    )
    zh: ClassVar[str] = (
        "{location}：{flow_id} 用于计入已公布的合计值，其单位须为 {unit}，且在某一气候方法中因子为 "
        "1。请改用符合的流，或更正 elementary_flows.csv 与 characterization.csv。"
    )

    flow_id: str
    unit: str


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
