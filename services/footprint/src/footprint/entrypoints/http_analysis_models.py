"""What enters and leaves over HTTP where analyses are concerned."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, JsonValue

from chassis.web import StrictModel
from footprint.domain.analysis import AnalysisKind, AnalysisState
from footprint.entrypoints.http_models import Text


class AnalysisIn(StrictModel):
    """What to analyse, and how.

    Model and options are checked by the domain, which names everything that is wrong at once; here
    they are any JSON.
    """

    kind: AnalysisKind
    model: dict[str, JsonValue] = Field(
        description="A model in the format `greenchain-inventory/1`."
    )
    options: dict[str, JsonValue] = Field(
        default_factory=dict, description="Options of the kind; see docs/analyses.md."
    )


class ProgressOut(BaseModel):
    """Samples computed, and in all; both 0 where nothing is sampled or nothing is known yet."""

    done: int
    total: int


class FailureOut(BaseModel):
    """Why there is no result."""

    code: str
    message: Text


class AnalysisOut(BaseModel):
    """An analysis and how far it is."""

    id: str
    kind: AnalysisKind
    model_id: str = Field(description="The model's own id.")
    options: dict[str, Any]
    state: AnalysisState
    progress: ProgressOut
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    failure: FailureOut | None = Field(description="In the state `failed` alone.")


class AnalysisPageOut(BaseModel):
    """A page of analyses, newest first."""

    analyses: list[AnalysisOut]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class AnalysisResultOut(BaseModel):
    """A result in the format `greenchain-analysis/1`; the kind says what each method's part holds.

    See docs/analyses.md.
    """

    format: str
    kind: AnalysisKind
    model: dict[str, Any]
    demand: dict[str, Any]
    scenario: str | None
    engine: dict[str, Any]
    warnings: list[dict[str, Any]]
    results: list[dict[str, Any]] = Field(description="One for each method.")
