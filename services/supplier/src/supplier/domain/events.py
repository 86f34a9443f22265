"""What the supplier service tells the others. Ids, versions and hashes only."""

from dataclasses import dataclass

from supplier.domain.declaration import VersionReference


@dataclass(frozen=True, slots=True)
class CalculationRequested:
    """A version was submitted whose footprint is to be calculated."""

    tenant_id: str
    declaration: VersionReference


@dataclass(frozen=True, slots=True)
class DeclarationSubmitted:
    """A first version was submitted.

    Attributes
    ----------
    count
        Counts the events of this declaration from 1; likewise below.
    """

    tenant_id: str
    count: int
    declaration: VersionReference


@dataclass(frozen=True, slots=True)
class DeclarationCorrected:
    """A later version was submitted in place of an earlier one."""

    tenant_id: str
    count: int
    declaration: VersionReference
    corrected: VersionReference


@dataclass(frozen=True, slots=True)
class DeclarationAccepted:
    """The lead firm accepted a version."""

    tenant_id: str
    count: int
    declaration: VersionReference


@dataclass(frozen=True, slots=True)
class DeclarationReturned:
    """The lead firm returned a version."""

    tenant_id: str
    count: int
    declaration: VersionReference


@dataclass(frozen=True, slots=True)
class GrantGiven:
    """A supplier gave a grant."""

    tenant_id: str
    grant_id: str
    declaration_id: str


@dataclass(frozen=True, slots=True)
class GrantRevoked:
    """A supplier revoked a grant."""

    tenant_id: str
    grant_id: str
    declaration_id: str


DomainEvent = (
    CalculationRequested
    | DeclarationSubmitted
    | DeclarationCorrected
    | DeclarationAccepted
    | DeclarationReturned
    | GrantGiven
    | GrantRevoked
)
