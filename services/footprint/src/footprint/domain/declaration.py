"""What a supplier declared, and when it may stand in for background data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from chassis.errors import GreenchainError, Kind
from footprint.domain.dataset import Dataset
from footprint.domain.rule_pack import RulePack
from footprint.domain.supplier import SupplierPcf


@dataclass(eq=False)
class DeclarationNotCalculated(GreenchainError):
    """An accepted declaration without a footprint, or one whose footprint was not granted."""

    code: ClassVar[str] = "footprint.declaration.not_calculated"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Declaration {declaration_id} version {version} shows no calculated footprint. "
        "Ask the supplier to grant it, or calculate without supplier data."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版没有可见的足迹结果。"
        "请供应商授权，或不使用供应商数据。"
    )

    declaration_id: str
    version: int


@dataclass(eq=False)
class DeclarationMethodDiffers(GreenchainError):
    """A supplier's footprint was characterized with other factors."""

    code: ClassVar[str] = "footprint.declaration.method_differs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Declaration {declaration_id} version {version} was calculated with method {declared}, "
        "not {wanted}. Calculate with {declared}, or without supplier data."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版采用方法 {declared}，而不是 {wanted}。"
        "请改用 {declared}，或不使用供应商数据。"
    )

    declaration_id: str
    version: int
    declared: str
    wanted: str


@dataclass(eq=False)
class DeclarationDatasetDiffers(GreenchainError):
    """A supplier's footprint rests on another background dataset."""

    code: ClassVar[str] = "footprint.declaration.dataset_differs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Declaration {declaration_id} version {version} rests on dataset {declared}, this "
        "calculation on {wanted}. Ask the supplier for a new version, or calculate without "
        "supplier data."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版依据数据集 {declared}，本次计算依据 {wanted}。"
        "请供应商提交新版本，或不使用供应商数据。"
    )

    declaration_id: str
    version: int
    declared: str
    wanted: str


@dataclass(eq=False)
class DeclarationOutdated(GreenchainError):
    """A supplier's reference period lies too far back, or has not ended."""

    code: ClassVar[str] = "footprint.declaration.outdated"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Declaration {declaration_id} version {version} covers {start} to {end}; a period counts "
        "from its end and for {years} years. Ask the supplier for a period that counts today."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版覆盖 {start} 至 {end}；"
        "数据自期末起 {years} 年内有效。"
        "请供应商提供目前有效的期间。"
    )

    declaration_id: str
    version: int
    start: date
    end: date
    years: int


@dataclass(frozen=True, slots=True)
class DeclarationReference:
    """One immutable version of a declaration, named by its content."""

    id: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatasetReference:
    """One version of a dataset, named by its content."""

    id: str
    version: str
    sha256: str

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetReference":
        """Name a dataset."""
        return cls(dataset.id, dataset.version, dataset.sha256)

    def __str__(self) -> str:
        return f"{self.id} {self.version} ({self.sha256[:12]})"


@dataclass(frozen=True, slots=True)
class CalculatedPcf:
    """A supplier's footprint as calculated from its activity data.

    Attributes
    ----------
    footprint_id
        Identifier of the supplier's footprint.
    kg_co2e_per_unit
        Cradle-to-gate footprint [kg CO2e / `unit`].
    primary_data_share_percent, primary_activity_share_percent
        Shares of the absolute footprint [%].
    sha256
        Hash of the result.
    """

    footprint_id: str
    kg_co2e_per_unit: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    dataset: DatasetReference
    sha256: str


@dataclass(frozen=True, slots=True)
class GrantedDeclaration:
    """What a supplier lets the lead firm see of an accepted declaration."""

    reference: DeclarationReference
    data_request_id: str
    supplier_tenant_id: str
    activity_id: str
    region: str
    period_start: date
    period_end: date
    calculated: CalculatedPcf | None
    grant_id: str


@dataclass(frozen=True, slots=True)
class CitedDeclaration:
    """A declaration that a footprint rests on, with what the buyer was granted of it.

    Attributes
    ----------
    kg_co2e_per_unit
        Supplier's footprint [kg CO2e / `unit`].
    """

    reference: DeclarationReference
    supplier_tenant_id: str
    activity_id: str
    region: str
    period_start: date
    period_end: date
    kg_co2e_per_unit: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    supplier_footprint_id: str
    supplier_footprint_sha256: str
    grant_id: str

    def as_input(self) -> SupplierPcf:
        """Return what linking needs of it."""
        return SupplierPcf(
            declaration_id=self.reference.id,
            version=self.reference.version,
            sha256=self.reference.sha256,
            activity_id=self.activity_id,
            region=self.region,
            pcf_kg_co2e=self.kg_co2e_per_unit,
            unit=self.unit,
            primary_data_share_percent=self.primary_data_share_percent,
            primary_activity_share_percent=self.primary_activity_share_percent,
            period_start=self.period_start,
            period_end=self.period_end,
        )


def newest_of_each_supplier(
    granted: Iterable[GrantedDeclaration],
) -> tuple[GrantedDeclaration, ...]:
    """Keep, of each supplier and product, the declarations whose period ends last.

    A supplier answers for one year after another. Two suppliers of one product, or two
    declarations that end on the same day, are both kept: linking refuses to choose between them.
    """
    newest: dict[tuple[str, str], list[GrantedDeclaration]] = {}
    for each in granted:
        held = newest.setdefault((each.supplier_tenant_id, each.activity_id), [])
        if held and each.period_end > held[0].period_end:
            held.clear()
        if not held or each.period_end == held[0].period_end:
            held.append(each)
    return tuple(each for held in newest.values() for each in held)


def cite(
    granted: GrantedDeclaration, *, method_id: str, dataset: Dataset, rules: RulePack, today: date
) -> CitedDeclaration:
    """Take an accepted declaration into a calculation.

    A supplier's number is comparable only when it was made like the calculation that uses it:
    same factors, same background, a period that still counts. Unit and range are checked by
    linking (`SupplierPcf.per`).

    Raises
    ------
    DeclarationNotCalculated, DeclarationMethodDiffers, DeclarationDatasetDiffers,
    DeclarationOutdated
    """
    reference, calculated = granted.reference, granted.calculated
    if calculated is None:
        raise DeclarationNotCalculated(reference.id, reference.version)
    if calculated.method_id != method_id:
        raise DeclarationMethodDiffers(
            reference.id, reference.version, calculated.method_id, method_id
        )
    wanted = DatasetReference.of(dataset)
    if calculated.dataset != wanted:
        raise DeclarationDatasetDiffers(
            reference.id, reference.version, str(calculated.dataset), str(wanted)
        )
    years = rules.supplier_valid_years
    if not granted.period_end < today <= _years_after(granted.period_end, years):
        raise DeclarationOutdated(
            reference.id, reference.version, granted.period_start, granted.period_end, years
        )
    return CitedDeclaration(
        reference=reference,
        supplier_tenant_id=granted.supplier_tenant_id,
        activity_id=granted.activity_id,
        region=granted.region,
        period_start=granted.period_start,
        period_end=granted.period_end,
        kg_co2e_per_unit=calculated.kg_co2e_per_unit,
        unit=calculated.unit,
        primary_data_share_percent=calculated.primary_data_share_percent,
        primary_activity_share_percent=calculated.primary_activity_share_percent,
        supplier_footprint_id=calculated.footprint_id,
        supplier_footprint_sha256=calculated.sha256,
        grant_id=granted.grant_id,
    )


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
