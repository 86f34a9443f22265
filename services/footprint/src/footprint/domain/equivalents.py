"""A footprint told in other units than the declared one, e.g. per pack or per kilometre."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from footprint.domain.product import ProductModel
from footprint.domain.system_errors import OutOfRange


@dataclass(frozen=True, slots=True)
class EquivalentFootprint:
    """The footprint of one of another unit.

    Attributes
    ----------
    unit
        Unit that it is one of, e.g. `piece`.
    declared_units
        Declared units in one of it [declared unit].
    kg_co2e
        Inside the boundary [kg CO2e / one of it].
    """

    id: str
    name_en: str
    name_zh: str
    unit: str
    declared_units: float
    kg_co2e: float


def equivalents(model: ProductModel, kg_co2e: float) -> Iterator[EquivalentFootprint]:
    """Yield a footprint [kg CO2e / declared unit] in the other units of its product model.

    Raises
    ------
    OutOfRange
        If a formula has no value, or one that is too large.
    """
    values = model.parameter_values()
    for each in model.equivalents:
        declared_units = each.amount.value(values)
        if not math.isfinite(declared_units * kg_co2e):
            raise OutOfRange((f"equivalents {each.id}",))
        yield EquivalentFootprint(
            id=each.id,
            name_en=each.name.en,
            name_zh=each.name.zh,
            unit=each.unit,
            declared_units=declared_units,
            kg_co2e=declared_units * kg_co2e,
        )
