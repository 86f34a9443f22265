"""Gauss-Seidel sweeps and residuals of several systems that differ in a few cells, at once."""

from libc.math cimport fabs
from libc.stdint cimport int64_t, uint64_t

cdef enum:
    #: Most right-hand sides of one call: eight float64 are one cache line.
    LANES = 8
    #: Entries of a row that are summed one by one; its square is about what the longest rows have.
    PART = 32


def gauss_seidel(
    const int64_t[::1] indptr,          # IN
    const int64_t[::1] indices,         # IN
    const double[::1] values,           # IN
    const double[::1] diagonal,         # IN
    const int64_t[::1] changed_ptr,     # IN
    const int64_t[::1] changed_column,  # IN
    const int64_t[::1] changed_lane,    # IN
    const double[::1] change,           # IN
    const double[:, ::1] right,         # IN
    double[:, ::1] solution,            # OUT: read as the start
    bint descending,
    Py_ssize_t most,
    double tolerance,
):
    """Sweep over ``(M + C_s) x_s = b_s`` until no unknown changes by more than a tolerance.

    Parameters
    ----------
    indptr, indices, values : int64 (n + 1,), int64 (nnz,), float64 (nnz,)
        M without its diagonal, in CSR.
    diagonal : float64 (n,)
        Diagonal of M; not zero.
    changed_ptr : int64 (n + 1,)
        Changes C by row, like `indptr`.
    changed_column, changed_lane, change : int64, int64, float64 (m,)
        What is added to the cell of that column for the right-hand side of that number.
    right, solution : float64 (n, lanes)
        b and x, at most 8 lanes.
    descending
        Whether a sweep runs from the last row to the first.
    most
        Number of sweeps after which to give up.
    tolerance
        Largest change of an unknown in one sweep, relative to the unknown [-].

    Returns
    -------
    int
        Number of sweeps until all were within the tolerance, or −1. What diverges may count as
        settled once it is infinite.
    """
    cdef System system = _checked(
        indptr, indices, values, diagonal, changed_ptr, changed_column, changed_lane, change,
        right, solution,
    )
    cdef Py_ssize_t lanes = right.shape[1]
    if system.n == 0:
        return 0
    cdef const double* b = &right[0, 0]
    cdef double* x = &solution[0, 0]
    cdef Py_ssize_t sweep
    cdef bint settled
    with nogil:
        for sweep in range(most):
            # A constant number of lanes lets the compiler unroll them.
            if lanes == 1:
                settled = _sweep(system, b, x, 1, descending, tolerance)
            elif lanes == LANES:
                settled = _sweep(system, b, x, LANES, descending, tolerance)
            else:
                settled = _sweep(system, b, x, lanes, descending, tolerance)
            if settled:
                break
        else:
            sweep = -2
    return sweep + 1


def residuals(
    const int64_t[::1] indptr,          # IN
    const int64_t[::1] indices,         # IN
    const double[::1] values,           # IN
    const double[::1] diagonal,         # IN
    const int64_t[::1] changed_ptr,     # IN
    const int64_t[::1] changed_column,  # IN
    const int64_t[::1] changed_lane,    # IN
    const double[::1] change,           # IN
    const double[::1] touched,          # IN
    const double[:, ::1] right,         # IN
    const double[:, ::1] solution,      # IN
    double[:, ::1] residual,            # OUT
    double[:, ::1] size,                # OUT
):
    """Compute ``b_s - (M + C_s) x_s`` and the size of what it is a difference of.

    Parameters
    ----------
    indptr, indices, values, diagonal, changed_ptr, changed_column, changed_lane, change
        M and C as in `gauss_seidel`.
    touched : float64 (m,)
        For each change the absolute amount that counts in `size`.
    right, solution : float64 (n, lanes)
        b and x, at most 8 lanes.
    residual : float64 (n, lanes)
    size : float64 (n, lanes)
        ``|b| + |M| |x|`` and the touched amounts times ``|x|``.

    Notes
    -----
    What everybody buys has a thousand buyers. Summed one by one, a row of m entries is off by up to
    m roundings, summed in parts of `PART` by no more than PART + m / PART, and one per change and
    for the diagonal, the right-hand side and the product.
    """
    cdef System system = _checked(
        indptr, indices, values, diagonal, changed_ptr, changed_column, changed_lane, change,
        right, solution,
    )
    if touched.shape[0] != change.shape[0]:
        raise ValueError("touched needs one element per change")
    if (
        residual.shape[0] != system.n or residual.shape[1] != right.shape[1]
        or size.shape[0] != system.n or size.shape[1] != right.shape[1]
    ):
        raise ValueError("residual and size need the shape of right")
    if system.n == 0:
        return
    cdef const double* weight = &touched[0] if touched.shape[0] else NULL
    with nogil:
        if right.shape[1] == 1:
            _residuals(system, weight, &right[0, 0], &solution[0, 0], 1, &residual[0, 0], &size[0, 0])
        elif right.shape[1] == LANES:
            _residuals(
                system, weight, &right[0, 0], &solution[0, 0], LANES, &residual[0, 0], &size[0, 0]
            )
        else:
            _residuals(
                system, weight, &right[0, 0], &solution[0, 0], right.shape[1], &residual[0, 0],
                &size[0, 0],
            )


cdef struct System:
    Py_ssize_t n
    const int64_t* indptr
    const int64_t* indices
    const double* values
    const double* diagonal
    const int64_t* changed_ptr
    const int64_t* changed_column
    const int64_t* changed_lane
    const double* change


cdef System _checked(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    const double[::1] values,
    const double[::1] diagonal,
    const int64_t[::1] changed_ptr,
    const int64_t[::1] changed_column,
    const int64_t[::1] changed_lane,
    const double[::1] change,
    const double[:, ::1] right,
    const double[:, ::1] solution,
) except *:
    """Check that the arrays belong together, and point at them."""
    cdef Py_ssize_t n = indptr.shape[0] - 1, lanes = right.shape[1]
    if n < 0 or indptr[0] != 0 or indptr[n] != indices.shape[0]:
        raise ValueError("indptr must run from 0 to the number of indices")
    if values.shape[0] != indices.shape[0] or diagonal.shape[0] != n:
        raise ValueError("values and diagonal do not belong to indices and indptr")
    if (
        changed_ptr.shape[0] != n + 1
        or changed_ptr[0] != 0
        or changed_ptr[n] != change.shape[0]
        or changed_column.shape[0] != change.shape[0]
        or changed_lane.shape[0] != change.shape[0]
    ):
        raise ValueError("changed_ptr, changed_column, changed_lane, change do not belong together")
    if not 1 <= lanes <= LANES:
        raise ValueError("right must have one to eight columns")
    if right.shape[0] != n or solution.shape[0] != n or solution.shape[1] != lanes:
        raise ValueError("right and solution need one row per row of indptr")
    if not (
        _is_pointer(indptr)
        and _is_pointer(changed_ptr)
        and _lie_below(indices, n)
        and _lie_below(changed_column, n)
        and _lie_below(changed_lane, lanes)
    ):
        raise ValueError("indptr, indices, changed_column or changed_lane are out of range")
    cdef System system
    system.n = n
    system.indptr = &indptr[0]
    system.indices = &indices[0] if indices.shape[0] else NULL
    system.values = &values[0] if values.shape[0] else NULL
    system.diagonal = &diagonal[0] if n else NULL
    system.changed_ptr = &changed_ptr[0]
    system.changed_column = &changed_column[0] if change.shape[0] else NULL
    system.changed_lane = &changed_lane[0] if change.shape[0] else NULL
    system.change = &change[0] if change.shape[0] else NULL
    return system


cdef inline bint _sweep(
    System system, const double* b, double* x, Py_ssize_t lanes, bint descending, double tolerance
) noexcept nogil:
    """One sweep; whether no unknown changed by more than the tolerance."""
    cdef double rest[LANES]
    cdef double pivot[LANES]
    cdef Py_ssize_t k, row, s, p
    cdef const double* other
    cdef double* own
    cdef double value
    cdef bint settled = True
    for k in range(system.n):
        row = system.n - 1 - k if descending else k
        for s in range(lanes):
            rest[s] = b[row * lanes + s]
            pivot[s] = system.diagonal[row]
        for p in range(system.indptr[row], system.indptr[row + 1]):
            value = system.values[p]
            other = x + system.indices[p] * lanes
            for s in range(lanes):
                rest[s] -= value * other[s]
        for p in range(system.changed_ptr[row], system.changed_ptr[row + 1]):
            s = system.changed_lane[p]
            if system.changed_column[p] == row:
                pivot[s] += system.change[p]
            else:
                rest[s] -= system.change[p] * x[system.changed_column[p] * lanes + s]
        own = x + row * lanes
        for s in range(lanes):
            value = rest[s] / pivot[s]
            # Written so that NaN is never settled.
            settled &= fabs(value - own[s]) <= tolerance * fabs(value)
            own[s] = value
    return settled


cdef inline void _residuals(
    System system,
    const double* touched,
    const double* b,
    const double* x,
    Py_ssize_t lanes,
    double* residual,
    double* size,
) noexcept nogil:
    cdef double part[LANES]
    cdef double part_size[LANES]
    cdef Py_ssize_t row, s, p, begin, end
    cdef const double* other
    cdef double* own
    cdef double* own_size
    cdef double value, absolute
    for row in range(system.n):
        own = residual + row * lanes
        own_size = size + row * lanes
        value = system.diagonal[row]
        for s in range(lanes):
            own[s] = b[row * lanes + s] - value * x[row * lanes + s]
            own_size[s] = fabs(b[row * lanes + s]) + fabs(value * x[row * lanes + s])
        begin = system.indptr[row]
        while begin < system.indptr[row + 1]:
            end = min(begin + PART, system.indptr[row + 1])
            for s in range(lanes):
                part[s] = 0.0
                part_size[s] = 0.0
            for p in range(begin, end):
                value = system.values[p]
                absolute = fabs(value)
                other = x + system.indices[p] * lanes
                # Two loops: one of both is not vectorized.
                for s in range(lanes):
                    part[s] += value * other[s]
                for s in range(lanes):
                    part_size[s] += absolute * fabs(other[s])
            for s in range(lanes):
                own[s] -= part[s]
                own_size[s] += part_size[s]
            begin = end
        for p in range(system.changed_ptr[row], system.changed_ptr[row + 1]):
            s = system.changed_lane[p]
            other = x + system.changed_column[p] * lanes
            own[s] -= system.change[p] * other[s]
            own_size[s] += touched[p] * fabs(other[s])


cdef bint _is_pointer(const int64_t[::1] pointer) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(pointer.shape[0] - 1):
        if pointer[i + 1] < pointer[i]:
            return False
    return True


cdef bint _lie_below(const int64_t[::1] numbers, Py_ssize_t limit) noexcept nogil:
    """Whether all lie in [0, limit)."""
    cdef Py_ssize_t i
    cdef uint64_t outside = 0
    for i in range(numbers.shape[0]):
        outside |= <uint64_t>numbers[i] >= <uint64_t>limit
    return outside == 0
