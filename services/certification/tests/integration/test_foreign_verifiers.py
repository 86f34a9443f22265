"""Our signatures under verifiers that others wrote: npm jose, PyJWT, cryptography."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey
from jwt.algorithms import OKPAlgorithm

from certification.adapters.signer import Ed25519Signer

SCRIPT = Path(__file__).parents[1] / "node" / "verify_record.mjs"
ISSUER = "https://certification.example"
CONTENT = {
    "iss": ISSUER,
    "record_id": "record-1",
    "product": {"name": {"zh": "电池包"}},
    "pcf": 90.5,
}


@pytest.fixture
def signer(signing_key: OKPKey) -> Ed25519Signer:
    return Ed25519Signer(json.dumps(signing_key.as_dict(private=True)))


def ask_node(jws: str, jwks: dict[str, Any], issuer: str = ISSUER) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None
    answer = subprocess.run(
        [node, str(SCRIPT)],
        input=json.dumps({"jws": jws, "jwks": jwks, "issuer": issuer}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def changed(jws: str, part: int, content: dict[str, Any]) -> str:
    parts = jws.split(".")
    parts[part] = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return ".".join(parts)


@pytest.mark.needs("node")
def test_jose_verifies_what_we_sign(signer: Ed25519Signer) -> None:
    answer = ask_node(signer.sign(CONTENT).jws, {"keys": [signer.public_key]})
    assert answer == {"verified": True, "claims": CONTENT}


@pytest.mark.needs("node")
def test_jose_refuses_a_changed_payload(signer: Ed25519Signer) -> None:
    forged = changed(signer.sign(CONTENT).jws, 1, CONTENT | {"pcf": 9.05})
    assert (
        ask_node(forged, {"keys": [signer.public_key]})["error"]
        == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    )


@pytest.mark.needs("node")
def test_jose_refuses_another_issuer(signer: Ed25519Signer) -> None:
    answer = ask_node(
        signer.sign(CONTENT).jws, {"keys": [signer.public_key]}, "https://other.example"
    )
    assert answer["error"] == "ERR_JWT_CLAIM_VALIDATION_FAILED"


def test_pyjwt_verifies_what_we_sign(signer: Ed25519Signer) -> None:
    public = signer.public_key
    verifier = jwt.PyJWS()
    # PyJWT knows the algorithm under its older name only (EdDSA); the computation is its own.
    verifier.register_algorithm("Ed25519", OKPAlgorithm())
    key = OKPAlgorithm.from_jwk(public)
    assert isinstance(key, Ed25519PublicKey)
    jws = signer.sign(CONTENT).jws
    decoded = verifier.decode_complete(jws, key=key, algorithms=["Ed25519"])
    assert json.loads(decoded["payload"]) == CONTENT
    assert decoded["header"]["typ"] == "greenchain-record+jwt"
    with pytest.raises(jwt.InvalidSignatureError):
        verifier.decode_complete(changed(jws, 1, {}), key=key, algorithms=["Ed25519"])


def test_the_signature_is_plain_ed25519(signer: Ed25519Signer) -> None:
    public = signer.public_key
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(public["x"] + "="))
    signed, _, signature = signer.sign(CONTENT).jws.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    key.verify(raw, signed.encode())
    with pytest.raises(InvalidSignature):
        key.verify(raw, signed.encode() + b"x")
