"""Ours, bw2calc and the refined reference on random systems; RANDOM_SYSTEMS=10000 draws more."""

import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from services.footprint.tests.oracles import brightway
from services.footprint.tests.oracles.random_systems import (
    LARGEST,
    SMALLEST,
    RandomSystem,
    Trait,
    random_system,
)
from services.footprint.tests.oracles.references import Refined, refined

from footprint.engine import technosphere as technosphere_module
from footprint.engine.conditioning import condition_number, refined_scores
from footprint.engine.errors import EngineError
from footprint.engine.system import Exchanges
from footprint.engine.technosphere import Technosphere

#: Systems of one run [1], and of one test.
SYSTEMS = int(os.environ.get("RANDOM_SYSTEMS", "400"))
BLOCK = 50
EPSILON = float(np.finfo(np.float64).eps)

blocks = pytest.mark.parametrize(
    "seeds",
    [range(first, min(first + BLOCK, SYSTEMS)) for first in range(0, SYSTEMS, BLOCK)],
    ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}",
)


def disagreements(drawn: RandomSystem) -> Iterator[str]:
    """Compare ours and bw2calc with the reference, and so with each other.

    All are held to the κ that the reference finds for each score and supply in the whole system;
    our scores also to the κ that the engine states for a demand. bw2calc could not be: it solves
    everything at once, so that a loop near 1 costs products that do not need it digits as well.
    """
    system, asked = drawn.system, drawn.asked
    matrix, intensity = system.technosphere_matrix(), system.intensities()
    demands = np.eye(system.size)[:, asked]
    scores = refined(matrix.toarray().T, intensity)
    supply = refined(matrix.toarray(), demands)
    for name, reference in (("scores", scores), ("supply", supply)):
        if (reference.error > 0.1 * reference.tolerance()).any():
            yield f"{name} of the reference are not sure"
    brightway_scores = brightway.balanced_scores(system, asked)
    try:
        technosphere = Technosphere(matrix)
        ours, our_supply = technosphere.adjoint_scores(intensity), technosphere.supply(demands)
        stated = np.array([condition_number(technosphere, demand) for demand in demands.T])
    except EngineError as error:
        yield f"what bw2calc solves is refused: {error!r}"
        return
    yield from exceeding("our scores", scores.excess(ours))
    yield from exceeding("our supply", supply.excess(our_supply))
    yield from exceeding("bw2calc's scores", scores[asked].excess(brightway_scores))
    if Trait.BAD_UNITS not in drawn.traits:
        as_it_is = brightway.scores(system, asked)
        yield from exceeding("bw2calc's scores, as it is", scores[asked].excess(as_it_is))
    size = np.abs(scores[asked].solution).astype(np.float64)
    # A score of zero has no relative error; rounding leaves traces of the reference's own.
    allowed = np.maximum(1e-9, 100.0 * EPSILON * stated[:, None]) * size
    allowed = np.where(size > scores.error[asked], allowed, scores[asked].tolerance())
    off = np.abs(ours[asked] - scores[asked].solution).astype(np.float64)
    worst = float((off / np.maximum(allowed, np.finfo(np.float64).tiny)).max())
    yield from exceeding("our scores, by the κ that we state", worst)


def exceeding(name: str, excess: float) -> Iterator[str]:
    """Say by how many tolerances something is off, if by more than one."""
    if not excess <= 1.0:
        yield f"{name}: {excess:.2g} tolerances off"


@blocks
def test_ours_bw2calc_and_the_reference_agree(seeds: range) -> None:
    drawn = map(random_system, seeds)
    assert not [f"{each}: {what}" for each in drawn for what in disagreements(each)]


def test_loops_that_are_solved_as_large_ones_agree_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # Forward error against the reference: by sweeps, and by factors where sweeps are in doubt.
    monkeypatch.setattr(technosphere_module, "DENSE_LIMIT", 1)
    by_sweeps = directly = 0
    for drawn in map(random_system, range(100)):
        technosphere = Technosphere(drawn.system.technosphere_matrix())
        found = technosphere.adjoint_scores(drawn.system.intensities())
        assert expected_scores(drawn).excess(found) <= 1.0, drawn
        directly += bool(technosphere.direct_loops)
        by_sweeps += technosphere.largest_error > 0.0
    assert (by_sweeps >= 10, directly >= 10) == (True, True), (by_sweeps, directly)


def test_the_engines_own_refined_scores_hold_nine_digits_whatever_the_condition() -> None:
    for drawn in map(random_system, range(100)):
        technosphere = Technosphere(drawn.system.technosphere_matrix())
        found = refined_scores(technosphere, drawn.system.intensities()[:, 0].copy())
        expected = expected_scores(drawn)
        solution, error = expected.solution[:, 0], expected.error[:, 0]
        # Of what is a trace beside other products, float64 leaves fewer digits.
        size = np.abs(solution)
        large = size > 1e-12 * size.max()
        assert (np.abs(found - solution)[large] <= (1e-9 * size + error)[large]).all(), drawn


def expected_scores(drawn: RandomSystem) -> Refined:
    transposed = drawn.system.technosphere_matrix().toarray().T
    return refined(transposed, drawn.system.intensities())


def test_an_output_that_is_a_millionth_off_is_noticed() -> None:
    noticed = 0
    for drawn in map(random_system, range(100)):
        expected = expected_scores(drawn)[drawn.asked[:1]]
        if expected.condition().max() > 1e6:
            continue
        product = drawn.asked[0]
        activity = int(np.flatnonzero(drawn.system.reference == product)[0])
        entries = drawn.system.technosphere
        cell = (entries.row == product) & (entries.column == activity)
        amount = np.where(cell, entries.amount * (1.0 + 1e-6), entries.amount)
        changed = replace(
            drawn.system, technosphere=Exchanges.fixed(entries.row, entries.column, amount)
        )
        found = Technosphere(changed.technosphere_matrix()).adjoint_scores(changed.intensities())
        assert expected.excess(found[drawn.asked[:1]]) > 1.0, drawn
        noticed += 1
    assert noticed > 30


def test_a_seed_gives_the_same_system_again() -> None:
    one, other = random_system(7), random_system(7)
    assert (one.traits, one.system.size) == (other.traits, other.system.size)
    for kind in ("technosphere", "biosphere", "characterization"):
        found, again = getattr(one.system, kind), getattr(other.system, kind)
        np.testing.assert_array_equal(found.amount, again.amount)


def test_the_systems_have_what_they_are_said_to_have() -> None:
    drawn = [random_system(seed) for seed in range(400)]
    sizes = [each.system.size for each in drawn]
    assert min(sizes) == SMALLEST
    assert LARGEST * 0.95 < max(sizes) <= LARGEST
    for trait in Trait:
        assert sum(trait in each.traits for each in drawn) >= 30
    for each in drawn:
        matrix = each.system.technosphere_matrix().toarray()
        own = matrix[each.system.reference, np.arange(each.system.size)]
        entries = each.system.technosphere
        cells = set(zip(entries.row.tolist(), entries.column.tolist(), strict=True))
        assert (own != 0.0).all(), each
        assert (own < 0.0).any() <= (Trait.WASTE in each.traits), each
        assert (len(cells) < entries.size) <= (Trait.SPLIT in each.traits), each
        if Trait.PERMUTED not in each.traits:
            assert (each.system.reference == np.arange(each.system.size)).all(), each


def test_some_systems_are_ill_conditioned_and_most_are_not() -> None:
    conditions = np.array(
        [
            np.median(expected_scores(drawn)[drawn.asked].condition())
            for drawn in map(random_system, range(100))
        ]
    )
    assert np.median(conditions) < 1e6 < np.quantile(conditions, 0.9)
