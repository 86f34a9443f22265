"""Strongly connected components of a sparse graph, in dependency order."""

import numpy as np

from libc.stdint cimport int64_t


def strongly_connected_components(
    const int64_t[::1] indptr,   # IN
    const int64_t[::1] indices,  # IN
):
    """Group nodes so that every group comes after all groups that it points to.

    Parameters
    ----------
    indptr : int64 (n + 1,)
        Row pointers of the adjacency in CSR; row j lists the nodes that j depends on.
    indices : int64 (nnz,)
        Column indices in [0, n).

    Returns
    -------
    order : int64 (n,)
        Nodes, component by component.
    block_ptr : int64 (m + 1,)
        Component c is ``order[block_ptr[c]:block_ptr[c + 1]]``.

    Notes
    -----
    Tarjan's algorithm emits a component after all that are reachable from it. It is written with
    an explicit stack: supply chains are deeper than the C stack.
    """
    cdef Py_ssize_t n = indptr.shape[0] - 1
    if n < 0:
        raise ValueError("indptr needs at least one element")
    if indptr[0] != 0 or indptr[n] != indices.shape[0]:
        raise ValueError("indptr must run from 0 to the number of indices")
    if not _is_adjacency(indptr, indices, n):
        raise ValueError("indptr must not decrease and indices must lie in [0, n)")
    order = np.empty(n, dtype=np.int64)
    block_ptr = np.zeros(n + 1, dtype=np.int64)
    work = np.empty((5, max(n, 1)), dtype=np.int64)
    cdef int64_t count = _tarjan(indptr, indices, order, block_ptr, work)
    return order, block_ptr[:count + 1].copy()


cdef bint _is_adjacency(
    const int64_t[::1] indptr, const int64_t[::1] indices, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if indptr[i + 1] < indptr[i]:
            return False
    for i in range(indices.shape[0]):
        if indices[i] < 0 or indices[i] >= n:
            return False
    return True


cdef int64_t _tarjan(
    const int64_t[::1] indptr,
    const int64_t[::1] indices,
    int64_t[::1] order,      # OUT
    int64_t[::1] block_ptr,  # OUT
    int64_t[:, ::1] work,    # OUT
) noexcept nogil:
    cdef Py_ssize_t n = indptr.shape[0] - 1
    cdef int64_t[::1] number = work[0]    # 0: not visited; n + 1: already in a component
    cdef int64_t[::1] low = work[1]
    cdef int64_t[::1] edge = work[2]      # next edge to look at
    cdef int64_t[::1] path = work[3]      # nodes being explored
    cdef int64_t[::1] open_ = work[4]     # nodes not yet in a component
    cdef Py_ssize_t root, depth, opened = 0, placed = 0
    cdef int64_t node, other, counter = 0, components = 0
    for root in range(n):
        number[root] = 0
    for root in range(n):
        if number[root] != 0:
            continue
        depth = 0
        path[0] = root
        counter += 1
        number[root] = counter
        low[root] = counter
        edge[root] = indptr[root]
        open_[opened] = root
        opened += 1
        while depth >= 0:
            node = path[depth]
            if edge[node] < indptr[node + 1]:
                other = indices[edge[node]]
                edge[node] += 1
                if number[other] == 0:
                    counter += 1
                    number[other] = counter
                    low[other] = counter
                    edge[other] = indptr[other]
                    open_[opened] = other
                    opened += 1
                    depth += 1
                    path[depth] = other
                elif number[other] < low[node]:
                    low[node] = number[other]
                continue
            if low[node] == number[node]:
                while True:
                    opened -= 1
                    other = open_[opened]
                    # Larger than any number or low: edges into it no longer count.
                    number[other] = n + 1
                    order[placed] = other
                    placed += 1
                    if other == node:
                        break
                components += 1
                block_ptr[components] = placed
            depth -= 1
            if depth >= 0 and low[node] < low[path[depth]]:
                low[path[depth]] = low[node]
    return components
