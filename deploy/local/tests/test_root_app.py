"""One port for all services."""

from fastapi import FastAPI
from starlette.testclient import TestClient

from chassis.service import Service
from greenchain_local.root import root_app


def app_named(name: str) -> FastAPI:
    app = FastAPI(title=name)

    @app.get("/who")
    def who() -> str:
        return name

    return app


CLIENT = TestClient(
    root_app([Service("one", http=app_named("one")), Service("two", http=app_named("two")),
              Service("silent")])
)  # fmt: skip


def test_each_app_answers_under_its_own_path() -> None:
    assert [CLIENT.get(f"/{name}/who").json() for name in ("one", "two")] == ["one", "two"]


def test_the_root_lists_the_apps() -> None:
    assert list(CLIENT.get("/").json()) == ["one", "two"]


def test_openapi_names_the_path_it_is_mounted_at() -> None:
    assert CLIENT.get("/one/openapi.json").json()["servers"] == [{"url": "/one"}]


def test_the_root_is_healthy() -> None:
    assert CLIENT.get("/healthz").json() == {"status": "ok"}
