"""An inventory model in the engine's arrays, solved for a demand as far as that is asked for."""

from functools import cached_property

import numpy as np

from footprint.adapters.model_arrays import ModelArrays, model_arrays
from footprint.application.analysis_ports import Variant
from footprint.domain.analysis_errors import NotComputable
from footprint.domain.analysis_options import Question
from footprint.engine.distributions import Floats
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere


class SolvedModel:
    """A model, what is asked of it and by which methods; solved when it is first needed.

    Attributes
    ----------
    arrays
        The model's.
    product
        Position of the product that is asked for.
    methods
        Columns of C that are asked for.
    demand
        f (n,) [unit of each product].
    """

    def __init__(self, of: Variant, question: Question) -> None:
        self.model, self.amount = of.model, of.demand.amount
        self.arrays: ModelArrays = model_arrays(of.model)
        self.product = [each.id for each in of.model.products].index(of.demand.product)
        known = [method.id for method in of.model.methods]
        self.methods = [known.index(id_) for id_ in question.methods]
        self.demand = np.zeros(self.system.size)
        self.demand[self.product] = self.amount

    @property
    def system(self) -> System:
        """A, B and C."""
        return self.arrays.system

    @cached_property
    def technosphere(self) -> Technosphere:
        """A, ready to be solved."""
        return Technosphere(self.system.technosphere_matrix())

    @cached_property
    def intensities(self) -> Floats:
        """Direct scores of each activity by the methods asked for (n, k) [unit / run]."""
        return np.ascontiguousarray(self.system.intensities()[:, self.methods])

    @cached_property
    def unit_scores(self) -> Floats:
        """Scores of one unit of each product (n, k) [unit of the method / unit].

        Raises
        ------
        NotComputable
            If one is too large.
        """
        return self._finite(self.technosphere.adjoint_scores(self.intensities))

    @cached_property
    def supply(self) -> Floats:
        """How often each activity runs (n,) [runs].

        Raises
        ------
        NotComputable
            If one runs too often.
        """
        return self._finite(self.technosphere.supply(self.demand))

    @property
    def scores(self) -> tuple[float, ...]:
        """Scores of the demand (k) [unit of the method]."""
        return tuple((self.unit_scores[self.product] * self.amount).tolist())

    def _finite(self, values: Floats) -> Floats:
        lost = ~np.isfinite(values).reshape(self.system.size, -1).all(axis=1)
        if lost.any():
            names = tuple(self.model.activities[place].id for place in np.flatnonzero(lost)[:20])
            raise NotComputable("numbers become too large", names)
        return values
