"""Methods of bw2io's own bundle, added to a copy of the shipped dataset.

What a template scores by them is compared with the methods that ship, and with bw2calc and factors
that the test reads from the bundle by itself.
"""

import csv
import json
import sys
import zipfile
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import pytest

from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.brightway.bundled_methods import load_bundled_flows, load_bundled_methods
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.data.dataset_files import read_document
from footprint.data.shipped import (
    dataset_folder,
    load_dataset,
    load_product_template,
    read_dataset,
)
from footprint.domain.bundled_method_errors import MethodThere
from footprint.domain.bundled_methods import method_rows
from footprint.domain.dataset import Dataset, Verdict
from footprint.domain.dataset_checks import check_dataset
from footprint.domain.dataset_diff import Change
from footprint.domain.dataset_document import DatasetDocument, Row
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.product_rows import read_product_document
from footprint.domain.system import LinkedSystem
from footprint.local.data import check_data
from footprint.local.methods import add_method

pytestmark = pytest.mark.needs("brightway")

HEADLINE, TEMPLATE = "ipcc_ar6_gwp100_v2", "lfp_battery_pack"
ACID = "EF v3.1 | acidification | accumulated exceedance (AE)"
ENERGY = (
    "EF v3.1 | energy resources: non-renewable | abiotic depletion potential (ADP): fossil fuels"
)
WARMING = "EF v3.1 | climate change | global warming potential (GWP100)"
#: Counts carbon monoxide, which no shipped climate method does.
WITH_CO = "IPCC 2013 | climate change | global temperature change potential (GTP100)"
NAMES = (ACID, ENERGY, WARMING, WITH_CO)
#: The shipped method of the same factors, and how near it is: the heating values have ten digits.
SAME = {
    ACID: ("ef_3_1_acidification", 1e-12),
    ENERGY: ("ef_3_1_resource_fossils", 1e-8),
    WARMING: ("ef_3_1_climate_change", 1e-12),
}


@cache
def bundle() -> dict[str, dict[str, float]]:
    """Return factors by code, by method."""
    spec = find_spec("bw2io")
    assert spec is not None
    assert spec.origin is not None
    archive = Path(spec.origin).parent / "data" / "lcia" / "lcia_39_ecoinvent.zip"
    methods = json.loads(zipfile.ZipFile(archive).read("data.json"))
    return {
        " | ".join(method["name"]): {row["input"][1]: row["amount"] for row in method["exchanges"]}
        for method in methods
    }


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a copy of the shipped dataset with methods, and their ids."""
    folder = tmp_path_factory.mktemp("data") / "copy"
    ids = {}
    for name in NAMES:
        told = add_method(name, folder, HEADLINE)
        assert {row["change"] for row in told["difference"]["rows"]} == {Change.ADDED.value}
        assert {each["difference_kg_co2e"] for each in told["difference"]["products"]} == {0.0}
        ids[name] = told["method"]["id"]
    return folder, ids


@pytest.fixture(scope="module")
def solved(
    added: tuple[Path, dict[str, str]],
) -> tuple[Dataset, LinkedSystem, dict[str, Impact]]:
    """Return a template with all its impacts, also those that its data do not support."""
    dataset = read_dataset(added[0])
    shown = {
        id_: replace(method, threshold_percent=0.0, verdict=Verdict.SUPPORTED)
        for id_, method in dataset.methods.items()
    }
    model = read_product_document(load_product_template(TEMPLATE), dataset)
    system = link_product(model, dataset, HEADLINE)
    found = impacts(system, GreenchainEngine().solve(system), replace(dataset, methods=shown))
    return dataset, system, {impact.method_id: impact for impact in found}


@pytest.mark.parametrize("name", SAME)
def test_an_added_method_scores_what_the_shipped_one_of_the_same_factors_does(
    name: str,
    added: tuple[Path, dict[str, str]],
    solved: tuple[Dataset, LinkedSystem, dict[str, Impact]],
) -> None:
    shipped, within = SAME[name]
    _, _, found = solved
    ours, theirs = found[added[1][name]], found[shipped]
    assert theirs.amount
    assert ours.amount == pytest.approx(theirs.amount, rel=within)
    assert ours.stages == pytest.approx(theirs.stages, rel=within)
    assert ours.not_separable_kg_co2e == theirs.not_separable_kg_co2e


@pytest.mark.parametrize("name", NAMES)
def test_an_added_method_scores_what_bw2calc_gives_by_the_factors_of_the_bundle(
    name: str,
    added: tuple[Path, dict[str, str]],
    solved: tuple[Dataset, LinkedSystem, dict[str, Impact]],
) -> None:
    _, system, found = solved
    path = resources.files("footprint.data").joinpath("biosphere3_codes.csv")
    codes = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    factors = dict.fromkeys(system.factors, 0.0)
    factors |= {emission.flow_id: 0.0 for emission in system.emissions}
    for row in codes:
        given = bundle()[name].get(row["code"], 0.0)
        factors[row["flow_id"]] = given * float(row["bundle_units_per_unit"])
    expected = BrightwayEngine().score(replace(system, factors=factors))
    assert expected.total
    assert found[added[1][name]].amount == pytest.approx(expected.total, rel=1e-9)


def test_shipped_methods_score_as_before(
    solved: tuple[Dataset, LinkedSystem, dict[str, Impact]],
) -> None:
    _, system, found = solved
    before = impacts(system, GreenchainEngine().solve(system), load_dataset())
    climate = [each for each in before if each.method_id.startswith("ipcc_")]
    assert climate
    for each in climate:
        assert found[each.method_id].amount == each.amount


def test_a_dataset_with_added_methods_holds(added: tuple[Path, dict[str, str]]) -> None:
    assert check_data(str(added[0]))["warnings"] == check_data()["warnings"]


def test_a_method_that_was_added_before_is_refused_and_nothing_written(
    added: tuple[Path, dict[str, str]],
) -> None:
    folder, _ = added
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(MethodThere):
        add_method(ACID, folder, HEADLINE)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_ids_and_names_of_the_bundle_are_unique() -> None:
    methods = load_bundled_methods()
    assert len(methods) == len(bundle()) == 762
    assert len({method.id for method in methods}) == 762
    assert not {method.id for method in methods} & set(load_dataset().methods)


def test_methods_that_count_no_flow_of_the_dataset_are_as_many_as_is_told() -> None:
    flows = load_bundled_flows()
    assert sum(not method.counted(flows) for method in load_bundled_methods()) == 242


def test_every_method_that_counts_a_flow_can_be_added() -> None:
    """Those beside climate all at once; of climate, which fit in with each other, one a family."""
    document = read_document(dataset_folder())
    dataset, flows = document.dataset(), load_bundled_flows()
    counting = [method for method in load_bundled_methods() if method.counted(flows)]
    climate = {method.name[0]: [method] for method in counting if method.is_climate}
    for methods in ([each for each in counting if not each.is_climate], *climate.values()):
        tables: dict[str, list[Row]] = {name: list(document.rows(name)) for name in document.tables}
        for method in methods:
            for table, rows in method_rows(method, flows, dataset).items():
                tables[table] += rows
        after = DatasetDocument(document.header, tables, "")
        assert not check_dataset(after.dataset(), after)


def test_each_code_names_the_flow_that_the_table_says() -> None:
    spec = find_spec("bw2io")
    assert spec is not None
    assert spec.origin is not None
    archive = Path(spec.origin).parent / "data" / "lcia" / "lcia_39_ecoinvent.zip"
    named = {
        row["input"][1]: (row["name"], "/".join(row["categories"]))
        for method in json.loads(zipfile.ZipFile(archive).read("data.json"))
        for row in method["exchanges"]
    }
    for flow in load_bundled_flows():
        assert named[flow.code] == (flow.name, flow.categories)


def test_bw2io_itself_is_not_imported(added: tuple[Path, dict[str, str]]) -> None:
    assert added
    assert "bw2io" not in sys.modules
