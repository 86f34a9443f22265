"""The HTTP API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from certification.application.apply import Apply
from certification.application.file_statement import FileStatement
from certification.application.issue import Issue
from certification.application.move_record import MoveRecord
from certification.application.read_application import ReadApplication
from certification.application.read_record import ReadRecord
from certification.domain.states import Action
from certification.entrypoints.requests import (
    ApplicationRequest,
    DecisionRequest,
    StatementRequest,
    TransitionRequest,
)
from certification.entrypoints.responses import (
    ApplicationAnswer,
    HistoryAnswer,
    RecordAnswer,
    TransitionAnswer,
)
from chassis.caller import current_token
from chassis.web import Caller, Route

Id = Annotated[str, Path(min_length=1, max_length=200, description="Id of application and record")]


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the API calls."""

    apply: Apply
    read_application: ReadApplication
    file_statement: FileStatement
    issue: Issue
    move_record: MoveRecord
    read_record: ReadRecord


def keys_router(jwks: Callable[[], dict[str, Any]]) -> APIRouter:
    """Return the endpoint of the public keys, to be included at the root."""
    router = APIRouter(tags=["records"])

    @router.get("/.well-known/jwks.json")
    def keys() -> dict[str, Any]:
        """Return the public keys with which records are verified (RFC 7517). Public.

        Earlier keys stay, for the records that they signed.
        """
        return jwks()

    return router


def router(use_cases: UseCases) -> APIRouter:
    """Return all operations on applications and records, under /v1."""
    api = APIRouter(route_class=Route, prefix="/v1")
    api.include_router(_applications(use_cases))
    api.include_router(_records(use_cases))
    return api


def _applications(use_cases: UseCases) -> APIRouter:
    api = APIRouter(route_class=Route, prefix="/applications", tags=["applications"])

    @api.post(
        "",
        status_code=201,
        responses={200: {"model": ApplicationAnswer, "description": "The one open already"}},
    )
    def apply(body: ApplicationRequest, caller: Caller, response: Response) -> ApplicationAnswer:
        """Apply for a record of a frozen footprint. Role: exporter.

        Idempotent by footprint and scheme: while an application or record of the two is open or
        stands, it is returned (200) and nothing changes; no idempotency key is needed. Other
        parties for the same two are a conflict.
        """
        record, opened = use_cases.apply(caller, current_token(), body.to_application())
        response.status_code = 201 if opened else 200
        return ApplicationAnswer.of(record)

    @api.get("/{id}")
    def read(id: Id, caller: Caller) -> ApplicationAnswer:
        """Read an application. Its applicant, its verifier and its certification body only."""
        return ApplicationAnswer.of(use_cases.read_application(caller, id))

    @api.post("/{id}/statements", status_code=201)
    def state(id: Id, body: StatementRequest, caller: Caller) -> ApplicationAnswer:
        """File the verification statement. Role: verifier, of the organisation named.

        One statement an application; the review begins with it.
        """
        return ApplicationAnswer.of(use_cases.file_statement(caller, id, body.to_statement()))

    @api.post("/{id}/decision")
    def decide(id: Id, body: DecisionRequest, caller: Caller) -> ApplicationAnswer:
        """Issue the record or reject the application. Role: certification body, of the one named.

        Who applied or stated cannot decide. Issuing needs a compliant statement and a footprint
        that is not stale.
        """
        if body.action is Action.ISSUE:
            return ApplicationAnswer.of(use_cases.issue(caller, id, body.reason))
        return ApplicationAnswer.of(use_cases.move_record(caller, id, body.action, body.reason))

    return api


def _records(use_cases: UseCases) -> APIRouter:
    api = APIRouter(route_class=Route, prefix="/records", tags=["records"])

    @api.get("/{id}")
    def read(id: Id) -> RecordAnswer:
        """Read an issued record: first where it stands, then the signed document. Public."""
        return RecordAnswer.of(use_cases.read_record(id))

    @api.get("/{id}/history")
    def history(id: Id) -> HistoryAnswer:
        """Read the dated transitions of an issued record, with roles, without persons. Public."""
        record = use_cases.read_record(id).record
        return HistoryAnswer(
            record_id=record.record_id,
            transitions=[TransitionAnswer.of(entry) for entry in record.history],
        )

    @api.post("/{id}/transitions")
    def move(id: Id, body: TransitionRequest, caller: Caller) -> ApplicationAnswer:
        """Suspend, reinstate, revoke (certification body) or withdraw (exporter) a record.

        An exporter withdraws an application likewise, as long as nobody decided on it.
        """
        return ApplicationAnswer.of(
            use_cases.move_record(caller, id, body.domain_action, body.reason)
        )

    return api
