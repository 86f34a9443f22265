"""What services served alone, and the commands of an identity, find in their environment."""

import json
from pathlib import Path

import pytest

from chassis.errors import NotFound
from chassis.identity import Role
from greenchain_local import secrets
from greenchain_local.environment import SERVICES, environment_of
from greenchain_local.identities import Identity


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_own_database_and_the_common_event_log(
    tmp_path: Path, service: str
) -> None:
    found = environment_of(service, tmp_path)
    database = found[f"GREENCHAIN_{service.upper()}_DATABASE_URL"]
    assert database == f"sqlite:///{tmp_path}/{service}.db"
    assert found["GREENCHAIN_EVENT_LOG"] == f"local:{tmp_path}/events.db"


def test_a_service_gets_no_secret_of_another_one(tmp_path: Path) -> None:
    own = {name: set(environment_of(name, tmp_path).values()) for name in SERVICES}
    kept = secrets.read(tmp_path / secrets.FILE_NAME)
    secret = {name: each.secret for name, each in kept.credentials.items()}
    assert own["footprint"] & {*secret.values(), kept.issuer_key, kept.certification_key} == {
        secret["footprint"]
    }
    assert own["certification"] & {*secret.values(), kept.issuer_key} == {secret["certification"]}
    assert own["supplier"] & {*secret.values(), kept.issuer_key, kept.certification_key} == set()


def test_certification_gets_a_private_key(tmp_path: Path) -> None:
    key = json.loads(
        environment_of("certification", tmp_path)["GREENCHAIN_CERTIFICATION_SIGNING_KEY"]
    )
    assert (key["kty"], key["crv"], "d" in key) == ("OKP", "Ed25519", True)


def test_an_identity_gets_its_id_and_secret(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path, [Identity("buyer", "buyer", (Role.LEAD_FIRM,))])
    assert environment_of("buyer", tmp_path) == {
        "GREENCHAIN_CLIENT_ID": "buyer",
        "GREENCHAIN_CLIENT_SECRET": made.credentials["buyer"].secret,
    }


def test_an_unknown_name_is_not_found_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        environment_of("nobody", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_footprint_is_told_the_lock_file_of_the_checkout(tmp_path: Path) -> None:
    lock_file = Path(environment_of("footprint", tmp_path)["GREENCHAIN_FOOTPRINT_LOCK_FILE"])
    assert lock_file.name == "requirements.lock"
    assert "--hash=sha256:" in lock_file.read_text(encoding="utf-8")
