"""Secrets of a state directory."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chassis.identity import Role
from greenchain_local import secrets
from greenchain_local.identities import DEMO_IDENTITIES, Identity


def test_first_start_makes_secrets_that_only_the_owner_reads(tmp_path: Path) -> None:
    secrets.read_or_make(tmp_path)

    mode = (tmp_path / secrets.FILE_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_second_start_reads_the_same_secrets(tmp_path: Path) -> None:
    first = secrets.read_or_make(tmp_path, DEMO_IDENTITIES)

    assert secrets.read_or_make(tmp_path, DEMO_IDENTITIES) == first


def test_demo_identities_are_made_on_request_alone(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path)

    assert set(made.credentials) == {"footprint", "certification"}


def test_an_added_identity_leaves_the_other_secrets_alone(tmp_path: Path) -> None:
    before = secrets.read_or_make(tmp_path)

    after = secrets.read_or_make(tmp_path, [Identity("buyer", "buyer", (Role.LEAD_FIRM,))])

    assert {name: after.credentials[name] for name in before.credentials} == before.credentials
    assert after.credentials["buyer"].identity.roles == (Role.LEAD_FIRM,)


def test_identities_that_are_added_at_once_are_all_kept(tmp_path: Path) -> None:
    names = [f"buyer-{n}" for n in range(8)]

    def add(name: str) -> None:
        secrets.read_or_make(tmp_path, [Identity(name, name, (Role.LEAD_FIRM,))])

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(add, names))

    assert secrets.read_or_make(tmp_path).credentials.keys() >= set(names)


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    made = secrets.read_or_make(tmp_path)

    assert made.credentials["footprint"].secret not in repr(made)


def test_state_directories_share_no_secret(tmp_path: Path) -> None:
    one, other = secrets.make(), secrets.make()

    assert one.credentials["footprint"].secret != other.credentials["footprint"].secret
    assert one.issuer_key != other.issuer_key
    assert one.issuer_key != one.certification_key
