"""Checks of what an inventory model's amounts come to."""

import math
from collections.abc import Iterable, Mapping

from chassis.errors import Location
from footprint.domain.formula import FLOATS, Formula
from footprint.domain.inventory_model import Activity, Direction, InventoryModel
from footprint.domain.inventory_model_amounts import Scope
from footprint.domain.inventory_model_errors import FormulaNotFinite, ReferenceNotExchanged


def check_values(
    model: InventoryModel, activities: Iterable[int], scope: Scope, scenario: str = ""
) -> None:
    """Note formulas without a finite value, and activities without their reference product.

    Parameters
    ----------
    activities
        Positions of those to look at.
    scenario
        Path of the scenario under which the model stands.
    """
    values = model.parameter_values()
    for parameter in model.parameters:
        _check_formula(parameter.amount.given, values, scope, "parameter", parameter.id, scenario)
    for position in activities:
        activity = model.activities[position]
        for exchange in activity.exchanges:
            _check_formula(exchange.amount.given, values, scope, "exchange", exchange.id, scenario)
        if _reference_amount(activity, values) == 0.0:
            at = _at(scope.at("activity", activity.id, "product"), scenario)
            scope.violations.add(ReferenceNotExchanged(at, activity.id, activity.product))


def _check_formula(
    given: float | Formula,
    values: Mapping[str, float],
    scope: Scope,
    thing: str,
    id_: str,
    scenario: str,
) -> None:
    if not isinstance(given, Formula):
        return
    # A formula that uses another one without a value is not to blame.
    if any(math.isnan(values[name]) for name in given.names):
        return
    if math.isnan(given.evaluate(values, FLOATS)):
        used = tuple(f"{name} = {values[name]:g}" for name in given.names)
        at = _at(scope.at(thing, id_, "formula"), scenario)
        scope.violations.add(FormulaNotFinite(at, given.text, used))


def _reference_amount(activity: Activity, values: Mapping[str, float]) -> float:
    """Return what the activity gives of its reference on balance; NaN if it is not known."""
    signs = {Direction.OUTPUT: 1.0, Direction.INPUT: -1.0}
    return sum(
        signs[exchange.direction] * exchange.amount.value(values)
        for exchange in activity.exchanges
        if exchange.direction in signs and exchange.item == activity.product
    )


def _at(location: Location, scenario: str) -> Location:
    return Location(field=f"{scenario} → {location.field}") if scenario else location
