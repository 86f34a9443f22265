"""The embedded token issuer as a service of its own."""

from chassis.issuer import Client, hash_secret, token_router
from chassis.service import Service
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier
from chassis.web import create_app
from greenchain_local.secrets import Secrets

VERSION = "1.0.0"


def build_issuer(url: str, secrets: Secrets) -> Service:
    """Build the issuer that gives tokens to the identities of a state directory.

    Parameters
    ----------
    url
        Where it is reached; names it in its tokens.
    """
    issuer = TokenIssuer(url, secrets.issuer_key)
    app = create_app(
        "greenchain issuer",
        VERSION,
        TokenVerifier(StaticKeys(issuer.jwks()), url),
        description="Tokens for clients (OAuth 2.0 client credentials).",
    )
    app.include_router(token_router(issuer, _clients(secrets)))
    return Service(name="issuer", http=app)


def _clients(secrets: Secrets) -> list[Client]:
    return [
        Client(
            client_id=credential.identity.client_id,
            secret_hash=hash_secret(credential.secret),
            tenant_id=credential.identity.tenant_id,
            roles=frozenset(credential.identity.roles),
            may_act_for_tenants=credential.identity.acts_for_tenants,
        )
        for credential in secrets.credentials.values()
    ]
