"""The event log on a real Apache Kafka broker."""

from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from elsewhere import Elsewhere, open_kafka
from eventlog_contract import EventLogContract

from chassis.eventlog import EventLog
from chassis.eventlog.kafka import KafkaEventLog
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


class TestKafkaEventLog(EventLogContract):
    SETTLE_S: ClassVar[float] = 2.0
