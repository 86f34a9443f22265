"""Random products, parts within parts: linked and as inventory models they have one score.

Whatever is set afterwards, in the header or by a scenario, moves both alike.
"""

import copy
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from services.footprint.tests.textbook_salts import header, score, total

from footprint.domain.dataset import Dataset
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import read_product_document

MakeLine = Callable[..., dict[str, Any]]

FORMULAS = (
    "p",
    "p * q",
    "p + 1e0 * q",
    "max(p, q)",
    "p if q > 1 else q",
    "p * 0",
    "sqrt(p) * pi",
    "min(p, q) + .5e1",
    "p ** 2 / q",
    "abs(q - p)",
    "q_p",
    "zero",
    "zero * p",
)
UNITS = {"grid": "kWh", "power_a": "kWh", "co2e": "kg CO2e"}


class Products:
    """Draws products from a seed."""

    def __init__(self, seed: int, line: MakeLine) -> None:
        self.random, self.line = random.Random(seed), line

    def document(self, product_id: str, depth: int) -> ProductDocument:
        draw = self.random
        parts: dict[str, ProductDocument] = {}
        named: list[dict[str, Any]] = []
        for number in range(draw.randint(1, 2) if depth else 0):
            inner = self.document(f"{product_id}m{number}", depth - 1)
            parts[inner.header["product_id"]] = inner
            bound = draw.sample(["p", "q", "zero"], draw.randint(0, 2))
            named.append(
                {
                    "id": f"part{number}",
                    "product_id": inner.header["product_id"],
                    "parameters": {id_: draw.choice(["p", "q * 2", "1.5"]) for id_ in bound},
                    "choices": {"salt": "rock"} if draw.random() < 0.3 else {},
                }
            )
            if draw.random() < 0.4:
                named.append({**named[-1], "id": f"again{number}", "parameters": {}})
        lines = [
            self.line("mix", "mix", 1, "kg"),
            self.line("salt", "salt", 1, "kg", consumer_id="mix", stage=""),
            *(self.line(each["id"], each["id"], 1, "kg") for each in named),
        ]
        lines += [self.row(number, named) for number in range(draw.randint(3, 8))]
        return ProductDocument(self.header(product_id, named), lines, self.sites(), parts)

    def header(self, product_id: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        draw = self.random
        boundary: dict[str, Any] = {"name": "b", "stages": ["raw_materials", "use"]}
        if draw.random() < 0.5:
            boundary = {"name": "b", "stages": ["raw_materials"], "beyond": ["use"]}
        if draw.random() < 0.5:
            boundary["stage_sites"] = {"use": {"region": draw.choice("AB"), "year": 2025}}
        two = [{"id": "x"}, {"id": "y"}]
        return header(
            product_id=product_id,
            declared_unit={"amount": draw.choice([0.5, 1, 2, 1000]), "unit": "kg"},
            plant_region=draw.choice("AB"),
            boundary=boundary,
            parts=parts,
            parameters=[
                {"id": "p", "amount": draw.choice([0.5, 1, 2])},
                {"id": "q", "amount": draw.choice([0.5, 1.5, 3])},
                {"id": "q_p", "formula": "p + q"},
                {"id": "zero", "amount": 0},
            ],
            choices=[
                {
                    "id": "salt",
                    "default": draw.choice(["brine", "rock"]),
                    "options": [{"id": "brine"}, {"id": "rock"}],
                },
                {"id": "kind", "default": "x", "options": two},
            ],
            intermediates=[
                {
                    "id": "mix",
                    "name": {"en": "mix", "zh": "混合物"},
                    "unit": "kg",
                    "region": draw.choice("AB"),
                }
            ],
        )

    def row(self, number: int, parts: list[dict[str, Any]]) -> dict[str, Any]:
        draw = self.random
        items = ["salt", "brine_salt", "rock_salt", *UNITS, *[each["id"] for each in parts] * 3]
        item = draw.choice(items)
        row = self.line(f"l{number}", item, "", UNITS.get(item, draw.choice(["kg", "g"])))
        if draw.random() < 0.2:
            row |= {"consumer_id": "mix", "stage": ""}
        else:
            row["stage"] = draw.choice(["raw_materials", "use"])
        if draw.random() < 0.7:
            row["formula"] = draw.choice(FORMULAS)
        else:
            row["amount"] = draw.choice([0, 1, 2.5])
        if draw.random() < 0.3:
            row |= {"choice": "kind", "option": draw.choice("xy")}
        return row

    def sites(self) -> list[dict[str, str]]:
        draw = self.random
        if draw.random() < 0.5:
            return []
        electricity = draw.choice(["", "own_pv"])
        site = {"known_from": "own", "note": "", "electricity": electricity}
        activity_id = draw.choice(["brine_salt", "rock_salt", "salt"])
        return [{**site, "activity_id": activity_id, "region": draw.choice("AB")}]


def changed(document: ProductDocument, changes: Mapping[str, Any]) -> ProductDocument:
    """Return a product whose header has other numbers and options by default."""
    content = copy.deepcopy(dict(document.header))
    for each in content["parameters"]:
        each["amount"] = changes.get(each["id"], each.get("amount"))
        if each["amount"] is None:
            del each["amount"]
    for each in content["choices"]:
        each["default"] = changes.get(each["id"], each["default"])
    return replace(document, header=content)


@pytest.mark.parametrize("seed", range(60))
def test_a_random_product_has_one_score(seed: int, salts: Dataset, line: MakeLine) -> None:
    products = Products(seed, line)
    document = products.document("m", products.random.choice([0, 1, 1, 2]))
    model = read_product_document(document, salts)
    assert score(model, salts) == pytest.approx(total(model, salts), rel=1e-9)
    draw = products.random
    numbers = {id_: draw.choice([0.25, 1, 4]) for id_ in draw.sample(["p", "q", "zero"], 2)}
    options = {"salt": draw.choice(["brine", "rock"]), "kind": draw.choice("xy")}
    other = read_product_document(changed(document, numbers | options), salts)
    changes = [{"parameter": id_, "amount": amount} for id_, amount in numbers.items()]
    changes += [{"choice": id_, "option": option} for id_, option in options.items()]
    expected = pytest.approx(total(other, salts), rel=1e-9)
    assert score(model, salts, changes=changes) == expected
