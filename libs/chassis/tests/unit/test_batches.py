"""What a poll brought: keys keep their order, and nothing is committed that is not done."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chassis.batches import Batch, Task, divided
from chassis.eventlog import LogRecord
from chassis.events import Event

MakeEvent = Callable[..., Event]


def record(partition: int, offset: int) -> LogRecord:
    return LogRecord("topic", partition, offset, "k", b"", datetime(2026, 3, 1, tzinfo=UTC))


def divide(make_event: MakeEvent, *tasks: tuple[str, bool]) -> list[list[int]]:
    """Return the places of the tasks, given as their tenants and whether they go alone."""
    made = [
        Task(record(0, place), make_event(tenant_id=tenant), alone)
        for place, (tenant, alone) in enumerate(tasks)
    ]
    return [[task.record.offset for task in group] for group in divided(made)]


def test_events_of_a_tenant_go_together_in_their_order(make_event: MakeEvent) -> None:
    tasks = [("a", False), ("b", False), ("a", False), ("b", False)]
    assert divide(make_event, *tasks) == [[0, 2], [1, 3]]


def test_what_goes_alone_keeps_its_place_among_those_of_its_tenant(make_event: MakeEvent) -> None:
    tasks = [("a", False), ("a", False), ("a", True), ("a", True), ("a", False), ("b", True)]
    assert divide(make_event, *tasks) == [[0, 1], [2], [3], [4], [5]]


@pytest.mark.parametrize(
    ("done", "reached"),
    [
        ([], []),
        ([(0, 0), (0, 1), (1, 0)], [(0, 0), (0, 1), (1, 0)]),
        ([(0, 1), (1, 0)], [(1, 0)]),
        ([(0, 0), (1, 0)], [(0, 0), (1, 0)]),
    ],
)
def test_a_partition_is_reached_up_to_the_first_record_that_is_not_done(
    done: list[tuple[int, int]], reached: list[tuple[int, int]]
) -> None:
    batch = Batch([record(0, 0), record(1, 0), record(0, 1)])
    for partition, offset in done:
        batch.finish(record(partition, offset))
    assert sorted((each.partition, each.offset) for each in batch.reached()) == reached


def test_nothing_is_reached_in_a_partition_that_was_lost() -> None:
    batch = Batch([record(0, 0), record(1, 0)])
    for each in batch.records:
        batch.finish(each)
    batch.lose("topic", 0)
    assert batch.reached() == [record(1, 0)]
