import io
import json
import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from chassis.logging import configure_logging, get_logger
from chassis.settings import HttpSettings, PlatformSettings, RpcSettings, ServiceSettings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logging(development=False, level="INFO", stream=written)
    yield written
    configure_logging(development=True, level="ERROR")
    root.handlers[:] = before
    root.setLevel(level)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENCHAIN_EVENT_LOG", "local:/tmp/x.db")
    monkeypatch.setenv("GREENCHAIN_RPC_PORT", "7001")
    assert PlatformSettings().event_log == "local:/tmp/x.db"
    assert RpcSettings().port == 7001


def test_a_setting_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENCHAIN_HTTP_PORT", "70000")
    with pytest.raises(ValidationError):
        HttpSettings()


def test_a_secret_does_not_show_in_settings() -> None:
    settings = ServiceSettings(database_url="sqlite:///x.db", client_secret=SecretStr("hunter2"))
    assert "hunter2" not in repr(settings)
    assert settings.client_secret.get_secret_value() == "hunter2"


def test_production_logs_are_json_with_their_fields(stream: io.StringIO) -> None:
    get_logger("sample").info("footprint frozen", footprint_id="f-1", name="电池")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["footprint_id"], line["name"]) == (
        "footprint frozen",
        "f-1",
        "电池",
    )
    assert line["level"] == "info"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_logs_are_lines_for_people(stream: io.StringIO) -> None:
    terminal = Terminal()
    configure_logging(development=False, stream=terminal)
    get_logger("sample").info("footprint frozen", footprint_id="f-1")
    assert "footprint frozen" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


@pytest.mark.parametrize("library", ["alembic.runtime.plugins", "bw2calc", "uvicorn.error"])
def test_libraries_are_heard_from_a_warning_on(stream: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("Initialized LCA object at 0x7f")
    logging.getLogger(library).warning("singular")
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "singular"


@pytest.mark.parametrize("name", ["client_secret", "access_token", "Authorization", "password"])
def test_secrets_do_not_reach_the_log(stream: io.StringIO, name: str) -> None:
    get_logger("sample").info("call", **{name: "hunter2"}, wrapped=SecretStr("hunter2"))
    assert "hunter2" not in stream.getvalue()


def test_a_traceback_shows_no_local_variables(stream: io.StringIO) -> None:
    token = "hunter2"
    try:
        _ = 1 / len(token[7:])
    except ZeroDivisionError:
        get_logger("sample").exception("failed")
    assert "ZeroDivisionError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue().replace('token = "hunter2"', "")
