"""Monte Carlo as the engine offers it: numbering, threads, backgrounds, samples solved directly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from footprint.engine import monte_carlo as module
from footprint.engine.distributions import Distributions, Kind
from footprint.engine.draws import Stream, draw
from footprint.engine.errors import MalformedSystemError, SingularSampleError
from footprint.engine.monte_carlo import foreground_monte_carlo, monte_carlo
from footprint.engine.sampling_plan import Uncertain
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.instruction_sets import INSTRUCTION_SETS

Floats = NDArray[np.float64]
LAST = np.array([2])


def exchanges(
    rows: list[tuple[int, int, float]], sigma: float = 0.0, given: list[int] | None = None
) -> Exchanges:
    """Lognormal (row, column, amount) entries; 1.0 on the diagonal is certain."""
    row, column = (np.array([r[k] for r in rows], dtype=np.int64) for k in (0, 1))
    amount = np.array([r[2] for r in rows])
    distribution = Distributions.lognormal(amount, np.full(len(rows), sigma))
    certain = (row == column) & (amount == 1.0)
    distribution = replace(
        distribution,
        kind=np.where(certain, Kind.FIXED, distribution.kind),
        second=np.where(certain, 0.0, distribution.second),
        given=distribution.given if given is None else np.array(given),
    )
    return Exchanges(row, column, amount, distribution)


def system(sigma: float = 0.2, loop: float = -0.3) -> System:
    """Two activities that take from each other, a third that takes from both; two methods."""
    return System(
        size=3,
        flows=3,
        methods=2,
        technosphere=exchanges(
            [
                (0, 0, 1.0),
                (1, 1, 1.0),
                (2, 2, 1.0),
                (0, 1, -0.4),
                (1, 0, loop),
                (0, 2, -2.0),
                (1, 2, -1.0),
            ],
            sigma,
        ),
        biosphere=exchanges([(0, 0, 2.0), (1, 1, 3.0), (2, 2, 4.0), (0, 2, 0.5)], sigma),
        characterization=exchanges([(0, 0, 1.0), (1, 0, 2.5), (1, 1, 1.0)], sigma),
        reference=np.arange(3),
    )


def amounts(part: Exchanges, stream: Stream, samples: int, seed: int = 4) -> Floats:
    return draw(part.distribution, seed=seed, stream=stream, first=0, count=samples)


def solved_one_by_one(whole: System, samples: int, seed: int = 4) -> Floats:
    """Scores of all products, each sample as a system of its own (samples, n, methods)."""
    streams = (Stream.TECHNOSPHERE, Stream.BIOSPHERE, Stream.CHARACTERIZATION)
    parts = (whole.technosphere, whole.biosphere, whole.characterization)
    drawn = [
        amounts(part, stream, samples, seed) for part, stream in zip(parts, streams, strict=True)
    ]
    found = []
    for sample in range(samples):
        technosphere, biosphere, characterization = (
            Exchanges.fixed(part.row, part.column, each[:, sample])
            for part, each in zip(parts, drawn, strict=True)
        )
        one = replace(
            whole,
            technosphere=technosphere,
            biosphere=biosphere,
            characterization=characterization,
        )
        matrix = one.technosphere_matrix().toarray()
        found.append(np.linalg.solve(matrix.T, one.intensities()))
    return np.array(found)


EVERYTHING = Uncertain(characterization=True)


@pytest.mark.parametrize("instruction_set", INSTRUCTION_SETS)
def test_every_sample_is_the_solution_of_what_was_drawn(instruction_set: str) -> None:
    found = monte_carlo(
        system(),
        np.arange(3),
        samples=21,
        seed=4,
        uncertain=EVERYTHING,
        instruction_set=instruction_set,
    )
    np.testing.assert_allclose(found.scores, solved_one_by_one(system(), 21), rtol=1e-12)
    assert not len(found.resolved)


@given(
    threads=st.integers(1, 4),
    first=st.integers(0, 70),
    samples=st.integers(1, 60),
    task=st.integers(1, 3),
)
@settings(deadline=None, max_examples=40)
def test_the_cut_into_runs_tasks_and_threads_does_not_matter(
    threads: int, first: int, samples: int, task: int
) -> None:
    whole = monte_carlo(system(), LAST, samples=130, seed=4).scores
    kept = module.DRAWS_PER_TASK
    module.DRAWS_PER_TASK = 8 * 10 * task
    try:
        part = monte_carlo(system(), LAST, samples=samples, seed=4, threads=threads, first=first)
    finally:
        module.DRAWS_PER_TASK = kept
    assert (part.scores == whole[first : first + samples]).all()


def test_what_is_asked_for_beside_a_product_does_not_change_its_draws() -> None:
    one = monte_carlo(system(), LAST, samples=30, seed=4)
    all_ = monte_carlo(system(), np.arange(3), samples=30, seed=4)
    np.testing.assert_allclose(one.scores[:, 0], all_.scores[:, 2], rtol=1e-12)


def test_only_the_matrices_that_vary_are_drawn() -> None:
    certain = Uncertain(technosphere=False, biosphere=False)
    found = monte_carlo(system(), LAST, samples=9, seed=4, uncertain=certain).scores
    exact = Technosphere(system().technosphere_matrix()).adjoint_scores(system().intensities())
    np.testing.assert_allclose(found, np.broadcast_to(exact[LAST], found.shape), rtol=1e-13)


def test_a_pivot_that_is_drawn_divides() -> None:
    # One activity gives 2 (lognormal) and emits 6: the score is 6 / amount.
    alone = System(
        1, 1, 1, exchanges([(0, 0, 2.0)], 0.3), exchanges([(0, 0, 6.0)]), exchanges([(0, 0, 1.0)]),
        np.array([0]),
    )  # fmt: skip
    found = monte_carlo(alone, np.array([0]), samples=20, seed=4).scores[:, 0, 0]
    drawn = amounts(alone.technosphere, Stream.TECHNOSPHERE, 20)[0]
    np.testing.assert_allclose(found, 6.0 / drawn, rtol=1e-13)


def test_products_and_activities_may_be_paired_in_any_order() -> None:
    whole = system()
    turned = replace(
        whole,
        technosphere=replace(whole.technosphere, row=(whole.technosphere.row + 1) % 3),
        reference=np.array([1, 2, 0]),
    )
    # The positions of the entries, and with them the draws, are the same.
    a = monte_carlo(whole, LAST, samples=12, seed=4).scores
    b = monte_carlo(turned, np.array([0]), samples=12, seed=4).scores
    np.testing.assert_allclose(a, b, rtol=1e-13)


def test_given_values_multiply_what_was_drawn() -> None:
    whole = system(sigma=0.0)
    given = replace(whole.biosphere.distribution, given=np.array([0, -1, -1, -1]))
    whole = replace(whole, biosphere=replace(whole.biosphere, distribution=given))

    def table(first: int, count: int) -> Floats:
        return np.arange(first, first + count, dtype=np.float64)[None, :]

    found = monte_carlo(whole, LAST, samples=11, seed=4, given=table, first=3).scores[:, 0, 0]
    # Linear in flow 0 of activity 0: h(k) = h(0) + k · (h(1) − h(0)).
    at = monte_carlo(whole, LAST, samples=2, seed=4, given=table).scores[:, 0, 0]
    np.testing.assert_allclose(found, at[0] + np.arange(3, 14) * (at[1] - at[0]), rtol=1e-12)


def test_a_loop_that_is_open_in_the_deterministic_system_is_solved_in_the_samples() -> None:
    """An input behind an option that the deterministic system does not take closes a loop."""
    whole = system(sigma=0.0)
    technosphere = whole.technosphere
    closing = replace(
        technosphere,
        amount=np.where(technosphere.amount == -0.3, 0.0, technosphere.amount),
        distribution=replace(
            technosphere.distribution, given=np.array([-1, -1, -1, -1, 0, -1, -1])
        ),
    )
    found = monte_carlo(
        replace(whole, technosphere=closing),
        LAST,
        samples=8,
        seed=4,
        given=lambda first, count: np.ones((1, count)),
    ).scores
    exact = Technosphere(whole.technosphere_matrix()).adjoint_scores(whole.intensities())
    np.testing.assert_allclose(found, np.broadcast_to(exact[LAST], found.shape), rtol=1e-12)


def test_a_sample_that_the_sweeps_are_not_sure_of_is_solved_directly() -> None:
    # The loop returns 0.4 · 2.4 = 0.96 of what it is given, and in some samples more than all.
    slow = system(loop=-2.4)
    found = monte_carlo(slow, np.arange(3), samples=50, seed=4, uncertain=EVERYTHING)
    assert 0 < len(found.resolved) < 50
    exact = solved_one_by_one(slow, 50)
    assert (exact[found.resolved, 0, 0] < 0.0).any()  # an unproductive sample has a solution too
    np.testing.assert_allclose(found.scores, exact, rtol=1e-9)


def test_a_sample_without_a_solution_is_named() -> None:
    whole = system(sigma=0.0)
    given = np.array([0, -1, -1, -1, -1, -1, -1])
    technosphere = whole.technosphere
    singular = replace(
        whole,
        technosphere=replace(
            technosphere, distribution=replace(technosphere.distribution, given=given)
        ),
    )

    def table(first: int, count: int) -> Floats:
        # In sample 13 activity 0 gives 0.12 of its product, just what the loop takes back.
        return np.where(np.arange(first, first + count) == 13, 0.12, 1.0)[None, :]

    with pytest.raises(SingularSampleError) as told:
        monte_carlo(singular, LAST, samples=20, seed=4, given=table)
    assert (told.value.sample, told.value.indices) == (13, (0, 1))


BACKGROUND = np.array([True, True, False])


def test_a_sampled_background_keeps_the_scores_of_the_whole_system() -> None:
    whole = monte_carlo(system(), LAST, samples=40, seed=4, uncertain=EVERYTHING)
    found = foreground_monte_carlo(
        system(), LAST, background=BACKGROUND, sampled_background=True, samples=40, seed=4,
        uncertain=EVERYTHING,
    )  # fmt: skip
    np.testing.assert_allclose(found.scores, whole.scores, rtol=1e-12)


def test_a_fixed_background_does_not_vary() -> None:
    found = foreground_monte_carlo(
        system(), LAST, background=BACKGROUND, sampled_background=False, samples=40, seed=4,
    ).scores[:, 0, 0]  # fmt: skip
    unit = Technosphere(system().technosphere_matrix()).adjoint_scores(system().intensities())
    inputs = amounts(system().technosphere, Stream.TECHNOSPHERE, 40)[5:]
    flows = amounts(system().biosphere, Stream.BIOSPHERE, 40)[2:]
    # Flow 2 has no factor in the first method; flow 0 counts once.
    expected = -inputs[0] * unit[0, 0] - inputs[1] * unit[1, 0] + flows[1]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_background_that_takes_from_the_foreground_is_refused() -> None:
    with pytest.raises(MalformedSystemError, match=r"\[0\]"):
        foreground_monte_carlo(
            system(), LAST, background=np.array([True, False, False]), sampled_background=True,
            samples=1, seed=4,
        )  # fmt: skip


def test_progress_is_told_and_may_end_the_work() -> None:
    told: list[tuple[int, int]] = []
    monte_carlo(system(), LAST, samples=21, seed=4, progress=lambda *done: told.append(done))
    assert told[-1] == (21, 21)

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        monte_carlo(system(), LAST, samples=21, seed=4, progress=stop)


def test_a_system_without_impact_scores_zero() -> None:
    none = replace(system(), biosphere=exchanges([]))
    assert not monte_carlo(none, LAST, samples=5, seed=4).scores.any()
