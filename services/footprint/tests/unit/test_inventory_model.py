import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidInput, Violation
from footprint.domain import errors
from footprint.domain import inventory_model_errors as model_errors
from footprint.domain.inventory_model import Amount, Direction, InventoryModel, Uncertainty
from footprint.domain.inventory_model import UncertaintyKind as Kind
from footprint.domain.inventory_model_rows import parse_inventory_model

Change = Callable[[dict[str, Any]], object]


def document() -> dict[str, Any]:
    """Return cells whose yield is uncertain, by one of two routes, with scrap and its treatment."""
    return {
        "format": "greenchain-inventory/1",
        "id": "cells",
        "name": {"en": "Cells", "zh": "电芯"},
        "sources": [{"id": "own", "title": "Own meters", "year": 2025}],
        "products": [
            {"id": "cell", "unit": "kWh"},
            {"id": "electricity", "unit": "kWh"},
            {"id": "hydropower", "unit": "kWh"},
            {"id": "scrap", "unit": "kg"},
        ],
        "flows": [{"id": "co2", "unit": "kg", "compartment": "air"}, {"id": "ch4", "unit": "kg"}],
        "methods": [
            {
                "id": "gwp100",
                "unit": "kg CO2e",
                "factors": [{"flow": "co2", "amount": 1}, {"flow": "ch4", "amount": 29.8}],
            }
        ],
        "parameters": [
            {"id": "drying", "formula": "heat / good"},
            {"id": "heat", "amount": 6, "unit": "kWh"},
            {
                "id": "good",
                "amount": 0.9,
                "uncertainty": {"type": "triangular", "min": 0.8, "max": 0.95},
                "source": "own",
            },
        ],
        "choices": [
            {
                "id": "route",
                "options": [{"id": "wet", "probability": 0.75}, {"id": "dry", "probability": 0.25}],
                "default": "wet",
            }
        ],
        "activities": [
            {
                "id": "coating",
                "product": "cell",
                "stage": "manufacturing",
                "site": "Yibin",
                "province": "CN-SC",
                "outputs": [{"product": "cell", "amount": 1}, {"product": "scrap", "amount": 0.1}],
                "inputs": [
                    {
                        "product": "electricity",
                        "formula": "drying + 4",
                        "uncertainty": {"type": "lognormal", "gsd": 1.1},
                        "when": {"choice": "route", "option": "wet"},
                        "source": "own",
                        "confidence": "metered",
                    },
                    {
                        "product": "electricity",
                        "amount": 4,
                        "when": {"choice": "route", "option": "dry"},
                    },
                ],
                "emissions": [{"flow": "co2", "amount": 0.5}],
            },
            {
                "id": "grid",
                "product": "electricity",
                "background": True,
                "outputs": [{"product": "electricity", "amount": 1}],
                "emissions": [
                    {
                        "id": "stack",
                        "flow": "co2",
                        "amount": 0.6,
                        "uncertainty": {"type": "normal", "sd": 0.05},
                    }
                ],
            },
            {
                "id": "dam",
                "product": "hydropower",
                "outputs": [{"product": "hydropower", "amount": 1}],
            },
            {
                "id": "recycling",
                "product": "scrap",
                "outputs": [{"product": "scrap", "amount": -1}],
                "inputs": [
                    {
                        "product": "electricity",
                        "amount": 2,
                        "uncertainty": {"type": "uniform", "min": 1, "max": 3},
                    }
                ],
            },
        ],
        "demand": {"product": "cell", "amount": 10},
        "scenarios": [
            {
                "id": "better",
                "name": {"en": "Better yield, at the dam", "zh": "提高良率并改用水电"},
                "changes": [
                    {"parameter": "good", "amount": 0.95},
                    {"choice": "route", "option": "dry"},
                    {"exchange": "coating.electricity.2", "product": "hydropower"},
                    {"exchange": "stack", "amount": 0.3},
                ],
            }
        ],
    }


def refusals(found: object) -> list[Violation]:
    with pytest.raises(InvalidInput) as refused:
        parse_inventory_model(found)
    violations = list(refused.value.violations)
    for violation in violations:
        assert violation.message("en")
        assert violation.message("zh")
    return violations


def places(found: object) -> list[tuple[type[Violation], str]]:
    return [(type(violation), violation.location.field) for violation in refusals(found)]


def changed(change: Change) -> dict[str, Any]:
    found = document()
    change(found)
    return found


def put(path: str, value: Any) -> Change:
    """Return a change that sets, e.g., ``activities.0.inputs.1.amount``."""

    def change(found: dict[str, Any]) -> None:
        at: Any = found
        *before, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in before:
            at = at[step]
        at[last] = value

    return change


def exchanges(model: InventoryModel) -> dict[str, Any]:
    return {exchange.id: exchange for exchange in model.exchanges()}


def test_a_document_is_read_as_it_stands() -> None:
    model = parse_inventory_model(document())
    assert (model.id, model.name.zh, model.sources[0].year) == ("cells", "电芯", 2025)
    assert [product.unit for product in model.products] == ["kWh", "kWh", "kWh", "kg"]
    assert [factor.id for factor in model.methods[0].factors] == ["gwp100.co2", "gwp100.ch4"]
    assert model.parameters[2].amount == Amount(
        0.9, Uncertainty(Kind.TRIANGULAR, minimum=0.8, maximum=0.95)
    )
    assert model.choices[0].probabilities == {"wet": 0.75, "dry": 0.25}
    assert [activity.background for activity in model.activities] == [False, True, False, False]
    assert model.activities[0].province == "CN-SC"
    assert (model.demand.product, model.demand.amount) == ("cell", 10.0)
    metered = exchanges(model)["coating.electricity"]
    assert (metered.source, metered.confidence, metered.when) == (
        "own",
        "metered",
        ("route", "wet"),
    )
    assert exchanges(model)["recycling.scrap"].amount == Amount(-1.0)
    assert exchanges(model)["stack"].direction is Direction.EMISSION


def test_exchanges_without_an_id_are_named_by_what_they_join_and_counted() -> None:
    found = document()
    # Somebody else already has the name that the first one would get.
    found["activities"][3]["inputs"][0]["id"] = "coating.electricity"
    assert list(exchanges(parse_inventory_model(found)))[:5] == [
        "coating.cell",
        "coating.scrap",
        "coating.electricity.2",
        "coating.electricity.3",
        "coating.co2",
    ]


def test_parameters_are_computed_in_the_order_of_what_they_use() -> None:
    model = parse_inventory_model(document())
    assert model.parameter_order.index("good") < model.parameter_order.index("drying")
    assert model.parameter_values()["drying"] == 6 / 0.9


def test_a_scenario_changes_what_it_names_and_moves_nothing() -> None:
    model = parse_inventory_model(document())
    better = model.under(model.scenarios[0])
    assert better.parameter_values()["drying"] == 6 / 0.95
    assert better.choices[0].probabilities == {"wet": 0.0, "dry": 1.0}
    assert better.default_options() == {"route": "dry"}
    before, after = exchanges(model), exchanges(better)
    assert list(before) == list(after)
    assert after["coating.electricity.2"].item == "hydropower"
    assert after["coating.electricity.2"].amount == before["coating.electricity.2"].amount
    # Its new amount says nothing of an uncertainty, so it has none.
    assert after["stack"].amount == Amount(0.3)
    untouched = before.keys() - {"coating.electricity.2", "stack"}
    assert all(before[name] == after[name] for name in untouched)


def test_a_flow_that_is_emitted_without_a_factor_is_named() -> None:
    model = parse_inventory_model(changed(lambda d: d["methods"][0]["factors"].pop(0)))
    assert model.uncharacterized(model.methods[0]) == ("co2",)
    complete = parse_inventory_model(document())
    assert complete.uncharacterized(complete.methods[0]) == ()


def test_the_hash_is_of_the_content_and_not_of_its_writing() -> None:
    model = parse_inventory_model(document())
    reordered = dict(reversed(document().items()))
    reordered["demand"]["amount"] = 10.0
    assert parse_inventory_model(reordered).sha256 == model.sha256
    other = parse_inventory_model(changed(put("demand.amount", 11)))
    assert other.sha256 != model.sha256
    huge = parse_inventory_model(changed(put("demand.amount", 10**20)))
    assert huge.demand.amount == 1e20


def test_a_choice_without_probabilities_is_certain_of_its_default() -> None:
    options = [{"id": "wet"}, {"id": "dry"}]
    model = parse_inventory_model(changed(put("choices.0.options", options)))
    assert model.choices[0].probabilities == {"wet": 1.0, "dry": 0.0}
    assert model.choices[0].is_certain


def test_an_input_may_be_what_an_activity_is_there_for() -> None:
    found = document()
    found["activities"][3]["outputs"] = []
    found["activities"][3]["inputs"].append({"product": "scrap", "amount": 1})
    assert len(parse_inventory_model(found).activities[3].exchanges) == 2


INPUT = "activities.0.inputs.1"
AT = "activities[0].inputs[1]"
LOGNORMAL = {"type": "lognormal", "gsd": 1.1}


@pytest.mark.parametrize(
    ("path", "value", "kind", "place"),
    [
        ("format", "greenchain-inventory/2", errors.NotOneOf, "format"),
        ("id", "", errors.MissingField, "id"),
        ("id", 7, errors.NotText, "id"),
        ("name", "Cells", model_errors.NotAnObject, "name"),
        ("name", {"en": "Cells"}, errors.MissingField, "name.zh"),
        ("colour", "red", errors.UnknownField, "colour"),
        ("\ud800", 1, errors.UnknownField, "?"),
        ("sources.0.title", None, errors.MissingField, "sources[0].title"),
        ("sources.0.year", "2025", errors.NotANumber, "sources[0].year"),
        ("products.1.unit", "", errors.MissingField, "products[1].unit"),
        ("methods", [], errors.MissingField, "methods"),
        ("methods.0.factors.1.flow", "co2", model_errors.TakenPlace, "methods[0].factors[1].flow"),
        ("methods.0.factors.0.amount", True, errors.NotANumber, "methods[0].factors[0].amount"),
        ("parameters.1.formula", "2", model_errors.NotOneField, "parameters[1]"),
        ("parameters.1.amount", None, model_errors.NotOneField, "parameters[1]"),
        ("parameters.1.amount", "6", errors.NotANumber, "parameters[1].amount"),
        ("parameters.1.source", "x", model_errors.UnknownReference, "parameters[1].source"),
        (
            "parameters.0.uncertainty",
            LOGNORMAL,
            model_errors.OutOfPlace,
            "parameters[0].uncertainty",
        ),
        ("parameters.0.formula", "heat +", model_errors.FormulaSyntax, "parameters[0].formula"),
        ("parameters.0.formula", "heaf", model_errors.UnknownReference, "parameters[0].formula"),
        (
            "parameters.0.formula",
            "heat / drying",
            model_errors.CyclicParameters,
            "parameters[0].formula",
        ),
        (
            "parameters.0.formula",
            "1 / (heat - 6)",
            model_errors.FormulaNotFinite,
            "parameters[0].formula",
        ),
        ("choices.0.default", "damp", model_errors.UnknownReference, "choices[0].default"),
        (
            "choices.0.options.1.probability",
            0.5,
            model_errors.UnfitProbabilities,
            "choices[0].options",
        ),
        (
            "choices.0.options.1.probability",
            None,
            model_errors.UnfitProbabilities,
            "choices[0].options",
        ),
        ("activities.0.background", "yes", model_errors.NotABoolean, "activities[0].background"),
        ("activities.0.site", ["Yibin"], errors.NotText, "activities[0].site"),
        (f"{INPUT}.amount", float("nan"), errors.NonFiniteAmount, f"{AT}.amount"),
        (f"{INPUT}.amount", float("inf"), errors.NonFiniteAmount, f"{AT}.amount"),
        (f"{INPUT}.amount", 10**400, errors.NonFiniteAmount, f"{AT}.amount"),
        (f"{INPUT}.amount", False, errors.NotANumber, f"{AT}.amount"),
        (f"{INPUT}.amount", [4], errors.NotANumber, f"{AT}.amount"),
        (f"{INPUT}.amount", "4", errors.NotANumber, f"{AT}.amount"),
        (f"{INPUT}.formula", "4", model_errors.NotOneField, AT),
        (f"{INPUT}.product", "electrcity", model_errors.UnknownReference, f"{AT}.product"),
        (f"{INPUT}.flow", "co2", errors.UnknownField, f"{AT}.flow"),
        (f"{INPUT}.id", "stack", model_errors.TakenPlace, "activities[1].emissions[0].id"),
        (f"{INPUT}.when.choice", "rout", model_errors.UnknownReference, f"{AT}.when.choice"),
        (f"{INPUT}.when.option", "damp", model_errors.UnknownReference, f"{AT}.when.option"),
        (f"{INPUT}.uncertainty", {}, errors.MissingField, f"{AT}.uncertainty.type"),
        (f"{INPUT}.uncertainty", {"type": "beta"}, errors.NotOneOf, f"{AT}.uncertainty.type"),
        (
            f"{INPUT}.uncertainty",
            {"type": "lognormal", "gsd": 0.9},
            model_errors.UnfitUncertainty,
            f"{AT}.uncertainty",
        ),
        (
            f"{INPUT}.uncertainty",
            {"type": "lognormal", "gsd": 1e9},
            model_errors.UnfitUncertainty,
            f"{AT}.uncertainty",
        ),
        (
            f"{INPUT}.uncertainty",
            {"type": "lognormal", "sd": 1.1, "gsd": 1.1},
            errors.UnknownField,
            f"{AT}.uncertainty.sd",
        ),
        (
            f"{INPUT}.uncertainty",
            {"type": "normal", "sd": -1},
            model_errors.UnfitUncertainty,
            f"{AT}.uncertainty",
        ),
        (
            f"{INPUT}.uncertainty",
            {"type": "triangular", "min": 4.1, "max": 5},
            model_errors.UnfitUncertainty,
            f"{AT}.uncertainty",
        ),
        (
            f"{INPUT}.uncertainty",
            {"type": "uniform", "min": 5, "max": 3},
            model_errors.UnfitUncertainty,
            f"{AT}.uncertainty",
        ),
        (
            "activities.0.inputs.0.uncertainty",
            {"type": "normal", "sd": 1},
            model_errors.OutOfPlace,
            "activities[0].inputs[0].uncertainty",
        ),
        (
            "activities.0.inputs.0.formula",
            "sqrt(-good)",
            model_errors.FormulaNotFinite,
            "activities[0].inputs[0].formula",
        ),
        (
            "activities.0.outputs.0.when",
            {"choice": "route", "option": "dry"},
            model_errors.OutOfPlace,
            "activities[0].outputs[0].when",
        ),
        (
            "activities.2.outputs",
            [],
            model_errors.ReferenceNotExchanged,
            "activities[2].product",
        ),
        (
            "activities.2.outputs.0.amount",
            0,
            model_errors.ReferenceNotExchanged,
            "activities[2].product",
        ),
        (
            "activities.2.inputs",
            [{"product": "hydropower", "amount": 1}],
            model_errors.ReferenceNotExchanged,
            "activities[2].product",
        ),
        ("demand", None, errors.MissingField, "demand"),
        ("demand.amount", 0, model_errors.ZeroAmount, "demand.amount"),
        ("demand.product", "sell", model_errors.UnknownReference, "demand.product"),
    ],
)
def test_a_fault_is_told_with_its_path(
    path: str, value: Any, kind: type[Violation], place: str
) -> None:
    assert places(changed(put(path, value))) == [(kind, place)]


@pytest.mark.parametrize(
    ("path", "value", "kind", "place"),
    [
        ("products.1.id", "cell", model_errors.TakenPlace, "products[1].id"),
        ("products.1", 3, model_errors.NotAnObject, "products[1]"),
        ("flows", {}, errors.NotAList, "flows"),
        ("parameters.1.id", "2heat", model_errors.UnfitName, "parameters[1].id"),
        ("parameters.1.id", "if", model_errors.UnfitName, "parameters[1].id"),
        ("parameters.0.id", None, errors.MissingField, "parameters[0].id"),
        ("choices.0.options.1.id", "wet", model_errors.TakenPlace, "choices[0].options[1].id"),
    ],
)
def test_a_fault_is_told_beside_what_refers_to_it(
    path: str, value: Any, kind: type[Violation], place: str
) -> None:
    assert (kind, place) in places(changed(put(path, value)))


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ([{}], model_errors.NotOneField, "changes[0]"),
        ([{"parameter": "goods", "amount": 1}], model_errors.UnknownReference, "[0].parameter"),
        ([{"parameter": "good"}], errors.MissingField, "[0].amount"),
        (
            [{"parameter": "good", "amount": 0.9, "formula": "1"}],
            errors.UnknownField,
            "[0].formula",
        ),
        ([{"parameter": "good", "amount": 0}], model_errors.FormulaNotFinite, "ters[0].formula"),
        (
            [{"parameter": "good", "amount": 1, "uncertainty": {"type": "normal", "sd": -1}}],
            model_errors.UnfitUncertainty,
            "[0].uncertainty",
        ),
        ([{"choice": "route", "option": "damp"}], model_errors.UnknownReference, "[0].option"),
        ([{"choice": "rout", "option": "dry"}], model_errors.UnknownReference, "[0].choice"),
        ([{"exchange": "stack"}], model_errors.NotOneField, "changes[0]"),
        ([{"exchange": "stak", "amount": 1}], model_errors.UnknownReference, "[0].exchange"),
        ([{"exchange": "stack", "product": "cell"}], model_errors.OutOfPlace, "[0].product"),
        (
            [{"exchange": "coating.cell", "product": "scrap"}],
            model_errors.OutOfPlace,
            "[0].product",
        ),
        (
            [{"exchange": "coating.electricity", "product": "cell"}],
            model_errors.OutOfPlace,
            "[0].product",
        ),
        (
            [{"exchange": "dam.hydropower", "amount": 0}],
            model_errors.ReferenceNotExchanged,
            "activities[2].product",
        ),
        (
            [{"exchange": "stack", "amount": 1}, {"exchange": "stack", "amount": 2}],
            model_errors.TakenPlace,
            "changes[1].exchange",
        ),
    ],
)
def test_a_fault_of_a_scenario_is_told_with_its_path(
    changes: list[Any], kind: type[Violation], place: str
) -> None:
    [(found, where)] = places(changed(put("scenarios.0.changes", changes)))
    assert found is kind
    assert where.startswith("scenarios[0]")
    assert where.endswith(place)


def test_systems_that_are_not_square_are_told_in_terms_of_activities() -> None:
    found = document()
    found["activities"][2]["product"] = "electricity"
    found["activities"][2]["outputs"][0]["product"] = "electricity"
    several, without = refusals(found)
    assert isinstance(several, model_errors.ProductOfSeveral)
    assert several.activities == ("grid", "dam")
    assert isinstance(without, model_errors.ProductWithoutActivity)
    assert without.product == "hydropower"
    assert without.location.field == "products[2]"


def test_a_reference_of_which_rounding_alone_is_left_is_refused() -> None:
    found = document()
    found["activities"][2]["outputs"] = [
        {"product": "hydropower", "amount": amount} for amount in (0.1, 0.2, -0.3)
    ]
    [violation] = refusals(found)
    assert isinstance(violation, model_errors.ReferenceNotExchanged)
    found["activities"][2]["outputs"][2]["amount"] = -0.29999
    parse_inventory_model(found)


def test_a_similar_id_is_suggested() -> None:
    [violation] = refusals(changed(put(f"{INPUT}.product", "electrcity")))
    assert "Did you mean 'electricity'?" in violation.message("en")
    assert "您是否指 'electricity'？" in violation.message("zh")


def test_all_faults_are_told_at_once() -> None:
    found = document()
    for path, value in [
        ("products.3.unit", 5),
        ("parameters.0.formula", "1 +"),
        (f"{INPUT}.amount", "four"),
        ("activities.1.emissions.0.flow", "co3"),
        ("demand.amount", None),
    ]:
        put(path, value)(found)
    assert [place for _, place in places(found)] == [
        "products[3].unit",
        "parameters[0].formula",
        f"{AT}.amount",
        "activities[1].emissions[0].flow",
        "demand.amount",
    ]


@pytest.mark.parametrize("found", [None, 3, "text", [], [{}]])
def test_what_is_no_object_is_refused(found: object) -> None:
    assert places(found) == [(model_errors.NotAnObject, "document")]


def test_scenarios_are_limited_by_the_work_of_their_formulas() -> None:
    found = document()
    found["scenarios"] = [{"id": str(number)} for number in range(200)]
    assert len(parse_inventory_model(found).scenarios) == 200
    found["parameters"] += [
        {"id": f"long{number}", "formula": "heat" + "+heat" * 99} for number in range(300)
    ]
    [(kind, place)] = places(found)
    assert (kind, place) == (errors.TooMany, "scenarios")


def test_amounts_that_cannot_be_added_up_are_no_reference_of_zero() -> None:
    outputs = [{"product": "hydropower", "amount": 1.7e308} for _ in range(2)]
    model = parse_inventory_model(changed(put("activities.2.outputs", outputs)))
    assert [exchange.amount.given for exchange in model.activities[2].exchanges] == [1.7e308] * 2


def test_lists_are_limited() -> None:
    found = document()
    found["choices"][0]["options"] = [{"id": str(number)} for number in range(101)]
    assert (errors.TooMany, "choices[0].options") in places(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            found += paths_of(inner, (*path, step))
    return found


PATHS = paths_of(document())[1:]


@given(json_values)
def test_any_json_is_a_model_or_invalid_input(found: Any) -> None:
    with contextlib.suppress(InvalidInput):
        parse_inventory_model(found)


@given(st.lists(st.tuples(st.sampled_from(PATHS), json_values), min_size=1, max_size=3))
def test_a_model_with_anything_in_it_is_a_model_or_invalid_input(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    found = document()
    for path, value in changes:
        at: Any = found
        with contextlib.suppress(KeyError, IndexError, TypeError):
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = copy.deepcopy(value)
    try:
        parse_inventory_model(found)
    except InvalidInput as refused:
        texts = [refused.message("en"), refused.message("zh")]
    else:
        return
    # Answers are sent as UTF-8, which halves of surrogate pairs cannot be.
    assert all(text.encode() for text in texts)


@given(st.data())
def test_a_document_survives_json(data: st.DataObject) -> None:
    found = document()
    for parameter in found["parameters"][1:]:
        parameter["amount"] = data.draw(st.floats(0.8, 0.95))
    found["demand"]["amount"] = data.draw(st.integers(1, 10**30) | st.floats(1e-9, 1e9))
    again = json.loads(json.dumps(found))
    assert parse_inventory_model(again) == parse_inventory_model(found)
