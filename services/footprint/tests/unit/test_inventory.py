import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint.engine.arrays import Floats
from footprint.engine.errors import Malformed, MalformedSystemError
from footprint.engine.inventory import Assessment
from footprint.engine.system import Exchanges, System


def exchanges(*entries: tuple[int, int, float]) -> Exchanges:
    rows, columns, amounts = zip(*entries, strict=True)
    return Exchanges.fixed(np.array(rows), np.array(columns), np.array(amounts))


def electricity_and_coal() -> System:
    """Let 1 kWh take 0.1 kg coal, 1 kg coal take 0.5 kWh; CO2 and CH4, two methods."""
    return System(
        size=2,
        flows=2,
        methods=2,
        technosphere=exchanges((0, 0, 1.0), (1, 1, 1.0), (1, 0, -0.1), (0, 1, -0.5)),
        biosphere=exchanges((0, 0, 0.95), (0, 1, 1.9), (1, 1, 9.5)),
        characterization=exchanges((0, 0, 1.0), (1, 0, 30.0), (1, 1, 1.0)),
        reference=np.array([0, 1]),
    )


def test_a_demand_is_taken_apart_by_hand() -> None:
    # s = (1, 0.1)/0.95. Method 0: kWh 0.95, kg coal 1.9 + 30·9.5 = 286.9; method 1: 0 and 9.5.
    found = Assessment(electricity_and_coal()).inventory(np.array([1.0, 0.0]))
    np.testing.assert_allclose(found.supply, [1 / 0.95, 0.1 / 0.95], rtol=1e-15)
    np.testing.assert_allclose(found.flows, [1.0 + 0.2, 1.0], rtol=1e-15)
    np.testing.assert_allclose(found.by_activity, [[1.0, 0.0], [30.2, 1.0]], rtol=1e-14)
    np.testing.assert_allclose(found.by_flow, [[1.2, 0.0], [30.0, 1.0]], rtol=1e-14)
    np.testing.assert_allclose(found.scores, [31.2, 1.0], rtol=1e-14)


def test_unit_scores_are_those_of_each_product_alone() -> None:
    assessment = Assessment(electricity_and_coal())
    for product, unit in enumerate(np.eye(2)):
        expected = assessment.inventory(unit).scores
        np.testing.assert_allclose(assessment.unit_scores[product], expected, rtol=1e-14)


@st.composite
def systems(draw: st.DrawFn) -> System:
    size, flows, methods = draw(st.integers(1, 8)), draw(st.integers(1, 5)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = random.uniform(0.0, 0.9 / size, (size, size)) * (random.random((size, size)) < 0.5)
    return System(
        size=size,
        flows=flows,
        methods=methods,
        technosphere=of(np.eye(size) - inputs),
        biosphere=of(random.uniform(-1.0, 1.0, (flows, size))),
        characterization=of(random.uniform(0.0, 1.0, (flows, methods))),
        reference=np.arange(size),
    )


def of(matrix: Floats) -> Exchanges:
    rows, columns = np.nonzero(matrix)
    return Exchanges.fixed(rows, columns, matrix[rows, columns])


@given(systems(), st.integers(1, 4))
def test_all_parts_add_up_to_the_scores(system: System, groups: int) -> None:
    assessment = Assessment(system)
    demand = np.arange(1.0, system.size + 1)
    found = assessment.inventory(demand)
    group = np.arange(system.size) % groups
    parts = found.by_group(group, groups)
    assert parts.shape == (groups, system.methods)
    for total in (found.by_flow.sum(axis=0), parts.sum(axis=0), demand @ assessment.unit_scores):
        np.testing.assert_allclose(total, found.scores, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(parts[0], found.by_activity[group == 0].sum(axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("group", "cause", "indices"),
    [
        ([0, 2], Malformed.OUT_OF_RANGE, (1,)),
        ([-1, 0], Malformed.OUT_OF_RANGE, (0,)),
        ([0], Malformed.INCONSISTENT, ()),
    ],
)
def test_a_group_out_of_range_is_refused(
    group: list[int], cause: Malformed, indices: tuple[int, ...]
) -> None:
    found = Assessment(electricity_and_coal()).inventory(np.array([1.0, 0.0]))
    with pytest.raises(MalformedSystemError) as refused:
        found.by_group(np.array(group), 2)
    assert (refused.value.cause, refused.value.indices) == (cause, indices)
