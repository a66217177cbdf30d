"""The access token of a request, and whether its sender may use it: as a bearer, or with the key it is bound to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from starlette.requests import HTTPConnection

from gateway.oidc.client.foreign_jwt import ALGORITHMS
from gateway.oidc.dpop import nonces as dpop_nonces
from gateway.oidc.dpop.memory import ProofMemory
from gateway.oidc.dpop.proof import check_proof, proof_text, sent
from gateway.oidc.errors import InvalidDpopProofError, OAuth2Error, UseDpopNonceError
from gateway.oidc.keys.ring import KeySet
from gateway.oidc.keys.token_cache import Claims, verified_access_token
from gateway.oidc.keys.verification import BadTokenError
from gateway.refusals import Kind, RefusedError
from gateway.state import kept_in

REALM: Final = 'Bearer realm="hallpass"'
_ALGORITHMS: Final = f'algs="{" ".join(ALGORITHMS)}"'
_SHOWN: Final = "hallpass.possession"
"""Where a request's scope says that possession was shown: a proof is good once, and one request is read in parts."""


def presented_token(request: HTTPConnection) -> str | None:
    """The token of the Authorization header (RFC 6750 section 2.1, RFC 9449 section 7.1); None: there is none.

    Raises RefusedError: UNAUTHENTICATED for another scheme, BAD_USER_INPUT for two headers or a token in the address.
    """
    found = _presented(request)
    return None if found is None else found[1]


def presented_claims(request: HTTPConnection, keys: KeySet, now: datetime) -> Claims | None:
    """The claims of the request's access token, whatever its audience, from a sender who may use it; None: no token.

    Raises RefusedError: UNAUTHENTICATED for a token or proof that isn't good, BAD_USER_INPUT as `presented_token`.
    """
    found = _presented(request)
    if found is None:
        return None
    scheme, token = found
    try:
        claims = verified_access_token(request, token, keys, now)
    except BadTokenError as error:
        raise invalid_token(str(error)) from error
    _check_possession(request, scheme, token, claims, now)
    return claims


def check_again(request: HTTPConnection, keys: KeySet, now: datetime) -> None:
    """For a caller that is known by her token: a bound one needs a proof with each request. Raises RefusedError."""
    for name, value in request.scope["headers"]:
        if name == b"authorization" and value[:5].lower() == b"dpop ":
            presented_claims(request, keys, now)
            return


def invalid_token(sentence: str) -> RefusedError:
    """RFC 6750 section 3.1."""
    challenge = f'{REALM}, error="invalid_token", error_description="{sentence}"'
    return RefusedError(Kind.UNAUTHENTICATED, sentence, {"WWW-Authenticate": challenge})


def two_or_exposed(sentence: str) -> RefusedError:
    """A request with two credentials, or with one where it can be seen."""
    challenge = f'{REALM}, error="invalid_request", error_description="{sentence}"'
    return RefusedError(Kind.BAD_USER_INPUT, sentence, {"WWW-Authenticate": challenge})


def _presented(request: HTTPConnection) -> tuple[str, str] | None:
    """Scheme, in small letters, and token."""
    if request.scope["query_string"] and "access_token" in request.query_params:
        raise two_or_exposed("An access token was sent in the address; send it in the Authorization header.")
    headers = request.headers.getlist("authorization")
    if len(headers) > 1:
        raise two_or_exposed("The request carries two Authorization headers; send one token.")
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not token.strip():
        raise invalid_token("The Authorization header holds no bearer token.")
    return scheme.lower(), token.strip()


def _check_possession(request: HTTPConnection, scheme: str, token: str, claims: Claims, now: datetime) -> None:
    bound_to = cast(Mapping[str, Any], claims.get("cnf") or {}).get("jkt")
    if scheme == "bearer":
        if bound_to is not None:
            raise _challenge("invalid_token", "The token is bound to a key: send it with the scheme DPoP and a proof.")
        return
    if bound_to is None:
        raise _challenge("invalid_token", "The token is not bound to a key: send it with the scheme Bearer.")
    if request.scope.get(_SHOWN) == token:
        return
    try:
        text = proof_text(request)
        if text is None:
            raise InvalidDpopProofError("The request has no DPoP header.")
        possession = check_proof(text, sent(request, token))
        if possession.thumbprint != bound_to:
            raise _challenge("invalid_token", "The token is bound to another key than the DPoP proof's.")
        if not _memory(request).use(possession.proof, now):
            raise InvalidDpopProofError("The DPoP proof was used before.")
    except UseDpopNonceError as error:
        raise _challenge(str(error.error), str(error.description), {dpop_nonces.HEADER: error.nonce}) from error
    except OAuth2Error as error:
        raise _challenge(str(error.error), str(error.description)) from error
    request.scope[_SHOWN] = token


def _challenge(error: str, sentence: str, more: dict[str, str] | None = None) -> RefusedError:
    """RFC 9449 section 7.1."""
    challenge = f'DPoP realm="hallpass", error="{error}", error_description="{sentence}", {_ALGORITHMS}'
    headers = {"WWW-Authenticate": challenge} | (more or {})
    return RefusedError(Kind.UNAUTHENTICATED, sentence, headers, oauth=error)


def _memory(request: HTTPConnection) -> ProofMemory:
    return kept_in(request.app, "proof_memory", ProofMemory)
