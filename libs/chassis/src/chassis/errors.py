"""Errors of the platform: a stable code, typed attributes and a text in English and Chinese.

Pure: knows no HTTP, gRPC or message format. Entrypoints map a `GreenchainError` to problem+json
(`chassis.web`), to a gRPC status (`chassis.rpc`) or to retry / dead letter (`chassis.consumer`).

A concrete error is a dataclass that states `code`, `en` and `zh`; this is checked when the class
is defined, so that an error without a Chinese text cannot be released:

>>> @dataclass(eq=False)
... class UnknownPort(GreenchainError):
...     code = "shipping.port.unknown"
...     en = "Port {port} is not in the port list. Use its UN/LOCODE, e.g. CNSHA."
...     zh = "港口列表中没有 {port}。请使用 UN/LOCODE，例如 CNSHA。"
...     port: str
>>> UnknownPort(port="Shanghai").message("en")
'Port Shanghai is not in the port list. Use its UN/LOCODE, e.g. CNSHA.'
"""

import inspect
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar

LANGUAGES = ("en", "zh")


class Kind(StrEnum):
    """What sort of mistake it is; each entrypoint maps a kind to its own status code."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Location:
    """Where in the input a violation stands.

    Attributes
    ----------
    field
        Name of the field or column, as the documented format calls it.
    row
        Data row, counted from 1 without the header.
    id
        The row's own identifier, e.g. a `line_id`.
    table
        Which of the input's tables or files, if it has several.
    line
        Row of the file as a spreadsheet counts it: comments, header and blank rows count too.
        Only who read the file knows it.
    """

    field: str
    row: int | None = None
    id: str | None = None
    table: str = ""
    line: int | None = None

    def text(self, language: str = "en") -> str:
        """Say the location in words, e.g. ``row 4 (line lfp.04), field amount``."""
        chinese = language == "zh"
        place = self._in_file(chinese) if self.line is not None else self._in_rows(chinese)
        parts = [part for part in (f"{self.table} {place}".strip(),) if part]
        if self.field:
            parts.append(f"字段 {self.field}" if chinese else f"field {self.field}")
            if self._is_path and self.id is not None:
                parts[-1] += f"（{self.id}）" if chinese else f" ({self.id})"
        return ("，" if chinese else ", ").join(parts)

    @property
    def _is_path(self) -> bool:
        """Whether the field is a path within a document, where no line has the id."""
        return "[" in self.field and self.row is None

    def _in_rows(self, chinese: bool) -> str:
        if self.row is None:
            if self.id is None or self._is_path:
                return ""
            return f"{'行' if chinese else 'line'} {self.id}"
        line = f"第 {self.row} 行" if chinese else f"row {self.row}"
        if self.id is not None:
            line += f"（{self.id}）" if chinese else f" (line {self.id})"
        return line

    def _in_file(self, chinese: bool) -> str:
        line = f"第 {self.line} 行" if chinese else f"line {self.line}"
        row = None if self.row is None else f"数据行 {self.row}" if chinese else f"row {self.row}"
        known = [part for part in (row, None if self._is_path else self.id) if part]
        if not known:
            return line
        return f"{line}（{'，'.join(known)}）" if chinese else f"{line} ({', '.join(known)})"

    def __str__(self) -> str:
        return self.text()


class _Texts(string.Formatter):
    """`str.format` that writes locations and lists of names as a reader expects them."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Location):
            return value.text(self.language)
        if isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping):
            separator = "、" if self.language == "zh" else ", "
            ordered = value if isinstance(value, Sequence) else sorted(value)
            return separator.join(self.format_field(item, format_spec) for item in ordered)
        return super().format_field(value, format_spec)


def _field_names(cls: type) -> set[str]:
    """Annotated attributes of a class that is about to become a dataclass."""
    names: set[str] = set()
    for base in cls.__mro__:
        for name, annotation in inspect.get_annotations(base).items():
            if "ClassVar" not in str(annotation):
                names.add(name)
    return names


@dataclass(eq=False)
class GreenchainError(Exception):
    """Base of every error that a person or another service may get to see.

    Attributes
    ----------
    code
        Stable name, ``service.thing.what``; clients may branch on it.
    kind
        Which sort of mistake it is.
    en, zh
        `str.format` templates over the fields: what is wrong, where, and how to mend it.

    Notes
    -----
    A family base that is never raised itself is declared with ``abstract=True`` among its bases,
    ``class X(GreenchainError, abstract=True)``, and may leave out `code`, `en` and `zh`.
    """

    code: ClassVar[str]
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str]
    zh: ClassVar[str]

    def __init_subclass__(cls, *, abstract: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        if abstract:
            return
        names = _field_names(cls)
        for attribute in ("code", *LANGUAGES):
            text = getattr(cls, attribute, None)
            if not isinstance(text, str) or not text.strip():
                raise TypeError(
                    f"{cls.__qualname__} needs a non-empty class attribute {attribute!r} "
                    "(or `abstract=True` if it is only a base)"
                )
        for language in LANGUAGES:
            for _, name, _, _ in string.Formatter().parse(getattr(cls, language)):
                if name is not None and name not in names:
                    raise TypeError(
                        f"{cls.__qualname__}.{language} uses {{{name}}}, which is not one of its "
                        f"fields: {', '.join(sorted(names)) or 'it has none'}"
                    )

    def attributes(self) -> dict[str, Any]:
        """Return the error's typed attributes by name."""
        return self._fields()

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def message(self, language: str = "en") -> str:
        """Say the error in `language` (``en`` or ``zh``)."""
        template = self.zh if language == "zh" else self.en
        return _Texts(language).vformat(template, (), self._fields())

    def summary(self, language: str = "en") -> str:
        """Say the error without its list of violations, which are reported one by one."""
        return self.message(language)

    def __str__(self) -> str:
        return self.message("en")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception pickles its positional arguments only; fields given by keyword would be lost
        # on the way out of a worker process.
        return _rebuild, (type(self), self._fields())


def _rebuild(cls: type[GreenchainError], attributes: dict[str, Any]) -> GreenchainError:
    return cls(**attributes)


@dataclass(eq=False)
class Violation(GreenchainError, abstract=True):
    """Base of what is wrong with one row or field of an input."""

    location: Location


@dataclass(eq=False)
class InvalidInput(GreenchainError):
    """All violations of one input together, so that a person mends them in one go."""

    code: ClassVar[str] = "input.invalid"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "The input was refused; nothing was stored. Violations:"
    zh: ClassVar[str] = "输入被拒绝，未保存任何内容。问题如下："

    violations: tuple[Violation, ...]

    def summary(self, language: str = "en") -> str:
        """Return the sentence above the list."""
        return self.zh if language == "zh" else self.en

    def message(self, language: str = "en") -> str:
        """Return the sentence and every violation with its place, line by line."""
        header = self.summary(language)
        lines = (f"- {_with_location(violation, language)}" for violation in self.violations)
        return "\n".join((header, *lines))


def _with_location(violation: Violation, language: str) -> str:
    """Prefix the location unless the violation's own text names it."""
    where, text = violation.location.text(language), violation.message(language)
    if not where or where in text:
        return text
    return f"{where}：{text}" if language == "zh" else f"{where}: {text}"


@dataclass(eq=False)
class NotFound(GreenchainError):
    """There is no such thing, or the caller may not know of it: both look the same."""

    code: ClassVar[str] = "not_found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "There is no {what} {id} that you may see. Check the id, and whose identity you use."
    )
    zh: ClassVar[str] = "没有您可以查看的 {what} {id}。请检查编号和所用身份。"

    what: str
    id: str


@dataclass(eq=False)
class Forbidden(GreenchainError):
    """The caller is known but lacks a role."""

    code: ClassVar[str] = "forbidden"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "This needs {needed}, which your token does not grant. Use an identity that has it."
    )
    zh: ClassVar[str] = "此操作需要 {needed}，您的令牌未授予该权限。请使用具有该权限的身份。"

    needed: str


@dataclass(eq=False)
class Unauthenticated(GreenchainError):
    """The call carries no token, or one that was refused.

    `reason` is one of a few fixed words, never text out of the token.
    """

    code: ClassVar[str] = "unauthenticated"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = "A valid bearer token is needed: {reason}. Ask the token endpoint for one."
    zh: ClassVar[str] = "需要有效的访问令牌：{reason}。请向令牌端点申请。"

    reason: str


@dataclass(eq=False)
class Unavailable(GreenchainError):
    """Another service or resource does not answer now; the same call may succeed later."""

    code: ClassVar[str] = "unavailable"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    en: ClassVar[str] = "{service} does not answer at the moment. Try again later."
    zh: ClassVar[str] = "{service} 暂时无法响应，请稍后重试。"

    service: str


@dataclass(eq=False)
class Collision(Unavailable):
    """A transaction was taken back: it and another one waited for each other.

    Entrypoints make the call once more before they tell of it.
    """

    code: ClassVar[str] = "collision"
    en: ClassVar[str] = (
        "{service}: two changes were in each other's way and this one was taken back. Try again."
    )
    zh: ClassVar[str] = "{service}：两项更改互相冲突，此项已撤回。请重试。"


@dataclass(eq=False)
class Internal(GreenchainError):
    """An error that nobody foresaw; what it was stands in the log, not in the answer."""

    code: ClassVar[str] = "internal"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "Something went wrong on our side. Quote request {request_id} to support."
    zh: ClassVar[str] = "系统内部出错。请联系支持并提供请求编号 {request_id}。"

    request_id: str
