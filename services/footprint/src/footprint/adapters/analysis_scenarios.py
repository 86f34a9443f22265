"""All scenarios of an inventory model beside its base."""

import numpy as np

from footprint.adapters.model_arrays import model_arrays
from footprint.adapters.solved_model import MOST_NAMES, SolvedModel, too_large
from footprint.domain.analysis_result import ScenarioScore, ScenarioTable, share
from footprint.engine.changes import Changes, ChangeSet
from footprint.engine.scenarios import Path, evaluate
from footprint.engine.system import Exchanges, System

#: As docs/analyses.md calls them.
_WAYS = {Path.LOW_RANK: "update", Path.SWEEPS: "sweeps", Path.DIRECT: "solve"}


def scenario_tables(solved: SolvedModel) -> tuple[ScenarioTable, ...]:
    """Score each scenario by each method."""
    scenarios = solved.model.scenarios
    changes = [
        _changed(solved.system, model_arrays(solved.model.under(scenario)).system)
        for scenario in scenarios
    ]
    found = evaluate(solved.assessment, solved.demand, changes)
    lost = ~np.isfinite(found.scores).all(axis=1)
    if lost.any():
        raise too_large(tuple(scenarios[at].id for at in np.flatnonzero(lost)[:MOST_NAMES]))
    sizes = np.abs(solved.inventory.by_activity).sum(axis=0)
    ways = [_WAYS[path] for path in found.paths]
    return tuple(
        ScenarioTable(
            score=base,
            scenarios=tuple(
                ScenarioScore(
                    id=scenario.id,
                    name=scenario.name,
                    score=score,
                    difference=score - base,
                    relative_difference=share(score - base, base, float(sizes[method])),
                    way=way,
                )
                for scenario, score, way in zip(
                    scenarios, found.scores[:, method].tolist(), ways, strict=True
                )
            ),
        )
        for method, base in zip(solved.methods, solved.scores, strict=True)
    )


def _changed(before: System, after: System) -> ChangeSet:
    return ChangeSet(
        _changes(before.technosphere, after.technosphere),
        _changes(before.biosphere, after.biosphere),
        _changes(before.characterization, after.characterization),
    )


def _changes(before: Exchanges, after: Exchanges) -> Changes:
    """Return what differs of two lists whose positions are the same exchanges.

    One that is of another product is taken away and added in its new place.
    """
    moved = before.row != after.row
    position = np.flatnonzero(moved | (before.amount != after.amount))
    return Changes(
        position=position,
        amount=np.where(moved, 0.0, after.amount)[position],
        added_row=after.row[moved],
        added_column=after.column[moved],
        added_amount=after.amount[moved],
    )
