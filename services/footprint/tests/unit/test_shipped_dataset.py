import csv
import io
import runpy
import time
import zipfile
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from chassis.errors import InvalidInput
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application.datasets import check
from footprint.data.dataset_files import read_document
from footprint.data.shipped import (
    dataset_folder,
    dataset_versions,
    load_dataset,
    load_product_template,
    product_template_names,
    read_dataset,
)
from footprint.domain.dataset import ActivityKind, Dataset
from footprint.domain.dataset_document import ALL_COLUMNS, DatasetDocument, key_of
from footprint.domain.product_rows import read_product_document

DATA = resources.files("footprint.data")
FILES = DATA.joinpath("greenchain_lci")
EXAMPLE = DATA.joinpath("examples/lfp_battery_pack")


@pytest.fixture(scope="module")
def document() -> DatasetDocument:
    return read_document(FILES)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the dataset that a test may spoil."""
    for file in FILES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def places(folder: Path) -> list[tuple[str, str]]:
    """Return where and how a dataset is refused."""
    with pytest.raises(InvalidInput) as refused:
        read_dataset(folder)
    return [(each.location.text(), each.code) for each in refused.value.violations]


def spoil(folder: Path, file: str, from_: str, to: str) -> None:
    """Replace a text of a file, as bytes: its line ends stay."""
    content = (folder / file).read_bytes()
    assert from_.encode() in content
    (folder / file).write_bytes(content.replace(from_.encode(), to.encode(), 1))


def test_it_holds_what_its_tables_hold(dataset: Dataset, document: DatasetDocument) -> None:
    assert dataset.id == "greenchain-lci"
    assert set(dataset.activities) == set(document.keyed("activities"))
    assert set(dataset.rows) == set(document.keyed("exchanges"))


def test_the_checks_find_no_error(document: DatasetDocument) -> None:
    _, findings = check(document, GreenchainEngine())
    assert [each.message() for each in findings if each.is_error] == []


@pytest.mark.parametrize("table", ALL_COLUMNS)
def test_no_row_lacks_what_says_where_it_is_from(document: DatasetDocument, table: str) -> None:
    needed = set(ALL_COLUMNS[table]) & {"source_id", "source_locator", "confidence"}
    rows = document.rows(table)
    lacking = [row for row in rows if not all(row[name].strip() for name in needed)]
    assert [key_of(table, row) for row in lacking] == []


def test_every_source_has_a_year_and_a_licence_that_allows_it(document: DatasetDocument) -> None:
    licences = document.keyed("licences")
    for id_, source in document.keyed("sources").items():
        assert source["year"].isdigit(), id_
        assert licences[source["licence_id"]]["redistribution"] in ("whole", "fact"), id_


def test_licences_that_allow_nothing_are_listed(document: DatasetDocument) -> None:
    refused = {
        id_ for id_, row in document.keyed("licences").items() if row["redistribution"] == "refused"
    }
    assert any("nc" in id_ for id_ in refused)
    assert not refused & {row["licence_id"] for row in document.rows("sources")}


def test_activities_but_references_have_exchanges(dataset: Dataset) -> None:
    without = {name for name in dataset.activities if not dataset.exchanges.get(name)}
    references = {
        name
        for name, activity in dataset.activities.items()
        if activity.kind is ActivityKind.MARKET_REFERENCE
    }
    assert without == references


def test_every_reference_but_the_electricity_has_routes(dataset: Dataset) -> None:
    references = {
        name
        for name, activity in dataset.activities.items()
        if activity.kind is ActivityKind.MARKET_REFERENCE
    }
    assert references - {dataset.electricity_reference} == set(dataset.routes)


def test_the_two_methods_differ_in_sf6_alone(dataset: Dataset) -> None:
    one, two = (dataset.factors[f"ipcc_ar6_gwp100_{version}"] for version in ("v1", "v2"))
    different = {flow: (one[flow].factor, two[flow].factor) for flow in one}
    assert {k: v for k, v in different.items() if v[0] != v[1]} == {"sf6": (25200.0, 24300.0)}


def test_every_market_is_electricity(dataset: Dataset) -> None:
    assert dataset.markets
    for market in dataset.markets.values():
        assert dataset.is_electricity(market.activity_id)


def test_every_market_of_a_year_is_of_that_year(dataset: Dataset) -> None:
    for (region, year), market in dataset.markets.items():
        assert market.activity_id.endswith(f"_{year}"), (region, year)


def test_china_has_thirty_provinces_in_the_year_of_the_dataset(dataset: Dataset) -> None:
    regions = dataset.regions()
    assert "CN" in regions
    assert sum(region.startswith("CN-") for region in regions) == 30


@pytest.mark.parametrize("name", product_template_names())
def test_every_template_is_read_by_it(dataset: Dataset, name: str) -> None:
    assert read_product_document(load_product_template(name), dataset).product_id == name


def test_line_ids_begin_with_their_activity(document: DatasetDocument) -> None:
    for row in document.rows("exchanges"):
        assert row["line_id"].startswith(f"{row['activity_id']}."), row["line_id"]


def test_no_row_of_a_table_stands_twice(document: DatasetDocument) -> None:
    for table in document.tables:
        keys = Counter(key_of(table, row) for row in document.rows(table))
        assert [key for key, count in keys.items() if count > 1] == [], table


def test_a_retired_id_is_used_no_more(dataset: Dataset) -> None:
    assert not set(dataset.retired) & {*dataset.activities, *dataset.flows}
    for retired in dataset.retired.values():
        if retired.successor_id:
            assert retired.successor_id in {*dataset.activities, *dataset.flows}, retired.id


def test_the_hash_is_the_same_wherever_the_files_stand(copy: Path) -> None:
    assert read_dataset(copy).sha256 == load_dataset().sha256


@pytest.mark.parametrize("name", ["exchanges.csv", "sources.csv"])
def test_a_changed_byte_changes_the_hash(copy: Path, name: str) -> None:
    with (copy / name).open("ab") as file:
        file.write(b"\n")
    assert read_dataset(copy).sha256 != load_dataset().sha256


@pytest.mark.parametrize(
    ("spoiled", "field"),
    [
        ("copper_cathod,1,kg", "input_id"),
        ("copper_cathode,1,t", "unit"),
        ("copper_cathode,nan,kg", "amount"),
    ],
)
def test_a_row_that_does_not_hold_is_named(copy: Path, spoiled: str, field: str) -> None:
    rows = csv.DictReader(io.StringIO((copy / "exchanges.csv").read_text(encoding="utf-8")))
    row = next(
        row
        for row in rows
        if row["activity_id"] == "copper_foil" and row["input_id"].startswith("copper")
    )
    spoil(copy, "exchanges.csv", f"{row['input_id']},{row['amount']},{row['unit']}", spoiled)
    ((place, _),) = places(copy)
    assert f"(line {row['line_id']}), field {field}" in place
    assert place.startswith("exchanges.csv row ")


@pytest.mark.parametrize(
    ("file", "from_", "to", "place"),
    [
        (
            "elementary_flows.csv",
            "\nn2o,",
            "\nsf6,",
            "elementary_flows.csv row 9 (line sf6), field id",
        ),
        (
            "characterization.csv",
            "ipcc_ar6_gwp100_v1,n2o,",
            "ipcc_ar6_gwp100_v1,laughing_gas,",
            "(line ipcc_ar6_gwp100_v1/laughing_gas), field flow_id",
        ),
        (
            "characterization.csv",
            "ipcc_ar6_gwp100_v1,n2o,",
            "ipcc_ar6_gwp100_v2,n2o,",
            "(line ipcc_ar6_gwp100_v2/n2o), field method_id",
        ),
        (
            "markets.csv",
            "electricity_grid,CN-SC,2023,electricity_cn_sc_2023",
            "electricity_grid,CN-SC,2023,heat_natural_gas",
            "(line electricity_grid/CN-SC/2023), field activity_id",
        ),
        (
            "markets.csv",
            "electricity_grid,CN-SC,2023",
            "electricity_grid,CN-SD,2023",
            "(line electricity_grid/CN-SD/2023), field reference_id",
        ),
        (
            "datapackage.json",
            '"default_region": "CN"',
            '"default_region": "EU"',
            "datapackage.json, field greenchain.default_region",
        ),
        (
            "datapackage.json",
            '"aggregated_flow": "co2e_aggregated"',
            '"aggregated_flow": "co2e"',
            "datapackage.json, field greenchain.aggregated_flow",
        ),
        (
            "datapackage.json",
            '"electricity_reference": "electricity_grid"',
            '"electricity_reference": "electricity_net"',
            "datapackage.json, field greenchain.electricity_reference",
        ),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    copy: Path, file: str, from_: str, to: str, place: str
) -> None:
    spoil(copy, file, from_, to)
    assert any(told.endswith(place) for told, _ in places(copy))


def test_the_version_that_ships_is_the_last_that_can_be_loaded(dataset: Dataset) -> None:
    assert dataset_versions()[-1] == dataset.version
    assert load_dataset(dataset.version) is dataset


def test_a_released_version_is_what_it_says() -> None:
    for version in dataset_versions()[:-1]:
        released = read_document(dataset_folder(version))
        assert released.header["version"] == version
        released.dataset()


def test_the_version_that_ships_was_not_released_with_other_content(dataset: Dataset) -> None:
    archive = DATA.joinpath("releases", f"{dataset.id}-{dataset.version}.zip")
    if archive.is_file():
        with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as opened:
            assert read_document(zipfile.Path(opened)).sha256 == dataset.sha256


def test_dataset_and_reference_product_are_read_within_a_second() -> None:
    before = time.process_time()
    dataset = read_dataset(FILES)
    read_product_document(load_product_template("lfp_battery_pack"), dataset)
    assert time.process_time() - before < 1.0


def test_the_data_of_the_wheel_stay_small() -> None:
    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    assert size(Path(str(DATA))) <= 5_000_000


def test_the_suppliers_records_are_what_the_script_derives() -> None:
    script = Path(__file__).parents[2] / "tools" / "derive_supplier_records.py"
    for name, content in runpy.run_path(str(script))["supplier_files"]().items():
        shipped = EXAMPLE.joinpath("suppliers", name).read_text(encoding="utf-8")
        assert shipped == content, name


def test_every_supplier_record_says_that_it_is_illustrative() -> None:
    for file in EXAMPLE.joinpath("suppliers").iterdir():
        if file.name.endswith(".csv"):
            for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))):
                assert "illustrative" in row["note"]
                assert "illustrative" in row["evidence"]
