from itertools import combinations

import pytest

from chassis.units import NAMES, IncompatibleUnits, UnknownUnit, convert, is_known, same_dimension


@pytest.mark.parametrize(
    ("amount", "from_unit", "to_unit", "expected"),
    [
        (1.0, "kWh", "MJ", 3.6),
        (36.0, "MJ", "kWh", 10.0),
        (2.0, "MWh", "GJ", 7.2),
        (1.5, "t", "kg", 1500.0),
        (250.0, "g", "kg", 0.25),
        (1000.0, "L", "m3", 1.0),
        (7.0, "t.km", "t.km", 7.0),
    ],
)
def test_amounts_convert(amount: float, from_unit: str, to_unit: str, expected: float) -> None:
    assert convert(amount, from_unit, to_unit) == pytest.approx(expected, rel=1e-15)


ALIKE = ["kWh", "kwh_capacity", "kwh_delivered", "kwp", "kg", "kg CO2e", "t.km", "piece", "vehicle"]


@pytest.mark.parametrize(("a", "b"), [*combinations(ALIKE, 2)])
def test_quantities_that_only_look_alike_do_not_convert(a: str, b: str) -> None:
    assert not same_dimension(a, b)
    with pytest.raises(IncompatibleUnits):
        convert(1.0, a, b)


@pytest.mark.parametrize("unit", ["kwh", "KG", "kg ", "", "kg**9999999", "kilogram", "kg*kg", "m³"])
def test_only_exact_names_are_units(unit: str) -> None:
    assert not is_known(unit)
    with pytest.raises(UnknownUnit):
        convert(1.0, unit, "kg")


def test_every_name_has_a_definition() -> None:
    for unit in NAMES:
        assert convert(2.0, unit, "kg" if same_dimension(unit, "kg") else unit) > 0
