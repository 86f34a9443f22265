"""Attacks on tokens; each is built by hand, past the issuer."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from identities import URL
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.clock import FixedClock
from chassis.errors import Unauthenticated
from chassis.identity import Principal, Role
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key

SIGNING_KEY = new_signing_key()
CLOCK = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
TRUSTED = TokenIssuer(URL, SIGNING_KEY, lifetime_s=600, clock=CLOCK)
JWKS = TRUSTED.jwks()
KID = JWKS["keys"][0]["kid"]
VERIFIER = TokenVerifier(StaticKeys(JWKS), URL, clock=CLOCK)
NOW = int(CLOCK.now().timestamp())
CLAIMS: dict[str, Any] = {
    "iss": URL,
    "sub": "pack-maker-export",
    "aud": "greenchain",
    "iat": NOW,
    "exp": NOW + 600,
    "jti": "1",
    "tenant_id": "pack-maker",
    "roles": ["exporter"],
}
HEADER: dict[str, Any] = {"alg": "Ed25519", "typ": "at+jwt", "kid": KID}


def signed(
    claims: dict[str, Any] | None = None,
    header: dict[str, Any] | None = None,
    key: Any = None,
    alg: str = "Ed25519",
) -> str:
    key = key or OKPKey.import_key(json.loads(SIGNING_KEY))
    head = {**HEADER, "alg": alg, **(header or {})}
    return jwt.encode(head, {**CLAIMS, **(claims or {})}, key, algorithms=[alg])


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed_by_hand(header: dict[str, Any], payload: bytes) -> str:
    """Sign truly what no library would sign, so that nothing but its form can be refused."""
    key: Any = OKPKey.import_key(json.loads(SIGNING_KEY)).private_key
    body = f"{encoded(header)}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}"
    signature = base64.urlsafe_b64encode(key.sign(body.encode())).rstrip(b"=").decode()
    return f"{body}.{signature}"


def refused(token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        VERIFIER.verify(token)
    return caught.value.reason


def test_an_issued_token_names_its_bearer() -> None:
    token = TRUSTED.issue("pack-maker-export", "pack-maker", [Role.EXPORTER, Role.LEAD_FIRM])
    assert VERIFIER.verify(token) == Principal(
        "pack-maker-export", "pack-maker", frozenset({Role.EXPORTER, Role.LEAD_FIRM})
    )


def test_the_token_built_by_hand_is_valid_when_nothing_is_wrong() -> None:
    assert VERIFIER.verify(signed()).subject == "pack-maker-export"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(alg: str) -> None:
    refused(f"{encoded({**HEADER, 'alg': alg})}.{encoded(CLAIMS)}.")


def test_hs256_with_the_public_key_as_secret_is_refused() -> None:
    public = OKPKey.import_key(JWKS["keys"][0])
    secrets = (public.as_pem(private=False), public.as_der(private=False), b"")
    for secret in (*secrets, json.dumps(JWKS["keys"][0]).encode()):
        body = f"{encoded({**HEADER, 'alg': 'HS256'})}.{encoded(CLAIMS)}"
        digest = hmac.new(secret, body.encode(), hashlib.sha256).digest()
        refused(f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}")


def test_an_algorithm_that_was_not_allowed_is_refused() -> None:
    refused(signed(key=RSAKey.generate_key(2048), alg="RS256"))
    refused(signed(key=ECKey.generate_key("P-256"), alg="ES256"))


def test_a_foreign_signature_under_our_key_id_is_refused() -> None:
    assert refused(signed(key=OKPKey.generate_key("Ed25519"))) == "bad signature"


@pytest.mark.parametrize("kid", ["unknown", "", "../../etc/passwd", 5, None])
def test_an_unknown_key_id_is_refused(kid: Any) -> None:
    body = f"{encoded({**HEADER, 'kid': kid})}.{encoded(CLAIMS)}"
    refused(f"{body}.{signed().rpartition('.')[2]}")


def test_a_missing_key_id_is_refused() -> None:
    header = {"alg": "Ed25519", "typ": "at+jwt"}
    key = OKPKey.import_key(json.loads(SIGNING_KEY))
    assert refused(jwt.encode(header, CLAIMS, key, algorithms=["Ed25519"])) == "unknown key"


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    attacker = OKPKey.generate_key("Ed25519", auto_kid=True)
    public = attacker.as_dict(private=False)
    for brought in (
        {"jwk": public},
        {"jwk": public, "kid": attacker.kid},
        {"jku": "https://attacker.test/jwks.json"},
        {"x5u": "https://attacker.test/cert.pem"},
    ):
        refused(signed(header=brought, key=attacker))


def test_unknown_critical_headers_are_refused() -> None:
    header = {**HEADER, "crit": ["policy"], "policy": "x"}
    assert refused(signed_by_hand(header, json.dumps(CLAIMS).encode())) == "malformed token"


def test_what_is_signed_by_hand_is_valid_when_nothing_is_wrong() -> None:
    VERIFIER.verify(signed_by_hand(HEADER, json.dumps(CLAIMS).encode()))


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://other.test"}, "wrong issuer"),
        ({"iss": URL + "/"}, "wrong issuer"),
        ({"aud": "other"}, "wrong audience"),
        ({"aud": ["other"]}, "wrong audience"),
        ({"aud": "greenchain-other"}, "wrong audience"),
        ({"aud": ["not greenchain"]}, "wrong audience"),
        ({"aud": None}, "wrong audience"),
        ({"exp": NOW - 60}, "expired"),
        ({"exp": str(NOW + 600)}, "claim exp missing or not a time"),
        ({"exp": True}, "claim exp missing or not a time"),
        ({"exp": None}, "claim exp missing or not a time"),
        ({"iat": NOW + 3600}, "not yet valid"),
        ({"nbf": NOW + 3600}, "not yet valid"),
        ({"sub": ""}, "claim sub missing"),
        ({"tenant_id": ""}, "claim tenant_id missing"),
        ({"tenant_id": None}, "claim tenant_id missing"),
        ({"tenant_id": ["a", "b"]}, "claim tenant_id missing"),
        ({"roles": []}, "claim roles missing"),
        ({"roles": "exporter"}, "claim roles missing"),
        ({"roles": ["exporter", "root"]}, "unknown role"),
        ({"roles": [{}]}, "unknown role"),
    ],
)
def test_each_claim_is_checked(claims: dict[str, Any], reason: str) -> None:
    assert refused(signed(claims)) == reason


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "iat", "exp", "tenant_id", "roles"])
def test_no_claim_may_be_missing(claim: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != claim}
    key = OKPKey.import_key(json.loads(SIGNING_KEY))
    refused(jwt.encode(HEADER, claims, key, algorithms=["Ed25519"]))


@pytest.mark.parametrize("typ", ["JWT", "id_token", "", "vc+jwt"])
def test_another_kind_of_token_is_refused(typ: str) -> None:
    assert refused(signed(header={"typ": typ})) == "not an access token"


def test_a_token_expires() -> None:
    clock = FixedClock(CLOCK.now())
    verifier = TokenVerifier(StaticKeys(JWKS), URL, clock=clock)
    token = signed()
    verifier.verify(token)
    clock.advance(timedelta(minutes=11))
    with pytest.raises(Unauthenticated, match="expired"):
        verifier.verify(token)


@pytest.mark.parametrize("claim", ["tenant_id", "roles"])
def test_a_changed_claim_breaks_the_signature(claim: str) -> None:
    header, _, signature = signed().split(".")
    forged = encoded({**CLAIMS, claim: ["lead_firm"] if claim == "roles" else "other"})
    assert refused(f"{header}.{forged}.{signature}") == "bad signature"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 9000, "{}", encoded(HEADER) + "..", "a" * 8000]
)
def test_what_is_not_a_token_is_refused(text: str) -> None:
    refused(text)


def test_a_payload_that_is_no_object_is_refused() -> None:
    assert refused(signed_by_hand(HEADER, b"[1]")) == "malformed token"


def test_the_public_key_set_holds_no_private_part() -> None:
    assert "d" not in JWKS["keys"][0]


def test_an_issuer_refuses_a_public_key() -> None:
    with pytest.raises(ValueError, match="private"):
        TokenIssuer(URL, json.dumps(JWKS["keys"][0]))


def test_tokens_of_another_issuer_with_the_same_name_are_refused() -> None:
    namesake = TokenIssuer(URL, new_signing_key(), clock=CLOCK)
    assert refused(namesake.issue("someone", "pack-maker", [Role.EXPORTER])) == "unknown key"
