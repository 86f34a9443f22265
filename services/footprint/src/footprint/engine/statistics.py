"""What the scores of a Monte Carlo analysis say: spread, convergence, comparison, correlation."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from footprint.engine.arrays import Floats, Integers
from footprint.engine.errors import MalformedSystemError

#: Probabilities of the quantiles that are reported: the 95, 90 and 50 % intervals, the median.
PROBABILITIES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
#: Confidence of the intervals of means and of probabilities.
CONFIDENCE = 0.95
#: More bars than a histogram shows to a reader.
MAX_BINS = 100
#: Points of a convergence curve, and the fewest samples that say something about convergence.
CONVERGENCE_POINTS, CONVERGENCE_START = 40, 10
#: Largest score: sums of many squares stay in float64's range. None that means anything comes near
#: [unit of the score].
LARGEST = 1e150
#: Ranks that are worked on at a time [bytes]: well inside of a processor's cache.
RANK_BLOCK = 2**20

#: Relative difference of two scores that counts as none [-]: samples are sure to 1e-10, and of one
#: system in two variants the last digits may differ.
EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Histogram:
    """Numbers of scores in bins of equal width.

    Attributes
    ----------
    edges
        Ascending (b + 1,); the last bin holds its upper edge too. Equal scores are in one bin
        without width.
    counts
        (b,), int64.
    """

    edges: Floats
    counts: Integers


@dataclass(frozen=True, slots=True)
class Convergence:
    """The mean of the first k samples, for k that grow by equal factors up to all samples.

    Attributes
    ----------
    samples
        k (p,), int64; none of a single sample.
    mean, standard_error
        (p,) [unit of the score].
    lower, upper
        Ends of the 95 % interval of the mean by Student's t (p,) [unit of the score].
    """

    samples: Integers
    mean: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Summary:
    """How scores are spread [unit of the score].

    Attributes
    ----------
    samples
        n.
    standard_deviation, standard_error
        Of a sample (n − 1) and of the mean; none of a single sample.
    quantiles
        At `PROBABILITIES`, interpolated between neighbours in order (definition 7 of R. J. Hyndman
        & Y. Fan, The American Statistician 50, 1996).
    """

    samples: int
    mean: float
    standard_deviation: float | None
    standard_error: float | None
    median: float
    minimum: float
    maximum: float
    quantiles: dict[float, float]
    histogram: Histogram
    convergence: Convergence


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two variants a and b that were drawn together.

    Attributes
    ----------
    probability_lower
        Share of the samples in which a is below b; those in which they are equal count half.
    interval
        95 % interval of it (E. B. Wilson, JASA 22, 1927): what more samples could still change.
        It says nothing about the model.
    ties
        Samples in which a and b are equal.
    difference
        Of a − b [unit of the score].
    ratio
        Of a / b [-]; none where b is zero or of both signs, since it would have no mean, or where
        a quotient is larger than `LARGEST`.
    """

    probability_lower: float
    interval: tuple[float, float]
    ties: int
    difference: Summary
    ratio: Summary | None


def summarize(scores: Floats) -> Summary:
    """Describe the spread of all scores.

    Parameters
    ----------
    scores
        In the order in which they were drawn (n,), n ≥ 1 [unit of the score].

    Raises
    ------
    MalformedSystemError
        If there are none, or one is not finite or larger than `LARGEST`.
    """
    _refuse_unfit(scores)
    return _summary(scores)


def compare(first: Floats, second: Floats) -> Comparison:
    """Compare two variants sample by sample.

    Parameters
    ----------
    first, second
        Scores a and b of the same draws (n,) [unit of the score].

    Raises
    ------
    MalformedSystemError
        If lengths differ, there are none, or one is not finite or larger than `LARGEST`.
    """
    _refuse_unfit(first)
    _refuse_unfit(second)
    if first.shape != second.shape:
        raise MalformedSystemError("variants are compared over the same samples")
    equal = np.abs(first - second) <= EQUAL * np.maximum(np.abs(first), np.abs(second))
    ties = int(equal.sum())
    share = (int(((first < second) & ~equal).sum()) + ties / 2) / len(first)
    return Comparison(
        probability_lower=share,
        interval=_wilson(share, len(first)),
        ties=ties,
        difference=_summary(first - second),
        ratio=_ratio(first, second),
    )


def rank_correlations(draws: Floats, scores: Floats) -> Floats:
    """Correlate the ranks of each input with those of the score.

    Parameters
    ----------
    draws
        Drawn inputs (m, n), a row for each.
    scores
        Scores of the same samples (n,).

    Returns
    -------
    ndarray
        Spearman's ρ (m,) in [−1, 1]; equal values share their mean rank. An input that does not
        vary explains nothing and has 0, as all have where the score does not vary.

    Raises
    ------
    MalformedSystemError
        If sizes differ, there are no samples, or a value is not finite.
    """
    _refuse_unfit(scores)
    if draws.ndim != 2 or draws.shape[1] != len(scores) or not np.isfinite(draws).all():
        raise MalformedSystemError(f"expected finite draws of {len(scores)} samples")
    target = _centred_ranks(scores[None, :])[0]
    correlations = np.zeros(len(draws))
    step = max(RANK_BLOCK // scores.nbytes, 1)
    for begin in range(0, len(draws), step):
        ranks = _centred_ranks(draws[begin : begin + step])
        spread = np.sqrt(np.square(ranks).sum(axis=1) * np.square(target).sum())
        varies = spread > 0.0
        covariance = ranks[varies] @ target
        correlations[begin : begin + step][varies] = covariance / spread[varies]
    return np.clip(correlations, -1.0, 1.0)


def _refuse_unfit(scores: Floats) -> None:
    if scores.ndim != 1 or len(scores) == 0:
        raise MalformedSystemError("statistics need one sample at least")
    wrong = np.flatnonzero(~(np.abs(scores) <= LARGEST))
    if len(wrong):
        raise MalformedSystemError(f"the score of sample {wrong[0]} is not finite, or too large")


def _summary(scores: Floats) -> Summary:
    ordered = np.sort(scores)
    quantiles = np.quantile(ordered, PROBABILITIES)
    # Deviations from the median: equal scores deviate by zero exactly, and little cancels.
    median = float(np.quantile(ordered, 0.5))
    deviations = scores - median
    size = len(scores)
    spread = float(deviations.std(ddof=1)) if size > 1 else None
    return Summary(
        samples=size,
        mean=median + float(deviations.mean()),
        standard_deviation=spread,
        standard_error=None if spread is None else spread / math.sqrt(size),
        median=median,
        minimum=float(ordered[0]),
        maximum=float(ordered[-1]),
        quantiles=dict(zip(PROBABILITIES, quantiles.tolist(), strict=True)),
        histogram=_histogram(ordered),
        convergence=_convergence(deviations, median),
    )


def _ratio(first: Floats, second: Floats) -> Summary | None:
    """Describe the quotients of two variants, where they have a mean."""
    if not ((second > 0.0).all() or (second < 0.0).all()):
        return None
    with np.errstate(over="ignore"):  # of a divisor next to zero
        quotients = first / second
    return _summary(quotients) if (np.abs(quotients) <= LARGEST).all() else None


def _convergence(deviations: Floats, centre: float) -> Convergence:
    """Give mean and error of the first k deviations from a centre."""
    size = len(deviations)
    start = max(min(CONVERGENCE_START, size), 2)
    points = np.geomspace(start, max(size, start), CONVERGENCE_POINTS).round().astype(np.int64)
    samples = np.unique(points) if size > 1 else np.zeros(0, np.int64)
    sums = np.cumsum(deviations)[samples - 1]
    squares = np.cumsum(np.square(deviations))[samples - 1]
    mean = sums / samples
    variance = np.maximum(squares - sums * mean, 0.0) / (samples - 1)
    error = np.sqrt(variance / samples)
    half = special.stdtrit(samples - 1, (1.0 + CONFIDENCE) / 2.0) * error
    mean = centre + mean
    return Convergence(samples, mean, error, mean - half, mean + half)


def _histogram(ordered: Floats) -> Histogram:
    """Choose bins by D. Freedman & P. Diaconis (Z. Wahrscheinlichkeitstheorie 57, 1981)."""
    size, spread = len(ordered), float(ordered[-1] - ordered[0])
    lower, upper = np.quantile(ordered, [0.25, 0.75])
    width = 2.0 * float(upper - lower) / size ** (1.0 / 3.0)
    # Where half of the scores are equal the rule has no width; Sturges's needs none.
    bins = spread / width if width > 0.0 else 1.0 + math.log2(size)
    # Edges must stay apart: no more bins than numbers between the ends.
    between = spread / float(np.spacing(np.abs(ordered[[0, -1]]).max()))
    bins = max(math.ceil(min(bins, between, MAX_BINS)), 1)
    edges = np.linspace(ordered[0], ordered[-1], bins + 1)
    places = np.searchsorted(ordered, edges)
    places[-1] = size
    return Histogram(edges, np.diff(places))


def _wilson(share: float, size: int) -> tuple[float, float]:
    quantile = float(special.ndtri((1.0 + CONFIDENCE) / 2.0))
    scale = 1.0 + quantile**2 / size
    centre = (share + quantile**2 / (2 * size)) / scale
    half = quantile / scale * math.sqrt(share * (1.0 - share) / size + (quantile / (2 * size)) ** 2)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _centred_ranks(values: Floats) -> Floats:
    """Rank each row (m, n) from its middle; equal values share the mean of their places."""
    rows, size = values.shape
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    changes = ordered[:, 1:] != ordered[:, :-1]
    ends = np.ones((rows, 1), np.bool_)
    places = np.arange(size)
    first = np.where(np.hstack([ends, changes]), places, 0)
    last = np.where(np.hstack([changes, ends]), places, size - 1)
    first = np.maximum.accumulate(first, axis=1)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty((rows, size))
    np.put_along_axis(ranks, order, (first + last - (size - 1)) / 2.0, axis=1)
    return ranks
