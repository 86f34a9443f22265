import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from elsewhere import Elsewhere, open_local, read, values
from eventlog_contract import EventLogContract, Names

from chassis.errors import Unavailable
from chassis.eventlog import EventLog, FencedConsumer, NewRecord
from chassis.eventlog.local import LocalEventLog
from chassis.sqlite import BUSY_TIMEOUT_S


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def elsewhere(path: Path) -> Elsewhere:
    return Elsewhere(open_local, str(path))


@pytest.fixture
def open_log(path: Path) -> Iterator[Callable[[], EventLog]]:
    opened: list[LocalEventLog] = []

    def open_again() -> EventLog:
        opened.append(open_local(str(path)))
        return opened[-1]

    yield open_again
    for log in opened:
        log.close()


@pytest.fixture
def another_writes(path: Path) -> Iterator[None]:
    """Lock the file, for longer than anybody waits."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def dead_log(
    log: LocalEventLog, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> EventLog:
    """Give a log whose file is locked."""
    log._store._connection.execute("PRAGMA busy_timeout = 0")
    request.getfixturevalue("another_writes")
    return log


class TestLocalEventLog(EventLogContract):
    @pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE])
    def test_a_disk_that_is_full_is_the_fault_of_no_record(
        self, log: LocalEventLog, names: Names, monkeypatch: pytest.MonkeyPatch, code: int
    ) -> None:
        def fail(*_: object) -> None:
            error = sqlite3.OperationalError("the disk")
            error.sqlite_errorcode = code
            raise error

        monkeypatch.setattr(log, "_append", fail)
        with pytest.raises(Unavailable):
            log.append_each([NewRecord(names.narrow, "k", b"")])

    def test_lag_does_not_wait_for_who_writes(
        self, log: EventLog, names: Names, request: pytest.FixtureRequest
    ) -> None:
        log.append(names.narrow, "k", b"")
        request.getfixturevalue("another_writes")
        started = time.monotonic()
        assert log.lag(names.group, [names.narrow]) == 1
        assert time.monotonic() - started < BUSY_TIMEOUT_S / 2

    def test_a_member_taken_for_dead_is_fenced_and_comes_back(
        self, log: EventLog, names: Names, path: Path
    ) -> None:
        log.append(names.narrow, "k", b"0")
        one = log.consumer(names.group, [names.narrow])
        records = read(one, 1, commit=False)
        with sqlite3.connect(path) as connection:
            # As if this process had been asleep for long.
            connection.execute("UPDATE member SET expires_us = 0")
        connection.close()
        two = log.consumer(names.group, [names.narrow])
        assert values(read(two, 1)) == [b"0"]
        with pytest.raises(FencedConsumer):
            one.commit(records)
        two.close()
        log.append(names.narrow, "k", b"1")
        assert values(read(one, 1)) == [b"1"]

    def test_a_member_that_comes_back_starts_at_the_last_commit(
        self, log: EventLog, names: Names, path: Path
    ) -> None:
        for n in range(3):
            log.append(names.narrow, "k", str(n).encode())
        consumer = log.consumer(names.group, [names.narrow])
        consumer.commit(read(consumer, 3, commit=False)[:1])
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE member SET expires_us = 0")
        connection.close()
        assert values(read(consumer, 2)) == [b"1", b"2"]

    def test_a_clock_set_back_does_not_keep_a_dead_member_alive(
        self, log: EventLog, names: Names, path: Path
    ) -> None:
        log.append(names.narrow, "k", b"0")
        with sqlite3.connect(path) as connection:
            tomorrow_us = int((time.time() + 86_400) * 1_000_000)
            # As a member that died before the clock was set back has left it, sorted first.
            connection.execute("INSERT INTO member VALUES (?, '', ?)", (names.group, tomorrow_us))
            connection.execute(
                "INSERT INTO subscription VALUES (?, '', ?)", (names.group, names.narrow)
            )
        connection.close()
        assert values(read(log.consumer(names.group, [names.narrow]), 1)) == [b"0"]

    def test_a_commit_that_fails_does_not_block_the_next_one(
        self, log: LocalEventLog, names: Names, path: Path
    ) -> None:
        def fail_at_commit() -> None:
            with log._store.transaction() as connection:
                connection.execute("PRAGMA defer_foreign_keys = ON")
                connection.execute("INSERT INTO partition (topic, number) VALUES ('nowhere', 0)")

        with pytest.raises(sqlite3.IntegrityError):
            fail_at_commit()
        assert log.append(names.narrow, "k", b"").offset == 0

    def test_its_files_are_its_owners_alone(self, log: EventLog, names: Names, path: Path) -> None:
        log.append(names.narrow, "k", b"confidential")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("events.db*")}
        assert set(modes.values()) == {0o600}

    def test_a_busy_partition_starves_no_other(self, log: EventLog, names: Names) -> None:
        busy = log.append(names.wide, "busy", b"").partition
        other = next(
            f"k{n}" for n in range(100) if log.append(names.wide, f"k{n}", b"").partition != busy
        )
        consumer = log.consumer(names.group, [names.wide])
        consumer.poll(0.2, 1000)
        for _ in range(50):
            log.append(names.wide, "busy", b"busy")
        log.append(names.wide, other, b"other")
        seen = [*consumer.poll(1.0, 10), *consumer.poll(1.0, 10)]
        assert b"other" in values(seen)

    def test_topics_exist_for_other_processes(
        self, log: EventLog, names: Names, open_log: Callable[[], EventLog]
    ) -> None:
        assert open_log().append(names.wide, "k", b"").topic == names.wide
