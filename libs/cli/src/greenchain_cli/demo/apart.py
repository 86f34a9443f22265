"""The services apart: four processes on a database server and an event log, as in production."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.demo.ports import ISSUER, Ports
from greenchain_cli.demo.servers import start_kafka, start_postgres
from greenchain_cli.demo.services import READY_S, ServiceProcess
from greenchain_cli.demo.shape import Database, Events, Shape
from greenchain_cli.demo.signals import orderly_end, undisturbed
from greenchain_cli.demo.venue import Venue
from greenchain_cli.language import say
from greenchain_local import secrets
from greenchain_local.environment import SERVICES, environment_of
from greenchain_local.identities import DEMO_IDENTITIES
from greenchain_local.state import StateFiles, exclusive


@contextmanager
def apart(directory: Path, shape: Shape, narrator: Narrator) -> Iterator[Venue]:
    """Run servers and services; all have ended when the block has, however it ends."""
    running = ExitStack()
    with orderly_end():
        try:
            yield _start(running, directory, shape, narrator)
        finally:
            stopping = say("stopping services and servers", "正在停止服务与服务器")
            with undisturbed(), running, narrator.doing(stopping):
                running.close()


def _start(running: ExitStack, directory: Path, shape: Shape, narrator: Narrator) -> Venue:
    files = running.enter_context(exclusive(directory))
    kept = secrets.read_or_make(directory, DEMO_IDENTITIES)
    if shape.database is Database.POSTGRES:
        databases = start_postgres(running, directory / "postgres", narrator)
    else:
        databases = {name: files.database_url(name) for name in SERVICES}
    if shape.events is Events.KAFKA:
        event_log = start_kafka(running, directory / "kafka", narrator)
    else:
        event_log = files.event_log
    ports = Ports.free()
    common = ports.variables() | {"GREENCHAIN_EVENT_LOG": event_log}
    with narrator.doing(say("starting the services", "正在启动各服务")):
        end = monotonic() + READY_S
        services = [
            running.enter_context(
                ServiceProcess(
                    name, ports.options(name), {**own, **common}, directory / f"{name}.log"
                )
            )
            for name, own in _own_variables(files, databases).items()
        ]
        for service in services:
            service.wait_until_ready(end)
    return Venue(
        footprint_url=ports.url("footprint"),
        certification_url=ports.url("certification"),
        target=ports.target("supplier"),
        token_url=common["GREENCHAIN_TOKEN_URL"],
        event_log=event_log,
        credentials=kept.credentials,
        described=_described(ports, shape),
    )


def _own_variables(
    files: StateFiles, databases: Mapping[str, str]
) -> Mapping[str, Mapping[str, str]]:
    """Return what each process alone is told: its secrets and its database."""
    of_services = {
        name: {
            **environment_of(name, files.directory),
            f"GREENCHAIN_{name.upper()}_DATABASE_URL": databases[name],
        }
        for name in SERVICES
    }
    return {ISSUER: {"GREENCHAIN_STATE_DIR": str(files.directory)}, **of_services}


def _described(ports: Ports, shape: Shape) -> str:
    where = say(", ", "，").join(
        (
            f"issuer {ports.url(ISSUER)}",
            f"supplier {ports.target('supplier')}",
            f"footprint {ports.url('footprint')}",
            f"certification {ports.url('certification')}",
        )
    )
    database = {Database.SQLITE: "SQLite", Database.POSTGRES: "PostgreSQL"}[shape.database]
    events = {
        Events.LOCAL: say("local event log", "本地事件日志"),
        Events.KAFKA: "Apache Kafka",
    }[shape.events]
    return say(
        f"Four processes: {where}; {database}, {events}.",
        f"四个进程：{where}；{database}，{events}。",
    )
