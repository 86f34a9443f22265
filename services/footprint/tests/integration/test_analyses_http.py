"""Analyses over real HTTP: submitted, followed by server-sent events, cancelled, read."""

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from services.footprint.tests.analysis_works import slow
from services.footprint.tests.world import Identity

import footprint.bootstrap
from chassis.eventlog.local import LocalEventLog
from chassis.http_server import HttpServer, bind
from chassis.identity import Role
from chassis.service import Service
from chassis.workers import WorkerGroup
from footprint.adapters.analysis_worker import AnalysisWorker
from footprint.bootstrap import build
from footprint.entrypoints import server_sent_events
from footprint.entrypoints.http_examples import ANALYSIS
from footprint.entrypoints.server_sent_events import EventStreams
from footprint.settings import AnalysisSettings, FootprintSettings

MODEL: dict[str, Any] = (ANALYSIS["calculate"]["value"] or {})["model"]
PATIENCE_S = 30.0
UNKNOWN = "00000000-0000-4000-8000-000000000000"
#: Steel 12 kg × 1.9 kg CO2/kg, electricity (30 + 12 × 0.5) kWh × 0.6 kg CO2/kWh.
SCORE = 12 * 1.9 + (30 + 12 * 0.5) * 0.6


@dataclass(frozen=True)
class Event:
    name: str
    id: int
    data: dict[str, Any]


class Client:
    """Calls the served service as an exporter, unless told otherwise."""

    def __init__(self, url: str, identity: Identity) -> None:
        self.url, self.identity = url, identity
        self.http = httpx2.Client(base_url=f"{url}/v1", timeout=PATIENCE_S)

    def headers(self, tenant_id: str = "pack-maker", role: Role = Role.EXPORTER) -> dict[str, str]:
        return self.identity.bearer(role, tenant_id=tenant_id)

    def call(self, method: str, path: str, body: object = None, **caller: Any) -> httpx2.Response:
        return self.http.request(method, path, json=body, headers=self.headers(**caller))

    def submit(self, kind: str = "calculate", **options: Any) -> str:
        body = {"kind": kind, "model": MODEL, "options": options}
        answer = self.call("POST", "/analyses", body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def events(self, analysis_id: str, last_event_id: str | None = None) -> Iterator[Event]:
        """Yield events until the stream ends; heartbeats as events without a name."""
        headers = self.headers()
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        with self.http.stream("GET", f"/analyses/{analysis_id}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.status_code
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if line.startswith(":"):
                    yield Event("", 0, {})
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "data" in fields:
                    data = json.loads(fields["data"])
                    yield Event(fields["event"], int(fields["id"]), data)
                    fields = {}

    def run(self, kind: str, **options: Any) -> dict[str, Any]:
        """Submit, wait for the end, return the result."""
        analysis_id = self.submit(kind, **options)
        *_, last = self.events(analysis_id)
        assert last.name == "done", last
        result: dict[str, Any] = self.call("GET", f"/analyses/{analysis_id}/result").json()
        return result


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


def of_analyses(service: Service) -> list[Any]:
    kinds = (AnalysisWorker, EventStreams)
    return [worker for worker in service.workers if isinstance(worker, kinds)]


@contextmanager
def served(service: Service, identity: Identity, *, working: bool = True) -> Iterator[Client]:
    assert service.http is not None
    listener = bind("127.0.0.1", 0)
    server = HttpServer(service.http, listener, grace_s=2.0)
    group = WorkerGroup([server, *(of_analyses(service) if working else ())])
    group.start()
    client = Client(f"http://127.0.0.1:{server.port}", identity)
    try:
        yield client
    finally:
        group.stop()
        client.http.close()


@pytest.fixture
def client(service: Service, identity: Identity) -> Iterator[Client]:
    """Give a client of the service with its workers."""
    with served(service, identity) as opened:
        yield opened


@pytest.fixture
def idle(service: Service, identity: Identity) -> Iterator[Client]:
    """Give a client of the service whose workers are not started."""
    with served(service, identity, working=False) as opened:
        yield opened


@pytest.fixture
def slow_client(
    settings: FootprintSettings,
    event_log: LocalEventLog,
    identity: Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Client]:
    """Give a client of a service whose analyses take an hour, telling their progress."""
    monkeypatch.setattr(footprint.bootstrap, "run_analysis", slow)
    service = build(settings, event_log=event_log)
    try:
        with served(service, identity) as opened:
            yield opened
    finally:
        service.close()


class TestTheMainJob:
    def test_submit_follow_read(self, client: Client) -> None:
        body = {"kind": "montecarlo", "model": MODEL, "options": {"samples": 200}}
        answer = client.call("POST", "/analyses", body)
        submitted = answer.json()
        assert answer.status_code == 202
        assert submitted["state"] == "queued"
        address = httpx2.URL(str(answer.request.url)).join(answer.headers["location"])
        shown = client.http.get(address, headers=client.headers())
        assert shown.json()["id"] == submitted["id"]
        events = list(client.events(submitted["id"]))
        assert events[-1].name == "done"
        assert events[-1].data["progress"] == {"done": 200, "total": 200}
        assert [event.name for event in events[:-1]] == ["progress"] * (len(events) - 1)
        assert [event.id for event in events] == sorted({event.id for event in events})
        result = client.call("GET", f"/analyses/{submitted['id']}/result").json()
        assert result["results"][0]["summary"]["samples"] == 200
        assert result["results"][0]["score"] == pytest.approx(SCORE)
        assert len(result["results"][0]["scores"]) == 200

    def test_every_kind_runs(self, client: Client) -> None:
        asked: dict[str, dict[str, Any]] = {
            "calculate": {},
            "compare": {"with_demand": {"product": "steel", "amount": 20}, "samples": 50},
            "sensitivity": {"samples": 50},
            "traverse": {},
            "scenarios": {},
        }
        for kind, options in asked.items():
            result = client.run(kind, **options)
            assert (result["format"], result["kind"]) == ("greenchain-analysis/1", kind)
            assert result["results"][0]["method"]["id"] == "gwp100"

    def test_the_list_has_pages(self, idle: Client) -> None:
        made = [idle.submit() for _ in range(3)]
        first = idle.call("GET", "/analyses?limit=2").json()
        second = idle.call("GET", f"/analyses?limit=2&after={first['next']}").json()
        listed = [item["id"] for item in first["analyses"] + second["analyses"]]
        assert listed == made[::-1]
        assert second["next"] is None

    def test_a_failure_is_told(self, client: Client) -> None:
        model = copy.deepcopy(MODEL)
        # 1 kg of steel takes 0.5 kWh, which take 0.5 × 2 = 1 kg of steel.
        model["activities"][2]["inputs"] = [{"product": "steel", "amount": 2}]
        body = {"kind": "calculate", "model": model}
        analysis_id = client.call("POST", "/analyses", body).json()["id"]
        *_, last = client.events(analysis_id)
        assert last.name == "failed"
        assert last.data["failure"]["code"] == "footprint.analysis.singular"
        assert "steel_works" in last.data["failure"]["message"]["zh"]
        refused = problem(client.call("GET", f"/analyses/{analysis_id}/result"), 409)
        assert refused["attributes"]["state"] == "failed"


class TestEvents:
    def test_progress_is_streamed_while_it_runs(self, slow_client: Client) -> None:
        events = slow_client.events(slow_client.submit("montecarlo"))
        seen = [next(events) for _ in range(4)]
        done = [event.data["progress"]["done"] for event in seen]
        assert done == sorted(done)
        assert done[-1] > 0
        assert {event.data["progress"]["total"] for event in seen[2:]} == {36_000}

    def test_cancelling_ends_the_stream_within_a_second_or_so(self, slow_client: Client) -> None:
        analysis_id = slow_client.submit("montecarlo")
        events = slow_client.events(analysis_id)
        while next(events).data["state"] != "running":
            pass
        cancelled = slow_client.call("POST", f"/analyses/{analysis_id}/cancel")
        at = time.monotonic()
        assert cancelled.json()["state"] == "cancelled"
        *_, last = events
        assert time.monotonic() - at < 2.0
        assert last.name == "cancelled"
        again = slow_client.call("POST", f"/analyses/{analysis_id}/cancel")
        assert again.status_code == 200
        problem(slow_client.call("GET", f"/analyses/{analysis_id}/result"), 409)

    def test_a_stream_that_was_cut_goes_on_where_it_was(self, idle: Client) -> None:
        analysis_id = idle.submit()
        first = next(idle.events(analysis_id))
        threading.Timer(0.5, lambda: idle.call("POST", f"/analyses/{analysis_id}/cancel")).start()
        rest = list(idle.events(analysis_id, str(first.id)))
        assert [event.name for event in rest] == ["cancelled"]

    @pytest.mark.parametrize("header", ["", "x", "-1", "9" * 50, "9" * 5000])
    def test_an_id_that_makes_no_sense_gives_the_present_state(
        self, idle: Client, header: str
    ) -> None:
        analysis_id = idle.submit()
        assert next(idle.events(analysis_id, header)).data["state"] == "queued"

    def test_who_has_seen_the_end_need_not_come_again(self, idle: Client) -> None:
        analysis_id = idle.submit()
        idle.call("POST", f"/analyses/{analysis_id}/cancel")
        (last,) = idle.events(analysis_id)
        headers = idle.headers() | {"Last-Event-ID": str(last.id)}
        answer = idle.http.get(f"/analyses/{analysis_id}/events", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_a_silent_stream_tells_that_it_lives_and_ends_in_time(
        self, service: Service, idle: Client
    ) -> None:
        (streams,) = (each for each in service.workers if isinstance(each, EventStreams))
        streams.heartbeat_s, streams.life_s = 0.6, 2.5
        events = list(idle.events(idle.submit()))
        assert [event.name for event in events][:2] == ["progress", ""]
        assert len(events) >= 3

    def test_a_tenant_may_open_so_many_streams(
        self, idle: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server_sent_events, "MOST_STREAMS", 2)
        analysis_id = idle.submit()
        streams = [idle.events(analysis_id) for _ in range(2)]
        for stream in streams:
            next(stream)
        path = f"/analyses/{analysis_id}/events"
        refused = problem(idle.call("GET", path), 409)
        assert refused["code"] == "footprint.analysis.too_many_streams"
        problem(idle.call("GET", path, tenant_id="other"), 404)
        idle.call("POST", f"/analyses/{analysis_id}/cancel")
        for stream in streams:
            list(stream)
        # Those have ended, and others are let in.
        assert idle.call("GET", path).status_code == 200

    def test_streams_take_neither_threads_nor_connections(
        self, idle: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server_sent_events, "MOST_STREAMS", 60)
        analysis_id = idle.submit()
        streams = [idle.events(analysis_id) for _ in range(60)]
        for stream in streams:
            next(stream)
        threads = threading.active_count()
        started = time.monotonic()
        for _ in range(20):
            assert idle.call("GET", f"/analyses/{analysis_id}").status_code == 200
        assert time.monotonic() - started < 10.0
        assert threads < 60
        for stream in streams:
            stream.close()  # type: ignore[attr-defined]

    def test_a_stopped_service_ends_its_streams(self, service: Service, idle: Client) -> None:
        (streams,) = (each for each in service.workers if isinstance(each, EventStreams))
        events = idle.events(idle.submit())
        next(events)
        streams.stop()
        assert list(events) == []


class TestRefusals:
    def test_all_that_is_wrong_is_told_and_nothing_stored(self, idle: Client) -> None:
        model = copy.deepcopy(MODEL)
        model["activities"][0]["inputs"][0]["product"] = "stele"
        options = {"samples": 0, "seed": "x", "metods": [], "methods": []}
        body = {"kind": "montecarlo", "model": model, "options": options}
        refused = problem(idle.call("POST", "/analyses", body), 422)
        places = {violation["field"] for violation in refused["violations"]}
        assert places >= {
            "activities[0].inputs[0].product",
            "options.samples",
            "options.seed",
            "options.metods",
            "options.methods",
        }
        assert idle.call("GET", "/analyses").json()["analyses"] == []

    def test_an_unknown_kind_is_refused(self, idle: Client) -> None:
        problem(idle.call("POST", "/analyses", {"kind": "guess", "model": MODEL}), 422)

    def test_only_exporters_analyse(self, idle: Client) -> None:
        body = {"kind": "calculate", "model": MODEL}
        problem(idle.call("POST", "/analyses", body, role=Role.LEAD_FIRM), 403)
        problem(idle.call("GET", "/analyses", role=Role.SUPPLIER), 403)

    def test_without_a_token_nothing_answers(self, idle: Client) -> None:
        analysis_id = idle.submit()
        assert idle.http.get(f"/analyses/{analysis_id}/events").status_code == 401

    def test_there_is_no_result_before_the_end(self, idle: Client) -> None:
        refused = problem(idle.call("GET", f"/analyses/{idle.submit()}/result"), 409)
        assert refused["code"] == "footprint.analysis.not_done"
        assert refused["attributes"]["state"] == "queued"

    def test_what_is_done_is_not_cancelled(self, client: Client) -> None:
        analysis_id = client.submit()
        *_, last = client.events(analysis_id)
        assert last.name == "done"
        refused = problem(client.call("POST", f"/analyses/{analysis_id}/cancel"), 409)
        assert refused["code"] == "footprint.analysis.ended"


class TestLimits:
    @pytest.fixture
    def limited(
        self, settings: FootprintSettings, event_log: LocalEventLog, identity: Identity
    ) -> Iterator[Callable[..., Any]]:
        @contextmanager
        def open_limited(**limits: Any) -> Iterator[Client]:
            narrow = settings.model_copy(update={"analyses": AnalysisSettings(**limits)})
            service = build(narrow, event_log=event_log)
            try:
                with served(service, identity, working="max_result_bytes" in limits) as opened:
                    yield opened
            finally:
                service.close()

        return open_limited  # type: ignore[return-value]

    def test_a_tenant_may_have_so_many_open(self, limited: Callable[..., Any]) -> None:
        with limited(max_open=2) as client:
            first, _ = client.submit(), client.submit()
            body = {"kind": "calculate", "model": MODEL}
            refused = problem(client.call("POST", "/analyses", body), 409)
            assert refused["code"] == "footprint.analysis.too_many_open"
            assert client.call("POST", "/analyses", body, tenant_id="other").status_code == 202
            client.call("POST", f"/analyses/{first}/cancel")
            client.submit()

    def test_who_may_not_submit_has_nothing_read(self, limited: Callable[..., Any]) -> None:
        with limited(max_open=1) as client:
            client.submit()
            # What is wrong with the model would be told only after it is read.
            refused = problem(
                client.call("POST", "/analyses", {"kind": "calculate", "model": {}}), 409
            )
            assert refused["code"] == "footprint.analysis.too_many_open"

    def test_a_model_and_its_samples_may_be_so_large(self, limited: Callable[..., Any]) -> None:
        body = {"kind": "montecarlo", "model": MODEL, "options": {"samples": 101}}
        for limits, place in (
            ({"max_exchanges": 3}, "activities"),
            ({"max_scores": 100}, "options.samples"),
        ):
            with limited(**limits) as client:
                refused = problem(client.call("POST", "/analyses", body), 422)
                (violation,) = refused["violations"]
                assert violation["field"] == place
                assert violation["code"] == "footprint.analysis.too_large"

    def test_a_result_may_be_so_large(self, limited: Callable[..., Any]) -> None:
        with limited(max_result_bytes=500) as client:
            *_, last = client.events(client.submit())
            assert last.name == "failed"
            assert last.data["failure"]["code"] == "footprint.analysis.result_too_large"


class TestIsolation:
    OPERATIONS = (
        ("GET", "/analyses/{analysis_id}"),
        ("GET", "/analyses/{analysis_id}/events"),
        ("GET", "/analyses/{analysis_id}/result"),
        ("POST", "/analyses/{analysis_id}/cancel"),
    )

    def test_every_operation_with_an_id_is_listed(self, idle: Client) -> None:
        paths = httpx2.get(f"{idle.url}/openapi.json").json()["paths"]
        taking = {
            (method.upper(), path.removeprefix("/v1"))
            for path, operations in paths.items()
            for method in operations
            if path.startswith("/v1/analyses/")
        }
        assert taking == set(self.OPERATIONS)

    @pytest.mark.parametrize(
        ("method", "path"), [*OPERATIONS, ("GET", "/analyses?after={analysis_id}")]
    )
    def test_a_foreign_id_looks_unknown(self, idle: Client, method: str, path: str) -> None:
        foreign = idle.submit()

        def answer(analysis_id: str) -> dict[str, str]:
            said = idle.call(method, path.format(analysis_id=analysis_id), tenant_id="other")
            told = problem(said, 404)
            told.pop("request_id")
            return {name: str(value).replace(analysis_id, "ID") for name, value in told.items()}

        assert answer(foreign) == answer(UNKNOWN)
        assert idle.call("GET", f"/analyses/{foreign}").json()["state"] == "queued"

    def test_another_tenants_analyses_are_not_listed(self, idle: Client) -> None:
        idle.submit()
        assert idle.call("GET", "/analyses", tenant_id="other").json()["analyses"] == []


def test_requests_are_answered_while_an_analysis_is_computed(
    client: Client, tmp_path: Path
) -> None:
    analysis_id = client.submit("montecarlo", samples=1_000_000)
    slowest = 0.0
    events = client.events(analysis_id)
    for _ in range(20):
        started = time.monotonic()
        assert client.call("GET", f"/analyses/{analysis_id}").status_code == 200
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 2.0
    *_, last = events
    assert last.name == "done"
