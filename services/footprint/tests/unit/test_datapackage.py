"""`datapackage.json` of the dataset that ships: what it says of the tables holds for them."""

import csv
import io
import json
import re
from importlib import resources
from typing import Any

import pytest

from footprint.domain.dataset_document import ALL_COLUMNS, KEYS

FILES = resources.files("footprint.data").joinpath("greenchain_lci")
HEADER: dict[str, Any] = json.loads(FILES.joinpath("datapackage.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = {each["name"]: each for each in HEADER["resources"]}
TYPES = {
    "string": r".*",
    "integer": r"-?\d+",
    "number": r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?",
    "boolean": r"true|false",
}

Row = dict[str, str]


def columns_and_rows(table: str) -> tuple[list[str], list[Row]]:
    content = FILES.joinpath(f"{table}.csv").read_text(encoding="utf-8")
    read = csv.DictReader(io.StringIO(content), strict=True)
    rows = list(read)
    return list(read.fieldnames or ()), rows


TABLES = {table: columns_and_rows(table) for table in RESOURCES}


def fields_of(table: str) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = RESOURCES[table]["schema"]["fields"]
    return fields


def names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def test_it_lists_the_files_that_are_there() -> None:
    files = {file.name for file in FILES.iterdir() if file.name.endswith(".csv")}
    assert {each["path"] for each in RESOURCES.values()} == files
    assert {name: each["path"] for name, each in RESOURCES.items()} == {
        table: f"{table}.csv" for table in ALL_COLUMNS
    }


@pytest.mark.parametrize("table", RESOURCES)
def test_fields_are_the_columns_of_the_file_in_its_order(table: str) -> None:
    fields = [field["name"] for field in fields_of(table)]
    assert fields == TABLES[table][0]
    assert sorted(fields) == sorted(ALL_COLUMNS[table])


@pytest.mark.parametrize("table", RESOURCES)
def test_keys_are_those_by_which_rows_are_named(table: str) -> None:
    assert sorted(names(RESOURCES[table]["schema"]["primaryKey"])) == sorted(KEYS[table])


@pytest.mark.parametrize("table", RESOURCES)
def test_links_lead_to_rows(table: str) -> None:
    for link in RESOURCES[table]["schema"].get("foreignKeys", []):
        (here,), (there,) = names(link["fields"]), names(link["reference"]["fields"])
        known = {row[there] for row in TABLES[link["reference"]["resource"]][1]}
        used = {row[here] for row in TABLES[table][1] if row[here]}
        assert used <= known, (here, sorted(used - known))


@pytest.mark.parametrize("table", [name for name in RESOURCES if "source_id" in ALL_COLUMNS[name]])
def test_every_table_with_sources_links_to_them(table: str) -> None:
    links = RESOURCES[table]["schema"]["foreignKeys"]
    reference = {"resource": "sources", "fields": "id"}
    assert {"fields": "source_id", "reference": reference} in links


@pytest.mark.parametrize("table", RESOURCES)
def test_values_keep_to_their_fields(table: str) -> None:
    for field in fields_of(table):
        limits = field.get("constraints", {})
        values = [row[field["name"]] for row in TABLES[table][1]]
        given = [value for value in values if value]
        assert given == values or not limits.get("required"), field["name"]
        assert len(set(given)) == len(given) or not limits.get("unique"), field["name"]
        for value in set(given):
            told = (field["name"], value)
            assert re.fullmatch(TYPES[field["type"]], value, re.DOTALL), told
            assert re.search(limits.get("pattern", ""), value), told
            assert value in limits.get("enum", [value]), told
            if "minimum" in limits:
                assert float(value) >= limits["minimum"], told
            if "maximum" in limits:
                assert float(value) <= limits["maximum"], told


def test_its_sources_are_those_of_the_table() -> None:
    sources = [row["title"] for row in TABLES["sources"][1]]
    assert sorted(each["title"] for each in HEADER["sources"]) == sorted(sources)


def test_dialects_have_what_the_profile_of_data_packages_asks_for() -> None:
    for name, each in RESOURCES.items():
        assert {"delimiter", "doubleQuote"} <= set(each["dialect"]), name


def test_the_readme_tells_how_many_rows_a_table_has() -> None:
    readme = FILES.joinpath("README.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `(\w+)\.csv` \|.*\| (\d+) \|$", readme, re.MULTILINE))
    assert stated == {table: str(len(rows)) for table, (_, rows) in TABLES.items()}
