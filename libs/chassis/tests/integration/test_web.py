import asyncio
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI, Query
from fastapi.testclient import TestClient
from identities import VERIFIER, token

from chassis.caller import current_principal, current_token
from chassis.errors import InvalidInput, Location, NotFound, Unavailable, Violation
from chassis.identity import Role
from chassis.tenancy import ForeignTenant
from chassis.web import Caller, StrictModel, create_app

JSON = {"Content-Type": "application/json"}


@dataclass(eq=False)
class Negative(Violation):
    code = "test.negative"
    en = "amount {amount} is negative"
    zh = "数量 {amount} 为负数"

    amount: float


class Line(StrictModel):
    amount: float


class Bill(StrictModel):
    lines: list[Line]


def make_app(max_body_bytes: int = 1000) -> FastAPI:
    app = create_app("Sample", "1.0.0", VERIFIER, max_body_bytes=max_body_bytes)

    @app.post("/bills")
    def post_bill(bill: Bill, caller: Caller) -> dict[str, Any]:
        wrong = tuple(
            Negative(location=Location("amount", row=row), amount=line.amount)
            for row, line in enumerate(bill.lines, start=1)
            if line.amount < 0
        )
        if wrong:
            raise InvalidInput(violations=wrong)
        # Not through the argument: what adapters further down see.
        return {"by": current_principal().subject, "token": current_token(), "n": len(bill.lines)}

    @app.post("/notes")
    def echo(note: Annotated[str, Body()]) -> str:
        return note

    @app.get("/things/{thing_id}")
    def thing(thing_id: str, caller: Caller, n: Annotated[int, Query(ge=1)] = 1) -> None:
        if thing_id == "down":
            raise Unavailable(service="supplier")
        if thing_id == "bug":
            raise RuntimeError("password=hunter2 in /srv/secret")
        if thing_id == "tenancy":
            raise ForeignTenant
        if thing_id == "lead":
            caller.require(Role.LEAD_FIRM)
        raise NotFound(what="thing", id=thing_id)

    return app


def post_of(path: str) -> dict[str, Any]:
    """Return the scope of a request as an ASGI server makes it."""
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
    }


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(make_app(), headers={"Authorization": f"Bearer {token()}"}) as opened:
        yield opened


def test_the_verified_caller_and_its_token_are_at_hand_everywhere(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [{"amount": 1}]})
    assert answer.status_code == 200
    assert answer.json()["by"] == "someone"
    assert answer.json()["token"] == client.headers["authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer x.y.z", "Basic eDp5", "Token abc"]
)
def test_a_call_without_a_valid_token_is_refused(
    client: TestClient, authorization: str | None
) -> None:
    del client.headers["authorization"]
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = client.get("/things/x", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("thing", "status", "code"),
    [
        ("none", 404, "not_found"),
        ("lead", 403, "forbidden"),
        ("down", 503, "unavailable"),
        ("bug", 500, "internal"),
        ("tenancy", 500, "internal"),
    ],
)
def test_errors_become_problems(client: TestClient, thing: str, status: int, code: str) -> None:
    answer = client.get(f"/things/{thing}")
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:greenchain:problem:{code}"
    assert body["request_id"] == answer.headers["x-request-id"]


def test_an_unforeseen_error_tells_nothing_of_its_cause(client: TestClient) -> None:
    answer = client.get("/things/bug")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text


def test_every_violation_is_reported_with_its_place(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [{"amount": a} for a in (-1, 2, -3)]})
    assert answer.status_code == 422
    assert [(v["row"], v["field"], v["code"]) for v in answer.json()["violations"]] == [
        (1, "amount", "test.negative"),
        (3, "amount", "test.negative"),
    ]
    assert answer.json()["violations"][1]["attributes"] == {"amount": -3.0}


@pytest.mark.parametrize(
    ("language", "title", "message"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "输入无效", "数量 -1.0 为负数"),
        ("en-GB", "The input is not valid", "amount -1.0 is negative"),
        ("fr", "The input is not valid", "amount -1.0 is negative"),
        ("en;q=0.1, zh;q=0.2", "输入无效", "数量 -1.0 为负数"),
    ],
)
def test_problems_speak_the_callers_language(
    client: TestClient, language: str, title: str, message: str
) -> None:
    answer = client.post(
        "/bills", json={"lines": [{"amount": -1}]}, headers={"Accept-Language": language}
    )
    assert answer.json()["title"] == title
    assert answer.json()["violations"][0]["message"] == message


def test_schema_violations_are_named_by_row_and_field(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [{"amount": 1}, {"amount": "much"}, {}]})
    assert answer.json()["code"] == "input.invalid"
    assert [(v["row"], v["field"]) for v in answer.json()["violations"]] == [
        (2, "lines.amount"),
        (3, "lines.amount"),
    ]


def test_unknown_fields_are_refused(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [], "tenant_id": "other"})
    assert answer.status_code == 422
    assert answer.json()["violations"][0]["field"] == "tenant_id"


@pytest.mark.parametrize(
    "body",
    [
        '{"lines": [{"amount": 1e999}]}',
        '{"lines": [{"amount": NaN}]}',
        '{"lines": [], "lines": [{"amount": 1}]}',
        '{"lines": [',
        "[" * 999,
        b'{"lines": [], "note": "\xff"}',
        '{"lines": []}'.encode("utf-16"),
        '{"lines": [], "note": "\\ud83d"}',
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-16"])
def test_json_that_readers_understand_differently_is_refused(
    client: TestClient, body: str | bytes, content_type: str
) -> None:
    answer = client.post("/bills", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 400
    assert answer.json()["code"] == "request.json"


def test_a_whole_character_beyond_the_basic_plane_may_be_escaped(client: TestClient) -> None:
    answer = client.post("/notes", content=b'"\\ud83d\\ude00"', headers=JSON)
    assert answer.json() == "\N{GRINNING FACE}"


def test_a_body_that_broke_off_is_not_taken_for_a_whole_one() -> None:
    arriving = [
        {"type": "http.request", "body": b'"begun"', "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Any] = []

    async def receive() -> Any:
        return arriving.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"900")]
    asyncio.run(make_app()({**post_of("/notes"), "headers": headers}, receive, send))
    assert answered == []


def test_a_number_that_pydantic_would_make_infinite_is_refused(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [{"amount": "inf"}]})
    assert answer.status_code == 422
    assert not math.isinf(answer.json()["status"])


def test_a_body_beyond_the_limit_is_refused(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 10

    for content in (b" " * 1001, chunks()):
        answer = client.post(
            "/bills", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.json()["code"] == "request.too_large"


@pytest.mark.parametrize(
    ("authorization", "status", "read"),
    # A token lasts for minutes: one made while tests are collected may be too old by now.
    [
        (lambda: "", 401, 8),
        (lambda: "Bearer x.y.z", 401, 8),
        (lambda: f"Bearer {token()}", 200, 100),
    ],
    ids=["none", "false", "valid"],
)
def test_a_large_body_of_an_unknown_caller_is_not_read(
    authorization: Callable[[], str], status: int, read: int
) -> None:
    chunks = [0]
    answered: list[Any] = []

    async def receive() -> Any:
        chunks[0] += 1
        body = b'"x"' if chunks[0] == 1 else b" " * 10_000
        return {"type": "http.request", "body": body, "more_body": chunks[0] < 100}

    async def send(message: Any) -> None:
        answered.append(message)

    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", authorization().encode()),
    ]
    app = make_app(max_body_bytes=10_000_000)
    asyncio.run(app({**post_of("/notes"), "headers": headers}, receive, send))
    assert (answered[0]["status"], chunks[0]) == (status, read)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/x", 404), ("PUT", "/bills", 405)])
def test_routing_errors_are_problems_too(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_answer_has_security_headers(client: TestClient) -> None:
    for path in ("/healthz", "/things/x", "/things/bug", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False)]
)
def test_a_request_id_is_taken_over_if_it_is_harmless(
    client: TestClient, given: str, kept: bool
) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_health_needs_no_token(client: TestClient) -> None:
    del client.headers["authorization"]
    assert client.get("/healthz").json() == {"status": "ok"}


def test_openapi_describes_problems_and_the_token(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    operation = schema["paths"]["/bills"]["post"]
    assert operation["security"] == [{"HTTPBearer": []}]
    for code in ("4XX", "5XX"):
        content = operation["responses"][code]["content"]
        assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "422" not in operation["responses"]
    assert set(schema["components"]["schemas"]["Problem"]["properties"]) == set(
        client.get("/things/x").json()
    )


def test_a_problem_is_valid_json_even_for_infinite_attributes(client: TestClient) -> None:
    answer = client.post("/bills", json={"lines": [{"amount": -1e308}]})
    assert json.loads(answer.text)["violations"][0]["attributes"] == {"amount": -1e308}
