"""Amounts drawn from their distributions: pure functions of seed, stream, amount and sample."""

import numpy as np

from footprint.kernels.lanes cimport CHUNK, LANES, Amounts, draw, is_plain
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t


def draw_amounts(
    const int32_t[::1] kind,       # IN
    const double[::1] first,       # IN
    const double[::1] second,      # IN
    const double[::1] third,       # IN
    const uint32_t[::1] identity,  # IN
    const int32_t[::1] given,      # IN
    const double[:, :, ::1] table,  # IN
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
    identity : uint32 (m,)
        Number of each draw.
    table : float64 (blocks, rows, 8)
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
        if not -1 <= given[e] < table.shape[1]:
            raise ValueError("given must name a row of the table")
    if m == 0 or samples == 0:
        return
    if table.shape[0] != samples // LANES or table.shape[2] != LANES:
        raise ValueError("the table needs one element per lane of each block")
    plain = np.zeros((m + CHUNK - 1) // CHUNK, dtype=np.uint8)
    cdef uint8_t[::1] plain_view = plain
    cdef Amounts amounts
    amounts.plain = &plain_view[0]
    amounts.kind, amounts.first, amounts.second = &kind[0], &first[0], &second[0]
    amounts.third, amounts.identity, amounts.given = &third[0], &identity[0], &given[0]
    cdef const double* values
    cdef double[LANES * CHUNK] drawn
    with nogil:
        for chunk in range((m + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, m - begin)
            plain_view[chunk] = is_plain(&kind[begin], &given[begin], count)
            for block in range(samples // LANES):
                values = &table[block, 0, 0] if table.shape[1] > 0 else NULL
                draw(amounts, chunk, count, values, seed, stream, first_block + block, drawn)
                for e in range(count):
                    for s in range(LANES):
                        out[begin + e, LANES * block + s] = drawn[LANES * e + s]
