import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from footprint.engine import statistics
from footprint.engine.errors import MalformedSystemError
from footprint.engine.statistics import compare, rank_correlations, summarize

Floats = NDArray[np.float64]

# Few values, so that many are equal, beside any value.
value = st.one_of(st.sampled_from([-1.0, 0.0, 0.1, 2.0]), st.floats(-1e9, 1e9, width=32))
samples = st.lists(value, min_size=1, max_size=60).map(lambda drawn: np.array(drawn, np.float64))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Draw two variants of equal length."""
    size = draw(st.integers(1, 40))
    lists = st.lists(value, min_size=size, max_size=size)
    return np.array(draw(lists), np.float64), np.array(draw(lists), np.float64)


def test_a_few_scores_are_summarized_as_by_hand() -> None:
    # 20 / 5 = 4; the squares of the deviations: 36 + 4 + 0 + 9 + 1 = 50
    summary = summarize(np.array([10.0, 2.0, 4.0, 1.0, 3.0]))
    assert summary.mean == 4.0
    assert summary.standard_deviation == pytest.approx(np.sqrt(50 / 4), rel=1e-15)
    assert summary.standard_error == pytest.approx(np.sqrt(50 / 4 / 5), rel=1e-15)
    assert (summary.minimum, summary.median, summary.maximum) == (1.0, 3.0, 10.0)
    # The place of 5 % among five is 0.05·4 = 0.2 of the way from 1 to 2.
    assert summary.quantiles[0.05] == pytest.approx(1.2)
    assert summary.quantiles[0.25] == 2.0
    assert tuple(summary.quantiles) == statistics.PROBABILITIES


@given(samples)
def test_a_summary_says_what_numpy_says(scores: Floats) -> None:
    summary = summarize(scores)
    scale = np.abs(scores).max()
    assert summary.mean == pytest.approx(scores.mean(), rel=1e-12, abs=1e-12 * scale)
    assert (
        list(summary.quantiles.values()) == np.quantile(scores, statistics.PROBABILITIES).tolist()
    )
    if len(scores) > 1:
        expected = scores.std(ddof=1)
        assert summary.standard_deviation == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale)
    else:
        assert summary.standard_deviation is None
        assert summary.standard_error is None


def test_one_sample_has_no_spread_and_no_convergence() -> None:
    summary = summarize(np.array([7.0]))
    assert (summary.mean, summary.median, summary.samples) == (7.0, 7.0, 1)
    assert summary.standard_deviation is None
    assert len(summary.convergence.samples) == 0
    assert summary.histogram.counts.tolist() == [1]


def test_equal_samples_deviate_by_nothing_at_all() -> None:
    summary = summarize(np.full(1000, 0.1))
    assert (summary.mean, summary.standard_deviation) == (0.1, 0.0)
    assert (summary.convergence.lower == 0.1).all()
    assert summary.histogram.counts.tolist() == [1000]
    assert summary.histogram.edges.tolist() == [0.1, 0.1]


@given(samples)
def test_convergence_ends_with_all_samples_and_is_that_of_the_first_ones(scores: Floats) -> None:
    convergence = summarize(scores).convergence
    scale = np.abs(scores).max()
    assert (np.diff(convergence.samples) > 0).all()
    assert convergence.samples.tolist()[-1:] == ([len(scores)] if len(scores) > 1 else [])
    for k, mean, error, lower, upper in zip(
        convergence.samples.tolist(),
        convergence.mean,
        convergence.standard_error,
        convergence.lower,
        convergence.upper,
        strict=True,
    ):
        part = scores[:k]
        assert mean == pytest.approx(part.mean(), rel=1e-9, abs=1e-12 * scale)
        expected = part.std(ddof=1) / np.sqrt(k)
        # Squares of scores lose half of the digits.
        assert error == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale)
        assert upper - lower == pytest.approx(
            2 * stats.t.ppf(0.975, k - 1) * error, abs=1e-9 * scale
        )


def test_the_interval_of_the_mean_covers_it_as_often_as_it_says() -> None:
    # 400 analyses of 50 normal scores: 380 ± 4.4 intervals should hold the true mean.
    scores = np.random.default_rng(3).normal(5.0, 2.0, (400, 50))
    ends = [summarize(row).convergence for row in scores]
    covered = sum(end.lower[-1] <= 5.0 <= end.upper[-1] for end in ends)
    assert 362 <= covered <= 395


@given(samples)
def test_every_score_lies_in_one_bin(scores: Floats) -> None:
    histogram = summarize(scores).histogram
    assert histogram.counts.sum() == len(scores)
    assert (histogram.counts >= 0).all()
    assert 1 <= len(histogram.counts) <= statistics.MAX_BINS
    assert histogram.edges[0] == scores.min()
    assert histogram.edges[-1] == scores.max()
    if len(histogram.counts) > 1:
        assert (np.diff(histogram.edges) > 0.0).all()
        assert histogram.counts.tolist() == np.histogram(scores, histogram.edges)[0].tolist()


def test_the_bins_are_those_of_freedman_and_diaconis() -> None:
    scores = np.random.default_rng(1).normal(size=2000)
    edges = np.histogram_bin_edges(scores, "fd")
    np.testing.assert_allclose(summarize(scores).histogram.edges, edges, rtol=1e-12)


def test_scores_that_neighbour_in_float64_have_edges_that_differ() -> None:
    histogram = summarize(np.array([1.0, np.nextafter(1.0, 2.0)])).histogram
    assert histogram.counts.tolist() == [2]


def test_heavy_tails_are_cut_into_no_more_bins_than_are_shown() -> None:
    scores = np.append(np.random.default_rng(1).normal(size=2000), 1e6)
    assert len(summarize(scores).histogram.counts) == statistics.MAX_BINS


@pytest.mark.parametrize("scores", [[], [1.0, np.nan], [np.inf], [[1.0]]])
def test_scores_that_are_none_are_refused(scores: list[float]) -> None:
    unfit = np.array(scores, np.float64)
    with pytest.raises(MalformedSystemError):
        summarize(unfit)
    with pytest.raises(MalformedSystemError):
        compare(unfit, unfit)
    with pytest.raises(MalformedSystemError):
        rank_correlations(np.ones((1, len(scores))), unfit)


def test_the_sample_that_is_not_finite_is_named() -> None:
    with pytest.raises(MalformedSystemError, match="sample 1"):
        summarize(np.array([1.0, np.nan]))


def test_a_comparison_is_the_one_by_hand() -> None:
    # a below b twice, equal once, above once: (2 + 0.5) / 4
    comparison = compare(np.array([1.0, 2.0, 3.0, 9.0]), np.array([2.0, 4.0, 3.0, 3.0]))
    assert comparison.probability_lower == 0.625
    assert comparison.ties == 1
    assert comparison.difference.mean == pytest.approx((-1 - 2 + 0 + 6) / 4)
    assert comparison.ratio is not None
    assert comparison.ratio.mean == pytest.approx((0.5 + 0.5 + 1 + 3) / 4)


def test_the_interval_is_that_of_wilson() -> None:
    first = np.array([0.0] * 7 + [2.0] * 3)
    expected = stats.binomtest(7, 10).proportion_ci(0.95, "wilson")
    interval = compare(first, np.ones(10)).interval
    assert interval == pytest.approx((expected.low, expected.high), rel=1e-12)


@given(pairs())
def test_two_variants_exchanged_give_the_complement(pair: tuple[Floats, Floats]) -> None:
    one, other = compare(*pair), compare(*pair[::-1])
    assert one.probability_lower + other.probability_lower == pytest.approx(1.0)
    assert one.interval[0] == pytest.approx(1.0 - other.interval[1], abs=1e-12)
    assert one.interval[0] <= one.probability_lower <= one.interval[1]
    assert one.ties == other.ties
    assert one.difference.maximum == -other.difference.minimum


def test_a_variant_is_as_often_below_itself_as_above() -> None:
    scores = np.array([1.0, 2.0])
    comparison = compare(scores, scores)
    assert (comparison.probability_lower, comparison.ties) == (0.5, 2)


@pytest.mark.parametrize("other", [[0.0, 1.0], [-1.0, 1.0]])
def test_there_is_no_ratio_to_what_may_be_zero(other: list[float]) -> None:
    assert compare(np.ones(2), np.array(other)).ratio is None


@pytest.mark.parametrize("least", [5e-324, 1e-200])
def test_a_ratio_that_float64_does_not_hold_is_none(least: float) -> None:
    comparison = compare(np.array([1.0, 1.0]), np.array([least, 1.0]))
    assert comparison.ratio is None
    assert (comparison.ties, comparison.probability_lower) == (1, 0.25)
    assert comparison.difference.maximum == 1.0


def test_the_largest_scores_are_summarized_without_overflow() -> None:
    scores = np.array([-1.0, 1.0, 1.0, -1.0]) * statistics.LARGEST
    summary = summarize(scores)
    expected = np.sqrt(4.0 / 3.0)
    assert summary.standard_deviation == pytest.approx(expected * statistics.LARGEST)
    assert np.isfinite(summary.convergence.upper).all()
    assert summary.histogram.counts.sum() == 4
    assert compare(scores, -scores).difference.maximum == 2.0 * statistics.LARGEST


@pytest.mark.parametrize("score", [1e155, -1e308])
def test_a_score_too_large_to_be_squared_is_refused_by_its_place(score: float) -> None:
    with pytest.raises(MalformedSystemError, match="sample 1"):
        compare(np.ones(2), np.array([1.0, score]))


def test_variants_of_unequal_length_are_refused() -> None:
    with pytest.raises(MalformedSystemError, match="same samples"):
        compare(np.ones(2), np.ones(3))


@given(pairs())
def test_a_rank_correlation_is_that_of_scipy(pair: tuple[Floats, Floats]) -> None:
    draws, scores = pair
    found = rank_correlations(np.vstack([draws, -draws]), scores)
    if len(np.unique(draws)) == 1 or len(np.unique(scores)) == 1:
        assert found.tolist() == [0.0, 0.0]
    else:
        expected = stats.spearmanr(draws, scores).statistic
        np.testing.assert_allclose(found, [expected, -expected], rtol=1e-9, atol=1e-12)


def test_many_inputs_are_ranked_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    draws, scores = random.normal(size=(7, 50)), random.normal(size=50)
    whole = rank_correlations(draws, scores)
    monkeypatch.setattr(statistics, "RANK_BLOCK", 3 * scores.nbytes)
    np.testing.assert_array_equal(rank_correlations(draws, scores), whole)
    assert len(set(whole.tolist())) == 7


@pytest.mark.parametrize("draws", [np.ones((2, 2)), np.ones(3), np.full((1, 3), np.nan)])
def test_draws_of_other_samples_are_refused(draws: Floats) -> None:
    with pytest.raises(MalformedSystemError, match="3 samples"):
        rank_correlations(draws, np.arange(3.0))


def test_scores_that_differ_by_rounding_are_equal() -> None:
    first = np.array([1.0, 2.0, 3.0, -4.0])
    found = compare(first, first * np.array([1.0 + 4e-16, 1.0 - 4e-16, 1.1, 1.0]))
    assert (found.ties, found.probability_lower) == (3, 0.625)
