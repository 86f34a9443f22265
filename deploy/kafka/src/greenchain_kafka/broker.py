"""One broker: a process, a data folder of its own, ports of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar, Self

from chassis.errors import GreenchainError, Kind
from greenchain_kafka import jars

LOG_NAME = "broker.log"
PID_NAME = "broker.pid"
"""File that says which process serves which port."""
READY = "Kafka Server started"
DEADLINE_S = 90.0
"""How long a broker may take to start or stop [s]; it takes some seconds."""
_ADDRESS = "127.0.0.1"
_MEMORY = ("-Xms256m", "-Xmx1g")


@dataclass(eq=False)
class BrokerNotStarted(GreenchainError):
    """The broker ended, or was not ready in time."""

    code: ClassVar[str] = "kafka.broker.not_started"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "The broker did not start; the end of {log}:\n{printed}"
    zh: ClassVar[str] = "Kafka 未能启动；{log} 的末尾：\n{printed}"

    log: str
    printed: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the broker listens: for clients, for itself, for the controller."""

    clients: int
    internal: int
    controller: int

    @classmethod
    def free(cls) -> Self:
        """Take ports that nobody uses now."""
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            for each in (one, two, three):
                each.bind((_ADDRESS, 0))
            return cls(*(each.getsockname()[1] for each in (one, two, three)))


class Broker:
    """An Apache Kafka broker of one node on a data folder; a context manager.

    Parameters
    ----------
    directory
        Its data and its log; made if it does not exist, continued if it does.
    ports
        Free ones if not given.
    protocol
        What clients speak: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
    settings
        Added to `server.properties`.
    scram_users
        Passwords by user name, known from the first start on (SCRAM-SHA-512).
    """

    def __init__(
        self,
        directory: Path,
        *,
        ports: Ports | None = None,
        protocol: str = "PLAINTEXT",
        settings: Mapping[str, str] | None = None,
        scram_users: Mapping[str, str] | None = None,
    ) -> None:
        self._directory = directory.absolute()
        self._ports = ports or Ports.free()
        self._protocol = protocol
        self._settings = dict(settings or {})
        self._scram_users = dict(scram_users or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """``host:port`` for clients."""
        return f"{_ADDRESS}:{self._ports.clients}"

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self._directory / LOG_NAME

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        if self._process is None:
            raise RuntimeError("the broker does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it serves.

        Raises
        ------
        BrokerNotStarted
            If it ends or takes too long; it is killed then.
        """
        classpath = f"{jars.fetched()}/*"
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        if not (self._directory / "data" / "meta.properties").exists():
            self._format(classpath, properties)
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                ["java", *_MEMORY, "-cp", classpath, "kafka.Kafka", str(properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # It outlives the terminal that starts it, and Ctrl-C is not for it.
                start_new_session=True,
            )
        try:
            (self._directory / PID_NAME).write_text(f"{self.pid} {self._ports.clients}\n")
            self._wait_until_ready(begin)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Let it shut down; kill it if that takes too long. Harmless when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def kill(self) -> None:
        """End it at once, as a power cut does. Harmless when it has ended by itself."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._forget()

    def freeze(self) -> None:
        """Stop its clock and its answers, but not its connections."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    def _forget(self) -> None:
        self._process = None
        (self._directory / PID_NAME).unlink(missing_ok=True)

    def _write_properties(self) -> Path:
        ports = self._ports
        listeners = (
            f"CLIENT://{_ADDRESS}:{ports.clients},INTERNAL://{_ADDRESS}:{ports.internal},"
            f"CONTROLLER://{_ADDRESS}:{ports.controller}"
        )
        added = {
            "listeners": listeners,
            "advertised.listeners": listeners.rpartition(",")[0],
            "listener.security.protocol.map": (
                f"CLIENT:{self._protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"
            ),
            "controller.quorum.bootstrap.servers": f"{_ADDRESS}:{ports.controller}",
            "log.dirs": str(self._directory / "data"),
            **self._settings,
        }
        shipped = resources.files("greenchain_kafka").joinpath("server.properties")
        path = self._directory / "server.properties"
        lines = (f"{name}={value}\n" for name, value in added.items())
        path.touch(mode=0o600)
        path.write_text(shipped.read_text(encoding="ascii") + "".join(lines), encoding="ascii")
        return path

    def _format(self, classpath: str, properties: Path) -> None:
        cluster = _storage_tool(classpath, "random-uuid").split()[-1]
        users: list[str] = []
        for name, password in self._scram_users.items():
            users += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        _storage_tool(
            classpath, "format", "--standalone", "--cluster-id", cluster,
            "--config", str(properties), *users,
        )  # fmt: skip

    def _wait_until_ready(self, begin: int) -> None:
        assert self._process is not None
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end and self._process.poll() is None:
            with self.log.open("rb") as log:
                log.seek(begin)
                if READY.encode() in log.read():
                    return
            time.sleep(0.05)
        raise BrokerNotStarted(log=str(self.log), printed=_tail(self.log))


def _storage_tool(classpath: str, *arguments: str) -> str:
    done = subprocess.run(
        ["java", "-cp", classpath, "kafka.tools.StorageTool", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BrokerNotStarted(log="StorageTool", printed=done.stdout + done.stderr)
    return done.stdout


def _tail(path: Path, lines: int = 15) -> str:
    """Return the last lines that tell of trouble: neither reports of success nor stack frames."""
    said = path.read_text(encoding="utf-8", errors="replace").splitlines()
    telling = [line for line in said if " INFO " not in line and not line[:1].isspace()]
    return "\n".join(telling[-lines:])
