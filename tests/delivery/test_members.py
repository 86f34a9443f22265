"""Several processes of one role: some die, some sleep for too long and go on where they were."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.delivery.roles import LEASE_S, STEADY
from tests.delivery.trial import Trial
from tests.delivery.world import SESSION_S, Shape

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def trial(production: Shape, tmp_path: Path) -> Iterator[Trial]:
    """Give roles that have been busy for a while, two members of each kind."""
    names = ("service", "relay-1", "relay-2", "consumer-1", "consumer-2")
    with production.world(tmp_path) as world, Trial(world, load=STEADY, names=names) as busy:
        busy.wait_for_effects(40)
        yield busy


def test_members_of_a_group_that_are_killed(trial: Trial) -> None:
    for name in ("consumer-1", "consumer-2", "consumer-1"):
        trial.actors[name].kill()
        trial.wait_for_effects(20)
    trial.actors["service"].end()
    assert trial.settle() == {}


def test_members_of_a_group_that_sleep_longer_than_their_session(trial: Trial) -> None:
    for name in ("consumer-1", "consumer-2"):
        trial.actors[name].sleep(3 * SESSION_S)
        trial.wait_for_effects(20)
    trial.actors["service"].end()
    assert trial.settle() == {}


def test_relays_that_sleep_longer_than_their_lease(trial: Trial) -> None:
    for name in ("relay-1", "relay-2"):
        trial.actors[name].sleep(2 * LEASE_S)
        trial.wait_for_effects(20)
    trial.actors["service"].end()
    assert trial.settle() == {}
