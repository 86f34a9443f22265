import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from chassis.errors import Kind, Unavailable
from chassis.identity import Role
from chassis.issuer import Client, hash_secret, token_router
from chassis.token_errors import ClientRefused, NoTokenEndpoint
from chassis.tokens import (
    ClientCredentials,
    RemoteKeys,
    StaticKeys,
    TokenIssuer,
    TokenVerifier,
    new_signing_key,
)
from chassis.web import create_app

URL = "https://issuer.test"
ISSUER = TokenIssuer(URL, new_signing_key())
VERIFIER = TokenVerifier(StaticKeys(ISSUER.jwks()), URL)
CLIENTS = [
    Client("exporter", hash_secret("e-secret"), "pack-maker", frozenset({Role.EXPORTER})),
    Client(
        "footprint",
        hash_secret("f+o:undry %"),
        "platform",
        frozenset({Role.FOOTPRINT_SERVICE}),
        may_act_for_tenants=True,
    ),
]
GRANT = {"grant_type": "client_credentials"}
FORM = "application/x-www-form-urlencoded"


def issuer_app() -> object:
    app = create_app("Issuer", "1.0.0", VERIFIER)
    app.include_router(token_router(ISSUER, CLIENTS))
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(issuer_app()) as opened:  # type: ignore[arg-type]
        yield opened


def test_basic_and_form_credentials_give_a_token(client: TestClient) -> None:
    by_basic = client.post("/oauth/token", data=GRANT, auth=("exporter", "e-secret"))
    named = {"client_id": "exporter", "client_secret": "e-secret"}
    by_form = client.post("/oauth/token", data={**GRANT, **named})
    for answer in (by_basic, by_form):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        principal = VERIFIER.verify(answer.json()["access_token"])
        assert (principal.subject, principal.tenant_id) == ("exporter", "pack-maker")
        assert principal.roles == {Role.EXPORTER}


@pytest.mark.parametrize(
    "auth", [("exporter", "wrong"), ("nobody", "e-secret"), ("", ""), ("exporter", "")]
)
def test_a_wrong_secret_and_an_unknown_client_look_the_same(
    client: TestClient, auth: tuple[str, str]
) -> None:
    answer = client.post("/oauth/token", data=GRANT, auth=auth)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_service_client_acts_for_a_tenant(client: TestClient) -> None:
    form = {**GRANT, "client_id": "footprint", "client_secret": "f+o:undry %"}
    answer = client.post("/oauth/token", data={**form, "tenant_id": "cathode-maker"})
    principal = VERIFIER.verify(answer.json()["access_token"])
    assert principal.tenant_id == "cathode-maker"
    assert principal.roles == {Role.FOOTPRINT_SERVICE}


def test_an_ordinary_client_cannot_act_for_another_tenant(client: TestClient) -> None:
    answer = client.post(
        "/oauth/token", data={**GRANT, "tenant_id": "other"}, auth=("exporter", "e-secret")
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "unauthorized_client"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type=password&client_id=exporter&client_secret=e-secret",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&" + b"x" * 5000,
        b"\xff\xfe",
    ],
)
def test_malformed_requests_are_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/oauth/token", content=body, headers={"Content-Type": FORM})
    assert answer.status_code in (400, 401, 413)
    assert "access_token" not in answer.text


@pytest.mark.parametrize("value", ["Basic !!!", "Bearer x", "Basic", "Basic " + "A" * 4000])
def test_malformed_authorization_is_refused(client: TestClient, value: str) -> None:
    answer = client.post("/oauth/token", data=GRANT, headers={"Authorization": value})
    assert answer.status_code in (400, 401)


def test_the_published_keys_verify_and_hold_nothing_private(client: TestClient) -> None:
    jwks = client.get("/.well-known/jwks.json").json()
    assert "d" not in jwks["keys"][0]
    TokenVerifier(StaticKeys(jwks), URL).verify(ISSUER.issue("s", "t", [Role.EXPORTER]))


def test_discovery_names_the_endpoints(client: TestClient) -> None:
    document = client.get("/.well-known/openid-configuration").json()
    assert document["issuer"] == URL
    assert document["jwks_uri"].endswith("/.well-known/jwks.json")


def test_a_secret_is_stored_as_a_salted_hash() -> None:
    assert "e-secret" not in CLIENTS[0].secret_hash
    assert hash_secret("x") != hash_secret("x")


@pytest.fixture
def base_url() -> Iterator[str]:
    config = uvicorn.Config(issuer_app(), port=0, log_level="warning", lifespan="off")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_client_credentials_fetch_keep_and_act(base_url: str) -> None:
    credentials = ClientCredentials(f"{base_url}/oauth/token", "footprint", "f+o:undry %")
    first = credentials.token()
    assert credentials.token() == first
    other = credentials.acting_for("cathode-maker")
    verifier = TokenVerifier(RemoteKeys(f"{base_url}/.well-known/jwks.json"), URL)
    assert verifier.verify(first).tenant_id == "platform"
    assert verifier.verify(other.token()).tenant_id == "cathode-maker"
    assert credentials.acting_for("cathode-maker").token() == other.token()


def test_a_token_that_soon_expires_is_renewed(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = ClientCredentials(f"{base_url}/oauth/token", "exporter", "e-secret")
    first = credentials.token()
    monkeypatch.setattr(credentials, "_renew_at", time.monotonic() + ISSUER.lifetime_s)
    assert credentials.token() == first
    monkeypatch.setattr(ClientCredentials, "MARGIN_S", float(ISSUER.lifetime_s))
    monkeypatch.setattr(credentials, "_renew_at", 0.0)
    second = credentials.token()
    assert credentials.token() != second


def test_refused_credentials_are_an_error_of_the_caller(base_url: str) -> None:
    with pytest.raises(ClientRefused, match="refuses client exporter \\(invalid_client\\)"):
        ClientCredentials(f"{base_url}/oauth/token", "exporter", "wrong").token()


def test_a_client_that_may_not_act_for_others_is_told_so(base_url: str) -> None:
    credentials = ClientCredentials(f"{base_url}/oauth/token", "exporter", "e-secret")
    with pytest.raises(ClientRefused, match="unauthorized_client"):
        credentials.acting_for("cathode-maker").token()


@pytest.mark.parametrize("path", ["/elsewhere/oauth/token", "/.well-known/jwks.json"])
def test_an_address_without_a_token_endpoint_is_named_and_no_outage(
    base_url: str, path: str
) -> None:
    with pytest.raises(NoTokenEndpoint, match=f"{path} is no token endpoint") as raised:
        ClientCredentials(f"{base_url}{path}", "exporter", "e-secret").token()
    assert raised.value.kind is Kind.UNAUTHENTICATED


def test_an_address_that_is_no_url_is_named() -> None:
    with pytest.raises(NoTokenEndpoint, match=r"127\.0\.0\.1:8080 is no token endpoint"):
        ClientCredentials("127.0.0.1:8080", "exporter", "e-secret").token()


def test_an_answer_without_a_token_is_none_of_an_issuer(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = httpx.Response(200, json={}, request=httpx.Request("POST", base_url))
    monkeypatch.setattr("chassis.tokens.httpx.post", lambda *_, **__: answer)
    with pytest.raises(NoTokenEndpoint, match="200, without a token"):
        ClientCredentials(base_url, "exporter", "e-secret").token()


def test_an_issuer_in_trouble_is_unavailable(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = httpx.Response(503, request=httpx.Request("POST", base_url))
    monkeypatch.setattr("chassis.tokens.httpx.post", lambda *_, **__: answer)
    with pytest.raises(Unavailable):
        ClientCredentials(base_url, "exporter", "e-secret").token()


def test_an_issuer_that_is_down_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        ClientCredentials("http://127.0.0.1:9/oauth/token", "exporter", "x").token()
    with pytest.raises(Unavailable):
        RemoteKeys("http://127.0.0.1:9/jwks.json").find("kid")


class KeyServer:
    """Answers with a key set, or with an error while it is down; counts what it is asked."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self.jwks, self.down, self.asked = jwks, False, 0


@pytest.fixture
def key_server() -> Iterator[tuple[KeyServer, str]]:
    state = KeyServer(ISSUER.jwks())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(500 if state.down else 200)
            self.end_headers()
            self.wfile.write(json.dumps(state.jwks).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield state, f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
        finally:
            server.shutdown()
            thread.join()


KID = ISSUER.jwks()["keys"][0]["kid"]


def test_made_up_key_ids_do_not_become_requests_to_the_issuer(
    key_server: tuple[KeyServer, str],
) -> None:
    state, url = key_server
    keys = RemoteKeys(url)
    assert {keys.find(f"made-up-{n}") for n in range(50)} == {None}
    assert state.asked == 1


def test_callers_do_not_queue_for_an_issuer_that_is_down(
    key_server: tuple[KeyServer, str],
) -> None:
    state, url = key_server
    state.down = True
    keys = RemoteKeys(url)
    for _ in range(50):
        with pytest.raises(Unavailable):
            keys.find(KID)
    assert state.asked == 1


def test_known_keys_outlast_an_outage_of_the_issuer(
    key_server: tuple[KeyServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, url = key_server
    keys = RemoteKeys(url)
    assert keys.find(KID) is not None
    state.down = True
    monkeypatch.setattr(RemoteKeys, "KEPT_S", 0.0)
    monkeypatch.setattr(keys, "_ask_again_at", 0.0)
    assert keys.find(KID) is not None
    assert state.asked == 2
    with pytest.raises(Unavailable):
        keys.find("unknown")
    monkeypatch.setattr(RemoteKeys, "KEPT_IN_OUTAGE_S", 0.0)
    with pytest.raises(Unavailable):
        keys.find(KID)


def test_a_key_that_the_issuer_withdrew_is_no_longer_accepted(
    key_server: tuple[KeyServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, url = key_server
    keys = RemoteKeys(url)
    assert keys.find(KID) is not None
    state.jwks = {"keys": []}
    monkeypatch.setattr(RemoteKeys, "KEPT_S", 0.0)
    monkeypatch.setattr(keys, "_ask_again_at", 0.0)
    assert keys.find(KID) is None


def test_a_new_key_of_the_issuer_is_found(
    key_server: tuple[KeyServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, url = key_server
    published, state.jwks = state.jwks, {"keys": []}
    keys = RemoteKeys(url)
    assert keys.find(KID) is None
    state.jwks = published
    monkeypatch.setattr(keys, "_ask_again_at", 0.0)
    assert keys.find(KID) is not None
