"""Analyses over the session of one unit of work; the session filters by tenant."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import and_, col, delete, func, or_, select

from chassis.errors import NotFound
from chassis.tenancy import TenantSession
from footprint.adapters.analysis_rows import AnalysisDocumentRow, AnalysisQueueRow, AnalysisRow
from footprint.domain.analysis import ENDED, Analysis, AnalysisKind, AnalysisState, Failure

_FAILURE = TypeAdapter(Failure)


class SqlAnalyses:
    """Analyses of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, analysis: Analysis, model: Mapping[str, Any]) -> None:
        row = AnalysisRow(
            id=analysis.id,
            kind=analysis.kind,
            model_id=analysis.model_id,
            options=dict(analysis.options),
            created_at=analysis.created_at,
            created_by=analysis.created_by,
        )
        self._write(row, analysis)
        self._add_document(analysis.id, "model", json.dumps(model, allow_nan=False))
        self._session.add(
            AnalysisQueueRow(
                analysis_id=analysis.id,
                tenant_id=self._session.tenant_id,
                queued_at=analysis.created_at,
            )
        )
        self._session.flush()

    def get(self, analysis_id: str) -> Analysis:
        return _analysis(self._row(analysis_id))

    def page(self, *, after: str, limit: int) -> tuple[Analysis, ...]:
        statement = select(AnalysisRow)
        if after:
            last = self._row(after)
            statement = statement.where(
                or_(
                    col(AnalysisRow.created_at) < last.created_at,
                    and_(
                        col(AnalysisRow.created_at) == last.created_at,
                        col(AnalysisRow.id) < last.id,
                    ),
                )
            )
        statement = statement.order_by(
            col(AnalysisRow.created_at).desc(), col(AnalysisRow.id).desc()
        )
        return tuple(_analysis(row) for row in self._session.exec(statement.limit(limit)))

    def count_open(self) -> int:
        statement = select(func.count(col(AnalysisRow.id))).where(
            col(AnalysisRow.state).not_in(ENDED)
        )
        return self._session.exec(statement).one()

    def save(self, analysis: Analysis) -> None:
        """Store state and progress; what was asked never changes."""
        self._write(self._row(analysis.id), analysis)

    def end(self, analysis: Analysis) -> None:
        self.save(analysis)
        self._session.exec(
            delete(AnalysisQueueRow).where(col(AnalysisQueueRow.analysis_id) == analysis.id)
        )
        self._session.exec(
            delete(AnalysisDocumentRow).where(
                col(AnalysisDocumentRow.analysis_id) == analysis.id,
                col(AnalysisDocumentRow.role) == "model",
            )
        )

    def model(self, analysis_id: str) -> str:
        """Return the model of one that has not ended, as JSON."""
        return self._document(analysis_id, "model")

    def result(self, analysis_id: str) -> str:
        return self._document(analysis_id, "result")

    def add_result(self, analysis_id: str, content: str) -> None:
        """Store the result, as JSON."""
        self._add_document(analysis_id, "result", content)

    def _row(self, analysis_id: str) -> AnalysisRow:
        statement = select(AnalysisRow).where(AnalysisRow.id == analysis_id)
        row = self._session.exec(statement).one_or_none()
        if row is None:
            raise NotFound("analysis", analysis_id)
        return row

    def _write(self, row: AnalysisRow, analysis: Analysis) -> None:
        row.state = analysis.state
        row.done, row.total = analysis.done, analysis.total
        row.started_at, row.ended_at = analysis.started_at, analysis.ended_at
        if analysis.failure is not None:
            row.failure = _FAILURE.dump_python(analysis.failure, mode="json")
        row.revision = analysis.revision
        self._session.add(row)
        self._session.flush()

    def _document(self, analysis_id: str, role: str) -> str:
        statement = select(AnalysisDocumentRow).where(
            AnalysisDocumentRow.analysis_id == analysis_id, AnalysisDocumentRow.role == role
        )
        row = self._session.exec(statement).one_or_none()
        if row is None:
            raise NotFound("analysis", analysis_id)
        return row.content

    def _add_document(self, analysis_id: str, role: str, content: str) -> None:
        self._session.add(AnalysisDocumentRow(analysis_id=analysis_id, role=role, content=content))
        self._session.flush()


def _analysis(row: AnalysisRow) -> Analysis:
    return Analysis(
        id=row.id,
        kind=AnalysisKind(row.kind),
        model_id=row.model_id,
        options=row.options,
        created_at=row.created_at,
        created_by=row.created_by,
        state=AnalysisState(row.state),
        done=row.done,
        total=row.total,
        started_at=row.started_at,
        ended_at=row.ended_at,
        failure=None if row.failure is None else _FAILURE.validate_python(row.failure),
        revision=row.revision,
    )
