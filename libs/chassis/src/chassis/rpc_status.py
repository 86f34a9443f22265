"""Errors on the gRPC wire: `google.rpc.Status` with code, attributes and field violations.

A `GreenchainError` becomes a status with

* `ErrorInfo`: reason = the error's code, domain ``greenchain``, metadata = its attributes as JSON;
* `BadRequest`: one field violation per violation, with its code and place;
* `LocalizedMessage`: the text in the caller's language.

A status of that form becomes a `RemoteError` on the caller's side.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, cast

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from chassis.errors import GreenchainError, Kind, Location, Unavailable, Violation
from chassis.problem import plain_attributes, violations_of

DOMAIN = "greenchain"
#: Bound on the violations of one status; gRPC's metadata limit is raised to hold it [bytes].
MAX_VIOLATIONS_BYTES = 24 * 1024
#: Longest text in a status [characters]: an id of a megabyte, repeated in "there is no such id",
#: would not fit, and the caller would learn nothing but that.
MAX_TEXT = 1000
#: Trailers of one call, on both sides [bytes]. gRPC's default of 8 KiB holds some 40 row errors.
MAX_METADATA_BYTES = 64 * 1024

CODES: dict[Kind, int] = {
    Kind.INVALID: code_pb2.INVALID_ARGUMENT,
    Kind.UNAUTHENTICATED: code_pb2.UNAUTHENTICATED,
    Kind.FORBIDDEN: code_pb2.PERMISSION_DENIED,
    Kind.NOT_FOUND: code_pb2.NOT_FOUND,
    Kind.CONFLICT: code_pb2.FAILED_PRECONDITION,
    Kind.UNAVAILABLE: code_pb2.UNAVAILABLE,
    Kind.INTERNAL: code_pb2.INTERNAL,
}
_KINDS = {code: kind for kind, code in CODES.items()} | {
    code_pb2.DEADLINE_EXCEEDED: Kind.UNAVAILABLE,
    code_pb2.RESOURCE_EXHAUSTED: Kind.INVALID,
    code_pb2.ALREADY_EXISTS: Kind.CONFLICT,
    code_pb2.ABORTED: Kind.CONFLICT,
    code_pb2.OUT_OF_RANGE: Kind.INVALID,
}
_TEXT_LANGUAGES = {"en": "en", "zh": "zh-CN"}
_FIELD = re.compile(
    r"(?:table\[(?P<table>[^\]]*)\]\.?)?(?:row\[(?P<row>\d+)\]\.?)?"
    r"(?:id\[(?P<id>[^\]]*)\]\.?)?(?P<field>.*)"
)


@dataclass(eq=False)
class RemoteError(GreenchainError):
    """An error that another service answered with; `code` and `kind` are the other's own.

    Passed on, it looks to the caller as it looked here.
    """

    code: ClassVar[str] = "remote"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "{text}"
    zh: ClassVar[str] = "{text}"

    remote_code: str
    remote_kind: Kind
    text: str
    remote_attributes: dict[str, Any]
    violations: tuple[Violation, ...] = ()

    def __post_init__(self) -> None:
        # Instance attributes: each remote error is of the other side's class.
        self.__dict__.update(code=self.remote_code, kind=self.remote_kind)

    def message(self, language: str = "en") -> str:
        """Return the text that the other service sent, and its violations."""
        lines = (f"- {each.message(language)}" for each in self.violations)
        return "\n".join((self.text, *lines))

    def summary(self, language: str = "en") -> str:
        """Return the text that the other service sent."""
        return self.text

    def attributes(self) -> dict[str, Any]:
        """Return the attributes that the other service sent."""
        return self.remote_attributes


@dataclass(eq=False)
class RemoteViolation(Violation):
    """One violation that another service reported."""

    code: ClassVar[str] = "remote.violation"
    en: ClassVar[str] = "{text}"
    zh: ClassVar[str] = "{text}"

    remote_code: str
    text: str

    def __post_init__(self) -> None:
        self.__dict__.update(code=self.remote_code)

    def attributes(self) -> dict[str, Any]:
        """Return nothing: of a violation, code, place and text are sent."""
        return {}

    def message(self, language: str = "en") -> str:
        """Return the text that the other service sent."""
        return self.text


def to_status(error: GreenchainError, language: str) -> status_pb2.Status:
    """Return the rich status of an error."""
    violations = violations_of(error)
    attributes = plain_attributes(error)
    info = error_details_pb2.ErrorInfo(
        reason=error.code,
        domain=DOMAIN,
        metadata={
            name: json.dumps(_short(value) if isinstance(value, str) else value, ensure_ascii=False)
            for name, value in attributes.items()
        },
    )
    summary = _short(error.summary(language))
    status = status_pb2.Status(code=CODES[error.kind], message=summary)
    reported = _bad_request(violations, language)
    if len(reported.field_violations) < len(violations):
        info.metadata["violations_total"] = str(len(violations))
    status.details.add().Pack(info)
    if violations:
        status.details.add().Pack(reported)
    status.details.add().Pack(
        error_details_pb2.LocalizedMessage(locale=_TEXT_LANGUAGES[language], message=summary)
    )
    return status


def raise_from(error: grpc.RpcError, service: str) -> NoReturn:
    """Raise what a failed call means here.

    Raises
    ------
    Unavailable
        If the service did not answer in time.
    RemoteError
        With the code, kind, attributes and violations that the service answered.
    """
    call = cast(grpc.Call, error)
    status = _read_status(call)
    code = call.code()
    number = status.code if status is not None else code.value[0]
    kind = _KINDS.get(number, Kind.INTERNAL)
    if status is None:
        if kind is Kind.UNAVAILABLE:
            raise Unavailable(service=service) from error
        name = f"grpc.{code.name.lower()}"
        text = f"{service}: {call.details() or code.name}"
        raise RemoteError(
            remote_code=name, remote_kind=kind, text=text, remote_attributes={}
        ) from error
    raise _remote_error(status, kind) from error


@contextmanager
def translated_errors(service: str) -> Iterator[None]:
    """Turn failed calls inside the block into `GreenchainError` (see `raise_from`)."""
    try:
        yield
    except grpc.RpcError as error:
        raise_from(error, service)


def _read_status(call: grpc.Call) -> status_pb2.Status | None:
    try:
        found: status_pb2.Status | None = rpc_status.from_call(call)
    except ValueError:
        # The rich status and the plain one disagree: trust the plain one.
        return None
    return found


def _remote_error(status: status_pb2.Status, kind: Kind) -> RemoteError:
    info = error_details_pb2.ErrorInfo()
    reported = error_details_pb2.BadRequest()
    for detail in status.details:
        # Unpack fills the message if it is of that type, and leaves it alone otherwise.
        if not detail.Unpack(info):
            detail.Unpack(reported)
    return RemoteError(
        remote_code=info.reason or "remote",
        remote_kind=kind,
        text=status.message,
        remote_attributes={name: _value(text) for name, text in info.metadata.items()},
        violations=tuple(
            RemoteViolation(
                location=_location(each.field), remote_code=each.reason, text=each.description
            )
            for each in reported.field_violations
        ),
    )


def _bad_request(violations: tuple[Violation, ...], language: str) -> error_details_pb2.BadRequest:
    """List the violations, as many as fit."""
    request = error_details_pb2.BadRequest()
    room = MAX_VIOLATIONS_BYTES
    for violation in violations:
        one = error_details_pb2.BadRequest.FieldViolation(
            field=_field(violation.location),
            description=_short(violation.message(language)),
            reason=violation.code,
        )
        room -= one.ByteSize()
        if room < 0:
            break
        request.field_violations.append(one)
    return request


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _field(location: Location) -> str:
    table = f"table[{location.table.replace(']', '')}]" if location.table else ""
    row = f"row[{location.row}]" if location.row is not None else ""
    id_ = f"id[{location.id.replace(']', '')}]" if location.id is not None else ""
    return ".".join(part for part in (table, row, id_, location.field) if part)


def _location(text: str) -> Location:
    found = _FIELD.fullmatch(text)
    if found is None:
        return Location(field=text)
    row = found["row"]
    return Location(
        field=found["field"],
        row=int(row) if row else None,
        id=found["id"],
        table=found["table"] or "",
    )


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
