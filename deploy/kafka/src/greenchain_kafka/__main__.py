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
from pathlib import Path

from chassis.errors import GreenchainError
from greenchain_kafka import jars
from greenchain_kafka.broker import DEADLINE_S, Broker, Ports

PID_NAME = "broker.pid"


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
    if _running(state) is None:
        spare = Ports.free()
        broker = Broker(state, ports=Ports(port, spare.internal, spare.controller))
        broker.start()
        (state / PID_NAME).write_text(f"{broker.pid}\n", encoding="ascii")
    print(f"export GREENCHAIN_EVENT_LOG=kafka:127.0.0.1:{port}")


def _stop(state: Path) -> None:
    pid = _running(state)
    if pid is None:
        print("does not run")
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + DEADLINE_S
    while _running(state) is not None and time.monotonic() < end:
        time.sleep(0.1)
    (state / PID_NAME).unlink()


def _running(state: Path) -> int | None:
    """Return the process id of the broker that was started on this state, if it still runs."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((state / PID_NAME).read_text(encoding="ascii"))
        # The number may belong to another process by now.
        if str(state.absolute()) in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            return pid
    return None


if __name__ == "__main__":
    sys.exit(main())
