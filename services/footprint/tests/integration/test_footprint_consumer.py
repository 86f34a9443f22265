import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from services.footprint.tests.fakes import METHOD, OWNER, SUPPLIER, sha
from services.footprint.tests.methodology import header, line
from services.footprint.tests.world import Identity, SupplierServer, accepted, reference

from chassis.clock import SystemClock, new_id
from chassis.cloudevent import from_json, to_json
from chassis.errors import NotFound, Unavailable
from chassis.eventlog import LogRecord
from chassis.eventlog.local import LocalEventLog
from chassis.events import Event
from chassis.identity import Role
from chassis.service import Service
from chassis.workers import WorkerGroup

WAIT_S = 20.0


def supplier_event(verb: str, version: int = 1, *, suffix: str = "v1", **changes: Any) -> Event:
    """Give an event of the supplier service about its declaration."""
    aggregate = "calculation" if verb == "requested" else "declaration"
    data: dict[str, Any] = {
        "declaration": {"id": "declaration-1", "version": version, "sha256": sha(str(version))}
    }
    if verb == "corrected":
        old = version - 1
        data["corrected"] = {"id": "declaration-1", "version": old, "sha256": sha(str(old))}
    return Event(
        id=changes.pop("id", new_id()),
        type=f"greenchain.{aggregate}.{verb}.{suffix}",
        topic=f"supplier.{aggregate}",
        source="/services/supplier",
        aggregate_id="declaration-1",
        aggregate_version=version,
        tenant_id=SUPPLIER,
        time=SystemClock().now(),
        data=changes.pop("data", data),
    )


class World:
    """The running service, the log, and what comes out of it."""

    def __init__(self, log: LocalEventLog, client: TestClient, identity: Identity) -> None:
        self.log, self.client, self.identity = log, client, identity
        self._told = log.consumer("test", ["footprint.footprint"])
        self._dead = log.consumer("test-dead", ["footprint.dead-letter"])
        self.told: list[Event] = []
        self.dead: list[LogRecord] = []

    def close(self) -> None:
        self._told.close()
        self._dead.close()

    def hear(self, event: Event) -> None:
        self.log.append(event.topic, event.key, to_json(event))

    def read(self) -> None:
        """Take in what was published meanwhile."""
        self.told += [from_json(each.value, each.topic) for each in self._told.poll(0.05, 50)]
        self.dead += self._dead.poll(0.05, 50)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not happened():
            assert time.monotonic() < deadline, (self.told, self.dead)
            self.read()

    def verbs(self) -> list[tuple[str, str]]:
        return [(event.type.split(".")[2], event.aggregate_id) for event in self.told]

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = self.identity.bearer(Role.EXPORTER)
        answer = self.client.request(method, f"/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def frozen(self) -> str:
        """Freeze a pack of 2 kg of the supplier's cathode."""
        body = {"header": header(), "lines": [line("p.1", "lfp_cathode", 2.0)], "sites": []}
        model = self.call("POST", "/product-models", body)
        footprint = self.call(
            "POST",
            f"/product-models/{model['id']}/footprints",
            {"method_id": METHOD, "use_supplier_data": True},
        )
        self.call("POST", f"/footprints/{footprint['id']}/freeze")
        return str(footprint["id"])


@pytest.fixture
def world(
    event_log: LocalEventLog, service: Service, client: TestClient, identity: Identity
) -> Iterator[World]:
    workers = WorkerGroup(service.workers)
    workers.start()
    opened = World(event_log, client, identity)
    yield opened
    opened.close()
    workers.stop()


class TestCalculationRequested:
    def test_the_suppliers_footprint_is_put_back(
        self, world: World, supplier: SupplierServer
    ) -> None:
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: bool(supplier.put))
        (put,) = supplier.put
        assert put.unit == "kg"
        assert put.kg_co2e_per_unit > 0
        assert put.method_id == METHOD
        assert len(put.sha256) == 64

    def test_it_acts_for_the_supplier_with_its_own_token(
        self, world: World, supplier: SupplierServer
    ) -> None:
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: bool(supplier.put))
        seen = {(what, who.tenant_id, who.roles) for what, who in supplier.callers}
        roles = frozenset({Role.FOOTPRINT_SERVICE})
        assert seen == {("activity data", SUPPLIER, roles), ("put", SUPPLIER, roles)}

    def test_the_same_event_twice_is_put_back_once(
        self, world: World, supplier: SupplierServer
    ) -> None:
        event = supplier_event("requested")
        world.hear(event)
        world.hear(event)
        world.hear(supplier_event("requested", 2))
        world.wait_until(lambda: len(supplier.put) == 2)
        versions = [what for what, _ in supplier.callers if what == "activity data"]
        assert len(versions) == 2

    def test_a_supplier_service_that_is_down_is_tried_again(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.refusal = Unavailable("database")
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: len(supplier.callers) >= 2)
        supplier.refusal = None
        world.wait_until(lambda: bool(supplier.put))
        assert world.dead == []

    def test_a_revoked_grant_is_a_dead_letter_with_its_reason(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.refusal = NotFound("declaration", "declaration-1")
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: bool(world.dead))
        (dead,) = world.dead
        assert dead.headers["dead-letter-reason"] == b"not_found"
        assert b"declaration-1" in dead.headers["dead-letter-error"]

    def test_what_is_wrong_with_the_activity_data_is_told_and_no_dead_letter(
        self, world: World, supplier: SupplierServer
    ) -> None:
        wrong = supplier.records[2]
        wrong.item_id = "electricity_gird"
        world.hear(supplier_event("requested"))
        world.hear(supplier_event("requested", 2))
        world.wait_until(lambda: len(supplier.refused) == 2)
        assert [each.declaration for each in supplier.refused] == [reference(1), reference(2)]
        (violation,) = supplier.refused[0].violations
        assert (violation.row_id, violation.field) == (wrong.record_id, "item_id")
        assert violation.message_en.startswith(
            "nothing in the dataset is called 'electricity_gird'"
        )
        assert violation.message_en.endswith("Did you mean electricity_grid?")
        assert violation.message_zh.startswith("数据集中没有 'electricity_gird'")
        assert violation.message_zh.endswith("您是否指 electricity_grid？")
        world.read()
        assert (world.dead, supplier.put) == ([], [])

    def test_a_refusal_that_did_not_arrive_is_repeated_and_then_handled_once(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.records[2].quantity.amount = -1.0
        supplier.refusal_of_refusals = [Unavailable("database")]
        event = supplier_event("requested")
        world.hear(event)
        world.wait_until(lambda: len(supplier.refused) == 2)
        world.hear(event)
        supplier.records[2].quantity.amount = 1.0
        world.hear(supplier_event("requested", 2))
        world.wait_until(lambda: bool(supplier.put))
        first, second = supplier.refused
        assert first == second
        world.read()
        assert world.dead == []

    def test_a_refusal_that_the_supplier_service_does_not_take_is_a_dead_letter(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.records[2].quantity.amount = -1.0
        supplier.refusal_of_refusals = [NotFound("declaration", "declaration-1")] * 9
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: bool(world.dead))
        assert world.dead[0].headers["dead-letter-reason"] == b"not_found"


class TestPoison:
    @pytest.mark.parametrize(
        ("poison", "reason"),
        [
            (supplier_event("requested", suffix="v9"), b"event.version.unknown"),
            (supplier_event("requested", data={}), b"event.malformed"),
        ],
    )
    def test_it_is_put_aside_and_the_next_event_is_handled(
        self, world: World, supplier: SupplierServer, poison: Event, reason: bytes
    ) -> None:
        world.hear(poison)
        world.hear(supplier_event("requested"))
        world.wait_until(lambda: bool(supplier.put) and bool(world.dead))
        assert world.dead[0].headers["dead-letter-reason"] == reason

    def test_an_unknown_version_of_a_declarations_event(self, world: World) -> None:
        world.hear(supplier_event("accepted", 2, suffix="v2"))
        world.wait_until(lambda: bool(world.dead))
        assert world.dead[0].headers["dead-letter-reason"] == b"event.version.unknown"


class TestCorrection:
    def test_a_correction_flags_at_once_and_its_acceptance_recomputes(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.granted = [accepted()]
        old = world.frozen()
        world.hear(supplier_event("corrected", 2))
        world.wait_until(lambda: ("flagged", old) in world.verbs())
        shown = world.call("GET", f"/footprints/{old}")
        assert [flag["reason"] for flag in shown["flags"]] == ["declaration_corrected"]
        assert shown["state"] == "frozen"

        supplier.granted = [accepted(2, kg_co2e=12.0)]
        world.hear(supplier_event("accepted", 2))
        world.wait_until(lambda: any(verb == "recomputed" for verb, _ in world.verbs()))
        shown = world.call("GET", f"/footprints/{old}")
        assert shown["state"] == "deprecated"
        successor = world.call("GET", f"/footprints/{shown['successor_footprint_id']}")
        assert successor["kg_co2e"] == pytest.approx(24.0)
        assert successor["preceding_footprint_id"] == old
        assert successor["flags"] == []
        world.wait_until(lambda: len(world.told) == 5)
        assert set(world.verbs()) == {
            ("frozen", old),
            ("flagged", old),
            ("frozen", successor["id"]),
            ("deprecated", old),
            ("recomputed", successor["id"]),
        }
        assert {event.tenant_id for event in world.told} == {OWNER}

    def test_the_recomputation_acts_for_the_owner_with_the_services_token(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.granted = [accepted()]
        world.frozen()
        supplier.callers.clear()
        supplier.granted = [accepted(2)]
        world.hear(supplier_event("accepted", 2))
        world.wait_until(lambda: any(verb == "recomputed" for verb, _ in world.verbs()))
        ((_, caller),) = supplier.callers
        assert (caller.tenant_id, caller.roles) == (OWNER, frozenset({Role.FOOTPRINT_SERVICE}))

    def test_a_grant_revoked_before_the_recomputation_is_a_dead_letter(
        self, world: World, supplier: SupplierServer
    ) -> None:
        supplier.granted = [accepted()]
        old = world.frozen()
        world.hear(supplier_event("corrected", 2))
        supplier.granted = []
        world.hear(supplier_event("accepted", 2))
        world.wait_until(lambda: bool(world.dead))
        reason = world.dead[0].headers["dead-letter-reason"]
        assert reason == b"footprint.recompute.no_longer_granted"
        shown = world.call("GET", f"/footprints/{old}")
        assert (shown["state"], len(shown["flags"])) == ("frozen", 1)
