"""The HTTP operations on backgrounds of a tenant's own."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from chassis.clock import Clock
from chassis.errors import Collision
from chassis.identity import Principal, Role
from chassis.web import Caller
from footprint.adapters.backgrounds.archives import written
from footprint.adapters.backgrounds.stored import StoredFiles
from footprint.application.background_ports import BackgroundsUnitOfWorkFor, StoredBackground
from footprint.application.keep_background import keep_background, list_backgrounds

#: Below it bodies are streams: whole archives.
PATH = "/v1/backgrounds/"
_ARCHIVE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A file that `greenchain footprint background import` has written.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@dataclass(frozen=True, slots=True)
class BackgroundWiring:
    """What the operations are wired to.

    Attributes
    ----------
    most
        Versions that a tenant may have [1].
    """

    files: StoredFiles
    most: int
    open_uow: BackgroundsUnitOfWorkFor
    clock: Clock


class BackgroundOut(BaseModel):
    """A version of a background."""

    id: str
    version: str
    sha256: str
    title: str
    licence: str = Field(description="Under which terms its owner has it, in the owner's words.")
    year: int
    counts: dict[str, int] = Field(
        description="Activities, exchanges, and how many of its flows the dataset knows."
    )
    created_at: datetime
    created_by: str
    created: bool = Field(description="False if it was there already.")


class BackgroundListOut(BaseModel):
    """All backgrounds of a tenant."""

    backgrounds: list[BackgroundOut]


def background_router(wiring: BackgroundWiring) -> APIRouter:
    """Return the operations under ``/v1/backgrounds``."""
    router = APIRouter(prefix="/v1/backgrounds", tags=["backgrounds"])
    # Unpacking takes memory and disk; others wait without a thread.
    one_at_a_time = CapacityLimiter(1)

    @router.put("/{background_id}/{version}", status_code=201, openapi_extra=_ARCHIVE)
    async def put_background(
        background_id: str, version: str, request: Request, caller: Caller, response: Response
    ) -> BackgroundOut:
        """Upload a background. Role: exporter.

        It belongs to the caller's organisation alone. The same content again answers 200; another
        content under the same name and version is refused.
        """
        # Before anything is read of it.
        caller.require(Role.EXPORTER)
        folder = await run_in_threadpool(wiring.files.incoming, caller.tenant_id)
        try:
            archive = folder / "archive.zip"
            with written(archive) as write:
                async for block in request.stream():
                    await run_in_threadpool(write, block)
            keep = partial(_keep, background_id, version, archive, caller, wiring)
            stored, created = await to_thread.run_sync(keep, limiter=one_at_a_time)
        finally:
            await run_in_threadpool(wiring.files.remove, folder)
        response.status_code = 201 if created else 200
        return background_out(stored, created=created)

    @router.get("")
    def read_backgrounds(caller: Caller) -> BackgroundListOut:
        """List the backgrounds of the caller's organisation. Role: exporter."""
        found = list_backgrounds(caller=caller, open_uow=wiring.open_uow)
        return BackgroundListOut(backgrounds=[background_out(each) for each in found])

    return router


def _keep(
    background_id: str, version: str, archive: Path, caller: Principal, wiring: BackgroundWiring
) -> tuple[StoredBackground, bool]:
    def keep() -> tuple[StoredBackground, bool]:
        return keep_background(
            background_id,
            version,
            archive,
            most=wiring.most,
            caller=caller,
            files=wiring.files,
            open_uow=wiring.open_uow,
            clock=wiring.clock,
        )

    try:
        return keep()
    except Collision:
        # The file is whole: only the transaction is made once more.
        return keep()


def background_out(stored: StoredBackground, *, created: bool = False) -> BackgroundOut:
    """Show a background."""
    return BackgroundOut(
        id=stored.id,
        version=stored.version,
        sha256=stored.sha256,
        title=stored.title,
        licence=stored.licence,
        year=stored.year,
        counts=dict(stored.counts),
        created_at=stored.created_at,
        created_by=stored.created_by,
        created=created,
    )
