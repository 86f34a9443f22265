"""What moves several exchanges of an inventory model at once: its parameters and its choices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from footprint.adapters.model_arrays import ModelArrays, model_arrays
from footprint.domain.analysis_errors import NotComputable
from footprint.domain.analysis_result import InputName
from footprint.domain.inventory_model import Amount, Choice, Name, Parameter, Scenario
from footprint.engine.arrays import Floats
from footprint.engine.errors import MalformedSystemError
from footprint.engine.perturbation import MATRICES, Change, Changes, changes_between, entries
from footprint.engine.sensitivity import TORNADO_PROBABILITIES
from footprint.engine.system import System

#: Step of differences, as a share of a standard deviation: errors of about its square.
STEP = 1e-4
#: Differences on both sides of a point that are farther apart than this share of the larger one
#: meet a step or a bend there: far above what the curvature of smooth formulas makes of `STEP`.
BEND = 0.01
#: Probability of what is drawn outside of the range that differences are taken in [-].
TAIL = 1e-9


@dataclass(frozen=True, slots=True)
class Driver:
    """A parameter or a choice, which moves all the exchanges that use it.

    Attributes
    ----------
    amount
        Of a parameter [unit]; None for a choice.
    weights
        Probabilities of the options of a choice; empty for a parameter.
    deviation
        Standard deviation of a parameter [unit].
    levels
        Amounts, or options, that the tornado looks at, with the changes there.
    """

    name: InputName
    amount: float | None
    weights: tuple[float, ...]
    deviation: float
    levels: tuple[tuple[float | None, str, Changes], ...]


def drivers_of(arrays: ModelArrays) -> Iterator[Driver]:
    """Yield the parameters that vary and then the choices that are not certain."""
    for place, parameter in _varying(arrays):
        yield _of_parameter(arrays, place, parameter)
    for choice in arrays.model.choices:
        if not choice.is_certain:
            yield _of_choice(arrays, choice)


def steps_of(arrays: ModelArrays) -> list[Changes]:
    """Return what the exchanges are when each of the parameters lies one deviation higher.

    By the derivatives of formulas; where they have a step or a bend next to the amount, by the
    secant between the quantiles of the tornado.
    """
    return [_step(arrays, place, parameter.id) for place, parameter in _varying(arrays)]


def _varying(arrays: ModelArrays) -> Iterator[tuple[int, Parameter]]:
    for place, parameter in enumerate(arrays.model.parameters):
        if parameter.amount.uncertainty is not None:
            yield place, parameter


def _of_parameter(arrays: ModelArrays, place: int, parameter: Parameter) -> Driver:
    return Driver(
        name=InputName(
            "parameter",
            parameter.id,
            unit=parameter.unit,
            source=parameter.source,
            confidence=parameter.confidence,
        ),
        amount=arrays.model.parameter_values()[parameter.id],
        weights=(),
        deviation=_deviation(arrays, place),
        levels=tuple(
            (value, "", changes_between(arrays.system, _at(arrays, parameter.id, value)))
            for value in (_quantile(arrays, place, p) for p in TORNADO_PROBABILITIES)
        ),
    )


def _step(arrays: ModelArrays, place: int, id_: str) -> Changes:
    deviation = _deviation(arrays, place)
    low, high = (_quantile(arrays, place, p) for p in TORNADO_PROBABILITIES)
    width = STEP * min(deviation, high - low)
    least, most = (_quantile(arrays, place, p) for p in (TAIL, 1.0 - TAIL))
    amount = arrays.model.parameter_values()[id_]
    # Formulas need have no value beyond what is drawn.
    centre = min(max(amount, least + width), most - width)
    below, above = centre - width, centre + width
    if not below < centre < above:
        return {}  # It varies by no more than rounding.
    # The differences that are divided by are those of the numbers as they are rounded.
    points = {value: _at(arrays, id_, value) for value in (below, centre, above)}
    ends: dict[float, System] = {}
    changes = {}
    for matrix in MATRICES:
        at = {value: entries(system, matrix).amount for value, system in points.items()}
        left = (at[centre] - at[below]) / (centre - below)
        right = (at[above] - at[centre]) / (above - centre)
        slope = (at[above] - at[below]) / (above - below)
        bent = np.abs(right - left) > BEND * np.maximum(np.abs(left), np.abs(right)) + _noise(
            at[centre], width
        )
        if bent.any():
            ends = ends or {value: _at(arrays, id_, value) for value in (low, high)}
            rise = entries(ends[high], matrix).amount - entries(ends[low], matrix).amount
            slope = np.where(bent, rise / (high - low), slope)
        entry = np.flatnonzero(slope)
        before = entries(arrays.system, matrix).amount[entry]
        changes[matrix] = Change(entry, before + slope[entry] * deviation)
    return changes


def _noise(amounts: Floats, width: float) -> Floats:
    """Return what rounding alone makes of differences of amounts over a width."""
    return 8.0 * np.spacing(np.abs(amounts)) / width


def _of_choice(arrays: ModelArrays, choice: Choice) -> Driver:
    possible = possible_options(choice)
    return Driver(
        name=InputName("choice", choice.id),
        amount=None,
        weights=tuple(possible.values()),
        deviation=0.0,
        levels=tuple(
            (None, option, changes_between(arrays.system, system))
            for option, system in (
                (option, under(arrays, {choice.id: option}).system) for option in possible
            )
        ),
    )


def possible_options(choice: Choice) -> dict[str, float]:
    """Return the probabilities [-] of the options that are taken at all."""
    return {option: share for option, share in choice.probabilities.items() if share > 0.0}


def under(arrays: ModelArrays, options: Mapping[str, str]) -> ModelArrays:
    """Return the arrays with options decided, at the same places."""
    return model_arrays(arrays.model.under(Scenario("", Name(), choices=options)))


def _at(arrays: ModelArrays, id_: str, value: float) -> System:
    """Return the system with another amount of a parameter."""
    scenario = Scenario("", Name(), parameters={id_: Amount(value)})
    try:
        return model_arrays(arrays.model.under(scenario)).system
    except MalformedSystemError as error:
        raise NotComputable(
            f"a formula has no finite value with {id_} = {value:g}",
            f"{id_} = {value:g} 时有公式没有有限值",
            (id_,),
        ) from error


def _quantile(arrays: ModelArrays, place: int, probability: float) -> float:
    return float(arrays.parameters.quantile(probability)[place])


def _deviation(arrays: ModelArrays, place: int) -> float:
    return float(np.sqrt(arrays.parameters.variance()[place]))
