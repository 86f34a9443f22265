"""The wire form of an `Event`: CloudEvents 1.0, structured JSON."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from chassis import strict_json
from chassis.errors import GreenchainError
from chassis.events import Event


@dataclass(eq=False)
class MalformedEvent(GreenchainError):
    """The bytes are not a CloudEvent of this platform."""

    code: ClassVar[str] = "event.malformed"
    en: ClassVar[str] = "The record is not a greenchain CloudEvent: {reason}."
    zh: ClassVar[str] = "该记录不是绿链 CloudEvent：{reason}。"

    reason: str


def to_json(event: Event) -> bytes:
    """Write an event as structured JSON."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "datacontenttype": "application/json",
        "aggregateversion": event.aggregate_version,
        "tenantid": event.tenant_id,
    }
    return JSONFormat().write(CloudEvent(attributes, dict(event.data)))


def from_json(value: bytes, topic: str) -> Event:
    """Read an event strictly.

    Raises
    ------
    MalformedEvent
        For anything but a JSON object with unique keys, all attributes that the platform uses, of
        the right type, and an object as data.
    """
    try:
        # The library reads leniently (duplicate keys: the last one wins; NaN), so look first.
        document = strict_json.loads(value)
        if not isinstance(document, dict):
            raise MalformedEvent(reason="it is not a JSON object")
        for name in ("specversion", "id", "type", "source", "subject", "time", "tenantid"):
            if not isinstance(document.get(name), str) or not document[name]:
                raise MalformedEvent(reason=f"attribute {name} is missing or not text")
        version = document.get("aggregateversion")
        if not isinstance(version, int) or isinstance(version, bool):
            raise MalformedEvent(reason="attribute aggregateversion is missing or not an integer")
        if document.get("datacontenttype") != "application/json":
            raise MalformedEvent(reason="datacontenttype is not application/json")
        if not isinstance(document.get("data"), dict):
            raise MalformedEvent(reason="data is missing or not an object")
        parsed = JSONFormat().read(CloudEvent, value)
        return Event(
            id=parsed.get_id(),
            type=parsed.get_type(),
            topic=topic,
            source=parsed.get_source(),
            aggregate_id=document["subject"],
            aggregate_version=version,
            tenant_id=document["tenantid"],
            time=_aware(parsed),
            data=document["data"],
        )
    except (ValueError, CloudEventValidationError) as error:
        raise MalformedEvent(reason=" ".join(str(error).split())) from error


def _aware(parsed: Any) -> Any:
    time = parsed.get_time()
    if time is None or time.tzinfo is None:
        raise MalformedEvent(reason="attribute time has no time zone")
    return time
