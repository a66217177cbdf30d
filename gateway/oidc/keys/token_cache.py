"""Access tokens whose signature this process has checked: the bytes stay right, times are judged anew."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from starlette.requests import HTTPConnection

from gateway.oidc.keys.ring import KeySet
from gateway.oidc.keys.verification import ACCESS_TOKEN, BadTokenError, verified_claims
from gateway.recent import Recent
from gateway.state import gateway_of, kept_in

_MOST_TOKENS: Final = 20_000
Claims = Mapping[str, Any]


class TokenCache:
    """Claims by the token's SHA-256, least recently used first out; never the token itself.

    They count for the key set that they were checked with: when the keys are re-read, each token is checked again.
    """

    def __init__(self, most: int = _MOST_TOKENS) -> None:
        self._kept = Recent[bytes, tuple[KeySet, Claims]](most)

    def claims(self, token: str, keys: KeySet, issuer: str, now: datetime) -> Claims:
        """Raises BadTokenError."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        kept = self._kept.get(digest)
        claims = kept[1] if kept is not None and kept[0] is keys else None
        if claims is None:
            claims = verified_claims(token, ACCESS_TOKEN, keys, issuer, now)
            self._kept.put(digest, (keys, claims))
        elif now.timestamp() >= claims["exp"]:
            self._kept.drop(digest)
            raise BadTokenError("The token has expired.")
        return claims


def verified_access_token(request: HTTPConnection, token: str, keys: KeySet, now: datetime) -> Claims:
    """The claims of an access token of ours that is good now, whatever its audience. Raises BadTokenError."""
    cache = kept_in(request.app, "token_cache", TokenCache)
    return cache.claims(token, keys, gateway_of(request).settings.issuer, now)
