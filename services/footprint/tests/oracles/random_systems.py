"""Random systems with what makes real ones hard: loops, waste, co-products, bad units."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from services.footprint.tests.oracles.references import equilibrated

from footprint.engine.system import Exchanges, System

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SMALLEST, LARGEST = 2, 300
METHODS = 3
#: Worse systems are drawn anew: 100 κ ε is 1 at 4.5e13.
MOST_CONDITION = 1e13
#: Products whose scores are asked for, at most.
ASKED = 4


class Trait(StrEnum):
    """What a system has beside a chain of inputs; each with a chance of its own."""

    LOOPS = "loops"
    NEAR_ONE = "a short loop that gives back all but 1e-3 … 1e-12 of what it takes"
    TIGHT = "every activity takes worth all but as little of what it gives"
    ARBITRARY = "amounts of any sign: unproductive loops, negative supplies"
    WASTE = "waste: its treatment has a negative output"
    CO_PRODUCTS = "activities with several outputs"
    NON_UNIT = "outputs of 1e-3 … 1e3 units"
    BAD_UNITS = "products in units of 1e-6 … 1e6"
    PERMUTED = "products in another order than their activities"
    UNUSED = "products that nobody takes"
    SPLIT = "several exchanges in one cell, some of which cancel"
    UPTAKE = "emissions below zero"


CHANCES = {
    Trait.LOOPS: 0.7,
    Trait.NEAR_ONE: 0.2,
    Trait.TIGHT: 0.1,
    Trait.ARBITRARY: 0.15,
    Trait.WASTE: 0.4,
    Trait.CO_PRODUCTS: 0.4,
    Trait.NON_UNIT: 0.4,
    Trait.BAD_UNITS: 0.3,
    Trait.PERMUTED: 0.5,
    Trait.UNUSED: 0.5,
    Trait.SPLIT: 0.3,
    Trait.UPTAKE: 0.3,
}


@dataclass(frozen=True, slots=True)
class RandomSystem:
    """A system, the products asked for, and where it comes from.

    Attributes
    ----------
    seed
        `random_system` of it gives the same system again.
    asked
        Rows of A, at most `ASKED` (p,).
    """

    seed: int
    traits: frozenset[Trait]
    system: System
    asked: Integers

    def __str__(self) -> str:
        traits = ", ".join(sorted(trait.name for trait in self.traits))
        return f"random_system({self.seed}): {self.system.size} activities, {traits}"


def random_system(seed: int, largest: int = LARGEST) -> RandomSystem:
    """Draw the system of a seed."""
    random = np.random.default_rng(seed)
    traits = frozenset(trait for trait, chance in CHANCES.items() if random.random() < chance)
    size = int(np.exp(random.uniform(np.log(SMALLEST), np.log(largest + 1))))
    matrix = _technology(random, size, traits)
    while _is_beyond_float64(matrix):
        matrix = _technology(random, size, traits)
    order = random.permutation(size) if Trait.PERMUTED in traits else np.arange(size)
    reference = np.empty(size, dtype=np.int64)
    reference[order] = np.arange(size)
    biosphere, characterization = _impacts(random, size, traits)
    return RandomSystem(
        seed,
        traits,
        System(
            size=size,
            flows=len(biosphere),
            methods=METHODS,
            technosphere=_exchanges(random, matrix[order], Trait.SPLIT in traits),
            biosphere=_exchanges(random, biosphere, Trait.SPLIT in traits),
            characterization=_exchanges(random, characterization, split=False),
            reference=reference,
        ),
        np.sort(random.choice(size, min(ASKED, size), replace=False)),
    )


def _technology(random: np.random.Generator, size: int, traits: frozenset[Trait]) -> Floats:
    """Draw A (n, n) with the reference products on the diagonal."""
    wanted = random.random((size, size)) < random.uniform(1.0, 6.0) / size
    if Trait.LOOPS not in traits:
        wanted = np.triu(wanted)
    inputs = np.where(wanted, random.lognormal(0.0, 1.5, (size, size)), 0.0)
    if Trait.UNUSED in traits:
        inputs[random.random(size) < 0.3] = 0.0
    np.fill_diagonal(inputs, 0.0)
    if Trait.ARBITRARY in traits:
        signs = random.choice([-1.0, 1.0], (size, size), p=[0.3, 0.7])
        matrix: Floats = np.diag(random.lognormal(0.0, 1.0, size)) - inputs * signs
    else:
        # What an activity takes is worth less than what it gives, so that a solution exists.
        worth = inputs.sum(axis=0)
        share = 1.0 - _little(random) if Trait.TIGHT in traits else random.uniform(0.2, 0.95, size)
        inputs *= share / np.where(worth > 0.0, worth, 1.0)
        matrix = np.eye(size) - inputs
    if Trait.CO_PRODUCTS in traits:
        chosen = (random.random((size, size)) < 1.0 / size) & ~np.eye(size, dtype=bool)
        matrix[chosen] += random.uniform(0.02, 0.3, int(chosen.sum()))
    if Trait.NEAR_ONE in traits:
        loop = random.choice(size, min(size, int(random.integers(2, 6))), replace=False)
        matrix[:, loop] = 0.0
        matrix[loop, loop] = 1.0
        matrix[np.roll(loop, 1), loop] = -1.0
        matrix[loop[-1], loop[0]] += _little(random)
    if Trait.WASTE in traits:
        matrix[random.random(size) < 0.2] *= -1.0
    if Trait.NON_UNIT in traits:
        matrix *= 10.0 ** random.uniform(-3.0, 3.0, size)
    if Trait.BAD_UNITS in traits:
        matrix *= 10.0 ** random.uniform(-6.0, 6.0, size)[:, None]
    return matrix


def _is_beyond_float64(matrix: Floats) -> bool:
    """Tell whether not one digit of a solution is certain, and so none can be compared."""
    rows, columns = equilibrated(matrix)
    return bool(np.linalg.cond(matrix * rows[:, None] * columns, 1) > MOST_CONDITION)


def _little(random: np.random.Generator) -> float:
    return float(10.0 ** random.uniform(-12.0, -3.0))


def _impacts(
    random: np.random.Generator, size: int, traits: frozenset[Trait]
) -> tuple[Floats, Floats]:
    """Draw B (m, n) and C (m, k); every method has a factor for a flow that someone emits."""
    flows = int(random.integers(2, 13))
    biosphere = np.where(
        random.random((flows, size)) < 0.3, random.lognormal(0.0, 1.5, (flows, size)), 0.0
    )
    biosphere[0, random.integers(size)] = 1.0
    if Trait.UPTAKE in traits:
        biosphere *= random.choice([-1.0, 1.0], biosphere.shape, p=[0.2, 0.8])
    factors = np.where(
        random.random((flows, METHODS)) < 0.5, random.lognormal(0.0, 2.0, (flows, METHODS)), 0.0
    )
    factors[0] = random.lognormal(0.0, 2.0, METHODS)
    return biosphere, factors


def _exchanges(random: np.random.Generator, matrix: Floats, split: bool) -> Exchanges:
    """Write a matrix as exchanges, in any order; split ones add up to the same without rounding."""
    row, column = np.nonzero(matrix)
    amount = matrix[row, column]
    if split:
        chosen = np.flatnonzero(random.random(len(row)) < 0.3)
        row, column = np.append(row, row[chosen]), np.append(column, column[chosen])
        amount = np.append(amount, -amount[chosen])
        amount[chosen] *= 2.0
    shuffled = random.permutation(len(row))
    return Exchanges.fixed(
        row[shuffled].astype(np.int64), column[shuffled].astype(np.int64), amount[shuffled]
    )
