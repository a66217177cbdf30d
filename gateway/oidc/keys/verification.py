"""Judges JWTs that claim to be ours: kind, algorithm, key, issuer and times, in that order, each from an allow-list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import extract_compact

from gateway.oidc.keys.ring import KeySet

_LONGEST_TOKEN = 8192
_LATE_CLOCK_SECONDS = 30
"""So far the clock of the host that reads a token may be behind the one that signed it. No token lives longer by it."""
_HEADERS = frozenset({"alg", "kid", "typ"})
"""Exactly what we write: `jwk`, `jku`, `x5u` and `crit` would let a token bring its own key or rules."""


class BadTokenError(Exception):
    """Why a token isn't one of ours, or isn't good any more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of token: its `typ` and the algorithms that we sign it with."""

    typ: str
    algorithms: frozenset[str]


ACCESS_TOKEN = Kind("at+jwt", frozenset({"ES256"}))
ID_TOKEN = Kind("JWT", frozenset({"ES256", "RS256"}))
ASSESSMENT_CLAIMS = Kind("assessment-access+jwt", frozenset({"ES256", "RS256"}))


def verified_claims(
    token: str, kind: Kind, keys: KeySet, issuer: str, now: datetime, *, hint: bool = False
) -> Mapping[str, Any]:
    """The claims of a token of this kind that we signed (RFC 8725, RFC 9068 section 4).

    `hint`: it only says who was signed in (OpenID Connect Core 3.1.2.1), so that its time may be over, and so may its
    key's. Raises BadTokenError.
    """
    if len(token) > _LONGEST_TOKEN:
        raise BadTokenError("The token is too long.")
    key, alg = _key(token, kind, keys, hint)
    try:
        claims = jwt.decode(token, key, algorithms=[alg]).claims
    except (JoseError, ValueError) as error:
        raise BadTokenError("The token's signature is wrong.") from error
    if claims.get("iss") != issuer:
        raise BadTokenError("The token is from another issuer.")
    _check_times(claims, now.timestamp(), hint)
    return claims


def _key(token: str, kind: Kind, keys: KeySet, hint: bool) -> tuple[ECKey | RSAKey, str]:
    """The key that the header names, once the header is nothing but what we write."""
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise BadTokenError("The token is not a JWT.") from error
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or not isinstance(kid, str) or not _HEADERS.issuperset(header):
        raise BadTokenError("The token's header is not one that this server writes.")
    if header.get("typ") != kind.typ or alg not in kind.algorithms:
        raise BadTokenError("The token is of another kind.")
    key = keys.verifier(kid, of_hint=hint)
    if key is None or key.alg != alg:
        raise BadTokenError("The token's key is unknown.")
    return key.public, key.alg


def _check_times(claims: Mapping[str, Any], now: float, hint: bool) -> None:
    limits: tuple[tuple[str, Callable[[float], bool]], ...] = (
        ("exp", lambda value: hint or now < value),
        ("iat", lambda value: value <= now + _LATE_CLOCK_SECONDS),
    )
    for name, holds in limits:
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadTokenError(f"The token has no {name}.")
        if not holds(value):
            raise BadTokenError("The token has expired." if name == "exp" else "The token is not yet good.")
