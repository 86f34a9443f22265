"""The event log that a setting names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind
from chassis.eventlog import EventLog
from chassis.eventlog.local import LocalEventLog
from chassis.topics import TOPICS

SCHEME = "local:"


@dataclass(eq=False)
class UnknownEventLog(GreenchainError):
    """The setting names an event log of a sort that there is not."""

    code: ClassVar[str] = "local.event_log.unknown"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "GREENCHAIN_EVENT_LOG is {setting!r}, which names no event log. Write local: and the path "
        "of its file, e.g. local:.greenchain/events.db."
    )
    zh: ClassVar[str] = (
        "GREENCHAIN_EVENT_LOG 的值 {setting!r} 不是有效的事件日志。"
        "请写 local: 加文件路径，例如 local:.greenchain/events.db。"
    )

    setting: str


@dataclass(eq=False)
class NoEventLog(GreenchainError):
    """Who only reads an event log does not make one."""

    code: ClassVar[str] = "local.event_log.missing"
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
    """Open the event log of a setting, ``local:<path of its SQLite file>``, with all topics.

    Parameters
    ----------
    must_exist
        Whether it is a mistake if there is none; otherwise it is made.

    Raises
    ------
    UnknownEventLog, NoEventLog
        If the setting names none, or one that is not there.
    """
    path = setting.removeprefix(SCHEME)
    if path == setting or not path:
        raise UnknownEventLog(setting=setting)
    if must_exist and not Path(path).is_file():
        raise NoEventLog(path=path)
    event_log = LocalEventLog(path)
    try:
        event_log.create_topics(TOPICS)
        yield event_log
    finally:
        event_log.close()
