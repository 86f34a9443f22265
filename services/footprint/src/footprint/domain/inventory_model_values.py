"""Checks of what an inventory model's amounts come to."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from sys import float_info

from chassis.errors import Location
from footprint.domain.formula import FLOATS, Formula
from footprint.domain.inventory_model import Activity, Direction, InventoryModel
from footprint.domain.inventory_model_amounts import Scope
from footprint.domain.inventory_model_errors import FormulaNotFinite, ReferenceNotExchanged

#: What sums of amounts may be off by, relative to the sum of their sizes [-]: the rounding of each.
ROUNDING = 4.0 * float_info.epsilon


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
        if _cancels(_reference_amounts(activity, values)):
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
        at = _at(scope.at(thing, id_, "formula"), scenario)
        scope.violations.add(FormulaNotFinite(at, given.text, given.used(values)))


def _reference_amounts(activity: Activity, values: Mapping[str, float]) -> list[float]:
    """Return what the activity gives and, negative, takes of its reference; NaN if not known."""
    signs = {Direction.OUTPUT: 1.0, Direction.INPUT: -1.0}
    return [
        signs[exchange.direction] * exchange.amount.value(values)
        for exchange in activity.exchanges
        if exchange.direction in signs and exchange.item == activity.product
    ]


def _cancels(amounts: Iterable[float]) -> bool:
    """Say whether nothing is left on balance but rounding, as of 0.1 + 0.2 − 0.3."""
    balance = size = 0.0
    for amount in amounts:
        balance, size = balance + amount, size + abs(amount)
    return math.isfinite(balance) and abs(balance) <= ROUNDING * size


def _at(location: Location, scenario: str) -> Location:
    if not scenario:
        return location
    return replace(location, field=f"{scenario} → {location.field}")
