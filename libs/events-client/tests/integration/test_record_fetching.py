"""Fetching records and keys from a small HTTP server."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chassis.errors import NotFound, Unavailable
from events_client import RecordUnreadable, fetch_keys, fetch_record

RECORD: dict[str, Any] = {
    "standing": {"en": "Issued. In force until 2027-03-01 (UTC).", "zh": "已颁发。"},
    "state": "issued",
    "in_force": True,
    "flags": [
        {
            "code": "footprint_deprecated",
            "reason": "footprint_replaced",
            "since": "2026-04-02T10:00:00Z",
            "successor_footprint_id": "f-2",
            "words": {"en": "…", "zh": "…"},
        }
    ],
    "issued_at": "2026-03-01T08:00:00Z",
    "valid_until": "2027-03-01T08:00:00Z",
    "record_id": "r-1",
    "scheme": {"id": "demonstration"},
    "sha256": "c" * 64,
    "key_id": "key-1",
    "jws": "e30.e30.c2ln",
}


class Server(ThreadingHTTPServer):
    """Answers each path with what a test puts there; remembers the paths asked for.

    Answers go out in pieces [bytes], with a pause after each [s].
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.packed = False
        self.piece, self.pause_s = 2**30, 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/certification"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.path)
        status, body = server.answers.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if server.packed:
            self.send_header("Content-Encoding", "gzip")
        if status == 302:
            self.send_header("Location", "/certification/v1/records/r-1")
        self.end_headers()
        with suppress(ConnectionError):
            for start in range(0, len(body), server.piece):
                self.wfile.write(body[start : start + server.piece])
                time.sleep(server.pause_s)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    opened = Server()
    thread = threading.Thread(target=opened.serve_forever, args=(0.01,))
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def put(server: Server, body: Any, status: int = 200, record_id: str = "r-1") -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.answers[f"/certification/v1/records/{record_id}"] = (status, content)


def test_a_record_says_where_it_stands(server: Server) -> None:
    put(server, RECORD)
    record = fetch_record(server.url, "r-1")
    assert record.standing("en") == RECORD["standing"]["en"]
    assert record.standing("zh") == "已颁发。"
    assert (record.state, record.in_force) == ("issued", True)
    assert record.valid_until == datetime(2027, 3, 1, 8, tzinfo=UTC)
    assert [flag.successor_footprint_id for flag in record.flags] == ["f-2"]


def test_an_unknown_record_is_not_found(server: Server) -> None:
    with pytest.raises(NotFound, match="r-9"):
        fetch_record(server.url, "r-9")


def test_an_id_cannot_lead_elsewhere(server: Server) -> None:
    with pytest.raises(NotFound):
        fetch_record(server.url, "../../admin?x=1#y")
    assert server.asked == ["/certification/v1/records/..%2F..%2Fadmin%3Fx%3D1%23y"]


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b'{"state": "issued", "state": "revoked"}',
        b"x" * (1024 * 1024 + 1),
        [],
        {},
        RECORD | {"record_id": "r-2"},
        RECORD | {"in_force": "yes"},
        RECORD | {"state": None},
        RECORD | {"valid_until": "2027-03-01"},
        RECORD | {"flags": [{}]},
    ],
)
def test_an_answer_that_is_no_such_record_is_refused(server: Server, body: Any) -> None:
    put(server, body)
    with pytest.raises(RecordUnreadable):
        fetch_record(server.url, "r-1")


def test_a_redirect_is_not_followed(server: Server) -> None:
    put(server, b"", status=302, record_id="r-3")
    put(server, RECORD)
    with pytest.raises(RecordUnreadable, match="302"):
        fetch_record(server.url, "r-3")


def test_a_failing_service_is_unavailable(server: Server) -> None:
    put(server, b"", status=503)
    with pytest.raises(Unavailable):
        fetch_record(server.url, "r-1")


def test_no_service_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        fetch_record("http://127.0.0.1:1", "r-1")


def test_keys_are_fetched_from_the_well_known_place(server: Server) -> None:
    content = {"keys": [{"kid": "key-1"}]}
    server.answers["/certification/.well-known/jwks.json"] = (200, json.dumps(content).encode())
    assert fetch_keys(server.url + "/") == content


def test_a_packed_answer_is_not_unpacked(server: Server) -> None:
    server.packed = True
    put(server, gzip.compress(json.dumps(RECORD).encode()))
    with pytest.raises(RecordUnreadable, match="packed"):
        fetch_record(server.url, "r-1")


def test_an_answer_that_trickles_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events_client.records.TIMEOUT_S", 0.2)
    server.piece, server.pause_s = 1, 0.05
    put(server, b" " * 100)
    with pytest.raises(Unavailable):
        fetch_record(server.url, "r-1")


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"keys": {}}', b'{"keys": ["key-1"]}'])
def test_what_is_no_key_set_is_refused(server: Server, body: bytes) -> None:
    server.answers["/certification/.well-known/jwks.json"] = (200, body)
    with pytest.raises(RecordUnreadable):
        fetch_keys(server.url)
