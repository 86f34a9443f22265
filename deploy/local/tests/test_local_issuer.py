"""The embedded issuer knows the identities of its state directory as they are now."""

from pathlib import Path

from fastapi.testclient import TestClient

from chassis.identity import Role
from chassis.settings import PlatformSettings
from greenchain_cli.clients.settings import ClientSettings
from greenchain_local import secrets
from greenchain_local.identities import Identity
from greenchain_local.issuer import build_issuer, build_issuer_alone

GRANT = {"grant_type": "client_credentials"}


def test_an_identity_that_is_added_later_gets_a_token_at_once(tmp_path: Path) -> None:
    service = build_issuer("http://issuer.test", tmp_path)
    assert service.http is not None
    with TestClient(service.http) as client:
        unknown = client.post("/oauth/token", data=GRANT, auth=("buyer", "x"))
        added = secrets.read_or_make(tmp_path, [Identity("buyer", "buyer", (Role.LEAD_FIRM,))])
        secret = added.credentials["buyer"].secret
        known = client.post("/oauth/token", data=GRANT, auth=("buyer", secret))
    assert (unknown.status_code, known.status_code) == (401, 200)


def test_an_identity_of_an_organisation_cannot_act_for_another_one(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path, [Identity("buyer", "buyer", (Role.LEAD_FIRM,))])
    service = build_issuer("http://issuer.test", tmp_path)
    assert service.http is not None
    with TestClient(service.http) as client:
        status = {
            name: client.post(
                "/oauth/token",
                data={**GRANT, "tenant_id": "cathode-maker"},
                auth=(name, made.credentials[name].secret),
            ).status_code
            for name in ("buyer", "footprint")
        }
    assert status == {"buyer": 400, "footprint": 200}


def test_served_alone_it_answers_where_services_and_commands_look_for_it(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path)
    platform, client = PlatformSettings(), ClientSettings.of_environment({})
    assert client.token_url == platform.token_url
    service = build_issuer_alone(platform.issuer, tmp_path)
    assert service.http is not None
    with TestClient(service.http) as http:
        told = http.get(f"{platform.issuer}/.well-known/openid-configuration").json()
        auth = ("footprint", made.credentials["footprint"].secret)
        token = http.post(client.token_url, data=GRANT, auth=auth).status_code
        keys = http.get(platform.jwks_url).status_code
    assert told["issuer"] == platform.issuer
    assert told["token_endpoint"] == platform.token_url
    assert told["jwks_uri"] == platform.jwks_url
    assert (token, keys) == (200, 200)
