"""The identities that get a secret when a state directory is first used."""

from dataclasses import dataclass

from chassis.identity import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who may ask the embedded issuer for a token.

    Attributes
    ----------
    client_id
        Name of the identity; the subject of its tokens.
    tenant_id
        The organisation it acts for.
    roles
        What it may do there.
    acts_for_tenants
        Whether it may ask for a token of another tenant (service clients alone).
    """

    client_id: str
    tenant_id: str
    roles: tuple[Role, ...]
    acts_for_tenants: bool = False


SERVICE_IDENTITIES = (
    Identity("footprint", "footprint", (Role.FOOTPRINT_SERVICE,), acts_for_tenants=True),
    Identity(
        "certification", "certification", (Role.CERTIFICATION_SERVICE,), acts_for_tenants=True
    ),
)
"""Clients of the services themselves, for what they do without a user."""

DEMO_IDENTITIES = (
    Identity("pack-maker-purchasing", "pack-maker", (Role.LEAD_FIRM,)),
    Identity("pack-maker-export", "pack-maker", (Role.EXPORTER,)),
    Identity("cathode-maker", "cathode-maker", (Role.SUPPLIER,)),
    Identity("copper-foil-maker", "copper-foil-maker", (Role.SUPPLIER,)),
    Identity("verifier", "verifier", (Role.VERIFIER,)),
    Identity("certification-body", "certification-body", (Role.CERTIFICATION_BODY,)),
)
"""Invented organisations of the demonstration; never made for any other state directory."""
