"""How errors end the command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chassis.errors import InvalidInput, Kind, NotFound, Unavailable
from greenchain_cli import language
from greenchain_cli.clients.http import refusal
from greenchain_cli.clients.settings import ClientSettings
from greenchain_cli.errors import MissingSetting, report
from greenchain_cli.main import run
from greenchain_local.state import exclusive

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
            "table": "",
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
def _no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GREENCHAIN_CLIENT_ID", "GREENCHAIN_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["footprint", "bake"], "No such command 'bake'. See `greenchain footprint --help`."),
        (["issuer", "add", "x"], "Missing option '--tenant'. See `greenchain issuer add --help`."),
    ],
)
def test_wrong_use_is_exit_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_group_without_command_shows_its_help_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint"]) == 2
    printed = capsys.readouterr()
    assert "Import a product folder" in printed.out + printed.err
    assert "error" not in printed.err


def declare(path: Path, *options: str) -> list[str]:
    return [
        "supplier", "declare", str(path), "--request", "r", "--plant-name", "p", "--region", "CN",
        "--from", "2025-01-01", "--to", "2025-12-31", *options,
    ]  # fmt: skip


def test_a_missing_record_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.csv"
    assert run(declare(path)) == 4
    assert (
        capsys.readouterr().err
        == f"error cli.file.missing\n  There is no file {path}. Check the path.\n"
    )


def test_a_directory_in_place_of_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(declare(tmp_path)) == 3
    assert f"{tmp_path} cannot be used: Is a directory." in capsys.readouterr().err


def test_with_json_an_error_goes_to_stdout_as_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.csv"
    path.write_text(
        "record_id,period_start,period_end,kind,item_id,amount,unit,evidence\n"
        "a.1,2025-01-01,2025-01-31,output,x,many,kg,e\n",
        encoding="utf-8",
    )

    assert run(declare(path, "--json")) == 3

    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["message"]) == (
        "input.invalid",
        "The input was refused; nothing was stored. Violations:",
    )
    assert error["violations"] == [
        {
            "file": "records.csv",
            "line": 2,
            "row": 1,
            "id": "a.1",
            "field": "amount",
            "code": "supplier_client.file.not_a_number",
            "message": "'many' is not a number. Write it like 1250.5 or 1.2505e3.",
        }
    ]


def test_with_json_wrong_use_is_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "paint", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cli.usage"


class TestWhatNobodyForesaw:
    @pytest.fixture(autouse=True)
    def _mistake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise ValueError("odd\nand long")

        monkeypatch.setattr("greenchain_cli.clients.connections.footprint", fail)
        monkeypatch.delenv("GREENCHAIN_DEVELOPMENT", raising=False)

    def test_it_is_told_on_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["footprint", "show", "x"]) == 1
        told = capsys.readouterr().err
        assert "cli.unforeseen" in told
        assert "ValueError: odd. GREENCHAIN_DEVELOPMENT=1 shows where" in told
        assert "Traceback" not in told

    def test_in_development_it_is_told_where(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("GREENCHAIN_DEVELOPMENT", "1")
        assert run(["footprint", "show", "x"]) == 1
        assert "Traceback" in capsys.readouterr().err


class TestServing:
    @pytest.fixture(autouse=True)
    def _nothing_is_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        for name in [name for name in os.environ if name.startswith("GREENCHAIN_")]:
            monkeypatch.delenv(name)

    @pytest.mark.parametrize(
        ("service", "missing"),
        [
            ("footprint", ["CLIENT_SECRET"]),
            ("certification", ["CLIENT_SECRET", "SIGNING_KEY", "PUBLIC_URL"]),
        ],
    )
    def test_each_missing_setting_is_named_with_the_way_to_get_it(
        self, service: str, missing: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run([service, "serve"]) == 2
        told = capsys.readouterr().err.splitlines()
        named = [line for line in told if "is not set" in line]
        assert len(named) == len(missing)
        for line, setting in zip(named, missing, strict=True):
            assert f"GREENCHAIN_{service.upper()}_{setting} is not set. It is the " in line
        assert f'`eval "$(greenchain issuer environment {service})"` sets it' in named[0]

    def test_a_setting_that_is_wrong_is_named_with_its_reason(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("GREENCHAIN_LOG_LEVEL", "LOUD")
        assert run(["supplier", "serve"]) == 2
        assert (
            "GREENCHAIN_LOG_LEVEL is not right: Input should be 'DEBUG'" in capsys.readouterr().err
        )

    @pytest.mark.parametrize("command", ["serve", "migrate"])
    @pytest.mark.parametrize("service", ["supplier", "footprint", "certification"])
    def test_a_database_of_an_unknown_kind_is_named_without_its_password(
        self,
        service: str,
        command: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        variable = f"GREENCHAIN_{service.upper()}_DATABASE_URL"
        monkeypatch.setenv(variable, "mysql://supplier:s3cret@db.example/supplier")
        assert run([service, command]) == 2
        told = capsys.readouterr().err
        assert f"{variable} is not right" in told
        assert "s3cret" not in told

    def test_an_event_log_of_an_unknown_sort_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("GREENCHAIN_EVENT_LOG", "kafka://x")
        assert run(["supplier", "serve"]) == 2
        assert "kafka://x" in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "bash", "-o", "pipefail", "-c",
            '"$0" -m greenchain_cli issuer list --state "$1" | :', sys.executable, str(tmp_path),
        ],
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode in (0, 141), done.stderr) == (True, "")


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
    assert run([*arguments, "--state", str(tmp_path), "--json"]) == 0

    printed = capsys.readouterr()
    assert printed.out.startswith('{"client_id": "buyer", "client_secret": "')
    assert "state directory" in printed.err


def test_a_state_directory_in_use_is_exit_code_5(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with exclusive(tmp_path):
        assert run(["up", "--state", str(tmp_path), "--http-port", "0", "--grpc-port", "0"]) == 5
    assert "local.state.in_use" in capsys.readouterr().err


def test_who_follows_makes_no_event_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GREENCHAIN_EVENT_LOG", raising=False)
    assert run(["certification", "follow", "--group", "g"]) == 4
    assert "There is no event log at .greenchain/events.db." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
