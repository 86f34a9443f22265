import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.footprint.tests.kernels import twins

from footprint.kernels.contribution import contribution

processes = st.lists(
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 3)), max_size=30
)


def test_contributions_add_up_by_group() -> None:
    # 2·3 = 6 and 4·0.5 = 2 in group 1; 1·5 = 5 in group 0
    direct, grouped = contribution(
        np.array([2.0, 1.0, 4.0]), np.array([3.0, 5.0, 0.5]), np.array([1, 0, 1]), 2
    )
    assert (direct.tolist(), grouped.tolist()) == ([6.0, 5.0, 2.0], [5.0, 8.0])


@given(processes)
def test_the_kernel_gives_what_its_numpy_twin_gives(
    rows: list[tuple[float, float, int]],
) -> None:
    intensity = np.array([row[0] for row in rows], dtype=np.float64)
    supply = np.array([row[1] for row in rows], dtype=np.float64)
    group = np.array([row[2] for row in rows], dtype=np.int64)
    direct, grouped = contribution(intensity, supply, group, 4)
    expected_direct, expected_grouped = twins.contribution(intensity, supply, group, 4)
    np.testing.assert_array_equal(direct, expected_direct)
    np.testing.assert_allclose(grouped, expected_grouped, rtol=1e-12)


@pytest.mark.parametrize("group", [[0, 2], [-1, 0], [0]])
def test_a_group_out_of_range_is_refused(group: list[int]) -> None:
    with pytest.raises(ValueError, match="group"):
        contribution(np.ones(2), np.ones(2), np.array(group, dtype=np.int64), 2)
