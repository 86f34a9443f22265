"""Signs issued records as compact JWS by Ed25519 (RFC 9864: the algorithm names its curve)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from certification.application.ports import Signature
from chassis.canonical import canonical_json

ALGORITHM = "Ed25519"
DOCUMENT_TYPE = "greenchain-record+jwt"


class UnusableKey(ValueError):
    """The signing key in the settings cannot sign; the message never shows it."""


class Ed25519Signer:
    """Signs with one key.

    Parameters
    ----------
    private_jwk
        The private key as JWK (RFC 8037): JSON with kty `OKP`, crv `Ed25519`, x and d.
    """

    def __init__(self, private_jwk: str) -> None:
        problem = "the signing key must be a private JWK: kty OKP, crv Ed25519, with x and d"
        try:
            key = OKPKey.import_key(json.loads(private_jwk))
        except (JoseError, ValueError, TypeError, KeyError):
            # Without the cause: it could quote the key.
            raise UnusableKey(problem) from None
        if key.curve_name != ALGORITHM or not key.is_private:
            raise UnusableKey(problem)
        self._key = key
        self.key_id = key.thumbprint()
        try:
            published = OKPKey.import_key(self.public_key)
            jws.deserialize_compact(self.sign({}).jws, published, algorithms=[ALGORITHM])
        except JoseError:
            # What it signed, nobody could verify by the published x.
            raise UnusableKey("the signing key's x does not belong to its d") from None

    def sign(self, content: Mapping[str, Any]) -> Signature:
        """Sign the canonical JSON (RFC 8785) of the content."""
        header = {"alg": ALGORITHM, "typ": DOCUMENT_TYPE, "kid": self.key_id}
        document = jws.serialize_compact(
            header, canonical_json(content), self._key, algorithms=[ALGORITHM]
        )
        return Signature(
            jws=document,
            sha256=hashlib.sha256(document.encode("ascii")).hexdigest(),
            key_id=self.key_id,
        )

    @property
    def public_key(self) -> dict[str, Any]:
        """The public JWK by which others verify what it signs."""
        public = self._key.as_dict(private=False)
        return public | {"kid": self.key_id, "alg": ALGORITHM, "use": "sig"}
