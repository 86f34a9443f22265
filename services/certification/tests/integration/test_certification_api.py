"""The HTTP API on SQLite: the whole way, isolation, strict input, OpenAPI."""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import OKPKey
from pydantic import TypeAdapter
from services.certification.tests.samples import (
    BODY,
    DECIDER_ZHAO,
    EXPORTER_LI,
    FOOTPRINT,
    NOW,
    OWNER,
    VERIFIER,
    VERIFIER_WANG,
    FakeFootprints,
    reading,
)
from sqlmodel import select
from tests.databases import Databases

from certification.adapters.signer import Ed25519Signer
from certification.adapters.unit_of_work import MIGRATIONS, units_of_work
from certification.application.flag_records import flag_records
from certification.bootstrap import build_app
from certification.domain.record import Flag, FlagCode
from certification.entrypoints import requests, responses
from chassis.clock import FixedClock
from chassis.database import Database
from chassis.identity import Principal, Role
from chassis.messaging import OutboxRow
from chassis.settings import HttpSettings
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key
from events_client import verify_record

URL = "https://certification.example"
APPLICATION = {
    "footprint_id": FOOTPRINT.id,
    "scheme": "demonstration",
    "verifier_tenant_id": VERIFIER,
    "body_tenant_id": BODY,
}
STATEMENT = {
    "type": "pcf_verification",
    "footprint_sha256": FOOTPRINT.sha256,
    "verifier_name": "Green Verification Ltd",
    "lead_verifier": "Wang Fang",
    "objective": "Whether the footprint follows ISO 14067:2018.",
    "conclusion": "compliant",
    "limitations": "Suppliers' meters were not visited.",
    "method_id": FOOTPRINT.method_id,
    "no_conflict_of_interest": True,
    "date": "2026-03-01",
}
ISSUE = {"decision": "issue", "reason": "All requirements are met."}


@dataclass
class Api:
    """The app with a client, and tokens for anybody."""

    app: FastAPI
    client: TestClient
    issuer: TokenIssuer
    footprints: FakeFootprints
    database: Database
    clock: FixedClock

    def send(
        self, method: str, path: str, who: Principal | None = None, body: Any = None
    ) -> tuple[int, Any]:
        headers = {}
        if who is not None:
            token = self.issuer.issue(who.subject, who.tenant_id, sorted(who.roles))
            headers["Authorization"] = f"Bearer {token}"
        answer = self.client.request(method, path, headers=headers, json=body)
        return answer.status_code, answer.json()

    def post(self, path: str, who: Principal, body: Any, expected: int = 200) -> Any:
        status, answer = self.send("POST", path, who, body)
        assert status == expected, answer
        return answer

    def apply(self) -> str:
        answer = self.post("/v1/applications", EXPORTER_LI, APPLICATION, 201)
        return str(answer["id"])

    def stated(self) -> str:
        record_id = self.apply()
        path = f"/v1/applications/{record_id}/statements"
        self.post(path, VERIFIER_WANG, STATEMENT, 201)
        return record_id

    def issued(self) -> str:
        record_id = self.stated()
        self.post(f"/v1/applications/{record_id}/decision", DECIDER_ZHAO, ISSUE)
        return record_id

    def move(self, record_id: str, action: str, who: Principal = DECIDER_ZHAO) -> Any:
        body = {"action": action, "reason": "For a reason."}
        return self.post(f"/v1/records/{record_id}/transitions", who, body)


@contextmanager
def opened_api(database: Database, signing_key: OKPKey, now: datetime = NOW) -> Iterator[Api]:
    clock = FixedClock(now)
    issuer = TokenIssuer("https://issuer.example", new_signing_key(), clock=clock)
    footprints = FakeFootprints()
    app = build_app(
        database=database,
        footprints=footprints,
        signer=Ed25519Signer(json.dumps(signing_key.as_dict(private=True))),
        verifier=TokenVerifier(StaticKeys(issuer.jwks()), issuer.issuer, clock=clock),
        clock=clock,
        public_url=URL,
        http=HttpSettings(),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(app, client, issuer, footprints, database, clock)


@pytest.fixture
def api(database: Database, signing_key: OKPKey) -> Iterator[Api]:
    with opened_api(database, signing_key) as opened:
        yield opened


@pytest.fixture(scope="module")
def settled(databases: Databases, signing_key: OKPKey) -> Iterator[tuple[Api, str]]:
    """Give an API with an issued record that no test may change."""
    fresh = databases.make(MIGRATIONS)
    with opened_api(fresh.database, signing_key) as opened:
        yield opened, opened.issued()
    fresh.close()


def test_from_application_to_public_record(api: Api) -> None:
    record_id = api.issued()
    status, record = api.send("GET", f"/v1/records/{record_id}")
    assert status == 200
    assert list(record)[:3] == ["standing", "state", "in_force"]
    assert record["standing"]["en"] == "Issued. In force until 2027-03-01 (UTC)."
    assert (record["state"], record["in_force"], record["flags"]) == ("issued", True, [])
    payload = json.loads(base64.urlsafe_b64decode(record["jws"].split(".")[1] + "=="))
    assert payload["footprint"] == {"id": FOOTPRINT.id, "sha256": FOOTPRINT.sha256}
    assert payload["iss"] == URL
    assert payload["status"] == f"{URL}/v1/records/{record_id}"
    _, keys = api.send("GET", "/.well-known/jwks.json")
    assert [key["kid"] for key in keys["keys"]] == [record["key_id"]]


def test_the_callers_token_is_forwarded_to_read_the_footprint(api: Api) -> None:
    api.apply()
    ((_, how),) = api.footprints.asked
    assert how.startswith("caller eyJ")


def test_applying_again_answers_200_with_the_same_id(api: Api) -> None:
    record_id = api.apply()
    assert api.post("/v1/applications", EXPORTER_LI, APPLICATION, 200)["id"] == record_id


def test_participants_read_the_application(api: Api) -> None:
    record_id = api.stated()
    answers = [
        api.send("GET", f"/v1/applications/{record_id}", who)
        for who in (EXPORTER_LI, VERIFIER_WANG, DECIDER_ZHAO)
    ]
    assert answers[0] == answers[1] == answers[2]
    status, answer = answers[0]
    assert status == 200
    assert answer["state"] == "under_review"
    assert answer["statement"]["conclusion"] == "compliant"
    assert answer["footprint"]["sha256"] == FOOTPRINT.sha256


def test_no_answer_names_who_acted(api: Api) -> None:
    record_id = api.issued()
    for path in ("applications/{}", "records/{}", "records/{}/history"):
        _, answer = api.send("GET", "/v1/" + path.format(record_id), EXPORTER_LI)
        for person in (EXPORTER_LI, VERIFIER_WANG, DECIDER_ZHAO):
            assert f'"{person.subject}"' not in json.dumps(answer)


def test_the_public_history_is_dated_reasoned_and_by_role(api: Api) -> None:
    record_id = api.issued()
    api.clock.advance(timedelta(days=2))
    api.move(record_id, "suspend")
    _, answer = api.send("GET", f"/v1/records/{record_id}/history")
    assert [(one["to_state"], one["role"]) for one in answer["transitions"]] == [
        ("submitted", "exporter"),
        ("under_review", "verifier"),
        ("issued", "certification_body"),
        ("suspended", "certification_body"),
    ]
    assert answer["transitions"][-1]["at"] == "2026-03-03T08:00:00Z"
    assert all(one["reason"] for one in answer["transitions"])


@pytest.mark.parametrize(
    ("actions", "state", "word"),
    [
        (["suspend"], "suspended", "Suspended"),
        (["suspend", "reinstate"], "issued", "Issued"),
        (["revoke"], "revoked", "Revoked"),
        (["suspend", "withdraw"], "withdrawn", "Withdrawn"),
    ],
)
def test_the_public_record_says_its_state_first(
    api: Api, actions: list[str], state: str, word: str
) -> None:
    record_id = api.issued()
    for action in actions:
        api.move(record_id, action, EXPORTER_LI if action == "withdraw" else DECIDER_ZHAO)
    _, record = api.send("GET", f"/v1/records/{record_id}")
    assert record["state"] == state
    assert record["standing"]["en"].startswith(word)
    assert record["in_force"] is (state == "issued")


def test_a_record_past_its_validity_is_not_in_force(api: Api) -> None:
    record_id = api.issued()
    api.clock.advance(timedelta(days=366))
    _, record = api.send("GET", f"/v1/records/{record_id}")
    assert (record["state"], record["in_force"]) == ("issued", False)
    assert "not valid" in record["standing"]["en"]
    api.move(record_id, "suspend")
    _, suspended = api.send("GET", f"/v1/records/{record_id}")
    assert "Suspended" in suspended["standing"]["en"]
    assert "not valid" in suspended["standing"]["en"]


def test_a_flag_is_shown_and_the_state_stays(api: Api) -> None:
    record_id = api.issued()
    with units_of_work(api.database, api.clock)(OWNER) as uow:
        stale = Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW)
        flag_records(uow, FOOTPRINT.id, stale)
        uow.commit()
    _, record = api.send("GET", f"/v1/records/{record_id}")
    assert record["state"] == "issued"
    assert [(one["code"], one["reason"]) for one in record["flags"]] == [
        ("footprint_stale", "declaration_corrected")
    ]
    assert "Flagged on 2026-03-01" in record["standing"]["en"]


def test_an_application_is_no_public_record(api: Api) -> None:
    record_id = api.stated()
    for path in ("", "/history"):
        found = api.send("GET", f"/v1/records/{record_id}{path}")
        unknown = api.send("GET", f"/v1/records/unknown-id{path}")
        assert masked(found, record_id) == masked(unknown, "unknown-id")
        assert found[0] == 404


def test_a_stale_footprint_is_a_conflict(api: Api) -> None:
    record_id = api.stated()
    api.footprints.present = reading(stale_reason="declaration_corrected")
    path = f"/v1/applications/{record_id}/decision"
    problem = api.post(path, DECIDER_ZHAO, ISSUE, 409)
    assert problem["code"] == "certification.footprint.stale"


def test_a_record_outlives_the_key_that_signed_it(database: Database, signing_key: OKPKey) -> None:
    with opened_api(database, signing_key) as api:
        record_id = api.issued()
    later = OKPKey.generate_key("Ed25519", private=True)
    with opened_api(database, later, NOW + timedelta(days=1)) as api:
        _, keys = api.send("GET", "/.well-known/jwks.json")
        assert [key["kid"] for key in keys["keys"]] == [
            later.thumbprint(),
            signing_key.thumbprint(),
        ]
        _, record = api.send("GET", f"/v1/records/{record_id}")
        verify_record(record["jws"], keys, issuer=URL, record_id=record_id)
        for key in keys["keys"]:
            assert "d" not in key


def test_a_rejected_application_issues_nothing(api: Api) -> None:
    record_id = api.stated()
    body = {"decision": "reject", "reason": "The boundary is incomplete."}
    answer = api.post(f"/v1/applications/{record_id}/decision", DECIDER_ZHAO, body)
    assert (answer["state"], answer["sha256"]) == ("rejected", None)
    assert api.send("GET", f"/v1/records/{record_id}")[0] == 404


@pytest.mark.parametrize("stated", [False, True])
def test_who_named_the_wrong_organisation_withdraws_and_applies_again(
    api: Api, stated: bool
) -> None:
    record_id = api.stated() if stated else api.apply()
    other = APPLICATION | {"verifier_tenant_id": "another-verifier"}
    refusal = api.post("/v1/applications", EXPORTER_LI, other, 409)
    assert "withdraw it and apply again" in refusal["detail"]
    assert api.move(record_id, "withdraw", EXPORTER_LI)["state"] == "withdrawn"
    assert api.send("GET", f"/v1/records/{record_id}")[0] == 404
    assert api.post("/v1/applications", EXPORTER_LI, other, 201)["id"] != record_id
    with api.database.system_transaction(read_only=True) as session:
        told = [json.loads(row.value) for row in session.exec(select(OutboxRow))]
    (withdrawn,) = [one["data"] for one in told if one["type"].endswith("withdrawn.v1")]
    assert withdrawn == {"recordId": record_id, "reason": "application_withdrawn"}


def test_of_decisions_at_once_one_is_taken(api: Api) -> None:
    path = f"/v1/applications/{api.stated()}/decision"
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: api.send("POST", path, DECIDER_ZHAO, ISSUE), range(4)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    with api.database.system_transaction(read_only=True) as session:
        events = [json.loads(row.value) for row in session.exec(select(OutboxRow)).all()]
    assert [(event["type"], event["aggregateversion"]) for event in events] == [
        ("greenchain.record.submitted.v1", 1),
        ("greenchain.record.issued.v1", 2),
        ("greenchain.record.restated.v1", 2),
    ]


def test_of_applications_at_once_one_is_opened(api: Api) -> None:
    def apply(_: int) -> tuple[int, Any]:
        return api.send("POST", "/v1/applications", EXPORTER_LI, APPLICATION)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(apply, range(4)))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 201]
    assert len({answer["id"] for _, answer in answers}) == 1


# ------------------------------------------------------------------------------------ isolation


def masked(answer: tuple[int, Any], record_id: str) -> tuple[int, str]:
    """Leave out what differs by nature: the id that was asked for and the request's own."""
    status, body = answer
    body.pop("request_id")
    return status, json.dumps(body).replace(record_id, "<id>")


MOVES = ("suspend", "reinstate", "revoke", "withdraw")
OPERATIONS: dict[str, Callable[[str], tuple[str, str, Any]]] = {
    "read application": lambda id: ("GET", f"/v1/applications/{id}", None),
    "state": lambda id: ("POST", f"/v1/applications/{id}/statements", STATEMENT),
    "issue": lambda id: ("POST", f"/v1/applications/{id}/decision", ISSUE),
    "reject": lambda id: (
        "POST",
        f"/v1/applications/{id}/decision",
        {"decision": "reject", "reason": "No."},
    ),
} | {
    action: lambda id, action=action: (
        "POST",
        f"/v1/records/{id}/transitions",
        {"action": action, "reason": "For a reason."},
    )
    for action in MOVES
}
OUTSIDERS = {
    "other exporter": Principal("he", "other-maker", frozenset({Role.EXPORTER})),
    "verifier not named": Principal("sun", "other-verifier", frozenset({Role.VERIFIER})),
    "body not named": Principal("zhou", "other-body", frozenset({Role.CERTIFICATION_BODY})),
    "named verifier as body": Principal("wu", VERIFIER, frozenset({Role.CERTIFICATION_BODY})),
    "named body as verifier": Principal("zheng", BODY, frozenset({Role.VERIFIER})),
    "owner as supplier": Principal("li", OWNER, frozenset({Role.SUPPLIER})),
    "owner as verifier and body": Principal(
        "li", OWNER, frozenset({Role.VERIFIER, Role.CERTIFICATION_BODY})
    ),
    "footprint service": Principal("footprint", OWNER, frozenset({Role.FOOTPRINT_SERVICE})),
}


@pytest.mark.parametrize(("operation", "outsider"), list(product(OPERATIONS, OUTSIDERS)))
def test_a_refused_id_and_an_unknown_id_look_the_same(
    settled: tuple[Api, str], operation: str, outsider: str
) -> None:
    api, record_id = settled
    before = api.send("GET", f"/v1/applications/{record_id}", EXPORTER_LI)
    answers = []
    for id_ in (record_id, "unknown-id"):
        method, path, body = OPERATIONS[operation](id_)
        answers.append(masked(api.send(method, path, OUTSIDERS[outsider], body), id_))
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404)
    assert api.send("GET", f"/v1/applications/{record_id}", EXPORTER_LI) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_token_nothing_is_answered(settled: tuple[Api, str], operation: str) -> None:
    api, record_id = settled
    method, path, body = OPERATIONS[operation](record_id)
    status, problem = api.send(method, path, None, body)
    assert (status, problem["code"]) == (401, "unauthenticated")


def test_another_tenants_same_application_does_not_meet_ours(api: Api) -> None:
    record_id = api.apply()
    other = Principal("he", "other-maker", frozenset({Role.EXPORTER}))
    assert api.post("/v1/applications", other, APPLICATION, 201)["id"] != record_id


# --------------------------------------------------------------------------------- strict input


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant_id": "other-maker"}, "tenant_id"),
        ({"state": "issued"}, "state"),
        ({"footprint_id": ""}, "footprint_id"),
        ({"footprint_id": 7}, "footprint_id"),
        ({"scheme": None}, "scheme"),
        ({"scheme": "gold"}, "scheme"),
        ({"verifier_tenant_id": OWNER}, "verifier_tenant_id"),
        ({"body_tenant_id": "x" * 201}, "body_tenant_id"),
    ],
)
def test_a_malformed_application_is_refused_by_field(
    api: Api, change: dict[str, Any], field: str
) -> None:
    problem = api.post("/v1/applications", EXPORTER_LI, APPLICATION | change, 422)
    assert [violation["field"] for violation in problem["violations"]] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "zhao"}, "subject"),
        ({"footprint_sha256": "0" * 64}, "footprint_sha256"),
        ({"footprint_sha256": "F" * 64}, "footprint_sha256"),
        ({"conclusion": "fine"}, "conclusion"),
        ({"no_conflict_of_interest": "yes"}, "no_conflict_of_interest"),
        ({"no_conflict_of_interest": False}, "no_conflict_of_interest"),
        ({"date": "01/03/2026"}, "date"),
        ({"date": "2026-03-01T00:00:00"}, "date"),
        ({"date": 1772323200}, "date"),
        ({"date": "2027-03-01"}, "date"),
        ({"limitations": "  "}, "limitations"),
    ],
)
def test_a_malformed_statement_is_refused_by_field(
    api: Api, change: dict[str, Any], field: str
) -> None:
    path = f"/v1/applications/{api.apply()}/statements"
    problem = api.post(path, VERIFIER_WANG, STATEMENT | change, 422)
    assert [violation["field"] for violation in problem["violations"]] == [field]


def test_problems_speak_chinese_when_asked(api: Api) -> None:
    answer = api.client.get("/v1/records/unknown-id", headers={"Accept-Language": "zh-CN"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert "没有您可以查看的" in answer.json()["detail"]


def test_a_second_statement_is_a_conflict(api: Api) -> None:
    path = f"/v1/applications/{api.stated()}/statements"
    problem = api.post(path, VERIFIER_WANG, STATEMENT, 409)
    assert problem["code"] == "certification.record.transition_not_allowed"


# -------------------------------------------------------------------------------------- OpenAPI


def test_every_example_in_openapi_is_valid(api: Api) -> None:
    schemas = api.app.openapi()["components"]["schemas"]
    models = {
        name: model
        for module in (requests, responses)
        for name, model in vars(module).items()
        if name in schemas
    }
    checked = 0
    for name, model in models.items():
        for example in schemas[name].get("examples", []):
            TypeAdapter(model).validate_json(json.dumps(example))
            checked += 1
    with_body = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        for path in api.app.openapi()["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    }
    assert all(schemas[name]["examples"] for name in with_body)
    assert checked >= len(with_body) + 3


def test_only_public_operations_go_without_a_token(api: Api) -> None:
    public = {
        (method, path)
        for path, operations in api.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if "security" not in operation
    }
    assert public == {
        ("get", "/healthz"),
        ("get", "/.well-known/jwks.json"),
        ("get", "/v1/records/{id}"),
        ("get", "/v1/records/{id}/history"),
    }


def test_times_are_answered_in_utc(api: Api) -> None:
    _, record = api.send("GET", f"/v1/records/{api.issued()}")
    assert datetime.fromisoformat(record["issued_at"]).tzinfo == UTC
