"""The event contract says the same in AsyncAPI and in protobuf, and its examples are valid."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format
from google.protobuf.message import Message
from jsonschema import Draft202012Validator

from chassis.cloudevent import from_json
from chassis.topics import TOPICS

SPECIFICATION = Path(__file__).parents[2] / "proto" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(SPECIFICATION.read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def payload_class(title: str) -> type[Message]:
    """Return the generated class that the message's description names."""
    qualified = MESSAGES[title]["description"].split("`")[1]
    service = qualified.split(".")[1]
    module = importlib.import_module(f"greenchain.{service}.v1.events_pb2")
    found: type[Message] = getattr(module, qualified.rsplit(".", 1)[1])
    return found


@pytest.mark.parametrize("title", MESSAGES)
def test_the_schema_has_the_fields_of_the_protobuf_message(title: str) -> None:
    schema = DOCUMENT["components"]["schemas"][title]
    fields = {field.json_name for field in payload_class(title).DESCRIPTOR.fields}
    assert set(schema["properties"]) == fields
    assert set(schema["required"]) == fields


@pytest.mark.parametrize("title", MESSAGES)
def test_the_schema_refers_to_a_message_where_protobuf_does(title: str) -> None:
    properties = DOCUMENT["components"]["schemas"][title]["properties"]
    for field in payload_class(title).DESCRIPTOR.fields:
        nested = field.message_type.full_name if field.message_type else None
        of_ours = nested is not None and nested != "google.protobuf.Timestamp"
        assert ("$ref" in properties[field.json_name]) == of_ours


@pytest.mark.parametrize("title", MESSAGES)
def test_the_example_is_valid_against_its_schema(title: str) -> None:
    message = MESSAGES[title]
    root = {"components": DOCUMENT["components"], **message["payload"]}
    validator = Draft202012Validator(root)
    for example in message["examples"]:
        assert list(validator.iter_errors(example["payload"])) == []


@pytest.mark.parametrize("title", MESSAGES)
def test_the_example_is_read_by_the_consumer_and_fits_the_protobuf_message(title: str) -> None:
    for example in MESSAGES[title]["examples"]:
        channel = next(c for c in DOCUMENT["channels"].values() if title in c["messages"])
        event = from_json(json.dumps(example["payload"]).encode(), channel["address"])
        json_format.ParseDict(dict(event.data), payload_class(title)())


def test_the_channels_are_the_topics_of_the_platform() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    topics = {topic.name for topic in TOPICS if not topic.name.endswith(".dead-letter")}
    assert addresses == topics
