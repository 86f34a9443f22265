"""A dead letter is put aside whatever its size."""

from dataclasses import replace
from datetime import UTC, datetime

from scripted_log import ScriptedLog

from chassis.clock import SystemClock
from chassis.dead_letters import DeadLetters
from chassis.eventlog import LogRecord, RecordTooLarge

RECORD = LogRecord(
    "supplier.grant", 2, 7, "k", b"poison", datetime.now(UTC), headers={"trace": b"t"}
)


def put(record: LogRecord, largest: int) -> LogRecord:
    """Put a record aside in a log that takes values of so many bytes."""

    def refuse(topic: str, key: str, value: bytes) -> None:
        if len(value) > largest:
            raise RecordTooLarge(topic=topic, key=key, size=len(value))

    log = ScriptedLog()
    log.before = refuse
    DeadLetters(log, "sample.dead-letter", "sample", SystemClock()).put(
        record, ValueError(), "internal", attempts=4
    )
    (letter,) = log.records
    return letter


def test_a_value_that_fits_is_kept() -> None:
    letter = put(RECORD, largest=6)
    assert (letter.value, letter.headers["trace"]) == (b"poison", b"t")
    assert "dead-letter-value" not in letter.headers


def test_what_does_not_fit_is_left_out_and_the_letter_tells_where_it_was() -> None:
    letter = put(replace(RECORD, value=b"poison."), largest=6)
    assert (letter.topic, letter.key, letter.value) == ("sample.dead-letter", "k", b"")
    assert letter.headers["dead-letter-value"] == b"left out"
    where = [letter.headers[f"dead-letter-{part}"] for part in ("topic", "partition", "offset")]
    assert where == [b"supplier.grant", b"2", b"7"]
    assert "trace" not in letter.headers
