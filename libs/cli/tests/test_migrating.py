"""`greenchain <service> migrate`: whose database, which schema."""

import json
from pathlib import Path

import pytest

from greenchain_cli import language
from greenchain_cli.main import run

SERVICES = ("supplier", "footprint", "certification")


@pytest.mark.parametrize("service", SERVICES)
def test_an_embedded_database_is_migrated_without_an_owner_or_any_secret(
    service: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "rows.db"
    monkeypatch.setenv(f"GREENCHAIN_{service.upper()}_DATABASE_URL", f"sqlite:///{path}")
    assert run([service, "migrate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["service"], told["revision"].startswith(f"{service}_")) == (service, True)
    assert path.stat().st_size > 0


def test_the_owners_address_goes_before_the_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENCHAIN_SUPPLIER_DATABASE_URL", f"sqlite:///{tmp_path}/service.db")
    monkeypatch.setenv("GREENCHAIN_SUPPLIER_OWNER_DATABASE_URL", f"sqlite:///{tmp_path}/owner.db")
    assert run(["supplier", "migrate"]) == 0
    assert [path.name for path in tmp_path.glob("*.db")] == ["owner.db"]


def test_on_a_server_the_owner_has_to_be_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    language.speak("en")
    monkeypatch.setenv("GREENCHAIN_SUPPLIER_DATABASE_URL", "postgresql+psycopg://supplier@db/s")
    assert run(["supplier", "migrate"]) == 2
    assert "GREENCHAIN_SUPPLIER_OWNER_DATABASE_URL is not set" in capsys.readouterr().err
