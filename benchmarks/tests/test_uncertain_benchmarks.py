"""The benchmarks of Monte Carlo and scenarios on tiny systems: both sides give the same."""

from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmarks import growth, monte_carlo
from benchmarks.analyses import (
    SCENARIOS_COMPARED,
    demand_of,
    difference_of_nodes,
    drawn_scenarios,
    traversal,
)
from benchmarks.comparison import Comparison, DisagreementError, InProcess, measure
from benchmarks.figures import Panel, figure
from benchmarks.machine import draw_ns, sweep_bytes_per_s
from benchmarks.monte_carlo import SEED, difference_of_samples
from benchmarks.numpy_foreground import NumpyForeground
from benchmarks.parametrised import parametrised_model
from benchmarks.peer import CONFIGURATIONS
from benchmarks.peer_process import fastest
from benchmarks.uncertain_systems import database, foreground_on
from scipy import sparse

from footprint.engine.draws import Stream, draw
from footprint.engine.inventory import Assessment
from footprint.engine.monte_carlo import foreground_monte_carlo
from footprint.engine.monte_carlo import monte_carlo as whole_system
from footprint.engine.scenarios import evaluate
from footprint.engine.technosphere import Technosphere

TINY = {
    comparison.name: comparison
    for comparison in monte_carlo.monte_carlo_comparisons(monte_carlo.TINY)
}


def test_a_database_has_one_loop_of_half_its_activities() -> None:
    matrix = database(400).system.technosphere_matrix()
    labels = sparse.csgraph.connected_components(matrix, connection="strong")[1]
    assert 190 <= np.bincount(labels).max() <= 200


def test_no_place_of_a_database_has_two_exchanges() -> None:
    system = database(200).system
    for exchanges in (system.technosphere, system.biosphere):
        places = set(zip(exchanges.row.tolist(), exchanges.column.tolist(), strict=True))
        assert len(places) == exchanges.size


def test_a_foreground_does_not_change_the_scores_behind_it() -> None:
    behind = database(100)
    model = foreground_on(behind, 20)
    scores = [
        Technosphere(system.technosphere_matrix()).adjoint_scores(system.intensities()[:, 0])
        for system in (behind.system, model.system)
    ]
    np.testing.assert_allclose(scores[1][:100], scores[0], rtol=1e-9)
    assert model.background.sum() == 100


def test_numpy_scores_our_drawn_amounts_as_we_do() -> None:
    model = foreground_on(database(100), 20)
    technosphere, biosphere = (
        draw(exchanges.distribution, seed=SEED, stream=stream, first=0, count=5)
        for exchanges, stream in (
            (model.system.technosphere, Stream.TECHNOSPHERE),
            (model.system.biosphere, Stream.BIOSPHERE),
        )
    )
    ours = foreground_monte_carlo(
        model.system,
        np.array([model.product]),
        background=model.background,
        sampled_background=False,
        samples=5,
        seed=SEED,
    ).scores[:, 0, 0]
    theirs = NumpyForeground(model).given_scores(technosphere, biosphere)
    np.testing.assert_allclose(theirs, ours, rtol=1e-10)


def test_numpy_and_we_draw_from_one_distribution() -> None:
    comparison = TINY["foreground_mc_vs_numpy"]
    row = measure(comparison, repetitions=1)
    assert row.agreement <= 1e-10
    assert "Kolmogorov-Smirnov" in row.note


def test_a_parametrised_model_uses_its_parameters() -> None:
    model = parametrised_model(4, parameters=2, background=5)
    uncertain = model.system()
    scores = foreground_monte_carlo(
        uncertain.system,
        np.array([0]),
        background=uncertain.background,
        sampled_background=False,
        samples=2,
        seed=1,
        given=lambda first, count: np.full((4, count), 2.0),
    ).scores[:, 0, 0]
    # All amounts twice as large: bought from the background by 2, one level down by 4 and so on.
    doubled = np.zeros(9)
    doubled[4:] = model.scores
    for process in (3, 2, 1, 0):
        own = model.consumer == process
        doubled[process] = 2.0 * model.coefficient[own] @ doubled[model.supplier[own]]
    np.testing.assert_allclose(scores, doubled[0], rtol=1e-12)


@pytest.mark.parametrize("configuration", ["iterative", "whole_system"])
def test_bw2calc_scores_our_drawn_amounts_as_we_do(configuration: str) -> None:
    model = database(100)
    arrays = monte_carlo.arrays_of_samples(model, compared=3)
    found = CONFIGURATIONS[configuration](arrays).result
    assert found is not None
    result = found()
    ours = whole_system(model.system, np.array([model.product]), samples=3, seed=SEED)
    np.testing.assert_allclose(result["given"], ours.scores[:, 0, 0], rtol=1e-6)
    assert len(set(result["own"])) == 3


@pytest.mark.parametrize("configuration", ["scenarios", "scenarios_iterative"])
def test_bw2calc_solves_our_scenarios_as_we_do(configuration: str) -> None:
    model = database(100)
    changes, arrays = drawn_scenarios(model, 6, 4)
    found = CONFIGURATIONS[configuration](arrays).result
    assert found is not None
    ours = evaluate(Assessment(model.system), demand_of(model), changes).scores[:, 0]
    np.testing.assert_allclose(found(), ours[:SCENARIOS_COMPARED], rtol=1e-6)
    assert len(set(ours.tolist())) > 1


def test_other_means_or_shapes_are_no_agreement() -> None:
    random = np.random.default_rng(1)
    scores = random.lognormal(size=1_000)
    own = random.lognormal(size=1_000)
    assert difference_of_samples(scores, {"given": scores[:3], "own": own}).difference == 0.0
    for wrong in (own * 1.3, own**1.5):
        with pytest.raises(DisagreementError, match="Kolmogorov-Smirnov"):
            difference_of_samples(scores, {"given": scores[:3], "own": wrong})


def test_other_nodes_are_no_agreement() -> None:
    ours = traversal(100).ours()
    nodes = list(zip(ours.activity.tolist(), ours.cumulative.tolist(), strict=True))
    assert difference_of_nodes(ours, nodes[::-1]) == 0.0
    with pytest.raises(DisagreementError, match="nodes"):
        difference_of_nodes(ours, nodes[1:])


def test_the_fastest_peer_is_kept_and_the_others_are_closed() -> None:
    closed = []

    class Slow(InProcess):
        def seconds(self, calls: int) -> float:
            return float(self.configuration)

        def close(self) -> None:
            closed.append(self.configuration)

    kept = fastest(
        [partial(Slow, "peer", "1", seconds, lambda: None) for seconds in ("3", "1", "2")]
    )
    assert kept.configuration == "1"
    assert closed == ["3", "2"]


def test_a_ratio_below_its_floor_is_shown_as_such() -> None:
    peer = InProcess("peer", "1", "plain", lambda: 1.0)
    comparison = Comparison(
        "a_vs_b", "work", lambda: 1.0, lambda: peer, lambda a, b: abs(a - b), floor=1e6
    )
    row = measure(comparison, repetitions=1)
    assert row.floor == 1e6
    assert row.note.startswith("Below the floor of 1e+06.")


def test_durations_are_of_one_iteration() -> None:
    def work() -> float:
        return float(sum(range(20_000)))

    comparison = Comparison(
        "a_vs_b",
        "work",
        work,
        lambda: InProcess("peer", "1", "plain", work, iterations=10),
        lambda a, b: abs(a - b),
        iterations=1_000,
    )
    assert 20.0 < measure(comparison, repetitions=5).ratio_median < 500.0


def test_a_point_of_growth_is_measured_in_a_process_of_its_own() -> None:
    points = growth.measure_growth(growth.GrowthSizes((100,), 100, 8, (8,)))
    assert {point.varied for point in points} == {"size", "threads", "samples"}
    assert all(0 < point.system_bytes <= point.peak_bytes for point in points)
    assert len(list(growth.growth_table(points))) == len(points) + 2


def test_sweeps_and_draws_of_this_machine_are_timed() -> None:
    assert sweep_bytes_per_s(100) > 0.0
    assert draw_ns() > 0.0


def test_a_figure_has_title_description_and_all_points() -> None:
    panel = Panel("a", "x", "y", {"line": [(1.0, 3.0), (20.0, 700.0)], "b": [(1.0, 1.0)]})
    root = ElementTree.fromstring(figure("Title & more", "What it shows", [panel, panel]))
    name = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{name}title") == "Title & more"
    assert root.findtext(f"{name}desc") == "What it shows"
    assert len(root.findall(f".//{name}circle")) == 6
