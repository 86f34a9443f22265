"""Whether the loops of a system give more than they take."""

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Integers
from footprint.engine.errors import SingularSystemError
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere


def unproductive_loop(system: System) -> Integers:
    """Return the activities of the first loop that takes more of itself than it gives, ascending.

    Notes
    -----
    Looked at are loops of several activities that give their reference products and take those of
    each other. Such a loop is productive if and only if ``A x = 1`` has a non-negative solution
    for it (Hawkins & Simon, Econometrica 17, 1949). In loops with co-products or waste, amounts
    below zero may be right.
    """
    matrix = system.technosphere_matrix()[system.reference]  # row j: the product of activity j
    count, label = sparse.csgraph.connected_components(matrix, connection="strong")
    sizes = np.bincount(label, minlength=count)
    for loop in np.flatnonzero(sizes > 1):
        members = np.flatnonzero(label == loop)
        block = sparse.csr_array(matrix[members][:, members])
        diagonal = block.diagonal()
        others = block - sparse.diags_array(diagonal)
        if (diagonal <= 0.0).any() or (others.data > 0.0).any():
            continue
        try:
            amounts = Technosphere(block).supply(np.ones(len(members)))
        except SingularSystemError:
            return members
        if (amounts < 0.0).any():
            return members
    return np.zeros(0, dtype=np.int64)
