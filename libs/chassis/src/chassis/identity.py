"""Who calls: a subject, its organisation (tenant) and its roles. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import Forbidden


class Role(StrEnum):
    """Roles that a token can carry."""

    LEAD_FIRM = "lead_firm"
    SUPPLIER = "supplier"
    EXPORTER = "exporter"
    VERIFIER = "verifier"
    CERTIFICATION_BODY = "certification_body"
    FOOTPRINT_SERVICE = "footprint_service"
    CERTIFICATION_SERVICE = "certification_service"


@dataclass(frozen=True, slots=True)
class Principal:
    """The verified caller of a request.

    Attributes
    ----------
    subject
        The identity (a person's account or a service client) that acts.
    tenant_id
        The organisation it acts for; it reads and writes rows of this tenant only.
    roles
        What it may do there.
    """

    subject: str
    tenant_id: str
    roles: frozenset[Role]

    def require(self, *any_of: Role) -> None:
        """Raise `Forbidden` unless the principal holds at least one of the roles."""
        if not self.roles.intersection(any_of):
            raise Forbidden(needed=" / ".join(f"role {role}" for role in any_of))
