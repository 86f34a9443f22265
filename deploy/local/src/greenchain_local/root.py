"""One app for one port: each service under its own path."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from chassis.service import Service


def root_app(services: Sequence[Service]) -> Starlette:
    """Mount the services' apps at ``/<name>``; the root lists them."""
    apps = {service.name: service.http for service in services if service.http is not None}

    async def index(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                name: {"openapi": f"/{name}/openapi.json", "health": f"/{name}/healthz"}
                for name in apps
            }
        )

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    routes: list[BaseRoute] = [Route("/", index), Route("/healthz", healthz)]
    routes += [Mount(f"/{name}", app=app) for name, app in apps.items()]
    return Starlette(routes=routes)
