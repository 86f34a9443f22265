"""What is done once more after a collision of transactions."""

import asyncio
from collections.abc import Callable

import pytest
from fastapi import APIRouter, Body, FastAPI
from fastapi.testclient import TestClient

from chassis.blocking import run_blocking
from chassis.errors import Collision, Unavailable
from chassis.web import Route


def failing(errors: list[Exception]) -> Callable[[], str]:
    def call() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    return call


def collision() -> Exception:
    return Collision(service="database")


def test_a_call_that_collides_is_made_once_more() -> None:
    assert asyncio.run(run_blocking(failing([collision()]))) == "done"


def test_a_call_that_collides_twice_is_given_up() -> None:
    with pytest.raises(Collision):
        asyncio.run(run_blocking(failing([collision(), collision()])))


def test_a_call_that_fails_otherwise_is_made_once() -> None:
    with pytest.raises(Unavailable):
        asyncio.run(run_blocking(failing([Unavailable(service="database")])))


def test_a_request_whose_use_case_collides_is_handled_once_more_with_its_body() -> None:
    router, seen = APIRouter(route_class=Route), list[object]()
    errors = [collision()]

    @router.post("/things")
    def post(thing: dict[str, int] = Body()) -> str:  # noqa: B008 - how FastAPI is told
        seen.append(thing)
        return failing(errors)()

    app = FastAPI()
    app.include_router(router)
    with TestClient(app) as client:
        assert client.post("/things", json={"a": 1}).json() == "done"
    assert seen == [{"a": 1}, {"a": 1}]
