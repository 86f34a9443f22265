"""Products with parameters, choices, parts and stages at other places, computed by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from services.footprint.tests.textbook_salts import header, score, total

from chassis.errors import InvalidInput, Violation
from footprint.domain.dataset import Dataset, Retirement
from footprint.domain.inventory_model_rows import parse_inventory_model
from footprint.domain.linking import link_product
from footprint.domain.product_inventory import product_inventory
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import parse_product_model, read_product_document
from footprint.domain.provenance import Ground, RowsOf

MakeLine = Callable[..., dict[str, Any]]


def violations(*arguments: Any) -> tuple[Violation, ...]:
    with pytest.raises(InvalidInput) as refused:
        parse_product_model(*arguments)
    return refused.value.violations


SALTED = {"parameters": [{"id": "salted", "amount": 2}, {"id": "more", "formula": "salted * 3"}]}


def test_an_amount_is_computed_from_parameters_and_converted(
    salts: Dataset, line: MakeLine
) -> None:
    rows = [line("1", "salt", "", "g", formula="more * 1000")]
    model = parse_product_model(header(**SALTED), rows, [], salts)
    assert model.lines[0].amount == pytest.approx(6.0)  # kg
    # 6 kg of brine salt, 1 kWh each, in A: 6 · 0.5
    assert total(model, salts) == pytest.approx(3.0)


def test_a_choice_called_like_a_reference_takes_the_route(salts: Dataset, line: MakeLine) -> None:
    choice = {"id": "salt", "default": "rock", "options": [{"id": "brine"}, {"id": "rock"}]}
    model = parse_product_model(header(choices=[choice]), [line("1", "salt", 1, "kg")], [], salts)
    assert total(model, salts) == pytest.approx(4 * 0.5)


def test_a_site_of_a_reference_is_that_of_whichever_route_is_taken(
    salts: Dataset, line: MakeLine
) -> None:
    site = {"activity_id": "salt", "region": "B", "known_from": "own", "note": ""}
    model = parse_product_model(header(), [line("1", "salt", 1, "kg")], [site], salts)
    assert total(model, salts) == pytest.approx(0.1)


@pytest.mark.parametrize(("location", "factor"), [("B", 0.1), ("GLO", 0.5)])
def test_without_a_site_an_activity_stands_where_the_dataset_has_it(
    salts: Dataset, line: MakeLine, location: str, factor: float
) -> None:
    lake = replace(salts.activities["brine_salt"], location=location)
    dataset = replace(salts, activities={**salts.activities, "brine_salt": lake})
    model = parse_product_model(header(), [line("1", "brine_salt", 1, "kg")], [], dataset)
    assert total(model, dataset) == pytest.approx(factor)  # No market for GLO: the default region.


def test_a_site_may_have_an_electricity_of_its_own(salts: Dataset, line: MakeLine) -> None:
    site = {"activity_id": "brine_salt", "region": "B", "known_from": "own", "note": ""}
    rows = [line("1", "brine_salt", 1, "kg")]
    model = parse_product_model(header(), rows, [{**site, "electricity": "own_pv"}], salts)
    assert total(model, salts) == pytest.approx(0.03)


def test_electricity_of_a_site_must_be_electricity(salts: Dataset, line: MakeLine) -> None:
    site = {"activity_id": "brine_salt", "region": "B", "known_from": "own", "note": ""}
    rows = [line("1", "brine_salt", 1, "kg")]
    found = violations(header(), rows, [{**site, "electricity": "rock_salt"}], salts)
    assert [each.location.field for each in found] == ["electricity"]


def test_an_option_like_none_is_told_those_that_there_are(salts: Dataset, line: MakeLine) -> None:
    choice = {"id": "salt", "default": "sea", "options": [{"id": "brine"}, {"id": "rock"}]}
    (found,) = violations(header(choices=[choice]), [line("1", "salt", 1, "kg")], [], salts)
    assert found.message("en").endswith("there is no option 'sea'. Use one of: brine, rock.")
    assert found.message("zh").endswith("请使用以下之一：brine、rock。")


def test_a_line_counts_only_with_its_option(salts: Dataset, line: MakeLine) -> None:
    choice = {"id": "kind", "default": "small", "options": [{"id": "small"}, {"id": "large"}]}
    rows = [
        line("1", "brine_salt", 1, "kg", choice="kind", option="small"),
        line("2", "brine_salt", 10, "kg", choice="kind", option="large"),
    ]
    small = parse_product_model(header(choices=[choice]), rows, [], salts)
    large = parse_product_model(header(choices=[{**choice, "default": "large"}]), rows, [], salts)
    assert total(small, salts) == pytest.approx(0.5)
    assert total(large, salts) == pytest.approx(5.0)


def test_a_stage_may_be_elsewhere_and_in_another_year(salts: Dataset, line: MakeLine) -> None:
    boundary = header()["boundary"] | {"stage_sites": {"use": {"region": "A", "year": 2025}}}
    rows = [
        line("1", "grid", 1, "kWh"),  # at the plant, B in 2024
        line("2", "grid", 1, "kWh", stage="use"),  # A in 2025
    ]
    model = parse_product_model(header(boundary=boundary), rows, [], salts)
    assert total(model, salts) == pytest.approx(0.1 + 0.4)


def test_one_year_holds_for_the_whole_chain(salts: Dataset, line: MakeLine) -> None:
    rows = [line("1", "grid", 1, "kWh"), line("2", "salt", 1, "kg")]
    model = parse_product_model(header(electricity_year=2025), rows, [], salts)
    assert total(model, salts) == pytest.approx(0.05 + 0.4)


def test_a_year_without_markets_is_refused_where_it_stands(salts: Dataset, line: MakeLine) -> None:
    found = violations(header(electricity_year=1999), [line("1", "grid", 1, "kWh")], [], salts)
    assert {each.location.field for each in found} == {"electricity_year", "plant_region"}


def test_a_retired_activity_is_told_its_successor(salts: Dataset, line: MakeLine) -> None:
    (found,) = violations(header(), [line("1", "sea_salt", 1, "kg")], [], salts)
    assert found.code == "footprint.input.retired"
    assert "'salt'" in found.message("en")
    assert "按路线区分" in found.message("zh")


@pytest.mark.parametrize(
    ("change", "row", "field"),
    [
        ({}, {"formula": "2 * nothing"}, "formula"),
        ({}, {"formula": "2 *"}, "formula"),
        ({}, {"formula": "1 / (salted - 2)"}, "formula"),
        ({}, {"formula": "-salted"}, "formula"),
        ({}, {"formula": "salted", "amount": 3}, "formula"),
        ({}, {"formula": "salted", "unit": "kWh"}, "unit"),
        ({}, {"amount": 1, "choice": "nothing", "option": "a"}, "choice"),
        ({}, {"amount": 1, "choice": "", "option": "a"}, "choice"),
        (
            {},
            {"formula": "salted", "uncertainty_type": "triangular", "min": 1, "max": 3},
            "uncertainty_type",
        ),
        (
            {"equivalents": [{"id": "box", "unit": "piece", "formula": "nothing"}]},
            {"amount": 1},
            "equivalents[0].formula",
        ),
        (
            {"choices": [{"id": "salt", "default": "sea", "options": [{"id": "sea"}]}]},
            {"amount": 1},
            "choices[0].options",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_where_it_stands(
    salts: Dataset,
    line: MakeLine,
    change: dict[str, Any],
    row: dict[str, Any],
    field: str,
) -> None:
    rows = [line("1", "salt", "", "kg") | row]
    found = violations(header(**SALTED, **change), rows, [], salts)
    assert field in [each.location.field for each in found]


# --------------------------------------------------------------------------------------- parts


def salted_part(line: MakeLine) -> ProductDocument:
    """Return a part that takes `salted` kg of salt per kg of it, and is thrown away."""
    lines = [
        line("1", "salt", "", "kg", formula="salted"),
        line("2", "salt", 100, "kg", stage="end_of_life"),
    ]
    boundary = {"name": "gate", "stages": ["raw_materials"], "beyond": ["end_of_life"]}
    of = header(
        product_id="filling",
        declared_unit={"amount": 2, "unit": "kg"},
        boundary=boundary,
        plant_region="A",
        parameters=[{"id": "salted", "amount": 1, "uncertainty": {"type": "lognormal", "gsd": 2}}],
        choices=[{"id": "salt", "default": "brine", "options": [{"id": "brine"}, {"id": "rock"}]}],
    )
    site = {"activity_id": "salt", "region": "B", "known_from": "own", "note": ""}
    return ProductDocument(of, lines, [site])


def filled(line: MakeLine, **more: Any) -> ProductDocument:
    part = {"id": "inside", "product_id": "filling", **more}
    lines = [line("1", "inside", 6, "kg"), line("2", "salt", 1, "kg")]
    of = header(parts=[part], parameters=[{"id": "taste", "amount": 5}])
    return ProductDocument(of, lines, [], {"filling": salted_part(line)})


def test_a_part_is_computed_by_its_own_model_inside_its_own_boundary(
    salts: Dataset, line: MakeLine
) -> None:
    model = read_product_document(filled(line), salts)
    # 6 kg are 3 declared units of 2 kg, each 1 kg of brine salt made in B; the pan's own salt in A.
    assert total(model, salts) == pytest.approx(3 * 1 * 0.1 + 0.5)


def test_the_outer_product_sets_parameters_and_choices_of_a_part(
    salts: Dataset, line: MakeLine
) -> None:
    part = {"parameters": {"salted": "taste * 2"}, "choices": {"salt": "rock"}}
    model = read_product_document(filled(line, **part), salts)
    assert total(model, salts) == pytest.approx(3 * 10 * 4 * 0.1 + 0.5)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"parameters": {"sweet": "1"}}, "parts[0].parameters.sweet"),
        ({"parameters": {"salted": "sweet"}}, "parts[0].parameters.salted"),
        ({"choices": {"pepper": "black"}}, "parts[0].choices.pepper"),
        ({"product_id": "nothing"}, "parts[0].product_id"),
        ({"id": "salt"}, "parts[0].id"),
    ],
)
def test_a_part_that_does_not_fit_is_refused_where_it_stands(
    salts: Dataset, line: MakeLine, part: dict[str, Any], field: str
) -> None:
    document = filled(line, **part)
    with pytest.raises(InvalidInput) as refused:
        read_product_document(document, salts)
    assert field in [each.location.field for each in refused.value.violations]


def test_what_is_wrong_in_a_part_says_in_which(salts: Dataset, line: MakeLine) -> None:
    inner = salted_part(line)
    wrong = replace(inner, lines=[line("1", "pepper", 1, "kg")])
    document = replace(filled(line), parts={"filling": wrong})
    with pytest.raises(InvalidInput) as refused:
        read_product_document(document, salts)
    assert refused.value.violations[0].location.table == "inside: lines"


def test_a_part_that_no_line_takes_is_refused(salts: Dataset, line: MakeLine) -> None:
    document = filled(line)
    without = replace(document, lines=[line("2", "salt", 1, "kg")])
    with pytest.raises(InvalidInput) as refused:
        read_product_document(without, salts)
    assert [each.code for each in refused.value.violations] == ["footprint.bom.unused_part"]


def test_parts_that_multiply_are_refused_before_they_are_read(
    salts: Dataset, line: MakeLine
) -> None:
    document = salted_part(line)
    for level in range(4):
        parts = [{"id": f"p{n}", "product_id": f"level{level}"} for n in range(20)]
        of = header(product_id=f"level{level + 1}", parts=parts)
        lines = [line(f"{n}", f"p{n}", 1, "kg") for n in range(20)]
        document = ProductDocument(of, lines, [], {f"level{level}": document})
    with pytest.raises(InvalidInput) as refused:
        read_product_document(document, salts)
    assert {each.code for each in refused.value.violations} == {"footprint.input.too_many"}


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": [5, {"id": "salted", "amount": 1}]},
        {"parameters": [{"id": []}, {"id": "salted", "amount": 1}]},
        {"choices": [{"id": "salt", "options": [{}]}]},
        {"choices": [5]},
        {"choices": [{"id": []}]},
    ],
)
def test_a_part_that_is_no_product_is_refused(
    salts: Dataset, line: MakeLine, change: dict[str, Any]
) -> None:
    inner = salted_part(line)
    odd = replace(inner, header={**inner.header, **change})
    part = {"parameters": {"salted": "taste"}, "choices": {"salt": "rock"}}
    document = replace(filled(line, **part), parts={"filling": odd})
    with pytest.raises(InvalidInput):
        read_product_document(document, salts)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"parameters": {"salted": "1 / (taste - 5)"}}, "parts[0].parameters.salted"),
        ({"choices": {"salt": "sea"}}, "parts[0].choices.salt"),
    ],
)
def test_what_is_set_of_a_part_is_told_where_it_is_set(
    salts: Dataset, line: MakeLine, part: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_product_document(filled(line, **part), salts)
    assert field in [each.location.field for each in refused.value.violations]


def test_a_computed_amount_is_as_sure_as_the_least_sure_number_in_it(
    salts: Dataset, line: MakeLine
) -> None:
    meters = {"id": "meters", "title": "Our meters", "year": 2025, "locator": "page 3"}
    parameters = [
        {"id": "own", "amount": 2, "source": "meters", "confidence": "own record"},
        {"id": "guess", "amount": 3, "confidence": "assumption"},
        {"id": "both", "formula": "own * guess"},
    ]
    certain = {"confidence": "verified in source text"}
    rows = [
        line("1", "salt", "", "kg", formula="own") | certain,
        line("2", "rock_salt", "", "kg", formula="both") | certain,
        line("3", "grid", "", "kWh", formula="guess", activity_data="own_plant") | certain,
    ]
    of = header(parameters=parameters, sources=[meters])
    system = link_product(parse_product_model(of, rows, [], salts), salts, "gwp")
    found = {link.line_id: RowsOf(system, salts).of(link) for link in system.links}
    grounds = {id_: found[id_].ground for id_ in "123"}  # type: ignore[union-attr]
    assert grounds == {"1": Ground.VERIFIED, "2": Ground.ASSUMPTION, "3": Ground.PRIMARY}
    (own,) = found["1"].parameters  # type: ignore[union-attr]
    assert (own.value, own.source and own.source.title) == (2.0, "Our meters")
    assert [each.id for each in found["2"].parameters] == ["own", "guess"]  # type: ignore[union-attr]


def test_what_an_outer_product_sets_rests_on_its_own_numbers(
    salts: Dataset, line: MakeLine
) -> None:
    document = filled(line, parameters={"salted": "taste * 2"})
    system = link_product(read_product_document(document, salts), salts, "gwp")
    (link,) = (each for each in system.links if each.line_id == "inside/1")
    (taste,) = link.origin.parameters
    assert (taste.id, taste.value) == ("taste", 5.0)


# ----------------------------------------------------------------------------------- instances


def test_an_activity_at_two_kinds_of_places_is_two_processes(
    salts: Dataset, line: MakeLine
) -> None:
    site = {"activity_id": "salt", "region": "A", "known_from": "own", "note": ""}
    rows = [line("1", "salt", 1, "kg"), line("2", "brine_salt", 1, "kg")]
    for given in (rows, rows[::-1]):
        model = parse_product_model(header(), given, [{**site, "electricity": "own_pv"}], salts)
        assert total(model, salts) == pytest.approx(0.03 + 0.5)


@pytest.mark.parametrize("electricity", ["grid", "steam"])
def test_a_site_takes_its_electricity_from_what_supplies_it(
    salts: Dataset, line: MakeLine, electricity: str
) -> None:
    site = {"activity_id": "brine_salt", "region": "B", "known_from": "own", "note": ""}
    rows = [line("1", "brine_salt", 1, "kg")]
    found = violations(header(), rows, [{**site, "electricity": electricity}], salts)
    assert [each.location.field for each in found] == ["electricity"]


@pytest.mark.parametrize("product_id", ["power_a@A", "brine_salt@A", "pan/use"])
def test_a_product_may_be_called_like_a_process(
    salts: Dataset, line: MakeLine, product_id: str
) -> None:
    rows = [line("1", "brine_salt", 1, "kg"), line("2", "co2", 1, "kg")]
    model = parse_product_model(header(product_id=product_id), rows, [], salts)
    assert total(model, salts) == pytest.approx(1.5)


def test_a_line_may_be_called_like_a_row_of_the_dataset(salts: Dataset, line: MakeLine) -> None:
    choice = {"id": "kind", "default": "small", "options": [{"id": "small"}, {"id": "large"}]}
    rows = [
        line("brine_salt.grid", "grid", 7, "kWh", choice="kind", option="large"),
        line("stage.raw_materials", "brine_salt", "", "kg", formula="1 + 1"),
        line("route.1", "rock_salt", "", "kg", formula="1 * 1"),
        line("a/1", "co2", 1, "kg"),
    ]
    model = parse_product_model(header(choices=[choice]), rows, [], salts)
    assert total(model, salts) == pytest.approx(2 * 0.5 + 4 * 0.5 + 1)
    assert score(model, salts) == pytest.approx(4.0, rel=1e-12)


def test_a_model_that_names_what_a_newer_dataset_lacks_says_so(
    salts: Dataset, line: MakeLine
) -> None:
    model = parse_product_model(header(), [line("1", "brine_salt", 1, "kg")], [], salts)
    successor = Retirement("brine_salt", "rock_salt", "2", "Closed.", "已停产。")
    kept = {id_: each for id_, each in salts.activities.items() if id_ != "brine_salt"}
    newer = replace(salts, activities=kept, retired={"brine_salt": successor})
    with pytest.raises(InvalidInput) as refused:
        link_product(model, newer, "gwp")
    (found,) = refused.value.violations
    assert (found.code, found.location.id) == ("footprint.input.retired", "1")
    far = replace(salts, markets={("A", 2024): salts.markets["A", 2024]})
    with pytest.raises(InvalidInput) as refused:
        link_product(model, far, "gwp")
    assert [each.location.field for each in refused.value.violations] == ["plant_region"]


# ------------------------------------------------------------------------- as inventory models


def test_the_inventory_model_of_a_product_has_its_score_and_its_choices(
    salts: Dataset, line: MakeLine
) -> None:
    part = {"parameters": {"salted": "taste * 2"}}
    model = read_product_document(filled(line, **part), salts)
    parsed = parse_inventory_model(product_inventory(model, salts, {"gwp"}))
    assert parsed.parameter_values() == {"taste": 5.0, "inside__salted": 10.0}
    assert parsed.default_options() == {"inside__salt": "brine"}
    assert {(s.id, *s.choices.items()) for s in parsed.scenarios} == {
        ("inside__salt=rock", ("inside__salt", "rock"))
    }
    assert score(model, salts) == pytest.approx(3 * 10 * 0.1 + 0.5, rel=1e-12)
    rock = {"changes": [{"choice": "inside__salt", "option": "rock"}]}
    assert score(model, salts, **rock) == pytest.approx(3 * 10 * 4 * 0.1 + 0.5, rel=1e-12)
    bland = {"changes": [{"parameter": "taste", "amount": 1}]}
    assert score(model, salts, **bland) == pytest.approx(3 * 2 * 0.1 + 0.5, rel=1e-12)


def test_an_amount_that_is_zero_by_default_is_divided_as_others_are(
    salts: Dataset, line: MakeLine
) -> None:
    document = filled(line)
    lines = [line("1", "inside", "", "kg", formula="taste - 5"), line("2", "salt", 1, "kg")]
    model = read_product_document(replace(document, lines=lines), salts)
    six = {"changes": [{"parameter": "taste", "amount": 11}]}
    assert score(model, salts, **six) == pytest.approx(3 * 0.1 + 0.5, rel=1e-12)


def test_uncertainty_goes_with_the_amount(salts: Dataset, line: MakeLine) -> None:
    document = filled(line)
    varies = {"uncertainty_type": "triangular", "min": 2, "max": 8}
    zero = {"uncertainty_type": "lognormal", "gsd": 2, "formula": "taste - 5"}
    lines = [line("1", "inside", 6, "kg") | varies, line("2", "salt", "", "kg") | zero]
    model = read_product_document(replace(document, lines=lines), salts)
    parsed = parse_inventory_model(product_inventory(model, salts, {"gwp"}))
    (part,) = (e for e in parsed.exchanges() if e.item == "inside/filling" and e.activity != e.item)
    assert part.amount.uncertainty is not None
    # A declared unit of the part is 2 kg.
    assert (part.amount.uncertainty.minimum, part.amount.uncertainty.maximum) == (1.0, 4.0)
    (salt,) = (e for e in parsed.exchanges() if e.id == "pan/raw_materials: 2")
    assert salt.amount.uncertainty is not None
    bound = next(each for each in parsed.parameters if each.id == "inside__salted")
    assert bound.amount.uncertainty is not None
    set_ = filled(line, parameters={"salted": "taste"})
    again = read_product_document(set_, salts)
    parsed = parse_inventory_model(product_inventory(again, salts, {"gwp"}))
    bound = next(each for each in parsed.parameters if each.id == "inside__salted")
    assert bound.amount.uncertainty is None


def test_a_choice_may_leave_routes_out(salts: Dataset, line: MakeLine) -> None:
    choice = {"id": "salt", "default": "rock", "options": [{"id": "rock"}]}
    model = parse_product_model(header(choices=[choice]), [line("1", "salt", 1, "kg")], [], salts)
    assert score(model, salts) == pytest.approx(2.0, rel=1e-12)


def test_names_that_would_coincide_or_be_too_long_are_told_apart(
    salts: Dataset, line: MakeLine
) -> None:
    document = filled(line)
    part = document.header["parts"][0]
    parts = [part | {"id": id_} for id_ in ("a-b", "a_b", "2nd", "甲", "乙")]
    lines = [line(f"{n}" * 60, each["id"], 2, "kg") for n, each in enumerate(parts)]
    of = {**document.header, "parts": parts, "product_id": "p" * 110}
    model = read_product_document(replace(document, header=of, lines=lines), salts)
    assert score(model, salts) == pytest.approx(5 * 0.1, rel=1e-12)
