"""The event log: topics of records in partitions, read by groups of consumers.

This is the port. `chassis.eventlog.local` keeps the log in an SQLite file. Whatever the adapter:

* records of one key are in one partition, in the order of their `append`;
* `append` returns once the record is durable;
* each group reads every record, from the earliest one on, and starts again after its last commit:
  delivery is at-least-once;
* a partition has one reader per group at a time; a commit by a reader that has lost the partition
  is refused (`FencedConsumer`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from chassis.errors import GreenchainError, Kind


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as the platform wants it.

    Attributes
    ----------
    name
        ``<service>.<aggregate>``.
    partitions
        How many consumers of one group can share the work. Never lowered.
    retention
        How long records are kept at least; None keeps them for ever.
    """

    name: str
    partitions: int
    retention: timedelta | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands in the log."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record as a consumer receives it.

    Attributes
    ----------
    offset
        Counts the partition's records from 0.
    timestamp
        When the log accepted it.
    """

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    timestamp: datetime
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(eq=False)
class UnknownTopic(GreenchainError):
    """The log has no such topic."""

    code: ClassVar[str] = "eventlog.topic.unknown"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "The event log has no topic {topic}. Create it with `create_topics`."
    zh: ClassVar[str] = "事件日志中没有主题 {topic}。请用 create_topics 创建。"

    topic: str


@dataclass(eq=False)
class FencedConsumer(GreenchainError):
    """A reader committed records of a partition that another one reads by now."""

    code: ClassVar[str] = "eventlog.consumer.fenced"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Group {group} gave partition {partition} of {topic} to another consumer. "
        "Its records will be delivered there."
    )
    zh: ClassVar[str] = "消费组 {group} 已将 {topic} 的分区 {partition} 分配给其他消费者。"

    group: str
    topic: str
    partition: int


class LogConsumer(Protocol):
    """One member of a consumer group; used by one thread."""

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        """Return the next records, in order per partition; empty when none came in time."""
        ...

    def commit(self, records: Sequence[LogRecord]) -> None:
        """Do not deliver these records, nor earlier ones of their partitions, again."""
        ...

    def close(self) -> None:
        """Leave the group; what was not committed goes to the other members."""
        ...


class EventLog(Protocol):
    """The event log; used by many threads."""

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Create the topics that do not exist yet."""
        ...

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes] | None = None
    ) -> Position:
        """Append a record; returns once it is durable."""
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group."""
        ...

    def lag(self, group: str) -> int:
        """Count the records that the group has not committed, over the topics that it reads."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
