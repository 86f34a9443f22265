"""Verifies the signed document of a record.

Nothing in the document is trusted before its signature is: the algorithm comes from an allow-list,
the key from the issuer's key set by its id, and a header that brings anything else along (`jwk`,
`jku`, `x5u`, `crit`, …) is refused.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from joserfc import jws as jose
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis import strict_json
from chassis.errors import GreenchainError

ALGORITHM = "Ed25519"
DOCUMENT_TYPE = "greenchain-record+jwt"
#: Bound on what is parsed before any signature is checked [characters].
MAX_LENGTH = 256 * 1024


@dataclass(eq=False)
class NotVerified(GreenchainError, abstract=True):
    """Base of all reasons for which a document does not count as the issuer's."""


@dataclass(eq=False)
class MalformedDocument(NotVerified):
    """It is no compact JWS with a record in it."""

    code: ClassVar[str] = "events_client.document.malformed"
    en: ClassVar[str] = "The document is no signed record: {reason}."
    zh: ClassVar[str] = "该文件不是已签名的记录：{reason}。"

    reason: str


@dataclass(eq=False)
class OtherDocument(NotVerified):
    """It is not the document that the event told of."""

    code: ClassVar[str] = "events_client.document.other"
    en: ClassVar[str] = "The document's SHA-256 is {found}; the event named {expected}."
    zh: ClassVar[str] = "该文件的 SHA-256 为 {found}，而事件所述为 {expected}。"

    found: str
    expected: str


@dataclass(eq=False)
class AlgorithmNotAllowed(NotVerified):
    """It is signed, or not, by an algorithm that is not accepted."""

    code: ClassVar[str] = "events_client.document.algorithm"
    en: ClassVar[str] = "The document's algorithm is {found}; only Ed25519 is accepted."
    zh: ClassVar[str] = "该文件的签名算法为 {found}；仅接受 Ed25519。"

    found: str


@dataclass(eq=False)
class WrongType(NotVerified):
    """It is a signed document of another kind."""

    code: ClassVar[str] = "events_client.document.type"
    en: ClassVar[str] = "The document's type is {found}, not greenchain-record+jwt."
    zh: ClassVar[str] = "该文件的类型为 {found}，而非 greenchain-record+jwt。"

    found: str


@dataclass(eq=False)
class UnknownKey(NotVerified):
    """The issuer has no such key."""

    code: ClassVar[str] = "events_client.document.unknown_key"
    en: ClassVar[str] = "The issuer's key set has no Ed25519 key {key_id}; fetch the set anew."
    zh: ClassVar[str] = "签发方的密钥集中没有 Ed25519 密钥 {key_id}；请重新获取密钥集。"

    key_id: str


@dataclass(eq=False)
class BadSignature(NotVerified):
    """It was changed, or signed by another key."""

    code: ClassVar[str] = "events_client.document.bad_signature"
    en: ClassVar[str] = "The document's signature does not fit: it was changed or is not genuine."
    zh: ClassVar[str] = "该文件的签名不符：内容被更改或并非真实签发。"


@dataclass(eq=False)
class WrongIssuer(NotVerified):
    """It is signed, but in another issuer's name."""

    code: ClassVar[str] = "events_client.document.issuer"
    en: ClassVar[str] = "The document's issuer is {found}; expected {expected}."
    zh: ClassVar[str] = "该文件的签发方为 {found}，应为 {expected}。"

    found: str
    expected: str


@dataclass(eq=False)
class OtherRecord(NotVerified):
    """It is genuine, but of another record."""

    code: ClassVar[str] = "events_client.document.record"
    en: ClassVar[str] = "The document is of record {found}; expected {expected}."
    zh: ClassVar[str] = "该文件属于记录 {found}，应为 {expected}。"

    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """A genuine record, as it was on the day of issue.

    It does not say whether the record is valid today: read `PublicRecord.state` for that.

    Attributes
    ----------
    pcf_kg_co2e
        Footprint within `boundary` [kg CO2e / declared unit].
    declared_unit
        Amount and unit, e.g. ``(1.0, "kwh_capacity")``.
    valid_until
        End of validity if nothing happens before.
    claims
        All that was signed.
    """

    record_id: str
    issuer: str
    key_id: str
    sha256: str
    product_name_en: str
    product_name_zh: str
    declared_unit: tuple[float, str]
    boundary: str
    pcf_kg_co2e: float
    footprint_id: str
    footprint_sha256: str
    issued_at: datetime
    valid_until: datetime
    claims: Mapping[str, Any]


def verify_record(
    jws: str,
    jwks: Mapping[str, Any],
    *,
    issuer: str,
    record_id: str,
    sha256: str | None = None,
) -> VerifiedRecord:
    """Verify a signed document.

    Parameters
    ----------
    jws
        The compact JWS.
    jwks
        The issuer's key set, from `fetch_keys`.
    issuer
        Whose record it must be: the certification service's public address.
    record_id
        The record it must be.
    sha256
        Hash that the event `RecordIssued` named; None where there was no event.

    Raises
    ------
    NotVerified
        One subclass per reason.
    """
    if not jws.isascii():
        raise MalformedDocument(reason="it is not base64url")
    found = hashlib.sha256(jws.encode("ascii")).hexdigest()
    if sha256 is not None and found != sha256:
        raise OtherDocument(found=found, expected=sha256)
    header = _header(jws)
    key = _key(header, jwks)
    try:
        payload = jose.deserialize_compact(jws, key, algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError) as error:
        raise BadSignature from error
    try:
        claims = strict_json.loads(payload)
        record = _record(claims, header["kid"], found)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MalformedDocument(reason=f"{type(error).__name__}: {error}") from error
    if record.issuer != issuer:
        raise WrongIssuer(found=record.issuer, expected=issuer)
    if record.record_id != record_id:
        raise OtherRecord(found=record.record_id, expected=record_id)
    return record


def _header(jws: str) -> dict[str, str]:
    if len(jws) > MAX_LENGTH:
        raise MalformedDocument(reason=f"longer than {MAX_LENGTH} characters")
    parts = jws.split(".")
    if len(parts) != 3:
        raise MalformedDocument(reason="it does not have three parts")
    try:
        header = strict_json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except ValueError as error:
        raise MalformedDocument(reason=f"header: {error}") from error
    if not isinstance(header, dict):
        raise MalformedDocument(reason="its header is not an object")
    if header.get("alg") != ALGORITHM:
        raise AlgorithmNotAllowed(found=repr(header.get("alg")))
    if header.get("typ") != DOCUMENT_TYPE:
        raise WrongType(found=repr(header.get("typ")))
    if set(header) != {"alg", "typ", "kid"} or not isinstance(header["kid"], str):
        raise MalformedDocument(reason="its header must hold alg, typ and kid, and nothing else")
    return header


def _key(header: Mapping[str, str], jwks: Mapping[str, Any]) -> OKPKey:
    keys = jwks.get("keys")
    for jwk in keys if isinstance(keys, list) else ():
        if not isinstance(jwk, Mapping):
            continue
        if (jwk.get("kid"), jwk.get("kty"), jwk.get("crv")) == (header["kid"], "OKP", ALGORITHM):
            try:
                return OKPKey.import_key({name: jwk[name] for name in ("kty", "crv", "x")})
            except (JoseError, KeyError, ValueError, TypeError) as error:
                raise UnknownKey(key_id=header["kid"]) from error
    raise UnknownKey(key_id=header["kid"])


def _record(claims: Any, key_id: str, sha256: str) -> VerifiedRecord:
    unit = claims["declared_unit"]
    return VerifiedRecord(
        record_id=_text(claims["record_id"]),
        issuer=_text(claims["iss"]),
        key_id=key_id,
        sha256=sha256,
        product_name_en=_text(claims["product"]["name"]["en"]),
        product_name_zh=_text(claims["product"]["name"]["zh"]),
        declared_unit=(_number(unit["amount"]), _text(unit["unit"])),
        boundary=_text(claims["boundary"]),
        pcf_kg_co2e=_number(claims["pcf_kg_co2e_per_declared_unit"]),
        footprint_id=_text(claims["footprint"]["id"]),
        footprint_sha256=_text(claims["footprint"]["sha256"]),
        issued_at=_instant(claims["issued"]),
        valid_until=_instant(claims["valid_until"]),
        claims=claims,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return at


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)
