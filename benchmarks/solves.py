"""Whole solves beside bw2calc, with and without pypardiso."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.comparison import Comparison, DisagreementError, largest_difference
from benchmarks.peer_process import MAIN_ENVIRONMENT, PEERS_ENVIRONMENT, arrays_of, bw2calc
from benchmarks.systems import System, battery_pack, synthetic_system
from footprint.engine.arrays import Floats
from footprint.engine.technosphere import Technosphere

ONE_OR_ALL = "Ours gives the scores of all products, bw2calc that of one."
LARGE_KEPT = "Ours keeps the factors of loops above its dense limit, bw2calc those of all."


def solve_comparisons(medium: int, large: int) -> Iterator[Comparison]:
    """Give the comparisons on the shipped pack and on synthetic systems of two sizes."""
    pack = battery_pack()
    tangled = synthetic_system(medium, loop_size=medium // 2)
    yield from adjoint_scores("lfp", pack)
    yield from adjoint_scores("medium", tangled)
    huge = synthetic_system(large, loop_size=large // 2)
    yield from adjoint_scores("large", huge)
    yield from adjoint_scores("large_small_loops", synthetic_system(large, loop_size=8))
    yield from supply("lfp", pack)
    yield from supply("medium", tangled)
    yield from supply("large", huge)


def adjoint_scores(label: str, system: System) -> Iterator[Comparison]:
    """From the matrices to scores, nothing factorized before."""
    intensity = system.intensity

    def ours() -> Floats:
        return Technosphere(system.technosphere).adjoint_scores(intensity)

    yield Comparison(
        name=f"adjoint_scores_{label}_vs_lca",
        work=f"scores from matrices in memory; {system.label}",
        ours=ours,
        peer=partial(bw2calc, MAIN_ENVIRONMENT, "one_score", arrays_of(system)),
        difference=lambda all_scores, score: largest_difference(all_scores[system.product], score),
        note=ONE_OR_ALL,
    )
    yield Comparison(
        name=f"adjoint_scores_{label}_vs_fastscores",
        work=f"scores of all products from matrices in memory; {system.label}",
        ours=ours,
        peer=partial(bw2calc, PEERS_ENVIRONMENT, "all_scores", arrays_of(system)),
        difference=largest_difference,
    )


def supply(label: str, system: System) -> Iterator[Comparison]:
    """Solve for one more demand, after a first."""
    demand = system.demand
    technosphere = Technosphere(system.technosphere)
    for name, environment in (("lca", MAIN_ENVIRONMENT), ("lca_pardiso", PEERS_ENVIRONMENT)):
        yield Comparison(
            name=f"supply_{label}_vs_{name}",
            work=f"supply of one more demand; {system.label}",
            ours=lambda: technosphere.supply(demand),
            peer=partial(bw2calc, environment, "supply", arrays_of(system)),
            difference=partial(difference_of_contributions, system.intensity),
            note=LARGE_KEPT,
        )


def difference_of_contributions(intensity: Floats, ours: Floats, theirs: Floats) -> float:
    """Give what two supplies differ by, relative to the impact that they cause [-].

    A supply that contributes next to nothing is known to few digits by either solver.
    """
    a, b = np.asarray(ours), np.asarray(theirs)
    if a.shape != b.shape:
        raise DisagreementError(f"results have the shapes {a.shape} and {b.shape}")
    return float(np.abs(intensity * (a - b)).sum() / np.abs(intensity * b).sum())
