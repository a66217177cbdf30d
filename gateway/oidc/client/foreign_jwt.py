"""Judges JWTs that others sign, client assertions and DPoP proofs: form, header, algorithm, key and signature."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, cast

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.oidc.errors import plain

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

_LONGEST: Final = 4096
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_COORDINATE_BYTES: Final = 32
_DIGEST_BYTES: Final = 32
_PSS: Final = padding.PSS(padding.MGF1(hashes.SHA256()), _DIGEST_BYTES)


class BadJwtError(Exception):
    """Why somebody else's JWT isn't taken."""


@dataclass(frozen=True, slots=True)
class UnverifiedJwt:
    """What a JWT says of itself. Nothing in it is true before `verify`."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    alg: str
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read_jwt(text: str, headers: frozenset[str]) -> UnverifiedJwt:
    """The parts of a compact JWT whose header has none but these members. Raises BadJwtError.

    `jku`, `x5u` and `crit` are in nobody's list: a token brings neither its own key from elsewhere nor its own rules.
    """
    if len(text) > _LONGEST:
        raise BadJwtError(f"it is longer than {_LONGEST} characters")
    if not _COMPACT.fullmatch(text):
        raise BadJwtError("it is not a signed JWT of three parts")
    first, second, third = text.split(".")
    try:
        header, claims = _json_object(first), _json_object(second)
        signature = _bytes(third)
    except ValueError as error:
        raise BadJwtError("it is not a signed JWT of three parts") from error
    unexpected = header.keys() - headers
    if unexpected:
        raise BadJwtError(f"its header has a member that is not taken here: {plain(min(unexpected))}")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise BadJwtError(f"it is not signed by one of {', '.join(ALGORITHMS)}")
    return UnverifiedJwt(header, claims, alg, f"{first}.{second}".encode(), signature)


def verify(jwt: UnverifiedJwt, key: PublicKey) -> None:
    """Raises BadJwtError unless the key is one for the algorithm and has signed it."""
    try:
        ALGORITHMS[jwt.alg](key, jwt.signature, jwt.signed)
    except (InvalidSignature, ValueError) as error:
        raise BadJwtError("its signature is wrong") from error


def fits(alg: str, key: PublicKey) -> bool:
    """Whether a signature by this algorithm can be the key's."""
    return isinstance(key, _KEY_TYPES[alg])


def _verify_es256(key: PublicKey, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(signature) != 2 * _COORDINATE_BYTES:
        raise InvalidSignature
    r, s = (int.from_bytes(part) for part in (signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]))
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))


def _verify_ps256(key: PublicKey, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidSignature
    key.verify(signature, signed, _PSS, hashes.SHA256())


def _verify_ed25519(key: PublicKey, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise InvalidSignature
    key.verify(signature, signed)


ALGORITHMS: Final[Mapping[str, Callable[[PublicKey, bytes, bytes], None]]] = MappingProxyType(
    {"ES256": _verify_es256, "PS256": _verify_ps256, "EdDSA": _verify_ed25519, "Ed25519": _verify_ed25519}
)
"""What others may sign with: those of FAPI 2.0 section 5.4.1, and the name that RFC 9864 gives to EdDSA over Ed25519.

RS256 is none of them: PKCS #1 v1.5 is no longer advised for what is new (RFC 8017 section 8), and these clients are.
"""
_KEY_TYPES: Final[Mapping[str, type]] = MappingProxyType(
    {
        "ES256": ec.EllipticCurvePublicKey,
        "PS256": rsa.RSAPublicKey,
        "EdDSA": ed25519.Ed25519PublicKey,
        "Ed25519": ed25519.Ed25519PublicKey,
    }
)


def _json_object(part: str) -> Mapping[str, Any]:
    found = orjson.loads(_bytes(part))
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return cast(Mapping[str, Any], found)


def _bytes(part: str) -> bytes:
    if len(part) % 4 == 1:
        raise ValueError("not base64url")
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
