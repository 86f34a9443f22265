"""Other units of a product: each has an id of its own and a number of declared units."""

from typing import Any

import pytest
from services.footprint.tests.textbook_pan import pan_dataset, pan_document

from chassis.errors import InvalidInput, Violation
from footprint.domain.product_rows import read_product_document


def parameter(id_: str, **given: Any) -> dict[str, Any]:
    name = {"en": id_, "zh": id_}
    return {"id": id_, "name": name, "unit": "piece", "confidence": "assumption", **given}


def equivalent(id_: str, **given: Any) -> dict[str, Any]:
    return {"id": id_, "name": {"en": id_, "zh": id_}, "unit": "piece", **given}


def violations(*equivalents: dict[str, Any]) -> tuple[Violation, ...]:
    parameters = [parameter("per_box", amount=12), parameter("returned", amount=0)]
    document = pan_document(equivalents=list(equivalents), parameters=parameters)
    try:
        read_product_document(document, pan_dataset())
    except InvalidInput as refused:
        return refused.violations
    return ()


def test_a_box_is_twelve_pans() -> None:
    assert violations(equivalent("box", formula="per_box"), equivalent("pair", amount=2)) == ()


def test_the_same_id_twice_is_refused_with_its_first_place() -> None:
    (found,) = violations(equivalent("box", formula="per_box"), equivalent("box", amount=2))
    assert (found.location.field, found.code) == ("equivalents[1].id", "footprint.model.duplicate")
    assert "already stands at equivalents[0]" in found.message()


@pytest.mark.parametrize(
    "given",
    [
        {"formula": "per_box / returned"},
        {"formula": "returned"},
        {"formula": "-per_box"},
        {"formula": "per_box ** 1000"},
        {"amount": 0},
        {"amount": -1},
    ],
)
def test_what_is_no_number_above_zero_is_refused_where_it_stands(given: dict[str, Any]) -> None:
    (found,) = violations(equivalent("pair", amount=2), equivalent("box", **given))
    (field,) = given
    assert found.location.field == f"equivalents[1].{field}"
    assert found.code == "footprint.product.unfit_equivalent"
    assert found.message("zh") != found.message("en")


def test_a_formula_of_an_unknown_parameter_is_told_once() -> None:
    (found,) = violations(equivalent("box", formula="per_bax"))
    assert found.code == "footprint.model.unknown_reference"
