"""An error as a JSON object, for HTTP answers (RFC 9457) and dead letters."""

from datetime import date
from enum import Enum
from typing import Any

from chassis.errors import GreenchainError, Kind, Location, Violation

TITLES: dict[Kind, tuple[str, str]] = {
    Kind.INVALID: ("The input is not valid", "输入无效"),
    Kind.UNAUTHENTICATED: ("A valid token is needed", "需要有效令牌"),
    Kind.FORBIDDEN: ("Not allowed", "无权操作"),
    Kind.NOT_FOUND: ("Not found", "未找到"),
    Kind.CONFLICT: ("In conflict with the present state", "与当前状态冲突"),
    Kind.UNAVAILABLE: ("Not available at the moment", "暂时不可用"),
    Kind.INTERNAL: ("Internal error", "内部错误"),
}


def describe(error: GreenchainError, language: str = "en") -> dict[str, Any]:
    """Return `type`, `title`, `detail`, `code`, `attributes` and `violations` of an error."""
    english, chinese = TITLES[error.kind]
    return {
        "type": f"urn:greenchain:problem:{error.code}",
        "title": chinese if language == "zh" else english,
        "detail": error.summary(language),
        "code": error.code,
        "attributes": plain_attributes(error),
        "violations": [_violation(violation, language) for violation in violations_of(error)],
    }


def violations_of(error: GreenchainError) -> tuple[Violation, ...]:
    """Return what is wrong, place by place: an error about one place is its own violation."""
    if isinstance(error, Violation):
        return (error,)
    # Also of an error that came from another service, which carries its violations along.
    return tuple(getattr(error, "violations", ()))


def plain_attributes(error: GreenchainError) -> dict[str, Any]:
    """Return the error's attributes as JSON values, without places and violations."""
    return {
        name: _plain(value)
        for name, value in error.attributes().items()
        if name not in ("location", "violations")
    }


def _violation(violation: Violation, language: str) -> dict[str, Any]:
    location = violation.location
    return {
        "location": location.text(language),
        "table": location.table,
        "row": location.row,
        "field": location.field,
        "id": location.id,
        "code": violation.code,
        "message": violation.message(language),
        "attributes": plain_attributes(violation),
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        # NaN and infinities, which an input may hold, have no JSON form.
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Location):
        return value.text()
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
