"""Datasets as files: what is refused on reading, what adding and releasing write, versions."""

import json
import zipfile
from codecs import BOM_UTF8
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from services.footprint.tests.textbook_dataset import (
    CITED,
    activity,
    exchange,
    textbook_document,
    write_dataset,
)

from chassis.errors import InvalidInput
from footprint.adapters import dataset_folders
from footprint.data.dataset_files import read_document
from footprint.data.shipped import dataset_folder, dataset_versions, read_dataset
from footprint.domain.dataset_document import ALL_COLUMNS
from footprint.domain.dataset_errors import (
    UnknownDatasetVersion,
    UnknownTable,
    VersionReleased,
)
from footprint.domain.dataset_file_errors import UnreadableArchive
from footprint.local.data import add_data, check_data, diff_data
from footprint.local.packages import build_data, release_data

METHOD = "gwp100"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with a dataset as the service ships it."""
    document = textbook_document(
        [
            activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
            activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("steel", "kg", "unit_process"),
        ],
        [
            exchange("power_a", "elementary", "co2", 0.5, "kg"),
            exchange("power_b", "elementary", "co2", 0.1, "kg"),
            exchange("steel", "technosphere", "grid", 2, "kWh"),
        ],
        methods=[],
        characterization=[],
    )
    gwp = [
        {
            "id": METHOD,
            "name_en": "-",
            "name_zh": "-",
            "category": "climate_change",
            "unit": "kg CO2e",
            "version": "1",
            "kind": "climate",
            "threshold_percent": "0",
            "verdict": "supported",
            "note_en": "-",
            "note_zh": "-",
            "source_id": "textbook",
            "source_locator": "-",
        }
    ]
    factors = [
        {
            "method_id": METHOD,
            "flow_id": flow_id,
            "factor": "1",
            "unit": f"kg CO2e/{unit}",
            "note": "",
            **CITED,
        }
        for flow_id, unit in (("co2", "kg"), ("co2e", "kg CO2e"))
    ]
    tables = {**document.tables, "methods": gwp, "characterization": factors}
    document = type(document)(document.header, tables, document.sha256)
    write_dataset(tmp_path / "greenchain_lci", document)
    return tmp_path


@pytest.fixture
def folder(data: Path) -> Path:
    return data / "greenchain_lci"


def rows_file(path: Path, table: str, *rows: dict[str, str]) -> Path:
    """Write a CSV file of rows of a table."""
    columns = ALL_COLUMNS[table]
    lines = [",".join(columns), *(",".join(row[name] for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def places(refused: InvalidInput) -> list[tuple[str, str]]:
    return [(each.location.text(), each.code) for each in refused.violations]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("table", "from_", "to", "place", "code"),
    [
        (
            "exchanges.csv",
            "steel,technosphere,grid",
            "steel,technosphere,gridd",
            "exchanges.csv row 3 (line steel.grid), field input_id",
            "footprint.dataset.unlinked",
        ),
        (
            "exchanges.csv",
            "grid,2,kWh",
            "grid,2,MJ",
            "exchanges.csv row 3 (line steel.grid), field unit",
            "footprint.dataset.unit_differs",
        ),
        (
            "exchanges.csv",
            "grid,2,kWh,none,,,,textbook",
            "grid,2,kWh,none,,,,",
            "exchanges.csv row 3 (line steel.grid), field source_id",
            "footprint.input.missing_field",
        ),
        (
            "exchanges.csv",
            "power_b.co2",
            "power_a.co2",
            "exchanges.csv row 2 (line power_a.co2), field line_id",
            "footprint.input.duplicate",
        ),
        (
            "exchanges.csv",
            "steel,technosphere,grid,2,kWh",
            "steel,technosphere,steel,1,kg",
            "exchanges.csv row 3 (line steel.grid), field amount",
            "footprint.dataset.zero_net_output",
        ),
        (
            "exchanges.csv",
            "grid,2,kWh",
            "grid,nan,kWh",
            "exchanges.csv row 3 (line steel.grid), field amount",
            "footprint.input.non_finite_amount",
        ),
        (
            "exchanges.csv",
            "amount",
            "quantity",
            "exchanges.csv line 1, field amount",
            "file.csv.missing_column",
        ),
        (
            "sources.csv",
            "textbook,textbook",
            "textbook,text,in,parts",
            "sources.csv line 2 (row 1)",
            "file.csv.field_count",
        ),
        (
            "datapackage.json",
            '"name": "textbook"',
            '"name": 3',
            "datapackage.json, field name",
            "footprint.input.not_text",
        ),
        (
            "datapackage.json",
            '"default_region": "A", ',
            "",
            "datapackage.json, field greenchain.default_region",
            "footprint.input.missing_field",
        ),
        ("datapackage.json", "{", "[", "datapackage.json", "footprint.dataset.not_a_package"),
        (
            "datapackage.json",
            "routes.csv",
            "../routes.csv",
            "../routes.csv",
            "footprint.dataset.missing_table",
        ),
        (
            "datapackage.json",
            "routes.csv",
            "README.md",
            "README.md",
            "footprint.dataset.missing_table",
        ),
        (
            "datapackage.json",
            '"name": "textbook"',
            '"name": "../../textbook"',
            "datapackage.json, field name",
            "footprint.dataset.unfit_file_name",
        ),
        (
            "datapackage.json",
            '"version": "1"',
            '"version": "../1"',
            "datapackage.json, field version",
            "footprint.dataset.unfit_file_name",
        ),
        (
            "datapackage.json",
            '"version": "1"',
            '"version": NaN',
            "datapackage.json",
            "footprint.dataset.not_a_package",
        ),
    ],
)
def test_a_bad_file_is_refused_with_table_row_and_column(
    folder: Path, table: str, from_: str, to: str, place: str, code: str
) -> None:
    text = (folder / table).read_text(encoding="utf-8")
    assert from_ in text
    (folder / table).write_text(text.replace(from_, to, 1), encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        check_data(str(folder))
    assert (place, code) in places(refused.value)
    for violation in refused.value.violations:
        assert violation.message("zh") != violation.message("en")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2,3\n", "file.csv.field_count"),
        ("a,b\n1\n", "file.csv.field_count"),
        ("a,a\n1,2\n", "file.csv.repeated_column"),
        ("", "file.csv.empty"),
    ],
)
def test_a_table_of_ones_own_is_refused_for_its_form_alone(
    folder: Path, text: str, code: str
) -> None:
    header = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    header["resources"].append({"path": "ours.csv"})
    (folder / "datapackage.json").write_text(json.dumps(header), encoding="utf-8")
    (folder / "ours.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_document(folder)
    assert [each.code for each in refused.value.violations] == [code]
    (folder / "ours.csv").write_text("any,column\n1,2\n", encoding="utf-8")
    assert read_document(folder).rows("ours") == [{"any": "1", "column": "2"}]


def test_a_spreadsheets_line_ends_and_mark_change_no_row(folder: Path) -> None:
    before = read_document(folder)
    for path in folder.glob("*.csv"):
        path.write_bytes(BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    after = read_document(folder)
    assert after.tables == before.tables
    assert after.sha256 != before.sha256


def test_a_table_that_is_listed_and_missing_is_named(folder: Path) -> None:
    (folder / "routes.csv").unlink()
    with pytest.raises(InvalidInput) as refused:
        check_data(str(folder))
    assert places(refused.value) == [("routes.csv", "footprint.dataset.missing_table")]


def test_a_sound_dataset_is_counted(folder: Path) -> None:
    found = check_data(str(folder))
    assert found["counts"]["activities"] == 4
    assert found["warnings"] == []


# --------------------------------------------------------------------------------------- adding


def test_rows_are_added_to_a_new_copy_of_the_shipped_dataset(tmp_path: Path) -> None:
    source = dict(read_document(dataset_folder()).rows("sources")[0]) | {"id": "our_meters"}
    source = {name: value.replace(",", ";") for name, value in source.items()}
    file = rows_file(tmp_path / "sources.csv", "sources", source)
    found = add_data({file: "sources"}, tmp_path / "ours", "ipcc_ar6_gwp100_v2")
    assert (found["created"], found["added"], found["replaced"]) == (True, 1, 0)
    (changed,) = found["difference"]["rows"]
    assert (changed["table"], changed["key"], changed["change"]) == (
        "sources",
        "our_meters",
        "added",
    )
    assert {each["difference_kg_co2e"] for each in found["difference"]["products"]} == {0.0}
    assert diff_data(str(tmp_path / "ours"), None, "ipcc_ar6_gwp100_v2")["rows"][0]["change"] == (
        "removed"
    )


def test_an_activity_and_its_exchanges_are_added_together(folder: Path, tmp_path: Path) -> None:
    alone = rows_file(
        tmp_path / "activities.csv", "activities", activity("tin", "kg", "unit_process")
    )
    with pytest.raises(InvalidInput) as refused:
        add_data({alone: "activities"}, folder, METHOD)
    assert places(refused.value) == [
        (
            "activities.csv line 2 (row 1, tin), field id",
            "footprint.dataset.activity_without_exchanges",
        )
    ]
    more = rows_file(
        tmp_path / "exchanges.csv", "exchanges", exchange("tin", "elementary", "co2", 3, "kg")
    )
    found = add_data({alone: "activities", more: "exchanges"}, folder, METHOD)
    assert (found["created"], found["added"]) == (False, 2)
    assert "tin" in read_dataset(folder).activities


def test_a_row_that_is_there_is_replaced_only_if_asked_for(folder: Path, tmp_path: Path) -> None:
    row = exchange("steel", "technosphere", "grid", 1.5, "kWh")
    file = rows_file(tmp_path / "notice.csv", "exchanges", row)
    before = bytes_of(folder)
    with pytest.raises(InvalidInput) as refused:
        add_data({file: "exchanges"}, folder, METHOD)
    assert places(refused.value) == [
        ("notice.csv line 2 (row 1, steel.grid)", "footprint.dataset.row_exists")
    ]
    assert bytes_of(folder) == before
    found = add_data({file: "exchanges"}, folder, METHOD, replace=True)
    assert (found["added"], found["replaced"]) == (0, 1)
    after = bytes_of(folder)
    assert {name for name in after if after[name] != before[name]} == {"exchanges.csv"}
    (change,) = found["difference"]["rows"][0]["fields"]
    assert change == {"column": "amount", "old": "2", "new": "1.5"}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"source_id": "hearsay"}, "source_id", "footprint.dataset.unlinked"),
        ({"unit": "MJ"}, "unit", "footprint.dataset.unit_differs"),
        ({"amount": "much"}, "amount", "footprint.input.not_a_number"),
    ],
)
def test_a_bad_row_is_told_by_its_place_in_the_file_and_nothing_is_written(
    folder: Path, tmp_path: Path, change: dict[str, str], field: str, code: str
) -> None:
    good = exchange("power_a", "elementary", "ch4", 0.1, "kg")
    bad = exchange("steel", "technosphere", "power_a", 1, "kWh") | change
    file = rows_file(tmp_path / "notice.csv", "exchanges", good, bad)
    before = bytes_of(folder)
    with pytest.raises(InvalidInput) as refused:
        add_data({file: "exchanges"}, folder, METHOD)
    place = f"notice.csv line 3 (row 2, steel.power_a), field {field}"
    assert places(refused.value) == [(place, code)]
    assert refused.value.violations[0].message().startswith(place)
    assert bytes_of(folder) == before


def test_a_row_that_breaks_a_rule_of_the_whole_is_refused(folder: Path, tmp_path: Path) -> None:
    row = exchange("power_a", "technosphere", "steel", 0.5, "kg")
    file = rows_file(tmp_path / "loop.csv", "exchanges", row)
    before = bytes_of(folder)
    with pytest.raises(InvalidInput) as refused:
        add_data({file: "exchanges"}, folder, METHOD)
    assert refused.value.code == "footprint.dataset.unsound"
    assert bytes_of(folder) == before


def test_a_row_twice_in_the_file_is_refused(folder: Path, tmp_path: Path) -> None:
    row = exchange("power_a", "elementary", "ch4", 0.1, "kg")
    file = rows_file(tmp_path / "notice.csv", "exchanges", row, row)
    with pytest.raises(InvalidInput) as refused:
        add_data({file: "exchanges"}, folder, METHOD)
    assert places(refused.value) == [
        ("notice.csv line 3 (row 2, power_a.ch4)", "footprint.input.duplicate")
    ]


def test_an_unknown_table_is_refused_with_those_there_are(folder: Path, tmp_path: Path) -> None:
    file = rows_file(tmp_path / "x.csv", "exchanges")
    with pytest.raises(UnknownTable) as refused:
        add_data({file: "exchange"}, folder, METHOD)
    assert "exchanges" in refused.value.message()


def test_a_copy_that_breaks_off_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="no space"):
        dataset_folders.copy_with_tables(folder, tmp_path / "ours", {})
    assert {path.name for path in tmp_path.iterdir()} == {"greenchain_lci"}


def test_a_table_whose_writing_breaks_off_stays_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    before = bytes_of(folder)
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        dataset_folders.write_tables(folder, {"exchanges": b"", "activities": b""})
    assert bytes_of(folder) == before


def test_tables_that_took_their_place_go_back_if_another_cannot(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, seen = Path.replace, []

    def fail_second(self: Path, target: Path) -> Path:
        seen.append(target.name)
        if len(seen) == 2:
            raise OSError("no such luck")
        return replace(self, target)

    before = bytes_of(folder)
    monkeypatch.setattr(Path, "replace", fail_second)
    with pytest.raises(OSError, match="no such luck"):
        dataset_folders.write_tables(folder, {"exchanges": b"", "activities": b""})
    assert bytes_of(folder) == before
    # An activity before its exchanges: alone it is found by a check.
    assert seen == ["activities.csv", "exchanges.csv", "activities.csv"]


def test_a_table_keeps_its_rights_and_its_folder_nothing_else(folder: Path) -> None:
    (folder / "exchanges.csv").chmod(0o640)
    before = set(bytes_of(folder))
    dataset_folders.write_tables(folder, {"exchanges": b"new"})
    assert (folder / "exchanges.csv").read_bytes() == b"new"
    assert (folder / "exchanges.csv").stat().st_mode & 0o777 == 0o640
    assert set(bytes_of(folder)) == before


def test_two_who_add_at_once_both_find_their_rows(folder: Path, tmp_path: Path) -> None:
    row = exchange("power_a", "elementary", "ch4", 0.1, "kg")
    files = [
        rows_file(tmp_path / f"{line_id}.csv", "exchanges", row | {"line_id": line_id})
        for line_id in ("x.a", "x.b")
    ]
    with ThreadPoolExecutor(2) as pool:
        added = [pool.submit(add_data, {file: "exchanges"}, folder, METHOD) for file in files]
        assert [each.result()["added"] for each in added] == [1, 1]
    assert {"x.a", "x.b"} <= set(read_dataset(folder).rows)


def test_what_a_killed_process_left_is_not_copied(folder: Path, tmp_path: Path) -> None:
    expected = bytes_of(folder)
    (folder / ".exchanges.csv.x7").write_bytes(b"half")
    dataset_folders.copy_with_tables(folder, tmp_path / "ours", {})
    assert bytes_of(tmp_path / "ours") == expected


def test_a_folder_that_appears_meanwhile_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    with pytest.raises(FileExistsError, match="ours"):
        dataset_folders.copy_with_tables(folder, tmp_path / "ours", {})
    assert list((tmp_path / "ours").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"greenchain_lci", "ours"}


# ------------------------------------------------------------------------------------- versions


def set_version(folder: Path, version: str) -> None:
    header = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    header |= {"name": "greenchain-lci", "version": version}
    (folder / "datapackage.json").write_text(json.dumps(header), encoding="utf-8")


def test_an_old_version_stays_loadable(data: Path, folder: Path) -> None:
    set_version(folder, "0.9.0")
    released = release_data(folder)
    of_release = read_dataset(folder).sha256
    assert released["created"]
    assert Path(released["archive"]) == data / "releases" / "greenchain-lci-0.9.0.zip"

    text = (folder / "exchanges.csv").read_text(encoding="utf-8")
    (folder / "exchanges.csv").write_text(text.replace("grid,2,", "grid,1,"), encoding="utf-8")
    set_version(folder, "0.10.0")
    assert dataset_versions(data) == ("0.9.0", "0.10.0")
    old, new = (read_dataset(dataset_folder(version, data)) for version in ("0.9.0", None))
    assert (old.version, old.sha256) == ("0.9.0", of_release)
    assert (old.rows["steel.grid"].amount, new.rows["steel.grid"].amount) == (2.0, 1.0)
    assert read_dataset(dataset_folder("0.10.0", data)).sha256 == new.sha256


def test_versions_stand_in_their_order(data: Path, folder: Path) -> None:
    for version in ("0.10.0", "0.9.0", "0.2.1"):
        set_version(folder, version)
        release_data(folder)
    set_version(folder, "1.0.0")
    assert dataset_versions(data) == ("0.2.1", "0.9.0", "0.10.0", "1.0.0")


def test_an_unknown_version_is_told_which_there_are(data: Path) -> None:
    with pytest.raises(UnknownDatasetVersion) as refused:
        dataset_folder("7", data)
    assert refused.value.message().endswith("or a version: 1.")


def test_the_same_files_give_the_same_archive(data: Path, folder: Path) -> None:
    first = Path(release_data(folder)["archive"])
    content = first.read_bytes()
    first.unlink()
    for path in folder.iterdir():
        path.touch()
    assert Path(release_data(folder)["archive"]).read_bytes() == content


def test_releasing_the_same_content_twice_is_harmless(folder: Path) -> None:
    first = release_data(folder)
    assert release_data(folder) == {**first, "created": False}


def test_a_released_version_never_changes(folder: Path) -> None:
    archive = Path(release_data(folder)["archive"])
    content = archive.read_bytes()
    with (folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(VersionReleased) as refused:
        release_data(folder)
    assert "raise `version`" in refused.value.message()
    assert archive.read_bytes() == content


def test_a_dataset_that_does_not_hold_is_not_released(data: Path, folder: Path) -> None:
    text = (folder / "exchanges.csv").read_text(encoding="utf-8")
    unreadable, unsound = text.replace("grid,2,", "grid,x,"), _with_a_loop_of_no_output(text)
    for changed in (unreadable, unsound):
        (folder / "exchanges.csv").write_text(changed, encoding="utf-8")
        with pytest.raises(InvalidInput):
            release_data(folder)
        assert not (data / "releases").exists()


def test_a_damaged_archive_is_said(folder: Path) -> None:
    archive = Path(release_data(folder)["archive"])
    content = bytearray(archive.read_bytes())
    content[60] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(UnreadableArchive, match=archive.name):
        check_data(str(archive))
    with pytest.raises(UnreadableArchive, match=archive.name):
        release_data(folder)
    assert archive.read_bytes() == content


def test_an_archive_that_unpacks_to_more_than_anybody_holds_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footprint.data.dataset_files.MOST_UNPACKED", 1000)
    with zipfile.ZipFile(tmp_path / "much.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", " " * 1001)
    with pytest.raises(UnreadableArchive):
        check_data(str(tmp_path / "much.zip"))


def test_an_archive_without_a_dataset_is_a_missing_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("inner/datapackage.json", "{}")
    with pytest.raises(FileNotFoundError) as missing:
        check_data(str(tmp_path / "other.zip"))
    assert missing.value.filename == str(tmp_path / "other.zip" / "datapackage.json")


def _with_a_loop_of_no_output(exchanges: str) -> str:
    """Add what a kWh of power takes of steel, which takes 2 kWh of power."""
    loop = exchange("power_a", "technosphere", "steel", 0.5, "kg")
    return exchanges + ",".join(loop[name] for name in ALL_COLUMNS["exchanges"]) + "\n"


def test_an_archive_is_compared_and_built_like_a_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    archive = str(release_data(folder)["archive"])
    assert diff_data(archive, str(folder), METHOD)["rows"] == []
    out = tmp_path / "package.zip"
    of_archive = build_data(archive, out)
    of_folder = build_data(str(folder))
    assert of_archive["dataset"] == of_folder["dataset"]
    assert (of_archive["built"], of_folder["built"]) == (True, False)
    assert out.read_bytes() == Path(of_folder["package"]).read_bytes()
