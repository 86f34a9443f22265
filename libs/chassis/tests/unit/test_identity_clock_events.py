from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chassis.clock import FixedClock, SystemClock, new_id
from chassis.errors import Forbidden
from chassis.events import Event
from chassis.identity import Principal, Role

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT = Event(
    id="e-1",
    type="greenchain.grant.given.v1",
    topic="supplier.grant",
    source="/services/supplier",
    aggregate_id="g-1",
    aggregate_version=1,
    tenant_id="cathode-maker",
    time=NOON,
    data={},
)


def test_one_of_the_named_roles_is_enough() -> None:
    Principal("a", "t", frozenset({Role.EXPORTER})).require(Role.EXPORTER, Role.LEAD_FIRM)


def test_a_missing_role_is_forbidden_and_named() -> None:
    with pytest.raises(Forbidden, match="verifier"):
        Principal("a", "t", frozenset({Role.EXPORTER})).require(Role.VERIFIER)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(seconds=5))
    assert clock.now() == NOON + timedelta(seconds=5)


def test_clocks_speak_utc_and_ids_differ() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert new_id() != new_id()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"time": datetime(2026, 3, 1)}, "time zone"),
        ({"aggregate_version": 0}, "counts from 1"),
        ({"aggregate_version": 2**31}, "counts from 1"),
        ({"aggregate_id": ""}, "aggregate_id"),
        ({"tenant_id": ""}, "tenant_id"),
    ],
)
def test_an_impossible_event_cannot_be_made(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(EVENT, **wrong)


def test_the_key_and_subject_of_an_event_are_its_aggregate() -> None:
    assert EVENT.key == EVENT.subject == "g-1"
