"""A supplier's footprint as the footprint service calculated it."""

import math
import re
from dataclasses import dataclass, replace

from chassis.errors import InvalidInput, Location, Violation
from chassis.units import is_known, same_dimension
from supplier.domain.text import check_id
from supplier.domain.violations import AmountNotFinite, OtherUnit, PercentOutOfRange, UnfitHash

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DatasetReference:
    """A background dataset pinned by version and content."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CalculatedFootprint:
    """The result that came back.

    Attributes
    ----------
    kg_co2e_per_unit
        Cradle-to-gate footprint [kg CO2e / `unit`].
    primary_data_share_percent
        Share of the absolute footprint whose activity data and factor are primary [%].
    primary_activity_share_percent
        Share of the absolute footprint whose activity data are the plant's own [%].
    sha256
        Hash of the frozen result in the footprint service.
    """

    footprint_id: str
    kg_co2e_per_unit: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    dataset: DatasetReference
    sha256: str

    def same_result(self, other: "CalculatedFootprint") -> bool:
        """Tell whether both are the same result, be it stored under another id by a retry."""
        return replace(self, footprint_id=other.footprint_id) == other


def check_footprint(footprint: CalculatedFootprint, product_unit: str) -> None:
    """Raise `InvalidInput` with everything that is wrong with a result."""
    violations: list[Violation] = []
    for field, text in (
        ("footprint_id", footprint.footprint_id),
        ("method_id", footprint.method_id),
        ("dataset.id", footprint.dataset.id),
        ("dataset.version", footprint.dataset.version),
    ):
        check_id(text, Location(field), violations)
    for field, digest in (
        ("dataset.sha256", footprint.dataset.sha256),
        ("sha256", footprint.sha256),
    ):
        if not SHA256.fullmatch(digest):
            violations.append(UnfitHash(location=Location(field)))
    if not math.isfinite(footprint.kg_co2e_per_unit):
        violations.append(AmountNotFinite(location=Location("kg_co2e_per_unit")))
    # The footprint names its own unit, that of the background dataset: any of the same quantity
    # will do.
    if not (is_known(footprint.unit) and same_dimension(footprint.unit, product_unit)):
        violations.append(
            OtherUnit(location=Location("unit"), unit=footprint.unit[:40], expected=product_unit)
        )
    for field, percent in (
        ("primary_data_share_percent", footprint.primary_data_share_percent),
        ("primary_activity_share_percent", footprint.primary_activity_share_percent),
    ):
        # A share of 1 may come out as 100.00000000000001 %.
        if not 0 <= percent <= 100 * (1 + 1e-9):
            violations.append(PercentOutOfRange(location=Location(field), percent=percent))
    if violations:
        raise InvalidInput(violations=tuple(violations))
