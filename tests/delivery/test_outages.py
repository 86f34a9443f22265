"""Broker and database die, freeze and come back under steady load: it is late, but all right."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.delivery.roles import STEADY
from tests.delivery.trial import Trial
from tests.delivery.world import Shape

from greenchain_kafka.broker import Broker
from greenchain_postgres.server import PostgresServer

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def trial(production: Shape, tmp_path: Path) -> Iterator[Trial]:
    """Give roles that have been busy for a while."""
    with production.world(tmp_path) as world, Trial(world, load=STEADY) as busy:
        busy.wait_for_effects(40)
        yield busy


def test_a_broker_that_is_killed_and_restarted(trial: Trial, kafka: Broker) -> None:
    kafka.kill()
    try:
        time.sleep(1.0)
    finally:
        kafka.start()
    _goes_on(trial)


def test_a_broker_that_freezes_for_a_while(trial: Trial, kafka: Broker) -> None:
    kafka.freeze()
    try:
        time.sleep(4.0)
    finally:
        kafka.thaw()
    _goes_on(trial)


def test_a_database_that_is_killed_and_restarted(trial: Trial, postgres: PostgresServer) -> None:
    postgres.kill()
    try:
        time.sleep(1.0)
    finally:
        postgres.start()
    _goes_on(trial)


def _goes_on(trial: Trial) -> None:
    trial.wait_for_effects(40)
    trial.actors["service"].end()
    assert trial.settle() == {}
