"""The signing key, the published keys and the shipped schemes."""

import hashlib
import json

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from certification.adapters.schemes import ShippedSchemes
from certification.adapters.signer import Ed25519Signer, UnusableKey


def private(key: OKPKey) -> str:
    return json.dumps(key.as_dict(private=True))


def test_the_published_keys_hold_nothing_private(signing_key: OKPKey) -> None:
    public = Ed25519Signer(private(signing_key)).public_key
    assert set(public) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert public["kid"] == signing_key.thumbprint()
    assert public["alg"] == "Ed25519"


def test_signing_the_same_content_gives_the_same_document(signing_key: OKPKey) -> None:
    signer = Ed25519Signer(private(signing_key))
    first, second = signer.sign({"b": 1, "a": 2.0}), signer.sign({"a": 2.0, "b": 1})
    assert first == second
    assert first.sha256 == hashlib.sha256(first.jws.encode()).hexdigest()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "not json",
        "[]",
        json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False)),
        json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)),
        json.dumps(OKPKey.generate_key("Ed448").as_dict(private=True)),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)),
    ],
)
def test_a_key_that_cannot_sign_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(UnusableKey, match="private JWK") as refused:
        Ed25519Signer(key)
    assert key == "" or key not in str(refused.value)


def test_the_demonstration_scheme_says_what_it_is_not() -> None:
    scheme = ShippedSchemes().get("demonstration")
    assert scheme is not None
    assert "no certificate" in scheme.is_not.en
    assert "不是" in scheme.is_not.zh
    assert scheme.validity_years > 0
    assert scheme.validity_source
    assert scheme.validity_confidence == "assumption"
    assert [kind.id for kind in scheme.statement_types] == ["pcf_verification"]


def test_an_unknown_scheme_is_none() -> None:
    assert ShippedSchemes().get("../demonstration") is None


def test_a_key_whose_halves_do_not_belong_together_is_refused() -> None:
    one = OKPKey.generate_key("Ed25519").as_dict(private=True)
    other = OKPKey.generate_key("Ed25519").as_dict(private=True)
    with pytest.raises(UnusableKey, match="does not belong"):
        Ed25519Signer(json.dumps(one | {"x": other["x"]}))
