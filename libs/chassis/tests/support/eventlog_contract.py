"""What every event log must do; each adapter's tests inherit `EventLogContract`.

A test module of an adapter gives three fixtures: `open_log`, which opens the same log again each
time it is called, `elsewhere`, by which another process opens it, and `dead_log`, which takes
nothing.
"""

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from elsewhere import PATIENCE_S, SESSION_S, Elsewhere, read, values

from chassis.clock import new_id
from chassis.errors import Unavailable
from chassis.eventlog import (
    EventLog,
    FencedConsumer,
    LogConsumer,
    LogRecord,
    NewRecord,
    TopicSpec,
    UnknownTopic,
)

OpenLog = Callable[[], EventLog]


class Names:
    """The topics and the group of one test: others use the same broker."""

    def __init__(self) -> None:
        own = new_id()
        self.wide, self.narrow, self.group = f"{own}.wide", f"{own}.narrow", f"{own}.group"
        self.specs = (
            TopicSpec(self.wide, 4, None),
            TopicSpec(self.narrow, 1, timedelta(days=1)),
        )


def by_partition(records: Iterable[LogRecord]) -> dict[tuple[str, int], list[LogRecord]]:
    parts: dict[tuple[str, int], list[LogRecord]] = defaultdict(list)
    for record in records:
        parts[record.topic, record.partition].append(record)
    return parts


class EventLogContract:
    #: How long the members of a group may need to agree on who reads what [s].
    SETTLE_S: ClassVar[float] = 0.0

    @pytest.fixture
    def names(self) -> Names:
        return Names()

    @pytest.fixture
    def log(self, open_log: OpenLog, names: Names) -> EventLog:
        opened = open_log()
        opened.create_topics(names.specs)
        return opened

    def test_a_record_comes_out_as_it_went_in(self, log: EventLog, names: Names) -> None:
        headers = {"trace": b"\x00\xff", "empty": b""}
        position = log.append(names.wide, "键", b"\x00binary\xff", headers)
        (record,) = read(log.consumer(names.group, [names.wide]), 1)
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

    def test_records_of_one_key_share_a_partition_and_keep_their_order(
        self, log: EventLog, names: Names
    ) -> None:
        sent = [(f"k{n % 7}", f"{n}".encode()) for n in range(140)]
        places = {(key, log.append(names.wide, key, value).partition) for key, value in sent}
        assert len(places) == 7
        found = read(log.consumer(names.group, [names.wide]), 140)
        for key in {key for key, _ in sent}:
            ours = [value for each, value in sent if each == key]
            assert [record.value for record in found if record.key == key] == ours

    def test_many_keys_use_all_partitions(self, log: EventLog, names: Names) -> None:
        used = {log.append(names.wide, f"key-{n}", b"").partition for n in range(100)}
        assert used == {0, 1, 2, 3}

    def test_offsets_of_a_partition_rise_without_gaps(self, log: EventLog, names: Names) -> None:
        for n in range(50):
            log.append(names.wide, f"k{n}", b"")
        for records in by_partition(read(log.consumer(names.group, [names.wide]), 50)).values():
            assert [record.offset for record in records] == list(range(len(records)))

    def test_a_new_group_starts_at_the_earliest_record(self, log: EventLog, names: Names) -> None:
        log.append(names.narrow, "k", b"early")
        read(log.consumer(f"{names.group}-1", [names.narrow]), 1)
        assert values(read(log.consumer(f"{names.group}-2", [names.narrow]), 1)) == [b"early"]

    def test_each_group_reads_everything(self, log: EventLog, names: Names) -> None:
        consumers = [
            log.consumer(f"{names.group}-{n}", [names.wide, names.narrow]) for n in range(3)
        ]
        for n in range(20):
            log.append((names.wide, names.narrow)[n % 2], f"k{n}", str(n).encode())
        for consumer in consumers:
            assert sorted(values(read(consumer, 20))) == sorted(str(n).encode() for n in range(20))

    def test_committed_records_do_not_come_again_after_a_restart(
        self, log: EventLog, names: Names, open_log: OpenLog
    ) -> None:
        for n in range(4):
            log.append(names.narrow, "k", str(n).encode())
        consumer = log.consumer(names.group, [names.narrow])
        consumer.commit(read(consumer, 2, commit=False))
        log.close()
        assert values(read(open_log().consumer(names.group, [names.narrow]), 2)) == [b"2", b"3"]

    def test_uncommitted_records_come_again(self, log: EventLog, names: Names) -> None:
        for n in range(3):
            log.append(names.narrow, "k", str(n).encode())
        consumer = log.consumer(names.group, [names.narrow])
        records = read(consumer, 3, commit=False)
        consumer.commit(records[:1])
        consumer.close()
        assert values(read(log.consumer(names.group, [names.narrow]), 2)) == [b"1", b"2"]

    def test_a_poll_goes_on_after_the_last_one_without_a_commit(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(4):
            log.append(names.narrow, "k", str(n).encode())
        consumer = log.consumer(names.group, [names.narrow])
        assert values(read(consumer, 2, commit=False)) == [b"0", b"1"]
        assert values(read(consumer, 2, commit=False)) == [b"2", b"3"]

    def test_a_poll_returns_no_more_than_asked_for(self, log: EventLog, names: Names) -> None:
        for n in range(10):
            log.append(names.wide, f"k{n}", b"")
        consumer = log.consumer(names.group, [names.wide])
        sizes = [len(consumer.poll(1.0, 3)) for _ in range(6)]
        assert max(sizes) <= 3
        assert sum(sizes) == 10

    def test_an_empty_poll_ends_in_time(self, log: EventLog, names: Names) -> None:
        consumer = log.consumer(names.group, [names.narrow])
        consumer.poll(0.1, 1)
        started = time.monotonic()
        assert consumer.poll(0.2, 10) == []
        assert time.monotonic() - started < 2.0

    def test_a_waiting_poll_is_woken_by_a_record(self, log: EventLog, names: Names) -> None:
        consumer = log.consumer(names.group, [names.narrow])
        consumer.poll(0.1, 1)
        timer = threading.Timer(0.2, log.append, (names.narrow, "k", b"now"))
        timer.start()
        assert values(consumer.poll(PATIENCE_S, 1)) == [b"now"]
        timer.join()

    def test_two_members_share_the_partitions(self, log: EventLog, names: Names) -> None:
        one, two = log.consumer(names.group, [names.wide]), log.consumer(names.group, [names.wide])
        self.settle(one, two)
        for n in range(100):
            log.append(names.wide, f"k{n}", str(n).encode())
        first, second = read_both(one, two, 100)
        assert sorted(values([*first, *second])) == sorted(str(n).encode() for n in range(100))
        assert by_partition(first).keys().isdisjoint(by_partition(second).keys())
        assert len(by_partition(first)) == len(by_partition(second)) == 2

    def test_a_member_that_leaves_hands_its_partitions_over(
        self, log: EventLog, names: Names
    ) -> None:
        one, two = log.consumer(names.group, [names.wide]), log.consumer(names.group, [names.wide])
        self.settle(one, two)
        for n in range(40):
            log.append(names.wide, f"k{n}", str(n).encode())
        read_none = two.poll(1.0, 40)
        two.close()
        found = read(one, 40)
        assert sorted(values(found)) == sorted(str(n).encode() for n in range(40))
        assert set(values(read_none)) <= set(values(found))

    def test_a_commit_for_a_partition_that_was_given_away_is_refused(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(40):
            log.append(names.wide, f"k{n}", str(n).encode())
        one = log.consumer(names.group, [names.wide])
        old = read(one, 40, commit=False)
        two = log.consumer(names.group, [names.wide])
        self.settle(one, two)
        taken = read(two, 1, commit=False)[0]
        late = [record for record in old if record.partition == taken.partition]
        with pytest.raises(FencedConsumer):
            one.commit(late)

    def test_a_refused_commit_changes_nothing(self, log: EventLog, names: Names) -> None:
        for n in range(40):
            log.append(names.wide, f"k{n}", str(n).encode())
        one = log.consumer(names.group, [names.wide])
        old = read(one, 40, commit=False)
        two = log.consumer(names.group, [names.wide])
        self.settle(one, two)
        with pytest.raises(FencedConsumer):
            one.commit(old)
        one.close()
        two.close()
        assert len(read(log.consumer(names.group, [names.wide]), 40)) == 40

    def test_concurrent_producers_lose_nothing(
        self, log: EventLog, names: Names, elsewhere: Elsewhere
    ) -> None:
        def produce(producer: int) -> None:
            records = [(f"p{producer}-k{n % 3}", f"{producer}:{n}".encode()) for n in range(30)]
            if producer < 2:
                elsewhere.append(names.wide, records)
            else:
                for key, value in records:
                    log.append(names.wide, key, value)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(produce, range(4)))
        found = read(log.consumer(names.group, [names.wide]), 120)
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
        self, log: EventLog, names: Names, elsewhere: Elsewhere
    ) -> None:
        consumer = log.consumer(names.group, [names.narrow])
        consumer.poll(0.1, 1)
        elsewhere.append(names.narrow, [("k", b"from elsewhere")])
        assert values(read(consumer, 1)) == [b"from elsewhere"]

    def test_an_unknown_topic_is_an_error(self, log: EventLog, names: Names) -> None:
        with pytest.raises(UnknownTopic, match="nowhere"):
            log.append("nowhere", "k", b"")
        with pytest.raises(UnknownTopic, match="nowhere"):
            log.consumer(names.group, [names.wide, "nowhere"])

    def test_creating_topics_again_keeps_their_records(self, log: EventLog, names: Names) -> None:
        log.append(names.narrow, "k", b"kept")
        log.create_topics(names.specs)
        assert values(read(log.consumer(names.group, [names.narrow]), 1)) == [b"kept"]

    def test_lag_counts_what_is_not_committed(self, log: EventLog, names: Names) -> None:
        topics = [names.wide, names.narrow]
        consumer = log.consumer(names.group, topics)
        for n in range(10):
            log.append(topics[n % 2], f"k{n}", b"")
        assert log.lag(names.group, topics) == 10
        records = read(consumer, 10, commit=False)
        assert log.lag(names.group, topics) == 10
        consumer.commit(records)
        assert log.lag(names.group, topics) == 0
        log.append(names.wide, "k", b"")
        assert [log.lag(names.group, [topic]) for topic in topics] == [1, 0]

    def test_a_group_that_never_committed_lags_by_everything(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(10):
            log.append(names.wide, f"k{n}", b"")
        assert log.lag(names.group, [names.wide]) == 10

    def test_lag_of_an_unknown_topic_is_an_error(self, log: EventLog, names: Names) -> None:
        with pytest.raises(UnknownTopic, match="nowhere"):
            log.lag(names.group, [names.wide, "nowhere"])

    def test_records_appended_at_once_keep_the_order_of_their_keys(
        self, log: EventLog, names: Names
    ) -> None:
        for wave in range(10):
            records = [
                NewRecord(names.wide, f"k{n}", f"{wave}".encode(), {"n": b"x"}) for n in range(20)
            ]
            positions = log.append_each(records)
            assert all(not isinstance(each, Exception) for each in positions)
        found = read(log.consumer(names.group, [names.wide]), 200)
        for key in {record.key for record in found}:
            own = [record.value for record in found if record.key == key]
            assert own == [f"{wave}".encode() for wave in range(10)]
        assert found[0].headers == {"n": b"x"}

    def test_one_record_of_many_that_fails_fails_alone(self, log: EventLog, names: Names) -> None:
        topics = (names.narrow, "nowhere", names.narrow)
        first, second, third = log.append_each([NewRecord(topic, "k", b"") for topic in topics])
        assert isinstance(second, UnknownTopic)
        assert not isinstance(first, Exception)
        assert not isinstance(third, Exception)
        assert (first.offset, third.offset) == (0, 1)

    def test_what_is_the_fault_of_no_record_is_told_of_none(
        self, dead_log: EventLog, names: Names
    ) -> None:
        with pytest.raises(Unavailable):
            dead_log.append_each([NewRecord(names.narrow, f"k{n}", b"") for n in range(3)])

    def test_nothing_appended_at_once_is_nothing(self, log: EventLog, names: Names) -> None:
        assert log.append_each([]) == []

    def test_a_commit_of_earlier_records_takes_nothing_back(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(3):
            log.append(names.narrow, "k", str(n).encode())
        one = log.consumer(names.group, [names.narrow])
        records = read(one, 3, commit=False)
        one.commit(records)
        one.commit(records[:1])
        one.close()
        assert log.lag(names.group, [names.narrow]) == 0

    def test_a_killed_members_partitions_go_to_the_others(
        self, log: EventLog, names: Names, elsewhere: Elsewhere
    ) -> None:
        log.append(names.narrow, "k", b"0")
        with elsewhere.member(names.group, names.narrow) as member:
            consumer = log.consumer(names.group, [names.narrow])
            assert consumer.poll(0.2, 2) == []
            os.kill(member.pid, signal.SIGKILL)
            assert values(read(consumer, 1)) == [b"0"]

    def test_a_frozen_member_is_fenced_and_comes_back(
        self, log: EventLog, names: Names, elsewhere: Elsewhere
    ) -> None:
        log.append(names.narrow, "k", b"0")
        with elsewhere.member(names.group, names.narrow) as member:
            os.kill(member.pid, signal.SIGSTOP)
            consumer = log.consumer(names.group, [names.narrow])
            assert values(read(consumer, 1)) == [b"0"]
            os.kill(member.pid, signal.SIGCONT)
            member.go_on()
            assert member.tells() == "fenced"
            consumer.close()
            log.append(names.narrow, "k", b"1")
            assert member.tells() == [b"1"]

    def test_a_slow_member_keeps_its_partitions(self, log: EventLog, names: Names) -> None:
        log.append(names.narrow, "k", b"slow")
        one = log.consumer(names.group, [names.narrow])
        records = read(one, 1, commit=False)
        two = log.consumer(names.group, [names.narrow])
        # Longer than a session: somebody else tells that it lives.
        assert two.poll(1.5 * SESSION_S, 1) == []
        one.commit(records)

    def test_a_member_that_remains_delivers_nothing_and_misses_nothing(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(10):
            log.append(names.narrow, "k", str(n).encode())
        consumer = log.consumer(names.group, [names.narrow])
        first = read(consumer, 3, commit=False)
        consumer.remain(first)
        consumer.commit(first)
        assert values(read(consumer, 7)) == [str(n).encode() for n in range(3, 10)]

    def test_a_member_that_remains_gives_and_takes_partitions(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(40):
            log.append(names.wide, f"k{n}", str(n).encode())
        one = log.consumer(names.group, [names.wide])
        old = read(one, 40, commit=False)
        two = log.consumer(names.group, [names.wide])
        self.settle(one, two)
        taken = read(two, 1, commit=False)[0].partition
        late = [record for record in old if record.partition == taken]
        with pytest.raises(FencedConsumer):
            one.remain(late)
        two.close()
        self.settle(one)
        again = [record for record in read_until(one, late[-1]) if record.partition == taken]
        assert values(again) == values(late)

    def settle(self, *consumers: LogConsumer) -> None:
        """Let the members of a group agree on who reads what, each in its own thread."""
        end = time.monotonic() + self.SETTLE_S

        def remain(consumer: LogConsumer) -> None:
            for _ in range(3):
                consumer.remain()
            while time.monotonic() < end:
                consumer.remain()

        with ThreadPoolExecutor(len(consumers)) as pool:
            list(pool.map(remain, consumers))


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


def read_until(consumer: LogConsumer, last: LogRecord) -> list[LogRecord]:
    found: list[LogRecord] = []
    end = time.monotonic() + PATIENCE_S
    while last.value not in values(found) and time.monotonic() < end:
        found += consumer.poll(0.1, 100)
    return found
