"""The benchmarks on tiny systems: what they check before they time, and that none is forgotten."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import monte_carlo
from benchmarks.__main__ import Sizes, comparisons, table
from benchmarks.comparison import (
    Comparison,
    DisagreementError,
    InProcess,
    largest_difference,
    measure,
)
from benchmarks.kernels import difference_of_orders, kernel_comparisons
from benchmarks.peer import CONFIGURATIONS
from benchmarks.peer_process import arrays_of, bw2calc
from benchmarks.solves import difference_of_contributions
from benchmarks.systems import battery_pack, synthetic_system
from scipy import sparse
from tests.e2e.independent_solve import Background, product_footprint

from footprint.engine.technosphere import Technosphere

DATA = Path(__file__).parents[2] / "services/footprint/src/footprint/data"
PACK = DATA / "examples/lfp_battery_pack"
KERNELS = Path(__file__).parents[2] / "services/footprint/src/footprint/kernels"
TINY_SIZES = Sizes(medium=20, large=60, scenarios=3, monte_carlo=monte_carlo.TINY)
TINY = {comparison.name: comparison for comparison in kernel_comparisons(60)}


def compared(ours: Callable[[], Any], theirs: Callable[[], Any]) -> Comparison:
    peer = InProcess("twin", "1", "plain", theirs)
    return Comparison("a_vs_twin", "work", ours, lambda: peer, largest_difference)


def test_every_kernel_has_a_benchmark() -> None:
    kernels = {source.stem for source in KERNELS.glob("*.pyx")}
    assert kernels
    # The longest name that fits, so that `ordering_fast_vs_scipy` does not stand for `ordering`.
    measured = {
        max((kernel for kernel in kernels if name.startswith(f"{kernel}_")), key=len, default="")
        for name in TINY
    }
    assert kernels - measured == set()


def test_no_two_benchmarks_have_one_name() -> None:
    names = [comparison.name for comparison in comparisons(TINY_SIZES)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", TINY)
def test_a_kernel_agrees_with_its_twin_on_a_tiny_system(name: str) -> None:
    assert measure(TINY[name], repetitions=1).agreement <= 1e-12


@pytest.mark.parametrize("wrong", [1.0 + 1e-8, np.nan, np.inf])
def test_speed_is_not_measured_where_results_differ(wrong: float) -> None:
    with pytest.raises(DisagreementError):
        measure(compared(lambda: np.ones(2), lambda: np.array([1.0, wrong])), repetitions=1)


def test_results_of_other_lengths_differ() -> None:
    with pytest.raises(DisagreementError, match="shapes"):
        measure(compared(lambda: np.ones(2), lambda: np.ones(3)), repetitions=1)


def test_components_in_the_wrong_order_differ() -> None:
    # 0 depends on 1
    adjacency = sparse.csr_array(np.array([[0.0, 1.0], [0.0, 0.0]]))
    right = (np.array([1, 0]), np.array([0, 1, 2]))
    wrong = (np.array([0, 1]), np.array([0, 1, 2]))
    assert difference_of_orders(adjacency, right, right) == 0.0
    with pytest.raises(DisagreementError, match="before"):
        difference_of_orders(adjacency, wrong, right)


def test_other_components_differ() -> None:
    adjacency = sparse.csr_array((2, 2))
    apart = (np.array([0, 1]), np.array([0, 1, 2]))
    together = (np.array([0, 1]), np.array([0, 2]))
    with pytest.raises(DisagreementError, match="components"):
        difference_of_orders(adjacency, apart, together)


def test_supplies_differ_by_the_impact_that_they_cause() -> None:
    # |2·(3 − 4)| / (2·4 + 1·2) = 0.2
    difference = difference_of_contributions(
        np.array([2.0, 1.0]), np.array([3.0, 2.0]), np.array([4.0, 2.0])
    )
    assert difference == pytest.approx(0.2)


def test_a_row_says_plainly_where_ours_is_slower() -> None:
    row = measure(compared(lambda: sum(range(50_000)), lambda: 1249975000), repetitions=1)
    assert row.ratio_median < 1.0
    assert row.note.startswith("Ours is slower here, by a factor of ")


def test_the_table_has_a_line_for_each_row() -> None:
    row = measure(compared(lambda: 1.0, lambda: 1.0), repetitions=1)
    lines = list(table([row, replace(row, name="b_vs_twin")]))
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| a_vs_twin", "| b_vs_twin"]


@pytest.mark.parametrize(("loop_size", "loop"), [(1, "no loop"), (200, "largest loop 1")])
def test_a_synthetic_system_has_the_loops_that_were_asked_for(loop_size: int, loop: str) -> None:
    assert loop in synthetic_system(200, loop_size=loop_size).label


def test_a_synthetic_system_is_productive() -> None:
    system = synthetic_system(200, loop_size=100)
    assert (Technosphere(system.technosphere).supply(system.demand) >= 0.0).all()


def test_a_seed_gives_the_same_system() -> None:
    first, again = synthetic_system(50, seed=3), synthetic_system(50, seed=3)
    np.testing.assert_array_equal(first.technosphere.toarray(), again.technosphere.toarray())


def test_the_shipped_pack_is_the_one_that_the_service_computes() -> None:
    pack = battery_pack()
    scores = Technosphere(pack.technosphere).adjoint_scores(pack.intensity)
    stages = product_footprint(Background(DATA / "greenchain_lci", ["CN-JX"]), PACK, {})
    expected = stages["raw_materials"] + stages["manufacturing"]
    assert scores[pack.product] == pytest.approx(expected, rel=1e-9)


def test_bw2calc_gives_our_score_and_supply() -> None:
    system = synthetic_system(40, loop_size=20)
    arrays = arrays_of(system)
    technosphere = Technosphere(system.technosphere)
    score = technosphere.adjoint_scores(system.intensity)[system.product]
    assert CONFIGURATIONS["one_score"](arrays).work() == pytest.approx(score, rel=1e-12)
    np.testing.assert_allclose(
        CONFIGURATIONS["supply"](arrays).work(), technosphere.supply(system.demand), rtol=1e-9
    )


def test_a_peer_in_another_process_answers() -> None:
    peer = bw2calc(Path(sys.executable), "one_score", arrays_of(synthetic_system(40)))
    try:
        assert peer.configuration.startswith("LCA, lci(factorize=True)")
        assert peer.seconds(2) > 0.0
        assert json.dumps(peer.result())
    finally:
        peer.close()


def test_a_peer_that_cannot_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="bw2calc ended"):
        bw2calc(Path(sys.executable), "no such configuration", arrays_of(synthetic_system(5)))
