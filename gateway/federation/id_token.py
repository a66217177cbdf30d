"""Judges a provider's ID token: form, header, algorithm, key, signature, each claim (OpenID Connect Core 3.1.3.7)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import extract_compact

VerifyingKey = ECKey | RSAKey

LATE_CLOCK_SECONDS: Final = 60
"""So far the clocks of provider and gateway may differ."""
_OLDEST_SECONDS: Final = 600
"""A token is made for the sign-in that asked for it, which takes no longer than that."""
_LONGEST: Final = 16_384
_BROUGHT_ALONG: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"})
"""By these a token would bring its own key or its own rules."""


class BadIdTokenError(Exception):
    """Why an ID token isn't taken; for the log, never for the page."""


@dataclass(frozen=True, slots=True)
class Header:
    alg: str
    kid: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


def header_of(token: str, algorithms: frozenset[str]) -> Header:
    """The header, once it names an algorithm of the provider's and brings nothing along. Raises BadIdTokenError."""
    if len(token) > _LONGEST:
        raise BadIdTokenError("it is too long")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise BadIdTokenError("it is no JWT") from error
    if _BROUGHT_ALONG.intersection(header):
        raise BadIdTokenError("its header brings a key or rules of its own")
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(alg, str) or alg not in algorithms:
        raise BadIdTokenError("it is signed by an algorithm that the provider doesn't state")
    if not isinstance(typ, str) or typ.upper() != "JWT":
        raise BadIdTokenError("it is a token of another kind")
    if kid is not None and (not isinstance(kid, str) or len(kid) > 500):
        raise BadIdTokenError("its kid is no text")
    return Header(alg, kid)


def verified_claims(token: str, header: Header, key: VerifyingKey, expected: Expected, now: float) -> Mapping[str, Any]:
    """The claims of a token that this key signed and that was made for this sign-in. Raises BadIdTokenError."""
    try:
        claims = jwt.decode(token, key, algorithms=[header.alg]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise BadIdTokenError("its signature is wrong") from error
    if claims.get("iss") != expected.issuer:
        raise BadIdTokenError("it is from another issuer")
    _check_audience(claims, expected.client_id)
    _check_times(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise BadIdTokenError("its nonce is another sign-in's")
    for claim, hashed in (("at_hash", expected.access_token), ("c_hash", expected.code)):
        if claim in claims:
            _check_hash(claims[claim], hashed, header.alg, claim)
    return claims


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """It is for us and for nobody else: no other audience is trusted here."""
    audience = claims.get("aud")
    if audience not in (client_id, [client_id]):
        raise BadIdTokenError("it is for another client")
    if claims.get("azp", client_id) != client_id:
        raise BadIdTokenError("it was made out to another client")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    times: dict[str, float] = {}
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name)
        if value is None and name == "nbf":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadIdTokenError(f"its {name} is no time")
        times[name] = value
    if now >= times["exp"] + LATE_CLOCK_SECONDS:
        raise BadIdTokenError("it has expired")
    if times["iat"] > now + LATE_CLOCK_SECONDS or times.get("nbf", 0) > now + LATE_CLOCK_SECONDS:
        raise BadIdTokenError("it is from the future")
    if times["iat"] < now - _OLDEST_SECONDS:
        raise BadIdTokenError("it is too old")


def _check_hash(said: object, hashed: str | None, alg: str, claim: str) -> None:
    """Core 3.1.3.6 and 3.3.2.11: the token or code that came with it is the one that was made with it."""
    right = create_half_hash(hashed, alg) if hashed is not None else None
    text = right.decode() if isinstance(right, bytes) else right
    if not isinstance(said, str) or text is None or not hmac.compare_digest(said.encode(), text.encode()):
        raise BadIdTokenError(f"its {claim} is another one's")
