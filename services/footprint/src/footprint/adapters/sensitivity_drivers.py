"""What moves several exchanges of an inventory model at once: its parameters and its choices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from footprint.adapters.model_arrays import ModelArrays, model_arrays
from footprint.domain.analysis_result import InputName
from footprint.domain.inventory_model import Amount, Choice, Name, Parameter, Scenario
from footprint.engine.perturbation import MATRICES, Change, Changes, changes_between, entries
from footprint.engine.sensitivity import TORNADO_PROBABILITIES
from footprint.engine.system import System

#: Step of central differences, as a share of a standard deviation: errors of about its square.
STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Driver:
    """A parameter or a choice, which moves all the exchanges that use it.

    Attributes
    ----------
    amount
        Of a parameter [unit]; None for a choice.
    weights
        Probabilities of the options of a choice; empty for a parameter.
    step
        Of a parameter: changes when it lies one standard deviation above its amount, by their
        derivatives there.
    deviation
        That standard deviation [unit].
    levels
        Amounts, or options, that the tornado looks at, with the changes there.
    """

    name: InputName
    amount: float | None
    weights: tuple[float, ...]
    step: Changes
    deviation: float
    levels: tuple[tuple[float | None, str, Changes], ...]


def drivers_of(arrays: ModelArrays) -> Iterator[Driver]:
    """Yield the parameters that vary and the choices that are not certain."""
    model = arrays.model
    for place, parameter in enumerate(model.parameters):
        if parameter.amount.uncertainty is not None:
            yield _of_parameter(arrays, place, parameter)
    for choice in model.choices:
        if not choice.is_certain:
            yield _of_choice(arrays, choice)


def _of_parameter(arrays: ModelArrays, place: int, parameter: Parameter) -> Driver:
    distributions = arrays.parameters
    deviation = float(np.sqrt(distributions.variance()[place]))
    amount = arrays.model.parameter_values()[parameter.id]

    def at(value: float) -> Changes:
        return _changes(arrays, parameters={parameter.id: Amount(value)})

    quantiles = [float(distributions.quantile(p)[place]) for p in TORNADO_PROBABILITIES]
    return Driver(
        name=InputName(
            "parameter",
            parameter.id,
            unit=parameter.unit,
            source=parameter.source,
            confidence=parameter.confidence,
        ),
        amount=amount,
        weights=(),
        step=_step(arrays, parameter.id, amount, deviation),
        deviation=deviation,
        levels=tuple((value, "", at(value)) for value in quantiles),
    )


def _step(arrays: ModelArrays, id_: str, amount: float, deviation: float) -> Changes:
    """Move a parameter by its deviation along the derivatives of what depends on it."""
    width = STEP * deviation
    ends = [
        _with(arrays, parameters={id_: Amount(value)}) for value in (amount + width, amount - width)
    ]
    changes = {}
    for matrix in MATRICES:
        above, below = (entries(system, matrix).amount for system in ends)
        moved = (above - below) / (2.0 * STEP)
        entry = np.flatnonzero(moved)
        before = entries(arrays.system, matrix).amount[entry]
        changes[matrix] = Change(entry, before + moved[entry])
    return changes


def _of_choice(arrays: ModelArrays, choice: Choice) -> Driver:
    possible = {option: share for option, share in choice.probabilities.items() if share > 0.0}
    return Driver(
        name=InputName("choice", choice.id),
        amount=None,
        weights=tuple(possible.values()),
        step={},
        deviation=0.0,
        levels=tuple(
            (None, option, _changes(arrays, choices={choice.id: option})) for option in possible
        ),
    )


def _changes(
    arrays: ModelArrays,
    *,
    parameters: Mapping[str, Amount] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Changes:
    """Return what changes of the system with other parameters or choices."""
    return changes_between(arrays.system, _with(arrays, parameters=parameters, choices=choices))


def _with(
    arrays: ModelArrays,
    *,
    parameters: Mapping[str, Amount] | None = None,
    choices: Mapping[str, str] | None = None,
) -> System:
    """Return the system with other parameters or choices."""
    scenario = Scenario("", Name(), parameters=parameters or {}, choices=choices or {})
    return model_arrays(arrays.model.under(scenario)).system
