import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.canonical import sha256_hex
from chassis.errors import InvalidInput, Violation
from footprint.data.shipped import Example, load_dataset, load_example
from footprint.domain import errors
from footprint.domain.dataset import Dataset
from footprint.domain.product import ProductModel
from footprint.domain.product_content import canonical
from footprint.domain.product_rows import parse_product_model

MakeLine = Callable[..., dict[str, Any]]


def refusals(
    dataset: Dataset,
    *lines: dict[str, Any],
    header: dict[str, Any] | None = None,
    sites: tuple[dict[str, Any], ...] = (),
) -> list[Violation]:
    with pytest.raises(InvalidInput) as refused:
        parse_product_model(header or load_example().header, lines, sites, dataset)
    return list(refused.value.violations)


def one(violations: list[Violation], kind: type[Violation], where: str) -> Violation:
    """Return the only violation, after checking its type and place."""
    assert [(type(v), str(v.location)) for v in violations] == [(kind, where)]
    return violations[0]


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"unit": "stone"}, errors.UnknownUnit, "unit"),
        ({"unit": "kWh"}, errors.WrongDimension, "unit"),
        ({"unit": "kwh_capacity"}, errors.WrongDimension, "unit"),
        ({"input_id": "copper_fiol"}, errors.UnlinkedInput, "input_id"),
        ({"input_id": "lfp_battery_pack"}, errors.SelfLoop, "input_id"),
        ({"amount": -1}, errors.NegativeAmount, "amount"),
        ({"amount": "-1e-9"}, errors.NegativeAmount, "amount"),
        ({"amount": "1e999"}, errors.NonFiniteAmount, "amount"),
        ({"amount": "NaN"}, errors.NonFiniteAmount, "amount"),
        ({"amount": float("inf")}, errors.NonFiniteAmount, "amount"),
        ({"amount": 10**400}, errors.NonFiniteAmount, "amount"),
        ({"amount": "1.7e308", "unit": "t"}, errors.NonFiniteAmount, "amount"),
        ({"amount": "1_000"}, errors.NotANumber, "amount"),
        ({"amount": "1,5"}, errors.NotANumber, "amount"),
        ({"amount": "１"}, errors.NotANumber, "amount"),
        ({"amount": True}, errors.NotANumber, "amount"),
        ({"amount": ""}, errors.MissingField, "amount"),
        ({"unit": ""}, errors.MissingField, "unit"),
        ({"input_id": " "}, errors.MissingField, "input_id"),
        ({"input_id": 7}, errors.NotText, "input_id"),
        ({"stage": "use"}, errors.UnknownStage, "stage"),
        ({"stage": ""}, errors.MissingField, "stage"),
        ({"activity_data": "guess"}, errors.NotOneOf, "activity_data"),
        ({"licence": ""}, errors.MissingField, "licence"),
        ({"source_title": ""}, errors.MissingField, "source_title"),
        ({"confidence": ""}, errors.MissingField, "confidence"),
        ({"consumer_id": "cell"}, errors.UnlinkedInput, "consumer_id"),
        ({"uncertainty_type": "normal"}, errors.NotOneOf, "uncertainty_type"),
        ({"uncertainty_type": "lognormal"}, errors.MissingField, "gsd"),
        ({"quantity": "1"}, errors.UnknownField, "quantity"),
        ({"input_id": "x" * 129}, errors.UnfitText, "input_id"),
        ({"note": "x" * 1001}, errors.UnfitText, "note"),
        ({"note": "a\0b"}, errors.UnfitText, "note"),
        ({"note": "\ud800"}, errors.UnfitText, "note"),
        ({"uncertainty_type": "lognormal", "gsd": 0.9}, errors.BadUncertainty, "gsd"),
        ({"uncertainty_type": "triangular", "min": 2, "max": 3}, errors.BadUncertainty, "min"),
        ({"uncertainty_type": "triangular", "min": 0, "max": 0.5}, errors.BadUncertainty, "max"),
    ],
)
def test_a_bad_field_is_named_with_its_row_and_line(
    dataset: Dataset,
    line: MakeLine,
    change: dict[str, Any],
    kind: type[Violation],
    field: str,
) -> None:
    good = line("good", "lfp_cathode", 2, "kg")
    bad = line("bad", "copper_foil", 1, "kg") | change
    violation = one(refusals(dataset, good, bad), kind, f"lines row 2 (line bad), field {field}")
    assert field in violation.message("en")
    assert field in violation.message("zh")


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("assumptions", "assumption"),
        ("Own record", "own record"),
        ("own_record", "own record"),
        ("verified in source", "verified in source text"),
        ("compute", "computed"),
    ],
)
def test_a_mistyped_confidence_is_told_the_right_word(
    dataset: Dataset, line: MakeLine, example: Example, given: str, right: str
) -> None:
    source = {"id": "s", "title": "t", "year": 2025, "locator": "-", "doi_or_url": "-"}
    parameter = {"id": "a", "unit": "kg", "amount": 1, "source": "s", "confidence": given}
    added = {"sources": [{**source, "licence": "-"}], "parameters": [parameter]}
    found = refusals(
        dataset,
        line("p.1", "copper_foil", 1, "kg", confidence=given),
        header={**example.header, **added},
    )
    places = [(each.location.field, each.location.row) for each in found]
    assert ("parameters[0].confidence", None) in places
    assert ("confidence", 1) in places
    for each in (each for each in found if each.location.field.endswith("confidence")):
        assert each.code == "footprint.input.mistyped_confidence"
        for language in ("en", "zh"):
            assert repr(right) in each.message(language)


@pytest.mark.parametrize("word", ["measured", "estimated", "a record", "bounds assumed", "实测"])
def test_another_confidence_is_kept(
    dataset: Dataset, line: MakeLine, example: Example, word: str
) -> None:
    head = {**example.header, "intermediates": []}
    model = parse_product_model(
        head, [line("p.1", "copper_foil", 1, "kg", confidence=word)], [], dataset
    )
    assert model.lines[0].confidence == word


def test_the_bounds_of_an_amount_are_converted_with_it(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    bounds = {"uncertainty_type": "triangular", "min": "0.0083", "max": 0.031}
    row = line("a", "electricity_grid", 0.014, "MWh", **bounds)
    (found,) = parse_product_model(example.header, [row], [], dataset).lines
    assert found.amount == pytest.approx(14.0)
    assert found.uncertainty.minimum == pytest.approx(8.3)
    assert found.uncertainty.maximum == pytest.approx(31.0)


def test_a_note_may_have_several_lines(dataset: Dataset, line: MakeLine, example: Example) -> None:
    row = line("a", "copper_foil", 1, "kg", note="one\r\n\ttwo，三")
    (found,) = parse_product_model(example.header, [row], [], dataset).lines
    assert found.note == "one\r\n\ttwo，三"


def test_an_unlinked_input_suggests_the_closest(dataset: Dataset, line: MakeLine) -> None:
    violations = refusals(dataset, line("a", "lfp_cathod", 1, "kg"))
    assert violations[0].message().endswith("Did you mean lfp_cathode?")
    assert violations[0].message("zh").endswith("您是否指 lfp_cathode？")


def test_unlinked_rows_are_not_compared_with_thousands_of_parts(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    header = intermediate(example)
    (part,) = header["intermediates"]
    header["intermediates"] = [{**part, "id": f"part_{number}"} for number in range(200)]
    rows = [line("a", "part_0x", 1, "kg"), line("b", "part_199x", 1, "kg")]
    found = {
        v.location.id: v.closest
        for v in refusals(dataset, *rows, header=header)
        if isinstance(v, errors.UnlinkedInput)
    }
    assert found["a"] == "part_0"
    assert found["b"] != "part_199"


def test_a_line_id_used_twice_names_the_first_row(dataset: Dataset, line: MakeLine) -> None:
    rows = [line("a", "copper_foil", 1, "kg"), line("a", "copper_foil", 1, "kg")]
    violation = one(
        refusals(dataset, *rows), errors.Duplicate, "lines row 2 (line a), field line_id"
    )
    assert violation.attributes()["first_row"] == 1


def test_the_same_input_twice_is_no_duplicate(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    rows = [line("a", "copper_foil", 1, "kg"), line("b", "copper_foil", 1, "kg")]
    assert len(parse_product_model(example.header, rows, [], dataset).lines) == 2


def test_all_bad_rows_are_reported_together(dataset: Dataset, line: MakeLine) -> None:
    rows = [
        line("a", "nothing_like_it", -1, "stone"),
        line("b", "copper_foil", "x", "kWh"),
        line("c", "copper_foil", 1, "kg"),
        line("c", "copper_foil", 1, "kg"),
    ]
    found = {(v.location.row, v.location.field) for v in refusals(dataset, *rows)}
    assert found == {(1, "input_id"), (1, "amount"), (2, "amount"), (2, "unit"), (4, "line_id")}


def test_a_bill_of_materials_without_lines_is_refused(dataset: Dataset) -> None:
    assert isinstance(refusals(dataset)[0], errors.EmptyBillOfMaterials)


@pytest.mark.parametrize(
    ("amount", "kind"),
    [
        (0, errors.BadReferenceFlow),
        (-1, errors.BadReferenceFlow),
        ("0", errors.BadReferenceFlow),
        ("nan", errors.NonFiniteAmount),
        ("1e999", errors.NonFiniteAmount),
        ("", errors.MissingField),
        (None, errors.MissingField),
        ("one", errors.NotANumber),
    ],
)
def test_a_declared_unit_that_is_not_above_zero_is_refused(
    dataset: Dataset, line: MakeLine, example: Example, amount: object, kind: type[Violation]
) -> None:
    header = copy.deepcopy(example.header)
    header["declared_unit"]["amount"] = amount
    violations = refusals(dataset, line("a", "copper_foil", 1, "kg"), header=header)
    one(violations, kind, "line declared_unit, field amount")


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("format", "greenchain-product/9", errors.NotOneOf),
        ("product_id", "", errors.MissingField),
        ("product_id", "nmp", errors.TakenId),
        ("plant_region", "CN-XX", errors.UnknownRegion),
        ("intermediates", "cell", errors.NotAList),
        ("declared_unit", 1, errors.MissingField),
        ("name", None, errors.MissingField),
        ("colour", "green", errors.UnknownField),
    ],
)
def test_a_bad_field_of_the_header_is_named(
    dataset: Dataset,
    line: MakeLine,
    example: Example,
    field: str,
    value: object,
    kind: type[Violation],
) -> None:
    header = {**example.header, field: value}
    violations = refusals(dataset, line("a", "copper_foil", 1, "kg"), header=header)
    one(violations, kind, f"field {field}")


@pytest.mark.parametrize(
    ("boundary", "kind"),
    [
        ({"name": "gate", "stages": [], "beyond": ["raw_materials"]}, errors.MissingField),
        ({"name": "gate", "stages": ["raw_materials"] * 2, "beyond": []}, errors.Duplicate),
        ({"name": "gate", "stages": ["raw_materials", "x" * 129], "beyond": []}, errors.UnfitText),
        (
            {"name": "gate", "stages": ["raw_materials", *map(str, range(50))], "beyond": []},
            errors.TooMany,
        ),
    ],
)
def test_a_boundary_without_or_with_double_stages_is_refused(
    dataset: Dataset,
    line: MakeLine,
    example: Example,
    boundary: dict[str, Any],
    kind: type[Violation],
) -> None:
    header = {**example.header, "boundary": boundary}
    violations = refusals(dataset, line("a", "copper_foil", 1, "kg"), header=header)
    one(violations, kind, "line boundary, field stages")


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"region": "CN-XX"}, errors.UnknownRegion, "region"),
        ({"activity_id": "lfp_cathod"}, errors.UnlinkedInput, "activity_id"),
        ({"activity_id": "electricity_pv_cn_2023"}, errors.SiteWithoutEffect, "activity_id"),
        ({"known_from": "hearsay"}, errors.NotOneOf, "known_from"),
    ],
)
def test_a_bad_site_is_named_with_its_row(
    dataset: Dataset,
    line: MakeLine,
    change: dict[str, str],
    kind: type[Violation],
    field: str,
) -> None:
    site = {"activity_id": "lfp_cathode", "region": "CN-SC", "known_from": "own", "note": ""}
    violations = refusals(dataset, line("a", "copper_foil", 1, "kg"), sites=(site | change,))
    one(violations, kind, f"sites row 1, field {field}")


def intermediate(example: Example, **changes: object) -> dict[str, Any]:
    part = {"id": "cell", "name": {"en": "cell", "zh": "电芯"}, "unit": "kg"} | changes
    return {**example.header, "intermediates": [part]}


def test_an_intermediate_without_lines_is_refused(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    violations = refusals(dataset, line("a", "cell", 1, "kg"), header=intermediate(example))
    one(violations, errors.UnlinkedIntermediate, "intermediates row 1 (line cell), field id")


def test_parts_that_only_consume_each_other_are_refused(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    header = intermediate(example)
    header["intermediates"].append({**header["intermediates"][0], "id": "module"})
    rows = [
        line("a", "lfp_cathode", 1, "kg"),
        line("b", "module", 0.5, "kg", consumer_id="cell", stage=""),
        line("c", "cell", 0.5, "kg", consumer_id="module", stage=""),
        line("d", "copper_foil", 1, "kg", consumer_id="module", stage=""),
    ]
    violations = refusals(dataset, *rows, header=header)
    assert [(type(v), v.location.id) for v in violations] == [
        (errors.UnlinkedIntermediate, "cell"),
        (errors.UnlinkedIntermediate, "module"),
    ]


def test_an_intermediate_twice_names_the_first(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    header = intermediate(example)
    header["intermediates"] *= 2
    rows = [
        line("a", "cell", 1, "kg"),
        line("b", "copper_foil", 1, "kg", consumer_id="cell", stage=""),
    ]
    violation = one(
        refusals(dataset, *rows, header=header), errors.Duplicate, "intermediates row 2, field id"
    )
    assert violation.attributes()["first_row"] == 1


def test_a_line_of_an_intermediate_has_no_stage(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    rows = [line("a", "cell", 1, "kg"), line("b", "copper_foil", 1, "kg", consumer_id="cell")]
    violations = refusals(dataset, *rows, header=intermediate(example))
    one(violations, errors.StageOfIntermediate, "lines row 2 (line b), field stage")


def test_an_intermediate_that_consumes_itself_is_refused(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    rows = [
        line("a", "cell", 1, "kg"),
        line("b", "cell", 1, "kg", consumer_id="cell", stage=""),
    ]
    violations = refusals(dataset, *rows, header=intermediate(example))
    one(violations, errors.SelfLoop, "lines row 2 (line b), field input_id")


def test_an_intermediate_of_unknown_unit_is_reported_once(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    rows = [
        line("a", "cell", 1, "kg"),
        line("b", "copper_foil", 1, "kg", consumer_id="cell", stage=""),
    ]
    violations = refusals(dataset, *rows, header=intermediate(example, unit="stone"))
    one(violations, errors.UnknownUnit, "intermediates row 1, field unit")


def test_amounts_are_converted_to_the_unit_of_the_input(
    dataset: Dataset, line: MakeLine, example: Example
) -> None:
    rows = [line("a", "copper_foil", "0.002", "t"), line("b", "heat_natural_gas", 1, "kWh")]
    model = parse_product_model(example.header, rows, [], dataset)
    assert [parsed.amount for parsed in model.lines] == pytest.approx([2.0, 3.6], rel=1e-15)


def test_equal_models_have_equal_hashes(pack: ProductModel, example: Example) -> None:
    header = json.loads(json.dumps(example.header))
    again = parse_product_model(header, example.lines, example.sites, load_dataset())
    assert sha256_hex(canonical(pack)) == sha256_hex(canonical(again))


def test_a_changed_amount_changes_the_hash(pack: ProductModel, example: Example) -> None:
    lines = [{**example.lines[0], "amount": "2.2"}, *example.lines[1:]]
    other = parse_product_model(example.header, lines, example.sites, load_dataset())
    assert sha256_hex(canonical(pack)) != sha256_hex(canonical(other))


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["line_id", "amount", "unit", "input_id", "x"]), anything))
def test_whatever_a_row_holds_is_read_or_refused(row: dict[str, Any]) -> None:
    example = load_example()
    with pytest.raises(InvalidInput):
        parse_product_model(example.header, [row], [], load_dataset())


@given(
    st.dictionaries(
        st.sampled_from(["name", "declared_unit", "boundary", "intermediates", "plant_region"]),
        anything,
        min_size=1,
    )
)
def test_whatever_a_header_holds_is_read_or_refused(change: dict[str, Any]) -> None:
    example = load_example()
    with contextlib.suppress(InvalidInput):
        parse_product_model({**example.header, **change}, example.lines, [], load_dataset())
