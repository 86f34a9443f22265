"""What this service signs and publishes, read by the kit for certification bodies."""

import json
from datetime import timedelta

import pytest
from joserfc.jwk import OKPKey
from services.certification.tests.samples import (
    APPLICANT,
    BODY,
    FOOTPRINT,
    NOW,
    SCHEME,
    STATEMENT,
    STATER,
    VERIFIER,
)

from certification.adapters.signer import Ed25519Signer
from certification.domain.document import content
from certification.domain.record import Record
from events_client import verify_record
from events_client.verification import BadSignature

ISSUER = "https://certification.example"


@pytest.fixture
def signer(signing_key: OKPKey) -> Ed25519Signer:
    return Ed25519Signer(json.dumps(signing_key.as_dict(private=True)))


@pytest.fixture
def record() -> Record:
    return Record.apply_for(
        record_id="record-1",
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=APPLICANT,
        at=NOW,
    ).file_statement(STATEMENT, SCHEME, STATER, NOW)


def test_the_kit_reads_what_was_certified(signer: Ed25519Signer, record: Record) -> None:
    claims = content(
        record,
        STATEMENT,
        SCHEME,
        issuer=ISSUER,
        status_url=f"{ISSUER}/v1/records/record-1",
        issued_at=NOW,
        valid_until=NOW + timedelta(days=365),
    )
    signed = signer.sign(claims)
    verified = verify_record(
        signed.jws,
        {"keys": [signer.public_key]},
        issuer=ISSUER,
        record_id="record-1",
        sha256=signed.sha256,
    )
    assert verified.pcf_kg_co2e == FOOTPRINT.kg_co2e
    assert verified.declared_unit == (1.0, "kwh_capacity")
    assert verified.footprint_sha256 == FOOTPRINT.sha256
    assert verified.issued_at == NOW
    assert dict(verified.claims) == json.loads(json.dumps(claims))


def test_the_kit_refuses_another_signers_record(signer: Ed25519Signer) -> None:
    forger = Ed25519Signer(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    forger.key_id = signer.key_id
    with pytest.raises(BadSignature):
        verify_record(
            forger.sign({"iss": ISSUER}).jws,
            {"keys": [signer.public_key]},
            issuer=ISSUER,
            record_id="record-1",
        )
