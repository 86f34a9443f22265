"""The parties take the actions that need nothing but a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from certification.application.parties import reach
from certification.application.ports import UnitsOfWork
from certification.domain.facts import Fact, Reinstated, Rejected, Revoked, Suspended, Withdrawn
from certification.domain.record import Record
from certification.domain.states import TRANSITIONS, Action
from chassis.clock import Clock
from chassis.identity import Principal

#: What the public is told of an application that was withdrawn; why stays between the parties.
APPLICATION_WITHDRAWN = "application_withdrawn"

FACT_OF: Mapping[Action, Callable[[str, str], Fact]] = MappingProxyType(
    {
        # Why an application was rejected stays between the parties, too; only records are public.
        Action.REJECT: lambda record_id, _: Rejected(record_id),
        Action.SUSPEND: Suspended,
        Action.REINSTATE: Reinstated,
        Action.REVOKE: Revoked,
        Action.WITHDRAW: Withdrawn,
    }
)


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """Use case: reject, suspend, reinstate, revoke, withdraw."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, principal: Principal, record_id: str, action: Action, reason: str) -> Record:
        """Return the record in its new state."""
        roles = TRANSITIONS[action].roles
        with (
            self.units_of_work(principal.tenant_id) as uow,
            reach(uow, principal, record_id, roles, action) as (record, actor),
        ):
            record = record.move(action, actor, reason, self.clock.now())
            uow.records.save(record)
            told = reason if record.document is not None else APPLICATION_WITHDRAWN
            uow.announce(record, FACT_OF[action](record.id, told))
            uow.commit()
            return record
