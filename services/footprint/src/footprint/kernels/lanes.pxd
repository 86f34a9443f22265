"""Eight samples side by side: drawing amounts, and sums over exchanges.

Everything here is compiled into the modules that use it, once for each instruction set.
"""

from libc.math cimport sqrt
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t


cdef extern from "lanes.h":
    double uniform_of(uint64_t word) nogil
    double radius_of(uint64_t word) nogil
    void turn_of(uint64_t word, double* cosine, double* sine) nogil
    double exp_of(double x) nogil
    int WIDTH
    void philox(
        const uint64_t* counter0, const uint64_t* counter1, const uint64_t* counter2,
        const uint64_t* counter3, uint64_t key,
        uint64_t* word0, uint64_t* word1, uint64_t* word2, uint64_t* word3,
    ) nogil
    void add_products(
        const double* value, const int32_t* source, ptrdiff_t count, const double* of, double* acc
    ) nogil


cdef enum:
    LANES = 8
    # Amounts that are drawn together: long enough for vector code, short enough for the cache.
    CHUNK = 64

cdef enum Kind:
    FIXED = 0
    LOGNORMAL = 1
    NORMAL = 2
    UNIFORM = 3
    TRIANGULAR = 4


# Distributions as footprint.engine.distributions has them, and the number of each draw. For every
# CHUNK of them `plain` tells whether all are lognormal and by no given value: of these nothing else
# is read, since what is read takes as long as what is computed.
ctypedef struct Amounts:
    const uint8_t* plain
    const int32_t* kind
    const double* first
    const double* second
    const double* third
    const uint32_t* identity
    const int32_t* given


cdef inline void draw(
    Amounts amounts, ptrdiff_t chunk, ptrdiff_t count, const double* table, uint64_t seed,
    uint64_t stream, uint64_t block, double* out,
) noexcept nogil:
    """Draw `count` <= CHUNK amounts for the samples 8 * block + (0 … 7): out[8 * e + lane].

    An amount e of sample s rests on words of Philox4x32-10 for the key `seed` and the counter
    (e, s / 4, stream), whatever else is drawn and in whatever order: a uniform one on the word
    s % 4, a normal one on the pair of words that it shares with its neighbour. `table` has the
    block's given values: row r of lane s is at [8 * r + s].
    """
    cdef uint64_t[4][2 * CHUNK] words
    cdef double[LANES * CHUNK] drawn
    cdef ptrdiff_t e, s, begin = CHUNK * chunk
    cdef bint any_normal = False, any_uniform = False
    cdef int32_t kind
    cdef double* at
    if amounts.plain[chunk]:
        _words(amounts.identity + begin, count, seed, stream, block, words)
        _normals(words, drawn)
        for e in range(count):
            for s in range(LANES):
                out[LANES * e + s] = amounts.first[begin + e] * exp_of(
                    amounts.second[begin + e] * drawn[LANES * e + s]
                )
        return
    for e in range(count):
        kind = amounts.kind[begin + e]
        any_normal |= kind == LOGNORMAL or kind == NORMAL
        any_uniform |= kind == UNIFORM or kind == TRIANGULAR
    if any_normal or any_uniform:
        _words(amounts.identity + begin, count, seed, stream, block, words)
    if any_normal:
        _normals(words, drawn)
    for e in range(count):
        kind = amounts.kind[begin + e]
        at = out + LANES * e
        if kind == LOGNORMAL:
            for s in range(LANES):
                at[s] = amounts.first[begin + e] * exp_of(
                    amounts.second[begin + e] * drawn[LANES * e + s]
                )
        elif kind == NORMAL:
            for s in range(LANES):
                at[s] = amounts.first[begin + e] + (
                    amounts.second[begin + e] * drawn[LANES * e + s]
                )
        elif kind == FIXED:
            for s in range(LANES):
                at[s] = amounts.first[begin + e]
        else:
            for s in range(LANES):
                at[s] = uniform_of(words[s & 3][2 * e + (s >> 2)])
            _spread(amounts, begin + e, at)
        if amounts.given[begin + e] >= 0:
            for s in range(LANES):
                at[s] *= table[LANES * <ptrdiff_t>amounts.given[begin + e] + s]


cdef inline bint is_plain(
    const int32_t* kind, const int32_t* given, ptrdiff_t count
) noexcept nogil:
    """Tell whether amounts are all lognormal, and by no given value."""
    cdef ptrdiff_t e
    for e in range(count):
        if kind[e] != LOGNORMAL or given[e] >= 0:
            return False
    return True


cdef inline void _words(
    const uint32_t* identity, ptrdiff_t count, uint64_t seed, uint64_t stream, uint64_t block,
    uint64_t[4][2 * CHUNK] words,
) noexcept nogil:
    """Words of two quadruples of samples for each identity; what lies beyond `count` is anything.

    The loop is of fixed length, which is what the compiler needs to unroll it into vectors.
    """
    cdef uint64_t[2 * CHUNK] number
    cdef uint64_t[2 * CHUNK] low
    cdef uint64_t[2 * CHUNK] high
    cdef uint64_t[2 * CHUNK] sequence
    cdef uint64_t word = 0xffffffffu
    cdef ptrdiff_t i, at
    for i in range(2 * CHUNK):
        number[i] = identity[min(i >> 1, count - 1)]
        low[i] = 2 * block + (i & 1)
    for i in range(2 * CHUNK):
        high[i] = low[i] >> 32
        low[i] &= word
        sequence[i] = stream
    for i in range(2 * CHUNK // WIDTH):
        at = WIDTH * i
        philox(
            number + at, low + at, high + at, sequence + at, seed,
            words[0] + at, words[1] + at, words[2] + at, words[3] + at,
        )


cdef inline void _normals(uint64_t[4][2 * CHUNK] words, double* out) noexcept nogil:
    """Turn words into standard normal deviates by Box and Muller, two of two words."""
    cdef double[4][2 * CHUNK] deviates
    cdef double radius, cosine, sine
    cdef ptrdiff_t i, j
    for i in range(2 * CHUNK):
        radius = radius_of(words[0][i])
        turn_of(words[1][i], &cosine, &sine)
        deviates[0][i] = radius * cosine
        deviates[1][i] = radius * sine
    for i in range(2 * CHUNK):
        radius = radius_of(words[2][i])
        turn_of(words[3][i], &cosine, &sine)
        deviates[2][i] = radius * cosine
        deviates[3][i] = radius * sine
    for i in range(2 * CHUNK):
        for j in range(4):
            out[4 * i + j] = deviates[j][i]


cdef inline void _spread(Amounts amounts, ptrdiff_t e, double* at) noexcept nogil:
    """Turn uniform deviates into uniform or triangular amounts, by the inverse distribution.

    An amount that was scaled by a negative number begins at its larger end.
    """
    cdef double begin = amounts.first[e], middle = amounts.second[e], end = amounts.third[e]
    cdef double span, below
    cdef ptrdiff_t s
    if amounts.kind[e] == UNIFORM:
        for s in range(LANES):
            at[s] = begin + (middle - begin) * at[s]
        return
    span = end - begin
    below = (middle - begin) / span if span != 0.0 else 0.0
    for s in range(LANES):
        if at[s] < below:
            at[s] = begin + span * sqrt(at[s] * below)
        else:
            at[s] = end - span * sqrt((1.0 - at[s]) * (1.0 - below))
