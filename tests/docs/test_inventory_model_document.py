"""What docs/inventory-model.md says of fields, formulas, scores and limits holds."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.docs.markdown import ROOT, blocks, document, marked_block, marked_table

from chassis.errors import Location
from footprint.adapters.model_arrays import model_arrays
from footprint.domain.formula import FLOATS, parse_formula
from footprint.domain.inventory_model import InventoryModel
from footprint.domain.inventory_model_rows import parse_inventory_model

TEXT = document("docs/inventory-model.md")
DATA = ROOT / "services/footprint/src/footprint/data"
SCHEMA = json.loads((DATA / "schemas/greenchain-inventory-1.schema.json").read_text("utf-8"))


def table(mark: str) -> list[list[str]]:
    return [list(row) for row in marked_table(TEXT, f"check: {mark} ")]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["properties"]
    return found if name == "document" else found[name]["items"]["properties"]


@pytest.mark.parametrize(
    "name",
    [
        "document",
        "sources",
        "products",
        "flows",
        "methods",
        "activities",
        "parameters",
        "choices",
    ],
)
def test_fields_are_those_of_the_schema(name: str) -> None:
    stated = [word for row in table(f"inventory-fields {name}") for word in words(row[0])]
    assert sorted(stated) == sorted(properties(name))


def test_fields_of_exchanges_are_those_of_the_schema() -> None:
    stated = {word for row in table("inventory-fields exchanges") for word in words(row[0])}
    kinds = ("output", "input", "emission")
    assert stated == {name for kind in kinds for name in SCHEMA["$defs"][kind]["properties"]}


def test_distributions_are_those_of_the_schema() -> None:
    stated = {words(row[0])[0]: {"type", *words(row[1])} for row in table("inventory-uncertainty")}
    assert stated == {
        variant["properties"]["type"]["const"]: set(variant["properties"])
        for variant in SCHEMA["$defs"]["uncertainty"]["oneOf"]
    }


def test_changes_are_those_of_the_schema() -> None:
    stated = [{*words(row[0]), *words(row[1])} for row in table("inventory-changes")]
    assert stated == [set(variant["properties"]) for variant in SCHEMA["$defs"]["change"]["oneOf"]]


def test_formulas_have_the_values_beside_them() -> None:
    for cell, value in table("inventory-formulas"):
        formula = parse_formula(words(cell)[0], Location(field="formula"))
        stated = float(value.replace("−", "-"))
        assert math.isclose(formula.evaluate({}, FLOATS), stated), cell


def test_limits_are_those_of_the_schema() -> None:
    limits: dict[str, int] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, inner in node.items():
                if isinstance(inner, dict) and "maxItems" in inner:
                    limits[name] = inner["maxItems"]
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(SCHEMA)
    stated = {}
    for names, most in table("inventory-limits"):
        for name in set(words(names)) & limits.keys():
            stated[name] = int(most.split()[0])
    # Factors are as many as flows at most: each flow has one.
    assert stated == {name: most for name, most in limits.items() if name != "factors"}


def score(model: InventoryModel) -> float:
    system = model_arrays(model).system
    adjoint = np.linalg.solve(system.technosphere_matrix().toarray().T, system.intensities())
    place = [product.id for product in model.products].index(model.demand.product)
    return float(adjoint[place, 0] * model.demand.amount)


def test_the_first_example_has_the_score_beside_it() -> None:
    model = parse_inventory_model(json.loads(marked_block(TEXT, "check: inventory-model")))
    assert score(model) == pytest.approx(0.012, rel=1e-12)
    assert "= 0.012 kg CO2e" in TEXT


@pytest.mark.parametrize("name", ["lfp_cell", "pv_module"])
def test_scores_of_scenarios_are_those_of_the_files(name: str) -> None:
    file = DATA / "examples/inventory" / f"{name}.json"
    model = parse_inventory_model(json.loads(file.read_text("utf-8")))
    variants = {"": model} | {found.id: model.under(found) for found in model.scenarios}
    stated = {"".join(words(row[0])): row[1] for row in table(f"inventory-scores {name}")}
    assert stated == {id_: f"{score(variant):.4f}" for id_, variant in variants.items()}


def arithmetic(first: str) -> list[str]:
    """Return the lines of the block of arithmetic that begins with a word, continuations joined."""
    (block,) = (each.text for each in blocks(TEXT) if each.text.startswith(f"{first} "))
    return re.sub(r"\n {13}(?=\+)", " ", block).splitlines()


@pytest.mark.parametrize(
    ("first", "name", "lines"), [("cathode", "lfp_cell", 7), ("silicon", "pv_module", 7)]
)
def test_the_arithmetic_beside_the_scores_holds(first: str, name: str, lines: int) -> None:
    steps = arithmetic(first)
    assert len(steps) == lines
    added = 0.0
    for step in steps:
        # Words and units stand after the numbers; what is left of an equals sign gives its right.
        terms = re.sub(r"^(1 kWp|[a-z ]*)\s", "", step).replace("·", "*").replace("−", "-")
        terms = re.sub(r"(?:kg CO2e(?:/kg|/m²)?|kWh|MJ|kg)", "", terms)
        left, *rights = (term.strip() for term in terms.split("="))
        for right in rights:
            stated = float(right.split()[0])
            at = Location(field="formula")
            # Nothing is left of a sum of the lines above it.
            value = parse_formula(left, at).evaluate({}, FLOATS) if left else added
            assert stated == pytest.approx(value, rel=2e-5, abs=6e-5), step
            left = right
        if step.split()[0] in {"materials", "electricity", "heat", "scrap"}:
            added += stated
    ((_, total, *_), *_) = table(f"inventory-scores {name}")
    assert f"= {total}" in steps[-1]


def test_all_examples_are_described() -> None:
    files = [path.name for path in Path(DATA / "examples/inventory").glob("*.json")]
    assert len(files) == 3
    assert all(f"examples/inventory/{name})" in TEXT for name in files)
