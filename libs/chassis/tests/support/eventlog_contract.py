"""What every event log must do; each adapter's tests inherit `EventLogContract`.

A test module of an adapter gives two fixtures: `open_log`, which opens the same log again each time
it is called, and `append_elsewhere`, which appends from another process.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chassis.eventlog import (
    EventLog,
    FencedConsumer,
    LogConsumer,
    LogRecord,
    TopicSpec,
    UnknownTopic,
)

OpenLog = Callable[[], EventLog]
AppendElsewhere = Callable[[str, list[tuple[str, bytes]]], None]

WIDE, NARROW = "test.wide", "test.narrow"
SPECS = (TopicSpec(WIDE, 4, None), TopicSpec(NARROW, 1, timedelta(days=1)))
PATIENCE_S = 20.0


def read(consumer: LogConsumer, count: int, *, commit: bool = True) -> list[LogRecord]:
    """Read until `count` records came, or patience ends."""
    found: list[LogRecord] = []
    end = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < end:
        records = consumer.poll(0.1, count - len(found))
        if records and commit:
            consumer.commit(records)
        found += records
    return found


def values(records: Iterable[LogRecord]) -> list[bytes]:
    return [record.value for record in records]


def by_partition(records: Iterable[LogRecord]) -> dict[tuple[str, int], list[LogRecord]]:
    parts: dict[tuple[str, int], list[LogRecord]] = defaultdict(list)
    for record in records:
        parts[record.topic, record.partition].append(record)
    return parts


class EventLogContract:
    @pytest.fixture
    def log(self, open_log: OpenLog) -> EventLog:
        opened = open_log()
        opened.create_topics(SPECS)
        return opened

    def test_a_record_comes_out_as_it_went_in(self, log: EventLog) -> None:
        headers = {"trace": b"\x00\xff", "empty": b""}
        position = log.append(WIDE, "键", b"\x00binary\xff", headers)
        (record,) = read(log.consumer("g", [WIDE]), 1)
        assert (record.topic, record.partition, record.offset) == (
            position.topic,
            position.partition,
            position.offset,
        )
        assert (record.key, record.value, dict(record.headers)) == (
            "键",
            b"\x00binary\xff",
            headers,
        )
        assert abs(record.timestamp - datetime.now(UTC)) < timedelta(minutes=1)

    def test_records_of_one_key_share_a_partition_and_keep_their_order(self, log: EventLog) -> None:
        sent = [(f"k{n % 7}", f"{n}".encode()) for n in range(140)]
        places = {(key, log.append(WIDE, key, value).partition) for key, value in sent}
        assert len(places) == 7
        found = read(log.consumer("g", [WIDE]), 140)
        for key in {key for key, _ in sent}:
            ours = [value for each, value in sent if each == key]
            assert [record.value for record in found if record.key == key] == ours

    def test_many_keys_use_all_partitions(self, log: EventLog) -> None:
        used = {log.append(WIDE, f"key-{n}", b"").partition for n in range(100)}
        assert used == {0, 1, 2, 3}

    def test_offsets_of_a_partition_rise_without_gaps(self, log: EventLog) -> None:
        for n in range(50):
            log.append(WIDE, f"k{n}", b"")
        for records in by_partition(read(log.consumer("g", [WIDE]), 50)).values():
            assert [record.offset for record in records] == list(range(len(records)))

    def test_a_new_group_starts_at_the_earliest_record(self, log: EventLog) -> None:
        log.append(NARROW, "k", b"early")
        read(log.consumer("first", [NARROW]), 1)
        assert values(read(log.consumer("second", [NARROW]), 1)) == [b"early"]

    def test_each_group_reads_everything(self, log: EventLog) -> None:
        consumers = [log.consumer(f"g{n}", [WIDE, NARROW]) for n in range(3)]
        for n in range(20):
            log.append((WIDE, NARROW)[n % 2], f"k{n}", str(n).encode())
        for consumer in consumers:
            assert sorted(values(read(consumer, 20))) == sorted(str(n).encode() for n in range(20))

    def test_committed_records_do_not_come_again_after_a_restart(
        self, log: EventLog, open_log: OpenLog
    ) -> None:
        for n in range(4):
            log.append(NARROW, "k", str(n).encode())
        consumer = log.consumer("g", [NARROW])
        consumer.commit(read(consumer, 2, commit=False))
        log.close()
        assert values(read(open_log().consumer("g", [NARROW]), 2)) == [b"2", b"3"]

    def test_uncommitted_records_come_again(self, log: EventLog) -> None:
        for n in range(3):
            log.append(NARROW, "k", str(n).encode())
        consumer = log.consumer("g", [NARROW])
        records = read(consumer, 3, commit=False)
        consumer.commit(records[:1])
        consumer.close()
        assert values(read(log.consumer("g", [NARROW]), 2)) == [b"1", b"2"]

    def test_a_poll_goes_on_after_the_last_one_without_a_commit(self, log: EventLog) -> None:
        for n in range(4):
            log.append(NARROW, "k", str(n).encode())
        consumer = log.consumer("g", [NARROW])
        assert values(read(consumer, 2, commit=False)) == [b"0", b"1"]
        assert values(read(consumer, 2, commit=False)) == [b"2", b"3"]

    def test_a_poll_returns_no_more_than_asked_for(self, log: EventLog) -> None:
        for n in range(10):
            log.append(WIDE, f"k{n}", b"")
        consumer = log.consumer("g", [WIDE])
        sizes = [len(consumer.poll(1.0, 3)) for _ in range(6)]
        assert max(sizes) <= 3
        assert sum(sizes) == 10

    def test_an_empty_poll_ends_in_time(self, log: EventLog) -> None:
        consumer = log.consumer("g", [NARROW])
        consumer.poll(0.1, 1)
        started = time.monotonic()
        assert consumer.poll(0.2, 10) == []
        assert time.monotonic() - started < 2.0

    def test_a_waiting_poll_is_woken_by_a_record(self, log: EventLog) -> None:
        consumer = log.consumer("g", [NARROW])
        consumer.poll(0.1, 1)
        timer = threading.Timer(0.2, log.append, (NARROW, "k", b"now"))
        timer.start()
        assert values(consumer.poll(PATIENCE_S, 1)) == [b"now"]
        timer.join()

    def test_two_members_share_the_partitions(self, log: EventLog) -> None:
        one, two = log.consumer("g", [WIDE]), log.consumer("g", [WIDE])
        settle(one, two)
        for n in range(100):
            log.append(WIDE, f"k{n}", str(n).encode())
        first, second = read_both(one, two, 100)
        assert sorted(values([*first, *second])) == sorted(str(n).encode() for n in range(100))
        assert by_partition(first).keys().isdisjoint(by_partition(second).keys())
        assert len(by_partition(first)) == len(by_partition(second)) == 2

    def test_a_member_that_leaves_hands_its_partitions_over(self, log: EventLog) -> None:
        one, two = log.consumer("g", [WIDE]), log.consumer("g", [WIDE])
        settle(one, two)
        for n in range(40):
            log.append(WIDE, f"k{n}", str(n).encode())
        read_none = two.poll(1.0, 40)
        two.close()
        found = read(one, 40)
        assert sorted(values(found)) == sorted(str(n).encode() for n in range(40))
        assert set(values(read_none)) <= set(values(found))

    def test_a_commit_for_a_partition_that_was_given_away_is_refused(self, log: EventLog) -> None:
        for n in range(40):
            log.append(WIDE, f"k{n}", str(n).encode())
        one = log.consumer("g", [WIDE])
        old = read(one, 40, commit=False)
        two = log.consumer("g", [WIDE])
        settle(one, two)
        taken = read(two, 1, commit=False)[0]
        late = [record for record in old if record.partition == taken.partition]
        with pytest.raises(FencedConsumer):
            one.commit(late)

    def test_a_refused_commit_changes_nothing(self, log: EventLog) -> None:
        for n in range(40):
            log.append(WIDE, f"k{n}", str(n).encode())
        one = log.consumer("g", [WIDE])
        old = read(one, 40, commit=False)
        two = log.consumer("g", [WIDE])
        settle(one, two)
        with pytest.raises(FencedConsumer):
            one.commit(old)
        one.close()
        two.close()
        assert len(read(log.consumer("g", [WIDE]), 40)) == 40

    def test_concurrent_producers_lose_nothing(
        self, log: EventLog, append_elsewhere: AppendElsewhere
    ) -> None:
        def produce(producer: int) -> None:
            records = [(f"p{producer}-k{n % 3}", f"{producer}:{n}".encode()) for n in range(30)]
            if producer < 2:
                append_elsewhere(WIDE, records)
            else:
                for key, value in records:
                    log.append(WIDE, key, value)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(produce, range(4)))
        found = read(log.consumer("g", [WIDE]), 120)
        assert sorted(values(found)) == sorted(
            f"{producer}:{n}".encode() for producer in range(4) for n in range(30)
        )
        for records in by_partition(found).values():
            assert [record.offset for record in records] == list(range(len(records)))
        for producer in range(4):
            for key in range(3):
                own = [r.value for r in found if r.key == f"p{producer}-k{key}"]
                assert own == [f"{producer}:{n}".encode() for n in range(key, 30, 3)]

    def test_a_record_of_another_process_is_read(
        self, log: EventLog, append_elsewhere: AppendElsewhere
    ) -> None:
        consumer = log.consumer("g", [NARROW])
        consumer.poll(0.1, 1)
        append_elsewhere(NARROW, [("k", b"from elsewhere")])
        assert values(read(consumer, 1)) == [b"from elsewhere"]

    def test_an_unknown_topic_is_an_error(self, log: EventLog) -> None:
        with pytest.raises(UnknownTopic, match="nowhere"):
            log.append("nowhere", "k", b"")
        with pytest.raises(UnknownTopic, match="nowhere"):
            log.consumer("g", [WIDE, "nowhere"])

    def test_creating_topics_again_keeps_their_records(self, log: EventLog) -> None:
        log.append(NARROW, "k", b"kept")
        log.create_topics(SPECS)
        assert values(read(log.consumer("g", [NARROW]), 1)) == [b"kept"]

    def test_lag_counts_what_is_not_committed(self, log: EventLog) -> None:
        consumer = log.consumer("g", [WIDE, NARROW])
        for n in range(10):
            log.append((WIDE, NARROW)[n % 2], f"k{n}", b"")
        assert log.lag("g") == 10
        records = read(consumer, 10, commit=False)
        assert log.lag("g") == 10
        consumer.commit(records)
        assert log.lag("g") == 0
        log.append(WIDE, "k", b"")
        assert log.lag("g") == 1


def settle(*consumers: LogConsumer) -> None:
    """Let the members of a group agree on who reads what."""
    for _ in range(3):
        for consumer in consumers:
            # As many records as a poll may return are of no interest here, so none is asked for.
            consumer.poll(0.1, 0)


def read_both(
    one: LogConsumer, two: LogConsumer, count: int
) -> tuple[list[LogRecord], list[LogRecord]]:
    first: list[LogRecord] = []
    second: list[LogRecord] = []
    end = time.monotonic() + PATIENCE_S
    while len(first) + len(second) < count and time.monotonic() < end:
        for consumer, found in ((one, first), (two, second)):
            records = consumer.poll(0.05, count)
            if records:
                consumer.commit(records)
            found += records
    return first, second
