from typing import Any

import pytest
from services.footprint.tests.analysis_models import pressed_part

from chassis.errors import InvalidInput
from footprint.application.analyses import read_analysis
from footprint.application.analysis_ports import Limits
from footprint.domain import analysis_options
from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_options import Question
from footprint.domain.inventory_model import Demand
from footprint.entrypoints.server_sent_events import last_seen


def ask(kind: str, **options: Any) -> Question:
    return read_analysis(kind, pressed_part(), options)[1]


def refused(kind: str, limits: Limits | None = None, **options: Any) -> set[tuple[str, str]]:
    """Give code and place of everything that is wrong."""
    with pytest.raises(InvalidInput) as told:
        read_analysis(kind, pressed_part(), options, limits=limits)
    violations = told.value.violations
    assert all(violation.message("zh") for violation in violations)
    return {(each.code.rpartition(".")[2], each.location.field) for each in violations}


def test_what_is_not_said_is_as_documented() -> None:
    assert ask("montecarlo") == Question(
        kind=AnalysisKind.MONTE_CARLO,
        methods=("gwp", "none"),
        demand=Demand("part", 2.0),
        scenario=None,
        samples=1000,
        seed=1,
        background="model",
        characterization=False,
        all_scores=False,
    )
    assert ask("traverse").cutoff == 0.005
    assert ask("sensitivity").top == 20


def test_null_is_not_said() -> None:
    nothing = dict.fromkeys(analysis_options.FIELDS[AnalysisKind.MONTE_CARLO])
    assert ask("montecarlo", **nothing) == ask("montecarlo")


def test_what_is_said_is_taken() -> None:
    asked = ask(
        "compare",
        methods=["none", "gwp", "none"],
        demand={"product": "steel", "amount": -1},
        scenario="clean",
        with_scenario="of_cement",
        with_demand={"product": "part", "amount": 2},
        samples=7,
        seed=2**32 - 1,
    )
    assert asked.methods == ("none", "gwp")
    assert asked.first == (Demand("steel", -1.0), "clean")
    assert asked.other == (Demand("part", 2.0), "of_cement")
    assert (asked.samples, asked.seed, asked.scores) == (7, 2**32 - 1, 2 * 7 * 2)


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("calculate", {"samples": 10}, ("unknown_field", "options.samples")),
        ("scenarios", {"scenario": "clean"}, ("unknown_field", "options.scenario")),
        ("montecarlo", {"samples": 1}, ("out_of_bounds", "options.samples")),
        ("montecarlo", {"samples": 2.5}, ("out_of_bounds", "options.samples")),
        ("montecarlo", {"samples": "10"}, ("not_a_number", "options.samples")),
        ("montecarlo", {"seed": -1}, ("out_of_bounds", "options.seed")),
        ("montecarlo", {"seed": True}, ("not_a_number", "options.seed")),
        ("montecarlo", {"background": "some"}, ("not_one_of", "options.background")),
        ("montecarlo", {"all_scores": "yes"}, ("not_a_boolean", "options.all_scores")),
        ("traverse", {"cutoff": 1}, ("out_of_bounds", "options.cutoff")),
        ("traverse", {"max_nodes": 0}, ("out_of_bounds", "options.max_nodes")),
        ("sensitivity", {"top": 10**9}, ("out_of_bounds", "options.top")),
        ("calculate", {"methods": "gwp"}, ("not_a_list", "options.methods")),
        ("calculate", {"methods": []}, ("missing_field", "options.methods")),
        ("calculate", {"methods": ["gpw"]}, ("not_one_of", "options.methods")),
        ("calculate", {"methods": [1]}, ("not_text", "options.methods")),
        ("calculate", {"scenario": "dirty"}, ("not_one_of", "options.scenario")),
        ("calculate", {"demand": "part"}, ("not_an_object", "options.demand")),
        (
            "calculate",
            {"demand": {"product": "prat", "amount": 1}},
            ("not_one_of", "options.demand.product"),
        ),
        (
            "calculate",
            {"demand": {"product": "part", "amount": 0}},
            ("out_of_bounds", "options.demand.amount"),
        ),
        ("calculate", {"demand": {"product": "part"}}, ("missing_field", "options.demand.amount")),
        ("compare", {}, ("no_variant", "options.with_demand")),
        (
            "compare",
            {"scenario": "clean", "with_scenario": "clean"},
            ("no_variant", "options.with_demand"),
        ),
    ],
)
def test_what_cannot_be_is_refused(
    kind: str, options: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(kind, **options) == {expected}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    model = pressed_part()
    model["activities"][0]["inputs"][0]["amount"] = "three"
    with pytest.raises(InvalidInput) as told:
        read_analysis("montecarlo", model, {"samples": 0, "cutoff": 1})
    places = {violation.location.field for violation in told.value.violations}
    assert places == {"activities[0].inputs[0].amount", "options.samples", "options.cutoff"}


def test_a_service_takes_on_so_much() -> None:
    limits = Limits(exchanges=10, scores=100, open=1, reading=1000, entries=100)
    assert read_analysis("montecarlo", pressed_part(), {"samples": 50}, limits=limits)
    assert refused("montecarlo", limits, samples=51) == {("too_large", "options.samples")}
    assert refused("compare", limits, samples=26, with_scenario="clean") == {
        ("too_large", "options.samples")
    }
    # What is not sampled has one score a method.
    assert read_analysis("calculate", pressed_part(), {}, limits=limits)
    few = Limits(exchanges=9, scores=100, open=1, reading=1000, entries=100)
    assert refused("calculate", few) == {("too_large", "activities")}


@pytest.mark.parametrize(
    ("header", "revision"),
    [(None, 0), ("", 0), ("12", 12), ("-1", 0), ("x", 0), ("٣", 0), ("²", 0), ("1e3", 0)],
)
def test_the_last_event_id_is_read_if_it_makes_sense(header: str | None, revision: int) -> None:
    assert last_seen(header) == revision
