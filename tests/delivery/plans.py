"""Plans of kills, drawn by chance; DELIVERY_TRIALS=1000 draws more of them."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.delivery.points import Kill, Point

#: Trials of one run, in both shapes together [1].
TRIALS = int(os.environ.get("DELIVERY_TRIALS", "50"))
#: What a trial may take on average [s].
TRIAL_S = 12.0

kills = st.builds(
    Kill,
    point=st.sampled_from(Point),
    nth=st.integers(1, 8),
    after_ms=st.just(0) | st.integers(1, 30),
)
#: Reached by every trial, whatever the others do.
certain = st.builds(Kill, point=st.sampled_from(Point), nth=st.just(1))
plans = st.builds(lambda first, others: [first, *others], certain, st.lists(kills, max_size=4))


def trials(count: int) -> Callable[[Callable[..., None]], Any]:
    """Repeat a test of `plan`; a plan that fails is printed, to be run again by ``@example``."""

    def decorate(test: Callable[..., None]) -> Any:
        # A trial takes seconds and never runs twice alike, so that nothing is made smaller.
        repeated = settings(
            max_examples=count,
            phases=[Phase.explicit, Phase.generate],
            database=None,
            # Where the variable CI is set, hypothesis would draw the same plans each time.
            derandomize=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        return repeated(given(plan=plans)(test))

    return decorate
