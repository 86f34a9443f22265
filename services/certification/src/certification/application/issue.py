"""The certification body issues the record."""

from dataclasses import dataclass

from certification.application.parties import reach
from certification.application.ports import FootprintReader, Schemes, Signer, UnitsOfWork
from certification.domain.document import content
from certification.domain.facts import Issued
from certification.domain.record import Record, SignedDocument
from certification.domain.states import TRANSITIONS, Action
from chassis.clock import Clock
from chassis.identity import Principal


@dataclass(frozen=True, slots=True)
class Issue:
    """Use case.

    Attributes
    ----------
    issuer
        Who issues: the service's public address, which also serves its keys.
    """

    units_of_work: UnitsOfWork
    footprints: FootprintReader
    schemes: Schemes
    signer: Signer
    clock: Clock
    issuer: str

    def __call__(self, principal: Principal, record_id: str, reason: str) -> Record:
        """Return the issued record."""
        action, roles = Action.ISSUE, TRANSITIONS[Action.ISSUE].roles
        with (
            self.units_of_work(principal.tenant_id) as uow,
            reach(uow, principal, record_id, roles, "check_issue") as (record, actor),
        ):
            record.check(action, actor)
        # An event about the footprint may have passed before the application was stored, so its
        # own service is asked once more; from here on the events reach this record.
        self.footprints.for_tenant(record.footprint.id, record.tenant_id).certifiable()
        with (
            self.units_of_work(principal.tenant_id) as uow,
            reach(uow, principal, record_id, roles, action) as (record, actor),
        ):
            record.check(action, actor)
            document = self._sign(record)
            record = record.issue(document, actor, reason)
            uow.records.save(record)
            uow.announce(
                record,
                Issued(
                    record_id=record.id,
                    scheme=record.scheme_id,
                    sha256=document.sha256,
                    key_id=document.key_id,
                    issued_at=document.issued_at,
                    valid_until=document.valid_until,
                ),
            )
            uow.commit()
            return record

    def _sign(self, record: Record) -> SignedDocument:
        scheme = self.schemes.get(record.scheme_id)
        assert scheme is not None, f"scheme {record.scheme_id} is gone from the data"
        assert record.statement is not None
        issued_at = self.clock.now().replace(microsecond=0)
        valid_until = scheme.valid_until(issued_at)
        signature = self.signer.sign(
            content(
                record,
                record.statement,
                scheme,
                issuer=self.issuer,
                status_url=f"{self.issuer}/v1/records/{record.id}",
                issued_at=issued_at,
                valid_until=valid_until,
            )
        )
        return SignedDocument(
            jws=signature.jws,
            sha256=signature.sha256,
            key_id=signature.key_id,
            issued_at=issued_at,
            valid_until=valid_until,
        )
