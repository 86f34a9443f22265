"""The checker is proved on bugs that are planted: each shows at the kill that it does not survive.

The same kill does no harm to the real code: `test_kill_points` kills at every point.
"""

from pathlib import Path

import pytest
from tests.delivery import planted
from tests.delivery.checker import Fault
from tests.delivery.points import Kill, Point
from tests.delivery.roles import Code, Load
from tests.delivery.trial import Trial
from tests.delivery.world import Shape

BUGS = [
    (Code(change=planted.change_then_send), Point.SERVICE_AFTER_COMMIT, Fault.LOST),
    (Code(relay=planted.MarksFirst), Point.RELAY_BEFORE_SEND, Fault.LOST),
    (Code(consumer=planted.CommitsFirst), Point.CONSUMER_BEFORE_COMMIT, Fault.LOST),
    (
        Code(consumer=planted.ForgetsWhatItHandled),
        Point.CONSUMER_BEFORE_OFFSET_COMMIT,
        Fault.TWICE,
    ),
]


@pytest.mark.parametrize(("code", "point", "fault"), BUGS)
def test_a_planted_bug_is_found(
    shape: Shape, code: Code, point: Point, fault: Fault, tmp_path: Path
) -> None:
    with (
        shape.world(tmp_path) as world,
        Trial(world, [Kill(point, nth=1)], code=code) as trial,
    ):
        # A bug may do more harm: without an outbox, two writers also overtake each other.
        assert fault in trial.settle()
        assert trial.died_at == [point]


def test_events_of_a_key_that_are_handled_in_any_order_are_found(
    shape: Shape, tmp_path: Path
) -> None:
    # As fast as it can, so that events of one key come in together.
    load, code = Load(versions=20, pause_s=0.0), Code(consumer=planted.HandlesInAnyOrder)
    with shape.world(tmp_path) as world, Trial(world, load=load, code=code) as trial:
        assert set(trial.settle()) == {Fault.DISORDERED}
