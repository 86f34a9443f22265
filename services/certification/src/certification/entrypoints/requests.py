"""What may be sent to the HTTP API."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictBool

from certification.application.apply import Application
from certification.domain.statement import Conclusion, Statement
from certification.domain.states import Action
from certification.entrypoints.examples import APPLICATION, DECISION, STATEMENT, TRANSITION
from chassis.web import StrictModel

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="Why, in a sentence; kept in the history, which is public once it is issued",
    ),
]


def _calendar_day(value: Any) -> Any:
    # Of itself pydantic also takes seconds since 1970, and an instant at midnight.
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written as year-month-day: 2026-03-01")
    return value


Day = Annotated[date, BeforeValidator(_calendar_day)]
PublicReason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="Why, in a sentence; published, but not for an application",
    ),
]


class ApplicationRequest(StrictModel):
    """An application for a record of a frozen footprint."""

    model_config = ConfigDict(json_schema_extra={"examples": [APPLICATION]})

    footprint_id: Name = Field(description="A frozen footprint of the caller's organisation")
    scheme: Name = Field(description="Scheme; the one that ships is `demonstration`")
    verifier_tenant_id: Name = Field(description="Organisation that is to verify; not one's own")
    body_tenant_id: Name = Field(description="Organisation that is to decide; not one's own")

    def to_application(self) -> Application:
        """Return what the use case takes."""
        return Application(
            footprint_id=self.footprint_id,
            scheme_id=self.scheme,
            verifier_tenant_id=self.verifier_tenant_id,
            body_tenant_id=self.body_tenant_id,
        )


class StatementRequest(StrictModel):
    """A verification statement about exactly the footprint of the application."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATEMENT]})

    type: Name = Field(description="Kind of statement; `demonstration` accepts `pcf_verification`")
    footprint_sha256: Sha256 = Field(description="SHA-256 of the footprint that was verified")
    verifier_name: Name = Field(description="The verifying organisation's name")
    lead_verifier: Name = Field(description="Who led the verification")
    objective: Text = Field(description="What was to be found out")
    conclusion: Conclusion = Field(description="Only `compliant` lets a record be issued")
    limitations: Text = Field(description="What was not looked at")
    method_id: Name = Field(description="Characterization method of the footprint")
    no_conflict_of_interest: StrictBool = Field(description="Must be true")
    date: Day = Field(description="Day of the statement")

    def to_statement(self) -> Statement:
        """Return the domain's value."""
        return Statement(**dict(self))


class DecisionRequest(StrictModel):
    """The certification body's decision on an application under review."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION]})

    decision: Literal["issue", "reject"]
    reason: Reason

    @property
    def action(self) -> Action:
        """The decision as the domain calls it."""
        return Action(self.decision)


class TransitionRequest(StrictModel):
    """A change of a record's state, or the withdrawal of an application."""

    model_config = ConfigDict(json_schema_extra={"examples": [TRANSITION]})

    action: Literal["suspend", "reinstate", "revoke", "withdraw"] = Field(
        description="The holder withdraws; the certification body does the others"
    )
    reason: PublicReason

    @property
    def domain_action(self) -> Action:
        """The action as the domain calls it."""
        return Action(self.action)
