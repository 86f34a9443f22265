"""Commands around backgrounds of one's own: what they write, find, use and refuse."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from greenchain_cli import language
from greenchain_cli.clients import connections
from greenchain_cli.clients.footprint import FootprintApi
from greenchain_cli.main import run

Ask = Callable[..., Any]

TABLES = {
    "activities": "id,name_en,name_zh,reference_product,unit,location,valid_year\n"
    "bolt,bolt production,螺栓生产,bolt,kg,CN,2023\nwire,wire drawing,,wire,kg,CN,2022\n"
    "night,stay in a hotel,,night,guest night,CN,2022\n",
    "elementary_flows": "id,name_en,compartment,cas,unit\n"
    'co2,"Carbon dioxide, fossil",air,124-38-9,kg\ndust,Unheard-of dust,air,,kg\n',
    "exchanges": "activity_id,exchange_type,input_id,amount,unit\n"
    "bolt,technosphere,wire,2,kg\nwire,elementary,co2,3,kg\nwire,elementary,dust,1,kg\n"
    "night,elementary,co2,9,kg\n",
}
PRODUCT = {
    "format": "greenchain-product/1",
    "product_id": "thing",
    "name": {"en": "Thing", "zh": "物件"},
    "declared_unit": {"amount": 1, "unit": "kg"},
    "plant_region": "CN",
    "backgrounds": [{"id": "own", "version": "1"}],
    "boundary": {"name": "cradle_to_gate", "stages": ["raw_materials"]},
    "intermediates": [],
}
BOM = (
    "line_id,stage,consumer_id,input_id,amount,unit,activity_data,uncertainty_type,gsd,min,max,"
    "source_title,source_locator,doi_or_url,licence,confidence,note\n"
    "p.1,raw_materials,,{input_id},0.5,kg,own_plant,none,,,,own,-,,own,assumption,\n"
)
SAID = ("--id", "own", "--version", "1", "--title", "Own data", "--licence", "Internal")


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Return a folder of CSV tables: a bolt takes 2 wire, of which each emits 3 kg of CO2."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def own(tables: Path, ask: Ask) -> str:
    """Return the background file made of these."""
    ask("background", "import", "--csv", str(tables), *SAID, "--out", "own.zip")
    return "own.zip"


def product(tmp_path: Path, input_id: str) -> str:
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "product.json").write_text(json.dumps(PRODUCT), encoding="utf-8")
    (folder / "bom.csv").write_text(BOM.format(input_id=input_id), encoding="utf-8")
    (folder / "sites.csv").write_text("activity_id,region,known_from,note\n", encoding="utf-8")
    return str(folder)


def test_an_import_tells_how_much_the_dataset_knows(tables: Path, ask: Ask) -> None:
    found = ask("background", "import", "--csv", str(tables), *SAID, "--out", "own.zip")
    assert (found["id"], found["version"], found["year"]) == ("own", "1", 2023)
    counts = found["counts"]
    assert (counts["activities"], counts["flows"], counts["flows_matched"]) == (3, 2, 1)
    assert (counts["biosphere"], counts["biosphere_matched"]) == (3, 2)
    assert found["unmatched_flows"] == [
        {"name": "Unheard-of dust", "compartment": "air", "unit": "kg", "exchanges": 1}
    ]
    assert Path("own.zip").is_file()
    assert [each.name for each in Path().iterdir() if each.name.startswith(".own")] == []


def test_an_import_is_shown_to_people(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["footprint", "background", "import", "--csv", str(tables), *SAID, "--out", "own.zip"]
    assert run(words) == 0
    shown = capsys.readouterr().out
    assert "1 / 2" in shown
    assert "Own data" in shown
    assert "Unheard-of dust" in shown


def test_the_same_tables_give_the_same_file(tables: Path, own: str, ask: Ask) -> None:
    before = Path(own).read_bytes()
    ask("background", "import", "--csv", str(tables), *SAID, "--out", "again.zip")
    assert Path("again.zip").read_bytes() == before


def test_a_search_gives_ids_for_bills_of_materials(own: str, ask: Ask) -> None:
    found = ask("background", "search", own, "production bolt")
    assert [row["input_id"] for row in found["activities"]] == ["own:bolt"]


def test_names_are_shown_in_the_language_of_who_asks(
    own: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    language.speak("zh")
    assert run(["footprint", "background", "search", own, "螺栓"]) == 0
    assert "螺栓生产" in capsys.readouterr().out
    assert run(["footprint", "explain", product(tmp_path, "own:bolt"), "--background", own]) == 0
    assert "螺栓生产" in capsys.readouterr().out
    assert run(["footprint", "background", "search", own, "drawing"]) == 0
    assert "wire drawing" in capsys.readouterr().out


def test_a_search_without_a_hit_says_so(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "background", "search", own, "unobtainium"]) == 0
    assert "nothing has all these words" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["search", "none.zip", "bolt"], ["upload", "none.zip"]])
def test_a_file_that_is_not_there_is_called_missing(command: list[str], ask: Ask) -> None:
    assert ask("background", *command, code=4)["code"] == "cli.file.missing"


def test_a_search_says_what_cannot_be_bought(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "background", "search", own, "hotel"]) == 0
    assert "guest night (cannot be bought)" in " ".join(capsys.readouterr().out.split())


def test_a_product_is_explained_by_a_background_file(tmp_path: Path, own: str, ask: Ask) -> None:
    found = ask("explain", product(tmp_path, "own:bolt"), "--background", own)
    assert found["kg_co2e"] == pytest.approx(0.5 * 2 * 3)


def test_a_product_is_calculated_by_a_background_file(tmp_path: Path, own: str, ask: Ask) -> None:
    found = ask("calculate", product(tmp_path, "own:bolt"), "--background", own)
    (bolt,) = [each for each in found["supply"] if each["activity"] == "own:bolt@CN"]
    assert bolt["amount"] == pytest.approx(0.5)
    (co2,) = found["inventory"]
    assert (co2["flow"], co2["amount"]) == ("co2_fossil", pytest.approx(0.5 * 2 * 3))


@pytest.mark.parametrize("given", ["model.json", "6f3c8d1e-0000-4000-8000-000000000000"])
def test_a_background_is_for_product_folders(own: str, ask: Ask, given: str) -> None:
    assert ask("calculate", given, "--background", own, code=2)["code"] == "cli.usage"


def test_a_code_that_is_mistyped_is_told_with_file_and_row(
    tmp_path: Path, own: str, ask: Ask
) -> None:
    error = ask("explain", product(tmp_path, "own:bolts"), "--background", own, code=3)
    (violation,) = error["violations"]
    assert violation["code"] == "footprint.background.unknown_activity"
    assert (violation["file"], violation["line"], violation["field"]) == ("bom.csv", 2, "input_id")
    assert "the closest code is bolt" in violation["message"]


def test_a_product_without_its_background_is_told_what_it_names(tmp_path: Path, ask: Ask) -> None:
    error = ask("explain", product(tmp_path, "own:bolt"), code=3)
    codes = [each["code"] for each in error["violations"]]
    assert codes == ["footprint.background.not_there"]


@pytest.mark.parametrize(
    ("given", "code", "exit_code"),
    [
        (("--out", "x.zip", *SAID), "cli.usage", 2),
        (("--csv", "a", "--ecospold2", "b", "--out", "x.zip", *SAID), "cli.usage", 2),
        (("--csv", "nowhere", "--out", "x.zip", *SAID), "footprint.background.cannot_import", 3),
        (("--csv", "nowhere", "--out", "x.zip", *SAID, "--id", "a:b"), "input.invalid", 3),
    ],
)
def test_a_wrong_import_writes_nothing(
    ask: Ask, given: tuple[str, ...], code: str, exit_code: int
) -> None:
    assert ask("background", "import", *given, code=exit_code)["code"] == code
    assert not Path("x.zip").exists()


def test_what_is_no_background_is_refused(ask: Ask) -> None:
    Path("own.zip").write_bytes(b"PK no archive")
    error = ask("background", "search", "own.zip", "bolt", code=3)
    assert error["code"] == "footprint.background.unreadable"


class Service(BaseHTTPRequestHandler):
    """Answers as the service does, and keeps what it was sent."""

    received: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        chunks = b""
        while size := int(self.rfile.readline(), 16):
            chunks += self.rfile.read(size)
            self.rfile.readline()
        assert self.headers["Content-Type"] == "application/zip"
        self.received[self.path] = chunks
        self._answer(STORED)

    def do_GET(self) -> None:
        self._answer({"backgrounds": [STORED]})

    def _answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


STORED = {
    "id": "own",
    "version": "1",
    "sha256": "0" * 64,
    "title": "Own data",
    "licence": "Internal",
    "year": 2023,
    "counts": {
        "activities": 3,
        "flows": 2,
        "flows_matched": 1,
        "technosphere": 4,
        "biosphere": 3,
        "biosphere_matched": 2,
        "inputs_left_out": 0,
    },
    "created_at": "2026-11-27T10:00:00Z",
    "created_by": "somebody",
    "created": True,
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Serve what stands in for the service and return what it was sent."""
    Service.received.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        @contextmanager
        def connected() -> Iterator[FootprintApi]:
            api = FootprintApi(f"http://127.0.0.1:{server.server_port}", lambda: "token")
            yield api
            api.close()

        monkeypatch.setattr(connections, "footprint", connected)
        yield Service.received
        server.shutdown()


def test_an_upload_sends_the_file_under_its_own_name(
    own: str, ask: Ask, service: dict[str, bytes]
) -> None:
    assert ask("background", "upload", own) == STORED
    assert service == {"/v1/backgrounds/own/1": Path(own).read_bytes()}


def test_what_is_no_background_is_not_sent(ask: Ask, service: dict[str, bytes]) -> None:
    Path("own.zip").write_bytes(b"no archive")
    assert ask("background", "upload", "own.zip", code=3)["code"] == (
        "footprint.background.unreadable"
    )
    assert service == {}


def test_backgrounds_at_the_service_are_listed(
    capsys: pytest.CaptureFixture[str], ask: Ask, service: dict[str, bytes]
) -> None:
    assert ask("background", "list") == {"backgrounds": [STORED]}
    assert run(["footprint", "background", "list"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "own 1 Own data 3" in shown
