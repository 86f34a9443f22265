"""What a service refuses before it takes long: cheap looks at untrusted models and options."""

import time
from typing import Any

import pytest
from services.footprint.tests.analysis_models import model, pressed_part

from chassis.errors import InvalidInput, Violation
from footprint.application.analyses import read_analysis
from footprint.application.analysis_limits import (
    MOST_LISTED,
    MOST_VIOLATIONS,
    MoreViolations,
    ReadingTurns,
    Repeated,
    TooManyAtOnce,
)
from footprint.application.analysis_ports import Limits
from footprint.domain.analysis_errors import TooLarge

LIMITS = Limits(exchanges=50_000, scores=1_000_000, open=20, reading=2_000_000, entries=100_000)
NARROW = Limits(exchanges=50_000, scores=1_000_000, open=20, reading=2_000_000, entries=10)


def refused(
    kind: str, document: dict[str, Any], limits: Limits = LIMITS, /, **options: Any
) -> tuple[Violation, ...]:
    with pytest.raises(InvalidInput) as caught:
        read_analysis(kind, document, options, limits=limits)
    return caught.value.violations


def test_many_scenarios_of_a_large_activity_are_not_read() -> None:
    exchanges = [{"id": f"e{i}", "flow": "co2", "amount": 1} for i in range(9_990)]
    large = {"id": "a", "product": "a", "outputs": [{"product": "a", "amount": 1}]}
    scenarios = [
        {"id": f"s{i}", "changes": [{"exchange": "e1", "amount": i}]} for i in range(10_000)
    ]
    document = model([large | {"emissions": exchanges}], "a", scenarios=scenarios)
    began = time.monotonic()
    (violation,) = refused("scenarios", document)
    assert isinstance(violation, TooLarge)
    assert violation.location.field == "scenarios"
    assert time.monotonic() - began < 1.0


def test_many_scenarios_of_many_parameters_are_not_read() -> None:
    document = pressed_part() | {
        "parameters": [{"id": f"p{i}", "amount": 1} for i in range(1_000)],
        "scenarios": [
            {"id": f"s{i}", "changes": [{"parameter": "p1", "amount": i}]} for i in range(1_000)
        ],
    }
    (violation,) = refused("scenarios", document)
    assert violation.location.field == "scenarios"


def test_formulas_count_where_a_scenario_changes_a_parameter() -> None:
    document = pressed_part()
    document["activities"][0]["inputs"][0]["formula"] = "p"
    document["scenarios"] = [{"id": "s", "changes": [{"parameter": "p", "amount": 1}]}]
    few = Limits(exchanges=100, scores=100, open=1, reading=26, entries=100)
    # Four activities, twenty for the change, three exchanges of that with the formula.
    (violation,) = refused("scenarios", document, few)
    assert isinstance(violation, TooLarge)
    assert violation.count == 27


@pytest.mark.parametrize(
    "nonsense", [None, 7, "x", [None], [7], [{"changes": 7}], [{"changes": [7]}]]
)
def test_nonsense_is_left_to_the_reading(nonsense: object) -> None:
    for name in ("activities", "parameters", "scenarios"):
        assert not any(
            isinstance(each, TooLarge)
            for each in refused("calculate", pressed_part() | {name: nonsense, "x": 1})
        )


def test_a_method_is_named_once() -> None:
    (violation,) = refused("calculate", pressed_part(), methods=["gwp"] * 700)
    assert isinstance(violation, Repeated)
    assert violation.count == 699
    assert violation.location.field == "options.methods"


def test_lists_of_options_have_an_end() -> None:
    unknown = [f"m{i}" for i in range(20_000)]
    (violation,) = refused("calculate", pressed_part(), methods=unknown)
    assert isinstance(violation, TooLarge)
    assert violation.most == MOST_LISTED
    options: dict[str, Any] = dict.fromkeys(unknown)
    (violation,) = refused("calculate", pressed_part(), **options)
    assert violation.location.field == "options"


def test_a_refusal_has_an_end() -> None:
    document = pressed_part()
    document["activities"][0]["emissions"] = [{"flow": "no", "amount": "x"}] * 2_000
    *listed, last = refused("calculate", document)
    assert len(listed) == MOST_VIOLATIONS
    assert isinstance(last, MoreViolations)
    assert last.count >= 1_000
    assert str(last.count) in last.message("zh")


@pytest.mark.parametrize(
    ("kind", "options", "field", "count"),
    [
        ("traverse", {"max_nodes": 6}, "max_nodes", 12),
        ("traverse", {"max_nodes": 11, "methods": ["gwp"]}, "max_nodes", 11),
    ],
)
def test_nodes_and_methods_count_together(
    kind: str, options: dict[str, Any], field: str, count: int
) -> None:
    (violation,) = refused(kind, pressed_part(), NARROW, **options)
    assert isinstance(violation, TooLarge)
    assert (violation.location.field, violation.count) == (f"options.{field}", count)


def test_contributions_and_scenarios_count_with_the_methods() -> None:
    few = Limits(exchanges=100, scores=100, open=1, reading=1000, entries=3)
    assert refused("calculate", pressed_part(), few)[0].location.field == "options.methods"
    read_analysis("scenarios", pressed_part(), {"methods": ["gwp"]}, limits=few)
    one = Limits(exchanges=100, scores=100, open=1, reading=1000, entries=1)
    assert refused("scenarios", pressed_part(), one)[0].location.field == "options.methods"


def test_a_tenant_waits_with_few_requests() -> None:
    turns = ReadingTurns()
    turns._reading["a"] = 4
    with pytest.raises(TooManyAtOnce), turns.turn("a"):
        pass
    with turns.turn("b"):
        assert turns._reading == {"a": 4, "b": 1}
    assert turns._reading == {"a": 4}
