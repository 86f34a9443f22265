import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from services.supplier.tests.fakes import SUPPLIER, Memory
from services.supplier.tests.scenario import Scenario

from chassis.clock import FixedClock
from chassis.errors import GreenchainError, Kind
from greenchain.supplier.v1 import supplier_pb2
from supplier.application.ports import Context
from supplier.entrypoints.record_stream import serve_record_stream

Requests = AsyncIterator[supplier_pb2.StreamActivityRecordsRequest]


@pytest.fixture
def scenario() -> Scenario:
    counter = iter(range(100))
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
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


def opening(scenario: Scenario) -> supplier_pb2.StreamActivityRecordsRequest:
    return supplier_pb2.StreamActivityRecordsRequest(
        opening=supplier_pb2.StreamOpening(declaration_id=scenario.declaration_id, version=1)
    )


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
