"""Records that come twice, late, or can never be handled, among good ones."""

from dataclasses import replace
from pathlib import Path

from tests.delivery import ledger
from tests.delivery.redelivery import SendsTwice, records_of
from tests.delivery.roles import STEADY, Code
from tests.delivery.trial import Trial
from tests.delivery.world import Shape

from chassis.cloudevent import to_json


def test_every_record_comes_twice(shape: Shape, tmp_path: Path) -> None:
    code = Code(relay=SendsTwice)
    with (
        shape.world(tmp_path) as world,
        world.open_log() as log,
        Trial(world, code=code) as trial,
    ):
        assert trial.settle() == {}
        assert len(records_of(log, world.topic)) == 2 * trial.effects()


def test_old_records_come_again_among_newer_ones(shape: Shape, tmp_path: Path) -> None:
    with (
        shape.world(tmp_path) as world,
        world.open_log() as log,
        Trial(world, load=STEADY) as trial,
    ):
        trial.wait_for_effects(30)
        for record in reversed(records_of(log, world.topic)):
            log.append(record.topic, record.key, record.value)
        trial.wait_for_effects(30)
        trial.actors["service"].end()
        assert trial.settle() == {}


def test_poison_is_put_aside_and_holds_nothing_up(shape: Shape, tmp_path: Path) -> None:
    (key, tenant), *_ = STEADY.tenants().items()
    with (
        shape.world(tmp_path) as world,
        world.open_log() as log,
        Trial(world, load=STEADY) as trial,
    ):
        good = ledger.make_event(world.topic, key, 1, tenant)
        poison = [
            b"\x00 not an event",
            to_json(replace(good, type="greenchain.aggregate.changed.v99")),
            to_json(ledger.make_event(world.topic, key, 1, tenant, refuse=True)),
        ]
        for value in poison:
            trial.wait_for_effects(10)
            log.append(world.topic, key, value)
        trial.wait_for_effects(30)
        trial.actors["service"].end()
        assert trial.settle() == {}
        dead = records_of(log, world.dead_letter_topic)
    assert [letter.value for letter in dead] == poison


def test_a_record_as_large_as_the_broker_takes_is_put_aside(
    production: Shape, tmp_path: Path
) -> None:
    # With its headers it is larger than that.
    limit = 1024 * 1024
    key = next(iter(STEADY.tenants()))
    with (
        production.world(tmp_path) as world,
        world.open_log() as log,
        Trial(world, load=STEADY) as trial,
    ):
        log.append(world.topic, key, bytes(limit - 200))
        trial.wait_for_effects(30)
        trial.actors["service"].end()
        assert trial.settle() == {}
        (dead,) = records_of(log, world.dead_letter_topic)
    assert (dead.value, dead.headers["dead-letter-value"]) == (b"", b"left out")
