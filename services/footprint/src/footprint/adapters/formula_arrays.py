"""The operations of formulas on arrays of samples; they agree with those on floats."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from footprint.engine.arrays import Floats


def _spoiled(function: Callable[..., Any]) -> Callable[..., Floats]:
    """Make NaN of what is not finite, and of whatever uses it."""

    def applied(*arguments: Floats | float) -> Floats:
        with np.errstate(all="ignore"):
            result = np.asarray(function(*arguments), np.float64)
        unsound = reduce(np.logical_or, map(np.isnan, arguments), ~np.isfinite(result))
        return np.where(unsound, np.nan, result)

    return applied


def _truth(value: Floats | float) -> Floats:
    return np.where(np.isnan(value), np.nan, np.not_equal(value, 0.0))


def _and(left: Floats | float, right: Floats | float) -> Floats:
    return np.where(_truth(left) == 1.0, _truth(right), _truth(left))


def _or(left: Floats | float, right: Floats | float) -> Floats:
    return np.where(_truth(left) == 0.0, _truth(right), _truth(left))


def _if(value: Floats | float, condition: Floats | float, other: Floats | float) -> Floats:
    taken = np.where(np.not_equal(condition, 0.0), value, other)
    return np.where(np.isnan(condition), np.nan, taken)


#: Operations on arrays, by the names of `footprint.domain.formula.FLOATS`.
ARRAYS: Mapping[str, Callable[..., Floats]] = {
    **{
        name: _spoiled(function)
        for name, function in {
            "+": np.add,
            "-": np.subtract,
            "*": np.multiply,
            "/": np.divide,
            "**": np.power,
            "<": np.less,
            "<=": np.less_equal,
            ">": np.greater,
            ">=": np.greater_equal,
            "==": np.equal,
            "!=": np.not_equal,
            "negative": np.negative,
            "positive": np.positive,
            "not": np.logical_not,
            "min": np.minimum,
            "max": np.maximum,
            "abs": np.abs,
            "sqrt": np.sqrt,
            "exp": np.exp,
            "log": np.log,
        }.items()
    },
    "and": _and,
    "or": _or,
    "if": _if,
}
