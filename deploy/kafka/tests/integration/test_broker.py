"""The broker starts, keeps its data, and is stopped by its own pid."""

import subprocess
import sys
from pathlib import Path

import pytest

from greenchain_kafka import __main__ as commands
from greenchain_kafka import jars
from greenchain_kafka.broker import PID_NAME, Broker, BrokerNotStarted, Ports

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
        # It serves where it does, not where a later call would like it to.
        assert command("start", "--state", state, "--port", "9").stdout == started.stdout
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
    with pytest.raises(jars.ProgramMissing, match="openjdk-17-jre-headless"):
        jars.fetched()


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a program that stands in for Java; what it does, the test writes."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("java", "mvn"):
        (programs / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return programs / "java"


@pytest.mark.parametrize(("told", "version"), [("11.0.22", 11), ("1.8.0_292", 8)])
def test_an_old_java_is_named_with_the_package_of_a_newer_one(
    java: Path, told: str, version: int
) -> None:
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{told}\" 2024-01-16' >&2\n")
    with pytest.raises(jars.JavaTooOld, match=f"is version {version}.*openjdk-17-jre-headless"):
        jars.fetched()


def test_a_java_that_cannot_format_the_data_says_why(
    java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java.write_text("#!/bin/sh\necho no memory >&2\nexit 1\n")
    monkeypatch.setattr(jars, "fetched", lambda: tmp_path)
    with pytest.raises(BrokerNotStarted, match="no memory"):
        Broker(tmp_path / "kafka").start()


def test_a_broker_that_does_not_stop_is_told_and_still_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "DEADLINE_S", 0.5)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", deaf, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (tmp_path / PID_NAME).write_text(f"{process.pid} 9092\n")
        monkeypatch.setattr(sys, "argv", ["", "stop", "--state", str(tmp_path)])
        assert commands.main() == 5
        assert (tmp_path / PID_NAME).exists()
        process.kill()
