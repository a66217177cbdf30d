"""Client assertions (RFC 7523, OpenID Connect Core 9): a JWT by which a client proves that it has a registered key."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from gateway.oidc.client.foreign_jwt import BadJwtError, PublicKey, UnverifiedJwt, fits, read_jwt, verify
from gateway.oidc.client.public_jwk import BadKeyError, public_key
from store.relying_parties import RelyingParty
from store.used_proofs import Proof, proof_of

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE: Final = timedelta(minutes=5)
LATE_CLOCK: Final = timedelta(seconds=30)
"""So far the client's clock may be ahead of ours (FAPI 2.0 section 5.3.2.1: 10 seconds are, over 60 are not)."""
_HEADERS: Final = frozenset({"alg", "kid", "typ"})
_TYPES: Final = frozenset({None, "JWT", "client-authentication+jwt"})
"""Two of old, and the one by which nothing else can be taken for an assertion (RFC 7523bis)."""
_LONGEST_JTI: Final = 256


class BadAssertionError(Exception):
    """Why an assertion isn't taken: for the log; the client is told as little as with a wrong secret."""


def read_assertion(text: str) -> UnverifiedJwt:
    """Raises BadAssertionError."""
    try:
        jwt = read_jwt(text, _HEADERS)
    except BadJwtError as error:
        raise BadAssertionError(str(error)) from error
    typ = jwt.header.get("typ")
    if not isinstance(typ, str | None) or typ not in _TYPES:
        raise BadAssertionError("it is a JWT of another type")
    return jwt


def named_client(jwt: UnverifiedJwt) -> str:
    """The client that the assertion says it is from: its `sub`. Raises BadAssertionError."""
    subject = jwt.claims.get("sub")
    if not isinstance(subject, str) or not subject or not subject.isprintable():
        raise BadAssertionError("it names no client in sub")
    return subject


def check_assertion(jwt: UnverifiedJwt, client: RelyingParty, audiences: Collection[str], now: datetime) -> Proof:
    """Judge an assertion of a client by its registered keys; what makes it good only once. Raises BadAssertionError.

    `audiences`: this server's own addresses. The audience is one of them alone, as a string: in an array another server
    could stand beside us, and the assertion be one that was meant for it (FAPI 2.0 section 5.3.2.1).
    """
    claims = jwt.claims
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise BadAssertionError("its iss and sub are not the client's id")
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience not in audiences:
        raise BadAssertionError("its aud is not this server's issuer, alone and as a string")
    expires_at = _checked_times(claims, now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise BadAssertionError(f"it has no jti of 1 to {_LONGEST_JTI} characters")
    try:
        verify(jwt, _key(jwt, client))
    except BadJwtError as error:
        raise BadAssertionError(str(error)) from error
    return proof_of("client-assertion", client.client_id, jti, expires_at)


def _checked_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    expires_at = _time(claims, "exp")
    if expires_at is None or now >= expires_at:
        raise BadAssertionError("it has no exp, or has expired")
    if expires_at > now + LONGEST_LIFE + LATE_CLOCK:
        raise BadAssertionError(f"its exp is more than {LONGEST_LIFE} ahead")
    for name in ("nbf", "iat"):
        time = _time(claims, name)
        if time is not None and time > now + LATE_CLOCK:
            raise BadAssertionError(f"its {name} is in the future")
    return expires_at


def _time(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise BadAssertionError(f"its {name} is no time")
    return datetime.fromtimestamp(value, UTC)


def _key(jwt: UnverifiedJwt, client: RelyingParty) -> PublicKey:
    """The registered key that the header names, or the only one. A header never brings its own."""
    kid = jwt.header.get("kid")
    keys = cast(list[Mapping[str, Any]], (client.jwks or {}).get("keys", []))
    found = [one for one in keys if kid is None or one.get("kid") == kid]
    if kid is None and len(found) > 1:
        found = [one for one in found if _can_be(jwt.alg, one)]
    if len(found) != 1 or not _can_be(jwt.alg, found[0]):
        raise BadAssertionError("its kid and alg name no registered key of the client")
    return public_key(found[0])


def _can_be(alg: str, jwk: Mapping[str, Any]) -> bool:
    try:
        return jwk.get("alg", alg) == alg and fits(alg, public_key(jwk))
    except BadKeyError:
        return False
