"""Amounts of a bill of materials that are computed from the parameters of its product."""

import math

from chassis import units
from footprint.domain.errors import (
    NegativeAmount,
    UnknownUnit,
    WrongDimension,
)
from footprint.domain.formula import FLOATS, Formula, parse_formula
from footprint.domain.inventory_model_amounts import check_names
from footprint.domain.inventory_model_errors import FormulaNotFinite, FormulaSyntax, NotOneField
from footprint.domain.product_header import Header
from footprint.domain.rows import RowReader


def read_computed_amount(
    reader: RowReader, unit: str, item_id: str, head: Header
) -> tuple[Formula | None, float | None, float]:
    """Read `formula` and `unit` of a row.

    Returns
    -------
    tuple of Formula, float and float
        The formula, its value by the parameters' own values [`unit`], and how many `unit` make
        one of the row's own. None where something is wrong.
    """
    if reader.values.get("amount") not in (None, ""):
        reader.violations.add(NotOneField(reader.at("formula"), ("amount", "formula")))
    given, text = reader.text("unit"), reader.text("formula")
    if given is None or text is None:
        return None, None, 1.0
    if not units.is_known(given):
        reader.violations.add(UnknownUnit(location=reader.at("unit"), unit=given, expected=unit))
        return None, None, 1.0
    if not units.same_dimension(given, unit):
        at = reader.at("unit")
        reader.violations.add(WrongDimension(at, item_id=item_id, unit=given, expected=unit))
        return None, None, 1.0
    try:
        formula = parse_formula(text, reader.at("formula"))
    except FormulaSyntax as violation:
        reader.violations.add(violation)
        return None, None, 1.0
    check_names(formula, reader.at("formula"), head.scope)
    scale = units.convert(1.0, given, unit)
    if not all(name in head.values for name in formula.names):
        return None, None, scale  # Noted where the parameter stands.
    amount = float(formula.evaluate(head.values, FLOATS)) * scale
    if not math.isfinite(amount):
        reader.violations.add(
            FormulaNotFinite(reader.at("formula"), text, formula.used(head.values))
        )
        return None, None, scale
    if amount < 0.0:
        reader.violations.add(NegativeAmount(reader.at("formula"), amount))
        return None, None, scale
    return formula, amount, scale
