"""Units that the platform reads and writes, by exact name, and conversions between them.

Only the names of `NAMES` are accepted, letter by letter: user input never reaches pint's expression
parser (``kg**99999`` or ``m³`` are unknown units), and ``kwh`` is not ``kWh``.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from chassis.errors import GreenchainError

if TYPE_CHECKING:
    from pint import UnitRegistry

#: Name as written in files and messages → name in `units.txt`.
NAMES = MappingProxyType(
    {
        "kg": "kilogram",
        "g": "gram",
        "t": "tonne",
        "MJ": "megajoule",
        "GJ": "gigajoule",
        "kWh": "kilowatt_hour",
        "MWh": "megawatt_hour",
        "m3": "cubic_metre",
        "m2": "square_metre",
        "L": "litre",
        "t.km": "tonne_kilometre",
        "kwh_capacity": "kilowatt_hour_of_capacity",
        "kwh_delivered": "kilowatt_hour_delivered",
        "kwp": "kilowatt_peak",
        "kg CO2e": "kilogram_co2e",
        "piece": "piece",
        "km": "kilometre",
        "vehicle": "vehicle",
    }
)


@dataclass(eq=False)
class UnknownUnit(GreenchainError):
    """The unit is not one of `NAMES`."""

    code: ClassVar[str] = "unit.unknown"
    en: ClassVar[str] = "Unit {unit!r} is unknown. Use one of: {known} (letter case matters)."
    zh: ClassVar[str] = "未知单位 {unit!r}。可用单位：{known}（区分大小写）。"

    unit: str
    known: tuple[str, ...] = tuple(NAMES)


@dataclass(eq=False)
class IncompatibleUnits(GreenchainError):
    """The two units measure different quantities."""

    code: ClassVar[str] = "unit.incompatible"
    en: ClassVar[str] = (
        "An amount in {from_unit} cannot be given in {to_unit}: they measure different things. Use "
        "a unit like {to_unit}."
    )
    zh: ClassVar[str] = (
        "{from_unit} 不能换算为 {to_unit}：两者度量的不是同一种量。请使用与 {to_unit} 同类的单位。"
    )

    from_unit: str
    to_unit: str


@cache
def _registry() -> "UnitRegistry[float]":
    # pint takes 0.4 s to import: programs that never convert should not wait for it.
    import pint

    definitions = resources.files("chassis").joinpath("units.txt").read_text(encoding="utf-8")
    return pint.UnitRegistry(definitions.splitlines(), cache_folder=None)


@cache
def _factor(from_unit: str, to_unit: str) -> float | None:
    """Return how many `to_unit` make one `from_unit`, or None across dimensions."""
    for unit in (from_unit, to_unit):
        if unit not in NAMES:
            raise UnknownUnit(unit=unit)
    if from_unit == to_unit:
        return 1.0
    source, target = (_registry().Unit(NAMES[unit]) for unit in (from_unit, to_unit))
    if source.dimensionality != target.dimensionality:
        return None
    return float(_registry().convert(1.0, source, target))


def is_known(unit: str) -> bool:
    """Tell whether `unit` is spelled exactly like a unit of the platform."""
    return unit in NAMES


def same_dimension(a: str, b: str) -> bool:
    """Tell whether amounts in `a` can be given in `b`; raises `UnknownUnit`."""
    return _factor(a, b) is not None


def convert(amount: float, from_unit: str, to_unit: str) -> float:
    """Convert an amount.

    Parameters
    ----------
    amount
        Amount [`from_unit`].

    Returns
    -------
    float
        The same amount [`to_unit`].

    Raises
    ------
    UnknownUnit
        If either unit is not in `NAMES`.
    IncompatibleUnits
        If they measure different quantities, e.g. `kWh` and `kwh_capacity`.
    """
    factor = _factor(from_unit, to_unit)
    if factor is None:
        raise IncompatibleUnits(from_unit=from_unit, to_unit=to_unit)
    return amount * factor
