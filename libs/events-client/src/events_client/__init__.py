"""Consumer kit of certification bodies.

Three steps, each usable alone: read record events from the log (`RecordFeed`), fetch a record and
the issuer's keys (`fetch_record`, `fetch_keys`), verify its signature (`verify_record`).

*Verified* means genuine: signed by the issuer, unchanged. It never means *valid*: a revoked record
verifies for ever. Where a record stands is in `PublicRecord.state` and, in words, in
`PublicRecord.standing`; read it first and show it.

>>> with RecordFeed(event_log, group="my-body") as feed:  # doctest: +SKIP
...     for event in feed.events():
...         match event:
...             case RecordIssued():
...                 record = fetch_record(base_url, event.record_id)
...                 print(record.standing("en"))
...                 verify_record(
...                     record.jws, fetch_keys(base_url), issuer=base_url,
...                     record_id=event.record_id, sha256=event.sha256,
...                 )
...             case Unreadable():
...                 print(event.error)
"""

from events_client.events import (
    STATE_TOPIC,
    TOPIC,
    RecordEvent,
    RecordFlagged,
    RecordIssued,
    RecordReinstated,
    RecordRejected,
    RecordRestated,
    RecordRevoked,
    RecordSubmitted,
    RecordSuspended,
    RecordWithdrawn,
    UnknownEventType,
    UnknownEventVersion,
)
from events_client.feed import RecordFeed, Unreadable
from events_client.records import (
    PublicFlag,
    PublicRecord,
    RecordUnreadable,
    fetch_keys,
    fetch_record,
)
from events_client.verification import NotVerified, VerifiedRecord, verify_record

__all__ = [
    "STATE_TOPIC",
    "TOPIC",
    "NotVerified",
    "PublicFlag",
    "PublicRecord",
    "RecordEvent",
    "RecordFeed",
    "RecordFlagged",
    "RecordIssued",
    "RecordReinstated",
    "RecordRejected",
    "RecordRestated",
    "RecordRevoked",
    "RecordSubmitted",
    "RecordSuspended",
    "RecordUnreadable",
    "RecordWithdrawn",
    "UnknownEventType",
    "UnknownEventVersion",
    "Unreadable",
    "VerifiedRecord",
    "fetch_keys",
    "fetch_record",
    "verify_record",
]
