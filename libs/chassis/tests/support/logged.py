"""What a test has made our own loggers say."""

import pytest


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the names of the events, in order."""
    return [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
