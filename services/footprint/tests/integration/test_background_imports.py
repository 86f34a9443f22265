"""Backgrounds from EcoSpold2 and from Brightway projects, by bw2io and bw2data themselves.

Steel takes 0.5 coal and 2 kWh, and gives away 0.2 slag; coal takes 0.1 steel. With s steel and c
coal: s = 1 + 0.1 c, c = 0.5 s, so s = 1 / 0.95. Steel emits 2 CO2, slag 3, a kilowatt hour 0.5:
(2 + 0.2 · 3 + 2 · 0.5) / 0.95.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from services.footprint.tests.ecospold2_files import Emission, Input, Spold, write_spold_files

from footprint.adapters.backgrounds.collected import About
from footprint.adapters.backgrounds.flow_names import load_flow_names
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.brightway import background_import
from footprint.adapters.brightway.background_import import import_ecospold2, import_project
from footprint.data.shipped import load_dataset
from footprint.domain.background_errors import CannotImport, ImporterMissing

ABOUT = About("own", "3.10", "An inventory", "The licence of its owner", 2023, "ecospold2")
CO2 = "Carbon dioxide, fossil"
EXPECTED = {"co2_fossil": pytest.approx((2 + 0.2 * 3 + 2 * 0.5) / 0.95, rel=1e-12)}

FILES = (
    Spold(
        "steel & alloys",
        (Input("coal", 0.5), Input("electricity", 2.0, "kWh"), Input("slag", -0.2)),
        (Emission(CO2, 2.0), Emission("Unheard-of dust", 1.0)),
        by_product="scrap",
    ),
    Spold("coal", (Input("steel & alloys", 0.1),)),
    Spold("slag", (), (Emission(CO2, 3.0, ("air", "urban air close to ground")),), amount=-1.0),
    Spold("electricity", (), (Emission(CO2, 0.5),), unit="kWh"),
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def spold(tmp_path: Path) -> Path:
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder


def inventory(background: OpenBackground, text: str) -> dict[str, float]:
    (found,) = background.search(text, 2)
    (activity,) = background.bought([found.code], load_dataset()).activities
    return dict(activity.inventory)


@pytest.mark.needs("brightway")
def test_ecospold2_is_read_with_loops_waste_and_compartments(spold: Path, out: Path) -> None:
    import_ecospold2(write_spold_files(spold, *FILES), ABOUT, out)
    background = OpenBackground(out)
    background.verify()
    assert inventory(background, "steel alloys") == EXPECTED
    assert inventory(background, "slag") == {"co2_fossil": pytest.approx(3.0)}
    (power,) = background.search("electricity", 2)
    assert (power.unit_given, power.unit, power.location) == ("kilowatt hour", "kWh", "CN")
    counts = background.header["counts"]
    assert (counts["activities"], counts["flows"], counts["flows_matched"]) == (4, 3, 2)
    assert counts["inputs_left_out"] == 0


@pytest.mark.needs("brightway")
def test_ecospold2_of_many_files_is_read_by_several_processes(spold: Path, out: Path) -> None:
    chain = [Spold("thing 0", (), (Emission(CO2, 1.0),))]
    chain += [Spold(f"thing {n}", (Input(f"thing {n - 1}", 1.0),)) for n in range(1, 210)]
    import_ecospold2(write_spold_files(spold, *chain), ABOUT, out)
    assert inventory(OpenBackground(out), "thing 209") == {"co2_fossil": pytest.approx(1.0)}


@pytest.mark.needs("brightway")
def test_inputs_that_name_no_supplier_are_left_out_and_counted(spold: Path, out: Path) -> None:
    lone = Spold("bolt", (Input("nobody", 1.0, is_linked=False),), (Emission(CO2, 1.0),))
    import_ecospold2(write_spold_files(spold, lone), ABOUT, out)
    assert OpenBackground(out).header["counts"]["inputs_left_out"] == 1


@pytest.mark.needs("brightway")
def test_an_activity_of_several_products_is_refused_by_name(spold: Path, out: Path) -> None:
    both = Spold("steel", (), (Emission(CO2, 1.0),), by_product="scrap", by_product_amount=0.3)
    with pytest.raises(CannotImport, match="allocate them first: steel production"):
        import_ecospold2(write_spold_files(spold, both), ABOUT, out)


@pytest.mark.needs("brightway")
def test_an_amount_of_the_product_other_than_one_is_divided_by(spold: Path, out: Path) -> None:
    double = Spold("wire", (Input("wire", 0.5),), (Emission(CO2, 3.0),), amount=2.0)
    import_ecospold2(write_spold_files(spold, double), ABOUT, out)
    assert inventory(OpenBackground(out), "wire") == {"co2_fossil": pytest.approx(2.0)}


@pytest.mark.needs("brightway")
def test_a_folder_without_files_is_refused(spold: Path, out: Path) -> None:
    with pytest.raises(CannotImport, match=r"no \.spold files"):
        import_ecospold2(spold, ABOUT, out)


@pytest.mark.needs("brightway")
def test_a_file_that_is_no_ecospold2_is_refused_with_what_its_reader_says(
    spold: Path, out: Path
) -> None:
    (spold / "a.spold").write_text("no XML", encoding="utf-8")
    with pytest.raises(CannotImport, match="bw2io and bw2data say"):
        import_ecospold2(spold, ABOUT, out)


@pytest.mark.needs("brightway")
def test_projects_of_the_user_are_not_touched(
    spold: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = tmp_path / "projects"
    projects.mkdir()
    monkeypatch.setenv("BRIGHTWAY2_DIR", str(projects))
    import_ecospold2(write_spold_files(spold, *FILES), ABOUT, out)
    assert list(projects.iterdir()) == []


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the same system to a project: a process, a product node, two databases."""
    projects = tmp_path / "projects"
    projects.mkdir()
    monkeypatch.setenv("BRIGHTWAY2_DIR", str(projects))
    script = f"""
        import bw2data
        bw2data.projects.set_current("own project")
        kg = {{"unit": "kilogram", "location": "CN"}}
        bio = ("flows", "co2")
        bw2data.Database("flows").write({{
            bio: {{"name": {CO2!r}, "categories": ("air",), "unit": "kilogram",
                  "type": "emission", "CAS number": "000124-38-9", "exchanges": []}},
        }})
        def of(kind, item, amount):
            return {{"type": kind, "input": item, "amount": amount}}
        coal, steel, slag = (("metals", name) for name in ("coal", "steel", "slag"))
        power, power_plant = ("energy", "power"), ("energy", "steel")
        bw2data.Database("energy").write({{
            power: {{"name": "electricity", "unit": "kilowatt hour", "type": "product",
                    "location": "CN", "exchanges": []}},
            power_plant: {{"name": "power plant", "unit": "kilowatt hour", "type": "process",
                    "location": "CN",
                    "exchanges": [of("production", power, 1.0), of("biosphere", bio, 0.5)]}},
        }})
        bw2data.Database("metals").write({{
            steel: {{**kg, "name": "steel making", "reference product": "steel", "exchanges": [
                of("production", steel, 1.0), of("technosphere", coal, 0.5),
                of("technosphere", power, 2.0), of("technosphere", slag, -0.2),
                of("biosphere", bio, 2.0)]}},
            coal: {{**kg, "name": "coal mining", "exchanges": [of("technosphere", steel, 0.1)]}},
            slag: {{**kg, "name": "slag treatment", "exchanges": [
                of("production", slag, -1.0), of("biosphere", bio, 3.0)]}},
        }})
    """
    command = [sys.executable, "-W", "ignore", "-c", dedent(script)]
    subprocess.run(command, check=True, capture_output=True, env=dict(os.environ))


@pytest.mark.needs("brightway")
@pytest.mark.usefixtures("project")
def test_a_project_is_read_with_the_databases_it_rests_on(out: Path) -> None:
    import_project("own project", "metals", ABOUT, out)
    background = OpenBackground(out)
    background.verify()
    assert inventory(background, "steel making") == EXPECTED
    assert background.find("steel") is not None
    # Another database has that code too.
    assert background.find("energy/steel") is not None
    assert background.header["counts"]["flows_matched"] == 1


@pytest.mark.needs("brightway")
@pytest.mark.usefixtures("project")
def test_what_is_not_there_is_told_with_what_is(out: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotImport, match=r"no such project; there are: .*own project"):
        import_project("other project", "metals", ABOUT, out)
    with pytest.raises(CannotImport, match=r"no such database; there are: energy, flows, metals"):
        import_project("own project", "wood", ABOUT, out)


def test_without_the_libraries_it_is_told_what_to_install(
    spold: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_import, "find_spec", lambda _: None)
    with pytest.raises(ImporterMissing, match=r"greenchain-footprint\[backgrounds\]"):
        import_ecospold2(spold, ABOUT, out)


@pytest.mark.needs("brightway")
def test_every_name_of_the_table_of_flows_is_one_of_bw2io() -> None:
    script = """
        import json, pathlib
        from importlib.util import find_spec
        from lxml import etree
        data = pathlib.Path(find_spec("bw2io").origin).parent / "data"
        names = set()
        space = "{http://www.EcoInvent.org/EcoSpold02}"
        file = data / "lci" / "ecoinvent elementary flows 3.9.xml"
        for each in etree.parse(file).getroot().iterchildren(f"{space}elementaryExchange"):
            place = each.find(f"{space}compartment").find(f"{space}compartment").text
            names.add((each.find(f"{space}name").text, place))
        for place, old, _ in json.loads((data / "biosphere-2-3.json").read_text()):
            names.add((old, place))
        print(json.dumps(sorted(names)))
    """
    command = [sys.executable, "-W", "ignore", "-c", dedent(script)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    known = {tuple(each) for each in json.loads(told)}
    named = {(each.name, each.compartment.partition("/")[0]) for each in load_flow_names()}
    assert named - known == set()
