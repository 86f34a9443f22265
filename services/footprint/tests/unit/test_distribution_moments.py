import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from footprint.engine.distributions import Distributions, Kind

# Of each kind with its parameters: wide, far from zero, and without any spread.
CASES = [
    (Kind.FIXED, (-3.0, 0.0, 0.0)),
    (Kind.LOGNORMAL, (2.0, 0.3, 0.0)),
    (Kind.LOGNORMAL, (-2.0, 1.5, 0.0)),
    (Kind.LOGNORMAL, (1e-9, 0.1, 0.0)),
    (Kind.LOGNORMAL, (2.0, 0.0, 0.0)),
    (Kind.NORMAL, (-1.0, 0.5, 0.0)),
    (Kind.NORMAL, (7.0, 0.0, 0.0)),
    (Kind.UNIFORM, (-1.0, 3.0, 0.0)),
    (Kind.UNIFORM, (2.0, 2.0, 0.0)),
    (Kind.TRIANGULAR, (-1.0, 0.0, 3.0)),
    (Kind.TRIANGULAR, (1.0, 1.0, 3.0)),
    (Kind.TRIANGULAR, (1.0, 3.0, 3.0)),
    (Kind.TRIANGULAR, (2.0, 2.0, 2.0)),
]


def of(kind: Kind, *parameters: float) -> Distributions:
    first, second, third = (np.array([value]) for value in parameters)
    return Distributions(np.array([kind]), first, second, third, np.array([-1]))


def moments(kind: Kind, first: float, second: float, third: float) -> tuple[float, float]:
    """Give mean and variance by SciPy, which refuses distributions without spread."""
    width = third - first
    if kind is Kind.LOGNORMAL and second > 0.0:
        mean, variance = stats.lognorm.stats(second, scale=abs(first))
        return float(np.sign(first) * mean), float(variance)
    if kind is Kind.NORMAL and second > 0.0:
        mean, variance = stats.norm.stats(first, second)
        return float(mean), float(variance)
    if kind is Kind.UNIFORM and second > first:
        mean, variance = stats.uniform.stats(first, second - first)
        return float(mean), float(variance)
    if kind is Kind.TRIANGULAR and width > 0.0:
        mean, variance = stats.triang.stats((second - first) / width, first, width)
        return float(mean), float(variance)
    return first, 0.0


@pytest.mark.parametrize(("kind", "parameters"), CASES)
def test_means_and_variances_are_those_of_scipy(
    kind: Kind, parameters: tuple[float, float, float]
) -> None:
    mean, variance = moments(kind, *parameters)
    np.testing.assert_allclose(of(kind, *parameters).mean(), [mean], rtol=1e-13)
    np.testing.assert_allclose(of(kind, *parameters).variance(), [variance], rtol=1e-12)


def test_each_of_many_has_the_moments_of_its_own_kind() -> None:
    kinds = np.array([kind for kind, _ in CASES])
    first, second, third = np.array([parameters for _, parameters in CASES]).T
    together = Distributions(kinds, first, second, third, np.full(len(CASES), -1))
    alone = [of(kind, *parameters) for kind, parameters in CASES]
    assert together.mean().tolist() == [float(each.mean()[0]) for each in alone]
    assert together.variance().tolist() == [float(each.variance()[0]) for each in alone]


@pytest.mark.parametrize("amount", [0.7, -1e6, 1e-30])
@pytest.mark.parametrize("kind", list(Kind))
def test_what_does_not_spread_has_no_variance_at_all(kind: Kind, amount: float) -> None:
    ranged = kind in (Kind.UNIFORM, Kind.TRIANGULAR)
    third = amount if kind is Kind.TRIANGULAR else 0.0
    assert of(kind, amount, amount if ranged else 0.0, third).variance().tolist() == [0.0]


def test_a_narrow_triangle_far_from_zero_keeps_its_variance() -> None:
    # (1² + 1·3 + 3²) / 18 in units of 2⁻¹⁰, which 10⁶ is added to exactly
    unit = 2.0**-10
    found = of(Kind.TRIANGULAR, 1e6, 1e6 + unit, 1e6 + 4.0 * unit).variance()
    np.testing.assert_allclose(found, [13.0 / 18.0 * unit**2], rtol=1e-15)


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e3), st.floats(0.0, 1e3))
def test_the_variance_of_a_triangle_depends_on_its_widths_alone(
    first: float, left: float, right: float
) -> None:
    second = first + left
    third = second + right
    found = float(of(Kind.TRIANGULAR, first, second, third).variance()[0])
    width = third - first
    # At most that of a right triangle, at least that of one with equal sides.
    assert width**2 / 24.0 * (1.0 - 1e-9) <= found <= width**2 / 18.0 * (1.0 + 1e-9)
