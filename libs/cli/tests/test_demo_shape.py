"""What the demonstration can run on."""

import sys
from pathlib import Path

import pytest

from greenchain_cli import language
from greenchain_cli.demo.shape import Database, Events, Shape
from greenchain_cli.main import run


def test_only_the_default_runs_in_one_process() -> None:
    embedded = [
        (database, events)
        for database in Database
        for events in Events
        if Shape(database, events).embedded
    ]
    assert embedded == [(Database.SQLITE, Events.LOCAL)]


def test_servers_that_are_not_installed_are_named_with_what_brings_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    language.speak("en")
    for loaded in ("apart", "servers"):
        monkeypatch.delitem(sys.modules, f"greenchain_cli.demo.{loaded}", raising=False)
    monkeypatch.setitem(sys.modules, "greenchain_kafka.broker", None)

    code = run(["demo", "--events", "kafka", "--state", str(tmp_path / "demo")])

    assert code == 4
    told = capsys.readouterr().err
    assert "greenchain_kafka.broker" in told
    assert "extra `demo`" in told
