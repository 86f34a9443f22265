"""What a supplier shares, with whom, what for and until when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

#: Grantee of the platform's own calculation.
FOOTPRINT_SERVICE = "footprint"

#: How long a grant stands when it is given with a submission. Ten years: as long as a manufacturer
#: keeps the technical documentation of a battery (Regulation (EU) 2023/1542, Article 38).
VALIDITY = timedelta(days=3653)


class GrantPurpose(StrEnum):
    """What a grant is for."""

    OWN_CALCULATION = "own_calculation"
    PRODUCT_FOOTPRINT = "product_footprint"


class GrantField(StrEnum):
    """Parts of a declaration that can be granted."""

    DECLARATION = "declaration"
    STATE = "state"
    PLANT_NAME = "plant_name"
    PLANT_REGION = "plant_region"
    REFERENCE_PERIOD = "reference_period"
    ACTIVITY_RECORDS = "activity_records"
    CALCULATED_FOOTPRINT = "calculated_footprint"


#: Fields that each purpose needs; nothing else is granted for it.
FIELDS = MappingProxyType(
    {
        GrantPurpose.OWN_CALCULATION: frozenset(
            {
                GrantField.DECLARATION,
                GrantField.STATE,
                GrantField.PLANT_NAME,
                GrantField.PLANT_REGION,
                GrantField.REFERENCE_PERIOD,
                GrantField.ACTIVITY_RECORDS,
                GrantField.CALCULATED_FOOTPRINT,
            }
        ),
        GrantPurpose.PRODUCT_FOOTPRINT: frozenset(
            {
                GrantField.DECLARATION,
                GrantField.STATE,
                GrantField.PLANT_REGION,
                GrantField.REFERENCE_PERIOD,
                GrantField.CALCULATED_FOOTPRINT,
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """A grant over all versions of one declaration; it belongs to the supplier's tenant.

    Attributes
    ----------
    grantee
        A tenant, or `FOOTPRINT_SERVICE` for the platform's own calculation.
    valid_from, valid_until
        It stands from the first instant until just before the second.
    """

    id: str
    declaration_id: str
    grantee: str
    purpose: GrantPurpose
    fields: frozenset[GrantField]
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None

    def permits(self, grantee: str, purpose: GrantPurpose, at: datetime) -> bool:
        """Tell whether `grantee` may use the grant for `purpose` at this instant."""
        return (
            self.grantee == grantee
            and self.purpose is purpose
            and self.valid_from <= at < self.valid_until
            and self.revoked_at is None
        )

    def revoked(self, at: datetime) -> "ShareGrant":
        """Take the grant back; a second time changes nothing."""
        return self if self.revoked_at else replace(self, revoked_at=at)


def give(
    id: str, declaration_id: str, grantee: str, purpose: GrantPurpose, at: datetime
) -> ShareGrant:
    """Give the fields that the purpose needs, from now on."""
    return ShareGrant(
        id=id,
        declaration_id=declaration_id,
        grantee=grantee,
        purpose=purpose,
        fields=FIELDS[purpose],
        valid_from=at,
        valid_until=at + VALIDITY,
    )


@dataclass(frozen=True, slots=True)
class ReceivedGrant:
    """Index row in the grantee's own tenant: where the grant is to be found."""

    grant_id: str
    owner_tenant_id: str
    declaration_id: str
    data_request_id: str


@dataclass(frozen=True, slots=True)
class GrantUse:
    """One reading under a grant, as its owner can look it up.

    Attributes
    ----------
    subject, tenant_id
        Who read, and for which organisation.
    fields
        What was read.
    """

    id: str
    grant_id: str
    declaration_id: str
    version: int
    subject: str
    tenant_id: str
    purpose: GrantPurpose
    fields: frozenset[GrantField]
    at: datetime
