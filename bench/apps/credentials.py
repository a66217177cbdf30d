"""Who may ask a bare server: a token that was checked once and is remembered by its digest, or the known cookie."""

import os
import time
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request

from bench.apps.serving import COOKIE_VARIABLE, KEYS_VARIABLE

_KEYS = {key["kid"]: ECKey.import_key(key) for key in orjson.loads(os.environ[KEYS_VARIABLE])["keys"] if "crv" in key}
_GOOD: dict[bytes, float] = {}
"""Until when a credential is good, by its digest: what was checked once is not checked again."""
_COOKIE = os.environ.get(COOKIE_VARIABLE, "")
if _COOKIE:
    _GOOD[sha256(_COOKIE.encode()).digest()] = float("inf")


def is_known(request: Request) -> bool:
    """Whether the request has a good token or the good cookie."""
    presented = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("cookie", "")
    digest = sha256(presented.encode()).digest()
    until = _GOOD.get(digest)
    if until is None:
        until = _GOOD[digest] = _good_until(presented)
    return time.time() < until


def _good_until(token: str) -> float:
    """0.0: it is no token of the gateway's."""
    try:
        claims: dict[str, Any] = jwt.decode(token, lambda found: _KEYS[found.headers()["kid"]], ["ES256"]).claims
    except (JoseError, ValueError, KeyError):
        return 0.0
    return float(claims["exp"])
