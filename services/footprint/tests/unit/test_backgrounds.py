import json
import mmap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from services.footprint.tests.made_up_background import (
    ABOUT,
    FLOWS,
    Size,
    make_background,
    write_csv,
)

from chassis.errors import InvalidInput, Unavailable
from footprint.adapters.backgrounds import archives, files, reading
from footprint.adapters.backgrounds.collected import (
    Cells,
    Collected,
    CollectedActivity,
    CollectedFlow,
)
from footprint.adapters.backgrounds.csv_import import read_csv_background
from footprint.adapters.backgrounds.flow_names import load_flow_matcher, load_flow_names
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.backgrounds.writing import write_background
from footprint.adapters.brightway.datapackages import Entries, bw2calc, datapackage
from footprint.application.background_ports import FoundActivity
from footprint.data.shipped import load_dataset
from footprint.domain.background import extended
from footprint.domain.background_errors import (
    BackgroundTooLarge,
    CannotImport,
    IntractableBackground,
    NotABackground,
    UnproductiveBackground,
    UnsolvableBackground,
)
from footprint.domain.dataset import Dataset

Write = Callable[[Collected], OpenBackground]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a background and opens it again."""

    def written(collected: Collected) -> OpenBackground:
        folder = tmp_path / "background"
        folder.mkdir()
        write_background(collected, ABOUT, load_flow_matcher(), folder)
        return OpenBackground(folder)

    return written


def cells(*entries: tuple[int, int, float]) -> Cells:
    row, column, amount = zip(*entries, strict=True) if entries else ((), (), ())
    return Cells(
        np.array(row, dtype=np.int64), np.array(column, dtype=np.int64), np.array(amount, float)
    )


def activity(code: str, unit: str = "kilogram") -> CollectedActivity:
    return CollectedActivity(code, f"production of {code}", code, unit, "GLO")


def inventories(background: OpenBackground, *codes: str) -> list[dict[str, float]]:
    found = background.bought(codes, load_dataset())
    return [dict(each.inventory) for each in found.activities]


def test_an_inventory_is_that_of_bw2calc(write: Write) -> None:
    collected = make_background(Size(1500, 12))
    background = write(collected)
    places = [0, 7, 57, 303, 499, 1000, 1499]  # 7 and 57 treat waste.
    found = inventories(background, *(collected.activities[place].code for place in places))
    technosphere, biosphere = collected.technosphere, collected.biosphere
    package = datapackage(
        technosphere=Entries(technosphere.row, technosphere.column, technosphere.amount),
        biosphere=Entries(biosphere.row, biosphere.column, biosphere.amount),
    )
    lca = bw2calc.LCA({places[0]: 1.0}, data_objs=[package])
    lca.lci(factorize=True)
    for place, inventory in zip(places, found, strict=True):
        lca.lci({place: -1.0 if place in (7, 57) else 1.0})
        expected = np.zeros(len(FLOWS))
        for row, total in zip(
            sorted(lca.dicts.biosphere.reversed), np.asarray(lca.inventory.sum(axis=1)), strict=True
        ):
            key = lca.dicts.biosphere.reversed[row]
            expected[key] = float(np.ravel(total)[0])
        # SO2 is given in grams and counted in kilograms.
        wanted = {"co2_fossil": expected[0], "ch4_fossil": expected[1], "so2": expected[2] / 1e3}
        assert inventory == pytest.approx(wanted, rel=1e-9)


def test_a_loop_with_waste_is_as_computed_by_hand(write: Write) -> None:
    """Steel takes 0.5 coal and gives away 0.2 slag; coal takes 0.1 steel; slag emits 3 each.

    Steel s, coal c: s = 1 + 0.1 c and c = 0.5 s, so s = 1 / 0.95 and slag is 0.2 s.
    CO2 is 2 for each steel: (2 + 3 · 0.2) / 0.95.
    """
    background = write(
        Collected(
            [activity("steel"), activity("coal"), activity("slag")],
            FLOWS,
            cells((0, 0, 1), (1, 0, -0.5), (2, 0, 0.2), (1, 1, 1), (0, 1, -0.1), (2, 2, -1)),
            cells((0, 0, 2.0), (0, 2, 3.0)),
        )
    )
    steel, slag = inventories(background, "steel", "slag")
    assert steel == pytest.approx({"co2_fossil": 2.6 / 0.95}, rel=1e-14)
    # To treat one unit of it.
    assert slag == pytest.approx({"co2_fossil": 3.0}, rel=1e-14)


def test_a_hectare_is_bought_by_the_square_metre(write: Write) -> None:
    background = write(
        Collected([activity("field", "hectare")], FLOWS, cells((0, 0, 1)), cells((0, 0, 5e4)))
    )
    assert background.find("field") == FoundActivity(
        "field", "production of field", "field", "GLO", "hectare", "m2"
    )
    assert inventories(background, "field") == [{"co2_fossil": pytest.approx(5.0)}]


def test_names_in_chinese_are_kept_searched_and_bought(write: Write) -> None:
    wire = CollectedActivity("w", "wire drawing", "wire", "kilogram", "CN", "线材拉拔")
    background = write(
        Collected([wire, activity("rod")], FLOWS, cells((0, 0, 1), (1, 1, 1)), cells((0, 0, 1)))
    )
    background.verify()
    assert [(each.code, each.name_zh) for each in background.search("线材", 9)] == [
        ("w", "线材拉拔")
    ]
    assert [each.code for each in background.search("rod", 9)] == ["rod"]
    whole = extended(load_dataset(), background.bought(["w", "rod"], load_dataset()))
    assert whole.activities["made-up:w"].name_zh == "线材拉拔"
    assert whole.activities["made-up:rod"].name_zh == "production of rod"


def test_a_file_without_names_in_chinese_is_as_it_always_was(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    table = json.loads((background.folder / files.ACTIVITIES).read_bytes())
    assert table["columns"] == list(files.ACTIVITY_COLUMNS)
    assert {len(row) for row in table["rows"]} == {len(files.ACTIVITY_COLUMNS)}
    background.verify()


def test_a_unit_that_the_platform_has_not_is_no_unit(write: Write) -> None:
    background = write(
        Collected([activity("rest", "guest night")], FLOWS, cells((0, 0, 1)), cells())
    )
    found = background.find("rest")
    assert found is not None
    assert (found.unit_given, found.unit) == ("guest night", None)


def test_flows_are_matched_or_counted_as_unmatched(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    counts = background.header["counts"]
    assert (counts["flows"], counts["flows_matched"]) == (5, 3)
    assert 0 < counts["biosphere_matched"] < counts["biosphere"]


def test_matrices_are_mapped_and_not_read(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    matrix = files.map_matrix(background.folder, files.TECHNOSPHERE, (40, 40))
    held: object = matrix.data
    while isinstance(held, np.ndarray) and held.base is not None:
        held = held.base
    assert isinstance(held, mmap.mmap)


def test_csv_gives_what_was_written_to_it(tmp_path: Path, write: Write) -> None:
    collected = make_background(Size(80, 6))
    keep = np.ones(len(collected.technosphere.amount), dtype=bool)
    own = collected.technosphere.row == collected.technosphere.column
    # CSV has no waste: all give one unit.
    technosphere = Cells(
        collected.technosphere.row[keep],
        collected.technosphere.column[keep],
        np.where(own, 1.0, -np.abs(collected.technosphere.amount)),
    )
    whole = Collected(collected.activities, FLOWS, technosphere, collected.biosphere)
    write_csv(whole, tmp_path)
    read, year = read_csv_background(tmp_path)
    assert year == 2024
    code = collected.activities[70].code
    background = write(read)
    expected = tmp_path / "expected"
    expected.mkdir()
    write_background(whole, ABOUT, load_flow_matcher(), expected)
    assert inventories(background, code) == [
        pytest.approx(inventories(OpenBackground(expected), code)[0], rel=1e-12)
    ]


def test_csv_with_the_flow_ids_of_the_dataset_is_matched_by_them(
    tmp_path: Path, write: Write
) -> None:
    tables = {
        "activities": "id,name_en,reference_product,unit,location\nbolt,bolt,bolt,kg,CN\n",
        "elementary_flows": "id,name_en,compartment,unit\nco2_fossil,whatever,air,kg\n",
        "exchanges": "activity_id,exchange_type,input_id,amount,unit\n"
        "bolt,elementary,co2_fossil,2,kg\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    background = write(read_csv_background(tmp_path)[0])
    assert inventories(background, "bolt") == [{"co2_fossil": 2.0}]


def test_every_bad_row_of_a_csv_is_named(tmp_path: Path) -> None:
    tables = {
        "activities": "id,name_en,reference_product,unit,location\n"
        "bolt,bolt,bolt,kg,CN\nbolt,bolt,bolt,kg,CN\nnut,nut,nut,kg,CN\n",
        "elementary_flows": "id,name_en,compartment,unit\nco2,CO2,air,kg\n",
        "exchanges": "activity_id,exchange_type,input_id,amount,unit\n"
        "bolt,elementary,co2,2,t\nbolt,elementary,co3,2,kg\nbolt,technosphere,nut,1_0,kg\n"
        "bolt,emission,co2,2,kg\nbolt,elementary,co2,,kg\nscrew,elementary,co2,2,kg\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_csv_background(tmp_path)
    told = {
        (each.location.table, each.location.row, each.code) for each in refused.value.violations
    }
    assert told == {
        ("activities.csv", 2, "footprint.input.duplicate"),
        ("exchanges.csv", 1, "footprint.dataset.unit_differs"),
        ("exchanges.csv", 2, "footprint.dataset.unlinked"),
        ("exchanges.csv", 3, "footprint.input.not_a_number"),
        ("exchanges.csv", 4, "footprint.input.not_one_of"),
        ("exchanges.csv", 5, "footprint.input.missing_field"),
        ("exchanges.csv", 6, "footprint.dataset.unlinked"),
    }


def test_an_activity_of_which_there_is_nothing_is_named(tmp_path: Path) -> None:
    tables = {
        "activities": "id,name_en,reference_product,unit,location\nnut,nut,nut,kg,CN\n",
        "elementary_flows": "id,name_en,compartment,unit\nco2,CO2,air,kg\n",
        "exchanges": "activity_id,exchange_type,input_id,amount,unit\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_csv_background(tmp_path)
    codes = [each.code for each in refused.value.violations]
    assert codes == ["footprint.dataset.activity_without_exchanges"]


def test_an_activity_of_a_csv_that_takes_more_of_itself_than_it_gives_is_named(
    tmp_path: Path,
) -> None:
    tables = {
        "activities": "id,name_en,reference_product,unit,location\n"
        "power,power,power,kWh,CN\nheat,heat,heat,MJ,CN\n",
        "elementary_flows": "id,name_en,compartment,unit\nco2,CO2,air,kg\n",
        "exchanges": "activity_id,exchange_type,input_id,amount,unit\n"
        "power,technosphere,power,0.9,kWh\npower,technosphere,power,0.6,kWh\n"
        "heat,technosphere,heat,0.9,MJ\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CannotImport, match=r"1 activities .* than they give: power\."):
        read_csv_background(tmp_path)


@pytest.mark.parametrize(
    ("collected", "said"),
    [
        (Collected([], FLOWS, cells(), cells()), "no activities"),
        (
            Collected([activity("a"), activity("a")], FLOWS, cells((0, 0, 1)), cells()),
            "twice: a",
        ),
        (Collected([activity("a" * 101)], FLOWS, cells((0, 0, 1)), cells()), "printable"),
        (
            Collected([activity("a"), activity("b")], FLOWS, cells((0, 0, 1)), cells()),
            "no net output of their own product: b",
        ),
    ],
)
def test_what_nobody_could_buy_is_not_written(
    write: Write, collected: Collected, said: str
) -> None:
    with pytest.raises(CannotImport, match=said):
        write(collected)


def test_a_loop_without_solution_is_named(write: Write) -> None:
    technosphere = cells((0, 0, 1), (1, 0, -1), (1, 1, 1), (0, 1, -1))
    background = write(
        Collected([activity("hen"), activity("egg")], FLOWS, technosphere, cells((0, 0, 1.0)))
    )
    with pytest.raises(UnsolvableBackground, match="hen, egg"):
        inventories(background, "hen")


def test_a_loop_that_takes_too_long_is_named_and_not_factorized(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes 0.6 of the next and of the one after it: sweeps say nothing of such a ring."""
    size = 300
    ring = [(place, place, 1.0) for place in range(size)]
    ring += [((place + step) % size, place, -0.6) for place in range(size) for step in (1, 2)]
    written = write(
        Collected([activity(f"a{n}") for n in range(size)], FLOWS, cells(*ring), cells((0, 0, 1.0)))
    )
    with pytest.raises(UnproductiveBackground, match="300 activities"):
        inventories(written, "a7")
    monkeypatch.setattr(sparse.linalg, "splu", None)
    background = OpenBackground(written.folder, most_direct=100_000.0)
    with pytest.raises(IntractableBackground, match="300 activities"):
        inventories(background, "a7")


def test_a_loop_that_takes_more_than_it_gives_is_named_if_it_is_bought_from(write: Write) -> None:
    """Steel takes 2 coal and coal takes 1 steel: 1 steel would need 1 / (1 − 2) of itself."""
    technosphere = cells(
        *((place, place, 1.0) for place in range(5)),
        *((1, 0, -2.0), (0, 1, -1.0)),  # Steel and coal.
        (0, 2, -0.1),  # A beam of steel.
        (4, 3, -0.5),  # Bread of grain.
    )
    things = [activity(code) for code in ("steel", "coal", "beam", "bread", "grain")]
    background = write(Collected(things, FLOWS, technosphere, cells((0, 1, 1.0), (0, 4, 2.0))))
    assert inventories(background, "bread") == [{"co2_fossil": pytest.approx(1.0)}]
    for code in ("steel", "beam"):
        with pytest.raises(UnproductiveBackground, match="2 activities") as refused:
            inventories(background, "bread", code)
        assert "among them: steel, coal." in refused.value.message()
        assert "steel、coal" in refused.value.message("zh")
        assert refused.value.code == "footprint.background.unproductive"


def test_a_treatment_that_gives_away_more_waste_than_it_takes_is_named(write: Write) -> None:
    """To treat 1 slag gives 1 dust away, to treat 1 dust 2 slag."""
    technosphere = cells((0, 0, -1.0), (1, 1, -1.0), (1, 0, 1.0), (0, 1, 2.0))
    things = [activity("slag"), activity("dust")]
    background = write(Collected(things, FLOWS, technosphere, cells((0, 0, 1.0))))
    with pytest.raises(UnproductiveBackground, match="slag, dust"):
        inventories(background, "slag")


def test_a_loop_with_an_avoided_product_may_be_below_zero(write: Write) -> None:
    """Recycling 1 avoids 3 metal, metal takes 0.5 recycling: metal is 1 / (1 + 1.5)."""
    technosphere = cells((0, 0, 1.0), (1, 1, 1.0), (0, 1, 3.0), (1, 0, -0.5))
    things = [activity("metal"), activity("recycling")]
    background = write(Collected(things, FLOWS, technosphere, cells((0, 0, 1.0))))
    assert inventories(background, "recycling") == [{"co2_fossil": pytest.approx(-3.0 / 2.5)}]


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_AMOUNTS"])
def test_more_than_could_be_solved_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    background = write(make_background(Size(40, 3)))
    monkeypatch.setattr(reading, limit, 39)
    with pytest.raises(NotABackground, match="too many"):
        background.verify()


def test_the_hash_pins_every_file(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    background.verify()
    path = background.folder / files.ACTIVITIES
    path.write_text(path.read_text(encoding="utf-8").replace("thing 3", "thing 4"), "utf-8")
    with pytest.raises(NotABackground, match="damaged"):
        OpenBackground(background.folder).verify()


def test_amounts_that_are_not_finite_are_refused(write: Write) -> None:
    things = [activity("a"), activity("b"), activity("c")]
    technosphere = cells((0, 0, 1), (1, 1, 1), (2, 2, 1), (0, 1, -float("nan")))
    with pytest.raises(CannotImport, match="1 activities are not finite: b"):
        write(Collected(things, FLOWS, technosphere, cells((0, 0, 1))))


def test_amounts_that_a_stranger_wrote_are_finite(write: Write) -> None:
    folder = write(Collected([activity("a")], FLOWS, cells((0, 0, 1)), cells((0, 0, 1)))).folder
    np.save(folder / "biosphere.data.npy", np.array([np.inf]))
    header = json.loads((folder / files.HEADER).read_text(encoding="utf-8"))
    header["files"] = files.hashes(folder)
    (folder / files.HEADER).write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(NotABackground, match="damaged"):
        OpenBackground(folder).verify()


@pytest.mark.parametrize(
    "ends",
    [
        [0, 3, 1],
        # Each difference overflows to one that is not below zero; together they are right.
        [0, 2**31 - 1, -(2**31), -(2**30), 0],
        [0, -1, 0],
    ],
)
def test_ends_of_columns_that_do_not_ascend_are_refused(tmp_path: Path, ends: list[int]) -> None:
    count = 2
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "indptr": np.array([*ends, count], dtype=np.int32),
        "indices": np.zeros(count, dtype=np.int32),
        "data": np.ones(count),
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"technosphere.{name}.npy", array)
    with pytest.raises(NotABackground, match="damaged"):
        files.map_matrix(tmp_path, files.TECHNOSPHERE, (1, len(ends)))


@pytest.mark.parametrize("shape", ["(2**70,)", "(1180591620717411303424,)", "(-3,)", "(True,)"])
def test_an_array_of_a_shape_that_cannot_be_is_refused(tmp_path: Path, shape: str) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16)
    for array in ("indptr", "indices", "data"):
        (tmp_path / f"technosphere.{array}.npy").write_bytes(content)
    with pytest.raises(NotABackground, match="damaged"):
        files.map_matrix(tmp_path, files.TECHNOSPHERE, (1, 1))


def test_amounts_out_of_range_are_told_and_no_number(write: Write) -> None:
    technosphere = cells((0, 0, 1), (1, 0, -1e200), (1, 1, 1))
    background = write(
        Collected([activity("a"), activity("b")], FLOWS, technosphere, cells((0, 1, 1e200)))
    )
    background.verify()
    with pytest.raises(UnsolvableBackground, match="a"):
        inventories(background, "a")
    assert inventories(background, "b") == [{"co2_fossil": 1e200}]


def test_keys_of_other_sources_are_no_ids_of_the_dataset(tmp_path: Path) -> None:
    cobalt = CollectedFlow("co", "Cobalt", "air", "", "kilogram")
    collected = Collected([activity("a")], [cobalt], cells((0, 0, 1)), cells((0, 0, 1)))
    about = replace(ABOUT, origin="brightway")
    header = write_background(collected, about, load_flow_matcher(), tmp_path)
    assert header["counts"]["flows_matched"] == 0


def test_an_id_of_the_dataset_in_another_compartment_is_not_meant() -> None:
    matcher = load_flow_matcher()
    assert matcher.named("so2", "air/urban", "kg") == ("so2", 1.0)
    assert matcher.named("res_copper", "natural resource/in ground", "kg") == ("res_copper", 1.0)
    assert matcher.named("so2", "water", "kg") is None


def test_places_outside_of_a_matrix_are_refused(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    path = background.folder / "biosphere.indices.npy"
    places = np.load(path)
    places[0] = 99
    np.save(path, places)
    header = json.loads((background.folder / files.HEADER).read_text(encoding="utf-8"))
    header["files"] = files.hashes(background.folder)
    (background.folder / files.HEADER).write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(NotABackground, match="damaged"):
        OpenBackground(background.folder).verify()


def test_it_is_the_same_after_an_archive(tmp_path: Path, write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    for name in ("one", "two"):
        archives.pack(background.folder, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    folder = tmp_path / "unpacked"
    folder.mkdir()
    unpacked = archives.unpack(tmp_path / "one.zip", folder, 10_000_000)
    assert unpacked.sha256 == background.sha256


def test_a_disk_that_takes_nothing_is_not_the_archives_fault(tmp_path: Path, write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    archives.pack(background.folder, tmp_path / "packed.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / files.FLOWS).symlink_to("/dev/full")
    for folder in ("full", "gone"):
        with pytest.raises(Unavailable):
            archives.unpack(tmp_path / "packed.zip", tmp_path / folder, 10_000_000)


def test_search_finds_all_words_in_any_order(write: Write) -> None:
    background = write(make_background(Size(40, 3)))
    found = [each.name for each in background.search("12 PRODUCTION cn", 10)]
    assert found == ["production of thing 12"]
    assert len(list(background.search("thing", 5))) == 5
    (whole,) = background.search(f"{17:032x}", 5)
    assert whole.name == "production of thing 17"


def test_every_flow_of_the_table_is_in_the_dataset(dataset: Dataset) -> None:
    names = load_flow_names()
    assert {each.flow_id for each in names} <= set(dataset.flows)
    keys = [(each.name, each.compartment) for each in names]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("name", "compartment", "cas", "unit", "expected"),
    [
        ("carbon dioxide, Fossil", "air/unspecified", "", "kilogram", ("co2_fossil", 1.0)),
        ("Sulfur dioxide", "air/urban air close to ground", "", "gram", ("so2", 1e-3)),
        (
            "Sulfur dioxide",
            "air/non-urban air or from high stacks",
            "",
            "kilogram",
            ("so2_stack", 1.0),
        ),
        (
            "Nickel, 2 % in ore",
            "natural resource/in ground",
            "007440-02-0",
            "kg",
            ("res_nickel", 1.0),
        ),
        # What its number does not tell: three flows are CO2.
        ("Carbon dioxide", "air", "124-38-9", "kilogram", None),
        ("Carbon dioxide, fossil", "water", "124-38-9", "kilogram", None),
        ("Phosphate", "water/ground-", "14265-44-2", "kilogram", ("po4_water", 1.0)),
        (
            "Sulphur dioxide",
            "air/non-urban air or from high stacks",
            "007446-09-5",
            "kilogram",
            ("so2_stack", 1.0),
        ),
        ("Phosphate", "water/ocean", "14265-44-2", "kilogram", None),
        ("Nitrate", "water/ocean", "", "kilogram", ("no3_water", 1.0)),
        ("Carbon dioxide, fossil", "air", "", "megajoule", None),
        ("Carbon dioxide, fossil", "air", "", "pinch", None),
    ],
)
def test_a_flow_is_found_where_it_is_sure(
    name: str, compartment: str, cas: str, unit: str, expected: tuple[str, float] | None
) -> None:
    found = load_flow_matcher().find(name, compartment, cas, unit)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found[0] == expected[0]
        assert found[1] == pytest.approx(expected[1])


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("packed")
    write_background(make_background(Size(40, 3)), ABOUT, load_flow_matcher(), folder)
    archives.pack(folder, folder / "packed.zip")
    return (folder / "packed.zip").read_bytes()


@given(data=st.data())
def test_a_damaged_archive_is_refused_or_holds_the_same(packed: bytes, data: st.DataObject) -> None:
    spoiled = bytearray(packed)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(packed) - 1))
        spoiled[place] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as directory:
        folder = Path(directory) / "unpacked"
        folder.mkdir()
        path = Path(directory) / "spoiled.zip"
        path.write_bytes(bytes(spoiled))
        try:
            opened = archives.unpack(path, folder, 1_000_000)
        except (NotABackground, BackgroundTooLarge):
            return
        # Times and attributes of files in the archive are nobody's matter.
        assert opened.header["files"] == files.hashes(folder)
        assert opened.id == ABOUT.id
