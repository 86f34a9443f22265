"""An issuer, its verifier and a caller, for the tests."""

from chassis.identity import Role
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key

URL = "https://issuer.test"
ISSUER = TokenIssuer(URL, new_signing_key())
VERIFIER = TokenVerifier(StaticKeys(ISSUER.jwks()), URL)


def token(tenant_id: str = "pack-maker", *roles: Role) -> str:
    return ISSUER.issue("someone", tenant_id, roles or (Role.EXPORTER,))
