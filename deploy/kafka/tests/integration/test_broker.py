"""The broker starts, keeps its data, and is stopped by its own pid."""

import subprocess
import sys
from pathlib import Path

import pytest

from greenchain_kafka import jars
from greenchain_kafka.broker import Broker, BrokerNotStarted, Ports

pytestmark = pytest.mark.needs("kafka")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "greenchain_kafka", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_start_and_stop_by_command(tmp_path: Path) -> None:
    state, port = str(tmp_path / "kafka"), str(Ports.free().clients)
    try:
        started = command("start", "--state", state, "--port", port)
        assert started.stdout == f"export GREENCHAIN_EVENT_LOG=kafka:127.0.0.1:{port}\n"
        assert command("start", "--state", state, "--port", port).stdout == started.stdout
    finally:
        stopped = command("stop", "--state", state)
    assert stopped.returncode == 0
    assert "does not run" in command("stop", "--state", state).stdout


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka", settings={"process.roles": "nonsense"})
    with pytest.raises(BrokerNotStarted, match="nonsense"):
        broker.start()


def test_a_broker_that_ends_while_it_starts_says_why(tmp_path: Path) -> None:
    missing = {"ssl.keystore.type": "PEM", "ssl.keystore.location": "nowhere.pem"}
    broker = Broker(tmp_path / "kafka", protocol="SSL", settings=missing)
    with pytest.raises(BrokerNotStarted, match=r"nowhere\.pem"):
        broker.start()


def test_jars_that_are_not_the_pinned_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kafka.jar").write_bytes(b"something else")
    monkeypatch.setattr(jars, "_cache", lambda: tmp_path)
    with pytest.raises(jars.JarsDiffer, match=r"kafka\.jar"):
        jars.fetched()


def test_a_missing_java_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(jars.ProgramMissing, match="default-jre-headless"):
        jars.fetched()
