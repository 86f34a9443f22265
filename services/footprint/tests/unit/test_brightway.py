import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.result import relative_difference
from footprint.domain.system import Emission, Link, LinkedSystem, Process, ProcessKind
from footprint.domain.system_errors import SingularSystem


def node(index: int) -> Process:
    return Process(f"p{index}@A", f"p{index}", "A", ProcessKind.UNIT_PROCESS, "kg", "", "")


def linked(
    size: int, links: list[tuple[int, int, float]], emissions: list[tuple[int, float]]
) -> LinkedSystem:
    """Return a system of (supplier, consumer, amount) whose product is 0 with stages 1 and 2."""
    return LinkedSystem(
        method_id="gwp",
        processes=tuple(node(index) for index in range(size)),
        links=(
            Link("a", 1, 0, 1.0),
            Link("b", 2, 0, 1.0),
            *(Link(str(number), *link) for number, link in enumerate(links)),
        ),
        emissions=tuple(Emission("e", "co2", process, amount) for process, amount in emissions),
        factors={"co2": 2.0} if emissions else {},
        product=0,
        stages={"one": 1, "two": 2},
        beyond={},
        foreground=(),
        suppliers={},
    )


@st.composite
def systems(draw: st.DrawFn) -> LinkedSystem:
    """Systems with loops, in which every process takes less than it gives."""
    size = draw(st.integers(3, 8))
    later = st.integers(3, size - 1) if size > 3 else st.nothing()
    pairs = st.tuples(later, st.integers(1, size - 1), st.floats(0.01, 0.9 / size))
    links = draw(st.lists(pairs, max_size=12)) if size > 3 else []
    amounts = st.tuples(st.integers(1, size - 1), st.floats(-10.0, 10.0))
    return linked(size, links[: size - 1], draw(st.lists(amounts, min_size=1, max_size=8)))


def test_the_number_of_record_is_that_of_the_textbook() -> None:
    # 0 takes 1 of each stage; stage 1 takes 0.5 of 3, which emits 4 kg at 2 kg CO2e/kg.
    scores = BrightwayEngine().score(linked(4, [(3, 1, 0.5)], [(3, 4.0), (2, 1.0)]))
    assert (scores.total, dict(scores.stages)) == (6.0, {"one": 4.0, "two": 2.0})


def test_inputs_and_emissions_of_one_cell_add_up() -> None:
    scores = BrightwayEngine().score(linked(4, [(3, 1, 0.5), (3, 1, 0.25)], [(3, 1.0), (3, 1.0)]))
    assert scores.total == 3.0


def test_a_system_without_emissions_scores_zero() -> None:
    assert BrightwayEngine().score(linked(3, [], [])).total == 0.0


@given(systems())
def test_both_engines_give_the_same(system: LinkedSystem) -> None:
    brightway, greenchain = BrightwayEngine().score(system), GreenchainEngine().solve(system)
    scale = max(abs(value) for value in greenchain.unit_scores)
    assert brightway.total == pytest.approx(greenchain.scores.total, rel=1e-9, abs=1e-12 * scale)
    for stage, score in brightway.stages.items():
        expected = greenchain.scores.stages[stage]
        assert score == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale)


@given(systems())
def test_the_reference_gives_the_same(system: LinkedSystem) -> None:
    engine = GreenchainEngine()
    solved = engine.solve(system)
    if max(abs(value) for value in solved.unit_scores) == 0.0:
        return
    if max(abs(score) for score in solved.scores.stages.values()) > 1e-9:
        assert relative_difference(engine.reference(system), solved.scores) < 1e-9


def test_a_singular_system_is_refused_by_brightway_too() -> None:
    with pytest.raises(SingularSystem, match="p3@A"):
        BrightwayEngine().score(linked(5, [(3, 1, 1.0), (3, 4, 1.0), (4, 3, 1.0)], [(3, 1.0)]))


def test_a_nearly_singular_loop_is_refused_with_its_names() -> None:
    nearly = 1.0 - 2.0**-53
    with pytest.raises(SingularSystem) as refused:
        GreenchainEngine().solve(linked(5, [(3, 1, 1.0), (3, 4, nearly), (4, 3, 1.0)], [(3, 1.0)]))
    assert refused.value.activities == ("p3@A", "p4@A")


def test_the_condition_number_sees_what_only_a_stage_beyond_the_boundary_needs() -> None:
    loop = [(4, 3, 1.0), (4, 5, 1.0 - 1e-7), (5, 4, 1.0)]
    system = linked(6, loop, [(4, 1.0)])
    assert GreenchainEngine().solve(system).condition < 10.0
    assert GreenchainEngine().solve(replace(system, beyond={"later": 3})).condition > 1e7


def test_importing_the_adapter_warns_of_nothing() -> None:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", "import footprint.adapters.brightway"],
        check=True,
        timeout=60,
    )
