"""Services that the demonstration starts: told to be ready, told why not, stopped."""

import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from greenchain_cli.demo.ports import ISSUER, Ports
from greenchain_cli.demo.services import (
    READY_S,
    ServiceEnded,
    ServiceNotStarted,
    ServiceProcess,
)
from greenchain_cli.demo.signals import orderly_end, undisturbed


@pytest.fixture
def ports() -> Ports:
    return Ports.free()


def issuer(ports: Ports, state: Path) -> ServiceProcess:
    variables = {**ports.variables(), "GREENCHAIN_STATE_DIR": str(state)}
    return ServiceProcess(ISSUER, ports.options(ISSUER), variables, state / "issuer.log")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.ConnectError:
        return False


def test_a_service_answers_until_its_block_ends(ports: Ports, tmp_path: Path) -> None:
    health = f"{ports.url(ISSUER)}/healthz"
    with issuer(ports, tmp_path) as service:
        service.wait_until_ready(time.monotonic() + READY_S)
        assert answers(health)
    assert not answers(health)


def test_a_service_that_ends_while_it_starts_is_told_with_the_end_of_its_log(
    ports: Ports, tmp_path: Path
) -> None:
    log = tmp_path / "supplier.log"
    log.write_text("said before\n" * 100)
    wrong = {"GREENCHAIN_EVENT_LOG": "carrier pigeons"}
    with (
        ServiceProcess("supplier", ports.options("supplier"), wrong, log) as service,
        pytest.raises(ServiceNotStarted) as caught,
    ):
        service.wait_until_ready(time.monotonic() + READY_S)
    assert "carrier pigeons" in caught.value.printed
    assert caught.value.printed.count("said before") < 15


def test_a_service_that_dies_later_is_why_the_rest_went_wrong(ports: Ports, tmp_path: Path) -> None:
    def play() -> None:
        with issuer(ports, tmp_path) as service:
            service.wait_until_ready(time.monotonic() + READY_S)
            os.kill(service.pid, signal.SIGKILL)
            os.waitid(os.P_PID, service.pid, os.WEXITED | os.WNOWAIT)
            raise RuntimeError("the story stands still")

    with pytest.raises(ServiceEnded) as caught:
        play()
    assert caught.value.exit_code == -signal.SIGKILL


def test_a_service_that_takes_too_long_is_told_and_ended(ports: Ports, tmp_path: Path) -> None:
    with issuer(ports, tmp_path) as service, pytest.raises(ServiceNotStarted):
        service.wait_until_ready(time.monotonic())
    assert not answers(f"{ports.url(ISSUER)}/healthz")


def test_ports_are_all_different(ports: Ports) -> None:
    taken = [*ports.http.values(), *ports.grpc.values()]
    assert len(set(taken)) == len(taken) == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_unwinds_what_is_open(number: signal.Signals) -> None:
    unwound = []
    before = signal.getsignal(number)

    def told() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)  # once more
            unwound.append(True)

    with pytest.raises(SystemExit) as ended, orderly_end():
        told()
    assert (ended.value.code, unwound) == (128 + number, [True])
    assert signal.getsignal(number) == before


def test_stopping_goes_on_whatever_is_pressed() -> None:
    finished = []
    # A process in the background may ignore SIGINT from its start.
    before = signal.getsignal(signal.SIGINT)
    with undisturbed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
        finished.append(True)
    assert finished == [True]
    assert signal.getsignal(signal.SIGINT) == before
