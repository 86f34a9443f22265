"""Whatever is killed at whatever point: nothing committed is lost, done twice or out of order."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event
from tests.delivery.plans import TRIAL_S, TRIALS, trials
from tests.delivery.points import Kill, Point
from tests.delivery.trial import Trial
from tests.delivery.world import Shape

#: One trial in five: the embedded shape has less that can go wrong.
EMBEDDED = max(1, TRIALS // 5)
PRODUCTION = max(1, TRIALS - EMBEDDED)


@pytest.mark.parametrize("point", Point)
def test_a_kill_at_each_point_is_survived(shape: Shape, point: Point, tmp_path: Path) -> None:
    with shape.world(tmp_path) as world, Trial(world, [Kill(point, nth=1)]) as trial:
        assert trial.settle() == {}, trial.logs()
        assert trial.died_at == [point]


@pytest.mark.timeout(EMBEDDED * TRIAL_S)
@trials(EMBEDDED)
def test_kills_at_random_points_are_survived_embedded(embedded: Shape, plan: list[Kill]) -> None:
    _survives(embedded, plan)


@pytest.mark.timeout(PRODUCTION * TRIAL_S)
@trials(PRODUCTION)
def test_kills_at_random_points_are_survived_in_production(
    production: Shape, plan: list[Kill]
) -> None:
    _survives(production, plan)


def _survives(shape: Shape, plan: list[Kill]) -> None:
    with (
        TemporaryDirectory() as directory,
        shape.world(Path(directory)) as world,
        Trial(world, plan) as trial,
    ):
        assert trial.settle() == {}, trial.logs()
        assert trial.died_at
        # Counted by `--hypothesis-show-statistics`.
        for point in trial.died_at:
            event(point)
