"""Activity data: what a plant used, emitted and made in a period."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from supplier.domain.period import Period, StatedPeriod


class ActivityKind(StrEnum):
    """What a record counts."""

    ELECTRICITY = "electricity"
    FUEL = "fuel"
    MATERIAL = "material"
    DIRECT_EMISSION = "direct_emission"
    OUTPUT = "output"


#: One unit of every dimension in which a kind may be counted; the output is counted in the
#: dimension of the requested product's unit.
FITTING_UNITS = MappingProxyType(
    {
        ActivityKind.ELECTRICITY: ("kWh",),
        ActivityKind.FUEL: ("MJ", "kg", "m3"),
        ActivityKind.MATERIAL: ("kg", "m3", "m2", "piece"),
        ActivityKind.DIRECT_EMISSION: ("kg",),
    }
)


@dataclass(frozen=True, slots=True)
class StatedRecord:
    """A record as it arrived; nothing is known about it yet.

    Attributes
    ----------
    kind
        Name of an `ActivityKind`, or anything else.
    amount
        Amount of the item over the period [`unit`].
    """

    record_id: str
    period: StatedPeriod
    kind: str
    item_id: str
    amount: float
    unit: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """A checked record.

    Attributes
    ----------
    record_id
        Unique within a version of a declaration.
    item_id
        An activity (`electricity_grid`), an elementary flow (`co2_fossil`) or the product.
    amount
        Amount of the item over the period [`unit`]; finite, not negative.
    evidence
        Where the number comes from, e.g. a meter or an invoice.
    """

    record_id: str
    period: Period
    kind: ActivityKind
    item_id: str
    amount: float
    unit: str
    evidence: str
