"""One signing key: made, sealed for the database, opened again, and signing compact JWS (RFC 7515, RFC 7518)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import cast

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, RSAKey

from gateway.oidc.keys.sealing import seal, unseal
from store.signing_keys import RetiredKey, SealedKey

_RSA_BITS = 2048
_EC_BYTES = 32
_ECDSA = ec.ECDSA(hashes.SHA256())

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    alg: str
    private: PrivateKey = field(repr=False)
    public: ECKey | RSAKey
    public_jwk: Mapping[str, str]
    """As published: with `kid`, `alg` and `use`, without private members."""
    signs_from: datetime
    signs_until: datetime | None

    def signs_at(self, now: datetime) -> bool:
        return self.signs_from <= now and (self.signs_until is None or now < self.signs_until)

    def sign(self, claims: Mapping[str, object], typ: str) -> str:
        """The claims as a compact JWS. `typ` keeps one kind of token from passing as another (RFC 8725 section 3.11).

        Signed with cryptography directly, on the event loop: ES256 takes 50 microseconds, two thirds of what the JOSE
        library needs; RS256 takes 0.7 ms, once per sign-in or refresh, which is about what a hand-over to a thread and
        back costs under load.
        """
        signed = _header(self.alg, self.kid, typ) + b"." + _base64url(orjson.dumps(claims))
        return (signed + b"." + _base64url(self._signature(signed))).decode()

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.private.sign(signed, _ECDSA))
        return r.to_bytes(_EC_BYTES) + s.to_bytes(_EC_BYTES)


@dataclass(frozen=True, slots=True)
class HintKey:
    """The public half of a key whose time in the key set is over."""

    kid: str
    alg: str
    public: ECKey | RSAKey


new_rsa_key = rsa.generate_private_key
"""Slow, and so replaced in tests."""


def make_sealed_key(alg: str, sealing_key: bytes, now: datetime, signs_from: datetime) -> SealedKey:
    """A new key of one of `policy.relying_parties.ID_TOKEN_ALGORITHMS`; takes up to half a second for RS256."""
    rsa_key = alg == "RS256"
    private = new_rsa_key(65537, _RSA_BITS) if rsa_key else ec.generate_private_key(ec.SECP256R1())
    public = _public(private)
    kid = public.thumbprint()
    jwk = {name: str(value) for name, value in public.as_dict(private=False).items()}
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SealedKey(
        kid, alg, jwk | {"kid": kid, "alg": alg, "use": "sig"}, seal(sealing_key, der, kid), now, signs_from
    )


def open_key(sealed: SealedKey, sealing_key: bytes) -> SigningKey:
    """Raises SealError when the secret key is another one."""
    der = unseal(sealing_key, sealed.private_key, sealed.kid)
    # What was sealed is what was made here: looking for a bad RSA key once more takes 40 ms of the event loop.
    private = cast(PrivateKey, serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True))
    return SigningKey(
        sealed.kid, sealed.alg, private, _public(private), sealed.public_jwk, sealed.signs_from, sealed.signs_until
    )


def hint_key(retired: RetiredKey) -> HintKey:
    """As `open_key`, without the private half."""
    jwk: dict[str, str | list[str]] = {**retired.public_jwk}
    public = RSAKey.import_key(jwk) if jwk["kty"] == "RSA" else ECKey.import_key(jwk)
    return HintKey(retired.kid, retired.alg, public)


def _public(private: PrivateKey) -> ECKey | RSAKey:
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return RSAKey.import_key(pem) if isinstance(private, rsa.RSAPrivateKey) else ECKey.import_key(pem)


@lru_cache(maxsize=64)
def _header(alg: str, kid: str, typ: str) -> bytes:
    return _base64url(orjson.dumps({"alg": alg, "kid": kid, "typ": typ}))


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
