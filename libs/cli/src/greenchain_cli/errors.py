"""Errors of the command itself, and how any error ends the process."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation
from chassis.problem import violations_of
from greenchain_cli import language, output


class ExitCode(IntEnum):
    """What the process says to its caller."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    INVALID = 3
    NOT_FOUND = 4
    UPSTREAM = 5


EXIT_CODES = {
    Kind.INVALID: ExitCode.INVALID,
    Kind.CONFLICT: ExitCode.INVALID,
    Kind.UNAUTHENTICATED: ExitCode.USAGE,
    Kind.FORBIDDEN: ExitCode.USAGE,
    Kind.NOT_FOUND: ExitCode.NOT_FOUND,
    Kind.UNAVAILABLE: ExitCode.UPSTREAM,
    Kind.INTERNAL: ExitCode.INTERNAL,
}


@dataclass(eq=False)
class MissingSetting(GreenchainError):
    """An environment variable that the command needs is not set."""

    code: ClassVar[str] = "cli.setting.missing"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "{name} is not set. {hint_en}"
    zh: ClassVar[str] = "未设置环境变量 {name}。{hint_zh}"

    name: str
    hint_en: str
    hint_zh: str


@dataclass(eq=False)
class MissingFile(GreenchainError):
    """A file that the command was to read does not exist."""

    code: ClassVar[str] = "cli.file.missing"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "There is no file {path}. {hint_en}"
    zh: ClassVar[str] = "找不到文件 {path}。{hint_zh}"

    path: str
    hint_en: str
    hint_zh: str


@dataclass(eq=False)
class MalformedFile(GreenchainError):
    """A file is not in its documented format."""

    code: ClassVar[str] = "cli.file.malformed"
    en: ClassVar[str] = "{path} cannot be read: {reason_en}"
    zh: ClassVar[str] = "无法读取 {path}：{reason_zh}"

    path: str
    reason_en: str
    reason_zh: str


@dataclass(eq=False)
class TimedOut(GreenchainError):
    """Something that the platform does by itself did not happen in time."""

    code: ClassVar[str] = "cli.wait.timed_out"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "Waited {seconds:g} s for {awaited_en}; it did not happen."
    zh: ClassVar[str] = "等待 {seconds:g} 秒，{awaited_zh}仍未发生。"

    awaited_en: str
    awaited_zh: str
    seconds: float


def report(error: GreenchainError) -> ExitCode:
    """Print an error with its code, every place and how to mend it; return the exit code."""
    spoken = language.current()
    console = output.progress()
    console.print(f"{language.say('error', '错误')} {error.code}", style="bold red", markup=False)
    if not isinstance(error, Violation):
        console.print(f"  {error.summary(spoken)}", markup=False)
    for violation in violations_of(error):
        text, where = violation.message(spoken), violation.location.text(spoken)
        place = "" if not where or where in text else f"{where}{language.say(': ', '：')}"
        console.print(f"  {violation.code}  {place}{text}", markup=False)
    return EXIT_CODES[error.kind]
