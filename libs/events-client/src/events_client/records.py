"""Fetches public records and the issuer's keys over HTTP; no token is needed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from chassis import strict_json
from chassis.errors import GreenchainError, NotFound, Unavailable

#: Longest wait for a connection, for the next piece of an answer, and for all of it [s].
TIMEOUT_S = 10.0
#: Larger answers are refused; a record has a few kilobytes [bytes].
MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(eq=False)
class RecordUnreadable(GreenchainError):
    """The service answered with something that is no record."""

    code: ClassVar[str] = "events_client.record.unreadable"
    en: ClassVar[str] = "The answer of {url} cannot be read: {reason}."
    zh: ClassVar[str] = "{url} 的应答无法读取：{reason}。"

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublicFlag:
    """What became known about the record without changing its state."""

    code: str
    reason: str
    since: datetime
    successor_footprint_id: str | None


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A record as the issuer's service shows it now.

    Attributes
    ----------
    standing_en, standing_zh
        Where it stands now, in words: state, validity, flags. Show this first.
    state
        `issued`, `suspended`, `withdrawn` or `revoked`.
    in_force
        Whether it is issued and within its validity. Flags are told apart, in `flags`.
    sha256, key_id, jws
        The signed document, its hash and the key that signed it.
    """

    standing_en: str
    standing_zh: str
    state: str
    in_force: bool
    flags: tuple[PublicFlag, ...]
    issued_at: datetime
    valid_until: datetime
    record_id: str
    scheme_id: str
    sha256: str
    key_id: str
    jws: str

    def standing(self, language: str = "en") -> str:
        """Say where the record stands, in ``en`` or ``zh``."""
        return self.standing_zh if language == "zh" else self.standing_en


def fetch_record(base_url: str, record_id: str) -> PublicRecord:
    """Fetch a record.

    Parameters
    ----------
    base_url
        Public address of the certification service, as the body knows it; never one that came
        with an event or a document.

    Raises
    ------
    NotFound
        The service knows no issued record of this id.
    Unavailable
        It does not answer.
    RecordUnreadable
        Its answer is no record.
    """
    url = f"{base_url.rstrip('/')}/v1/records/{quote(record_id, safe='')}"
    body = _get(url, NotFound(what="record", id=record_id))
    try:
        record = _record(body)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordUnreadable(url=url, reason=f"{type(error).__name__}: {error}") from error
    if record.record_id != record_id:
        raise RecordUnreadable(url=url, reason="it is another record")
    return record


def fetch_keys(base_url: str) -> Mapping[str, Any]:
    """Fetch the issuer's public keys (a JWK set, RFC 7517).

    Raises as `fetch_record`.
    """
    url = f"{base_url.rstrip('/')}/.well-known/jwks.json"
    body = _get(url, NotFound(what="key set", id=url))
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise RecordUnreadable(url=url, reason="it is no JWK set")
    return {"keys": keys}


def _get(url: str, unknown: NotFound) -> Any:
    try:
        # Redirects are not followed: the address is the body's own choice.
        with httpx.stream(
            "GET",
            url,
            # A few packed kilobytes could unpack to gigabytes.
            headers={"Accept-Encoding": "identity"},
            timeout=TIMEOUT_S,
            follow_redirects=False,
            trust_env=False,
        ) as answer:
            if answer.status_code == 404:
                raise unknown
            if answer.status_code >= 500:
                raise Unavailable(service="certification")
            if answer.status_code != 200:
                raise RecordUnreadable(url=url, reason=f"HTTP status {answer.status_code}")
            content = _content(answer, url)
    except httpx.HTTPError as error:
        raise Unavailable(service="certification") from error
    try:
        return strict_json.loads(content)
    except ValueError as error:
        raise RecordUnreadable(url=url, reason=str(error)) from error


def _content(answer: httpx.Response, url: str) -> bytes:
    """Read an answer piece by piece: it may be endless or slow."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise RecordUnreadable(url=url, reason="it is packed, though that was not asked for")
    content, end = bytearray(), time.monotonic() + TIMEOUT_S
    for piece in answer.iter_raw():
        content += piece
        if len(content) > MAX_ANSWER_BYTES:
            raise RecordUnreadable(url=url, reason=f"larger than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() > end:
            raise Unavailable(service="certification")
    return bytes(content)


def _record(body: Any) -> PublicRecord:
    if not isinstance(body["in_force"], bool):
        raise TypeError("in_force is neither true nor false")
    return PublicRecord(
        standing_en=_text(body["standing"], "en"),
        standing_zh=_text(body["standing"], "zh"),
        state=_text(body, "state"),
        in_force=body["in_force"],
        flags=tuple(_flag(flag) for flag in body["flags"]),
        issued_at=_instant(body, "issued_at"),
        valid_until=_instant(body, "valid_until"),
        record_id=_text(body, "record_id"),
        scheme_id=_text(body["scheme"], "id"),
        sha256=_text(body, "sha256"),
        key_id=_text(body, "key_id"),
        jws=_text(body, "jws"),
    )


def _flag(body: Any) -> PublicFlag:
    successor = body["successor_footprint_id"]
    return PublicFlag(
        code=_text(body, "code"),
        reason=_text(body, "reason"),
        since=_instant(body, "since"),
        successor_footprint_id=None if successor is None else _text(body, "successor_footprint_id"),
    )


def _text(body: Any, name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value


def _instant(body: Any, name: str) -> datetime:
    at = datetime.fromisoformat(_text(body, name))
    if at.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return at
