"""What a service tells the others: one fact about one aggregate. Pure.

The wire form (CloudEvents structured JSON) is `chassis.cloudevent`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the application publishes and receives it.

    Attributes
    ----------
    id
        Unique for ever; consumers recognise a redelivery by it.
    type
        ``greenchain.<aggregate>.<verb>.v<n>``; a new meaning is a new version.
    topic
        Topic of the event log that carries it.
    source
        Who says so, e.g. ``/services/supplier``.
    aggregate_id
        What it is about; also the key, so that events of one aggregate keep their order.
    aggregate_version
        Counts the aggregate's events from 1; a consumer sees gaps and stale redelivery by it.
    tenant_id
        Organisation that owns the aggregate.
    time
        When it happened (aware).
    data
        Payload: the proto3 JSON form of the event's message.
    """

    id: str
    type: str
    topic: str
    source: str
    aggregate_id: str
    aggregate_version: int
    tenant_id: str
    time: datetime
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError("an event's time must be aware (have a time zone)")
        if not 1 <= self.aggregate_version < 2**31:
            # CloudEvents integers are 32 bits wide.
            raise ValueError(f"aggregate_version counts from 1, not {self.aggregate_version}")
        for name in ("id", "type", "topic", "source", "aggregate_id", "tenant_id"):
            if not getattr(self, name):
                raise ValueError(f"an event needs a non-empty {name}")

    @property
    def key(self) -> str:
        """Key in the event log: records of one key keep their order."""
        return self.aggregate_id

    @property
    def subject(self) -> str:
        """The CloudEvents name of `aggregate_id`."""
        return self.aggregate_id
