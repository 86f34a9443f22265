"""Other processes that use the event log of a test."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from chassis.eventlog import EventLog, FencedConsumer, LogConsumer, LogRecord
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.local import LocalEventLog
from chassis.settings import KafkaSettings

SESSION_S = 1.0
PATIENCE_S = 30.0
_SPAWN = multiprocessing.get_context("spawn")


def open_local(path: str) -> LocalEventLog:
    return LocalEventLog(path, session_s=SESSION_S)


def open_kafka(address: str) -> KafkaEventLog:
    return KafkaEventLog([address], KafkaSettings(session_s=SESSION_S))


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


@dataclass(frozen=True)
class Member:
    """A process that has read a record, and commits it once it is told to go on."""

    process: SpawnProcess
    pipe: Connection

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def go_on(self) -> None:
        self.pipe.send("go on")

    def tells(self) -> Any:
        assert self.pipe.poll(PATIENCE_S)
        return self.pipe.recv()


@dataclass(frozen=True)
class Elsewhere:
    """How another process opens the log."""

    open: Callable[[str], EventLog]
    place: str

    def append(self, topic: str, records: list[tuple[str, bytes]]) -> None:
        """Append records there."""
        process = _SPAWN.Process(target=_append, args=(self.open, self.place, topic, records))
        process.start()
        process.join(60)
        assert process.exitcode == 0

    @contextmanager
    def member(self, group: str, topic: str) -> Iterator[Member]:
        """Give a member of a group that has read one record."""
        here, there = _SPAWN.Pipe()
        arguments = (self.open, self.place, group, topic, there)
        member = Member(_SPAWN.Process(target=_read_and_wait, args=arguments), here)
        member.process.start()
        try:
            assert member.tells() == "read"
            yield member
        finally:
            member.process.kill()
            member.process.join()
            here.close()
            there.close()


def _append(
    open_log: Callable[[str], EventLog], place: str, topic: str, records: list[tuple[str, bytes]]
) -> None:
    log = open_log(place)
    for key, value in records:
        log.append(topic, key, value)
    log.close()


def _read_and_wait(
    open_log: Callable[[str], EventLog], place: str, group: str, topic: str, pipe: Connection
) -> None:
    log = open_log(place)
    consumer = log.consumer(group, [topic])
    records = read(consumer, 1, commit=False)
    pipe.send("read")
    pipe.recv()
    try:
        consumer.commit(records)
        pipe.send("committed")
    except FencedConsumer:
        pipe.send("fenced")
    pipe.send(values(read(consumer, 1)))
    log.close()
