"""Scores of a system in many samples: draw its amounts, solve it, eight samples side by side."""

import numpy as np

from footprint.kernels.lanes cimport CHUNK, LANES, Amounts, add_products, draw, is_plain
from libc.float cimport DBL_EPSILON
from libc.math cimport INFINITY, fabs, isfinite, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset


cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    /* What setup.py lets the compiler use, no more and no less. */
    static int has_avx2(void)
    {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    static int has_avx512(void)
    {
        return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    }
    #else
    static int has_avx2(void) { return 0; }
    static int has_avx512(void) { return 0; }
    #endif
    """
    bint has_avx2()
    bint has_avx512()


# Relative change of a row that its rounding may make.
cdef double ROUNDING = 16.0 * DBL_EPSILON
# Sweep whose rate is taken: the first ones are faster than the loop.
cdef Py_ssize_t RELAXED_AFTER = 3
# Above, eight lanes of a row could not be counted by 32 bits.
cdef Py_ssize_t MOST_ROWS = 2 ** 27


def instruction_sets():
    """Name the instruction sets that this processor has, best first."""
    return tuple(
        name
        for name, there in (("avx512", has_avx512()), ("avx2", has_avx2()), ("baseline", True))
        if there
    )


cdef class Drawn:
    """Amounts of one matrix, in the order in which a plan wants them.

    Parameters
    ----------
    kind, first, second, third, given
        As in `footprint.engine.distributions.Distributions` (m,).
    identity : uint32 (m,)
        Number of each draw.
    row, other : int32 (m,)
        Where each amount belongs: see `Plan`.
    stream
        Which sequence of identities they are.
    """

    cdef const int32_t[::1] kind, given, row, other
    cdef const double[::1] first, second, third
    cdef const uint32_t[::1] identity
    cdef uint8_t[::1] plain
    cdef readonly uint64_t stream
    cdef readonly Py_ssize_t size

    def __init__(
        self,
        const int32_t[::1] kind,      # IN
        const double[::1] first,      # IN
        const double[::1] second,     # IN
        const double[::1] third,      # IN
        const uint32_t[::1] identity,  # IN
        const int32_t[::1] given,     # IN
        const int32_t[::1] row,       # IN
        const int32_t[::1] other,     # IN
        uint64_t stream,
    ):
        self.size = kind.shape[0]
        if not (
            first.shape[0] == second.shape[0] == third.shape[0] == identity.shape[0]
            == given.shape[0] == row.shape[0] == other.shape[0] == self.size
        ) or stream > 255:
            raise ValueError("the distributions need one element per amount")
        self.kind, self.first, self.second, self.third = kind, first, second, third
        self.identity, self.given, self.row, self.other = identity, given, row, other
        self.stream = stream
        self.plain = np.zeros((self.size + CHUNK - 1) // CHUNK, dtype=np.uint8)
        cdef Py_ssize_t chunk, begin
        for chunk in range(self.plain.shape[0]):
            begin = CHUNK * chunk
            self.plain[chunk] = is_plain(
                &kind[begin], &given[begin], min(<Py_ssize_t>CHUNK, self.size - begin)
            )

    cdef Amounts amounts(self) noexcept nogil:
        cdef Amounts found
        memset(&found, 0, sizeof(found))
        if self.size > 0:
            found.plain, found.kind, found.given = &self.plain[0], &self.kind[0], &self.given[0]
            found.first, found.second = &self.first[0], &self.second[0]
            found.third, found.identity = &self.third[0], &self.identity[0]
        return found

    cdef bint within(
        self, Py_ssize_t rows, Py_ssize_t others, Py_ssize_t tables
    ) noexcept:
        cdef Py_ssize_t e
        for e in range(self.size):
            if not (
                0 <= self.row[e] < rows and 0 <= self.other[e] < others
                and -1 <= self.given[e] < tables
            ):
                return False
        return True


cdef class Plan:
    """A system whose rows stand in the order in which they are solved: y = q + M y.

    Parameters
    ----------
    block_ptr : int64 (blocks + 1,)
        Rows ``block_ptr[c] … block_ptr[c + 1] − 1`` form loop c; all else they depend on lies
        before, or outside.
    row_ptr : int64 (n + 1,)
        Inputs of row j: entries ``row_ptr[j] … row_ptr[j + 1] − 1``.
    inputs : Drawn
        Entries of M, by row; `other` is the row that is taken from, or n + o for the unit score o
        that is given from outside.
    pivots : Drawn
        What an unusual row's sum is divided by: `other` is the number of the pivot, to whose value
        the amounts add up; `row` is not looked at.
    pivot_of : int32 (n,)
        Number of the row's pivot, or −1.
    emissions : Drawn
        Direct flows; `row` emits flow `other`.
    factors : Drawn
        Characterization: flow `row` in method `other`.
    flows, methods, tables
        Numbers of flows, of methods, and of rows of given values.
    start : float64 (methods, n)
        What the sweeps of a loop begin with in every block.
    weight : float64 (methods, n)
        What a change of y by one unit may change the scores that are asked for by, relative to
        `scale`.
    targets : int32 (t,)
        Rows whose scores are asked for.
    scale : float64 (methods, t)
        What the deterministic system leads one to expect of their sizes.
    outside
        Number of unit scores given from outside.
    """

    cdef const int64_t[::1] block_ptr, row_ptr
    cdef Drawn inputs, pivots, emissions, factors
    cdef const int32_t[::1] pivot_of, targets
    cdef const double[:, ::1] start, weight, scale
    cdef readonly Py_ssize_t size, flows, methods, tables, outside, pivot_count, room

    def __init__(
        self,
        const int64_t[::1] block_ptr,  # IN
        const int64_t[::1] row_ptr,    # IN
        Drawn inputs not None,
        Drawn pivots not None,
        const int32_t[::1] pivot_of,   # IN
        Drawn emissions not None,
        Drawn factors not None,
        Py_ssize_t flows,
        Py_ssize_t methods,
        Py_ssize_t tables,
        const double[:, ::1] start,    # IN
        const double[:, ::1] weight,   # IN
        const int32_t[::1] targets,    # IN
        const double[:, ::1] scale,    # IN
        Py_ssize_t outside,
    ):
        cdef Py_ssize_t n = pivot_of.shape[0], j
        self.size, self.flows, self.methods, self.tables = n, flows, methods, tables
        self.outside = outside
        self.pivot_count = 1 + max((pivot_of[j] for j in range(n)), default=-1)
        if min(flows, methods, tables, outside) < 0 or row_ptr.shape[0] != n + 1:
            raise ValueError("row_ptr needs one element more than there are rows")
        _check_pointer(row_ptr, inputs.size)
        _check_pointer(block_ptr, n)
        if not (
            inputs.within(max(n, 1), n + outside, tables)
            and pivots.within(max(n, 1), self.pivot_count, tables)
            and emissions.within(n, flows, tables)
            and factors.within(flows, methods, tables)
        ):
            raise ValueError("an amount belongs to a row, flow, method or table that is not there")
        if max(n + outside, self.pivot_count, flows) > MOST_ROWS:
            raise ValueError("rows, pivots and flows must not be more than 2^27")
        for j in range(n):
            if pivot_of[j] < -1:
                raise ValueError("pivot_of must not be below -1")
        if not _is_ordered(block_ptr, row_ptr, inputs.other, n):
            raise ValueError("an input must lie before its row, in its loop or outside")
        for j in range(targets.shape[0]):
            if not 0 <= targets[j] < n:
                raise ValueError("targets must lie in [0, n)")
        if not (start.shape[0] == weight.shape[0] == methods) or not (
            start.shape[1] == weight.shape[1] == n
        ):
            raise ValueError("start and weight need one row per method")
        if scale.shape[0] != methods or scale.shape[1] != targets.shape[0]:
            raise ValueError("scale needs one row per method and one column per target")
        self.block_ptr, self.row_ptr, self.pivot_of, self.targets = (
            block_ptr, row_ptr, pivot_of, targets
        )
        self.inputs, self.pivots, self.emissions, self.factors = (
            inputs, pivots, emissions, factors
        )
        self.start, self.weight, self.scale = start, weight, scale
        self.room = 1 + LANES * (
            inputs.size + methods * (n + flows) + n + outside + self.pivot_count
        )

    def workspace(self):
        """Make room for one block, to be used again and again by one thread."""
        return np.empty(self.room)

    def solve(
        self,
        uint64_t seed,
        Py_ssize_t first_block,
        Py_ssize_t blocks,
        const double[:, :, ::1] table,    # IN
        const double[:, :, ::1] outside,  # IN
        const double[::1] tolerance,      # IN
        Py_ssize_t most_sweeps,
        double[::1] workspace,            # IN, OUT
        double[:, :, ::1] scores,         # OUT
        double[::1] error,                # OUT
    ):
        """Solve blocks of eight samples.

        Parameters
        ----------
        seed, first_block, blocks
            Key of the random numbers, and which samples: 8 · first_block and so on.
        table : float64 (blocks, tables, 8)
            Given values by which some amounts are multiplied.
        outside : float64 (8 · blocks or 1, outside, methods)
            Unit scores given from outside, in each sample or the same in all.
        tolerance : float64 (methods,)
            The sweeps of a loop end when their error is estimated below `tolerance` times the
            weighted size of the loop's scores in all eight samples. A sample that is there first
            stands still, so that it does not depend on those beside it.
        most_sweeps
            After so many sweeps they end anyway.
        workspace
            Of `workspace`.
        scores : float64 (8 · blocks, targets, methods)
        error : float64 (8 · blocks,)
            Estimated error of each sample relative to its scores, or to `scale` where that is
            smaller: the sum over its loops. Infinite where a number is not finite.

        Notes
        -----
        The estimate of a sweep is Σ w_j |Δ_j|: Δ_j, the change of row j, is its residual at that
        moment, and the weight w_j says what a residual does to the scores. What remains after it is
        smaller by the rate of the sweeps, or larger by ρ / (1 − ρ) if they converge slowly; ρ is
        the slower of the last two rates.
        """
        cdef Py_ssize_t samples = LANES * blocks, b, c, k, t, s, step
        cdef double[LANES] unsure
        cdef double score
        if blocks < 0 or first_block < 0 or most_sweeps < 1:
            raise ValueError("blocks count from 0, sweeps from 1")
        if not (
            table.shape[0] == blocks and table.shape[1] == self.tables and table.shape[2] == LANES
        ):
            raise ValueError("the table needs one element per block, given value and lane")
        if outside.shape[1] != self.outside or (
            self.outside > 0
            and not (outside.shape[2] == self.methods and outside.shape[0] in (1, samples))
        ):
            raise ValueError("unit scores from outside need one row per sample, or one in all")
        if scores.shape[0] != samples or error.shape[0] != samples or (
            scores.shape[1] != self.targets.shape[0] or scores.shape[2] != self.methods
        ):
            raise ValueError("scores and error need one row per sample")
        if tolerance.shape[0] != self.methods:
            raise ValueError("tolerance needs one element per method")
        if workspace.shape[0] < self.room:
            raise ValueError("the workspace is too small")
        if samples == 0 or self.methods == 0 or self.targets.shape[0] == 0:
            error[:] = 0.0
            scores[:] = 0.0
            return
        cdef double* values = &workspace[0]
        cdef double* direct = values + LANES * self.inputs.size
        cdef double* factor = direct + LANES * self.methods * self.size
        cdef double* y = factor + LANES * self.methods * self.flows
        cdef double* pivot = y + LANES * (self.size + self.outside)
        cdef const double* given = NULL
        step = 0 if outside.shape[0] == 1 else 1
        with nogil:
            for b in range(blocks):
                if self.tables > 0:
                    given = &table[b, 0, 0]
                self._draw(seed, first_block + b, given, values, direct, factor, pivot)
                for s in range(LANES):
                    error[LANES * b + s] = 0.0
                for k in range(self.methods):
                    for t in range(self.outside):
                        for s in range(LANES):
                            y[LANES * (self.size + t) + s] = outside[step * (LANES * b + s), t, k]
                    for s in range(LANES):
                        unsure[s] = 0.0
                    for c in range(self.block_ptr.shape[0] - 1):
                        self._solve_loop(
                            c, k, values, direct + LANES * k * self.size, pivot, y, tolerance[k],
                            most_sweeps, unsure,
                        )
                    for t in range(self.targets.shape[0]):
                        for s in range(LANES):
                            score = y[LANES * <Py_ssize_t>self.targets[t] + s]
                            scores[LANES * b + s, t, k] = score
                            error[LANES * b + s] = max(
                                error[LANES * b + s],
                                _relative(unsure[s], score, self.scale[k, t]),
                            )

    cdef void _draw(
        self, uint64_t seed, Py_ssize_t block, const double* given, double* values,
        double* direct, double* factor, double* pivot,
    ) noexcept nogil:
        """Draw everything of one block."""
        cdef double[LANES * CHUNK] drawn
        cdef Py_ssize_t chunk, begin, count, e, s, k, at, flow
        cdef Amounts amounts = self.inputs.amounts()
        for chunk in range((self.inputs.size + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, self.inputs.size - begin)
            draw(
                amounts, chunk, count, given, seed, self.inputs.stream, block,
                values + LANES * begin,
            )
        if self.pivot_count > 0:
            memset(pivot, 0, LANES * self.pivot_count * sizeof(double))
            amounts = self.pivots.amounts()
            for chunk in range((self.pivots.size + CHUNK - 1) // CHUNK):
                begin = CHUNK * chunk
                count = min(<Py_ssize_t>CHUNK, self.pivots.size - begin)
                draw(amounts, chunk, count, given, seed, self.pivots.stream, block, drawn)
                for e in range(count):
                    at = LANES * <Py_ssize_t>self.pivots.other[begin + e]
                    for s in range(LANES):
                        pivot[at + s] += drawn[LANES * e + s]
            for at in range(LANES * self.pivot_count):
                pivot[at] = 1.0 / pivot[at]
        memset(factor, 0, LANES * self.methods * self.flows * sizeof(double))
        amounts = self.factors.amounts()
        for chunk in range((self.factors.size + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, self.factors.size - begin)
            draw(amounts, chunk, count, given, seed, self.factors.stream, block, drawn)
            for e in range(count):
                at = LANES * (
                    self.factors.other[begin + e] * self.flows + self.factors.row[begin + e]
                )
                for s in range(LANES):
                    factor[at + s] += drawn[LANES * e + s]
        memset(direct, 0, LANES * self.methods * self.size * sizeof(double))
        amounts = self.emissions.amounts()
        for chunk in range((self.emissions.size + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, self.emissions.size - begin)
            draw(amounts, chunk, count, given, seed, self.emissions.stream, block, drawn)
            for e in range(count):
                at = LANES * <Py_ssize_t>self.emissions.row[begin + e]
                flow = LANES * <Py_ssize_t>self.emissions.other[begin + e]
                for k in range(self.methods):
                    for s in range(LANES):
                        direct[LANES * k * self.size + at + s] += (
                            drawn[LANES * e + s] * factor[LANES * k * self.flows + flow + s]
                        )

    cdef void _solve_loop(
        self, Py_ssize_t c, Py_ssize_t method, const double* values, const double* direct,
        const double* pivot, double* y, double tolerance, Py_ssize_t most_sweeps, double* unsure,
    ) noexcept nogil:
        """Solve one loop by sweeps, and add what they leave unsure; a single row needs none.

        Once their rate ρ is seen, sweeps are over-relaxed: by a little less than what is best for
        consistently ordered matrices, 2 / (1 + √(1 − ρ)) (D. M. Young, 1971), and less than
        2 / (1 + √ρ), below which they converge for M-matrices (√ρ: the rate of Jacobi's sweeps;
        R. S. Varga, Matrix Iterative Analysis, 2nd ed., theorem 3.16). Where the scores sway to and
        fro, a negative eigenvalue leads, which over-relaxation would slow.
        """
        cdef Py_ssize_t begin = self.block_ptr[c], end = self.block_ptr[c + 1], j, s, sweep
        cdef double[LANES] row
        cdef double[LANES] change
        cdef double[LANES] drift
        cdef double[LANES] previous
        cdef double[LANES] previous_drift
        cdef double[LANES] previous_rate
        cdef double[LANES] size
        cdef double[LANES] slowness
        cdef double[LANES] estimate
        cdef double[LANES] relaxation
        cdef bint[LANES] settled
        cdef double weight, rate, step
        cdef Py_ssize_t moving = LANES
        if end - begin == 1:
            self._row(begin, values, direct, pivot, y, row)
            for s in range(LANES):
                y[LANES * begin + s] = row[s]
            return
        for j in range(begin, end):
            for s in range(LANES):
                y[LANES * j + s] = self.start[method, j]
        for s in range(LANES):
            previous[s] = previous_drift[s] = previous_rate[s] = 0.0
            slowness[s] = 1.0
            relaxation[s] = 1.0
            settled[s] = False
        for sweep in range(most_sweeps):
            for s in range(LANES):
                change[s] = drift[s] = size[s] = 0.0
            for j in range(begin, end):
                self._row(j, values, direct, pivot, y, row)
                weight = self.weight[method, j]
                for s in range(LANES):
                    row[s] -= y[LANES * j + s]
                    change[s] += weight * fabs(row[s])
                    drift[s] += weight * row[s]
                    y[LANES * j + s] += relaxation[s] * row[s]
                    size[s] += weight * fabs(y[LANES * j + s])
            for s in range(LANES):
                if settled[s]:
                    continue
                step = relaxation[s] * change[s]
                # What rounding moves to and fro says nothing about the rate.
                if change[s] <= ROUNDING * size[s]:
                    estimate[s] = step * slowness[s] if step > 0.0 else 0.0
                elif sweep == 0:
                    estimate[s] = INFINITY
                else:
                    rate = change[s] / previous[s]
                    slowness[s] = _slowness(max(rate, previous_rate[s]))
                    estimate[s] = step * slowness[s]
                    if rate >= 1.0:
                        relaxation[s] = 1.0
                    elif sweep == RELAXED_AFTER and drift[s] * previous_drift[s] > 0.0:
                        relaxation[s] = min(
                            2.0 / (1.0 + sqrt(1.0 - 0.9 * rate)), 2.0 / (1.0 + sqrt(rate))
                        )
                    previous_rate[s] = rate
                previous[s] = change[s]
                previous_drift[s] = drift[s]
                # Written so that NaN does not settle.
                if estimate[s] <= tolerance * size[s]:
                    settled[s] = True
                    relaxation[s] = 0.0
                    moving -= 1
            if moving == 0:
                break
        for s in range(LANES):
            unsure[s] += estimate[s] if isfinite(estimate[s]) else INFINITY

    cdef inline void _row(
        self, Py_ssize_t j, const double* values, const double* direct, const double* pivot,
        const double* y, double* row,
    ) noexcept nogil:
        """Compute one row of q + M y."""
        cdef Py_ssize_t s, begin = self.row_ptr[j], count = self.row_ptr[j + 1] - begin
        for s in range(LANES):
            row[s] = direct[LANES * j + s]
        if count > 0:
            add_products(values + LANES * begin, &self.inputs.other[begin], count, y, row)
        if self.pivot_of[j] >= 0:
            for s in range(LANES):
                row[s] *= pivot[LANES * <Py_ssize_t>self.pivot_of[j] + s]


cdef inline double _slowness(double rate) noexcept nogil:
    """Return how many times the last change what follows it may come to."""
    return max(1.0, rate / (1.0 - rate)) if rate < 1.0 else INFINITY


cdef inline double _relative(double unsure, double score, double scale) noexcept nogil:
    """Make what is unsure, relative to a scale, relative to a score that is smaller than it."""
    if not (isfinite(unsure) and isfinite(score)):
        return INFINITY
    if unsure == 0.0 or fabs(score) >= scale:
        return unsure
    return unsure * scale / fabs(score) if score != 0.0 else INFINITY


cdef bint _is_ordered(
    const int64_t[::1] block_ptr, const int64_t[::1] row_ptr, const int32_t[::1] other, Py_ssize_t n
) noexcept:
    """Tell whether no row takes from a later loop, or a single row from itself."""
    cdef Py_ssize_t c, p, end
    for c in range(block_ptr.shape[0] - 1):
        end = block_ptr[c + 1]
        if end - block_ptr[c] == 1:
            end -= 1
        for p in range(row_ptr[block_ptr[c]], row_ptr[block_ptr[c + 1]]):
            if end <= other[p] < n:
                return False
    return True


cdef _check_pointer(const int64_t[::1] pointer, Py_ssize_t last):
    cdef Py_ssize_t i, size = pointer.shape[0]
    if size < 1 or pointer[0] != 0 or pointer[size - 1] != last:
        raise ValueError("a pointer must run from 0 to the number of what it points into")
    for i in range(size - 1):
        if pointer[i + 1] < pointer[i]:
            raise ValueError("a pointer must not decrease")
