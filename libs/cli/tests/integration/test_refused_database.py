"""A database that does not let a service in is a wrong setting, not a mistake of the program."""

from pathlib import Path

import pytest

from greenchain_cli import language
from greenchain_cli.main import run
from greenchain_postgres.server import PostgresServer


@pytest.mark.parametrize("command", ["serve", "migrate"])
@pytest.mark.parametrize(
    ("spoken", "told"), [("en", "PostgreSQL refuses the connection"), ("zh", "PostgreSQL 拒绝连接")]
)
def test_a_refused_connection_is_told_with_exit_code_2(
    command: str,
    spoken: str,
    told: str,
    postgres: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        monkeypatch.setenv(f"GREENCHAIN_SUPPLIER_{variable}", postgres.url("nobody", "postgres"))
    language.speak(spoken)
    try:
        assert run(["supplier", command]) == 2
    finally:
        language.speak("en")
    assert told in capsys.readouterr().err
