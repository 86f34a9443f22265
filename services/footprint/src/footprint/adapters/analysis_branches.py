"""The combinations of options that an inventory model may meet, each a model without choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from footprint.adapters.model_arrays import ModelArrays
from footprint.adapters.sensitivity_drivers import possible_options, steps_of, under
from footprint.domain.formula import FLOATS
from footprint.domain.inventory_model import InventoryModel
from footprint.engine.arrays import Floats
from footprint.engine.perturbation import Changes
from footprint.engine.technosphere import Technosphere

#: Combinations that are looked at, the most probable ones: each is solved anew.
MOST_BRANCHES = 32


@dataclass(frozen=True, slots=True)
class Branch:
    """A model with all its options decided.

    Attributes
    ----------
    probability
        Of these options together, among the branches looked at [-]; they sum to 1.
    options
        By choice.
    given
        What each row of given values is here (rows,); None without rows.
    steps
        See `steps_of`: one for each parameter that varies.
    """

    probability: float
    options: Mapping[str, str]
    arrays: ModelArrays
    technosphere: Technosphere
    given: Floats | None
    steps: tuple[Changes, ...]


def branches_of(arrays: ModelArrays, technosphere: Technosphere) -> tuple[Branch, ...]:
    """Return the branches of a model, most probable first, after that of the default options.

    Parameters
    ----------
    technosphere
        Of the default options, which come first even where they are never taken: with a
        probability of 0.
    """
    used = {exchange.when[0] for exchange in arrays.model.exchanges() if exchange.when}
    default = {
        choice.id: choice.default
        for choice in arrays.model.choices
        if choice.id in used and not choice.is_certain
    }
    found = _combinations(arrays.model, set(default))
    probability = next((share for share, options in found if options == default), 0.0)
    others = [each for each in found if each[1] != default]
    branches = []
    for share, options in [(probability, default), *others]:
        decided = under(arrays, options)
        branches.append(
            Branch(
                share,
                options,
                decided,
                technosphere
                if options == default
                else Technosphere(decided.system.technosphere_matrix()),
                _given(decided),
                tuple(steps_of(decided)),
            )
        )
    return tuple(branches)


def _combinations(model: InventoryModel, open_: set[str]) -> list[tuple[float, dict[str, str]]]:
    """Combine the options of choices: the most probable combinations, first the most probable.

    Choices are independent, so that no combination is among the most probable ones whose options
    of the first choices are not.
    """
    found: list[tuple[float, dict[str, str]]] = [(1.0, {})]
    for choice in model.choices:
        if choice.id in open_:
            further = (
                (share * probability, options | {choice.id: option})
                for share, options in found
                for option, probability in possible_options(choice).items()
            )
            found = nlargest(MOST_BRANCHES, further, key=lambda each: each[0])
    total = sum(share for share, _ in found)
    return [(share / total, options) for share, options in found]


def _given(arrays: ModelArrays) -> Floats | None:
    """Return what each row of given values is by the amounts of the parameters (rows,)."""
    if not arrays.rows:
        return None
    values = arrays.model.parameter_values()
    return np.array(
        [row.formula.evaluate(values, FLOATS) if row.formula else 1.0 for row in arrays.rows]
    )
