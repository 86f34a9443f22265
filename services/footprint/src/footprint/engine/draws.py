"""Random amounts: each a pure function of seed, stream, position and sample.

Whatever else is drawn, in whatever order, on however many threads: the amount at a position has the
same value in the same sample. Random numbers are counted, not continued (Philox4x32-10; Salmon et
al., SC'11, doi:10.1145/2063384.2063405), normal deviates follow Box and Muller from 32 random bits
each: the distribution ends at 6.8 standard deviations.
"""

from enum import IntEnum

import numpy as np

from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions
from footprint.engine.errors import MalformedSystemError
from footprint.kernels.instruction_sets import INSTRUCTION_SETS, kernel

#: Samples that the kernels work on side by side; batches of whole blocks are drawn.
LANES = 8


class Stream(IntEnum):
    """Sequences of positions; those of different streams are independent."""

    TECHNOSPHERE = 0
    BIOSPHERE = 1
    CHARACTERIZATION = 2
    PARAMETERS = 3


def draw(
    distributions: Distributions,
    *,
    seed: int,
    stream: Stream,
    first: int,
    count: int,
    given: Floats | None = None,
    subset: Integers | None = None,
    instruction_set: str = INSTRUCTION_SETS[0],
) -> Floats:
    """Draw amounts.

    Parameters
    ----------
    seed
        In [0, 2^64).
    first, count
        Samples ``first … first + count − 1``.
    given
        Table of given values (rows, count), see `Distributions`.
    subset
        Positions that are drawn, in this order; all without it.

    Returns
    -------
    ndarray
        Amounts (m, count), or of the subset.
    """
    positions = np.arange(distributions.size) if subset is None else np.asarray(subset, np.int64)
    skipped = first % LANES
    samples = -(-(skipped + count) // LANES) * LANES
    table = np.zeros((0 if given is None else len(given), samples))
    if given is not None:
        if given.shape[1] != count:
            raise MalformedSystemError("given values need one column per sample")
        table[:, skipped : skipped + count] = given
    drawn = np.empty((len(positions), samples))
    kernel("draws", instruction_set).draw_amounts(
        *as_arrays(distributions, positions),
        in_blocks(table),
        seed,
        int(stream),
        first // LANES,
        drawn,
    )
    return drawn[:, skipped : skipped + count]


def as_arrays(distributions: Distributions, positions: Integers) -> tuple[np.ndarray, ...]:
    """Give the distributions at some positions as the kernels take them, with their identities."""
    return (
        distributions.kind[positions].astype(np.int32),
        np.ascontiguousarray(distributions.first[positions]),
        np.ascontiguousarray(distributions.second[positions]),
        np.ascontiguousarray(distributions.third[positions]),
        positions.astype(np.uint32),
        distributions.given[positions].astype(np.int32),
    )


def in_blocks(table: Floats) -> Floats:
    """Lay a table of given values (rows, samples) out for the kernels (blocks, rows, lanes)."""
    rows, samples = table.shape
    blocked = table.reshape(rows, samples // LANES, LANES).transpose(1, 0, 2)
    return np.ascontiguousarray(blocked, dtype=np.float64)
