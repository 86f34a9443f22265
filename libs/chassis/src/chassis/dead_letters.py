"""Puts events aside that cannot be handled, with what a person needs to see why."""

from chassis import metrics
from chassis.clock import Clock
from chassis.errors import GreenchainError
from chassis.eventlog import EventLog, LogRecord, RecordTooLarge
from chassis.logging import get_logger

log = get_logger(__name__)

_ERROR_TEXT = 2000


class DeadLetters:
    """The dead letters of one consumer group.

    Parameters
    ----------
    topic
        See `chassis.topics.dead_letter_topic`.
    """

    def __init__(self, event_log: EventLog, topic: str, group: str, clock: Clock) -> None:
        self._event_log = event_log
        self._topic = topic
        self._group = group
        self._clock = clock
        # A series that begins with the first dead letter has not increased, and alerts nobody.
        metrics.DEAD_LETTERS.labels(group)

    def put(self, record: LogRecord, error: Exception, code: str, attempts: int) -> None:
        """Append the record as it came; where it was and why it is here are in its headers.

        With these it can be larger than the log takes. Then its value and its own headers are left
        out, for the sake of what comes after it: they can be read where it was.
        """
        log.error(
            "dead letter",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=code,
            attempts=attempts,
            exc_info=error,
        )
        text = error.message() if isinstance(error, GreenchainError) else type(error).__name__
        told = {
            "dead-letter-topic": record.topic,
            "dead-letter-partition": str(record.partition),
            "dead-letter-offset": str(record.offset),
            "dead-letter-group": self._group,
            "dead-letter-reason": code,
            "dead-letter-error": text[:_ERROR_TEXT],
            "dead-letter-attempts": str(attempts),
            "dead-letter-time": self._clock.now().isoformat(),
        }
        headers = {name: value.encode() for name, value in told.items()}
        try:
            self._event_log.append(
                self._topic, record.key, record.value, {**record.headers, **headers}
            )
        except RecordTooLarge:
            headers["dead-letter-value"] = b"left out"
            self._event_log.append(self._topic, record.key, b"", headers)
        metrics.DEAD_LETTERS.labels(self._group).inc()
