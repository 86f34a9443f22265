"""A PostgreSQL server and a Kafka broker of the demonstration's own."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from greenchain_cli.demo.narrator import Narrator
from greenchain_cli.demo.processes import ClientProcess
from greenchain_cli.language import say
from greenchain_kafka.broker import Broker
from greenchain_local.environment import SERVICES
from greenchain_postgres.server import PostgresServer


def start_postgres(running: ExitStack, directory: Path, narrator: Narrator) -> Mapping[str, str]:
    """Start a server and migrate a database for each service; return their URLs by service.

    Parameters
    ----------
    running
        Stops the server.
    directory
        Its data; does not exist yet.
    """
    with narrator.doing(say("starting PostgreSQL", "正在启动 PostgreSQL")):
        server = PostgresServer(directory)
        # Before it starts: an interruption must not leave it behind.
        running.callback(server.stop)
        server.start()
        for name in SERVICES:
            server.provide(name)
    with (
        narrator.doing(say("migrating three databases", "正在迁移三个数据库")),
        ExitStack() as ending,
    ):
        migrations = [
            ending.enter_context(ClientProcess(name, [name, "migrate"], _owner(server, name)))
            for name in SERVICES
        ]
        for migration in migrations:
            migration.answer()
    return {name: server.url(name, name) for name in SERVICES}


def start_kafka(running: ExitStack, directory: Path, narrator: Narrator) -> str:
    """Start a broker; return the setting of its event log.

    Parameters
    ----------
    running
        Stops the broker.
    directory
        Its data and its log.
    """
    with narrator.doing(
        say(
            "starting Apache Kafka, which the first time is fetched",
            "正在启动 Apache Kafka（首次运行需下载）",
        )
    ):
        broker = running.enter_context(Broker(directory))
    return f"kafka:{broker.address}"


def _owner(server: PostgresServer, name: str) -> Mapping[str, str]:
    return {f"GREENCHAIN_{name.upper()}_OWNER_DATABASE_URL": server.url(f"{name}_owner", name)}
