"""An inventory model in the engine's arrays, solved for a demand as far as that is asked for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from footprint.adapters.model_arrays import ModelArrays, model_arrays
from footprint.application.analysis_ports import Variant
from footprint.domain.analysis_errors import NotComputable
from footprint.domain.analysis_options import Question
from footprint.engine.arrays import Floats
from footprint.engine.inventory import Assessment, Inventory
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere

#: Names that an error lists.
MOST_NAMES = 20


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
    def assessment(self) -> Assessment:
        """The system, ready to be asked."""
        return Assessment(self.system)

    @property
    def technosphere(self) -> Technosphere:
        """A, ready to be solved."""
        return self.assessment.technosphere

    @cached_property
    def intensities(self) -> Floats:
        """Direct scores of each activity by the methods asked for (n, k) [unit / run]."""
        return np.ascontiguousarray(self.assessment.intensities[:, self.methods])

    @cached_property
    def unit_scores(self) -> Floats:
        """Scores of one unit of each product (n, k) [unit of the method / unit].

        Raises
        ------
        NotComputable
            If one is too large.
        """
        names = [product.id for product in self.model.products]
        return _finite(self.technosphere.adjoint_scores(self.intensities), names)

    @cached_property
    def inventory(self) -> Inventory:
        """What the demand needs and causes, by all methods of the model.

        Raises
        ------
        NotComputable
            If an activity runs too often or emits too much.
        """
        found = self.assessment.inventory(self.demand)
        _finite(found.by_activity, [activity.id for activity in self.model.activities])
        return found

    @property
    def scores(self) -> tuple[float, ...]:
        """Scores of the demand (k) [unit of the method].

        Raises
        ------
        NotComputable
            If one is too large.
        """
        return tuple(self.of_demand(self.unit_scores[self.product]).tolist())

    def of_demand(self, unit_scores: Floats) -> Floats:
        """Return the scores of the demand, from those of one unit of its product.

        Raises
        ------
        NotComputable
            If one is too large.
        """
        scores = unit_scores * self.amount
        if not np.isfinite(scores).all():
            raise too_large((self.model.products[self.product].id,))
        return scores


def _finite(values: Floats, names: Sequence[str]) -> Floats:
    lost = ~np.isfinite(values).reshape(len(names), -1).all(axis=1)
    if lost.any():
        where = tuple(names[place] for place in np.flatnonzero(lost)[:MOST_NAMES])
        raise too_large(where)
    return values


def too_large(names: tuple[str, ...]) -> NotComputable:
    """Return the error for numbers that overflow."""
    return NotComputable("numbers become too large", "数值过大", names)
