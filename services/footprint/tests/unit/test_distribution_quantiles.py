import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from footprint.engine.distributions import Distributions, Kind

PROBABILITIES = (0.001, 0.05, 0.3, 0.5, 0.9, 0.999)


def of(kind: Kind, first: float, second: float = 0.0, third: float = 0.0) -> Distributions:
    none = np.array([-1])
    parameters = [np.array([value]) for value in (first, second, third)]
    return Distributions(np.array([kind]), parameters[0], parameters[1], parameters[2], none)


@pytest.mark.parametrize("probability", PROBABILITIES)
@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (of(Kind.FIXED, -3.0), lambda p: -3.0),
        (of(Kind.LOGNORMAL, 2.0, 0.3), stats.lognorm(0.3, scale=2.0).ppf),
        (of(Kind.LOGNORMAL, -2.0, 0.3), lambda p: -stats.lognorm(0.3, scale=2.0).ppf(1.0 - p)),
        (of(Kind.NORMAL, -1.0, 0.5), stats.norm(-1.0, 0.5).ppf),
        (of(Kind.UNIFORM, -1.0, 3.0), stats.uniform(-1.0, 4.0).ppf),
        (of(Kind.TRIANGULAR, -1.0, 0.0, 3.0), stats.triang(0.25, -1.0, 4.0).ppf),
        (of(Kind.TRIANGULAR, 1.0, 1.0, 3.0), stats.triang(0.0, 1.0, 2.0).ppf),
        (of(Kind.TRIANGULAR, 1.0, 3.0, 3.0), stats.triang(1.0, 1.0, 2.0).ppf),
        (of(Kind.TRIANGULAR, 2.0, 2.0, 2.0), lambda p: 2.0),
        (of(Kind.UNIFORM, 2.0, 2.0), lambda p: 2.0),
    ],
)
def test_quantiles_are_those_of_scipy(
    distribution: Distributions, expected: object, probability: float
) -> None:
    assert callable(expected)
    found = distribution.quantile(probability)
    np.testing.assert_allclose(found, [expected(probability)], rtol=1e-12)


@given(st.floats(-5.0, 5.0), st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.sampled_from(Kind))
def test_quantiles_rise_with_their_probability(
    first: float, step: float, further: float, kind: Kind
) -> None:
    ranged = kind in (Kind.UNIFORM, Kind.TRIANGULAR)
    second = first + step if ranged else step
    distribution = of(kind, first, second, second + further if ranged else 0.0)
    quantiles = [float(distribution.quantile(place)[0]) for place in PROBABILITIES]
    assert (np.diff(quantiles) >= 0.0).all()


def test_quantiles_do_not_fall_at_the_mode() -> None:
    # Half of the area lies on either side; the two formulas differ there by their rounding.
    distribution = of(Kind.TRIANGULAR, -0.6, 0.5000000000000001, 1.6)
    below, above = (distribution.quantile(place)[0] for place in (0.5, np.nextafter(0.5, 1.0)))
    assert below <= above
