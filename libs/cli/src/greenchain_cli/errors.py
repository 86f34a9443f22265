"""Errors of the command itself, and how any error ends the process."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from chassis.errors import GreenchainError, InvalidInput, Kind, Violation
from chassis.problem import plain_attributes, violations_of
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
#: What is the service's own affair to those it serves, and a wrong setting to who starts it.
_OF_THE_OPERATOR = {"database.refused": ExitCode.USAGE}


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
class WrongSetting(GreenchainError):
    """An environment variable holds what it must not."""

    code: ClassVar[str] = "cli.setting.wrong"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "{name} is not right: {reason}. {hint_en}"
    zh: ClassVar[str] = "环境变量 {name} 有误：{reason}。{hint_zh}"

    name: str
    reason: str
    hint_en: str
    hint_zh: str


@dataclass(eq=False)
class WrongSettings(GreenchainError):
    """Several environment variables are missing or wrong."""

    code: ClassVar[str] = "cli.settings"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "Environment variables are missing or wrong. Set them and try again."
    zh: ClassVar[str] = "环境变量缺失或有误。请设置后重试。"

    each: tuple[GreenchainError, ...]


@dataclass(eq=False)
class WrongUse(GreenchainError):
    """The command line is not one that the command understands."""

    code: ClassVar[str] = "cli.usage"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "{reason} See `{command} --help`."
    zh: ClassVar[str] = "{reason} 参见 `{command} --help`。"

    reason: str
    command: str


@dataclass(eq=False)
class WrongOptions(InvalidInput):
    """Options that do not fit the model file that they are given with."""

    code: ClassVar[str] = "cli.options"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "These options do not fit the model:"
    zh: ClassVar[str] = "以下选项与模型不符："


@dataclass(eq=False)
class MissingFile(GreenchainError):
    """A file that the command was to read does not exist."""

    code: ClassVar[str] = "cli.file.missing"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "There is no file {path}. Check the path."
    zh: ClassVar[str] = "找不到文件 {path}。请检查路径。"

    path: str


@dataclass(eq=False)
class UnusableFile(GreenchainError):
    """A file or directory cannot be read or written."""

    code: ClassVar[str] = "cli.file.unusable"
    en: ClassVar[str] = "{path} cannot be used: {reason}. Check the path and your rights to it."
    zh: ClassVar[str] = "无法使用 {path}：{reason}。请检查路径及其访问权限。"

    path: str
    reason: str


@dataclass(eq=False)
class MalformedFile(Violation):
    """A file is not in its documented format."""

    code: ClassVar[str] = "cli.file.malformed"
    en: ClassVar[str] = "{location} cannot be read: {reason_en}"
    zh: ClassVar[str] = "无法读取 {location}：{reason_zh}"

    reason_en: str
    reason_zh: str


@dataclass(eq=False)
class Unforeseen(GreenchainError):
    """A mistake of the program itself."""

    code: ClassVar[str] = "cli.unforeseen"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = (
        "A mistake of the program, not yours: {what}. GREENCHAIN_DEVELOPMENT=1 shows where; "
        "please report it."
    )
    zh: ClassVar[str] = (
        "程序出错，并非您的操作有误：{what}。设置 GREENCHAIN_DEVELOPMENT=1 可查看出错位置，请反馈。"
    )

    what: str


@dataclass(eq=False)
class TimedOut(GreenchainError):
    """Something that the platform does by itself did not happen in time."""

    code: ClassVar[str] = "cli.wait.timed_out"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = (
        "Waited {seconds:g} s for {awaited_en}; it did not happen. Look into the platform's log, "
        "and try again."
    )
    zh: ClassVar[str] = "等待 {seconds:g} 秒，{awaited_zh}仍未发生。请查看平台日志后重试。"

    awaited_en: str
    awaited_zh: str
    seconds: float


def report(error: GreenchainError, *, as_json: bool = False) -> ExitCode:
    """Tell an error with its code, every place and how to mend it; return the exit code.

    People read it on stderr. Programs get it as JSON on stdout too, in place of the data.
    """
    if as_json:
        output.print_json(as_data(error))
    spoken = language.current()
    console = output.progress()
    console.print(f"{language.say('error', '错误')} {error.code}", style="bold red", markup=False)
    if not isinstance(error, Violation):
        console.print(f"  {error.summary(spoken)}", markup=False)
    for wrong in error.each if isinstance(error, WrongSettings) else ():
        console.print(f"  {wrong.code}  {wrong.message(spoken)}", markup=False)
    for violation in violations_of(error):
        text, where = violation.message(spoken), violation.location.text(spoken)
        place = "" if not where or where in text else f"{where}{language.say(': ', '：')}"
        console.print(f"  {violation.code}  {place}{text}", markup=False)
    return _OF_THE_OPERATOR.get(error.code, EXIT_CODES[error.kind])


def as_data(error: GreenchainError) -> dict[str, Any]:
    """Return an error as a program reads it."""
    spoken = language.current()
    data: dict[str, Any] = {
        "code": error.code,
        "message": error.summary(spoken),
        "attributes": plain_attributes(error),
        "violations": [
            {
                "file": each.location.table or None,
                "line": each.location.line,
                "row": each.location.row,
                "id": each.location.id,
                "field": each.location.field or None,
                "code": each.code,
                "message": each.message(spoken),
            }
            for each in violations_of(error)
        ],
    }
    if isinstance(error, WrongSettings):
        data["attributes"] = {
            "each": [
                {"code": one.code, "message": one.message(spoken), "attributes": one.attributes()}
                for one in error.each
            ]
        }
    return {"error": data}
