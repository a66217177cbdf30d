"""Proofs of possession (RFC 9449): a JWT per request by which its sender shows that she has the key of a token."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from gateway.oidc.client.foreign_jwt import BadJwtError, UnverifiedJwt, fits, read_jwt, verify
from gateway.oidc.client.public_jwk import BadKeyError, public_key, thumbprint
from gateway.oidc.dpop.nonces import Nonces
from gateway.oidc.errors import InvalidDpopProofError, plain
from gateway.state import Gateway, gateway_of
from policy.redirects import origin_of
from store.used_proofs import Proof, proof_of

HEADER: Final = "DPoP"
TYPE: Final = "dpop+jwt"
OLDEST: Final = timedelta(seconds=60)
EARLIEST: Final = timedelta(seconds=30)
"""So far the sender's clock may be ahead of ours."""
_HEADERS: Final = frozenset({"typ", "alg", "jwk", "kid"})
_LONGEST_JTI: Final = 256
_THUMBPRINT_LENGTH: Final = 43
_LONGEST_REASON: Final = 200
"""Characters of what an error says of a proof: it names what the sender wrote."""


@dataclass(frozen=True, slots=True)
class Possession:
    """A key that the sender of this request has; `proof` is good for one request."""

    thumbprint: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a proof for it must say it was sent."""

    method: str
    uri: str
    now: datetime
    nonces: Nonces
    token_hash: str | None = None
    """`ath`; None at the endpoints that give tokens."""


def possession_at_endpoint(request: HTTPConnection) -> Possession | None:
    """The key that a request for a token comes with; None: it has no DPoP header.

    Raises InvalidDpopProofError, UseDpopNonceError.
    """
    text = proof_text(request)
    return None if text is None else check_proof(text, sent(request))


def proof_text(request: HTTPConnection) -> str | None:
    """The one DPoP header; None: there is none. Raises InvalidDpopProofError for several."""
    found = request.headers.getlist(HEADER)
    if len(found) > 1:
        raise InvalidDpopProofError("The request has more than one DPoP header.")
    return found[0] if found else None


def sent(request: HTTPConnection, access_token: str | None = None) -> Sent:
    """What a proof for this request must say; its address is built from the issuer, never from the Host header."""
    gateway = gateway_of(request)
    return Sent(
        request.scope.get("method", "GET"),
        gateway.settings.issuer + request.scope["path"],
        gateway.now(),
        nonces_of(gateway),
        None if access_token is None else token_hash(access_token),
    )


def nonces_of(gateway: Gateway) -> Nonces:
    return Nonces.of(gateway.secret_key)


def check_proof(text: str, expected: Sent) -> Possession:
    """Judge a proof for a request (RFC 9449 section 4.3). Raises InvalidDpopProofError, UseDpopNonceError."""
    try:
        jwt = read_jwt(text, _HEADERS)
        key = _key(jwt)
        _check_claims(jwt.claims, expected)
        verify(jwt, public_key(key))
    except (BadJwtError, BadKeyError) as error:
        raise InvalidDpopProofError(f"The DPoP proof is not taken: {plain(str(error), _LONGEST_REASON)}.") from error
    expected.nonces.check(jwt.claims.get("nonce"), expected.now)
    return Possession(thumbprint(key), _only_once(jwt, thumbprint(key)))


def check_thumbprint(text: str | None) -> str | None:
    """A `dpop_jkt` parameter (RFC 9449 section 10). Raises InvalidDpopProofError for what is no thumbprint."""
    if text is not None and not (len(text) == _THUMBPRINT_LENGTH and text.replace("-", "").replace("_", "").isalnum()):
        raise InvalidDpopProofError("dpop_jkt is not a SHA-256 thumbprint in base64url.")
    return text


def token_hash(access_token: str) -> str:
    """`ath` (RFC 9449 section 4.2)."""
    digest = hashlib.sha256(access_token.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _key(jwt: UnverifiedJwt) -> Mapping[str, Any]:
    """The public key that the header brings: here it must, since what counts is which key it is."""
    if jwt.header.get("typ") != TYPE:
        raise BadJwtError(f"its typ is not {TYPE}")
    key = jwt.header.get("jwk")
    if not isinstance(key, dict):
        raise BadJwtError("its header has no jwk")
    members = cast(Mapping[str, Any], key)
    try:
        suits = fits(jwt.alg, public_key(members))
    except BadKeyError as error:
        raise BadJwtError(f"its key {error}") from error
    if not suits:
        raise BadJwtError("its key is none for its alg")
    return members


def _check_claims(claims: Mapping[str, Any], expected: Sent) -> None:
    if claims.get("htm") != expected.method:
        raise BadJwtError("its htm is not the request's method")
    if not _same_address(claims.get("htu"), expected.uri):
        raise BadJwtError(f"its htu is not {expected.uri}")
    issued_at = _issued_at(claims)
    if not expected.now - OLDEST <= issued_at <= expected.now + EARLIEST:
        raise BadJwtError("its iat is not a time of this minute: compare the clocks")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise BadJwtError(f"it has no jti of 1 to {_LONGEST_JTI} characters")
    if expected.token_hash is not None:
        ath = claims.get("ath")
        if not isinstance(ath, str) or not hmac.compare_digest(ath.encode(), expected.token_hash.encode()):
            raise BadJwtError("its ath is not the hash of the access token")


def _issued_at(claims: Mapping[str, Any]) -> datetime:
    value = claims.get("iat")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise BadJwtError("it has no iat")
    return datetime.fromtimestamp(value, UTC)


def _same_address(htu: object, uri: str) -> bool:
    """Without query and fragment, however scheme, host and standard port are spelled (RFC 9449 section 4.3)."""
    if not isinstance(htu, str):
        return False
    try:
        told, ours = urlsplit(htu), urlsplit(uri)
    except ValueError:
        return False
    return "@" not in told.netloc and told.path == ours.path and origin_of(htu) == origin_of(uri)


def _only_once(jwt: UnverifiedJwt, key: str) -> Proof:
    return proof_of("dpop", key, str(jwt.claims["jti"]), _issued_at(jwt.claims) + OLDEST + EARLIEST)
