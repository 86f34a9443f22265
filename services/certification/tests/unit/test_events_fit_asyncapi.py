"""Each event that the service sends fits its message in proto/asyncapi.yaml."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from services.certification.tests.samples import NOW, OWNER
from services.certification.tests.unit.test_certification_events import SENT

from certification.adapters.events import event_of
from certification.domain import facts
from chassis.cloudevent import to_json

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
    event = event_of(fact, OWNER, 1, NOW)
    name = f"Record{type(fact).__name__}"
    assert components["messages"][name]["name"] == event.type
    schema = {"$ref": f"#/components/messages/{name}/payload", "components": components}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert list(validator.iter_errors(json.loads(to_json(event)))) == []
