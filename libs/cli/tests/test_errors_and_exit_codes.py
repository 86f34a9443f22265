"""How errors end the command."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chassis.errors import InvalidInput, Kind, NotFound, Unavailable
from greenchain_cli import language
from greenchain_cli.clients.http import refusal
from greenchain_cli.clients.settings import ClientSettings
from greenchain_cli.errors import MissingSetting, report
from greenchain_cli.main import run

PROBLEM = {
    "type": "urn:greenchain:problem:input.invalid",
    "title": "The input is not valid",
    "status": 422,
    "detail": "The input was refused; nothing was stored.",
    "code": "input.invalid",
    "attributes": {},
    "violations": [
        {
            "location": "row 4 (line lfp.04), field amount",
            "row": 4,
            "field": "amount",
            "id": "lfp.04",
            "code": "footprint.bom.negative_amount",
            "message": "row 4 (line lfp.04), field amount: -1 is below zero.",
            "attributes": {},
        }
    ],
    "request_id": "r",
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("GREENCHAIN_CLIENT_ID", "GREENCHAIN_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    language.speak("en")
    yield
    language.speak("en")


def test_every_bad_row_that_a_service_named_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    refused = refusal("footprint", httpx.Response(422, json=PROBLEM))

    code = report(refused)

    printed = capsys.readouterr().err
    assert code == 3
    assert "input.invalid" in printed
    assert "footprint.bom.negative_amount" in printed
    assert "row 4 (line lfp.04), field amount" in printed


def test_an_answer_of_some_other_server_is_an_error_too() -> None:
    refused = refusal("footprint", httpx.Response(502, text="<html>bad gateway</html>"))

    assert (refused.code, refused.kind) == ("http.502", Kind.UNAVAILABLE)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput(violations=()), 3),
        (NotFound(what="footprint", id="x"), 4),
        (Unavailable(service="footprint"), 5),
        (MissingSetting(name="X", hint_en="", hint_zh=""), 2),
    ],
)
def test_the_kind_of_error_decides_the_exit_code(error: InvalidInput, code: int) -> None:
    assert report(error) == code


def test_without_credentials_the_command_says_which_variable_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["footprint", "show", "x"]) == 2
    assert "GREENCHAIN_CLIENT_ID" in capsys.readouterr().err


def test_errors_are_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    language.speak("zh")

    run(["footprint", "show", "x"])

    assert "未设置环境变量 GREENCHAIN_CLIENT_ID" in capsys.readouterr().err


def test_a_platform_that_is_not_there_is_exit_code_5(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GREENCHAIN_URL", "http://127.0.0.1:9")

    assert run(["certification", "show", "x"]) == 5
    assert "certification" in capsys.readouterr().err


def test_a_missing_file_is_exit_code_4(tmp_path: Path) -> None:
    assert run(["footprint", "import", str(tmp_path / "nothing")]) == 4


def test_an_unknown_command_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        run(["footprint", "paint"])

    assert raised.value.code == 2


def test_addresses_default_to_those_of_up() -> None:
    settings = ClientSettings.of_environment({})

    assert settings.footprint_url == "http://127.0.0.1:8080/footprint"
    assert settings.token_url == "http://127.0.0.1:8080/issuer/oauth/token"


def test_secrets_are_not_printed() -> None:
    settings = ClientSettings.of_environment({"GREENCHAIN_CLIENT_SECRET": "s3cret"})

    assert "s3cret" not in repr(settings)


def test_data_go_to_stdout_and_notes_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["issuer", "add", "buyer", "--tenant", "b", "--role", "lead_firm"]
    with pytest.raises(SystemExit) as raised:
        run([*arguments, "--state", str(tmp_path), "--json"])

    printed = capsys.readouterr()
    assert raised.value.code == 0
    assert printed.out.startswith('{"client_id": "buyer", "client_secret": "')
    assert "state directory" in printed.err
