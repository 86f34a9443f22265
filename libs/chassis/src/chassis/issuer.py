"""The embedded token issuer: client credentials (RFC 6749, 4.4), key set and discovery.

For the embedded shape; a production installation has an outside OIDC issuer instead.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from chassis.identity import Role
from chassis.tokens import ALGORITHMS, TokenIssuer

# Client secrets are long random strings, not words: a modest cost is enough (RFC 7914).
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**12, 8, 1
_MAX_FORM_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client.

    Attributes
    ----------
    secret_hash
        From `hash_secret`.
    may_act_for_tenants
        A service's own client: it may ask for a token of any tenant.
    """

    client_id: str
    secret_hash: str
    tenant_id: str
    roles: frozenset[Role]
    may_act_for_tenants: bool = False


def hash_secret(secret: str) -> str:
    """Return a salted hash of a client secret."""
    salt = os.urandom(16)
    return f"{salt.hex()}:{_scrypt(secret, salt).hex()}"


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)


def _is_secret(secret: str, secret_hash: str) -> bool:
    salt, _, digest = secret_hash.partition(":")
    return hmac.compare_digest(_scrypt(secret, bytes.fromhex(salt)), bytes.fromhex(digest))


# An unknown client costs as much time as a known one with a wrong secret.
_NOBODY = Client("", hash_secret(os.urandom(16).hex()), "", frozenset())


class _Refused(Exception):
    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def token_router(
    issuer: TokenIssuer, clients: Iterable[Client] | Mapping[str, Client]
) -> APIRouter:
    """Return the issuer's endpoints, to be included in an app at the root.

    ``POST /oauth/token``, and under ``/.well-known/``: ``jwks.json``, ``openid-configuration``.

    Parameters
    ----------
    clients
        A mapping by client id is asked anew for every token, so it may change.
    """
    registry = (
        clients
        if isinstance(clients, Mapping)
        else {client.client_id: client for client in clients}
    )
    router = APIRouter(tags=["identity"])

    @router.post("/oauth/token", openapi_extra=_FORM)
    async def token(request: Request) -> JSONResponse:
        """Give a token to a client that proves who it is (grant type `client_credentials`)."""
        try:
            form = await _read_form(request)
            body = await run_in_threadpool(
                _grant, issuer, registry, request.headers.get("authorization"), form
            )
        except _Refused as refused:
            headers = {"WWW-Authenticate": 'Basic realm="greenchain"'}
            return JSONResponse(
                {"error": refused.code},
                refused.status,
                headers=headers if refused.status == 401 else None,
            )
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    @router.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, Any]:
        """Return the public keys with which tokens are verified (RFC 7517)."""
        return issuer.jwks()

    @router.get("/.well-known/openid-configuration")
    async def configuration() -> dict[str, Any]:
        """Return where the endpoints are (RFC 8414)."""
        return {
            "issuer": issuer.issuer,
            "token_endpoint": f"{issuer.issuer}/oauth/token",
            "jwks_uri": f"{issuer.issuer}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
        }

    return router


async def _read_form(request: Request) -> dict[str, str]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MAX_FORM_BYTES:
            raise _Refused("invalid_request", 413)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=10)
    except ValueError as error:
        raise _Refused("invalid_request") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        # RFC 6749, 3.2: parameters must not be included more than once.
        raise _Refused("invalid_request")
    return form


def _grant(
    issuer: TokenIssuer,
    registry: Mapping[str, Client],
    authorization: str | None,
    form: dict[str, str],
) -> dict[str, Any]:
    client = _authenticate(registry, *_credentials(authorization, form))
    if form.get("grant_type") != "client_credentials":
        raise _Refused("unsupported_grant_type")
    tenant_id = form.get("tenant_id", client.tenant_id)
    if not tenant_id or (tenant_id != client.tenant_id and not client.may_act_for_tenants):
        raise _Refused("unauthorized_client")
    return {
        "access_token": issuer.issue(client.client_id, tenant_id, client.roles),
        "token_type": "Bearer",
        "expires_in": issuer.lifetime_s,
    }


def _credentials(authorization: str | None, form: dict[str, str]) -> tuple[str, str]:
    if authorization is None:
        return form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise _Refused("invalid_request")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except ValueError as error:
        raise _Refused("invalid_client", 401) from error
    name, _, secret = decoded.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _authenticate(registry: Mapping[str, Client], client_id: str, secret: str) -> Client:
    client = registry.get(client_id, _NOBODY)
    if not _is_secret(secret, client.secret_hash) or client is _NOBODY:
        raise _Refused("invalid_client", 401)
    return client


_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                        "tenant_id": {
                            "type": "string",
                            "description": "Organisation to act for (service clients only).",
                        },
                    },
                }
            }
        },
    }
}
