import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eventlog_contract import NARROW, SPECS, WIDE, EventLogContract, read, values

from chassis.eventlog import EventLog, FencedConsumer
from chassis.eventlog.local import LocalEventLog

SPAWN = multiprocessing.get_context("spawn")


def append_all(path: str, topic: str, records: list[tuple[str, bytes]]) -> None:
    log = LocalEventLog(path)
    for key, value in records:
        log.append(topic, key, value)
    log.close()


def take_and_hang(path: str, taken: "multiprocessing.synchronize.Event") -> None:
    log = LocalEventLog(path, session_s=1.0)
    read(log.consumer("g", [NARROW]), 2, commit=False)
    taken.set()
    time.sleep(60)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def open_log(path: Path) -> Iterator[Callable[[], EventLog]]:
    opened: list[LocalEventLog] = []

    def open_again() -> EventLog:
        opened.append(LocalEventLog(path, session_s=1.0))
        return opened[-1]

    yield open_again
    for log in opened:
        log.close()


@pytest.fixture
def append_elsewhere(path: Path) -> Callable[[str, list[tuple[str, bytes]]], None]:
    def append(topic: str, records: list[tuple[str, bytes]]) -> None:
        process = SPAWN.Process(target=append_all, args=(str(path), topic, records))
        process.start()
        process.join(60)
        assert process.exitcode == 0

    return append


class TestLocalEventLog(EventLogContract):
    def test_a_killed_members_partitions_go_to_the_others(self, log: EventLog, path: Path) -> None:
        for n in range(2):
            log.append(NARROW, "k", str(n).encode())
        taken = SPAWN.Event()
        process = SPAWN.Process(target=take_and_hang, args=(str(path), taken))
        process.start()
        assert taken.wait(30)
        consumer = log.consumer("g", [NARROW])
        assert consumer.poll(0.2, 2) == []
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert values(read(consumer, 2)) == [b"0", b"1"]

    def test_a_slow_member_keeps_its_partitions(self, log: EventLog) -> None:
        log.append(NARROW, "k", b"slow")
        one = log.consumer("g", [NARROW])
        records = read(one, 1, commit=False)
        two = log.consumer("g", [NARROW])
        # Longer than a session: the heartbeat goes on beside the handler.
        assert two.poll(1.5, 1) == []
        one.commit(records)

    def test_a_member_taken_for_dead_is_fenced_and_comes_back(
        self, log: EventLog, path: Path
    ) -> None:
        log.append(NARROW, "k", b"0")
        one = log.consumer("g", [NARROW])
        records = read(one, 1, commit=False)
        with sqlite3.connect(path) as connection:
            # As if this process had been asleep for long.
            connection.execute("UPDATE member SET expires_us = 0")
        connection.close()
        two = log.consumer("g", [NARROW])
        assert values(read(two, 1)) == [b"0"]
        with pytest.raises(FencedConsumer):
            one.commit(records)
        two.close()
        log.append(NARROW, "k", b"1")
        assert values(read(one, 1)) == [b"1"]

    def test_a_member_that_comes_back_starts_at_the_last_commit(
        self, log: EventLog, path: Path
    ) -> None:
        for n in range(3):
            log.append(NARROW, "k", str(n).encode())
        consumer = log.consumer("g", [NARROW])
        consumer.commit(read(consumer, 3, commit=False)[:1])
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE member SET expires_us = 0")
        connection.close()
        assert values(read(consumer, 2)) == [b"1", b"2"]

    def test_a_clock_set_back_does_not_keep_a_dead_member_alive(
        self, log: EventLog, path: Path
    ) -> None:
        log.append(NARROW, "k", b"0")
        with sqlite3.connect(path) as connection:
            tomorrow_us = int((time.time() + 86_400) * 1_000_000)
            # As a member that died before the clock was set back has left it, sorted first.
            connection.execute("INSERT INTO member VALUES ('g', '', ?)", (tomorrow_us,))
            connection.execute("INSERT INTO subscription VALUES ('g', '', ?)", (NARROW,))
        connection.close()
        assert values(read(log.consumer("g", [NARROW]), 1)) == [b"0"]

    def test_a_commit_of_earlier_records_takes_nothing_back(self, log: EventLog) -> None:
        for n in range(3):
            log.append(NARROW, "k", str(n).encode())
        one = log.consumer("g", [NARROW])
        records = read(one, 3, commit=False)
        one.commit(records)
        one.commit(records[:1])
        one.close()
        assert log.lag("g") == 0

    def test_a_commit_that_fails_does_not_block_the_next_one(
        self, log: LocalEventLog, path: Path
    ) -> None:
        def fail_at_commit() -> None:
            with log._store.transaction() as connection:
                connection.execute("PRAGMA defer_foreign_keys = ON")
                connection.execute("INSERT INTO partition (topic, number) VALUES ('nowhere', 0)")

        with pytest.raises(sqlite3.IntegrityError):
            fail_at_commit()
        assert log.append(NARROW, "k", b"").offset == 0

    def test_its_files_are_its_owners_alone(self, log: EventLog, path: Path) -> None:
        log.append(NARROW, "k", b"confidential")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("events.db*")}
        assert set(modes.values()) == {0o600}

    def test_a_busy_partition_starves_no_other(self, log: EventLog) -> None:
        busy = log.append(WIDE, "busy", b"").partition
        other = next(
            f"k{n}" for n in range(100) if log.append(WIDE, f"k{n}", b"").partition != busy
        )
        consumer = log.consumer("g", [WIDE])
        consumer.poll(0.2, 1000)
        for _ in range(50):
            log.append(WIDE, "busy", b"busy")
        log.append(WIDE, other, b"other")
        seen = [*consumer.poll(1.0, 10), *consumer.poll(1.0, 10)]
        assert b"other" in values(seen)

    def test_topics_exist_for_other_processes(
        self, log: EventLog, open_log: Callable[[], EventLog]
    ) -> None:
        assert open_log().append(WIDE, "k", b"").topic == WIDE
        assert {spec.name for spec in SPECS} == {WIDE, NARROW}
