"""Reads public keys that others give (RFC 7517): the kinds that are taken, no private parts, no weak ones."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, cast

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gateway.oidc.client.foreign_jwt import ALGORITHMS, PublicKey, fits

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 4096
"""Longer ones cost whoever verifies more than they give."""
_EXPONENT: Final = 65537
_USUAL_EXPONENTS: Final = frozenset({3, 17, _EXPONENT})
_MOST_KEYS: Final = 20


class BadKeyError(Exception):
    """Why a key isn't taken, as the end of a sentence that begins with what it is."""


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """The key of a public JWK. Raises BadKeyError."""
    return _read(_text(jwk))[0]


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The SHA-256 of the key's members (RFC 7638) in base64url. Raises BadKeyError."""
    return _read(_text(jwk))[1]


def key_set_faults(jwks: Mapping[str, Any]) -> list[str]:
    """What is wrong with a key set (RFC 7517 section 5) that a client wants to sign its assertions with."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        return ['The key set has no keys: write {"keys": […]} with public keys.']
    found = cast(list[object], keys)
    if len(found) > _MOST_KEYS:
        return [f"The key set has more than {_MOST_KEYS} keys: leave out those that are no longer used."]
    faults = [fault for number, one in enumerate(found, 1) if (fault := _fault(number, one))]
    kids = [cast(Mapping[str, Any], one).get("kid") for one in found if isinstance(one, dict)]
    if len(kids) > 1 and None in kids:
        faults.append("With several keys each needs a kid: assertions name their key by it.")
    faults += [f"The kid {kid!r} stands twice in the key set: each key has its own." for kid in _repeated(kids)]
    return faults


def _fault(number: int, jwk: object) -> str | None:
    if not isinstance(jwk, dict):
        return f"Key {number} of the key set is not an object."
    members = cast(Mapping[str, Any], jwk)
    kid = members.get("kid")
    if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= 200 or not kid.isprintable()):
        return f"Key {number} of the key set has a kid that is not a text of 1 to 200 characters."
    try:
        public_key(members)
    except BadKeyError as error:
        return f"Key {number} of the key set {error}."
    return None


def _repeated(kids: list[Any]) -> list[str]:
    texts = [kid for kid in kids if isinstance(kid, str)]
    return sorted({kid for kid in texts if texts.count(kid) > 1})


def _text(jwk: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(jwk, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # members within members, deeper than can be written
        raise BadKeyError("can't be read: write a public JWK of kty EC, RSA or OKP") from error


@lru_cache(maxsize=2000)
def _read(text: bytes) -> tuple[PublicKey, str]:
    """Reading a key and its thumbprint takes longer than verifying with it, and the same clients come again."""
    jwk: dict[str, Any] = orjson.loads(text)
    if _PRIVATE & jwk.keys():
        raise BadKeyError("has private parts: give the public key alone")
    if jwk.get("use", "sig") != "sig":
        raise BadKeyError("is not for signatures: its use is not sig")
    try:
        key = import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadKeyError("can't be read: write a public JWK of kty EC, RSA or OKP") from error
    if not isinstance(key, ECKey | RSAKey | OKPKey):
        raise BadKeyError("is a shared secret: write a public JWK of kty EC, RSA or OKP")
    public = _taken(key)
    alg = jwk.get("alg")
    if alg is not None and (not isinstance(alg, str) or alg not in ALGORITHMS or not fits(alg, public)):
        raise BadKeyError(f"has an alg that it can't have here: write one of {', '.join(ALGORITHMS)} or leave it out")
    return public, key.thumbprint()


def _taken(key: ECKey | RSAKey | OKPKey) -> PublicKey:
    public: object = key.public_key
    if isinstance(public, ec.EllipticCurvePublicKey):
        if not isinstance(public.curve, ec.SECP256R1):
            raise BadKeyError("is of another curve than P-256")
        return public
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public
    if not isinstance(public, rsa.RSAPublicKey):
        raise BadKeyError("is of another curve than Ed25519")
    if not _LEAST_RSA_BITS <= public.key_size <= _MOST_RSA_BITS:
        raise BadKeyError(f"is an RSA key of {public.key_size} bits: {_LEAST_RSA_BITS} to {_MOST_RSA_BITS} are taken")
    if public.public_numbers().e not in _USUAL_EXPONENTS:
        raise BadKeyError(f"is an RSA key with an unusual exponent: {_EXPONENT} is the usual one")
    return public
