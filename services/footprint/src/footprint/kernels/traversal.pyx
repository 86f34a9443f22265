"""A supply chain unfolded into a tree, what matters most first."""

import numpy as np

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, qsort, realloc
from libc.string cimport memcpy

ctypedef fused index_t:
    int32_t
    int64_t

#: One row of what `traverse` returns; the fields of `Node`.
NODE = np.dtype(
    [
        ("amount", np.float64),
        ("supply", np.float64),
        ("cumulative", np.float64),
        ("direct", np.float64),
        ("rest", np.float64),
        ("activity", np.int64),
        ("parent", np.int64),
        ("depth", np.int64),
        ("loop", np.int64),
    ]
)


cdef struct Node:
    double amount
    double supply
    double cumulative
    double direct
    double rest
    int64_t activity
    int64_t parent
    int64_t depth
    int64_t loop


cdef struct Candidate:  # found, not yet visited
    double cumulative
    double amount
    int64_t product
    int64_t parent
    int64_t number      # in the order of finding


cdef struct Tree:
    Node* nodes
    Py_ssize_t size
    Py_ssize_t room
    Candidate* queue        # a heap: the candidate of the largest score at the top
    Py_ssize_t waiting
    Py_ssize_t queue_room
    int64_t found
    Py_ssize_t cut          # candidates that `max_nodes` left no place for
    int64_t barren          # activity that gives none of its reference product


cdef enum Status:
    DONE
    OUT_OF_RANGE
    BARREN
    NO_MEMORY


def traverse(
    const index_t[::1] indptr,     # IN
    const index_t[::1] indices,    # IN
    const double[::1] values,      # IN
    const int64_t[::1] maker,      # IN
    const double[::1] scores,      # IN
    const double[::1] intensity,   # IN
    Py_ssize_t product,
    double amount,
    double threshold,
    Py_ssize_t max_nodes,
):
    """Visit the inputs of inputs of a product, the largest absolute score first.

    Parameters
    ----------
    indptr, indices, values : int32 or int64 (n + 1,) and (nnz,), float64 (nnz,)
        A in CSC: column j lists the products of activity j, outputs positive. Only columns that
        are visited are looked at.
    maker : int64 (n,)
        The activity whose reference product each product is.
    scores, intensity : float64 (n,)
        Score of one unit of each product with all upstream, of one unit of each activity itself.
    product, amount
        What is asked for.
    threshold
        Inputs of a smaller absolute score are left out, and so are those of none.
    max_nodes
        Nodes to stop at; memory is bounded by some 170 bytes for each.

    Returns
    -------
    nodes : NODE (k,)
        In the order of the visits: parents before children, node 0 is the root, its parent −1.
        `rest` is the score of the inputs of a node that are no nodes.
    cut : int
        Inputs above the threshold that `max_nodes` left no place for.
    barren : int
        −1, or an activity that gives none of its reference product; `nodes` are then of no use.

    Notes
    -----
    Of candidates of one score the one found first is visited first. Only as many candidates as
    there are places left can still be visited, so the rest are dropped as soon as they are as
    many again: sorting them costs each candidate O(log max_nodes) on average.
    """
    cdef Py_ssize_t n = indptr.shape[0] - 1, j
    if n < 0 or indptr[0] != 0 or indptr[n] != indices.shape[0]:
        raise ValueError("indptr must run from 0 to the number of indices")
    if values.shape[0] != indices.shape[0]:
        raise ValueError("indices and values do not belong together")
    if maker.shape[0] != n or scores.shape[0] != n or intensity.shape[0] != n:
        raise ValueError("maker, scores and intensity need one element per column")
    for j in range(n):
        if indptr[j + 1] < indptr[j] or maker[j] < 0 or maker[j] >= n:
            raise ValueError("indptr must not decrease and makers must lie in [0, n)")
    if not 0 <= product < n or max_nodes < 1:
        raise ValueError("product must lie in [0, n) and max_nodes be 1 or more")
    cdef Tree tree
    tree.nodes = NULL
    tree.queue = NULL
    tree.size = tree.room = tree.waiting = tree.queue_room = tree.found = tree.cut = 0
    tree.barren = -1
    cdef Status status
    cdef Node[::1] found
    try:
        with nogil:
            status = _traverse(
                &tree, indptr, indices, values, maker, scores, intensity,
                product, amount, threshold, max_nodes,
            )
        if status == NO_MEMORY:
            raise MemoryError
        if status == OUT_OF_RANGE:
            raise ValueError("indices must lie in [0, n)")
        nodes = np.empty(tree.size, dtype=NODE)
        if tree.size:
            found = nodes
            memcpy(&found[0], tree.nodes, tree.size * sizeof(Node))
    finally:
        free(tree.nodes)
        free(tree.queue)
    return nodes, tree.cut, tree.barren


cdef Status _traverse(
    Tree* tree,                    # OUT
    const index_t[::1] indptr,
    const index_t[::1] indices,
    const double[::1] values,
    const int64_t[::1] maker,
    const double[::1] scores,
    const double[::1] intensity,
    Py_ssize_t product,
    double amount,
    double threshold,
    Py_ssize_t max_nodes,
) noexcept nogil:
    cdef Candidate candidate
    cdef Node* node
    cdef Py_ssize_t p, begin, end
    cdef int64_t activity, ancestor
    cdef double given, score
    if not _push(tree, amount * scores[product], amount, product, -1):
        return NO_MEMORY
    while tree.waiting > 0 and tree.size < max_nodes:
        candidate = _pop(tree)
        activity = maker[candidate.product]
        begin, end = indptr[activity], indptr[activity + 1]
        given = 0.0
        for p in range(begin, end):
            if indices[p] < 0 or indices[p] >= maker.shape[0]:
                return OUT_OF_RANGE
            if indices[p] == candidate.product:
                given += values[p]
        if given == 0.0:
            tree.barren = activity
            return BARREN
        if not _grow(<void**> &tree.nodes, &tree.room, tree.size, sizeof(Node)):
            return NO_MEMORY
        node = &tree.nodes[tree.size]
        node.amount = candidate.amount
        node.supply = candidate.amount / given
        node.cumulative = candidate.cumulative
        node.direct = intensity[activity] * node.supply
        node.rest = 0.0
        node.activity = activity
        node.parent = candidate.parent
        node.depth = 0 if candidate.parent < 0 else tree.nodes[candidate.parent].depth + 1
        ancestor = candidate.parent
        while ancestor >= 0 and tree.nodes[ancestor].activity != activity:
            ancestor = tree.nodes[ancestor].parent
        node.loop = ancestor >= 0
        tree.size += 1
        for p in range(begin, end):
            if indices[p] == candidate.product:
                continue
            score = -values[p] * node.supply * scores[indices[p]]
            if not fabs(score) >= threshold or score == 0.0:
                node.rest += score
                continue
            if not _push(tree, score, -values[p] * node.supply, indices[p], tree.size - 1):
                return NO_MEMORY
            if tree.waiting > 2 * (max_nodes - tree.size):
                _keep(tree, max_nodes - tree.size)
    _keep(tree, 0)
    return DONE


cdef bint _grow(void** items, Py_ssize_t* room, Py_ssize_t size, size_t item) noexcept nogil:
    """Make room for one more of `size` items."""
    if size < room[0]:
        return True
    cdef Py_ssize_t more = 2 * room[0] if room[0] else 64
    cdef void* grown = realloc(items[0], more * item)
    if grown == NULL:
        return False
    items[0] = grown
    room[0] = more
    return True


cdef bint _before(const Candidate* one, const Candidate* other) noexcept nogil:
    if fabs(one.cumulative) != fabs(other.cumulative):
        return fabs(one.cumulative) > fabs(other.cumulative)
    return one.number < other.number


cdef int _order(const void* one, const void* other) noexcept nogil:
    cdef const Candidate* first = <const Candidate*> one
    cdef const Candidate* second = <const Candidate*> other
    return _before(second, first) - _before(first, second)


cdef bint _push(
    Tree* tree, double cumulative, double amount, int64_t product, int64_t parent
) noexcept nogil:
    if not _grow(<void**> &tree.queue, &tree.queue_room, tree.waiting, sizeof(Candidate)):
        return False
    cdef Candidate added
    added.cumulative = cumulative
    added.amount = amount
    added.product = product
    added.parent = parent
    added.number = tree.found
    tree.found += 1
    cdef Py_ssize_t place = tree.waiting
    tree.waiting += 1
    while place > 0 and _before(&added, &tree.queue[(place - 1) // 2]):
        tree.queue[place] = tree.queue[(place - 1) // 2]
        place = (place - 1) // 2
    tree.queue[place] = added
    return True


cdef Candidate _pop(Tree* tree) noexcept nogil:
    cdef Candidate top = tree.queue[0]
    tree.waiting -= 1
    cdef Candidate moved = tree.queue[tree.waiting]
    cdef Py_ssize_t place = 0, child = 1
    while child < tree.waiting:
        if child + 1 < tree.waiting and _before(&tree.queue[child + 1], &tree.queue[child]):
            child += 1
        if _before(&moved, &tree.queue[child]):
            break
        tree.queue[place] = tree.queue[child]
        place = child
        child = 2 * place + 1
    tree.queue[place] = moved
    return top


cdef void _keep(Tree* tree, Py_ssize_t kept) noexcept nogil:
    """Drop all candidates but the first `kept`; a sorted queue is a heap."""
    cdef Py_ssize_t k
    if tree.waiting <= kept:
        return
    qsort(tree.queue, tree.waiting, sizeof(Candidate), _order)
    for k in range(kept, tree.waiting):
        tree.nodes[tree.queue[k].parent].rest += tree.queue[k].cumulative
    tree.cut += tree.waiting - kept
    tree.waiting = kept
