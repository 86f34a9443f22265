"""Tables of analyses as jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Text
from sqlmodel import Field

from chassis.database import UtcDateTime
from chassis.tenancy import SharedRow, TenantRow
from footprint.adapters.rows import FootprintBase


class AnalysisRow(FootprintBase, TenantRow, table=True):
    """An analysis: what was asked, how far it is, how it ended."""

    __tablename__ = "analysis"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')",
            name="ck_analysis_state",
        ),
        CheckConstraint(
            "(state IN ('queued', 'running')) = (ended_at IS NULL)", name="ck_analysis_ended"
        ),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="ck_analysis_failure"),
        CheckConstraint("0 <= done AND done <= total", name="ck_analysis_progress"),
        CheckConstraint("revision >= 1", name="ck_analysis_revision"),
        Index("ix_analysis_created", "tenant_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    kind: str
    model_id: str
    options: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
    state: str = "queued"
    done: int = 0
    total: int = 0
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # NULL, not JSON's null, where there is none.
    failure: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    revision: int = 1


class AnalysisDocumentRow(FootprintBase, TenantRow, table=True):
    """The model of an analysis until it ends, its result from then on; as JSON.

    Apart from `AnalysisRow`, which is read far more often and is small.
    """

    __tablename__ = "analysis_document"
    __table_args__ = (
        CheckConstraint("role IN ('model', 'result')", name="ck_analysis_document_role"),
    )

    analysis_id: str = Field(primary_key=True, foreign_key="analysis.id")
    role: str = Field(primary_key=True)
    content: str = Field(sa_type=Text)


class AnalysisQueueRow(FootprintBase, SharedRow, table=True):
    """An analysis that waits or runs, of whatever tenant: workers take the jobs of all.

    Attributes
    ----------
    holder, expires_at
        The worker that runs it and until when it holds it without saying so again; empty while it
        waits.
    attempts
        How often a worker has taken it [1].
    deaths
        How often the process that computed it has ended without a word [1].
    """

    __tablename__ = "analysis_queue"
    __table_args__ = (
        CheckConstraint("(holder IS NULL) = (expires_at IS NULL)", name="ck_analysis_queue_holder"),
        CheckConstraint("0 <= deaths AND deaths <= attempts", name="ck_analysis_queue_attempts"),
    )

    # No foreign key: the analysis is behind the wall.
    analysis_id: str = Field(primary_key=True)
    tenant_id: str = Field(index=True)
    queued_at: datetime = Field(sa_type=UtcDateTime)
    holder: str | None = None
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    deaths: int = 0
