"""One PostgreSQL server: the wheel's programs, a data folder of its own, a Unix socket, no port."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import URL

from chassis.errors import GreenchainError, Kind
from greenchain_postgres.wheel import get_server

ADMINISTRATOR = "postgres"
STOP_S = 60.0
"""How long a server may take to stop [s]; it takes tenths of a second."""
PROVISION = resources.files("greenchain_postgres").joinpath("provision.sql")


@dataclass(eq=False)
class NotProvided(GreenchainError):
    """The database of a service could not be provided."""

    code: ClassVar[str] = "postgres.database.not_provided"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "The database of {service} could not be provided:\n{printed}"
    zh: ClassVar[str] = "未能创建 {service} 的数据库：\n{printed}"

    service: str
    printed: str


@dataclass(eq=False)
class NotStarted(GreenchainError):
    """The server did not start."""

    code: ClassVar[str] = "postgres.server.not_started"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "PostgreSQL did not start on {directory}: {reason}\n{printed}"
    zh: ClassVar[str] = "PostgreSQL 未能在 {directory} 上启动：{reason}\n{printed}"

    directory: str
    reason: str
    printed: str


@dataclass(eq=False)
class NotStopped(GreenchainError):
    """The server did not end in time."""

    code: ClassVar[str] = "postgres.server.not_stopped"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "The server on {directory} did not stop within {seconds:g} s; its file `log` says why."
    )
    zh: ClassVar[str] = "{directory} 上的服务器未能在 {seconds:g} 秒内停止；原因见其中的 log 文件。"

    directory: str
    seconds: float


class PostgresServer:
    """A server on a data folder; a context manager.

    For development: who reaches its socket may log in as any role. The socket is in the data
    folder, which is its owner's alone, unless that path is too long for a socket; then it is in a
    folder that is open to all of the machine.

    PostgreSQL does not run as root. Started by root, it runs as the system user `pgserver`, which
    is made if it does not exist; that user owns the data, and the folders above the data and above
    the wheel are opened for everybody to pass, but not to read.

    Parameters
    ----------
    directory
        Its data; made if it does not exist, continued if it does. Its parent must exist.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._server = get_server(self._directory, cleanup_mode=None, start=False)
        self._pid_file = self._server.pgdata / "postmaster.pid"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, unless it runs, and wait until it serves.

        Raises
        ------
        NotStarted
            If it cannot.
        """
        self._forget_another()
        try:
            with _plain_locale():
                self._server.start()
        except subprocess.SubprocessError as error:
            log = self._server.log
            raise NotStarted(
                directory=str(self._directory),
                reason=str(error),
                printed=log.read_text(encoding="utf-8") if log.exists() else "",
            ) from error

    def stop(self) -> None:
        """Let open transactions go and stop; harmless when it does not run."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it without a checkpoint, as a power cut does; the next start recovers."""
        self._end(signal.SIGQUIT)

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        pid: int | None = self._server.get_pid()
        return pid

    def url(self, role: str = ADMINISTRATOR, database: str = ADMINISTRATOR) -> str:
        """Return the URL by which a role reaches a database."""
        info = self._server.get_postmaster_info()
        return URL.create(
            "postgresql+psycopg",
            username=role,
            database=database,
            query={"host": str(info.socket_dir)},
        ).render_as_string()

    def provide(self, service: str) -> None:
        """Provide the database of a service and its two roles, as `provision.sql` says.

        Raises
        ------
        NotProvided
            If a statement fails.
        """
        info = self._server.get_postmaster_info()
        done = subprocess.run(
            [
                str(self._server.bin_path / "psql"), "--quiet", "--no-psqlrc",
                "--host", str(info.socket_dir), "--username", ADMINISTRATOR,
                "--set", f"service={service}", "--file", str(PROVISION), ADMINISTRATOR,
            ],
            env={"PATH": os.environ.get("PATH", "")},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise NotProvided(service=service, printed=done.stderr.strip())

    def _end(self, how: signal.Signals) -> None:
        # pg_ctl would run as `pgserver`, who may have lost the way to a folder of root's.
        pid = self._running()
        if pid is None:
            return
        os.kill(pid, how)
        end = time.monotonic() + STOP_S
        while self._running() is not None:
            if time.monotonic() > end:
                raise NotStopped(directory=str(self._directory), seconds=STOP_S)
            time.sleep(0.02)

    def _running(self) -> int | None:
        """Return the process id of the server on this data, if it runs."""
        pid = self._noted()
        return pid if pid is not None and self._is_server(pid) else None

    def _noted(self) -> int | None:
        """Return the process id in the data folder, which may be another process's by now."""
        try:
            return int(self._pid_file.read_text(encoding="ascii").split()[0])
        except FileNotFoundError:
            return None

    def _is_server(self, pid: int) -> bool:
        try:
            program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return program.endswith(b"/postgres") and os.fsencode(self._server.pgdata) in arguments

    def _forget_another(self) -> None:
        """Drop a process id that another process has, which would be taken for the server."""
        pid = self._noted()
        if pid is not None and Path(f"/proc/{pid}").exists() and not self._is_server(pid):
            self._pid_file.unlink()


@contextmanager
def _plain_locale() -> Iterator[None]:
    """Let programs start in the locale that every machine has, whatever the user's shell names."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
