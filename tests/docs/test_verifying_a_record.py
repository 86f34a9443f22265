"""What is told of verifying a record holds: names, claims, and programs that do it."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from jwt.algorithms import OKPAlgorithm
from tests.docs.markdown import ROOT, document, marked_block, marked_table

from certification.adapters.schemes import ShippedSchemes
from certification.adapters.signer import Ed25519Signer
from certification.domain.document import content
from certification.domain.footprint import DeclaredUnit, Evidence, Footprint, StageScore
from certification.domain.statement import Conclusion, Statement
from certification.entrypoints.responses import RecordAnswer
from chassis.tokens import new_signing_key
from footprint.domain.product import DeclaredUnit as FrozenUnit
from footprint.domain.product_footprint import FootprintContent
from footprint.domain.rule_pack import AgreementRule

TEXT = document("docs/verifying-a-record.md")
ISSUED, VALID_UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
STATEMENT = Statement(
    type="pcf_verification",
    footprint_sha256="f" * 64,
    verifier_name="Green Verification Ltd",
    lead_verifier="Wang Fang",
    objective="Is it right?",
    conclusion=Conclusion.COMPLIANT,
    limitations="No site visit",
    method_id="ipcc_ar6_gwp100_v2",
    no_conflict_of_interest=True,
    date=date(2026, 2, 28),
)
FOOTPRINT = Footprint(
    id="footprint-1",
    sha256=STATEMENT.footprint_sha256,
    product_id="pack",
    product_name_en="LFP battery pack",
    product_name_zh="磷酸铁锂电池包",
    declared_unit=DeclaredUnit(1.0, "kwh_capacity"),
    boundary="cradle_to_gate",
    kg_co2e=90.5,
    stages=(StageScore("manufacturing", 90.5),),
    primary_data_share_percent=0.4,
    primary_activity_share_percent=21.0,
    method_id=STATEMENT.method_id,
    frozen_at=ISSUED,
    evidence=(Evidence("engine", "bw2calc", "2.0", ""),),
)


def claims(service: str) -> Mapping[str, Any]:
    scheme = ShippedSchemes().get("demonstration")
    assert scheme is not None
    return content(
        SimpleNamespace(id="record-1", footprint=FOOTPRINT),  # type: ignore[arg-type]
        STATEMENT,
        scheme,
        issuer=service,
        status_url=f"{service}/v1/records/record-1",
        issued_at=ISSUED,
        valid_until=VALID_UNTIL,
    )


class Published:
    """A certification service as the public sees it, with one record and one key."""

    def __init__(self, service: str) -> None:
        signer = Ed25519Signer(new_signing_key())
        self.signature = signer.sign(claims(service))
        self.page: dict[str, Any] = {
            "standing": {"en": "Suspended. Not valid while suspended."},
            "jws": self.signature.jws,
            "sha256": self.signature.sha256,
        }
        self.jwks = {"keys": [signer.public_key]}
        self.service = service


@pytest.fixture
def published() -> Iterator[Published]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {
                "/certification/v1/records/record-1": told.page,
                "/certification/.well-known/jwks.json": told.jwks,
            }
            body = json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Published(f"http://127.0.0.1:{server.server_port}/certification")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()


def forge(published: Published) -> None:
    """Put another document under a signature of the same service."""
    signer = Ed25519Signer(new_signing_key())
    key_id = str(published.jwks["keys"][0]["kid"])
    signer.key_id = key_id
    forged = signer.sign(claims(published.service))
    published.page |= {"jws": forged.jws, "sha256": forged.sha256}


def run(mark: str, published: Published) -> subprocess.CompletedProcess[str]:
    script = marked_block(TEXT, f"check: {mark}")
    node = shutil.which("node")
    interpreter = (
        [str(node), "--input-type=module", "-"]
        if mark == "verify-node"
        else [sys.executable, "-W", "error::DeprecationWarning", "-"]
    )
    return subprocess.run(
        [*interpreter, published.service, "record-1"],
        input=script,
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


PROGRAMS = [
    "verify-joserfc",
    "verify-cryptography",
    pytest.param("verify-node", marks=pytest.mark.needs("node")),
]


@pytest.mark.parametrize("mark", PROGRAMS)
def test_a_program_tells_the_standing_first_and_that_the_document_is_genuine(
    mark: str, published: Published
) -> None:
    done = run(mark, published)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "standing: Suspended. Not valid while suspended.",
        "genuine: LFP battery pack 90.5",
    ]


@pytest.mark.parametrize("mark", PROGRAMS)
def test_a_program_refuses_what_another_key_signed(mark: str, published: Published) -> None:
    forge(published)
    done = run(mark, published)
    assert done.returncode != 0
    assert "genuine" not in done.stdout


@pytest.mark.parametrize("mark", PROGRAMS)
def test_a_program_refuses_another_record_of_the_same_service(
    mark: str, published: Published
) -> None:
    signer = Ed25519Signer(new_signing_key())
    other = signer.sign({**claims(published.service), "record_id": "record-2"})
    published.page |= {"jws": other.jws, "sha256": other.sha256}
    published.jwks = {"keys": [signer.public_key]}
    done = run(mark, published)
    assert done.returncode != 0
    assert "genuine" not in done.stdout


def test_pyjwt_needs_the_algorithm_by_its_name_as_is_told(published: Published) -> None:
    key = OKPAlgorithm.from_jwk(published.jwks["keys"][0])
    verifier = jwt.PyJWS()
    with pytest.raises(jwt.InvalidAlgorithmError):
        verifier.decode(published.signature.jws, key=key, algorithms=["Ed25519"])  # type: ignore[arg-type]
    verifier.register_algorithm("Ed25519", OKPAlgorithm())
    assert 'register_algorithm("Ed25519", OKPAlgorithm())' in TEXT
    verifier.decode(published.signature.jws, key=key, algorithms=["Ed25519"])  # type: ignore[arg-type]


def names(value: Any, path: str = "") -> Iterator[str]:
    """Yield the names of all claims, nested ones with dots."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            last = "*" if path.startswith("stages") else name
            yield from names(inner, f"{path}.{last}".removeprefix("."))
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, f"{path}[]")
    else:
        yield path


def listed(mark: str) -> list[str]:
    return [name for row in marked_table(TEXT, mark) for name in re.findall(r"`([^`]+)`", row[0])]


def test_the_table_of_claims_is_that_of_the_document() -> None:
    assert sorted(listed("check: record-claims ")) == sorted(names(claims("https://c.example")))


def test_the_table_of_the_header_is_that_of_the_document() -> None:
    header = jwt.get_unverified_header(Ed25519Signer(new_signing_key()).sign({}).jws)
    stated = {
        row[0].strip("`"): row[1].split("`")[1]
        for row in marked_table(TEXT, "check: record-header ")
        if "`kid`" not in row
    }
    assert stated == {"alg": header["alg"], "typ": header["typ"]}
    assert set(listed("check: record-header ")) == set(header)


def test_the_table_of_the_page_is_that_of_the_answer_in_its_order() -> None:
    assert listed("check: record-page ") == list(RecordAnswer.model_fields)


def test_neither_id_nor_date_nor_name_is_covered_by_a_footprints_hash() -> None:
    result = SimpleNamespace(
        method_id="ipcc_ar6_gwp100_v2",
        pcf_kg_co2e=90.5,
        stages={},
        beyond_boundary={},
        primary_data_share_percent=0.4,
        primary_activity_share_percent=21.0,
    )
    frozen = FootprintContent(
        product_id="pack",
        name_en="LFP battery pack",
        name_zh="磷酸铁锂电池包",
        declared_unit=FrozenUnit(1.0, "kwh_capacity"),
        boundary="cradle_to_gate",
        result=result,  # type: ignore[arg-type]
        declarations=(),
        evidence=(),
    )
    assert set(frozen.canonical(AgreementRule(1e-9, 100, 1e6, 9))) == {
        "product_id",
        "declared_unit",
        "boundary",
        "method_id",
        "kg_co2e",
        "stages",
        "beyond_boundary",
        "primary_data_share_percent",
        "primary_activity_share_percent",
        "evidence",
    }


def test_the_lock_file_holds_the_hash_of_one_engine_and_not_of_ours() -> None:
    pinned = set(re.findall(r"^([a-z][\w-]*)==", document("requirements.lock"), re.MULTILINE))
    assert "bw2calc" in pinned
    assert not [name for name in pinned if name.startswith("greenchain")]
