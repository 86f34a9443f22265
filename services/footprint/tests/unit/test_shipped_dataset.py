import csv
import io
import runpy
from importlib import resources
from pathlib import Path

import pytest

from chassis import units
from footprint.data.shipped import load_dataset, read_dataset
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_rows import InvalidDataset

FILES = resources.files("footprint.data").joinpath("greenchain_lci")
EXAMPLE = resources.files("footprint.data").joinpath("examples/lfp_battery_pack")


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FILES.joinpath(name).read_text(encoding="utf-8"))))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the dataset that a test may spoil."""
    for file in FILES.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_it_holds_the_whole_chain_of_the_pack(dataset: Dataset) -> None:
    assert dataset.id == "greenchain-lci"
    assert set(dataset.activities) == {row["id"] for row in rows("activities.csv")}
    assert sum(map(len, dataset.exchanges.values())) == len(rows("exchanges.csv"))


@pytest.mark.parametrize("name", ["activities.csv", "exchanges.csv", "electricity_markets.csv"])
def test_no_row_lacks_source_locator_licence_or_confidence(name: str) -> None:
    needed = ("source_title", "source_locator", "licence", "confidence")
    assert [row for row in rows(name) if not all(row[field].strip() for field in needed)] == []


def test_no_factor_lacks_source_licence_or_confidence() -> None:
    needed = ("source", "licence", "confidence")
    found = rows("characterization.csv")
    assert [row for row in found if not all(row[field].strip() for field in needed)] == []


def test_every_source_that_a_row_names_is_listed_with_its_licence() -> None:
    listed = {(row["source_title"], row["licence"]) for row in rows("sources.csv")}
    named = {
        (row["source_title"], row["licence"])
        for name in ("activities.csv", "exchanges.csv", "electricity_markets.csv")
        for row in rows(name)
    }
    bom = csv.DictReader(io.StringIO(EXAMPLE.joinpath("bom.csv").read_text(encoding="utf-8")))
    named |= {(row["source_title"], row["licence"]) for row in bom}
    assert named - listed == set()


def test_line_ids_are_unique() -> None:
    ids = [row["line_id"] for row in rows("exchanges.csv")]
    assert len(ids) == len(set(ids))


def test_every_unit_is_known_and_that_of_what_is_exchanged(dataset: Dataset) -> None:
    for activity in dataset.activities.values():
        assert units.is_known(activity.unit), activity.id
    for exchanges in dataset.exchanges.values():
        for exchange in exchanges:
            linked = dataset.activities.get(exchange.input_id)
            unit = linked.unit if linked else dataset.flows[exchange.input_id].unit
            assert exchange.unit == unit, exchange.line_id


def test_every_process_has_exchanges_and_the_reference_has_none(dataset: Dataset) -> None:
    without = {name for name in dataset.activities if not dataset.exchanges.get(name)}
    assert without == {dataset.electricity_reference}


@pytest.mark.parametrize("method", ["ipcc_ar6_gwp100_v1", "ipcc_ar6_gwp100_v2"])
def test_every_flow_is_characterized(dataset: Dataset, method: str) -> None:
    assert set(dataset.factors[method]) == set(dataset.flows)


def test_the_two_methods_differ_in_sf6_alone(dataset: Dataset) -> None:
    one, two = (dataset.factors[f"ipcc_ar6_gwp100_{version}"] for version in ("v1", "v2"))
    different = {flow: (one[flow].factor, two[flow].factor) for flow in one}
    assert {k: v for k, v in different.items() if v[0] != v[1]} == {"sf6": (25200.0, 24300.0)}


def test_every_market_is_electricity_and_says_that_it_is_provisional(dataset: Dataset) -> None:
    assert set(dataset.markets) == {"CN", "CN-SC", "CN-JX"}
    for market in dataset.markets.values():
        assert dataset.is_electricity(market.activity_id)
        assert market.note.startswith("provisional")


def test_uncertainty_is_complete() -> None:
    for row in rows("exchanges.csv"):
        match row["uncertainty_type"]:
            case "lognormal":
                assert float(row["gsd"]) > 1.0, row["line_id"]
            case "triangular":
                low, mode, high = (float(row[name]) for name in ("min", "amount", "max"))
                assert low <= mode <= high, row["line_id"]
            case other:
                assert other == "none", row["line_id"]


def test_the_hash_is_the_same_wherever_the_files_stand(copy: Path) -> None:
    assert read_dataset(copy).sha256 == load_dataset().sha256


@pytest.mark.parametrize("name", ["exchanges.csv", "sources.csv"])
def test_a_changed_byte_changes_the_hash(copy: Path, name: str) -> None:
    with (copy / name).open("ab") as file:
        file.write(b"\n")
    assert read_dataset(copy).sha256 != load_dataset().sha256


@pytest.mark.parametrize(
    "spoiled", ["copper_cathod,1.0,kg", "copper_cathode,1.0,t", "copper_cathode,nan,kg"]
)
def test_a_row_that_does_not_hold_is_named(copy: Path, spoiled: str) -> None:
    text = (copy / "exchanges.csv").read_text(encoding="utf-8")
    text = text.replace("copper_cathode,1.0,kg", spoiled, 1)
    (copy / "exchanges.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataset) as refused:
        read_dataset(copy)
    assert refused.value.row_id == "copper_foil.01"


@pytest.mark.parametrize(
    ("file", "from_", "to", "row_id"),
    [
        ("exchanges.csv", "copper_foil.02,", "copper_foil.01,", "copper_foil.01"),
        ("activities.csv", "\nlime,", "\nsoda_ash,", "soda_ash"),
        ("elementary_flows.csv", "\nn2o,", "\nsf6,", "sf6"),
        ("characterization.csv", "_v1,n2o,273,kg CO2e/kg", "_v1,n2o,273,kg CO2e/t", "_v1/n2o"),
        ("characterization.csv", "_v1,n2o,", "_v1,laughing_gas,", "_v1/laughing_gas"),
        ("characterization.csv", "_v1,n2o,", "_v2,n2o,", "_v2/n2o"),
        ("electricity_markets.csv", "\nCN-SC,", "\nCN,", "CN"),
        ("electricity_markets.csv", "electricity_cn_sc", "electricity_grid", "CN-SC"),
        ("electricity_markets.csv", "electricity_cn_sc", "heat_natural_gas", "CN-SC"),
        ("dataset.json", '"default_region": "CN"', '"default_region": "EU"', "default_region"),
        ("dataset.json", '"co2e_aggregated"', '"co2e"', "aggregated_flow"),
        ("dataset.json", '"electricity_grid"', '"electricity_cn"', "electricity_reference"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    copy: Path, file: str, from_: str, to: str, row_id: str
) -> None:
    text = (copy / file).read_text(encoding="utf-8")
    assert from_ in text
    (copy / file).write_text(text.replace(from_, to, 1), encoding="utf-8")
    with pytest.raises(InvalidDataset) as refused:
        read_dataset(copy)
    assert refused.value.row_id.endswith(row_id)


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
