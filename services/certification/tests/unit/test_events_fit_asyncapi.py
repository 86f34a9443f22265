"""Each event that the service sends fits its message in proto/asyncapi.yaml."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from services.certification.tests.samples import NOW, OWNER
from services.certification.tests.unit.test_certification_events import SENT, issued_record

from certification.adapters.events import event_of, restated
from certification.domain import facts
from chassis.cloudevent import to_json
from chassis.events import Event

ASYNCAPI = Path(__file__).parents[4] / "proto" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    document = yaml.safe_load(ASYNCAPI.read_text("utf-8"))
    found: dict[str, Any] = document["components"]
    return found


@pytest.mark.parametrize(
    "fact", [fact for fact, _, _ in SENT], ids=lambda fact: type(fact).__name__
)
def test_an_event_fits_its_message(fact: facts.Fact, components: dict[str, Any]) -> None:
    check(event_of(fact, OWNER, 1, NOW), f"Record{type(fact).__name__}", components)


def test_the_state_of_a_record_fits_its_message(components: dict[str, Any]) -> None:
    record, document = issued_record()
    check(restated(record, document, 2, NOW), "RecordRestated", components)


def check(event: Event, name: str, components: dict[str, Any]) -> None:
    assert components["messages"][name]["name"] == event.type
    schema = {"$ref": f"#/components/messages/{name}/payload", "components": components}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert list(validator.iter_errors(json.loads(to_json(event)))) == []
