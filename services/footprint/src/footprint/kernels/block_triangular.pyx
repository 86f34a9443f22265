"""Substitution in a block triangular system with several right-hand sides at once."""

from libc.stdint cimport int64_t, uint64_t


def solve_blocks(
    const int64_t[::1] indptr,      # IN
    const int64_t[::1] indices,     # IN
    const double[::1] values,       # IN
    const int64_t[::1] block_ptr,   # IN
    Py_ssize_t first,
    Py_ssize_t last,
    const int64_t[::1] factor_ptr,  # IN
    const double[::1] factors,      # IN
    const int64_t[::1] pivots,      # IN
    const double[::1] scale,        # IN
    double[:, ::1] solution,        # OUT: read as the right-hand side
    bint transposed,
):
    """Solve the blocks `first` to `last` − 1 of ``M x = b``, or of ``Mᵀ x = b``, in place.

    Parameters
    ----------
    indptr, indices, values : int64 (n + 1,), int64 (nnz,), float64 (nnz,)
        M in CSR, block lower triangular; for `transposed`, Mᵀ, which is block upper triangular and
        is solved from `last` − 1 down to `first`. Each index occurs at most once in a row.
    block_ptr : int64 (m + 1,)
        Block c holds the rows ``block_ptr[c]`` to ``block_ptr[c + 1]`` − 1.
    first, last
        Range of blocks; `solution` already holds the unknowns that the range depends on.
    factor_ptr, factors : int64 (m + 1,), float64 (f,)
        Block c of M with its rows scaled is ``Pᵀ L U``, with L and U in one array in C order from
        ``factors[factor_ptr[c]]``. Blocks of one row have none.
    pivots : int64 (n,)
        Row of the block, from its first, that each row was swapped with, as LAPACK gives them.
    scale : float64 (n,)
        What each row of M was multiplied by before the factorization.
    solution : float64 (n, lanes)
        b, overwritten by x where the range's blocks stand.
    """
    cdef Py_ssize_t n = indptr.shape[0] - 1, blocks = block_ptr.shape[0] - 1
    if n < 0 or blocks < 0:
        raise ValueError("indptr and block_ptr need at least one element")
    if indptr[0] != 0 or indptr[n] != indices.shape[0] or values.shape[0] != indices.shape[0]:
        raise ValueError("indptr, indices and values do not belong together")
    if pivots.shape[0] != n or scale.shape[0] != n or solution.shape[0] != n:
        raise ValueError("pivots, scale and solution need one row per row of indptr")
    if block_ptr[0] != 0 or block_ptr[blocks] != n:
        raise ValueError("block_ptr must run from 0 to the number of rows")
    if factor_ptr.shape[0] != blocks + 1 or factor_ptr[0] != 0:
        raise ValueError("factor_ptr must begin with 0 and have one element per block and one more")
    if not 0 <= first <= last <= blocks:
        raise ValueError("first and last must be a range of blocks")
    if not _is_checked(indptr, indices, block_ptr, first, last, factor_ptr, factors, pivots):
        raise ValueError("indptr, indices, block_ptr, factor_ptr or pivots are out of range")
    if last == first or solution.shape[1] == 0:
        return
    cdef Factored factored
    factored.factors = &factors[0] if factors.shape[0] else NULL
    factored.pivots = &pivots[0]
    factored.scale = &scale[0]
    cdef Py_ssize_t k, block, lanes = solution.shape[1]
    cdef double* x = &solution[0, 0]
    with nogil:
        for k in range(last - first):
            block = last - 1 - k if transposed else first + k
            # A constant number of lanes lets the compiler unroll them.
            if lanes == 1:
                _substitute(indptr, indices, values, block_ptr[block], block_ptr[block + 1], x, 1)
            else:
                _substitute(
                    indptr, indices, values, block_ptr[block], block_ptr[block + 1], x, lanes
                )
            if block_ptr[block + 1] - block_ptr[block] > 1:
                _solve_factored(
                    factored, factor_ptr[block], block_ptr[block],
                    block_ptr[block + 1] - block_ptr[block], x, lanes, transposed,
                )


cdef struct Factored:
    const double* factors
    const int64_t* pivots
    const double* scale


cdef bint _is_checked(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    const int64_t[::1] block_ptr,
    Py_ssize_t first,
    Py_ssize_t last,
    const int64_t[::1] factor_ptr,
    const double[::1] factors,
    const int64_t[::1] pivots,
) noexcept nogil:
    cdef Py_ssize_t n = indptr.shape[0] - 1, i, k
    cdef int64_t size
    cdef uint64_t outside = 0
    for i in range(n):
        if indptr[i + 1] < indptr[i]:
            return False
    for i in range(indices.shape[0]):
        outside |= <uint64_t>indices[i] >= <uint64_t>n
    if outside:
        return False
    for k in range(block_ptr.shape[0] - 1):
        size = block_ptr[k + 1] - block_ptr[k]
        if size < 1 or block_ptr[k + 1] > n:
            return False
        if k < first or k >= last or size == 1:
            continue
        if factor_ptr[k] < 0 or factor_ptr[k] + size * size > factors.shape[0]:
            return False
        for i in range(block_ptr[k], block_ptr[k + 1]):
            if pivots[i] < 0 or pivots[i] >= size:
                return False
    return True


cdef inline void _substitute(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    const double[::1] values,
    Py_ssize_t begin,
    Py_ssize_t end,
    double* x,
    Py_ssize_t lanes,
) noexcept nogil:
    """Take from the rows of a block what other blocks give; divide where it is of one row."""
    cdef Py_ssize_t row, p, s
    cdef double diagonal = 0.0
    cdef const double* other
    cdef double* own
    for row in range(begin, end):
        own = x + row * lanes
        for p in range(indptr[row], indptr[row + 1]):
            if begin <= indices[p] < end:
                diagonal = values[p]
                continue
            other = x + indices[p] * lanes
            for s in range(lanes):
                own[s] -= values[p] * other[s]
    if end - begin == 1:
        for s in range(lanes):
            x[begin * lanes + s] /= diagonal


cdef void _solve_factored(
    Factored factored,
    Py_ssize_t factor,
    Py_ssize_t begin,
    Py_ssize_t size,
    double* x,
    Py_ssize_t lanes,
    bint transposed,
) noexcept nogil:
    """Solve one block, ``L U x = P R b`` or ``Uᵀ Lᵀ P R⁻¹ x = b``."""
    cdef const double* a = factored.factors + factor
    cdef Py_ssize_t i, j
    cdef double* b = x + begin * lanes
    if not transposed:
        for i in range(size):
            _multiply(b + i * lanes, factored.scale[begin + i], lanes)
        for i in range(size):
            _swap(b + i * lanes, b + factored.pivots[begin + i] * lanes, lanes)
        for i in range(size):
            for j in range(i):
                _subtract(b + i * lanes, a[i * size + j], b + j * lanes, lanes)
        for i in range(size - 1, -1, -1):
            for j in range(i + 1, size):
                _subtract(b + i * lanes, a[i * size + j], b + j * lanes, lanes)
            _divide(b + i * lanes, a[i * size + i], lanes)
        return
    for i in range(size):
        _divide(b + i * lanes, a[i * size + i], lanes)
        for j in range(i + 1, size):
            _subtract(b + j * lanes, a[i * size + j], b + i * lanes, lanes)
    for i in range(size - 1, -1, -1):
        for j in range(i):
            _subtract(b + j * lanes, a[i * size + j], b + i * lanes, lanes)
    for i in range(size - 1, -1, -1):
        _swap(b + i * lanes, b + factored.pivots[begin + i] * lanes, lanes)
    for i in range(size):
        _multiply(b + i * lanes, factored.scale[begin + i], lanes)


cdef inline void _subtract(
    double* own, double factor, const double* other, Py_ssize_t lanes
) noexcept nogil:
    cdef Py_ssize_t s
    for s in range(lanes):
        own[s] -= factor * other[s]


cdef inline void _multiply(double* own, double factor, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t s
    for s in range(lanes):
        own[s] *= factor


cdef inline void _divide(double* own, double divisor, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t s
    for s in range(lanes):
        own[s] /= divisor


cdef inline void _swap(double* a, double* b, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t s
    cdef double kept
    for s in range(lanes):
        kept = a[s]
        a[s] = b[s]
        b[s] = kept
