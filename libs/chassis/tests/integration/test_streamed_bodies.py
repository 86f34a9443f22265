"""Bodies that an operation reads as they come: never whole in memory, never from strangers."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, Request
from identities import VERIFIER, token

from chassis.web import Caller, create_app

LIMIT = 5000


def make_app() -> FastAPI:
    app = create_app("Sample", "1.0.0", VERIFIER, max_body_bytes=1000, streamed={"/files/": LIMIT})

    @app.put("/files/{name}")
    async def put_file(name: str, request: Request, caller: Caller) -> dict[str, int]:
        sizes = [len(block) async for block in request.stream()]
        return {"size": sum(sizes), "blocks": len([size for size in sizes if size])}

    @app.put("/notes/{name}")
    async def put_note(name: str, request: Request, caller: Caller) -> dict[str, int]:
        return {"size": len(await request.body())}

    return app


class Sent:
    """A body in blocks of 100 bytes, told how many were asked for."""

    def __init__(self, blocks: int, gone_after: int | None = None) -> None:
        self.blocks, self.gone_after, self.asked = blocks, gone_after, 0
        self.answered: list[Any] = []

    async def receive(self) -> Any:
        if self.asked == self.gone_after:
            return {"type": "http.disconnect"}
        self.asked += 1
        more = self.asked < self.blocks
        return {"type": "http.request", "body": b"x" * 100, "more_body": more}

    async def send(self, message: Any) -> None:
        self.answered.append(message)

    def put(self, path: str, authorization: str, root: str = "") -> int | None:
        """Send it and return the status of the answer, None if there is none."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "PUT",
            "scheme": "http",
            "path": f"{root}{path}",
            "raw_path": f"{root}{path}".encode(),
            "root_path": root,
            "query_string": b"",
            "headers": [(b"authorization", authorization.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        asyncio.run(make_app()(scope, self.receive, self.send))
        return int(self.answered[0]["status"]) if self.answered else None


def valid() -> str:
    return f"Bearer {token()}"


@pytest.mark.parametrize("root", ["", "/footprint"])
def test_a_streamed_body_is_handed_on_block_by_block(root: str) -> None:
    sent = Sent(50)
    assert sent.put("/files/a", valid(), root) == 200
    assert b'"blocks":50' in sent.answered[1]["body"].replace(b" ", b"")


def test_a_streamed_body_beyond_its_limit_is_not_read_on() -> None:
    sent = Sent(1000)
    assert sent.put("/files/a", valid()) == 413
    assert sent.asked == LIMIT // 100 + 1
    assert b"request.too_large" in sent.answered[1]["body"]


@pytest.mark.parametrize("authorization", ["", "Bearer x.y.z"])
def test_of_strangers_nothing_is_read(authorization: str) -> None:
    sent = Sent(50)
    assert sent.put("/files/a", authorization) == 401
    assert sent.asked == 0


def test_other_paths_keep_their_limit() -> None:
    assert Sent(50).put("/notes/a", valid()) == 413
    assert Sent(10).put("/notes/a", valid()) == 200


def test_a_client_that_is_gone_gets_no_answer_that_says_all_is_well() -> None:
    sent = Sent(50, gone_after=20)
    assert sent.put("/files/a", valid()) in (None, 500)
