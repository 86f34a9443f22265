import threading
import time

import pytest
from logged import events

from chassis.errors import Unauthenticated, Unavailable
from chassis.workers import LoopWorker, WorkerGroup


class Counter(LoopWorker):
    PAUSE_AFTER_ERROR_S = 0.01

    def __init__(self, *, fail_first: bool = False) -> None:
        super().__init__("counter")
        self.steps = 0
        self.finished = 0
        self.fail_first = fail_first
        self.ran_twice = threading.Event()

    def step(self) -> None:
        self.steps += 1
        if self.steps == 2:
            self.ran_twice.set()
        if self.fail_first and self.steps == 1:
            raise RuntimeError("first step fails")
        self.pause(0.01)

    def finish(self) -> None:
        self.finished += 1


def test_a_worker_repeats_its_step_until_it_is_stopped() -> None:
    worker = Counter()
    worker.start()
    assert worker.ran_twice.wait(10)
    worker.stop()
    steps = worker.steps
    time.sleep(0.05)
    assert (worker.steps, worker.finished) == (steps, 1)


def test_a_worker_survives_a_step_that_fails() -> None:
    worker = Counter(fail_first=True)
    worker.start()
    assert worker.ran_twice.wait(10)
    worker.stop()


def test_an_outage_is_told_of_when_it_begins_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Waiting(Counter):
        def step(self) -> None:
            super().step()
            if self.steps <= 3:
                raise Unavailable(service="database")

    caplog.set_level("INFO")
    worker = Waiting()
    worker.start()
    while worker.steps < 6:
        time.sleep(0.01)
    worker.stop()
    assert events(caplog) == ["worker waits", "worker goes on"]
    assert all(record.exc_info is None for record in caplog.records)


def test_a_refusal_is_told_of_once_and_waited_for_longer_and_longer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Refused(Counter):
        LONGEST_PAUSE_S = 0.03

        def __init__(self) -> None:
            super().__init__()
            self.pauses: list[float] = []

        def step(self) -> None:
            super().step()
            if self.steps <= 4:
                raise Unauthenticated(reason="wrong password")

        def pause(self, seconds: float) -> None:
            self.pauses.append(seconds)
            super().pause(seconds)

    caplog.set_level("INFO")
    worker = Refused()
    worker.start()
    while worker.steps < 6:
        time.sleep(0.01)
    worker.stop()
    assert events(caplog) == ["worker waits", "worker goes on"]
    assert all(record.exc_info is None for record in caplog.records)
    # A step pauses itself for 0.01 s each time.
    assert worker.pauses[1:8:2] == [0.01, 0.02, 0.03, 0.03]


def test_another_refusal_is_told_of_too(caplog: pytest.LogCaptureFixture) -> None:
    class Refused(Counter):
        def step(self) -> None:
            super().step()
            if self.steps <= 4:
                raise Unauthenticated(reason=f"reason {self.steps // 3}")

    caplog.set_level("INFO")
    worker = Refused()
    worker.start()
    while worker.steps < 6:
        time.sleep(0.01)
    worker.stop()
    assert events(caplog) == ["worker waits", "worker waits", "worker goes on"]


def test_a_worker_that_cannot_let_go_in_an_outage_ends_all_the_same() -> None:
    class Holding(Counter):
        def finish(self) -> None:
            super().finish()
            raise Unavailable(service="database")

    worker = Holding()
    worker.start()
    worker.stop()
    assert worker.finished == 1


def test_stopping_cuts_a_pause_short() -> None:
    class Sleeper(LoopWorker):
        def step(self) -> None:
            self.pause(60)

    worker = Sleeper("sleeper")
    worker.start()
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 5


def test_a_worker_starts_again_after_it_was_stopped_but_not_twice() -> None:
    worker = Counter()
    worker.start()
    with pytest.raises(RuntimeError):
        worker.start()
    worker.stop()
    worker.stop()
    worker.start()
    worker.stop()
    assert worker.finished == 2


class Noted:
    def __init__(self, name: str, notes: list[str], *, broken: bool = False) -> None:
        self.name, self.notes, self.broken = name, notes, broken

    def start(self) -> None:
        if self.broken:
            raise OSError("port in use")
        self.notes.append(f"start {self.name}")

    def stop(self) -> None:
        self.notes.append(f"stop {self.name}")


def test_a_group_stops_in_the_opposite_order() -> None:
    notes: list[str] = []
    group = WorkerGroup([Noted("a", notes), Noted("b", notes)])
    group.start()
    group.stop()
    assert notes == ["start a", "start b", "stop b", "stop a"]


def test_a_group_that_cannot_start_leaves_nothing_running() -> None:
    notes: list[str] = []
    group = WorkerGroup([Noted("a", notes), Noted("b", notes, broken=True), Noted("c", notes)])
    with pytest.raises(OSError, match="port in use"):
        group.start()
    assert notes == ["start a", "stop a"]
