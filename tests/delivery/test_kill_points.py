"""Whatever is killed at whatever point: nothing committed is lost, done twice or out of order."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.delivery.plans import TRIALS, trials
from tests.delivery.points import Kill, Point
from tests.delivery.trial import Trial
from tests.delivery.world import Shape


@pytest.mark.parametrize("point", Point)
def test_a_kill_at_each_point_is_survived(shape: Shape, point: Point, tmp_path: Path) -> None:
    with shape.world(tmp_path) as world, Trial(world, [Kill(point, nth=2)]) as trial:
        assert trial.settle() == {}
        assert trial.died_at == [point]


@trials(TRIALS)
def test_kills_at_random_points_are_survived(embedded: Shape, plan: list[Kill]) -> None:
    with (
        TemporaryDirectory() as directory,
        embedded.world(Path(directory)) as world,
        Trial(world, plan) as trial,
    ):
        assert trial.settle() == {}
