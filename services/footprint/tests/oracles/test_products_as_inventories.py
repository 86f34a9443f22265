"""A product as an inventory model has the scores of the product itself, whatever is chosen.

Two ways lead to each score: the product's own header with another default, linked and solved by
bw2calc; and a scenario of the inventory model, solved by our engine as changes of one system.
"""

from dataclasses import replace
from typing import Any

import pytest

from footprint.adapters.brightway import BrightwayEngine
from footprint.bootstrap import run_analysis
from footprint.data.shipped import load_dataset, load_product_template, product_template_names
from footprint.domain.linking import link_product
from footprint.domain.product_rows import read_product_document
from footprint.local.inventories import inventory_model

METHOD = "ipcc_ar6_gwp100_v2"
OPTIONS = {"methods": [METHOD]}


def linked_score(name: str, changes: dict[str, Any]) -> float:
    """Return the headline of a template whose header has other choices or parameters."""
    document = load_product_template(name)
    header = dict(document.header)
    header["choices"] = [
        each | {"default": changes.get(each["id"], each["default"])} for each in header["choices"]
    ]
    header["parameters"] = [
        {"id": each["id"], "amount": changes[each["id"]]} if each["id"] in changes else each
        for each in header["parameters"]
    ]
    dataset = load_dataset()
    model = read_product_document(replace(document, header=header), dataset)
    return BrightwayEngine().score(link_product(model, dataset, METHOD)).total


@pytest.fixture(scope="module", params=product_template_names())
def template(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_option_has_the_score_of_the_product_that_takes_it(template: str) -> None:
    model = inventory_model(template)
    (table,) = run_analysis("scenarios", model, OPTIONS)["results"]
    scores = {row["id"]: row["score"] for row in table["scenarios"]}
    own = {choice["id"]: {o["id"] for o in choice["options"]} for choice in model["choices"]}
    for changes in model["scenarios"]:
        change = changes["changes"][0]
        choice, option = change["choice"], change["option"]
        assert option in own[choice]
        if "__" in choice:
            continue  # A part's: the outer header cannot say it by a default of its own.
        expected = linked_score(template, {choice: option})
        assert scores[changes["id"]] == pytest.approx(expected, rel=1e-9), changes["id"]


def test_a_parameter_moves_both_alike(template: str) -> None:
    model = inventory_model(template)
    plain = [each for each in model["parameters"] if each.get("amount") and "__" not in each["id"]]
    assert len(plain) > 10
    for parameter in plain[::4]:
        amount = parameter["amount"] * 1.01
        scenario = {
            "id": "more",
            "changes": [{"parameter": parameter["id"], "amount": amount}],
        }
        varied = {**model, "scenarios": [scenario]}
        found = run_analysis("calculate", varied, {**OPTIONS, "scenario": "more"})
        (result,) = found["results"]
        expected = linked_score(template, {parameter["id"]: amount})
        assert result["score"] == pytest.approx(expected, rel=1e-9), parameter["id"]
