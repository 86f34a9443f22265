"""The event log that a setting names."""

from pathlib import Path

import pytest

from chassis.errors import Kind
from chassis.eventlog.opening import NoEventLog, UnknownEventLog, open_event_log


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "local:",
        "kafka:",
        "kafka:broker",
        "kafka://broker:9092",
        "kafka:a:1,",
        "kafka:a:65536",
        "events.db",
    ],
)
def test_a_setting_that_names_none_is_refused(setting: str) -> None:
    with pytest.raises(UnknownEventLog), open_event_log(setting):
        pass


def test_who_only_reads_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with pytest.raises(NoEventLog) as caught, open_event_log(f"local:{path}", must_exist=True):
        pass
    assert caught.value.kind is Kind.NOT_FOUND
    assert str(path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_is_there_is_opened(tmp_path: Path) -> None:
    setting = f"local:{tmp_path}/events.db"
    with open_event_log(setting):
        pass
    with open_event_log(setting, must_exist=True) as event_log:
        assert event_log.lag("nobody", ["certification.record"]) == 0
