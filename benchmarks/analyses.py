"""What is asked of a whole database: scores of many methods, a traversal, scenarios."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.comparison import Comparison, DisagreementError, Peer, largest_difference
from benchmarks.monte_carlo import ITERATIVE_TOLERANCE
from benchmarks.peer_process import (
    PARDISO,
    PARDISO_ON_ONE_THREAD,
    PEERS_ENVIRONMENT,
    WITHOUT_PARDISO,
    Arrays,
    arrays_of_exchanges,
    bw2calc,
    fastest,
)
from benchmarks.uncertain_systems import UncertainSystem, database
from footprint.engine.arrays import Floats
from footprint.engine.inventory import Assessment
from footprint.engine.scenarios import Changes, ChangeSet, evaluate
from footprint.engine.technosphere import Technosphere
from footprint.engine.traversal import Traversal, traverse

#: Share of the score below which a path is not followed [-].
CUTOFF = 0.005
#: Scenarios whose scores are compared with the peer's.
SCENARIOS_COMPARED = 5


def all_scores(size: int, products: int = 100, methods: int = 16) -> Comparison:
    """Scores of some products by several methods, from the matrices."""
    model = database(size, methods=methods)
    matrix, intensities = model.system.technosphere_matrix(), model.system.intensities()
    asked = np.random.default_rng(1).choice(size, min(products, size), replace=False)

    def ours() -> Floats:
        return Technosphere(matrix).adjoint_scores(intensities)[asked]

    arrays = {**_arrays(model), "products": asked}
    return Comparison(
        name="all_scores_vs_fastscores",
        work=f"{len(asked)} products by {methods} methods, nothing factorized; {model.label}",
        ours=ours,
        peer=partial(
            fastest,
            [
                partial(bw2calc, PEERS_ENVIRONMENT, "all_methods", arrays, way)
                for way in (PARDISO, PARDISO_ON_ONE_THREAD)
            ],
        ),
        difference=largest_difference,
        aim=10,
        note="Both sides compute the scores of all products.",
    )


def traversal(size: int) -> Comparison:
    """Unfold a supply chain, its scores not known before."""
    model = database(size)
    matrix = model.system.technosphere_matrix()
    biosphere = model.system.biosphere_matrix()
    factors = model.system.characterization_matrix().toarray()[:, 0]
    technosphere = Technosphere(matrix)
    technosphere.adjoint_scores(
        np.asarray(factors @ biosphere)
    )  # both sides have their factorization

    def ours() -> Traversal:
        intensity = np.asarray(factors @ biosphere)
        return traverse(
            matrix,
            technosphere.adjoint_scores(intensity),
            intensity,
            model.system.reference,
            model.product,
            1.0,
            cutoff=CUTOFF,
            max_nodes=1_000_000,
        )

    arrays = {**_arrays(model), "cutoff": CUTOFF}
    return Comparison(
        name="traversal_vs_graph_tools",
        work=f"cut-off {CUTOFF:.1%}, factorization kept, no score known; {model.label}",
        ours=ours,
        peer=_fastest("traversal", arrays),
        difference=difference_of_nodes,
        floor=300,
        aim=900,
        note="Ours solves once for the scores of all products, bw_graph_tools once for each node.",
    )


def scenarios(size: int, number: int, changed: int = 10) -> Iterator[Comparison]:
    """Score many scenarios that each change some inputs, of the whole database."""
    model = database(size)
    changes, arrays = drawn_scenarios(model, number, changed)
    demand = demand_of(model)

    def ours() -> Floats:
        return evaluate(Assessment(model.system), demand, changes).scores[:, 0]

    directly = Comparison(
        name="scenarios_vs_resolve",
        work=f"one scenario of {number:,}, each of {changed} changed inputs; {model.label}",
        ours=ours,
        iterations=number,
        peer=_fastest("scenarios", arrays),
        difference=lambda all_scores, first: largest_difference(all_scores[: len(first)], first),
        floor=50,
        aim=500,
        note=(
            "What is made ready before the first scenario is in our time, in none of bw2calc's. "
            "Where an error of 1e-6 will do, IterativeLCA solves faster: scenarios_vs_iterative."
        ),
    )
    yield directly
    yield replace(
        directly,
        name="scenarios_vs_iterative",
        peer=_fastest("scenarios_iterative", arrays),
        tolerance=ITERATIVE_TOLERANCE,
        floor=None,
        aim=None,
        note=(
            "IterativeLCA begins at the solution of the scenario before and accepts an estimated "
            "error of 1e-6; a few changed inputs hardly move it from there."
        ),
    )


def drawn_scenarios(
    model: UncertainSystem, number: int, changed: int
) -> tuple[list[ChangeSet], Arrays]:
    """Draw scenarios, for us and as arrays for the peer."""
    random = np.random.default_rng(1)
    cells = model.system.technosphere
    inputs = np.flatnonzero(cells.row != cells.column)
    entries = np.stack([random.choice(inputs, changed, replace=False) for _ in range(number)])
    amounts = cells.amount[entries] * random.lognormal(0.0, 0.3, entries.shape)
    changes = [
        ChangeSet(Changes(entry, amount)) for entry, amount in zip(entries, amounts, strict=True)
    ]
    arrays = {
        **_arrays(model),
        "scenario_rows": cells.row[entries],
        "scenario_columns": cells.column[entries],
        "scenario_values": amounts,
        "compared": SCENARIOS_COMPARED,
    }
    return changes, arrays


def demand_of(model: UncertainSystem) -> Floats:
    """Ask for one unit of the product."""
    demand = np.zeros(model.system.size)
    demand[model.product] = 1.0
    return demand


def difference_of_nodes(ours: Traversal, theirs: list[tuple[int, float]]) -> float:
    """Compare the nodes of two trees: activities and their cumulative scores, largest first.

    Raises
    ------
    DisagreementError
        If they have not the same activities.
    """
    found = sorted(zip(ours.activity.tolist(), ours.cumulative.tolist(), strict=True))
    expected = sorted((int(activity), score) for activity, score in theirs)
    if [activity for activity, _ in found] != [activity for activity, _ in expected]:
        raise DisagreementError(f"{len(found)} nodes, not the {len(expected)} of the peer")
    return largest_difference([score for _, score in found], [score for _, score in expected])


def _fastest(configuration: str, arrays: Arrays) -> Callable[[], Peer]:
    """Start bw2calc with and without pypardiso, and take the faster."""
    ways = (PARDISO, WITHOUT_PARDISO)
    return partial(
        fastest, [partial(bw2calc, PEERS_ENVIRONMENT, configuration, arrays, way) for way in ways]
    )


def _arrays(model: UncertainSystem) -> Arrays:
    system = model.system
    arrays: dict[str, Any] = {"product": model.product}
    for name, exchanges in (
        ("technosphere_matrix", system.technosphere),
        ("biosphere_matrix", system.biosphere),
        ("characterization_matrix", system.characterization),
    ):
        arrays |= arrays_of_exchanges(name, exchanges)
    return arrays
