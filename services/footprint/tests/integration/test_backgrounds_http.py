"""Backgrounds over HTTP: each tenant's its own, on both databases; hostile files are refused."""

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from services.footprint.tests.fakes import METHOD, OWNER
from services.footprint.tests.made_up_background import ABOUT, FLOWS
from services.footprint.tests.methodology import header, line
from services.footprint.tests.world import Identity
from sqlalchemy import delete

from chassis.database import Database
from chassis.eventlog.local import LocalEventLog
from chassis.identity import Role
from footprint.adapters.backgrounds import archives, files
from footprint.adapters.backgrounds.collected import Cells, Collected, CollectedActivity
from footprint.adapters.backgrounds.flow_names import load_flow_matcher
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.backgrounds.stored import BROKEN_OFF, MOST_UPLOADS, StoredFiles
from footprint.adapters.backgrounds.writing import write_background
from footprint.adapters.rows import BackgroundRow
from footprint.bootstrap import build
from footprint.domain.rows import MOST_SUGGESTED
from footprint.settings import BackgroundSettings, FootprintSettings

OTHER = "another-pack-maker"
NAMED = [{"id": "made-up", "version": "1"}]
Archive = Callable[..., bytes]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return what packs a background of one activity that emits so much CO2 for each kilogram."""
    count = iter(range(100))

    def packed(co2: float = 3.0) -> bytes:
        folder = tmp_path / f"background-{next(count)}"
        folder.mkdir()
        wire = CollectedActivity("wire", "wire drawing", "wire", "kilogram", "CN", "线材拉拔")
        one, none = np.array([0]), np.array([0])
        collected = Collected(
            [wire], FLOWS, Cells(one, one, np.array([1.0])), Cells(none, one, np.array([co2]))
        )
        write_background(collected, ABOUT, load_flow_matcher(), folder)
        archives.pack(folder, folder / "packed.zip")
        return (folder / "packed.zip").read_bytes()

    return packed


class Caller:
    """Calls the service as an exporter."""

    def __init__(self, client: TestClient, identity: Identity) -> None:
        self.client, self.identity = client, identity

    def upload(
        self,
        content: bytes,
        name: str = "made-up/1",
        *,
        tenant: str = OWNER,
        role: Role = Role.EXPORTER,
    ) -> Response:
        headers = self.identity.bearer(role, tenant_id=tenant)
        headers["Content-Type"] = "application/zip"
        return self.client.put(f"/v1/backgrounds/{name}", content=content, headers=headers)

    def listed(self, tenant: str = OWNER) -> list[dict[str, Any]]:
        headers = self.identity.bearer(Role.EXPORTER, tenant_id=tenant)
        answer = self.client.get("/v1/backgrounds", headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["backgrounds"]
        return found

    def post(self, path: str, body: object, tenant: str = OWNER) -> Response:
        headers = self.identity.bearer(Role.EXPORTER, tenant_id=tenant)
        return self.client.post(f"/v1{path}", json=body, headers=headers)

    def import_product(self, tenant: str = OWNER) -> Response:
        body = {"header": header(backgrounds=NAMED), "lines": [line("p.1", "made-up:wire", 2.0)]}
        return self.post("/product-models", body, tenant)

    def kg_co2e(self, tenant: str = OWNER) -> float:
        model = self.import_product(tenant).json()["id"]
        answer = self.post(f"/product-models/{model}/footprints", {"method_id": METHOD}, tenant)
        assert answer.status_code == 201, answer.text
        return float(answer.json()["kg_co2e"])


@pytest.fixture
def caller(client: TestClient, identity: Identity) -> Caller:
    return Caller(client, identity)


def left_over(settings: FootprintSettings) -> list[str]:
    """Return what uploads have left behind."""
    directory = settings.backgrounds.directory
    return [each.name for each in directory.glob(".incoming-*")] if directory.is_dir() else []


class TestOwn:
    def test_an_upload_is_listed_and_bought_from(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        answer = caller.upload(archive())
        assert answer.status_code == 201, answer.text
        assert answer.json()["created"]
        (found,) = caller.listed()
        assert (found["id"], found["version"], found["title"]) == ("made-up", "1", ABOUT.title)
        assert found["counts"]["activities"] == 1
        assert caller.kg_co2e() == pytest.approx(6.0)
        assert left_over(settings) == []

    def test_a_footprint_pins_and_explains_it(self, caller: Caller, archive: Archive) -> None:
        sha256 = caller.upload(archive()).json()["sha256"]
        model = caller.import_product().json()["id"]
        made = caller.post(f"/product-models/{model}/footprints", {"method_id": METHOD}).json()
        pinned = {"role": "background", "id": "made-up", "version": "1", "sha256": sha256}
        assert pinned in made["evidence"]
        name = {"en": "wire drawing", "zh": "线材拉拔"}
        assert [each["name"] for each in made["lines"]] == [name]
        assert name in [each["name"] for each in made["processes"]]
        headers = caller.identity.bearer(Role.EXPORTER, tenant_id=OWNER)
        path = f"/v1/footprints/{made['id']}/explanation"
        explained = caller.client.get(path, headers=headers)
        assert explained.status_code == 200, explained.text
        assert name in [each["name"] for each in explained.json()["processes"]]
        assert ABOUT.title in explained.text

    def test_the_same_content_again_changes_nothing(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        first = caller.upload(archive()).json()
        again = caller.upload(archive())
        assert (again.status_code, again.json()["created"]) == (200, False)
        assert again.json()["created_at"] == first["created_at"]
        assert len(caller.listed()) == 1
        assert left_over(settings) == []

    def test_a_version_never_changes(self, caller: Caller, archive: Archive) -> None:
        caller.upload(archive())
        answer = caller.upload(archive(co2=4.0))
        assert answer.status_code == 409
        assert answer.json()["code"] == "footprint.background.exists"
        assert caller.kg_co2e() == pytest.approx(6.0)

    def test_a_file_is_uploaded_under_its_own_name(self, caller: Caller, archive: Archive) -> None:
        answer = caller.upload(archive(), "other/1")
        assert answer.status_code == 422
        assert answer.json()["code"] == "footprint.background.named_otherwise"

    def test_what_is_refused_keeps_no_files(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        assert caller.upload(archive(), "other/1").status_code == 422
        assert list(settings.backgrounds.directory.glob("*/*")) == []
        caller.upload(archive())
        assert caller.upload(archive(co2=4.0)).status_code == 409
        assert len(list(settings.backgrounds.directory.glob("*/*"))) == 1

    def test_files_that_are_not_as_they_were_are_told_and_come_back_with_an_upload(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        caller.upload(archive(co2=6.5))
        (path,) = settings.backgrounds.directory.glob("*/*/biosphere.data.npy")
        np.save(path, np.array([1.0]))
        assert caller.import_product().status_code == 503
        assert caller.upload(archive(co2=6.5)).status_code == 200
        assert caller.kg_co2e() == pytest.approx(13.0)
        assert left_over(settings) == []

    def test_a_footprint_is_not_explained_by_other_content_of_the_same_name(
        self, caller: Caller, archive: Archive, everything: Database
    ) -> None:
        caller.upload(archive())
        model = caller.import_product().json()["id"]
        made = caller.post(f"/product-models/{model}/footprints", {"method_id": METHOD}).json()
        # As after a database was put back from before it was uploaded.
        with everything.system_transaction() as session:
            session.execute(delete(BackgroundRow))
        assert caller.upload(edited(archive(), title="Another title")).status_code == 201
        headers = caller.identity.bearer(Role.EXPORTER, tenant_id=OWNER)
        answer = caller.client.get(f"/v1/footprints/{made['id']}/explanation", headers=headers)
        assert answer.json()["code"] == "footprint.background.not_at_hand"

    def test_thousands_of_mistyped_codes_are_told_at_once(
        self, caller: Caller, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller.upload(archive())
        asked: list[str] = []

        def closest(_: OpenBackground, code: str) -> str:
            asked.append(code)
            return ""

        monkeypatch.setattr(OpenBackground, "closest", closest)
        lines = [line(f"p.{number}", f"made-up:wyre {number}", 2.0) for number in range(200)]
        refused = caller.post(
            "/product-models", {"header": header(backgrounds=NAMED), "lines": lines}
        )
        assert refused.status_code == 422
        assert len(asked) == MOST_SUGGESTED

    def test_files_that_are_gone_are_told(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        caller.upload(archive(co2=5.0))
        (folder,) = settings.backgrounds.directory.glob("*/*")
        folder.rename(folder.parent.parent / "elsewhere")
        assert caller.import_product().status_code == 503


class TestTenants:
    def test_another_tenant_sees_and_uses_nothing_of_it(
        self, caller: Caller, archive: Archive
    ) -> None:
        caller.upload(archive())
        assert caller.listed(OTHER) == []
        refused = caller.import_product(OTHER)
        assert refused.status_code == 422
        (violation,) = refused.json()["violations"]
        assert violation["code"] == "footprint.background.not_there"
        assert violation["attributes"]["known"] == []

    def test_two_tenants_have_their_own_under_one_name(
        self, caller: Caller, archive: Archive
    ) -> None:
        assert caller.upload(archive(co2=3.0)).status_code == 201
        assert caller.upload(archive(co2=7.0), tenant=OTHER).status_code == 201
        assert caller.kg_co2e() == pytest.approx(6.0)
        assert caller.kg_co2e(OTHER) == pytest.approx(14.0)

    def test_files_of_tenants_stand_apart_whatever_they_are_called(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        for tenant in (OWNER, "..", "a/../b"):
            assert caller.upload(archive(), tenant=tenant).status_code == 201
        directory = settings.backgrounds.directory
        assert len(list(directory.glob("*/*/background.json"))) == 3
        assert {each.parent.parent for each in directory.rglob("background.json")} == {
            directory / name for name in (OWNER, "%2E%2E", "a%2F%2E%2E%2Fb")
        }

    @pytest.mark.parametrize("role", [Role.SUPPLIER, Role.VERIFIER])
    def test_other_roles_upload_nothing(self, caller: Caller, archive: Archive, role: Role) -> None:
        assert caller.upload(archive(), role=role).status_code == 403
        assert caller.listed() == []

    def test_nobody_uploads_without_a_token(self, client: TestClient, archive: Archive) -> None:
        assert client.put("/v1/backgrounds/made-up/1", content=archive()).status_code == 401


def rewritten(content: bytes, **changes: bytes | None) -> bytes:
    """Return an archive with other files: by name without extension, None leaves one out."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            changed = changes.get(name.partition(".")[0], source.read(name))
            if changed is not None:
                archive.writestr(name, changed)
    return target.getvalue()


def edited(content: bytes, **changes: object) -> bytes:
    """Return an archive with another header, its hashes those of its files."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        head = json.loads(source.read(files.HEADER))
    return rewritten(content, background=json.dumps({**head, **changes}).encode())


def with_rows(content: bytes, table: str, rows: object) -> bytes:
    """Return an archive with other rows in a table, its hashes those of its files."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        head = json.loads(source.read(files.HEADER))
        whole = json.loads(source.read(f"{table}.json"))
    changed = json.dumps({**whole, "rows": rows}).encode()
    head["files"][f"{table}.json"] = hashlib.sha256(changed).hexdigest()
    return rewritten(content, **{"background": json.dumps(head).encode(), table: changed})


def renamed(content: bytes, old: str, new: str) -> bytes:
    """Return an archive in which one file is called otherwise."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w") as archive,
    ):
        for name in source.namelist():
            archive.writestr(new if name == old else name, source.read(name))
    return target.getvalue()


class TestHostileFiles:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda content: b"",
            lambda content: b"no archive at all",
            lambda content: content[:-30],
            lambda content: content[:200] + b"\0" * 40 + content[240:],
            lambda content: content + b"and more",
            lambda content: renamed(content, files.FLOWS, "../../flows.json"),
            lambda content: renamed(content, files.FLOWS, "/etc/flows.json"),
            lambda content: rewritten(content, flows=None),
            lambda content: rewritten(content, activities=b'{"columns": [], "rows": []}'),
            lambda content: rewritten(content, background=b"[" * 50_000),
            lambda content: rewritten(content, technosphere=b"\x93NUMPY\x01\x00\x00\x00"),
            lambda content: edited(content, year=True),
            lambda content: edited(content, title="\ud800"),
            lambda content: edited(content, more=float("nan")),
            lambda content: edited(content, more=2**70),
            lambda content: edited(content, counts={"activities": 1}),
            lambda content: edited(content, id="../up"),
            lambda content: edited(content, licence=""),
            lambda content: with_rows(content, "activities", [[[], "", "", "", "", "kg", 1.0]]),
            lambda content: with_rows(content, "activities", [["a", "b", "c", "d", "e", "?", 1.0]]),
            lambda content: with_rows(content, "activities", [["a", "b", "c", "d", "e", "kg", 0]]),
            lambda content: with_rows(
                content, "activities", [["a", "b", "c", "d", "e", "kg", float("inf")]]
            ),
            lambda content: with_rows(content, "activities", []),
            lambda content: with_rows(content, "flows", [["a", "b", "c", "d", "e", {}, 1.0]]),
        ],
    )
    def test_what_is_not_as_it_was_written_is_refused_and_leaves_nothing(
        self,
        caller: Caller,
        archive: Archive,
        settings: FootprintSettings,
        spoil: Callable[[bytes], bytes],
    ) -> None:
        answer = caller.upload(spoil(archive()))
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "footprint.background.unreadable"
        assert caller.listed() == []
        assert left_over(settings) == []
        outside = {"flows.json"} & {each.name for each in settings.backgrounds.directory.iterdir()}
        assert outside == set()

    def test_an_archive_of_many_entries_is_not_even_listed(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for number in range(5000):
                archive.writestr(f"{number}", b"")

        def opened(*_: object, **__: object) -> None:
            raise AssertionError("it was opened")

        monkeypatch.setattr(zipfile, "ZipFile", opened)
        assert caller.upload(target.getvalue()).status_code == 422

    def test_pickled_objects_are_not_unpickled(self, caller: Caller, archive: Archive) -> None:
        target = io.BytesIO()
        np.save(target, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        content = rewritten(archive(), technosphere=target.getvalue())
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            head = json.loads(source.read(files.HEADER))
        assert head["format"] == files.FORMAT
        assert caller.upload(content).status_code == 422


class TestLimits:
    @pytest.fixture
    def limited(
        self,
        settings: FootprintSettings,
        event_log: LocalEventLog,
        identity: Identity,
        request: pytest.FixtureRequest,
    ) -> Iterator[Caller]:
        """Give a service with other limits than usual."""
        given = BackgroundSettings(directory=settings.backgrounds.directory, **request.param)
        service = build(settings.model_copy(update={"backgrounds": given}), event_log=event_log)
        assert service.http is not None
        with TestClient(service.http, raise_server_exceptions=False) as client:
            yield Caller(client, identity)
        service.close()

    @pytest.mark.parametrize("limited", [{"max_upload_bytes": 1000}], indirect=True)
    def test_a_larger_file_is_not_read_to_its_end(
        self, limited: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        answer = limited.upload(archive())
        assert answer.status_code == 413
        assert answer.json()["code"] == "request.too_large"
        assert left_over(settings) == []

    @pytest.mark.parametrize("limited", [{"max_unpacked_bytes": 200_000}], indirect=True)
    def test_a_bomb_is_stopped_while_it_unpacks(
        self, limited: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        assert limited.upload(archive()).status_code == 201
        bomb = rewritten(archive(), biosphere=b"\0" * 10_000_000)
        assert len(bomb) < 200_000
        answer = limited.upload(bomb)
        assert answer.status_code == 422
        assert answer.json()["code"] == "footprint.background.too_large"
        assert left_over(settings) == []

    def test_a_header_of_any_length_is_not_read(self, caller: Caller, archive: Archive) -> None:
        answer = caller.upload(edited(archive(), more="x" * 100_000))
        assert answer.status_code == 422
        assert answer.json()["code"] == "footprint.background.too_large"

    @pytest.mark.parametrize("limited", [{"max_unpacked_bytes": 10_000}], indirect=True)
    def test_the_files_of_a_tenant_take_so_much_room_and_no_more(
        self, limited: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        most = 4 * 10_000
        for number in range(40):
            answer = limited.upload(edited(archive(), version=f"{number}"), f"made-up/{number}")
            if answer.status_code != 201:
                break
        assert (answer.status_code, answer.json()["code"]) == (409, "footprint.background.no_room")
        kept = [path for path in settings.backgrounds.directory.rglob("*") if path.is_file()]
        assert 0 < sum(path.stat().st_size for path in kept) <= most
        assert len(limited.listed()) == len(list(settings.backgrounds.directory.glob("*/*")))
        # Of another tenant's there is as much room as before.
        assert limited.upload(archive(), tenant=OTHER).status_code == 201

    def test_a_tenant_uploads_so_many_at_once_and_no_more(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        uploads = StoredFiles(settings.backgrounds.directory, 10_000_000)
        for _ in range(MOST_UPLOADS):
            uploads.incoming(OWNER)
        refused = caller.upload(archive())
        assert refused.status_code == 409
        assert refused.json()["code"] == "footprint.background.too_many_uploads"
        assert caller.upload(archive(), tenant=OTHER).status_code == 201

    def test_what_a_process_left_behind_is_removed_by_a_later_upload(
        self, caller: Caller, archive: Archive, settings: FootprintSettings
    ) -> None:
        uploads = StoredFiles(settings.backgrounds.directory, 10_000_000)
        old, young = uploads.incoming(OWNER), uploads.incoming(OWNER)
        (old / "archive.zip").write_bytes(b"half of it")
        long_ago = time.time() - 2 * BROKEN_OFF
        for path in (old / "archive.zip", old):
            os.utime(path, (long_ago, long_ago))
        assert caller.upload(archive()).status_code == 201
        assert left_over(settings) == [young.name]

    @pytest.mark.parametrize("limited", [{"max_versions": 1}], indirect=True)
    def test_a_tenant_has_so_many_versions_and_no_more(
        self, limited: Caller, archive: Archive
    ) -> None:
        assert limited.upload(archive()).status_code == 201
        content = archive(co2=9.0)
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            head = json.loads(source.read(files.HEADER))
        head["version"] = "2"
        answer = limited.upload(
            rewritten(content, background=json.dumps(head).encode()), "made-up/2"
        )
        assert answer.status_code == 409
        assert answer.json()["code"] == "footprint.background.too_many"
        # What is there may come again.
        assert limited.upload(archive()).status_code == 200
