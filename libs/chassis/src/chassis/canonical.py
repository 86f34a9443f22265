"""Canonical JSON (RFC 8785) and hashes over it, by which provenance pins its inputs. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

import rfc8785

from chassis.errors import GreenchainError


@dataclass(eq=False)
class NotCanonical(GreenchainError):
    """The value has no canonical JSON form."""

    code: ClassVar[str] = "canonical.impossible"
    en: ClassVar[str] = (
        "The value has no canonical JSON form: {reason}. Use text, finite numbers, integers within "
        "±2^53, lists and objects with text keys."
    )
    zh: ClassVar[str] = (
        "该值没有规范 JSON 形式：{reason}。请使用文本、有限数值、±2^53 以内的整数、"
        "数组和以文本为键的对象。"
    )

    reason: str


def canonical_json(obj: Any) -> bytes:
    """Serialise `obj` so that equal values give equal bytes (RFC 8785).

    Raises
    ------
    NotCanonical
        For NaN, infinities, integers beyond ±(2**53 − 1), lone surrogates or other types.
    """
    try:
        return rfc8785.dumps(obj)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonical(reason=str(error)) from error


def sha256_hex(obj: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `obj`, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(obj)).hexdigest()
