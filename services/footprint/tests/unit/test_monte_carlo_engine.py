"""Monte Carlo as the engine offers it: numbering, threads, backgrounds, samples solved directly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from footprint.engine import sampling_run as module
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
BACKGROUND = np.array([True, True, False])


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


@given(first=st.integers(0, 40), samples=st.integers(1, 30), sampled=st.booleans())
@settings(deadline=None, max_examples=40)
def test_the_cut_into_runs_does_not_matter_to_given_values_and_backgrounds(
    first: int, samples: int, sampled: bool
) -> None:
    varying = replace(
        system(),
        biosphere=exchanges([(0, 0, 2.0), (1, 1, 3.0), (2, 2, 4.0)], 0.2, given=[0, -1, -1]),
    )

    def table(start: int, count: int) -> Floats:
        return np.cos(np.arange(start, start + count))[None, :]

    def run(begin: int, count: int) -> Floats:
        whole = monte_carlo(varying, LAST, samples=count, seed=4, given=table, first=begin)
        behind = foreground_monte_carlo(
            varying, LAST, background=BACKGROUND, sampled_background=sampled, samples=count,
            seed=4, given=table, first=begin,
        )  # fmt: skip
        return np.stack([whole.scores, behind.scores])

    assert (run(first, samples) == run(0, 72)[:, first : first + samples]).all()


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


def switched(option: float, default: float, gain: float = 0.4) -> tuple[System, Floats]:
    """Let a product take `default` of a loop always and one unit more if an option is taken.

    Returns
    -------
    system
        Product 0 of activity 0; activities 1 and 2 take from each other.
    sampled
        Its score in 64 samples, each solved as a system of its own, the option at `option`.
    """
    rows = [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (2, 2, 1.0),
        (1, 0, -default),
        (1, 0, -1.0),
        (2, 1, -1.0),
        (1, 2, -gain),
    ]
    technosphere = exchanges(rows, 0.3, given=[-1, -1, -1, -1, 0, -1, -1])
    amount = technosphere.amount.copy()
    amount[4] = 0.0
    whole = System(
        3, 1, 1, replace(technosphere, amount=amount),
        exchanges([(0, 0, 1.0), (0, 1, 1.0), (0, 2, 1.0)], 0.3), exchanges([(0, 0, 1.0)]),
        np.arange(3),
    )  # fmt: skip
    drawn = amounts(replace(technosphere, distribution=replace(technosphere.distribution,
        given=np.full(7, -1))), Stream.TECHNOSPHERE, 64)  # fmt: skip
    flows = amounts(whole.biosphere, Stream.BIOSPHERE, 64)
    loop = (flows[1] - drawn[5] * flows[2]) / (1.0 - drawn[5] * drawn[6])
    return whole, flows[0] - (drawn[3] + option * drawn[4]) * loop


@pytest.mark.parametrize("default", [1e-3, 1e-7, 1e-13, 1e-200, 0.0])
def test_what_the_deterministic_system_hardly_needs_is_solved_as_well(default: float) -> None:
    whole, expected = switched(1.0, default)
    found = monte_carlo(
        whole, np.array([0]), samples=64, seed=4, given=lambda first, count: np.ones((1, count))
    )
    np.testing.assert_allclose(found.scores[:, 0, 0], expected, rtol=1e-9)
    assert len(found.resolved) < 16


def test_a_sample_whose_score_is_far_below_the_deterministic_one_is_as_exact() -> None:
    whole, _ = switched(1.0, 0.3)
    tiny = exchanges([(0, 1, 1.0), (0, 2, 1.0)], 0.3, given=[0, 0])
    whole = replace(whole, biosphere=tiny)

    def run(value: float) -> Floats:
        return monte_carlo(
            whole, np.array([0]), samples=64, seed=4,
            given=lambda first, count: np.full((1, count), value),
        ).scores  # fmt: skip

    # The option is multiplied by it too: next to nothing of it is left.
    small, smaller = run(1e-8), run(1e-9)
    np.testing.assert_allclose(small, 10.0 * smaller, rtol=2e-7)
    exact, _ = switched(0.0, 0.3)
    expected = monte_carlo(
        replace(exact, biosphere=replace(tiny, distribution=replace(tiny.distribution, given=
        np.array([-1, -1])))), np.array([0]), samples=64, seed=4,
        given=lambda first, count: np.full((1, count), 1e-9),
    ).scores  # fmt: skip
    np.testing.assert_allclose(smaller, 1e-9 * expected, rtol=1e-9)


def test_many_loops_leave_no_more_than_one() -> None:
    """A chain of 2,000 loops of two, each of which keeps 0.7 of what it is given."""
    loops = 2_000
    size = 2 * loops
    every = np.arange(size)
    first, second = every[::2], every[1::2]
    row = np.concatenate([every, second, first, second[:-1]])
    column = np.concatenate([every, first, second, first[1:]])
    amount = np.concatenate(
        [np.ones(size), np.full(2 * loops, -np.sqrt(0.7)), np.full(loops - 1, -0.3)]
    )
    plain = Exchanges.fixed(row, column, amount)
    given = np.concatenate([np.full(size, -1), np.zeros(2 * loops), np.full(loops - 1, -1)])
    technosphere = replace(
        plain, distribution=replace(plain.distribution, given=given.astype(np.int64))
    )
    zero = np.zeros(size, dtype=np.int64)
    whole = System(
        size, 1, 1, technosphere, Exchanges.fixed(zero, every, np.ones(size)),
        Exchanges.fixed(np.array([0]), np.array([0]), np.ones(1)), every,
    )  # fmt: skip
    last = np.array([size - 2])
    found = monte_carlo(
        whole, last, samples=8, seed=4, given=lambda first, count: np.full((1, count), 1.01)
    )
    amount = np.where(given == 0, 1.01 * amount, amount)
    exact = Technosphere(Exchanges.fixed(row, column, amount).matrix((size, size)))
    expected = exact.adjoint_scores(whole.intensities())[last]
    np.testing.assert_allclose(found.scores, np.broadcast_to(expected, (8, 1, 1)), rtol=1e-10)
    assert not len(found.resolved)


@pytest.mark.parametrize("sampled", [False, True])
def test_a_foreground_sample_that_is_solved_directly_keeps_its_background(sampled: bool) -> None:
    rows = [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (1, 0, -1.0), (0, 1, -0.95), (2, 1, -2.0)]
    whole = System(
        3, 1, 1, exchanges(rows, 0.2), exchanges([(0, 0, 1.0), (0, 1, 1.0), (0, 2, 5.0)], 0.2),
        exchanges([(0, 0, 1.0)]), np.arange(3),
    )  # fmt: skip
    background = np.array([False, False, True])
    found = foreground_monte_carlo(
        whole, np.array([0, 1]), background=background, sampled_background=sampled, samples=48,
        seed=4,
    )  # fmt: skip
    assert len(found.resolved) > 8
    inputs = amounts(whole.technosphere, Stream.TECHNOSPHERE, 48)
    flows = amounts(whole.biosphere, Stream.BIOSPHERE, 48)
    unit = flows[2] if sampled else np.full(48, 5.0)
    one = flows[1] - inputs[5] * unit  # of activity 1, without what it takes back
    first = (flows[0] - inputs[3] * one) / (1.0 - inputs[3] * inputs[4])
    np.testing.assert_allclose(found.scores[:, 0, 0], first, rtol=1e-9)
    np.testing.assert_allclose(found.scores[:, 1, 0], one - inputs[4] * first, rtol=1e-9)


def test_a_loop_that_the_product_does_not_need_is_not_solved() -> None:
    """Activities 3 and 4 have no solution in the samples; product 2 does not need them."""
    slow = system(loop=-2.4)
    rows = list(
        zip(
            slow.technosphere.row.tolist(),
            slow.technosphere.column.tolist(),
            slow.technosphere.amount.tolist(),
            strict=True,
        )
    )
    rows += [(3, 3, 1.0), (4, 4, 1.0), (4, 3, -1.0), (3, 4, -0.5)]
    technosphere = exchanges(rows, 0.2, given=[-1] * 10 + [0])
    certain = np.arange(11) == 10
    distribution = replace(
        technosphere.distribution,
        kind=np.where(certain | (np.arange(11) == 9), Kind.FIXED, technosphere.distribution.kind),
    )
    whole = replace(
        slow,
        size=5,
        technosphere=replace(technosphere, distribution=distribution),
        biosphere=exchanges([(0, 0, 2.0), (1, 1, 3.0), (0, 2, 0.5), (0, 3, 1.0)], 0.2),
        reference=np.arange(5),
    )

    def doubled(first: int, count: int) -> Floats:
        return np.full((1, count), 2.0)

    found = monte_carlo(whole, LAST, samples=50, seed=4, given=doubled)
    assert len(found.resolved)
    with pytest.raises(SingularSampleError) as told:
        monte_carlo(whole, np.array([3]), samples=50, seed=4, given=doubled)
    assert told.value.indices == (3, 4)


@pytest.mark.parametrize("sampled", [False, True])
def test_a_foreground_that_takes_nothing_from_behind_is_scored(sampled: bool) -> None:
    found = foreground_monte_carlo(
        system(), LAST, background=np.zeros(3, dtype=bool), sampled_background=sampled,
        samples=9, seed=4,
    )  # fmt: skip
    assert (found.scores == monte_carlo(system(), LAST, samples=9, seed=4).scores).all()


def test_nothing_asked_for_is_nothing() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert monte_carlo(system(), nothing, samples=5, seed=4).scores.shape == (5, 0, 2)
    assert monte_carlo(system(), LAST, samples=0, seed=4).scores.shape == (0, 1, 2)


@pytest.mark.parametrize(
    "wrong",
    [{"products": np.array([3])}, {"products": np.array([-1])}, {"threads": 0}, {"first": -1}],
)
def test_what_is_not_there_is_refused(wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"products": LAST, "samples": 3, "seed": 4} | wrong
    with pytest.raises(MalformedSystemError):
        monte_carlo(system(), **arguments)  # type: ignore[arg-type]


def test_given_values_that_are_not_there_are_refused() -> None:
    missing = replace(system(), biosphere=exchanges([(0, 0, 2.0)], 0.2, given=[0]))
    with pytest.raises(MalformedSystemError, match="given values"):
        monte_carlo(missing, LAST, samples=3, seed=4)


def test_progress_counts_up_over_both_phases() -> None:
    told: list[int] = []
    kept = module.DRAWS_PER_TASK
    module.DRAWS_PER_TASK = 1
    try:
        foreground_monte_carlo(
            system(), LAST, background=BACKGROUND, sampled_background=True, samples=64, seed=4,
            progress=lambda done, of: told.append(done),
        )  # fmt: skip
    finally:
        module.DRAWS_PER_TASK = kept
    assert told == sorted(told)
    assert (len(told), told[7], told[-1]) == (16, 32, 64)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": np.array([0, 0, 2])},
        {"biosphere": exchanges([(3, 0, 1.0)])},
        {"characterization": exchanges([(0, 2, 1.0)])},
    ],
)
def test_a_system_whose_parts_do_not_belong_together_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(MalformedSystemError):
        replace(system(), **wrong)  # type: ignore[arg-type]


def test_exchanges_below_zero_are_refused() -> None:
    with pytest.raises(MalformedSystemError):
        exchanges([(-1, 0, 1.0)])
