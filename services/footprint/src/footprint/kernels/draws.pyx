"""Amounts drawn from their distributions: pure functions of seed, stream, amount and sample."""

import numpy as np

from footprint.kernels.lanes cimport CHUNK, LANES, Amounts, Table, draw
from libc.stdint cimport int32_t, int64_t, uint64_t


def draw_amounts(
    const int32_t[::1] kind,       # IN
    const double[::1] first,       # IN
    const double[::1] second,      # IN
    const double[::1] third,       # IN
    const int64_t[::1] identity,   # IN
    const int32_t[::1] given,      # IN
    const double[:, ::1] table,    # IN
    uint64_t seed,
    uint64_t stream,
    Py_ssize_t first_block,
    double[:, ::1] out,            # OUT
):
    """Draw amounts for whole blocks of eight samples.

    Parameters
    ----------
    kind, first, second, third, given
        As in `footprint.engine.distributions.Distributions` (m,).
    identity : int64 (m,)
        Number of each draw, from 0.
    table : float64 (rows, samples)
        Values that `given` names by row, for the samples that are drawn.
    seed, stream
        Key of the random numbers, and which of several sequences of identities.
    first_block
        Number of the first block; it begins with sample 8 · first_block.
    out : float64 (m, samples)
        Overwritten; the number of samples is a multiple of eight.
    """
    cdef Py_ssize_t m = kind.shape[0], samples = out.shape[1], block, chunk, begin, count
    cdef Py_ssize_t e, s
    if not (
        first.shape[0] == second.shape[0] == third.shape[0] == identity.shape[0]
        == given.shape[0] == out.shape[0] == m
    ):
        raise ValueError("the distributions need one element per amount")
    if samples % LANES != 0 or first_block < 0 or stream > 255:
        raise ValueError("samples come in blocks of eight, streams in [0, 256)")
    for e in range(m):
        if not -1 <= given[e] < table.shape[0] or identity[e] < 0:
            raise ValueError("given must name a row of the table, identity must not be negative")
    if m == 0 or samples == 0:
        return
    if table.shape[0] > 0 and table.shape[1] != samples:
        raise ValueError("the table needs one column per sample")
    cdef Amounts amounts
    amounts.kind, amounts.first, amounts.second = &kind[0], &first[0], &second[0]
    amounts.third, amounts.identity, amounts.given = &third[0], &identity[0], &given[0]
    cdef Table values
    values.values, values.stride = NULL, table.shape[1]
    if table.shape[0] > 0:
        values.values = &table[0, 0]
    cdef double[LANES * CHUNK] drawn
    with nogil:
        for chunk in range((m + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, m - begin)
            for block in range(samples // LANES):
                draw(
                    amounts, begin, count, values, LANES * block, seed, stream,
                    first_block + block, drawn,
                )
                for e in range(count):
                    for s in range(LANES):
                        out[begin + e, LANES * block + s] = drawn[LANES * e + s]
