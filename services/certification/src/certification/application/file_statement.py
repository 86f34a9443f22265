"""The named verifier files its statement."""

from dataclasses import dataclass

from certification.application.parties import reach
from certification.application.ports import Schemes, UnitsOfWork
from certification.domain.record import Record
from certification.domain.statement import Statement
from certification.domain.states import TRANSITIONS, Action
from chassis.clock import Clock
from chassis.identity import Principal


@dataclass(frozen=True, slots=True)
class FileStatement:
    """Use case: one statement an application; the review begins with it."""

    units_of_work: UnitsOfWork
    schemes: Schemes
    clock: Clock

    def __call__(self, principal: Principal, record_id: str, statement: Statement) -> Record:
        """Return the application, under review."""
        action = Action.FILE_STATEMENT
        roles = TRANSITIONS[action].roles
        with (
            self.units_of_work(principal.tenant_id) as uow,
            reach(uow, principal, record_id, roles, action) as (record, actor),
        ):
            scheme = self.schemes.get(record.scheme_id)
            assert scheme is not None, f"scheme {record.scheme_id} is gone from the data"
            record = record.file_statement(statement, scheme, actor, self.clock.now())
            uow.records.save(record)
            uow.commit()
            return record
