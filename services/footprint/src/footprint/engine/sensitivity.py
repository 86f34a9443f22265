"""Which inputs a score depends on: gradients, contributions to variance, tornado."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from footprint.engine.arrays import Floats
from footprint.engine.distributions import Distributions
from footprint.engine.draws import Stream
from footprint.engine.errors import MalformedSystemError
from footprint.engine.perturbation import (
    MATRICES,
    Change,
    Changes,
    OperatingPoint,
    entries,
)
from footprint.engine.system import System

#: Probabilities at which a tornado evaluates an input: the ends of its 90 % interval.
TORNADO_PROBABILITIES = (0.05, 0.95)
#: Bars of a tornado; more than a reader compares.
TOP = 20


@dataclass(frozen=True, slots=True)
class Gradients:
    """Derivatives of a score by the entries of each matrix (m,) [unit of the method / unit]."""

    technosphere: Floats
    biosphere: Floats
    characterization: Floats


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """Parts of the first-order variance of a score that inputs contribute [-]; they sum to 1.

    Attributes
    ----------
    technosphere, biosphere, characterization
        By entry (m,).
    drivers
        By driver (d,).
    variance
        ``Σ (∂h/∂a)² Var(a)`` [unit of the method²]. All shares are 0 where it is.
    explained
        It, divided by the variance of a Monte Carlo analysis [-], if that is given and not zero.
        Far from 1 the score is not linear over the spread of its inputs and shares mean little.
    """

    technosphere: Floats
    biosphere: Floats
    characterization: Floats
    drivers: Floats
    variance: float
    explained: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Scores over the spread of one input, all others held at their amounts.

    Attributes
    ----------
    stream
        The matrix of the entry; `PARAMETERS` for a driver.
    position
        Of the entry in its matrix, or among the drivers.
    amounts
        At which the entry is evaluated, signed as in the matrix, so that the lower one is the
        larger input [unit of the row / unit of the column]; none for a driver.
    scores
        There, or under each change of the driver [unit of the method].
    """

    stream: Stream
    position: int
    amounts: tuple[float, ...]
    scores: tuple[float, ...]

    @property
    def swing(self) -> float:
        """Distance between the least and the largest score [unit of the method]."""
        return max(self.scores) - min(self.scores)


def gradients(system: System, product: int, amount: float, method: int) -> Gradients:
    """Differentiate a score by every entry, by one forward and one adjoint solve.

    ``∂h/∂A_ij = −y_i s_j``, ``∂h/∂B_fj = c_f s_j`` and ``∂h/∂c_f = g_f``.

    Parameters
    ----------
    product, amount
        What is asked for [unit of the product].
    method
        Column of C.

    Raises
    ------
    MalformedSystemError, SingularSystemError
    """
    point = OperatingPoint(system, product, amount, method)
    return Gradients(*(point.gradient(matrix) for matrix in MATRICES))


def contributions_to_variance(
    point: OperatingPoint,
    *,
    given: Floats | None = None,
    drivers: Sequence[Changes] = (),
    varying: Collection[Stream] = MATRICES,
    monte_carlo_variance: float | None = None,
) -> VarianceShares:
    """Attribute the variance of a score to its inputs, to first order.

    Parameters
    ----------
    given
        Row values that entries are multiplied by at the point (rows,), see `Distributions`.
    drivers
        For inputs that move several entries, such as parameters of formulas: the amounts when the
        driver lies one standard deviation above its mean, all others held.
    varying
        Matrices whose entries vary; those of others contribute nothing.
    monte_carlo_variance
        Of the scores of a Monte Carlo analysis of the same inputs [unit of the method²].

    Raises
    ------
    MalformedSystemError
        If an entry has a row that is not given.

    Notes
    -----
    Inputs are taken as independent. E. A. Groen & R. Heijungs, Int. J. Life Cycle Assess. 22, 2017,
    doi:10.1007/s11367-016-1217-3; P. Imbeault-Tétreault et al., J. Ind. Ecol. 17, 2013,
    doi:10.1111/jiec.12052.
    """
    slopes = {matrix: point.gradient(matrix) for matrix in MATRICES}
    parts = []
    for matrix in MATRICES:
        distribution = entries(point.system, matrix).distribution
        deviation = np.sqrt(distribution.variance()) * _multipliers(distribution, given)
        parts.append(np.square(slopes[matrix] * deviation) * (matrix in varying))
    moved = [
        sum(
            float(slopes[matrix][change.entry] @ _differences(point, matrix, change))
            for matrix, change in driver.items()
        )
        for driver in drivers
    ]
    parts.append(np.square(np.array(moved, np.float64)))
    variance = float(sum(part.sum() for part in parts))
    if variance > 0.0:
        parts = [part / variance for part in parts]
    technosphere, biosphere, characterization, by_driver = parts
    return VarianceShares(
        technosphere=technosphere,
        biosphere=biosphere,
        characterization=characterization,
        drivers=by_driver,
        variance=variance,
        explained=variance / monte_carlo_variance if monte_carlo_variance else None,
    )


def tornado(
    point: OperatingPoint,
    *,
    given: Floats | None = None,
    drivers: Sequence[Sequence[Changes]] = (),
    varying: Collection[Stream] = MATRICES,
    probabilities: tuple[float, float] = TORNADO_PROBABILITIES,
    top: int = TOP,
) -> tuple[Bar, ...]:
    """Evaluate the score at two quantiles of each input, one input at a time.

    Parameters
    ----------
    given
        Row values that entries are multiplied by at the point (rows,), see `Distributions`.
    drivers
        For inputs that move several entries: the amounts at either quantile of a parameter, or
        under each option of a choice.
    varying
        Matrices whose entries vary.
    top
        Most bars to return.

    Returns
    -------
    tuple of Bar
        By falling swing; inputs without any effect are left out.

    Raises
    ------
    MalformedSystemError
        If an entry has a row that is not given.
    SingularSystemError
        If there is no supply at one of the amounts.

    Notes
    -----
    Which entries are evaluated is decided by their gradients, the scores themselves are exact.
    """
    candidates = [
        candidate
        for matrix in MATRICES
        if matrix in varying
        for candidate in _candidates(point, matrix, given, probabilities, top)
    ]
    candidates.sort(key=lambda candidate: -candidate[0])
    bars = []
    for _, matrix, position, amounts in candidates[:top]:
        changes = [{matrix: Change(np.array([position]), np.array([amount]))} for amount in amounts]
        scores = tuple(point.score_with(change) for change in changes)
        bars.append(Bar(matrix, position, amounts, scores))
    for position, driver in enumerate(drivers):
        scores = tuple(point.score_with(change) for change in driver)
        bars.append(Bar(Stream.PARAMETERS, position, (), scores))
    bars.sort(key=lambda bar: -bar.swing)
    return tuple(bar for bar in bars[:top] if bar.swing > 0.0)


def _candidates(
    point: OperatingPoint,
    matrix: Stream,
    given: Floats | None,
    probabilities: tuple[float, float],
    top: int,
) -> list[tuple[float, Stream, int, tuple[float, ...]]]:
    """List the entries of one matrix of the largest linear swings, with the amounts to look at."""
    distribution = entries(point.system, matrix).distribution
    multipliers = _multipliers(distribution, given)
    amounts = np.array([distribution.quantile(place) for place in probabilities]) * multipliers
    amounts = np.sort(amounts, axis=0)
    swings = np.abs(point.gradient(matrix)) * (amounts[1] - amounts[0])
    largest = np.argsort(-swings, kind="stable")[:top]
    return [
        (float(swings[place]), matrix, place, tuple(amounts[:, place].tolist()))
        for place in largest[swings[largest] > 0.0].tolist()
    ]


def _multipliers(distribution: Distributions, given: Floats | None) -> Floats:
    """Return the row value that each drawn amount is multiplied by (m,)."""
    rows = 0 if given is None else len(given)
    if (distribution.given >= rows).any():
        raise MalformedSystemError(f"entries refer to more than the {rows} rows of given values")
    values = np.append(np.zeros(0) if given is None else given, 1.0)
    # Without a row the place is −1: the one appended.
    return values[distribution.given]


def _differences(point: OperatingPoint, matrix: Stream, change: Change) -> Floats:
    return change.amount - entries(point.system, matrix).amount[change.entry]
