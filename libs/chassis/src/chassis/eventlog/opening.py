"""The event log that a setting names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Unavailable
from chassis.eventlog import EventLog
from chassis.eventlog.local import LocalEventLog
from chassis.logging import get_logger
from chassis.settings import KafkaSettings
from chassis.topics import TOPICS

log = get_logger(__name__)

LOCAL, KAFKA = "local:", "kafka:"
_SERVER = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[\w.-]+):(?P<port>\d{1,5})")


@dataclass(eq=False)
class UnknownEventLog(GreenchainError):
    """The setting names an event log of a sort that there is not."""

    code: ClassVar[str] = "eventlog.setting.unknown"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "GREENCHAIN_EVENT_LOG is {setting!r}, which names no event log. Write local: and the path "
        "of its file, e.g. local:.greenchain/events.db, or kafka: and the cluster's servers, "
        "e.g. kafka:broker-1:9092,broker-2:9092."
    )
    zh: ClassVar[str] = (
        "GREENCHAIN_EVENT_LOG 的值 {setting!r} 不是有效的事件日志。"
        "请写 local: 加文件路径，例如 local:.greenchain/events.db；"
        "或 kafka: 加集群地址，例如 kafka:broker-1:9092,broker-2:9092。"
    )

    setting: str


@dataclass(eq=False)
class NoEventLog(GreenchainError):
    """Who only reads an event log does not make one."""

    code: ClassVar[str] = "eventlog.missing"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "There is no event log at {path}. Set GREENCHAIN_EVENT_LOG to that of the platform, "
        "e.g. local:.greenchain/events.db in the directory where `greenchain up` runs."
    )
    zh: ClassVar[str] = (
        "{path} 处没有事件日志。请把 GREENCHAIN_EVENT_LOG 设为平台的事件日志，"
        "例如运行 `greenchain up` 的目录中的 local:.greenchain/events.db。"
    )

    path: str


@contextmanager
def open_event_log(setting: str, *, must_exist: bool = False) -> Iterator[EventLog]:
    """Open the event log of a setting, with all topics.

    Parameters
    ----------
    setting
        ``local:<path of its SQLite file>`` or ``kafka:<host:port>[,<host:port>…]``; how to log in
        to a Kafka cluster is told by `KafkaSettings`.
    must_exist
        Whether it is a mistake if there is none; otherwise its file or its topics are made.

    Raises
    ------
    UnknownEventLog, NoEventLog
        If the setting names none, or one that is not there.
    """
    if setting.startswith(LOCAL):
        event_log = _local(setting.removeprefix(LOCAL), must_exist)
    elif setting.startswith(KAFKA):
        event_log = _kafka(setting.removeprefix(KAFKA))
    else:
        raise UnknownEventLog(setting=setting)
    try:
        if not must_exist:
            _create_topics(event_log)
        yield event_log
    finally:
        event_log.close()


def _local(path: str, must_exist: bool) -> EventLog:
    if not path:
        raise UnknownEventLog(setting=LOCAL)
    if must_exist and not Path(path).is_file():
        raise NoEventLog(path=path)
    return LocalEventLog(path)


def _kafka(servers: str) -> EventLog:
    # Imported here, since who has a local log need not wait for it.
    from chassis.eventlog.kafka import KafkaEventLog

    named = servers.split(",")
    if not all(map(_names_a_server, named)):
        raise UnknownEventLog(setting=f"{KAFKA}{servers}")
    return KafkaEventLog(named, KafkaSettings())


def _names_a_server(text: str) -> bool:
    found = _SERVER.fullmatch(text)
    return found is not None and int(found["port"]) <= 65535


def _create_topics(event_log: EventLog) -> None:
    try:
        event_log.create_topics(TOPICS)
    except Unavailable as error:
        # A service starts while the log is down; the log makes them once it is used.
        log.warning("topics not created yet", error=str(error))
