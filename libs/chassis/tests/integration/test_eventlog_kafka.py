"""The event log on a real Apache Kafka broker."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from elsewhere import SESSION_S, Elsewhere, open_kafka, read, values
from eventlog_contract import EventLogContract, Names, read_until
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from chassis.clock import new_id
from chassis.errors import Unavailable
from chassis.eventlog import (
    EventLog,
    FencedConsumer,
    NewRecord,
    Position,
    RecordTooLarge,
    TopicSpec,
    UnknownTopic,
)
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.membership import Membership
from chassis.eventlog.kafka.topics import TopicDiffers, partitions_of
from chassis.http_server import free_port
from chassis.settings import KafkaSettings
from greenchain_kafka.broker import Broker


@pytest.fixture
def elsewhere(kafka: Broker) -> Elsewhere:
    return Elsewhere(open_kafka, kafka.address)


@pytest.fixture
def open_log(kafka: Broker) -> Iterator[Callable[[], EventLog]]:
    opened: list[KafkaEventLog] = []

    def open_again() -> EventLog:
        opened.append(open_kafka(kafka.address))
        return opened[-1]

    yield open_again
    for log in opened:
        log.close()


@pytest.fixture
def dead_log() -> Iterator[EventLog]:
    """Give a log whose cluster does not answer."""
    log = open_kafka(f"127.0.0.1:{free_port('127.0.0.1')}")
    yield log
    log.close()


class TestKafkaEventLog(EventLogContract):
    SETTLE_S: ClassVar[float] = 2.0

    def test_six_new_groups_read_a_whole_backlog(
        self, kafka: Broker, log: EventLog, names: Names
    ) -> None:
        value = b"x" * 300
        for wave in range(100):
            log.append_each(
                [
                    NewRecord(names.wide, f"k{n}", value, {"w": str(wave).encode()})
                    for n in range(50)
                ]
            )

        # Six threads of one interpreter keep no session of a second on a busy machine.
        patient = KafkaEventLog([kafka.address], KafkaSettings())

        def count(group: int) -> int:
            return len(read(patient.consumer(f"{names.group}-{group}", [names.wide]), 5000))

        with closing(patient), ThreadPoolExecutor(6) as pool:
            assert list(pool.map(count, range(6))) == [5000] * 6

    def test_what_was_delivered_in_an_earlier_tenure_comes_again(
        self, log: EventLog, names: Names
    ) -> None:
        for n in range(40):
            log.append(names.wide, f"k{n}", str(n).encode())
        one = log.consumer(names.group, [names.wide])
        old = read(one, 40, commit=False)
        two = log.consumer(names.group, [names.wide])
        self.settle(one, two)
        (taken, *_) = read(two, 1, commit=False)
        two.close()
        self.settle(one)
        late = [record for record in old if record.partition == taken.partition]
        # The partition is ours again, but others may have gone on with it meanwhile.
        with pytest.raises(FencedConsumer):
            one.commit(late)
        again = read_until(one, late[-1])
        one.commit(again)
        assert values(each for each in again if each.partition == taken.partition) == values(late)

    def test_who_neither_polls_nor_remains_is_taken_for_stuck(
        self, kafka: Broker, log: EventLog, names: Names
    ) -> None:
        log.append(names.narrow, "k", b"0")
        settings = KafkaSettings(session_s=SESSION_S)
        own = KafkaEventLog([kafka.address], settings, poll_interval_s=2 * SESSION_S)
        stuck, busy = (own.consumer(f"{names.group}-{n}", [names.narrow]) for n in range(2))
        records, others = read(stuck, 1, commit=False), read(busy, 1, commit=False)
        end = time.monotonic() + 4 * SESSION_S
        while time.monotonic() < end:
            busy.remain(others)
        busy.commit(others)
        with pytest.raises(FencedConsumer):
            stuck.commit(records)
        own.close()

    def test_members_go_on_when_a_topic_gets_more_partitions(
        self, kafka: Broker, log: EventLog, names: Names
    ) -> None:
        consumer = log.consumer(names.group, [names.narrow])
        self.settle(consumer)
        with cluster(kafka).administrator() as administrator:
            administrator.create_partitions({names.narrow: 4})
        wider = open_kafka(kafka.address)
        places = {wider.append(names.narrow, f"k{n}", b"").partition for n in range(40)}
        wider.close()
        assert places == {0, 1, 2, 3}
        assert isinstance(consumer, Membership)
        # Its client looks for new partitions every five minutes.
        consumer._consumer._cluster.request_update()
        assert len(read(consumer, 40)) == 40

    def test_a_record_that_is_too_large_says_so(self, log: EventLog, names: Names) -> None:
        small, large = log.append_each(
            [NewRecord(names.narrow, "a", b""), NewRecord(names.narrow, "b", b"x" * 2_000_000)]
        )
        assert isinstance(small, Position)
        assert isinstance(large, RecordTooLarge)
        assert (large.topic, large.key, large.size) == (names.narrow, "b", 2_000_000)

    def test_a_record_that_the_broker_finds_too_large_keeps_no_other_from_being_sent(
        self, log: EventLog, names: Names
    ) -> None:
        large = NewRecord(names.narrow, "a", bytes(1024 * 1024))
        others = [NewRecord(names.wide, key, b"") for key in "bcdef"]
        refused, *accepted = log.append_each([large, *others])
        assert isinstance(refused, RecordTooLarge)
        assert [type(each) for each in accepted] == [Position] * len(others)
        # Nor does it spoil the connection.
        assert log.append(names.narrow, "a", b"").offset == 0

    def test_a_topic_that_was_deleted_is_unknown_again(
        self, kafka: Broker, log: EventLog, names: Names
    ) -> None:
        log.append(names.narrow, "k", b"")
        with cluster(kafka).administrator() as administrator:
            administrator.delete_topics([names.narrow])
        records = [NewRecord(topic, "k", b"") for topic in (names.narrow, names.wide)]
        gone, sent = log.append_each(records)
        # The first time it may still be waited for.
        assert isinstance(gone, Unavailable | UnknownTopic)
        assert isinstance(sent, Position)
        gone, sent = log.append_each(records)
        assert isinstance(gone, UnknownTopic)
        assert isinstance(sent, Position)

    def test_foreign_records_are_delivered_too(
        self, kafka: Broker, log: EventLog, names: Names
    ) -> None:
        producer = KafkaProducer(bootstrap_servers=kafka.address)
        producer.send(names.narrow, key=None, value=b"no key")
        producer.send(names.narrow, key=b"\xff", value=None, headers=[("h", b"")])
        producer.close()
        first, second = read(log.consumer(names.group, [names.narrow]), 2)
        assert (first.key, first.value) == ("", b"no key")
        assert (second.key, second.value) == ("\ufffd", b"")


def cluster(kafka: Broker) -> Cluster:
    return Cluster([kafka.address], KafkaSettings())


def description(kafka: Broker, topic: str) -> tuple[int, dict[str, str]]:
    """Return the partitions of a topic and what was set for it."""
    with cluster(kafka).administrator() as administrator:
        partitions = partitions_of(administrator, [topic])[topic]
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]
        found = administrator.describe_configs(asked)["topic"][topic]
    return partitions, {name: each["value"] for name, each in found.items()}


@pytest.mark.parametrize(
    ("retention", "compacted", "expected"),
    [
        (None, False, {"retention.ms": "-1"}),
        (timedelta(days=90), False, {"retention.ms": "7776000000"}),
        (None, True, {"retention.ms": "-1", "cleanup.policy": "compact"}),
    ],
)
def test_topics_are_made_as_they_are_wanted(
    kafka: Broker,
    open_log: Callable[[], EventLog],
    retention: timedelta | None,
    compacted: bool,
    expected: dict[str, str],
) -> None:
    topic = new_id()
    open_log().create_topics([TopicSpec(topic, 3, retention, compacted)])
    partitions, settings = description(kafka, topic)
    assert partitions == 3
    assert {name: value for name, value in settings.items() if name in expected} == expected


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (TopicSpec("", 2, None), "cleanup.policy"),
        (TopicSpec("", 4, None, compacted=True), "partitions"),
    ],
)
def test_a_topic_that_is_not_as_it_must_be_says_how_to_mend_it(
    open_log: Callable[[], EventLog], wanted: TopicSpec, what: str
) -> None:
    topic = new_id()
    log = open_log()
    log.create_topics([TopicSpec(topic, 2, None, compacted=True)])
    with pytest.raises(TopicDiffers, match=f"{topic} has {what}") as caught:
        log.create_topics([replace(wanted, name=topic)])
    assert "--alter" in caught.value.command
    with pytest.raises(TopicDiffers):
        log.append_each([NewRecord(topic, "k", b"")])


def test_a_topic_that_is_better_than_needed_is_left_alone(
    kafka: Broker, open_log: Callable[[], EventLog]
) -> None:
    topic = new_id()
    log = open_log()
    log.create_topics([TopicSpec(topic, 3, timedelta(days=9))])
    log.create_topics([TopicSpec(topic, 2, timedelta(days=1))])
    partitions, settings = description(kafka, topic)
    assert (partitions, settings["retention.ms"]) == (3, "777600000")
