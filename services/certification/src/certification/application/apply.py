"""An exporter applies for a record of a frozen footprint."""

from collections.abc import Sequence
from dataclasses import dataclass

from certification.application.ports import FootprintReader, Schemes, UnitsOfWork
from certification.domain.errors import ApplicationDiffers, UnknownScheme
from certification.domain.facts import Submitted
from certification.domain.record import Actor, Record
from certification.domain.scheme import Scheme
from chassis.clock import Clock, new_id
from chassis.errors import InvalidInput, Location
from chassis.identity import Principal, Role


@dataclass(frozen=True, slots=True)
class Application:
    """What the exporter asks for.

    Attributes
    ----------
    verifier_tenant_id, body_tenant_id
        Organisations that are to verify and to decide; both must be others than the applicant's.
    """

    footprint_id: str
    scheme_id: str
    verifier_tenant_id: str
    body_tenant_id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """Use case.

    Applying is idempotent: while an application or record of the same footprint under the same
    scheme is open or stands, it is returned and nothing is changed. After it ended (rejected,
    withdrawn, revoked) a new one may be opened.
    """

    units_of_work: UnitsOfWork
    footprints: FootprintReader
    schemes: Schemes
    clock: Clock

    def __call__(
        self, principal: Principal, token: str, application: Application
    ) -> tuple[Record, bool]:
        """Return the record applied for, and whether this call opened the application."""
        principal.require(Role.EXPORTER)
        scheme = self._scheme(application.scheme_id)
        with self.units_of_work(principal.tenant_id) as uow:
            present = _present(uow.records.standing(application.footprint_id), application)
        if present is not None:
            return present, False

        # No transaction is open while another service is asked.
        reading = self.footprints.for_caller(application.footprint_id, token)
        record = Record.apply_for(
            record_id=new_id(),
            scheme=scheme,
            footprint=reading.certifiable(),
            verifier_tenant_id=application.verifier_tenant_id,
            body_tenant_id=application.body_tenant_id,
            actor=Actor(principal.subject, principal.tenant_id, Role.EXPORTER),
            at=self.clock.now(),
        )
        with self.units_of_work(principal.tenant_id) as uow:
            present = _present(uow.records.standing(application.footprint_id), application)
            if present is not None:
                return present, False
            uow.records.add(record)
            for role in (Role.VERIFIER, Role.CERTIFICATION_BODY):
                named = record.tenant_of(role)
                assert named is not None
                with uow.as_tenant(named):
                    uow.access.add(record.id, record.tenant_id, role)
            uow.announce(record, Submitted(record_id=record.id, scheme=scheme.id))
            uow.commit()
        return record, True

    def _scheme(self, scheme_id: str) -> Scheme:
        scheme = self.schemes.get(scheme_id)
        if scheme is None:
            violation = UnknownScheme(
                location=Location("scheme"), scheme=scheme_id, known=self.schemes.ids()
            )
            raise InvalidInput(violations=(violation,))
        return scheme


def _present(records: Sequence[Record], wanted: Application) -> Record | None:
    for record in records:
        if record.scheme_id != wanted.scheme_id:
            continue
        named = (record.verifier_tenant_id, record.body_tenant_id)
        if named != (wanted.verifier_tenant_id, wanted.body_tenant_id):
            raise ApplicationDiffers(application_id=record.id)
        return record
    return None
