"""The HTTP operations on analyses: jobs that are submitted, followed, cancelled and read."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response

from chassis.clock import Clock
from chassis.web import Caller, Route
from footprint.application.analysis_jobs import (
    cancel_analysis,
    get_analysis,
    get_result,
    list_analyses,
    submit_analysis,
)
from footprint.application.analysis_limits import ReadingTurns
from footprint.application.analysis_ports import AnalysesUnitOfWorkFor, Limits
from footprint.domain.analysis import Analysis
from footprint.entrypoints import http_examples
from footprint.entrypoints.http_analysis_models import (
    AnalysisIn,
    AnalysisOut,
    AnalysisPageOut,
    AnalysisResultOut,
    FailureOut,
    ProgressOut,
)
from footprint.entrypoints.http_models import Text
from footprint.entrypoints.server_sent_events import MEDIA_TYPE, EventStreams, last_seen

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, then one of `done`, `failed`, `cancelled`; the data of "
        "each are an `AnalysisOut`.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    },
    204: {"description": "The client has seen the last event: it need not come again."},
}


@dataclass(frozen=True, slots=True)
class AnalysisWiring:
    """What the operations are wired to."""

    limits: Limits
    open_uow: AnalysesUnitOfWorkFor
    turns: ReadingTurns
    streams: EventStreams
    clock: Clock


def analysis_router(wiring: AnalysisWiring) -> APIRouter:
    """Return the operations under ``/v1/analyses``."""
    router = APIRouter(route_class=Route, prefix="/v1/analyses", tags=["analyses"])
    _add_submission(router, wiring)
    _add_reading(router, wiring)
    return router


def _add_submission(router: APIRouter, wiring: AnalysisWiring) -> None:
    @router.post("", status_code=202)
    def post_analysis(
        body: Annotated[AnalysisIn, Body(openapi_examples=http_examples.ANALYSIS)],
        caller: Caller,
        response: Response,
    ) -> AnalysisOut:
        """Queue an analysis of a model. Role: exporter.

        Everything that is wrong with model and options is reported, and nothing is stored.
        """
        analysis = submit_analysis(
            body.kind,
            body.model,
            body.options,
            limits=wiring.limits,
            turns=wiring.turns,
            caller=caller,
            open_uow=wiring.open_uow,
            clock=wiring.clock,
        )
        # Relative to this operation, wherever the service is mounted.
        response.headers["Location"] = f"analyses/{analysis.id}"
        return analysis_out(analysis)

    @router.post("/{analysis_id}/cancel")
    def post_cancel(analysis_id: str, caller: Caller) -> AnalysisOut:
        """Cancel an analysis that waits or runs. Twice is harmless. Role: exporter."""
        cancelled = cancel_analysis(
            analysis_id, caller=caller, open_uow=wiring.open_uow, clock=wiring.clock
        )
        return analysis_out(cancelled)


def _add_reading(router: APIRouter, wiring: AnalysisWiring) -> None:
    @router.get("")
    def read_analyses(
        caller: Caller,
        after: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    ) -> AnalysisPageOut:
        """List the caller's analyses, newest first. Role: exporter."""
        # One more than asked for tells whether there is a next page.
        found = list_analyses(after=after, limit=limit + 1, caller=caller, open_uow=wiring.open_uow)
        shown = found[:limit]
        return AnalysisPageOut(
            analyses=[analysis_out(each) for each in shown],
            next=shown[-1].id if len(found) > limit else None,
        )

    @router.get("/{analysis_id}")
    def read_analysis(analysis_id: str, caller: Caller) -> AnalysisOut:
        """Read how far an analysis is. Role: exporter."""
        return analysis_out(get_analysis(analysis_id, caller=caller, open_uow=wiring.open_uow))

    @router.get("/{analysis_id}/events", response_class=Response, responses=_STREAM)
    async def read_events(
        analysis_id: str,
        caller: Caller,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Follow an analysis by server-sent events until it ends. Role: exporter."""
        stream = await wiring.streams.open(
            lambda: get_analysis(analysis_id, caller=caller, open_uow=wiring.open_uow),
            lambda analysis: analysis_out(analysis).model_dump(mode="json"),
            last_seen(last_event_id),
            of=caller.tenant_id,
        )
        return stream if stream is not None else Response(status_code=204)

    @router.get("/{analysis_id}/result", response_model=AnalysisResultOut)
    def read_result(analysis_id: str, caller: Caller) -> Response:
        """Read the result of an analysis that is done. Role: exporter."""
        result = get_result(analysis_id, caller=caller, open_uow=wiring.open_uow)
        # As it is stored: a large one is not taken apart and put together again.
        return Response(result, media_type="application/json")


def analysis_out(analysis: Analysis) -> AnalysisOut:
    """Show an analysis."""
    failure = analysis.failure
    return AnalysisOut(
        id=analysis.id,
        kind=analysis.kind,
        model_id=analysis.model_id,
        options=dict(analysis.options),
        state=analysis.state,
        progress=ProgressOut(done=analysis.done, total=analysis.total),
        created_at=analysis.created_at,
        started_at=analysis.started_at,
        ended_at=analysis.ended_at,
        failure=failure
        and FailureOut(code=failure.code, message=Text(en=failure.en, zh=failure.zh)),
    )
