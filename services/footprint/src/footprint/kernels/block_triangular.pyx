"""Solving a block triangular system: substitution for single nodes, dense LU for loops."""

import numpy as np

from libc.float cimport DBL_EPSILON
from libc.math cimport fabs, isfinite
from libc.stdint cimport int64_t


def solve_blocks(
    const int64_t[::1] indptr,     # IN
    const int64_t[::1] indices,    # IN
    const double[::1] values,      # IN
    const int64_t[::1] order,      # IN
    const int64_t[::1] block_ptr,  # IN
    Py_ssize_t first,
    Py_ssize_t last,
    const double[::1] right,       # IN
    double[::1] solution,          # OUT
):
    """Solve the blocks `first` to `last` − 1 of ``M x = right``.

    Parameters
    ----------
    indptr, indices, values : int64 (n + 1,), int64 (nnz,), float64 (nnz,)
        M in CSR; an index may occur twice in a row, its values add up.
    order, block_ptr : int64 (n,), int64 (m + 1,)
        Blocks such that a row's entries outside its own block lie in earlier blocks.
    first, last
        Range of blocks; `solution` already holds the unknowns of the blocks before `first`.
    right : float64 (n,)
    solution : float64 (n,)
        Overwritten where the range's blocks stand.

    Returns
    -------
    int
        −1, or the first block that is singular to working precision.

    Notes
    -----
    A block's rows are scaled by their largest entry, so that units do not decide the pivots; a
    pivot at most 4·m·ε of its column's largest entry counts as zero (m: size of the block).
    """
    cdef Py_ssize_t n = indptr.shape[0] - 1
    cdef Py_ssize_t blocks = block_ptr.shape[0] - 1
    if n < 0 or blocks < 0:
        raise ValueError("indptr and block_ptr need at least one element")
    if indptr[0] != 0 or indptr[n] != indices.shape[0] or values.shape[0] != indices.shape[0]:
        raise ValueError("indptr, indices and values do not belong together")
    if order.shape[0] != n or right.shape[0] != n or solution.shape[0] != n:
        raise ValueError("order, right and solution need one element per row")
    if block_ptr[0] != 0 or block_ptr[blocks] != n:
        raise ValueError("block_ptr must run from 0 to the number of rows")
    if not 0 <= first <= last <= blocks:
        raise ValueError("first and last must be a range of blocks")
    place = np.full(max(n, 1), -1, dtype=np.int64)
    cdef int64_t largest = _checked(indptr, indices, order, block_ptr, first, last, place)
    if largest < 0:
        raise ValueError("indices are out of range, or order is not a permutation")
    place.fill(-1)
    dense = np.empty((max(largest, 1), max(largest, 1)), dtype=np.float64)
    vectors = np.empty((2, max(largest, 1)), dtype=np.float64)
    cdef double[:, ::1] dense_view = dense
    cdef double[:, ::1] vectors_view = vectors
    cdef int64_t[::1] place_view = place
    cdef int64_t status
    with nogil:
        status = _solve(
            indptr, indices, values, order, block_ptr, first, last, right, solution,
            place_view, dense_view, vectors_view,
        )
    return status


cdef int64_t _checked(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    const int64_t[::1] order,
    const int64_t[::1] block_ptr,
    Py_ssize_t first,
    Py_ssize_t last,
    int64_t[::1] seen,  # OUT
) noexcept nogil:
    """Size of the largest block of the range, or −1 if an index is out of range."""
    cdef Py_ssize_t n = indptr.shape[0] - 1, i
    cdef int64_t largest = 0
    for i in range(n):
        if indptr[i + 1] < indptr[i]:
            return -1
        if order[i] < 0 or order[i] >= n or seen[order[i]] != -1:
            return -1
        seen[order[i]] = i
    for i in range(indices.shape[0]):
        if indices[i] < 0 or indices[i] >= n:
            return -1
    for i in range(block_ptr.shape[0] - 1):
        if block_ptr[i + 1] <= block_ptr[i]:
            return -1
        if first <= i < last and block_ptr[i + 1] - block_ptr[i] > largest:
            largest = block_ptr[i + 1] - block_ptr[i]
    return largest


cdef int64_t _solve(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    const double[::1] values,
    const int64_t[::1] order,
    const int64_t[::1] block_ptr,
    Py_ssize_t first,
    Py_ssize_t last,
    const double[::1] right,
    double[::1] solution,    # OUT
    int64_t[::1] place,      # OUT: position of a node in the current block, else −1
    double[:, ::1] dense,    # OUT
    double[:, ::1] vectors,  # OUT
) noexcept nogil:
    cdef Py_ssize_t block, i, j
    cdef int64_t row, begin, size, p
    cdef double rest, diagonal
    for block in range(first, last):
        begin = block_ptr[block]
        size = block_ptr[block + 1] - begin
        if size == 1:
            row = order[begin]
            rest = right[row]
            diagonal = 0.0
            for p in range(indptr[row], indptr[row + 1]):
                if indices[p] == row:
                    diagonal += values[p]
                else:
                    rest -= values[p] * solution[indices[p]]
            if diagonal == 0.0:
                return block
            solution[row] = rest / diagonal
            continue
        for i in range(size):
            place[order[begin + i]] = i
        for i in range(size):
            row = order[begin + i]
            rest = right[row]
            for j in range(size):
                dense[i, j] = 0.0
            for p in range(indptr[row], indptr[row + 1]):
                if place[indices[p]] >= 0:
                    dense[i, place[indices[p]]] += values[p]
                else:
                    rest -= values[p] * solution[indices[p]]
            vectors[0, i] = rest
        for i in range(size):
            place[order[begin + i]] = -1
        if not _dense_solve(dense, vectors, size):
            return block
        for i in range(size):
            solution[order[begin + i]] = vectors[0, i]
    return -1


cdef bint _dense_solve(
    double[:, ::1] a,        # OUT: overwritten by its factors
    double[:, ::1] vectors,  # OUT: row 0 right-hand side, then solution; row 1 work
    Py_ssize_t m,
) noexcept nogil:
    """Gaussian elimination with partial pivoting on row-scaled equations."""
    cdef Py_ssize_t i, j, k, pivot
    cdef double largest, factor, swap
    for i in range(m):
        largest = 0.0
        for j in range(m):
            if fabs(a[i, j]) > largest:
                largest = fabs(a[i, j])
        if largest == 0.0 or not isfinite(largest):
            return False
        for j in range(m):
            a[i, j] /= largest
        vectors[0, i] /= largest
    for j in range(m):
        vectors[1, j] = 0.0
        for i in range(m):
            if fabs(a[i, j]) > vectors[1, j]:
                vectors[1, j] = fabs(a[i, j])
    for k in range(m):
        pivot = k
        for i in range(k + 1, m):
            if fabs(a[i, k]) > fabs(a[pivot, k]):
                pivot = i
        if not fabs(a[pivot, k]) > 4.0 * m * DBL_EPSILON * vectors[1, k]:
            return False
        if pivot != k:
            for j in range(k, m):
                swap = a[k, j]
                a[k, j] = a[pivot, j]
                a[pivot, j] = swap
            swap = vectors[0, k]
            vectors[0, k] = vectors[0, pivot]
            vectors[0, pivot] = swap
        for i in range(k + 1, m):
            factor = a[i, k] / a[k, k]
            if factor == 0.0:
                continue
            for j in range(k + 1, m):
                a[i, j] -= factor * a[k, j]
            vectors[0, i] -= factor * vectors[0, k]
    for k in range(m - 1, -1, -1):
        for j in range(k + 1, m):
            vectors[0, k] -= a[k, j] * vectors[0, j]
        vectors[0, k] /= a[k, k]
    return True
