"""Monte Carlo analyses of inventory models, and comparisons of two variants."""

from typing import Any

import numpy as np

from footprint.adapters.solved_model import SolvedModel
from footprint.application.analysis_ports import Progress
from footprint.domain import analysis_result as results
from footprint.domain.analysis_options import Question
from footprint.domain.inventory_model import Name
from footprint.engine import statistics
from footprint.engine.arrays import Floats
from footprint.engine.monte_carlo import MonteCarloResult, foreground_monte_carlo, monte_carlo
from footprint.engine.sampling_plan import Uncertain
from footprint.kernels.instruction_sets import INSTRUCTION_SETS

#: Scores of samples that a result holds without being asked for all.
SCORES_SHOWN = 10_000


def draw_scores(
    solved: SolvedModel, question: Question, progress: Progress | None
) -> tuple[Floats, MonteCarloResult]:
    """Return the scores of the demand (samples, k) and how they were come by."""
    system, product = solved.system, np.array([solved.product])
    options: dict[str, Any] = {
        "samples": question.samples,
        "seed": question.seed,
        "uncertain": Uncertain(characterization=question.characterization),
        "given": solved.arrays.given(question.seed),
        "progress": progress,
    }
    maker = system.maker[solved.product]
    if question.background == "fixed" and solved.arrays.background[maker]:
        # The background keeps its scores, and so does what is asked for if it belongs there.
        unchanged = np.tile(solved.scores, (question.samples, 1))
        nothing = np.zeros(0, dtype=np.int64)
        return unchanged, MonteCarloResult(unchanged, nothing, INSTRUCTION_SETS[0])
    if question.background == "model" or solved.arrays.background[maker]:
        drawn = monte_carlo(system, product, **options)
    else:
        drawn = foreground_monte_carlo(
            system,
            product,
            background=solved.arrays.background,
            sampled_background=question.background == "sampled",
            **options,
        )
    return solved.of_demand(drawn.scores[:, 0, solved.methods]), drawn


def sampled(
    solved: SolvedModel, question: Question, progress: Progress | None
) -> tuple[tuple[results.Sampled, ...], str]:
    """Describe the spread of the scores by each method."""
    deterministic = solved.scores
    scores, drawn = draw_scores(solved, question, progress)
    shown = None if question.all_scores else SCORES_SHOWN
    found = []
    for score, column in zip(deterministic, scores.T, strict=True):
        spread = summary(column)
        found.append(
            results.Sampled(
                score=score,
                summary=spread,
                above_deterministic=float((column > score).mean()),
                note=note_on_mean(score, spread.mean),
                resolved=len(drawn.resolved),
                scores=column[:shown].tolist(),
            )
        )
    return tuple(found), drawn.instruction_set


def compared(
    first: SolvedModel, other: SolvedModel, question: Question, progress: Progress | None
) -> tuple[tuple[results.Compared, ...], str]:
    """Compare two variants on the same draws, by each method."""
    deterministic = first.scores, other.scores
    scores_first, drawn = draw_scores(first, question, _half(progress, question.samples, 0))
    scores_other, _ = draw_scores(other, question, _half(progress, question.samples, 1))
    found = []
    for column in range(len(first.methods)):
        sides = scores_first[:, column].copy(), scores_other[:, column].copy()
        comparison = statistics.compare(*sides)
        one, two = (
            results.Variant(scores[column], summary(side))
            for scores, side in zip(deterministic, sides, strict=True)
        )
        found.append(
            results.Compared(
                first=one,
                other=two,
                probability_lower=comparison.probability_lower,
                interval=comparison.interval,
                ties=comparison.ties,
                difference=_shown(comparison.difference),
                ratio=None if comparison.ratio is None else _shown(comparison.ratio),
            )
        )
    return tuple(found), drawn.instruction_set


def summary(scores: Floats) -> results.Summary:
    """Describe the spread of scores (n,)."""
    return _shown(statistics.summarize(np.ascontiguousarray(scores)))


def note_on_mean(score: float, mean: float) -> Name:
    """Say how mean and deterministic score lie to each other."""
    if mean > score:
        return Name(
            en="The mean lies above the deterministic score: amounts that are skewed to the right, "
            "such as lognormal ones whose median is the amount given, have a mean above it.",
            zh="均值高于确定性得分：右偏的数量（例如以给定数量为中位数的对数正态分布）的均值高于"
            "该数量。",
        )
    return Name(
        en="The mean does not lie above the deterministic score.",
        zh="均值不高于确定性得分。",
    )


def _half(progress: Progress | None, samples: int, half: int) -> Progress | None:
    """Tell the progress of one of two variants as that of both."""
    if progress is None:
        return None

    def tell(done: int, total: int) -> None:
        progress(half * samples + done, 2 * samples)

    return tell


def _shown(found: statistics.Summary) -> results.Summary:
    histogram, convergence = found.histogram, found.convergence
    return results.Summary(
        samples=found.samples,
        mean=found.mean,
        standard_deviation=found.standard_deviation,
        standard_error=found.standard_error,
        median=found.median,
        minimum=found.minimum,
        maximum=found.maximum,
        quantiles=found.quantiles,
        histogram=results.Histogram(
            tuple(histogram.edges.tolist()), tuple(histogram.counts.tolist())
        ),
        convergence=results.Convergence(
            samples=tuple(convergence.samples.tolist()),
            mean=tuple(convergence.mean.tolist()),
            standard_error=tuple(convergence.standard_error.tolist()),
            lower=tuple(convergence.lower.tolist()),
            upper=tuple(convergence.upper.tolist()),
        ),
    )
