"""Prose about the dataset holds: its version, its counts, its factors, what is illustrative."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.docs.markdown import DOCUMENTS, document, marked_block, name_of, read
from tools.figures.demonstration import METHOD, METHODOLOGY

from footprint.application.calculation import solve
from footprint.data.shipped import load_example
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_system import link_dataset
from footprint.domain.linking import link_product
from footprint.domain.product_rows import parse_product_model

FOLDER = "services/footprint/src/footprint/data/greenchain_lci"
DATASET = METHODOLOGY.dataset
PROSE = ["docs/data.md", "docs/product-model.md", f"{FOLDER}/README.md"]
in_prose = pytest.mark.parametrize("name", PROSE)


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document(f"{FOLDER}/{name}.csv"))))


def versions(text: str) -> set[str]:
    """Return the versions of the dataset that a text names."""
    return set(re.findall(r"greenchain-lci\**:? v?(\d+(?:\.\d+)+)", text))


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.name != "CHANGELOG.md"], ids=name_of
)
def test_the_version_of_the_dataset_is_the_one_that_ships(path: Path) -> None:
    assert versions(read(path)) <= {DATASET.version}


def test_the_changes_name_no_version_of_the_dataset_that_is_yet_to_come() -> None:
    named = versions(document("CHANGELOG.md"))
    assert named
    assert max(tuple(map(int, each.split("."))) for each in named) <= tuple(
        map(int, DATASET.version.split("."))
    )


def test_the_documents_of_the_dataset_name_its_version() -> None:
    for name in PROSE:
        assert f"greenchain-lci {DATASET.version}" in document(name), name


def test_the_readme_of_the_dataset_counts_its_rows() -> None:
    counted = (
        f"{len(rows('activities'))} activities, {len(rows('exchanges'))} exchanges, "
        f"{len(rows('elementary_flows'))} elementary flows"
    )
    assert counted in document(f"{FOLDER}/README.md")


def test_the_number_of_published_totals_is_that_of_the_rows() -> None:
    totals = sum(row["kind"] == "system_process" for row in rows("activities"))
    assert f"**Published totals** ({totals} activities)" in document("docs/data.md")


@cache
def electricity(year: int) -> dict[str, float]:
    """Return the life-cycle factor of every region with a market [kg CO2e / kWh]."""
    system = link_dataset(DATASET)
    scores = METHODOLOGY.explaining_engine.solve(system).unit_scores
    found = {
        process.activity_id: score for process, score in zip(system.processes, scores, strict=True)
    }
    return {
        region: found[market.activity_id]
        for (region, of_year), market in DATASET.markets.items()
        if of_year == year
    }


@in_prose
def test_a_factor_of_electricity_is_that_of_its_market(name: str) -> None:
    factors = electricity(DATASET.electricity_year)
    text = document(name)
    for region, value in re.findall(r"(CN-\w\w) \((\d\.\d+)\)", text):
        digits = len(value.partition(".")[2])
        assert value == f"{factors[region]:.{digits}f}", region
    official = re.findall(r"(\d\.\d{4})\s+kg\s+CO2e/kWh\)|official\s+(\d\.\d{4})", text)
    published = {
        float(row["amount"])
        for row in rows("exchanges")
        if re.fullmatch(r"electricity_cn_(\d{4}_official|2024)", row["activity_id"])
    }
    assert {float(a or b) for a, b in official} <= published


@in_prose
def test_regions_with_a_market_are_those_of_the_dataset(name: str) -> None:
    regions = {row["region"] for row in rows("markets")}
    named = set(re.findall(r"`(CN(?:-\w\w)?)`", document(name)))
    assert named <= regions


def per_kilogram(activity_id: str, dataset: Dataset) -> float:
    """Return what one kg of an activity's product causes on the Chinese grid [kg CO2e / kg]."""
    text = document("docs/product-model.md")
    header = json.loads(marked_block(text, "check: product-model header"))
    header |= {"plant_region": "CN", "intermediates": []}
    header["declared_unit"] = {"amount": 1, "unit": "kg"}
    line = next(csv.DictReader(io.StringIO(marked_block(text, "check: product-model lines"))))
    line |= {"input_id": activity_id, "amount": "1", "unit": "kg"}
    model = parse_product_model(header, [line], [], dataset)
    return pack_of(model, dataset)


def pack_of(model: object, dataset: Dataset) -> float:
    system = link_product(model, dataset, METHOD, suppliers=[])  # type: ignore[arg-type]
    return solve(system, METHODOLOGY)[0].pcf_kg_co2e


def without_allocation(dataset: Dataset) -> Dataset:
    """Take the route on which fines carry nothing, so that the product carries all."""
    reference = "anode_graphite_synthetic"
    routes = {
        id_: replace(route, is_default=id_ == "acheson_unallocated")
        for id_, route in dataset.routes[reference].items()
    }
    assert sum(route.is_default for route in routes.values()) == 1
    return replace(dataset, routes={**dataset.routes, reference: routes})


def example_pack(dataset: Dataset) -> float:
    example = load_example()
    model = parse_product_model(example.header, example.lines, example.sites, dataset)
    return pack_of(model, dataset)


@pytest.mark.parametrize(
    ("pattern", "computed"),
    [
        (
            r"anode: (\S+) kg\s+CO2e/kg",
            lambda: per_kilogram("anode_graphite_synthetic", DATASET),
        ),
        (
            r"would be (\S+) kg CO2e/kWh higher",
            lambda: example_pack(without_allocation(DATASET)) - example_pack(DATASET),
        ),
    ],
)
def test_what_is_said_of_graphite_is_what_is_computed(
    pattern: str, computed: Callable[[], float]
) -> None:
    stated = re.findall(pattern, document("docs/data.md"))
    assert len(stated) == 1
    digits = len(stated[0].partition(".")[2])
    assert stated[0] == f"{computed():.{digits}f}"


@pytest.mark.parametrize(
    "name",
    [
        "docs/data.md",
        "docs/product-model.md",
        "services/footprint/src/footprint/data/examples/lfp_battery_pack/README.md",
    ],
)
def test_the_lines_that_stand_in_for_a_plants_meters_are_those_that_are_named(name: str) -> None:
    own = [
        number
        for number, line in enumerate(load_example().lines, start=1)
        if line["activity_data"] == "own_plant"
    ]
    first, last = own[0], own[-1]
    assert own == list(range(first, last + 1))
    assert re.search(rf"lines\s+{first}\s+to\s+{last}\b", document(name))


def test_the_corrected_records_differ_in_two_readings() -> None:
    files = load_example().supplier_records
    before, after = files["cathode_maker"], files["cathode_maker_corrected"]
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a["amount"] != b["amount"]]
    assert len(changed) == 2
    readme = "services/footprint/src/footprint/data/examples/lfp_battery_pack/README.md"
    assert re.search(r"has two meter\s+readings corrected", document(readme))


def test_open_cases_of_licences_name_rows_that_ship() -> None:
    ids = {row["id"] for row in rows("activities")}
    text = document("docs/data.md")
    section = text[text.index("## Open cases of licences") :]
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    assert named
    assert named <= ids
