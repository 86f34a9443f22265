"""The service as its bootstrap builds it, from the call to the event log."""

import json
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from services.supplier.tests.scenario import Scenario

from chassis.clock import SystemClock, new_id
from chassis.database import Database
from chassis.eventlog import LogRecord
from chassis.eventlog.local import LocalEventLog
from chassis.rpc import RpcServer
from chassis.settings import RpcSettings
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key
from chassis.topics import TOPICS
from greenchain.supplier.v1 import supplier_pb2
from supplier.adapters.unit_of_work import UnitsOfWork
from supplier.application.ports import Context
from supplier.bootstrap import build
from supplier.settings import SupplierSettings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENCHAIN_SUPPLIER_DATABASE_URL", "sqlite:///elsewhere.db")
    assert SupplierSettings().database_url == "sqlite:///elsewhere.db"


def test_what_is_committed_reaches_the_event_log_in_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/supplier.db"
    event_log = LocalEventLog(str(tmp_path / "events.db"))
    event_log.create_topics(TOPICS)
    service = build(SupplierSettings(database_url=url), event_log=event_log)
    database = Database(url)
    (relay,) = service.workers
    relay.start()
    try:
        scenario = Scenario(Context(UnitsOfWork(database, SystemClock()), SystemClock(), new_id))
        first = scenario.accepted()
        second = scenario.next_version()
        scenario.accept(second)
        records = read(event_log, "supplier.declaration", 4)
    finally:
        relay.stop()
        service.close()
        database.close()
        event_log.close()
    events = [json.loads(record.value) for record in records]
    assert [event["type"].split(".")[2] for event in events] == [
        "submitted",
        "accepted",
        "corrected",
        "accepted",
    ]
    assert [event["aggregateversion"] for event in events] == [1, 2, 3, 4]
    assert {record.key for record in records} == {first.id}


def read(event_log: LocalEventLog, topic: str, count: int) -> list[LogRecord]:
    """Read so many records, or what came within ten seconds."""
    consumer = event_log.consumer("test", [topic])
    records: list[LogRecord] = []
    end = time.monotonic() + 10
    while len(records) < count and time.monotonic() < end:
        records += consumer.poll(0.2, 10)
    consumer.close()
    return records


def test_every_declared_service_is_served_and_healthy(tmp_path: Path) -> None:
    event_log = LocalEventLog(str(tmp_path / "events.db"))
    settings = SupplierSettings(database_url=f"sqlite:///{tmp_path}/supplier.db")
    service = build(settings, event_log=event_log)
    assert service.grpc is not None
    issuer = TokenIssuer("https://issuer.example", new_signing_key())
    verifier = TokenVerifier(StaticKeys(issuer.jwks()), "https://issuer.example")
    server = RpcServer(verifier, [service.grpc], RpcSettings())
    server.start()
    with grpc.insecure_channel(server.target) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        healths = {
            declared.full_name: health.Check(
                health_pb2.HealthCheckRequest(service=declared.full_name), timeout=10
            ).status
            for declared in supplier_pb2.DESCRIPTOR.services_by_name.values()
        }
    server.stop()
    service.close()
    event_log.close()
    assert set(healths.values()) == {health_pb2.HealthCheckResponse.SERVING}
