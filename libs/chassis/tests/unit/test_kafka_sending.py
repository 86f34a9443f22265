"""What becomes of a wave when the library cannot send all of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from chassis.errors import Unavailable
from chassis.eventlog import NewRecord, Position
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.sending import Sender
from chassis.settings import KafkaSettings


@dataclass
class Producer:
    """A producer of the library that finds no partitions of the topic `lost`."""

    asked: list[str] = field(default_factory=list)
    closes: bool = True

    @property
    def _sender(self) -> "Producer":
        return self

    def send(self, topic: str, **_: object) -> Any:
        self.asked.append(topic)
        if topic == "lost":
            raise KafkaTimeoutError("no partitions")
        return self

    def get(self, timeout: float) -> Position:
        return Position("found", 0, 0)

    def force_close(self) -> None: ...

    def join(self, timeout: float) -> None: ...

    def close(self, timeout: float) -> None:
        if not self.closes:
            raise KafkaTimeoutError("not flushed")


@pytest.fixture
def producer() -> Producer:
    return Producer()


@pytest.fixture
def sender(producer: Producer, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr(Cluster, "open", lambda *_, **__: producer)
    return Sender(Cluster(["broker:9092"], KafkaSettings()))


def wave(*topics: str) -> list[NewRecord]:
    return [NewRecord(topic, f"k{n}", b"") for n, topic in enumerate(topics)]


def test_who_has_waited_for_a_topic_in_vain_waits_for_others_alone(
    sender: Sender, producer: Producer
) -> None:
    outcomes = sender.send(wave("lost", "found", "lost", "found"))
    assert [type(each) for each in outcomes] == [Unavailable, Position, Unavailable, Position]
    assert producer.asked == ["lost", "found", "found"]


def test_a_producer_that_cannot_be_closed_takes_no_acknowledgement_back(
    sender: Sender, producer: Producer
) -> None:
    producer.closes = False
    _, found = sender.send(wave("lost", "found"))
    assert found == Position("found", 0, 0)
