"""Events in and out of the wired service, on the local event log."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from pydantic import SecretStr
from services.certification.tests.samples import (
    APPLICANT,
    BODY,
    DECIDER,
    FOOTPRINT,
    NOW,
    OWNER,
    SCHEME,
    STATEMENT,
    STATER,
    VERIFIER,
)
from tests.databases import FreshDatabase

from certification.adapters.events import FOOTPRINT_DEPRECATED, FOOTPRINT_FLAGGED, FOOTPRINT_TOPIC
from certification.adapters.unit_of_work import units_of_work
from certification.application.ports import UnitsOfWork
from certification.bootstrap import build
from certification.domain import facts
from certification.domain.record import FlagCode, Record, SignedDocument
from certification.domain.states import State
from certification.settings import CertificationSettings
from chassis.clock import FixedClock
from chassis.cloudevent import from_json, to_json
from chassis.database import Database
from chassis.eventlog import LogRecord
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.topics import TOPICS
from chassis.workers import WorkerGroup
from events_client import RecordFeed, RecordFlagged, RecordSubmitted

STALE = {"footprintId": FOOTPRINT.id, "flag": "stale", "reason": "declaration_corrected"}
REPLACED = {"footprintId": FOOTPRINT.id, "successorFootprintId": "footprint-2"}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalEventLog]:
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics(TOPICS)
    yield opened
    opened.close()


@pytest.fixture
def running(log: LocalEventLog, fresh: FreshDatabase, signing_key: OKPKey) -> Iterator[None]:
    settings = CertificationSettings(
        database_url=fresh.url,
        client_secret=SecretStr("not used here"),
        signing_key=SecretStr(json.dumps(signing_key.as_dict(private=True))),
        public_url="https://certification.example/",
    )
    service = build(settings, event_log=log)
    workers = WorkerGroup(service.workers)
    workers.start()
    yield
    workers.stop()
    service.close()


@pytest.fixture
def open_uow(running: None, database: Database) -> UnitsOfWork:
    return units_of_work(database, FixedClock(NOW))


def issue(open_uow: UnitsOfWork) -> None:
    record = Record.apply_for(
        record_id="record-1",
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=APPLICANT,
        at=NOW,
    )
    with open_uow(OWNER) as uow:
        uow.records.add(record)
        uow.announce(record, facts.Submitted(record.id, SCHEME.id))
        uow.commit()
    document = SignedDocument("e30.e30.c2ln", "c" * 64, "key-1", NOW, SCHEME.valid_until(NOW))
    record = record.file_statement(STATEMENT, SCHEME, STATER, NOW).issue(document, DECIDER, "Good.")
    with open_uow(OWNER) as uow:
        uow.records.save(record)
        uow.commit()


def tell(
    log: LocalEventLog,
    type_: str,
    data: dict[str, str],
    version: int = 2,
    tenant_id: str = OWNER,
    event_id: str | None = None,
) -> None:
    event = Event(
        id=event_id or f"event-{version}",
        type=type_,
        topic=FOOTPRINT_TOPIC,
        source="/services/footprint",
        aggregate_id=FOOTPRINT.id,
        aggregate_version=version,
        tenant_id=tenant_id,
        time=NOW,
        data=data,
    )
    log.append(FOOTPRINT_TOPIC, event.key, to_json(event))


def wait_until_read(log: LocalEventLog) -> None:
    deadline = time.monotonic() + 20
    while log.lag("certification", [FOOTPRINT_TOPIC]):
        assert time.monotonic() < deadline, "the consumer did not read the events"
        time.sleep(0.05)


def present(open_uow: UnitsOfWork) -> Record:
    with open_uow(OWNER) as uow:
        record = uow.records.get("record-1")
    assert record is not None
    return record


def dead_letters(log: LocalEventLog) -> list[LogRecord]:
    consumer = log.consumer("operator", ["certification.dead-letter"])
    found = consumer.poll(0.5, 10)
    consumer.close()
    return found


def test_a_stale_footprint_flags_its_record_and_says_so_once(
    log: LocalEventLog, open_uow: UnitsOfWork
) -> None:
    issue(open_uow)
    tell(log, FOOTPRINT_FLAGGED, STALE)
    tell(log, FOOTPRINT_FLAGGED, STALE)
    tell(log, FOOTPRINT_FLAGGED, STALE, version=3)
    wait_until_read(log)
    record = present(open_uow)
    assert record.state is State.ISSUED
    assert [(flag.code, flag.reason, flag.since) for flag in record.flags] == [
        (FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW)
    ]
    with RecordFeed(log, "body") as feed:
        seen = list(feed.events(idle_s=1.0))
    assert [type(event) for event in seen] == [RecordSubmitted, RecordFlagged]
    assert [event.version for event in seen if isinstance(event, RecordFlagged)] == [2]


def test_a_replaced_footprint_names_its_successor(
    log: LocalEventLog, open_uow: UnitsOfWork
) -> None:
    issue(open_uow)
    tell(log, FOOTPRINT_FLAGGED, STALE)
    tell(log, FOOTPRINT_DEPRECATED, REPLACED, version=3)
    wait_until_read(log)
    assert {flag.code: flag.successor_footprint_id for flag in present(open_uow).flags} == {
        FlagCode.FOOTPRINT_STALE: None,
        FlagCode.FOOTPRINT_DEPRECATED: "footprint-2",
    }


def test_a_footprint_that_nobody_certified_is_no_matter(
    log: LocalEventLog, open_uow: UnitsOfWork
) -> None:
    tell(log, FOOTPRINT_FLAGGED, STALE)
    wait_until_read(log)
    assert dead_letters(log) == []


def test_another_tenants_event_does_not_reach_our_record(
    log: LocalEventLog, open_uow: UnitsOfWork
) -> None:
    issue(open_uow)
    tell(log, FOOTPRINT_FLAGGED, STALE, tenant_id="other-maker")
    wait_until_read(log)
    assert present(open_uow).flags == ()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda log: tell(log, "greenchain.footprint.flagged.v2", STALE),
            "event.version.unknown",
        ),
        (
            lambda log: tell(log, FOOTPRINT_FLAGGED, STALE | {"flag": "audited"}),
            "certification.event.unreadable",
        ),
        (lambda log: log.append(FOOTPRINT_TOPIC, FOOTPRINT.id, b"nonsense"), "event.malformed"),
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_next_event_is_handled(
    log: LocalEventLog,
    open_uow: UnitsOfWork,
    spoil: Callable[[LocalEventLog], object],
    reason: str,
) -> None:
    issue(open_uow)
    spoil(log)
    tell(log, FOOTPRINT_DEPRECATED, REPLACED, version=3)
    wait_until_read(log)
    flags = present(open_uow).flags
    assert [flag.code for flag in flags] == [FlagCode.FOOTPRINT_DEPRECATED]
    (letter,) = dead_letters(log)
    assert letter.headers["dead-letter-reason"] == reason.encode()


def test_what_is_published_is_read_as_it_was_written(
    log: LocalEventLog, open_uow: UnitsOfWork
) -> None:
    issue(open_uow)
    consumer = log.consumer("reader", ["certification.record"])
    deadline = time.monotonic() + 20
    while not (records := consumer.poll(0.5, 10)):
        assert time.monotonic() < deadline, "the relay sent nothing"
    consumer.close()
    event = from_json(records[0].value, records[0].topic)
    assert (records[0].key, event.tenant_id) == ("record-1", OWNER)
    assert event.data == {"recordId": "record-1", "scheme": "demonstration"}


@pytest.mark.parametrize("url", ["", "certification.example", "ftp://certification.example"])
def test_settings_want_an_address_that_others_can_reach(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        CertificationSettings(
            client_secret=SecretStr("x"), signing_key=SecretStr("{}"), public_url=url
        )
