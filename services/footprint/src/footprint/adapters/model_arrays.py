"""From an inventory model to the engine's arrays, and to the values that its formulas take.

Products, activities, flows and methods have the positions that they have in the model; exchanges
and factors are listed by position. A model under a scenario gives arrays of the same lengths and
positions (`InventoryModel.under`), so that both see the same draws.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footprint.adapters.model_samples import Row, draw_samples
from footprint.domain.formula import Formula
from footprint.domain.inventory_model import (
    Amount,
    Direction,
    Exchange,
    Factor,
    InventoryModel,
    Uncertainty,
    UncertaintyKind,
)
from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions, Kind
from footprint.engine.sampling_run import Given
from footprint.engine.system import Exchanges, System

_KINDS = {
    UncertaintyKind.LOGNORMAL: Kind.LOGNORMAL,
    UncertaintyKind.NORMAL: Kind.NORMAL,
    UncertaintyKind.TRIANGULAR: Kind.TRIANGULAR,
    UncertaintyKind.UNIFORM: Kind.UNIFORM,
}


@dataclass(frozen=True, slots=True)
class ModelArrays:
    """A model as the engine takes it.

    Attributes
    ----------
    technosphere, biosphere
        Exchanges by their position in the system.
    characterization
        Factors by their position in the system.
    background
        Whether each activity belongs to the background (n,), bool.
    parameters
        Distributions of the parameters, then of the uniform numbers that decide the choices; a
        parameter with a formula has a place that is not used.
    rows
        What stands in each row of the table of given values.
    """

    model: InventoryModel
    system: System
    technosphere: tuple[Exchange, ...]
    biosphere: tuple[Exchange, ...]
    characterization: tuple[Factor, ...]
    background: NDArray[np.bool_]
    parameters: Distributions
    rows: tuple[Row, ...]

    def given(self, seed: int) -> Given | None:
        """Return the callback that gives formulas and choices their values in samples.

        Returns
        -------
        callable or None
            None if no formula and no choice varies. It raises `SampledFormulaNotFinite`.
        """
        if not self.rows:
            return None
        every = np.arange(len(self.rows))

        def table(first: int, count: int) -> Floats:
            return self.rows_of(every, seed, first, count)

        return table

    def rows_of(self, chosen: Integers, seed: int, first: int, count: int) -> Floats:
        """Return some rows of the table of given values (k, count), one at least.

        Raises
        ------
        SampledFormulaNotFinite
        """
        samples = draw_samples(self.model, self.parameters, seed, first, count)
        return np.vstack([samples.row(self.rows[place]) for place in chosen.tolist()])

    def draw_parameters(self, seed: int, first: int, count: int) -> dict[str, Floats]:
        """Draw what varies by itself of parameters and choices, by id (count,).

        A choice is told by the position of the option among the model's.

        Raises
        ------
        SampledFormulaNotFinite
        """
        samples = draw_samples(self.model, self.parameters, seed, first, count)
        varying = {
            parameter.id: samples.values[parameter.id]
            for parameter in self.model.parameters
            if parameter.amount.uncertainty is not None
        }
        decided = {
            choice.id: samples.options[choice.id].astype(np.float64)
            for choice in self.model.choices
            if not choice.is_certain
        }
        return varying | decided


def model_arrays(model: InventoryModel) -> ModelArrays:
    """Build the arrays of a model; see `ModelArrays`."""
    products = {product.id: place for place, product in enumerate(model.products)}
    flows = {flow.id: place for place, flow in enumerate(model.flows)}
    activities = {activity.id: place for place, activity in enumerate(model.activities)}
    exchanges = tuple(model.exchanges())
    technosphere = tuple(e for e in exchanges if e.direction is not Direction.EMISSION)
    biosphere = tuple(e for e in exchanges if e.direction is Direction.EMISSION)
    factors = tuple(factor for method in model.methods for factor in method.factors)
    columns = [place for place, method in enumerate(model.methods) for _ in method.factors]
    builder = _Builder(model)
    system = System(
        size=len(activities),
        flows=len(flows),
        methods=len(model.methods),
        technosphere=builder.exchanges(technosphere, products, activities),
        biosphere=builder.exchanges(biosphere, flows, activities),
        characterization=_entries(
            [flows[factor.flow] for factor in factors],
            columns,
            [factor.amount.value({}) for factor in factors],
            [_distribution(f.amount.value({}), f.amount.uncertainty) for f in factors],
            [-1] * len(factors),
        ),
        reference=np.array([products[a.product] for a in model.activities], dtype=np.int64),
    )
    return ModelArrays(
        model=model,
        system=system,
        technosphere=technosphere,
        biosphere=biosphere,
        characterization=factors,
        background=np.array([activity.background for activity in model.activities], dtype=np.bool_),
        parameters=_parameter_distributions(model),
        rows=tuple(builder.rows),
    )


class _Builder:
    """Works formulas and choices into amounts, and what varies of them into rows."""

    def __init__(self, model: InventoryModel) -> None:
        self.values = model.parameter_values()
        self.defaults = model.default_options()
        self.rows: dict[Row, int] = {}
        self.open = {choice.id for choice in model.choices if not choice.is_certain}
        amounts = {parameter.id: parameter.amount for parameter in model.parameters}
        self.varying: set[str] = set()
        for id_ in model.parameter_order:
            if amounts[id_].uncertainty or self._varying_formula(amounts[id_]):
                self.varying.add(id_)

    def _varying_formula(self, amount: Amount) -> Formula | None:
        """Return an amount's formula if it gives other values in other samples."""
        if isinstance(amount.given, Formula) and not self.varying.isdisjoint(amount.given.names):
            return amount.given
        return None

    def exchanges(
        self, found: tuple[Exchange, ...], rows: Mapping[str, int], columns: Mapping[str, int]
    ) -> Exchanges:
        amounts, distributions, given = [], [], []
        for exchange in found:
            sign = -1.0 if exchange.direction is Direction.INPUT else 1.0
            value = sign * exchange.amount.value(self.values)
            chosen = exchange.when is None or self.defaults[exchange.when[0]] == exchange.when[1]
            formula = self._varying_formula(exchange.amount)
            when = exchange.when if exchange.when and exchange.when[0] in self.open else None
            centre = value if formula is None else sign
            amounts.append(value if chosen else 0.0)
            if when is None and not chosen:
                distributions.append(_distribution(0.0, None))
                given.append(-1)
                continue
            distributions.append(_distribution(centre, exchange.amount.uncertainty, sign))
            if formula is None and when is None:
                given.append(-1)
            else:
                row = Row(formula, when, exchange.id)
                given.append(self.rows.setdefault(row, len(self.rows)))
        return _entries(
            [rows[exchange.item] for exchange in found],
            [columns[exchange.activity] for exchange in found],
            amounts,
            distributions,
            given,
        )


def _parameter_distributions(model: InventoryModel) -> Distributions:
    values = model.parameter_values()
    found = [
        _distribution(values[parameter.id], parameter.amount.uncertainty)
        for parameter in model.parameters
    ]
    found += [(Kind.UNIFORM, 0.0, 1.0, 0.0)] * len(model.choices)
    return _distributions(found, [-1] * len(found))


def _distribution(
    centre: float, uncertainty: Uncertainty | None, sign: float = 1.0
) -> tuple[Kind, float, float, float]:
    """Return kind and parameters as `Distributions` has them; `centre` carries the sign."""
    if uncertainty is None:
        return Kind.FIXED, centre, 0.0, 0.0
    kind = _KINDS[uncertainty.kind]
    if kind is Kind.LOGNORMAL:
        return kind, centre, math.log(uncertainty.gsd), 0.0
    if kind is Kind.NORMAL:
        return kind, centre, uncertainty.sd, 0.0
    least, largest = sorted((sign * uncertainty.minimum, sign * uncertainty.maximum))
    if kind is Kind.UNIFORM:
        return kind, least, largest, 0.0
    return kind, least, centre, largest


def _distributions(
    found: Iterable[tuple[Kind, float, float, float]], given: list[int]
) -> Distributions:
    table = np.array(list(found), dtype=np.float64).reshape(-1, 4).T.copy()
    kind, first, second, third = table
    return Distributions(
        kind.astype(np.int64), first, second, third, np.array(given, dtype=np.int64)
    )


def _entries(
    row: list[int],
    column: list[int],
    amount: list[float],
    distributions: list[tuple[Kind, float, float, float]],
    given: list[int],
) -> Exchanges:
    return Exchanges(
        np.array(row, dtype=np.int64),
        np.array(column, dtype=np.int64),
        np.array(amount, dtype=np.float64),
        _distributions(distributions, given),
    )
