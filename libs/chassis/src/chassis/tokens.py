"""Access tokens: JWTs signed with Ed25519 (RFC 9068, RFC 9864), issued, verified and fetched.

A token names a subject, the tenant it acts for and its roles. Verifying trusts nothing in a token
but its key id: algorithms come from an allow-list, keys from the issuer's key set, and headers that
bring a key along (`jwk`, `jku`, `x5u`) are not looked at.
"""

import json
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, Protocol
from urllib.parse import quote_plus

import httpx
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import KeySet, OKPKey
from joserfc.jws import JWSRegistry

from chassis.clock import Clock, SystemClock, new_id
from chassis.errors import Unauthenticated, Unavailable
from chassis.identity import Principal, Role
from chassis.logging import get_logger
from chassis.token_errors import ClientRefused, NoTokenEndpoint

log = get_logger(__name__)

AUDIENCE = "greenchain"
ALGORITHMS = ("Ed25519",)
TOKEN_TYPE = "at+jwt"
#: Bound on what is parsed before any signature is checked [bytes].
MAX_TOKEN_LENGTH = 8192
#: Tolerated difference between clocks [s].
LEEWAY_S = 10


def new_signing_key() -> str:
    """Make a private signing key, as a JWK in JSON. A secret."""
    return json.dumps(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))


class TokenIssuer:
    """Signs tokens.

    Parameters
    ----------
    issuer
        URL that names the issuer in its tokens.
    signing_key
        Private JWK in JSON (`new_signing_key`).
    lifetime_s
        How long a token is valid [s]. There is no revocation: short is safe.
    """

    def __init__(
        self, issuer: str, signing_key: str, *, lifetime_s: int = 600, clock: Clock | None = None
    ) -> None:
        self.issuer = issuer
        self.lifetime_s = lifetime_s
        self._clock = clock or SystemClock()
        self._key = OKPKey.import_key(json.loads(signing_key))
        if not self._key.is_private:
            raise ValueError("the issuer needs a private key")
        self._kid = self._key.thumbprint()

    def issue(self, subject: str, tenant_id: str, roles: Collection[Role]) -> str:
        """Sign a token."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": subject,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime_s,
            "jti": new_id(),
            "tenant_id": tenant_id,
            "roles": sorted(roles),
        }
        header = {"alg": ALGORITHMS[0], "typ": TOKEN_TYPE, "kid": self._kid}
        return jwt.encode(header, claims, self._key, algorithms=ALGORITHMS)

    def jwks(self) -> dict[str, Any]:
        """Return the public key set (RFC 7517)."""
        public = {**self._key.as_dict(private=False), "kid": self._kid}
        return {"keys": [{**public, "use": "sig", "alg": ALGORITHMS[0]}]}


class KeySource(Protocol):
    """Where the verifier finds the issuer's public keys."""

    def find(self, kid: str) -> Any | None:
        """Return the key with this id, or None."""
        ...


class StaticKeys:
    """A key set that is known in advance."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = _by_kid(jwks)

    def find(self, kid: str) -> Any | None:
        """Return the key with this id, or None."""
        return self._keys.get(kid)


class RemoteKeys:
    """The key set at a URL, kept for a while and fetched again when an unknown key turns up.

    While the issuer does not answer, the keys that are known go on being used, for a bounded time.
    """

    #: How long a key set is used without asking again [s].
    KEPT_S = 300.0
    #: How long it is used at most while the issuer does not answer [s].
    KEPT_IN_OUTAGE_S = 3600.0
    #: Tokens with made-up key ids must not become requests to the issuer: at most one per [s].
    RETRY_S = 10.0
    #: Nor must each caller wait for an issuer that does not answer: after a failure at most one
    #: request per [s].
    RETRY_AFTER_FAILURE_S = 1.0

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Any] = {}
        self._fetched_at = float("-inf")
        self._ask_again_at = float("-inf")
        self._failed = False
        self._lock = threading.Lock()

    def find(self, kid: str) -> Any | None:
        """Return the key with this id, or None; raises `Unavailable` if the issuer is."""
        with self._lock:
            is_due = kid not in self._keys or self._age() > self.KEPT_S
            if is_due and time.monotonic() >= self._ask_again_at:
                self._ask()
            if self._failed and (kid not in self._keys or self._age() > self.KEPT_IN_OUTAGE_S):
                raise Unavailable(service="token issuer")
            return self._keys.get(kid)

    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _ask(self) -> None:
        try:
            self._keys = self._fetch()
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("key set not fetched", url=self._url, error=repr(error))
            self._failed = True
            self._ask_again_at = time.monotonic() + self.RETRY_AFTER_FAILURE_S
        else:
            self._failed = False
            self._fetched_at = time.monotonic()
            self._ask_again_at = self._fetched_at + self.RETRY_S

    def _fetch(self) -> dict[str, Any]:
        answer = httpx.get(self._url, timeout=5.0, trust_env=False)
        answer.raise_for_status()
        return _by_kid(answer.json())


def _by_kid(jwks: Mapping[str, Any]) -> dict[str, Any]:
    published = list(jwks["keys"])
    if not published:
        # Between two keys an issuer may publish none; joserfc takes that for an error.
        return {}
    imported = KeySet.import_key_set({"keys": published})
    return {key.kid: key for key in imported if key.kid is not None}


class TokenVerifier:
    """Checks tokens and tells who calls.

    Parameters
    ----------
    keys
        The issuer's public keys.
    issuer
        Whose tokens are accepted.
    algorithms
        Which signature algorithms are accepted; an outside issuer may need others than ours.
    """

    def __init__(
        self,
        keys: KeySource,
        issuer: str,
        *,
        algorithms: Collection[str] = ALGORITHMS,
        clock: Clock | None = None,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._registry = JWSRegistry(algorithms=list(algorithms))
        self._clock = clock or SystemClock()

    def verify(self, token: str) -> Principal:
        """Return the caller; raises `Unauthenticated` for anything but a valid token."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated(reason="token too long")
        try:
            decoded = jwt.decode(token, self._find_key, registry=self._registry)
        except BadSignatureError as error:
            raise Unauthenticated(reason="bad signature") from error
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unauthenticated(reason="malformed token") from error
        if str(decoded.header.get("typ", "")).lower() != TOKEN_TYPE:
            raise Unauthenticated(reason="not an access token")
        return self._principal(decoded.claims)

    def _find_key(self, signed: Any) -> Any:
        kid = signed.headers().get("kid")
        key = self._keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise Unauthenticated(reason="unknown key")
        return key

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        now = self._clock.now().timestamp()
        if claims.get("iss") != self._issuer:
            raise Unauthenticated(reason="wrong issuer")
        audience = claims.get("aud")
        if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated(reason="wrong audience")
        if now >= _instant(claims, "exp") + LEEWAY_S:
            raise Unauthenticated(reason="expired")
        if now < _instant(claims, "iat") - LEEWAY_S:
            raise Unauthenticated(reason="not yet valid")
        if "nbf" in claims and now < _instant(claims, "nbf") - LEEWAY_S:
            raise Unauthenticated(reason="not yet valid")
        subject, tenant_id = _name(claims, "sub"), _name(claims, "tenant_id")
        return Principal(subject=subject, tenant_id=tenant_id, roles=_roles(claims))


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unauthenticated(reason=f"claim {name} missing or not a time")
    return float(value)


def _name(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise Unauthenticated(reason=f"claim {name} missing")
    return value


def _roles(claims: Mapping[str, Any]) -> frozenset[Role]:
    value = claims.get("roles")
    if not isinstance(value, list) or not value:
        raise Unauthenticated(reason="claim roles missing")
    try:
        return frozenset(Role(role) for role in value)
    except (ValueError, TypeError) as error:
        raise Unauthenticated(reason="unknown role") from error


class ClientCredentials:
    """Fetches tokens for a client and keeps each until shortly before it expires.

    Parameters
    ----------
    token_url
        The issuer's token endpoint.
    tenant_id
        Organisation to act for; None is the client's own.
    """

    #: A token is renewed this long before it expires [s].
    MARGIN_S = 30.0

    def __init__(
        self, token_url: str, client_id: str, secret: str, *, tenant_id: str | None = None
    ) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._secret = secret
        self._tenant_id = tenant_id
        self._token = ""
        self._renew_at = float("-inf")
        self._others: dict[str, ClientCredentials] = {}
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return a token that is valid for a while.

        Raises
        ------
        ClientRefused
            If the issuer refuses the client.
        NoTokenEndpoint
            If something else answers at the address.
        Unavailable
            If the issuer does not answer.
        """
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._token, lifetime_s = self._fetch()
                self._renew_at = time.monotonic() + lifetime_s - self.MARGIN_S
            return self._token

    def acting_for(self, tenant_id: str) -> "ClientCredentials":
        """Return the same client acting for another organisation (service clients only)."""
        with self._lock:
            if tenant_id not in self._others:
                self._others[tenant_id] = ClientCredentials(
                    self._token_url, self._client_id, self._secret, tenant_id=tenant_id
                )
            return self._others[tenant_id]

    def _fetch(self) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"}
        if self._tenant_id is not None:
            form["tenant_id"] = self._tenant_id
        try:
            answer = httpx.post(
                self._token_url,
                data=form,
                # RFC 6749, 2.3.1: form-encoded before they are joined by a colon.
                auth=(quote_plus(self._client_id), quote_plus(self._secret)),
                timeout=10.0,
                trust_env=False,
            )
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise NoTokenEndpoint(url=self._token_url, answer="nothing, being no URL") from error
        except httpx.HTTPError as error:
            raise Unavailable(service="token issuer") from error
        status = answer.status_code
        if status in (400, 401, 403):
            raise ClientRefused(reason=_oauth_error(answer), client_id=self._client_id)
        if status == 429 or status >= 500:
            raise Unavailable(service="token issuer")
        if status != 200:
            raise NoTokenEndpoint(url=self._token_url, answer=str(status))
        try:
            body = answer.json()
            return str(body["access_token"]), float(body["expires_in"])
        except (ValueError, KeyError, TypeError) as error:
            raise NoTokenEndpoint(url=self._token_url, answer="200, without a token") from error


def _oauth_error(answer: httpx.Response) -> str:
    """Return the issuer's own word (RFC 6749, 5.2), if it is one of the known, or the status."""
    try:
        code = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        code = None
    return code if code in _OAUTH_ERRORS else str(answer.status_code)


_OAUTH_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)
