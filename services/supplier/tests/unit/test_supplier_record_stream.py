import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from services.supplier.tests.fakes import SUPPLIER, Memory
from services.supplier.tests.scenario import Scenario

from chassis.clock import FixedClock
from chassis.errors import GreenchainError, Kind, NotFound
from greenchain.supplier.v1 import supplier_pb2
from supplier.application.discard_draft import discard_draft
from supplier.application.ports import Context
from supplier.entrypoints.record_stream import serve_record_stream

Requests = AsyncIterator[supplier_pb2.StreamActivityRecordsRequest]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture
def scenario(clock: FixedClock) -> Scenario:
    counter = iter(range(100))
    drafted = Scenario(Context(Memory().open, clock, lambda: f"id-{next(counter)}"))
    drafted.request()
    drafted.draft(())
    return drafted


def served(scenario: Scenario, requests: Requests) -> list[str]:
    """Return what a stream of these requests is answered with."""

    async def collect() -> list[str]:
        stream = serve_record_stream(scenario.context, SUPPLIER, requests, idle_s=0.05)
        return [str(answer.WhichOneof("content")) async for answer in stream]

    return asyncio.run(collect())


def opening(scenario: Scenario, version: int = 1) -> supplier_pb2.StreamActivityRecordsRequest:
    named = supplier_pb2.StreamOpening(declaration_id=scenario.declaration_id, version=version)
    return supplier_pb2.StreamActivityRecordsRequest(opening=named)


def test_a_stream_that_ends_at_once_is_answered_with_nothing(scenario: Scenario) -> None:
    async def nothing() -> Requests:
        return
        yield

    assert served(scenario, nothing()) == []


def test_a_stream_on_which_nothing_comes_is_closed(scenario: Scenario) -> None:
    async def falls_asleep() -> Requests:
        yield opening(scenario)
        await asyncio.sleep(60)

    with pytest.raises(GreenchainError, match="Nothing came") as caught:
        served(scenario, falls_asleep())
    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_second_opening_is_refused(scenario: Scenario) -> None:
    async def opens_twice() -> Requests:
        yield opening(scenario)
        yield opening(scenario)

    with pytest.raises(GreenchainError, match="this one was opening"):
        served(scenario, opens_twice())


def test_a_stream_on_a_draft_that_was_discarded_does_not_fill_the_next_one(
    scenario: Scenario, clock: FixedClock
) -> None:
    scenario.draft()
    scenario.submit()
    scenario.draft(())

    async def discarded_meanwhile() -> Requests:
        yield opening(scenario, version=2)
        clock.advance(timedelta(seconds=1))
        discard_draft(scenario.context, SUPPLIER, scenario.declaration_id, 2)
        assert scenario.draft(()).version == 2
        yield supplier_pb2.StreamActivityRecordsRequest(batch=supplier_pb2.RecordBatch(sequence=1))

    with pytest.raises(NotFound):
        served(scenario, discarded_meanwhile())
