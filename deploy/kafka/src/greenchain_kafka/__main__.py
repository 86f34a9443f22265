"""`make kafka`, `make kafka-stop`: a broker in the background.

Usage: python -m greenchain_kafka {start | stop} [--state DIRECTORY] [--port PORT]
       python -m greenchain_kafka pin
"""

import argparse
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind
from greenchain_kafka import jars
from greenchain_kafka.broker import DEADLINE_S, LOG_NAME, PID_NAME, Broker, Ports


@dataclass(eq=False)
class BrokerNotStopped(GreenchainError):
    """The broker did not end in time."""

    code: ClassVar[str] = "kafka.broker.not_stopped"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "The broker, process {pid}, did not stop within {seconds:g} s; {log} says why. "
        "`kill -9 {pid}` ends it as a power cut does."
    )
    zh: ClassVar[str] = (
        "Kafka（进程 {pid}）未能在 {seconds:g} 秒内停止；原因见 {log}。"
        "`kill -9 {pid}` 可强制结束，如同断电。"
    )

    pid: int
    seconds: float
    log: str


def main() -> int:
    """Do what the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(prog="greenchain_kafka", description=__doc__)
    parser.add_argument("action", choices=("start", "stop", "pin"))
    parser.add_argument("--state", type=Path, default=Path(".greenchain/kafka"))
    parser.add_argument("--port", type=int, default=9092, help="port for clients")
    chosen = parser.parse_args()
    try:
        match chosen.action:
            case "start":
                _start(chosen.state, chosen.port)
            case "stop":
                _stop(chosen.state)
            case _:
                print(f"{jars.pin()} jars pinned")
    except GreenchainError as error:
        print(error.message("en"), file=sys.stderr)
        return 5
    return 0


def _start(state: Path, port: int) -> None:
    running = _running(state)
    if running is None:
        spare = Ports.free()
        Broker(state, ports=Ports(port, spare.internal, spare.controller)).start()
    else:
        # One broker a folder, on whichever port it was started.
        _, port = running
    print(f"export GREENCHAIN_EVENT_LOG=kafka:127.0.0.1:{port}")


def _stop(state: Path) -> None:
    running = _running(state)
    if running is None:
        print("does not run")
        return
    pid, _ = running
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + DEADLINE_S
    while _running(state) is not None:
        if time.monotonic() > end:
            raise BrokerNotStopped(pid=pid, seconds=DEADLINE_S, log=str(state / LOG_NAME))
        time.sleep(0.1)
    (state / PID_NAME).unlink()


def _running(state: Path) -> tuple[int, int] | None:
    """Return process id and port of the broker that was started on this state, if it still runs."""
    with contextlib.suppress(OSError, ValueError):
        pid, port = map(int, (state / PID_NAME).read_text(encoding="ascii").split())
        # The number may belong to another process by now.
        if str(state.absolute()) in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            return pid, port
    return None


if __name__ == "__main__":
    sys.exit(main())
