"""An event log in memory that fails when told to, for the relay and the consumer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from chassis.eventlog import LogConsumer, LogRecord, NewRecord, Position, TopicSpec


class ScriptedLog:
    """Appends to a list; `before` and `after` an append may raise, as a broker or a crash does."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []
        self.waves: list[list[str]] = []
        self.before: Callable[[str, str, bytes], None] = lambda topic, key, value: None
        self.after: Callable[[str, str, bytes], None] = lambda topic, key, value: None

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        pass

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes] | None = None
    ) -> Position:
        self.before(topic, key, value)
        offset = sum(record.topic == topic for record in self.records)
        now = datetime.now(UTC)
        self.records.append(LogRecord(topic, 0, offset, key, value, now, dict(headers or {})))
        self.after(topic, key, value)
        return Position(topic, 0, offset)

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        self.waves.append([record.key for record in records])
        outcomes: list[Position | Exception] = []
        for record in records:
            try:
                outcomes.append(self.append(record.topic, record.key, record.value, record.headers))
            except Exception as error:  # noqa: BLE001 - it is what the test planned
                outcomes.append(error)
        return outcomes

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        raise NotImplementedError

    def lag(self, group: str, topics: Sequence[str]) -> int:
        raise NotImplementedError

    def close(self) -> None:
        pass
