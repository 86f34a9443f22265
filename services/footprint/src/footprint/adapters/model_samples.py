"""Samples of an inventory model's parameters and choices, and what its formulas make of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from footprint.adapters.formula_arrays import ARRAYS
from footprint.domain.formula import Formula
from footprint.domain.inventory_model import Choice, InventoryModel
from footprint.domain.inventory_model_errors import SampledFormulaNotFinite
from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions
from footprint.engine.draws import Stream, draw


@dataclass(frozen=True, slots=True)
class Row:
    """What drawn amounts are multiplied by: a formula that varies, an option that is not certain.

    Attributes
    ----------
    exchange
        Id of the first exchange with it, for messages.
    """

    formula: Formula | None
    when: tuple[str, str] | None
    exchange: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Samples:
    """Consecutive samples of a model.

    Attributes
    ----------
    first, count
        Number of the first one, and how many.
    values
        Of all parameters, by id (count,) [unit of the parameter].
    options
        Positions of the options that are chosen, by choice (count,), int64.
    """

    model: InventoryModel
    first: int
    count: int
    values: Mapping[str, Floats]
    options: Mapping[str, Integers]

    def row(self, row: Row) -> Floats:
        """Return a row of the table of given values (count,).

        Raises
        ------
        SampledFormulaNotFinite
        """
        values = np.ones(self.count)
        if row.formula is not None:
            values = values * self.computed(row.formula, row.exchange)
        if row.when is not None:
            choice_id, option = row.when
            choice = next(choice for choice in self.model.choices if choice.id == choice_id)
            values = values * (self.options[choice_id] == list(choice.probabilities).index(option))
        return values

    def computed(self, formula: Formula, name: str) -> Floats:
        """Compute the values of a formula (count,), of what `name` is the id.

        Raises
        ------
        SampledFormulaNotFinite
        """
        values = np.broadcast_to(formula.evaluate(self.values, ARRAYS), (self.count,))
        if np.isnan(values).any():
            place = int(np.argmax(np.isnan(values)))
            used = tuple(f"{used} = {self.values[used][place]:g}" for used in formula.names)
            raise SampledFormulaNotFinite(formula.text, name, self.first + place, used)
        return values


def draw_samples(
    model: InventoryModel, parameters: Distributions, seed: int, first: int, count: int
) -> Samples:
    """Draw parameters and choices, and compute the parameters that have formulas.

    Parameters
    ----------
    parameters
        Distributions of the parameters and, behind them, of the numbers that decide the choices.

    Raises
    ------
    SampledFormulaNotFinite
    """
    table = draw(parameters, seed=seed, stream=Stream.PARAMETERS, first=first, count=count)
    values: dict[str, Floats] = {}
    deciding = table[len(model.parameters) :]
    samples = Samples(
        model,
        first,
        count,
        values,
        {
            choice.id: _chosen(choice, uniform)
            for choice, uniform in zip(model.choices, deciding, strict=True)
        },
    )
    drawn = dict(zip((parameter.id for parameter in model.parameters), table, strict=False))
    amounts = {parameter.id: parameter.amount for parameter in model.parameters}
    for id_ in model.parameter_order:
        given = amounts[id_].given
        values[id_] = samples.computed(given, id_) if isinstance(given, Formula) else drawn[id_]
    return samples


def _chosen(choice: Choice, uniform: Floats) -> Integers:
    """Return the position of the option that each number in [0, 1) stands for."""
    weights = np.array(list(choice.probabilities.values()))
    places = np.flatnonzero(weights)
    bounds = np.cumsum(weights[places])
    # Numbers above the last bound, which rounding may leave below 1, are the last option's.
    return places[np.searchsorted(bounds[:-1], uniform, side="right")]
