"""Reading product folders, and naming places in their files."""

import inspect
import json
import shutil
from pathlib import Path

import pytest

import footprint
from chassis.errors import InvalidInput, Kind, Location
from chassis.rpc_status import RemoteError, RemoteViolation
from footprint.domain.product_rows import (
    LINE_FIELDS,
    OPTIONAL_LINE_FIELDS,
    OPTIONAL_SITE_FIELDS,
    SITE_FIELDS,
)
from greenchain_cli import tables
from greenchain_cli.tables import ProductFolder, read_product

DATA = Path(inspect.getfile(footprint)).parent / "data"
EXAMPLE = DATA / "examples/lfp_battery_pack"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("product.json", "bom.csv", "sites.csv"):
        shutil.copy(EXAMPLE / name, tmp_path / name)
    return tmp_path


def refused(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read_product(folder)
    return [(str(each.location), each.code) for each in caught.value.violations]


def test_the_columns_are_those_that_the_service_knows() -> None:
    bom = {*tables.BOM_COLUMNS, *tables.OPTIONAL_BOM_COLUMNS}
    sites = {*tables.SITE_COLUMNS, *tables.OPTIONAL_SITE_COLUMNS}
    assert bom == {*LINE_FIELDS, *OPTIONAL_LINE_FIELDS}
    assert sites == {*SITE_FIELDS, *OPTIONAL_SITE_FIELDS}


def test_the_example_is_read(folder: Path) -> None:
    read = read_product(folder)
    assert read.header["format"] == "greenchain-product/1"
    assert len(read.lines) > 10
    assert set(read.sites[0]) == {"activity_id", "region", "known_from", "note"}


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_sites_may_be_empty(folder: Path, content: str) -> None:
    (folder / "sites.csv").write_text(content, encoding="utf-8")
    assert read_product(folder).sites == []


def test_sites_may_be_missing(folder: Path) -> None:
    (folder / "sites.csv").unlink()
    assert read_product(folder).sites == []


def test_faults_of_all_three_files_are_told_together(folder: Path) -> None:
    (folder / "product.json").write_text("[]", encoding="utf-8")
    (folder / "bom.csv").write_text("line_id;amount\n1;2\n", encoding="utf-8")
    (folder / "sites.csv").write_text(
        "activity_id,region,known_from,region\nx,CN,own,CN\n", encoding="utf-8"
    )
    assert refused(folder) == [
        ("product.json", "cli.file.malformed"),
        ("bom.csv line 1", "file.csv.separator"),
        ("sites.csv line 1, field region", "file.csv.repeated_column"),
    ]


@pytest.mark.parametrize("amount", ["NaN", "-Infinity", "1e999", "9" * 5000])
def test_a_number_that_json_cannot_hold_is_left_for_the_service_to_refuse(
    folder: Path, amount: str
) -> None:
    path = folder / "product.json"
    header = json.loads(path.read_text(encoding="utf-8"))
    header["declared_unit"]["amount"] = "HERE"
    path.write_text(json.dumps(header).replace('"HERE"', amount), encoding="utf-8")

    read = read_product(folder).header

    assert read["declared_unit"]["amount"] == amount
    assert json.dumps(read, allow_nan=False)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": 1,\n "a": 2}', "name 'a' occurs twice in one object; keep one of them."),
        ('{"product_id": }', "line 1, column 16: a value is expected"),
        ('{"product_id": "x\n}', "line 1, column 18: a text holds a line break"),
        ('{"product_id": "x', "line 1, column 16: a text begins here that no quotation mark ends."),
        ('{"a": "\\ud800"}', "half a character"),
        ("3", "one JSON object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_said_in_words(folder: Path, content: str, told: str) -> None:
    (folder / "product.json").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_product(folder)
    message = caught.value.violations[0].message("en")
    assert message.startswith("product.json cannot be read: ")
    assert told in message


def test_json_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "product.json").write_text('{"name": "电池"}', encoding="gb18030")
    assert refused(folder) == [("product.json", "cli.file.malformed")]


def of_the_service(*places: tuple[Location, str]) -> RemoteError:
    return RemoteError(
        remote_code="input.invalid",
        remote_kind=Kind.INVALID,
        text="refused",
        remote_attributes={},
        violations=tuple(
            RemoteViolation(location=place, remote_code="some.code", text=f"{place}{text}")
            for place, text in places
        ),
    )


def in_files(product: ProductFolder, *places: tuple[Location, str]) -> list[str]:
    told = product.in_files(of_the_service(*places))
    assert (told.code, told.kind) == ("input.invalid", Kind.INVALID)
    assert {each.code for each in told.violations} == {"some.code"}
    return [each.message() for each in told.violations]


def test_places_of_the_service_become_places_in_the_files(folder: Path) -> None:
    text = (folder / "bom.csv").read_text(encoding="utf-8")
    (folder / "bom.csv").write_text(f"# ours\n{text}", encoding="utf-8")
    product = read_product(folder)

    assert in_files(
        product,
        (Location("amount", 3, "lfp.03", "lines"), ": nan is not a finite number."),
        (Location("region", 1, None, "sites"), " is empty."),
        (Location("unit", 2, None, "intermediates"), " is empty."),
        (Location("product_id"), " is empty."),
        (Location("amount", 9999, "x", "lines"), " is empty."),
    ) == [
        "bom.csv line 5 (row 3, lfp.03), field amount: nan is not a finite number.",
        "sites.csv line 2 (row 1), field region is empty.",
        "product.json intermediates row 2, field unit is empty.",
        "product.json, field product_id is empty.",
        "bom.csv row 9999 (line x), field amount is empty.",
    ]


@pytest.fixture
def car(folder: Path) -> Path:
    """Return a product with a part, as `template copy` lays them out."""
    header = json.loads((folder / "product.json").read_text(encoding="utf-8"))
    part = folder / "parts" / header["product_id"]
    part.mkdir(parents=True)
    for name in ("product.json", "bom.csv", "sites.csv"):
        shutil.copy(folder / name, part / name)
    outer = {
        **header,
        "product_id": "car",
        "parts": [{"id": "battery", "product_id": header["product_id"]}],
    }
    (folder / "product.json").write_text(json.dumps(outer), encoding="utf-8")
    return folder


def part_of(car: Path) -> Path:
    (part,) = (car / "parts").iterdir()
    return part


def test_parts_are_sent_by_their_product_ids(car: Path) -> None:
    document = read_product(car).document
    (name,) = document["parts"]
    assert name == part_of(car).name
    assert document["parts"][name] == read_product(part_of(car)).document
    assert document["header"]["product_id"] == "car"


def test_a_product_without_parts_is_sent_as_ever(folder: Path) -> None:
    assert set(read_product(folder).document) == {"header", "lines", "sites"}


def test_what_is_wrong_with_the_form_of_a_part_is_told_by_its_path(car: Path) -> None:
    name = part_of(car).name
    (part_of(car) / "bom.csv").write_text("line_id\n1\n", encoding="utf-8")
    places = [place for place, code in refused(car) if code == "file.csv.missing_column"]
    assert places
    assert all(place.startswith(f"parts/{name}/bom.csv line 1") for place in places)


def test_a_folder_of_a_part_is_called_as_its_product(car: Path) -> None:
    part_of(car).rename(car / "parts" / "pack")
    assert refused(car) == [("parts/pack/product.json, field product_id", "cli.product.other_part")]


def test_places_of_the_service_in_a_part_become_places_in_its_files(car: Path) -> None:
    name = part_of(car).name
    product = read_product(car)
    assert in_files(
        product,
        (Location("amount", 3, "lfp.03", "battery: lines"), ": nan is not a finite number."),
        (Location("declared_unit", table="battery: product.json"), " is empty."),
        (Location("amount", 1, None, "battery: parameters"), " is empty."),
        (Location("amount", 1, "x", "motor: lines"), " is empty."),
    ) == [
        f"parts/{name}/bom.csv line 4 (row 3, lfp.03), field amount: nan is not a finite number.",
        f"parts/{name}/product.json, field declared_unit is empty.",
        f"parts/{name}/product.json parameters row 1, field amount is empty.",
        "product.json motor: lines row 1 (line x), field amount is empty.",
    ]


@pytest.mark.parametrize("template", sorted((DATA / "products").iterdir()), ids=lambda p: p.name)
def test_every_template_is_read(template: Path) -> None:
    assert read_product(template).header["product_id"] == template.name
