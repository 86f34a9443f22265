"""The event log: topics of records in partitions, read by groups of consumers.

This is the port. `chassis.eventlog.local` keeps the log in an SQLite file, `chassis.eventlog.kafka`
in an Apache Kafka cluster. Whatever the adapter:

* records of one key are in one partition, in the order in which they were accepted;
* `append` and `append_each` return once the records are durable;
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
    compacted
        Only the last record of each key is of interest: earlier ones may be dropped.
    """

    name: str
    partitions: int
    retention: timedelta | None
    compacted: bool = False


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be appended."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)


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
class RecordTooLarge(GreenchainError):
    """The log takes no record of this size."""

    code: ClassVar[str] = "eventlog.record.too_large"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = (
        "The record of key {key} has {size} bytes, more than topic {topic} takes. "
        "Raise the topic's max.message.bytes."
    )
    zh: ClassVar[str] = (
        "键 {key} 的记录有 {size} 字节，超出主题 {topic} 的上限。请调高该主题的 max.message.bytes。"
    )

    topic: str
    key: str
    size: int


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
        """Do not deliver these records, nor earlier ones of their partitions, again.

        Raises
        ------
        FencedConsumer
            If one of their partitions was given away since they were delivered; then nothing is
            committed. Whoever reads the partition now gets its uncommitted records.
        """
        ...

    def remain(self, records: Sequence[LogRecord] = ()) -> None:
        """Stay a member while `records` take long; call it every few seconds.

        Members that join or leave meanwhile get and give their partitions, but no record is
        delivered.

        Raises
        ------
        FencedConsumer
            If a partition of `records` was given away, so that working on them is of no use.
        """
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

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        """Append records at once; returns where each stands, or why it was not acknowledged.

        One that was not acknowledged may be in the log none the less. Records of one key do not
        go together: if the first failed, the second might stand before its repetition.

        Raises
        ------
        GreenchainError
            For what is the fault of no record: the log does not answer, has no room, does not let
            us in. Then none was acknowledged.
        """
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group."""
        ...

    def lag(self, group: str, topics: Sequence[str]) -> int:
        """Count the records of the topics that the group has not committed."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
