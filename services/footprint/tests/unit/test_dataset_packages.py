"""Datapackages of datasets: solved by bw2calc, they give what our engine gives."""

import json
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import bw_processing as bwp
import numpy as np
import pytest
from services.footprint.tests.textbook_dataset import (
    CITED,
    activity,
    exchange,
    factor,
    method,
    textbook_document,
)

from chassis.errors import InvalidInput
from footprint.adapters import dataset_cache
from footprint.adapters.brightway.datapackages import bw2calc
from footprint.adapters.brightway.dataset_packages import read_contents, write_package
from footprint.adapters.dataset_cache import cached_package
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.adapters.user_cache import cache_directory
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_system import link_dataset


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def unit_scores(package: Path, method_id: str) -> dict[str, float]:
    """Return the score of one unit of every activity by bw2calc, each by a solve of its own."""
    with zipfile.ZipFile(package) as archive:
        columns = json.loads(archive.read("activities.json"))
    whole = bwp.load_datapackage(
        bwp.generic_zipfile_filesystem(dirpath=package.parent, filename=package.name, write=False)
    )
    parts = [
        whole.filter_by_attribute("group", group)
        for group in ("technosphere", "biosphere", method_id)
    ]
    lca = bw2calc.LCA({0: 1.0}, data_objs=parts)
    lca.lci(factorize=True)
    lca.lcia()
    scores = {}
    for column in columns:
        lca.lcia({column["index"]: 1.0})
        scores[column["key"]] = float(lca.score)
    return scores


@pytest.mark.parametrize("region", [None, "CN-SC"])
def test_bw2calc_gives_every_unit_score_of_our_engine(
    dataset: Dataset, tmp_path: Path, region: str | None
) -> None:
    write_package(dataset, region, tmp_path / "package.zip")
    system = link_dataset(dataset, region)
    solution = GreenchainEngine().solve(system)
    ours = {
        process.key: score
        for index, (process, score) in enumerate(
            zip(system.processes, solution.unit_scores, strict=True)
        )
        if index != system.product
    }
    theirs = unit_scores(tmp_path / "package.zip", system.method_id)
    assert set(theirs) == set(ours)
    keys = list(ours)
    np.testing.assert_allclose(
        [theirs[key] for key in keys], [ours[key] for key in keys], rtol=1e-9, atol=1e-15
    )


def test_a_regional_method_weighs_a_flow_by_its_place(tmp_path: Path) -> None:
    # Steel (1 kg CO2) and its loop with coal stand in A, where the factor is 3; in B it is 5.
    # A kg of steel takes 0.5 kg of coal, a kg of coal 0.1 kg of steel: s = 1 / (1 - 0.05).
    places = [
        {"method_id": "water", "location": place, "factor": weight, "unit": "-", **CITED}
        for place, weight in (("A", "3"), ("B", "5"))
    ]
    of = _with_water(places)
    for region, weight in (("A", 3.0), ("B", 5.0)):
        write_package(of, region, tmp_path / f"{region}.zip")
        scores = unit_scores(tmp_path / f"{region}.zip", "water")
        assert scores[f"steel@{region}"] == pytest.approx(weight / 0.95)


def _with_water(places: list[dict[str, str]]) -> Dataset:
    document = textbook_document(
        [
            activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
            activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
            activity("steel", "kg", "unit_process"),
            activity("coal", "kg", "unit_process"),
        ],
        [
            exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
            exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
            exchange("steel", "technosphere", "coal", 0.5, "kg"),
            exchange("steel", "elementary", "co2", 1, "kg"),
            exchange("coal", "technosphere", "steel", 0.1, "kg"),
        ],
        methods=[method("gwp"), method("water", kind="other", unit="m3")],
        characterization=[
            factor("gwp", "co2", 1, "kg"),
            factor("gwp", "co2e", 1, "kg CO2e"),
            factor("water", "co2", 1, "kg") | {"unit": "m3/kg"},
        ],
        regional_factors=places,
    )
    return document.dataset()


def test_the_package_names_ids_units_and_methods(textbook: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    contents = write_package(textbook, None, path)
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("datapackage.json"))
        columns = json.loads(archive.read("activities.json"))
        rows = json.loads(archive.read("flows.json"))
    assert header["greenchain"]["dataset"]["sha256"] == textbook.sha256
    assert [each["index"] for each in columns] == list(range(len(columns)))
    steel = next(each for each in columns if each["id"] == "steel")
    assert (steel["key"], steel["unit"], steel["location"]) == ("steel@A", "kg", "A")
    assert {each["id"] for each in rows} == {"co2", "co2e"}
    vectors = {each["group"]: each for each in header["resources"] if "method_id" in each}
    assert vectors["gwp"]["unit"] == "kg CO2e"
    # Three links, those of steel and coal to each other and to the electricity; five emissions.
    with zipfile.ZipFile(path) as archive:
        assert contents == read_contents(archive)
    assert contents.exchanges == 8


def test_a_package_is_built_once_for_each_content_and_region(textbook: Dataset) -> None:
    first, _, is_new = cached_package(textbook)
    again, contents, is_new_again = cached_package(textbook)
    other, _, of_other = cached_package(textbook, "B")
    assert (is_new, is_new_again, of_other) == (True, False, True)
    assert first == again != other
    assert first.parent == cache_directory()
    assert contents.activities == len(textbook.activities) - 1


def test_another_content_has_another_package(textbook: Dataset) -> None:
    changed = replace(textbook, sha256="1" * 64)
    assert cached_package(textbook)[0] != cached_package(changed)[0]


@pytest.mark.parametrize("damage", [b"", b"PK", b"half"])
def test_a_damaged_package_is_built_anew(textbook: Dataset, damage: bytes) -> None:
    path, contents, _ = cached_package(textbook)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    assert cached_package(textbook) == (path, contents, True)
    assert cached_package(textbook) == (path, contents, False)


def test_a_package_with_other_bytes_inside_is_built_anew(textbook: Dataset) -> None:
    path, _, _ = cached_package(textbook)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        array = next(each for each in archive.infolist() if each.filename.endswith(".npy"))
    # After the local header: 30 bytes with the lengths of the name and of what follows it.
    lengths = content[array.header_offset + 26 : array.header_offset + 30]
    content[array.header_offset + 30 + sum(struct.unpack("<HH", lengths)) + 1] ^= 0xFF
    path.write_bytes(content)
    assert cached_package(textbook)[2]


def test_a_region_is_no_path_and_nothing_is_made_for_an_unknown_one(textbook: Dataset) -> None:
    with pytest.raises(InvalidInput):
        cached_package(textbook, "../../elsewhere")
    assert not cache_directory().exists()
    market = textbook.markets["A", 2024]
    odd = replace(textbook, markets={**textbook.markets, ("A/1", 2024): market})
    path, _, _ = cached_package(odd, "A/1")
    assert path.parent == cache_directory()


def test_a_build_that_breaks_off_leaves_nothing(
    textbook: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(dataset_cache, "write_package", fail)
    with pytest.raises(OSError, match="no space"):
        cached_package(textbook)
    assert list(cache_directory().iterdir()) == []


def test_a_relative_cache_directory_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert cache_directory() == Path.home() / ".cache" / "greenchain" / "datasets"
