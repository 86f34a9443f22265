"""Scores of a system in many samples: draw its amounts, solve it, eight samples side by side."""

import numpy as np

from footprint.kernels.lanes cimport CHUNK, LANES, Amounts, Table, add_products, draw
from libc.float cimport DBL_EPSILON
from libc.math cimport INFINITY, fabs, isfinite, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset


cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    static int has_avx2(void)
    {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("bmi2");
    }
    static int has_avx512(void)
    {
        return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512cd");
    }
    #else
    static int has_avx2(void) { return 0; }
    static int has_avx512(void) { return 0; }
    #endif
    """
    bint has_avx2()
    bint has_avx512()


# Relative change of a row that its rounding may make.
cdef double ROUNDING = 4.0 * DBL_EPSILON
# Sweep whose rate is taken: the first ones are faster than the loop.
cdef Py_ssize_t RELAXED_AFTER = 3


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
    identity : int64 (m,)
        Number of each draw, from 0.
    row, other : int32 (m,)
        Where each amount belongs: see `Plan`.
    stream
        Which sequence of identities they are.
    """

    cdef const int32_t[::1] kind, given, row, other
    cdef const double[::1] first, second, third
    cdef const int64_t[::1] identity
    cdef readonly uint64_t stream
    cdef readonly Py_ssize_t size

    def __init__(
        self,
        const int32_t[::1] kind,      # IN
        const double[::1] first,      # IN
        const double[::1] second,     # IN
        const double[::1] third,      # IN
        const int64_t[::1] identity,  # IN
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

    cdef Amounts amounts(self) noexcept nogil:
        cdef Amounts found
        memset(&found, 0, sizeof(found))
        if self.size > 0:
            found.kind, found.given = &self.kind[0], &self.given[0]
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
                and -1 <= self.given[e] < tables and self.identity[e] >= 0
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
        them.
    targets : int32 (t,)
        Rows whose scores are asked for.
    outside
        Number of unit scores given from outside.
    """

    cdef const int64_t[::1] block_ptr, row_ptr
    cdef Drawn inputs, pivots, emissions, factors
    cdef const int32_t[::1] pivot_of, targets
    cdef const double[:, ::1] start, weight
    cdef readonly Py_ssize_t size, flows, methods, tables, outside, pivot_count

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
        for j in range(n):
            if pivot_of[j] < -1:
                raise ValueError("pivot_of must not be below -1")
        for j in range(targets.shape[0]):
            if not 0 <= targets[j] < n:
                raise ValueError("targets must lie in [0, n)")
        if not (start.shape[0] == weight.shape[0] == methods) or not (
            start.shape[1] == weight.shape[1] == n
        ):
            raise ValueError("start and weight need one row per method")
        self.block_ptr, self.row_ptr, self.pivot_of, self.targets = (
            block_ptr, row_ptr, pivot_of, targets
        )
        self.inputs, self.pivots, self.emissions, self.factors = (
            inputs, pivots, emissions, factors
        )
        self.start, self.weight = start, weight

    def workspace(self):
        """Make room for one block, to be used again and again by one thread."""
        return np.empty(
            LANES * (
                self.inputs.size
                + self.methods * (self.size + self.flows)
                + self.size + self.outside
                + self.pivot_count
            ) + 1
        )

    def solve(
        self,
        uint64_t seed,
        Py_ssize_t first_block,
        Py_ssize_t blocks,
        const double[:, ::1] table,       # IN
        const double[:, :, ::1] outside,  # IN
        double tolerance,
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
        table : float64 (tables, 8 · blocks)
            Given values by which some amounts are multiplied.
        outside : float64 (outside, methods, 8 · blocks or 8)
            Unit scores given from outside; with 8 columns the same ones in each block.
        tolerance, most_sweeps
            The sweeps of a loop end when the scores' relative error is estimated below `tolerance`
            in all eight samples, or after so many.
        workspace
            Of `workspace`.
        scores : float64 (8 · blocks, targets, methods)
        error : float64 (8 · blocks,)
            Estimated relative error of each sample; infinite where a number is not finite.

        Notes
        -----
        The estimate of a sweep is Σ w_j |Δ_j|: Δ_j, the change of row j, is its residual at that
        moment, and the weight w_j says what a residual does to the scores. What remains after it is
        smaller by the rate of the sweeps, or larger by ρ / (1 − ρ) if they converge slowly.
        """
        cdef Py_ssize_t samples = LANES * blocks, b, c, k, t, s, fixed_outside
        if blocks < 0 or first_block < 0 or most_sweeps < 1:
            raise ValueError("blocks count from 0, sweeps from 1")
        if table.shape[0] != self.tables or (self.tables > 0 and table.shape[1] != samples):
            raise ValueError("the table needs one row per given value and one column per sample")
        if outside.shape[0] != self.outside or (
            self.outside > 0
            and not (outside.shape[1] == self.methods and outside.shape[2] in (LANES, samples))
        ):
            raise ValueError("unit scores from outside need one column per sample, or eight")
        if scores.shape[0] != samples or error.shape[0] != samples or (
            scores.shape[1] != self.targets.shape[0] or scores.shape[2] != self.methods
        ):
            raise ValueError("scores and error need one row per sample")
        if workspace.shape[0] < self.workspace().shape[0]:
            raise ValueError("the workspace is too small")
        if samples == 0 or self.methods == 0 or self.size == 0:
            error[:] = 0.0
            scores[:] = 0.0
            return
        cdef double* values = &workspace[0]
        cdef double* direct = values + LANES * self.inputs.size
        cdef double* factor = direct + LANES * self.methods * self.size
        cdef double* y = factor + LANES * self.methods * self.flows
        cdef double* pivot = y + LANES * (self.size + self.outside)
        cdef Table given
        given.values, given.stride = NULL, table.shape[1]
        if self.tables > 0:
            given.values = &table[0, 0]
        fixed_outside = self.outside > 0 and outside.shape[2] == LANES
        with nogil:
            for b in range(blocks):
                self._draw(seed, first_block + b, given, LANES * b, values, direct, factor, pivot)
                for s in range(LANES):
                    error[LANES * b + s] = 0.0
                for k in range(self.methods):
                    for t in range(self.outside):
                        for s in range(LANES):
                            y[LANES * (self.size + t) + s] = outside[
                                t, k, s if fixed_outside else LANES * b + s
                            ]
                    for c in range(self.block_ptr.shape[0] - 1):
                        self._solve_loop(
                            c, k, values, direct + LANES * k * self.size, pivot, y, tolerance,
                            most_sweeps, &error[LANES * b],
                        )
                    for t in range(self.targets.shape[0]):
                        for s in range(LANES):
                            scores[LANES * b + s, t, k] = y[LANES * self.targets[t] + s]
                            if not isfinite(scores[LANES * b + s, t, k]):
                                error[LANES * b + s] = INFINITY

    cdef void _draw(
        self, uint64_t seed, Py_ssize_t block, Table given, Py_ssize_t sample,
        double* values, double* direct, double* factor, double* pivot,
    ) noexcept nogil:
        """Draw everything of one block."""
        cdef double[LANES * CHUNK] drawn
        cdef Py_ssize_t chunk, begin, count, e, s, k, at, flow
        cdef Amounts amounts = self.inputs.amounts()
        for chunk in range((self.inputs.size + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, self.inputs.size - begin)
            draw(
                amounts, begin, count, given, sample, seed, self.inputs.stream, block,
                values + LANES * begin,
            )
        if self.pivot_count > 0:
            memset(pivot, 0, LANES * self.pivot_count * sizeof(double))
            amounts = self.pivots.amounts()
            for chunk in range((self.pivots.size + CHUNK - 1) // CHUNK):
                begin = CHUNK * chunk
                count = min(<Py_ssize_t>CHUNK, self.pivots.size - begin)
                draw(
                    amounts, begin, count, given, sample, seed, self.pivots.stream, block, drawn
                )
                for e in range(count):
                    at = LANES * self.pivots.other[begin + e]
                    for s in range(LANES):
                        pivot[at + s] += drawn[LANES * e + s]
            for at in range(LANES * self.pivot_count):
                pivot[at] = 1.0 / pivot[at]
        memset(factor, 0, LANES * self.methods * self.flows * sizeof(double))
        amounts = self.factors.amounts()
        for chunk in range((self.factors.size + CHUNK - 1) // CHUNK):
            begin = CHUNK * chunk
            count = min(<Py_ssize_t>CHUNK, self.factors.size - begin)
            draw(amounts, begin, count, given, sample, seed, self.factors.stream, block, drawn)
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
            draw(amounts, begin, count, given, sample, seed, self.emissions.stream, block, drawn)
            for e in range(count):
                at = LANES * self.emissions.row[begin + e]
                flow = LANES * self.emissions.other[begin + e]
                for k in range(self.methods):
                    for s in range(LANES):
                        direct[LANES * k * self.size + at + s] += (
                            drawn[LANES * e + s] * factor[LANES * k * self.flows + flow + s]
                        )

    cdef void _solve_loop(
        self, Py_ssize_t c, Py_ssize_t method, const double* values, const double* direct,
        const double* pivot, double* y, double tolerance, Py_ssize_t most_sweeps, double* error,
    ) noexcept nogil:
        """Solve one loop by sweeps; a row that does not take from itself needs no sweep.

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
        cdef double[LANES] size
        cdef double[LANES] slowness
        cdef double[LANES] estimate
        cdef double[LANES] relaxation
        cdef double weight, rate, step
        cdef bint sure
        if end - begin == 1 and not self._takes_from_itself(begin):
            self._row(begin, values, direct, pivot, y, row)
            for s in range(LANES):
                y[LANES * begin + s] = row[s]
            return
        for j in range(begin, end):
            for s in range(LANES):
                y[LANES * j + s] = self.start[method, j]
        for s in range(LANES):
            previous[s] = previous_drift[s] = 0.0
            slowness[s] = INFINITY
            relaxation[s] = 1.0
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
            sure = True
            for s in range(LANES):
                step = relaxation[s] * change[s]
                # What rounding moves to and fro says nothing about the rate.
                if change[s] <= ROUNDING * size[s]:
                    estimate[s] = step * (slowness[s] if isfinite(slowness[s]) else 1.0)
                else:
                    rate = change[s] / previous[s]
                    slowness[s] = max(1.0, rate / (1.0 - rate)) if rate < 1.0 else INFINITY
                    estimate[s] = step * slowness[s]
                    if rate >= 1.0:
                        relaxation[s] = 1.0
                    elif sweep == RELAXED_AFTER and drift[s] * previous_drift[s] > 0.0:
                        relaxation[s] = min(
                            2.0 / (1.0 + sqrt(1.0 - 0.9 * rate)), 2.0 / (1.0 + sqrt(rate))
                        )
                previous[s] = change[s]
                previous_drift[s] = drift[s]
                # Written so that NaN is not sure.
                if not estimate[s] <= tolerance:
                    sure = False
            if sure:
                break
        for s in range(LANES):
            if not estimate[s] <= error[s]:
                error[s] = estimate[s] if isfinite(estimate[s]) else INFINITY

    cdef bint _takes_from_itself(self, Py_ssize_t j) noexcept nogil:
        cdef Py_ssize_t p
        for p in range(self.row_ptr[j], self.row_ptr[j + 1]):
            if self.inputs.other[p] == j:
                return True
        return False

    cdef inline void _row(
        self, Py_ssize_t j, const double* values, const double* direct, const double* pivot,
        const double* y, double* row,
    ) noexcept nogil:
        """Compute one row of q + M y."""
        cdef Py_ssize_t s, begin = self.row_ptr[j]
        for s in range(LANES):
            row[s] = direct[LANES * j + s]
        add_products(
            values + LANES * begin, &self.inputs.other[0] + begin, self.row_ptr[j + 1] - begin,
            y, row,
        )
        if self.pivot_of[j] >= 0:
            for s in range(LANES):
                row[s] *= pivot[LANES * self.pivot_of[j] + s]


cdef _check_pointer(const int64_t[::1] pointer, Py_ssize_t last):
    cdef Py_ssize_t i, size = pointer.shape[0]
    if size < 1 or pointer[0] != 0 or pointer[size - 1] != last:
        raise ValueError("a pointer must run from 0 to the number of what it points into")
    for i in range(size - 1):
        if pointer[i + 1] < pointer[i]:
            raise ValueError("a pointer must not decrease")
