"""A genuine document verifies; each attack on it is refused for its own reason."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import OKPKey

from events_client import NotVerified, verify_record
from events_client.verification import (
    AlgorithmNotAllowed,
    BadSignature,
    MalformedDocument,
    OtherDocument,
    OtherRecord,
    UnknownKey,
    WrongIssuer,
    WrongType,
)

ISSUER = "https://certification.example"
KEY = OKPKey.generate_key("Ed25519")
OTHER_KEY = OKPKey.generate_key("Ed25519")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "record_id": "r-1",
    "product": {"id": "pack", "name": {"en": "LFP pack", "zh": "磷酸铁锂电池包"}},
    "declared_unit": {"amount": 1.0, "unit": "kwh_capacity"},
    "boundary": "cradle_to_gate",
    "pcf_kg_co2e_per_declared_unit": 90.5,
    "footprint": {"id": "f-1", "sha256": "f" * 64},
    "issued": "2026-03-01T08:00:00Z",
    "valid_until": "2027-03-01T08:00:00Z",
}
HEADER = {"alg": "Ed25519", "typ": "greenchain-record+jwt", "kid": KEY.thumbprint()}


def public(key: OKPKey, **extra: str) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), **extra}


JWKS = {"keys": [public(OTHER_KEY) | {"kid": "older"}, public(KEY, alg="Ed25519", use="sig")]}


def signed(claims: Any = CLAIMS, header: Mapping[str, Any] = HEADER, key: OKPKey = KEY) -> str:
    payload = json.dumps(claims).encode()
    return jose.serialize_compact(dict(header), payload, key, algorithms=["Ed25519", "EdDSA"])


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def verify(jws: str, jwks: Mapping[str, Any] = JWKS, sha256: str | None = None) -> Any:
    return verify_record(jws, jwks, issuer=ISSUER, record_id="r-1", sha256=sha256)


def test_a_genuine_record_verifies() -> None:
    jws = signed()
    record = verify(jws, sha256=hashlib.sha256(jws.encode()).hexdigest())
    assert record.record_id == "r-1"
    assert record.pcf_kg_co2e == 90.5
    assert record.declared_unit == (1.0, "kwh_capacity")
    assert record.key_id == KEY.thumbprint()
    assert record.claims == CLAIMS


def test_verified_does_not_speak_of_validity() -> None:
    names = set(dir(verify(signed())))
    assert not names & {"valid", "is_valid", "state", "in_force"}


def test_another_document_than_the_events_is_refused() -> None:
    with pytest.raises(OtherDocument):
        verify(signed(), sha256="0" * 64)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, "EdDSA", "ES256", "HS256"])
def test_an_algorithm_that_is_not_allowed_is_refused(alg: str | None) -> None:
    _, payload, signature = signed().split(".")
    header = encoded(json.dumps(HEADER | {"alg": alg}).encode())
    for forged_signature in ("", signature):
        with pytest.raises(AlgorithmNotAllowed):
            verify(f"{header}.{payload}.{forged_signature}")


def test_the_public_key_used_as_hmac_secret_is_refused() -> None:
    pem = KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = encoded(json.dumps(HEADER | {"alg": "HS256"}).encode())
    signing_input = f"{header}.{encoded(json.dumps(CLAIMS).encode())}"
    for secret in (pem, base64.urlsafe_b64decode(public(KEY)["x"] + "=")):
        mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
        with pytest.raises(AlgorithmNotAllowed):
            verify(f"{signing_input}.{encoded(mac)}")


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = signed().split(".")
    cheaper = CLAIMS | {"pcf_kg_co2e_per_declared_unit": 9.05}
    with pytest.raises(BadSignature):
        verify(f"{header}.{encoded(json.dumps(cheaper).encode())}.{signature}")


def test_another_key_under_the_same_id_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(signed(key=OTHER_KEY))


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        verify(signed(header=HEADER | {"kid": OTHER_KEY.thumbprint()}, key=OTHER_KEY))


@pytest.mark.parametrize(
    "key_set",
    [
        {},
        {"keys": None},
        {"keys": []},
        {"keys": [KEY.thumbprint()]},
        {"keys": [{"kid": KEY.thumbprint()}]},
        {"keys": [public(KEY, crv="X25519")]},
        {"keys": [public(KEY, x="AAAA")]},
        {"keys": [public(KEY, kty="EC")]},
    ],
)
def test_a_key_that_is_no_ed25519_key_is_refused(key_set: dict[str, Any]) -> None:
    with pytest.raises((UnknownKey, BadSignature)):
        verify(signed(), key_set)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "vc+jwt", None, ""])
def test_a_signed_document_of_another_type_is_refused(typ: str | None) -> None:
    _, payload, signature = signed().split(".")
    forged = encoded(json.dumps(HEADER | {"typ": typ}).encode())
    with pytest.raises(WrongType):
        verify(f"{forged}.{payload}.{signature}")


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": public(OTHER_KEY)},
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/chain.pem"},
        {"crit": ["exp"]},
        {"b64": False},
    ],
)
def test_a_header_that_brings_something_along_is_refused(extra: dict[str, Any]) -> None:
    payload = encoded(json.dumps(CLAIMS).encode())
    header = encoded(json.dumps(HEADER | extra).encode())
    signature = OTHER_KEY.private_key.sign(f"{header}.{payload}".encode())  # type: ignore[union-attr]
    with pytest.raises(MalformedDocument, match="nothing else"):
        verify(f"{header}.{payload}.{encoded(signature)}")


def test_another_issuer_is_refused() -> None:
    with pytest.raises(WrongIssuer):
        verify(signed(CLAIMS | {"iss": "https://other.example"}))


def test_another_record_is_refused() -> None:
    with pytest.raises(OtherRecord):
        verify(signed(CLAIMS | {"record_id": "r-2"}))


@pytest.mark.parametrize(
    "claims",
    [
        [],
        {},
        CLAIMS | {"pcf_kg_co2e_per_declared_unit": "90.5"},
        CLAIMS | {"pcf_kg_co2e_per_declared_unit": True},
        CLAIMS | {"pcf_kg_co2e_per_declared_unit": float("nan")},
        CLAIMS | {"pcf_kg_co2e_per_declared_unit": 10**400},
        CLAIMS | {"valid_until": "soon"},
        CLAIMS | {"valid_until": "2027-03-01T08:00:00"},
        CLAIMS | {"product": "pack"},
    ],
)
def test_a_signed_document_that_is_no_record_is_refused(claims: Any) -> None:
    with pytest.raises(MalformedDocument):
        verify(signed(claims))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "..",
        "é.e30.e30",
        "\ud800.e30.e30",
        "x" * 300_000,
        "W10.e30.e30",
        "e30.e30.e30",
    ],
)
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(NotVerified):
        verify(text)


@given(st.data())
def test_no_single_changed_character_of_what_was_signed_verifies(data: st.DataObject) -> None:
    jws = signed()
    place = data.draw(st.integers(0, jws.rindex(".") - 1))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    character = data.draw(st.sampled_from(alphabet.replace(jws[place], "")))
    with pytest.raises(NotVerified):
        verify(jws[:place] + character + jws[place + 1 :])
