"""Foreground Monte Carlo in vectorised NumPy, as fast as we could write it.

Draws are of float64 by the fastest generator (SFC64) with the ziggurat; chunks of samples stay in
the second-level cache, and all processors work on chunks, since NumPy gives up its lock in each
call. Processes are substituted in the order of dependency, all samples of a chunk at once.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.uncertain_systems import UncertainSystem
from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Kind
from footprint.engine.technosphere import Technosphere

#: Samples of a chunk; from 64 to 512 it takes about as long.
CHUNK = 128
#: Chunks that one task computes.
CHUNKS_PER_TASK = 8


class NumpyForeground:
    """The foreground as arrays in the order of substitution; everything constant is folded in.

    Processes stand level by level: those of a level buy only from lower ones, and are computed in
    one go.
    """

    def __init__(self, model: UncertainSystem) -> None:
        system, background = model.system, model.background
        inputs, emissions = system.technosphere, system.biosphere
        scores = Technosphere(system.technosphere_matrix()).adjoint_scores(
            system.intensities()[:, 0]
        )
        factors = system.characterization_matrix().toarray()[:, 0]
        first = int(background.sum())
        foreground = ~background[inputs.column]
        bought = np.flatnonzero(foreground & background[inputs.row])
        within = np.flatnonzero(
            foreground & ~background[inputs.row] & (inputs.row != inputs.column)
        )
        emitted = np.flatnonzero(~background[emissions.column])
        varied = np.concatenate([inputs.distribution.kind, emissions.distribution.kind])
        emitted_at = inputs.size + emitted
        if (varied[np.concatenate([within, bought, emitted_at])] != Kind.LOGNORMAL).any():
            raise ValueError("all exchanges of the foreground are lognormal")

        supplier, consumer = inputs.row[within] - first, inputs.column[within] - first
        place, level_of_place = _levels(supplier, consumer, system.size - first)
        # What is bought from the background, and what is emitted, are impacts of a process.
        own = np.concatenate([bought, emitted_at])
        impact = np.concatenate([-scores[inputs.row[bought]], factors[emissions.row[emitted]]])
        buyer = place[np.concatenate([inputs.column[bought], emissions.column[emitted]]) - first]
        in_order = np.argsort(buyer, kind="stable")
        own, impact, buyer = own[in_order], impact[in_order], buyer[in_order]
        in_order = np.argsort(place[consumer], kind="stable")
        within, supplier = within[in_order], place[supplier][in_order]
        consumer = place[consumer][in_order]

        self._size = len(place)
        self._product = int(place[model.product - first])
        self._own_begin = np.searchsorted(buyer, np.arange(self._size))
        self._own = len(own)
        self._levels = [
            _Level.of(begin, end, supplier, consumer)
            for begin, end in pairwise(
                [*np.unique(level_of_place, return_index=True)[1].tolist(), self._size]
            )
            if begin > 0
        ]
        #: Position of each amount among those of technosphere and biosphere, and what it counts.
        self._position = np.concatenate([own, within])
        self._factor = np.concatenate([impact, -np.ones(len(within))])[:, np.newaxis]
        median = np.concatenate([inputs.distribution.first, emissions.distribution.first])
        sigma = np.concatenate([inputs.distribution.second, emissions.distribution.second])
        # ln of the medians, so that one exponential gives the amount.
        self._location = np.log(median[self._position, np.newaxis] * self._factor)
        self._sigma = sigma[self._position, np.newaxis]

    def scores(self, samples: int, seed: int) -> Floats:
        """Draw and score (samples,)."""
        per_task = CHUNK * CHUNKS_PER_TASK
        tasks = -(-samples // per_task)
        seeds = np.random.SeedSequence(seed).spawn(tasks)
        found = np.empty((tasks, per_task))

        def run(task: int) -> None:
            random = np.random.Generator(np.random.SFC64(seeds[task]))
            drawn = np.empty((len(self._sigma), CHUNK))
            unit = np.empty((self._size, CHUNK))
            for begin in range(0, per_task, CHUNK):
                random.standard_normal(out=drawn)
                drawn *= self._sigma
                drawn += self._location
                np.exp(drawn, out=drawn)
                found[task, begin : begin + CHUNK] = self._substituted(drawn, unit)

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(run, range(tasks)))
        return found.ravel()[:samples]

    def given_scores(self, technosphere: Floats, biosphere: Floats) -> Floats:
        """Score drawn amounts of the exchanges (m, samples)."""
        amounts = np.concatenate([technosphere, biosphere])[self._position] * self._factor
        return self._substituted(amounts, np.empty((self._size, amounts.shape[1])))

    def _substituted(self, drawn: Floats, unit: Floats) -> Floats:
        own, amounts = drawn[: self._own], drawn[self._own :]
        # Each process has something of its own, and above the lowest level buys something.
        np.add.reduceat(own, self._own_begin, axis=0, out=unit)
        for level in self._levels:
            bought = unit[level.supplier]
            bought *= amounts[level.inputs]
            unit[level.processes] += np.add.reduceat(bought, level.begin, axis=0)
        product: Floats = unit[self._product]
        return product


@dataclass(frozen=True, slots=True)
class _Level:
    """Inputs of the processes of one level; `begin` is where those of each process begin."""

    processes: slice
    inputs: slice
    supplier: Integers
    begin: Integers

    @classmethod
    def of(cls, begin: int, end: int, supplier: Integers, consumer: Integers) -> "_Level":
        pointers = np.searchsorted(consumer, np.arange(begin, end + 1))
        inputs = slice(int(pointers[0]), int(pointers[-1]))
        return cls(slice(begin, end), inputs, supplier[inputs], pointers[:-1] - pointers[0])


def _levels(supplier: Integers, consumer: Integers, size: int) -> tuple[Integers, Integers]:
    """Return the place of each process and the level at each place, suppliers before consumers."""
    level = np.zeros(size, dtype=np.int64)
    for _ in range(size):
        above = level.copy()
        np.maximum.at(above, consumer, level[supplier] + 1)
        if (above == level).all():
            break
        level = above
    order = np.argsort(level, kind="stable")
    place = np.empty(size, dtype=np.int64)
    place[order] = np.arange(size)
    return place, level[order]
