"""Proof Key for Code Exchange, method S256 only (RFC 7636, RFC 9700 section 2.1.1)."""

import hmac
from typing import Any, Final, cast

from authlib.oauth2.rfc7636 import challenge as rfc7636

from gateway.oidc.errors import InvalidGrantError, InvalidRequestError
from gateway.oidc.parameters import Parameters

METHODS: Final = ("S256",)
_CHALLENGE_LENGTH = 43
"""A SHA-256 in base64url."""


def challenge_of(request: Parameters) -> str:
    """The code challenge of an authorization request; raises InvalidRequestError where there is none of method S256."""
    challenge = request.get("code_challenge")
    if challenge is None:
        raise InvalidRequestError("code_challenge is missing: this server asks every client for PKCE.")
    if request.get("code_challenge_method") not in METHODS:
        raise InvalidRequestError("code_challenge_method must be S256.")
    if len(challenge) != _CHALLENGE_LENGTH or not rfc7636.CODE_VERIFIER_PATTERN.match(challenge):
        raise InvalidRequestError("code_challenge is not a SHA-256 in base64url.")
    return challenge


def check_verifier(form: Parameters, challenge: str) -> None:
    """Raises InvalidRequestError for a missing verifier, InvalidGrantError for a wrong one (RFC 7636 section 4.6)."""
    verifier = form.get("code_verifier")
    if verifier is None:
        raise InvalidRequestError("code_verifier is missing.")
    if not rfc7636.CODE_VERIFIER_PATTERN.fullmatch(verifier):
        raise InvalidGrantError("code_verifier is not 43 to 128 of the allowed characters.")
    computed: str = cast(Any, rfc7636).create_s256_code_challenge(verifier)
    if not hmac.compare_digest(computed, challenge):
        raise InvalidGrantError("code_verifier does not match the code_challenge.")
