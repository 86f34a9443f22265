"""What all ways to score scenarios start from, and how they end."""

from collections.abc import Callable, Sequence
from functools import cached_property
from operator import attrgetter

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.changes import ChangeSet, changed_cells
from footprint.engine.conditioning import solve_error
from footprint.engine.inventory import Assessment

#: Least relative error of a solve [-].
LEAST_ERROR = 1e-13
#: Error of a score up to which it is taken, relative to it [-].
TRUSTED = 1e-11


class ScenarioTask:
    """A demand and the scenarios in which it is to be scored.

    Attributes
    ----------
    changes
        The scenarios.
    supply
        s (n,), of the system without changes.
    supply_error
        What it may be off by (n,), see `solve_error`.
    technosphere, biosphere, characterization
        What each scenario adds to the cells of A, B and C.
    flows
        Elementary flows with a changed factor anywhere (F,), ascending.
    """

    def __init__(
        self, assessment: Assessment, demand: Floats, changes: Sequence[ChangeSet]
    ) -> None:
        system = assessment.system
        n, flows, methods = system.size, system.flows, system.methods
        self.assessment = assessment
        self.demand = demand
        self.changes = changes
        self.technosphere = changed_cells(
            changes, attrgetter("technosphere"), system.technosphere, (n, n)
        )
        self.biosphere = changed_cells(
            changes, attrgetter("biosphere"), system.biosphere, (flows, n)
        )
        self.characterization = changed_cells(
            changes, attrgetter("characterization"), system.characterization, (flows, methods)
        )
        self.flows = np.unique(self.characterization.row)
        self.supply = assessment.technosphere.supply(demand)
        error = solve_error(
            assessment.technosphere, demand[:, None], self.supply[:, None], adjoint=False
        )
        self.supply_error = LEAST_ERROR * np.abs(self.supply) + error[:, 0]

    def scores(self, wanted: Integers, changed: Floats, emitting: Floats) -> Floats:
        """Score scenarios by the supplies of what they change.

        Parameters
        ----------
        wanted
            Numbers of the scenarios, ascending.
        changed, emitting
            Supply of the activity of each changed cell of A and of B, in its scenario.

        Returns
        -------
        ndarray
            (scenarios, k) [unit of the method].

        Notes
        -----
        What changed cells of A take in less is not made: with ``A' s' = f`` the scores by the
        unchanged intensities are ``q A⁻¹ (f - (A' - A) s') = h - y (A' - A) s'``, whatever s' is
        elsewhere.
        """
        assessment = self.assessment
        base = self.supply @ assessment.intensities, self._emissions @ self.supply
        unit = assessment.unit_scores, self._unit_amounts[0]
        return self._assembled(lambda array: array, wanted, base, unit, changed, emitting)

    def error(self, wanted: Integers, changed: Floats, errors: tuple[Floats, Floats]) -> Floats:
        """Bound the errors of `scores` by those of the supplies (scenarios, k).

        Parameters
        ----------
        changed
            As in `scores`.
        errors
            What `changed` and `emitting` may be off by.
        """
        assessment, nothing = self.assessment, np.zeros_like(errors[1])
        base = self.supply_error @ np.abs(assessment.intensities)
        amounts = np.abs(self._emissions) @ self.supply_error
        unit = np.abs(assessment.unit_scores), np.abs(self._unit_amounts[0])
        unit_errors = (
            LEAST_ERROR * unit[0] + assessment.unit_score_errors,
            LEAST_ERROR * unit[1] + self._unit_amounts[1],
        )
        of_supplies = self._assembled(np.abs, wanted, (base, amounts), unit, *errors)
        of_units = self._assembled(
            np.abs,
            wanted,
            (np.zeros_like(base), np.zeros_like(amounts)),
            unit_errors,
            np.abs(changed),
            nothing,
        )
        return of_supplies + of_units

    def _assembled(
        self,
        signed: Callable[[Floats], Floats],
        wanted: Integers,
        base: tuple[Floats, Floats],
        unit: tuple[Floats, Floats],
        changed: Floats,
        emitting: Floats,
    ) -> Floats:
        """Add all effects up, or the sizes of all effects."""
        assessment = self.assessment
        cells = self.technosphere.of(wanted)
        shape = len(wanted), assessment.system.size
        saved = sparse.csr_array(
            (signed(-cells.delta) * changed, (cells.scenario, cells.row)), shape=shape
        )
        scores: Floats = base[0] + np.asarray(saved @ unit[0])
        emitted = self.biosphere.of(wanted)
        added = signed(emitted.delta) * emitting
        factors = signed(assessment.factors[emitted.row])
        np.add.at(scores, emitted.scenario, factors * added[:, None])
        if not len(self.flows):
            return scores
        amounts = base[1] + np.asarray(saved @ unit[1])
        place = np.minimum(np.searchsorted(self.flows, emitted.row), len(self.flows) - 1)
        known = self.flows[place] == emitted.row
        np.add.at(amounts, (emitted.scenario[known], place[known]), added[known])
        valued = self.characterization.of(wanted)
        of_flow = amounts[valued.scenario, np.searchsorted(self.flows, valued.row)]
        np.add.at(scores, (valued.scenario, valued.column), signed(valued.delta) * of_flow)
        return scores

    @cached_property
    def _emissions(self) -> Floats:
        """Rows of B of the flows with a changed factor (F, n)."""
        return np.asarray(self.assessment.biosphere[self.flows].toarray())

    @property
    def unit_solves(self) -> int:
        """Count the flows for which a unit of each product has to be solved."""
        return len(self.flows) if len(self.technosphere.delta) else 0

    @cached_property
    def _unit_amounts(self) -> tuple[Floats, Floats]:
        """Amounts of these flows by one unit of each product (n, F), and their errors."""
        technosphere, emissions = self.assessment.technosphere, self._emissions.T
        if not self.unit_solves:
            return np.zeros_like(emissions), np.zeros_like(emissions)  # of nothing
        amounts = technosphere.adjoint_scores(emissions)
        return amounts, solve_error(technosphere, emissions, amounts, adjoint=True)


def is_sure(scores: Floats, doubt: Floats) -> Bools:
    """Tell which scenarios' scores are finite, with errors that are small beside them (scenarios,).

    Parameters
    ----------
    scores, doubt
        Scores and what they may be off by (scenarios, k).
    """
    small = np.isfinite(doubt) & (doubt <= TRUSTED * np.abs(scores))
    return np.asarray(small.all(axis=1))
