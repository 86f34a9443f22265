"""Reading another tenant's declaration: only through a grant, only its fields, always audited."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chassis.errors import NotFound
from chassis.identity import Principal
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.calculated_footprint import CalculatedFootprint
from supplier.domain.declaration import Declaration, DeclarationVersion, VersionReference
from supplier.domain.grant import GrantField, GrantPurpose, GrantUse, ReceivedGrant, ShareGrant
from supplier.domain.period import Period
from supplier.domain.transitions import DeclarationState

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class GrantedView:
    """What a grantee sees of a version.

    Built from the granted fields alone; what is not granted is None. The request, the supplier and
    the product are the lead firm's own knowledge.
    """

    grant_id: str
    data_request_id: str
    supplier_tenant_id: str
    activity_id: str
    declaration: VersionReference | None = None
    state: DeclarationState | None = None
    plant_region: str | None = None
    reference_period: Period | None = None
    calculated_footprint: CalculatedFootprint | None = None


def granted_view(
    grant: ShareGrant, declaration: Declaration, version: DeclarationVersion
) -> GrantedView:
    """Build the view, field by granted field."""

    def granted(field: GrantField, value: Value) -> Value | None:
        return value if field in grant.fields else None

    return GrantedView(
        grant_id=grant.id,
        data_request_id=declaration.data_request_id,
        supplier_tenant_id=declaration.tenant_id,
        activity_id=declaration.activity_id,
        declaration=granted(GrantField.DECLARATION, declaration.reference(version)),
        state=granted(GrantField.STATE, version.state),
        plant_region=granted(GrantField.PLANT_REGION, version.plant.region),
        reference_period=granted(GrantField.REFERENCE_PERIOD, version.reference_period),
        calculated_footprint=granted(GrantField.CALCULATED_FOOTPRINT, version.footprint),
    )


def find_received_grant(
    uow: UnitOfWork, declaration_id: str, grantee: str, at: datetime
) -> tuple[ReceivedGrant, ShareGrant]:
    """Return a live grant over the declaration, and where it is to be found.

    No grant, one that was revoked, that is not yet or no longer valid or is for another purpose,
    and an unknown declaration all look the same.
    """
    for index in uow.received_grants.of_declaration(declaration_id):
        with uow.as_tenant(index.owner_tenant_id):
            grant = uow.grants.get(index.grant_id)
        if grant is not None and grant.permits(grantee, GrantPurpose.PRODUCT_FOOTPRINT, at):
            return index, grant
    raise NotFound(what="declaration", id=declaration_id)


def record_use(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    grant: ShareGrant,
    version: DeclarationVersion,
) -> None:
    """Write down who read which fields under which grant, for its owner to see."""
    uow.grant_uses.add(
        GrantUse(
            id=context.new_id(),
            grant_id=grant.id,
            declaration_id=grant.declaration_id,
            version=version.version,
            subject=principal.subject,
            tenant_id=principal.tenant_id,
            purpose=grant.purpose,
            fields=grant.fields,
            at=context.clock.now(),
        )
    )
