"""Analyses as jobs: submit, read, cancel. A worker runs them (`run_analysis`)."""

from collections.abc import Mapping
from typing import Any

from chassis.clock import Clock, new_id
from chassis.identity import Principal, Role
from footprint.application.analyses import read_analysis
from footprint.application.analysis_limits import ReadingTurns
from footprint.application.analysis_ports import AnalysesUnitOfWorkFor, Limits
from footprint.domain.analysis import Analysis, AnalysisKind, AnalysisState
from footprint.domain.analysis_errors import AnalysisNotDone, TooManyOpen


def submit_analysis(
    kind: str,
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    limits: Limits,
    turns: ReadingTurns,
    caller: Principal,
    open_uow: AnalysesUnitOfWorkFor,
    clock: Clock,
) -> Analysis:
    """Check model and options, and queue the analysis.

    Raises
    ------
    InvalidInput
        With every violation of model and options; nothing is stored.
    TooManyOpen
        If the tenant has as many analyses open as it may.
    TooManyAtOnce
        If it has too many models read at the same time.
    """
    caller.require(Role.EXPORTER)
    # Asked again below: here it spares the reading of a model.
    with open_uow(caller.tenant_id, read_only=True) as uow:
        if uow.analyses.count_open() >= limits.open:
            raise TooManyOpen(limits.open)
    with turns.turn(caller.tenant_id):
        parsed, _ = read_analysis(kind, model, options, limits=limits)
    analysis = Analysis(
        id=new_id(),
        kind=AnalysisKind(kind),
        model_id=parsed.id,
        options=options,
        created_at=clock.now(),
        created_by=caller.subject,
    )
    with open_uow(caller.tenant_id) as uow:
        if uow.analyses.count_open() >= limits.open:
            raise TooManyOpen(limits.open)
        uow.analyses.add(analysis, model)
        uow.commit()
    return analysis


def get_analysis(
    analysis_id: str, *, caller: Principal, open_uow: AnalysesUnitOfWorkFor
) -> Analysis:
    """Return an analysis of the caller's tenant."""
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.analyses.get(analysis_id)


def list_analyses(
    *, after: str, limit: int, caller: Principal, open_uow: AnalysesUnitOfWorkFor
) -> tuple[Analysis, ...]:
    """Return a page of the caller's analyses, newest first.

    Parameters
    ----------
    after
        Id of the last analysis of the page before; empty for the first page.
    limit
        At most this many.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.analyses.page(after=after, limit=limit)


def cancel_analysis(
    analysis_id: str, *, caller: Principal, open_uow: AnalysesUnitOfWorkFor, clock: Clock
) -> Analysis:
    """Cancel an analysis; a worker that runs it sees it within a second. Twice is harmless.

    Raises
    ------
    AnalysisEnded
        If it is done or has failed already.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id) as uow:
        found = uow.analyses.get(analysis_id)
        cancelled = found.cancelled(clock.now())
        if cancelled is not found:
            uow.analyses.end(cancelled)
            uow.commit()
    return cancelled


def get_result(analysis_id: str, *, caller: Principal, open_uow: AnalysesUnitOfWorkFor) -> str:
    """Return the result as JSON.

    Raises
    ------
    AnalysisNotDone
        In any other state than `done`.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        found = uow.analyses.get(analysis_id)
        if found.state is not AnalysisState.DONE:
            raise AnalysisNotDone(analysis_id, found.state)
        return uow.analyses.result(analysis_id)
