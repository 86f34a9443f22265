"""A participant reads an application."""

from dataclasses import dataclass

from certification.application.parties import reach
from certification.application.ports import UnitsOfWork
from certification.domain.record import Record
from chassis.identity import Principal, Role


@dataclass(frozen=True, slots=True)
class ReadApplication:
    """Use case: applicant, named verifier and named certification body; nobody else."""

    units_of_work: UnitsOfWork

    def __call__(self, principal: Principal, record_id: str) -> Record:
        """Return the application."""
        roles = (Role.EXPORTER, Role.VERIFIER, Role.CERTIFICATION_BODY)
        with (
            self.units_of_work(principal.tenant_id) as uow,
            reach(uow, principal, record_id, roles, "read_application") as (record, _),
        ):
            return record
