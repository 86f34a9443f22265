"""Inventory, scores and contributions of a system, for several methods at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers
from footprint.engine.conditioning import solve_error
from footprint.engine.errors import Malformed, MalformedSystemError
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a demand needs and causes.

    Attributes
    ----------
    supply
        s (n,), amount of each activity [unit of the activity].
    flows
        g = B s (m,), amount of each elementary flow [unit of the flow].
    by_activity
        Direct impacts of each activity (n, k) [unit of the method].
    by_flow
        Impacts of each elementary flow (m, k) [unit of the method].
    """

    supply: Floats
    flows: Floats
    by_activity: Floats
    by_flow: Floats

    @property
    def scores(self) -> Floats:
        """Total impacts (k,) [unit of the method]."""
        return np.asarray(self.by_activity.sum(axis=0))

    def by_group(self, group: Integers, groups: int) -> Floats:
        """Add the activities' impacts up by stage, supplier, site or any other grouping.

        Parameters
        ----------
        group
            Group of each activity (n,), in [0, groups).

        Returns
        -------
        ndarray
            Impacts (groups, k) [unit of the method]; they add up to the scores.

        Raises
        ------
        MalformedSystemError
            If a group is out of range or there is not one per activity.
        """
        if group.shape != self.supply.shape:
            raise MalformedSystemError(f"expected the groups of {len(self.supply)} activities")
        outside = np.flatnonzero((group < 0) | (group >= groups))
        if len(outside):
            raise MalformedSystemError(
                f"activities outside of the {groups} groups: {outside[:5].tolist()}",
                Malformed.OUT_OF_RANGE,
                tuple(outside.tolist()),
            )
        ones, place = np.ones(len(group)), np.arange(len(group))
        shape = groups, len(group)
        return np.asarray(sparse.csr_array((ones, (group, place)), shape=shape) @ self.by_activity)


class Assessment:
    """A system ready to be asked for any demand.

    Parameters
    ----------
    system
        Its deterministic amounts are used.

    Attributes
    ----------
    technosphere
        A with what its solves keep.
    intensities
        Bᵀ C (n, k), direct impacts of each activity [unit of the method / unit].
    biosphere
        B (m, n) [unit of the flow / unit of the activity].
    factors
        C (m, k) [unit of the method / unit of the flow].

    Raises
    ------
    MalformedSystemError, SingularSystemError
        As `Technosphere` does.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.technosphere = Technosphere(system.technosphere_matrix())
        self.intensities = system.intensities()
        self.biosphere = system.biosphere_matrix()
        self.factors = system.characterization_matrix().toarray()

    @cached_property
    def unit_scores(self) -> Floats:
        """Impacts of one unit of each product with everything upstream (n, k)."""
        return self.technosphere.adjoint_scores(self.intensities)

    @cached_property
    def unit_score_errors(self) -> Floats:
        """What the unit scores may be off by (n, k), see `solve_error`."""
        return solve_error(self.technosphere, self.intensities, self.unit_scores, adjoint=True)

    def inventory(self, demand: Floats) -> Inventory:
        """Solve for a demand.

        Parameters
        ----------
        demand
            f (n,), amounts asked for [unit of each product].
        """
        supply = self.technosphere.supply(demand)
        flows = np.asarray(self.biosphere @ supply)
        return Inventory(
            supply=supply,
            flows=flows,
            by_activity=supply[:, None] * self.intensities,
            by_flow=flows[:, None] * self.factors,
        )
