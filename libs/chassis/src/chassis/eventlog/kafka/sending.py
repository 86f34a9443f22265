"""Sending records to a Kafka cluster, each acknowledged by all replicas in sync."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from chassis.eventlog import NewRecord, Position, RecordTooLarge
from chassis.eventlog.kafka.cluster import REQUEST_S, Cluster
from chassis.eventlog.kafka.refusals import translated
from chassis.logging import get_logger

log = get_logger(__name__)

#: How long a record may wait for its acknowledgement [s]: longer than a broker takes to restart.
DELIVERY_S = 12.0
#: How long one may wait for the partitions of a topic [s].
METADATA_S = 5.0
#: The cluster decides what is too large; this only has to be more than it will ever be [bytes].
_REQUEST_BYTES = 64 * 1024 * 1024
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Sender:
    """Sends records; used by many threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._guard = threading.Lock()
        self._producer: KafkaProducer | None = None

    def send(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        """Send records at once; return where each stands, or why it was not acknowledged.

        Raises
        ------
        GreenchainError
            If the cluster does not answer or does not let us in.
        """
        if not records:
            return []
        producer = self._open()
        end = time.monotonic() + DELIVERY_S + METADATA_S
        answers = [_answer(each, end) for each in _send_each(producer, records)]
        if any(isinstance(each, KafkaError) for each in answers):
            # What it still holds must not arrive behind its repetition, and a producer that was
            # refused once is refused for ever.
            self._abandon(producer)
        outcomes = [_outcome(answer, each) for answer, each in zip(answers, records, strict=True)]
        if len(records) == 1:
            return outcomes
        # One that is too large takes those down that were under way beside it: alone, each shows
        # whether it was the one.
        return [
            self.send([record])[0] if isinstance(outcome, RecordTooLarge) else outcome
            for record, outcome in zip(records, outcomes, strict=True)
        ]

    def close(self) -> None:
        """Close the connection."""
        if self._producer is not None:
            self._abandon(self._producer)

    def _open(self) -> KafkaProducer:
        with self._guard:
            if self._producer is None:
                self._producer = self._cluster.open(
                    KafkaProducer,
                    "greenchain-sender",
                    acks="all",
                    enable_idempotence=True,
                    delivery_timeout_ms=int(DELIVERY_S * 1000),
                    max_block_ms=int(METADATA_S * 1000),
                    max_request_size=_REQUEST_BYTES,
                    metrics_enabled=False,
                )
            return self._producer

    def _abandon(self, producer: KafkaProducer) -> None:
        with self._guard:
            if self._producer is producer:
                self._producer = None
        # Closing flushes first; if it cannot, it raises and leaves the thread running.
        producer._sender.force_close()
        producer._sender.join(REQUEST_S)
        try:
            producer.close(timeout=0)
        except KafkaTimeoutError as error:
            # It has been told to give up, and does so once it comes to itself.
            log.warning("sender not closed in time", error=str(error))


def _send_each(producer: KafkaProducer, records: Sequence[NewRecord]) -> list[Any]:
    sent: list[Any] = []
    in_vain: dict[str, KafkaTimeoutError] = {}
    for record in records:
        # Who has waited in vain for the partitions of a topic does not wait once more.
        outcome = in_vain.get(record.topic) or _send(producer, record)
        if isinstance(outcome, KafkaTimeoutError):
            in_vain[record.topic] = outcome
        sent.append(outcome)
    return sent


def _send(producer: KafkaProducer, record: NewRecord) -> Any:
    try:
        return producer.send(
            record.topic,
            key=record.key.encode(),
            value=record.value,
            headers=list(record.headers.items()),
        )
    except KafkaError as error:
        return error


def _answer(sent: Any, end: float) -> Any:
    if isinstance(sent, KafkaError):
        return sent
    try:
        return sent.get(timeout=max(0.0, end - time.monotonic()))
    except KafkaError as error:
        return error


def _outcome(answer: Any, record: NewRecord) -> Position | Exception:
    if isinstance(answer, _TOO_LARGE):
        return RecordTooLarge(topic=record.topic, key=record.key, size=len(record.value))
    if isinstance(answer, KafkaError):
        return translated(answer)
    return Position(answer.topic, answer.partition, answer.offset)
