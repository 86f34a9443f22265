"""The page on analyses is that of the code: kinds, options and defaults, fields of results."""

import json
import re
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
from services.footprint.tests.analysis_models import parametrized, pressed_part
from tests.docs.markdown import blocks, document

from footprint.bootstrap import run_analysis
from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_options import FIELDS, Question

PAGE = document("docs/analyses.md")
KINDS = [str(kind) for kind in AnalysisKind]
OPTIONS: dict[str, dict[str, Any]] = {
    "compare": {"with_scenario": "clean", "samples": 20},
    "montecarlo": {"samples": 20},
    "sensitivity": {"samples": 20},
}
#: Fields beside `results`, by kind; the page tells of them below the table.
BESIDE = {"calculate": {"supply", "inventory"}, "compare": {"other"}}


@cache
def result(kind: str) -> Any:
    model = parametrized() if kind == "sensitivity" else pressed_part()
    return run_analysis(kind, model, OPTIONS.get(kind, {}))


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    return re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their headers."""
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def examples() -> list[Any]:
    return [json.loads(block.text) for block in blocks(PAGE) if block.language == "json"]


def test_every_kind_is_listed() -> None:
    listed = [names(row[0])[0] for row in rows(section("Kinds and options"))]
    assert listed[: len(KINDS)] == KINDS


def test_options_have_their_kinds_and_defaults() -> None:
    defaults = {field.name: field.default for field in fields(Question)}
    stated: dict[str, set[str]] = {}
    for row in rows(section("Kinds and options"))[len(KINDS) :]:
        for name in names(row[0]):
            if len(row) < 4:
                stated[name] = set(KINDS) - ({"scenarios"} if name == "scenario" else set())
                continue
            stated[name] = set(names(row[1]))
            if not row[2].startswith("those of"):
                said = json.loads(row[2].replace("`model`", '"model"'))
                assert said == defaults[name], name
    taken = {
        name: {str(kind) for kind, options in FIELDS.items() if name in options}
        for name in {name for options in FIELDS.values() for name in options}
    }
    assert stated == taken


@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_results_are_those_of_the_table(kind: str) -> None:
    listed = {name for row in rows(section(kind)) for name in names(row[0])}
    for entry in result(kind)["results"]:
        assert set(entry) == listed | {"method"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_is_that_of_the_example(kind: str) -> None:
    header, *_ = examples()
    found = result(kind)
    assert set(found) == set(header) | BESIDE.get(kind, set())
    assert all(f"`{name}`" in section(kind) for name in BESIDE.get(kind, ()))
    for name in ("model", "demand"):
        assert set(found[name]) == set(header[name])


def test_a_summary_is_that_of_the_example() -> None:
    _, summary, _ = examples()
    found = result("montecarlo")["results"][0]["summary"]
    assert set(found) == set(summary)
    assert list(found["quantiles"]) == list(summary["quantiles"])
    assert set(found["convergence"]) == set(summary["convergence"])
    assert set(found["histogram"]) == set(summary["histogram"])


def test_inputs_and_bars_are_those_of_the_example() -> None:
    *_, (listed, bar) = examples()
    (found, *_), (found_bar, *_) = (
        result("sensitivity")["results"][0][name] for name in ("inputs", "tornado")
    )
    assert (set(found), set(found["input"])) == (set(listed), set(listed["input"]))
    assert (set(found_bar), set(found_bar["low"])) == (set(bar), set(bar["low"]))


@pytest.mark.parametrize(
    ("kind", "name"), [("traverse", "nodes"), ("traverse", "edges"), ("scenarios", "scenarios")]
)
def test_parts_of_lists_are_named(kind: str, name: str) -> None:
    (row,) = (row for row in rows(section(kind)) if name in names(row[0]))
    (stated,) = (span for span in names(row[1]) if span.startswith("{"))
    assert set(result(kind)["results"][0][name][0]) == set(re.findall(r'"(\w+)"', stated))
