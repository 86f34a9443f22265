"""Whether the loops of a system give more than they take."""

import math

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Bools, Integers
from footprint.engine.errors import SingularSystemError, UnproductiveLoopError
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


def refuse_unproductive(
    technosphere: Technosphere, needed: Bools, most_direct: float = math.inf
) -> None:
    """Refuse loops of activities that treat waste, or give their own products, likewise.

    Parameters
    ----------
    technosphere
        Activities with their products at the same place; what is below zero there is waste that
        the activity takes.
    needed
        Loops of these activities alone are looked at (n,).
    most_direct
        See `Technosphere`.

    Raises
    ------
    UnproductiveLoopError, SingularSystemError, IntractableLoopError
        With the activities of the loop. Loops with co-products are left alone, as above.
    """
    for members in technosphere.loops():
        if len(members) == 1 or not needed[members].any():
            continue
        block = sparse.csr_array(technosphere.matrix[members][:, members])
        # To take waste is a service: counted as what is given, not as what is taken.
        block = sparse.csr_array(sparse.diags_array(np.sign(block.diagonal())) @ block)
        others = block - sparse.diags_array(block.diagonal())
        if (block.diagonal() <= 0.0).any() or (others.data > 0.0).any():
            continue
        try:
            amounts = Technosphere(block, most_direct).supply(np.ones(len(members)))
        except SingularSystemError as error:
            raise SingularSystemError(tuple(members.tolist())) from error
        if (amounts < 0.0).any():
            raise UnproductiveLoopError(tuple(members.tolist()))
