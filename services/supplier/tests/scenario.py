"""The story of one declaration, step by step, on whichever adapters the context has."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.supplier.tests.examples import (
    CORRECTED,
    FOOTPRINT_OF_CATHODE,
    PLANT,
    REASON,
    RECORDS,
    YEAR,
)
from services.supplier.tests.fakes import BUYER, EXPORTER, FOOTPRINT, SUPPLIER

from chassis.identity import Principal
from supplier.application.add_records import add_batch
from supplier.application.calculate_footprint import put_calculated_footprint, refuse_calculation
from supplier.application.decide_declaration import accept_declaration, return_declaration
from supplier.application.get_declaration import get_declaration
from supplier.application.granted_access import GrantedView
from supplier.application.list_data_requests import list_data_requests
from supplier.application.list_granted_declarations import list_granted_declarations
from supplier.application.open_declaration import open_declaration
from supplier.application.ports import Context
from supplier.application.propose_data_requests import propose_data_requests
from supplier.application.send_data_request import send_data_request
from supplier.application.share_grants import list_grants, revoke_grant
from supplier.application.submit_declaration import submit_declaration
from supplier.domain.activity import StatedRecord
from supplier.domain.calculated_footprint import CalculatedFootprint
from supplier.domain.data_request import DataRequest, Part
from supplier.domain.declaration import DeclarationVersion, VersionReference
from supplier.domain.grant import GrantPurpose, ShareGrant
from supplier.domain.refusal import Reason
from supplier.domain.transitions import DeclarationState

CATHODE = Part("lfp_cathode", "kg", 35.0)


@dataclass
class Scenario:
    context: Context
    request_id: str = ""
    declaration_id: str = ""

    def request(self, supplier: Principal = SUPPLIER) -> DataRequest:
        """Propose and send the request."""
        (proposed,) = propose_data_requests(self.context, EXPORTER, [CATHODE])
        self.request_id = proposed.id
        return send_data_request(self.context, BUYER, proposed.id, supplier.tenant_id, YEAR)

    def draft(self, records: Sequence[StatedRecord] = RECORDS) -> DeclarationVersion:
        """Open the next version and fill it in one batch."""
        declaration, version = open_declaration(
            self.context, SUPPLIER, self.request_id, PLANT, YEAR
        )
        self.declaration_id = declaration.id
        if records:
            add_batch(self.context, SUPPLIER, declaration.id, version.version, 1, records)
        return version

    def submit(self, version: int = 1) -> VersionReference:
        declaration, submitted = submit_declaration(
            self.context, SUPPLIER, self.declaration_id, version
        )
        return declaration.reference(submitted)

    def submitted(self) -> VersionReference:
        self.request()
        self.draft()
        return self.submit()

    def put(
        self, named: VersionReference, footprint: CalculatedFootprint = FOOTPRINT_OF_CATHODE
    ) -> None:
        put_calculated_footprint(self.context, FOOTPRINT, named, footprint)

    def refuse(self, named: VersionReference, *reasons: Reason) -> None:
        refuse_calculation(self.context, FOOTPRINT, named, reasons or (REASON,))

    def refused(self) -> VersionReference:
        named = self.submitted()
        self.refuse(named)
        return named

    def calculated(self) -> VersionReference:
        named = self.submitted()
        self.put(named)
        return named

    def accept(self, named: VersionReference) -> GrantedView:
        return accept_declaration(self.context, BUYER, named)

    def give_back(self, named: VersionReference) -> GrantedView:
        return return_declaration(self.context, BUYER, named, "The output of June is missing.")

    def accepted(self) -> VersionReference:
        named = self.calculated()
        self.accept(named)
        return named

    def next_version(self, records: Sequence[StatedRecord] = CORRECTED) -> VersionReference:
        """Open, fill, submit and calculate the version that comes after."""
        version = self.draft(records).version
        named = self.submit(version)
        self.put(named)
        return named

    def state(self, version: int) -> DeclarationState:
        return get_declaration(self.context, SUPPLIER, self.declaration_id, version)[1].state

    def request_state(self) -> str:
        (request,) = list_data_requests(self.context, BUYER, 0, "")[0]
        return request.state.value

    def seen_by(self, principal: Principal) -> list[GrantedView]:
        return list_granted_declarations(self.context, principal, (), None)

    def grant(self, purpose: GrantPurpose) -> ShareGrant:
        grants = list_grants(self.context, SUPPLIER, self.declaration_id)
        return next(grant for grant in grants if grant.purpose is purpose)

    def revoke(self, purpose: GrantPurpose) -> None:
        revoke_grant(self.context, SUPPLIER, self.grant(purpose).id)
