"""When an authorization request sent the person to sign in: a parameter of our own that nobody else can write.

A sign-in after it fulfils `prompt` and `max_age`. Were it a bare time, whoever sits at somebody else's browser could
add one to a request, also to a pushed one, and be let in without the new sign-in that the client asked for.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from gateway.secret_key import subkey

PARAMETER: Final = "signed_in_after"
OWN_PARAMETERS: Final = frozenset({PARAMETER, "launch"})
"""What stands beside a request, not in it: kept where a pushed request is come back to."""
FRESH_FOR: Final = timedelta(hours=1)
"""So long a person may take to sign in; then she is asked again."""
_BYTES: Final = 16
_LONGEST: Final = 15


def stamp(secret_key: bytes, parameters: Mapping[str, str], now: datetime) -> str:
    """Milliseconds since 1970, and what shows that we wrote them beside this very request."""
    milliseconds = str(int(now.timestamp() * 1000))
    return f"{milliseconds}.{_code(secret_key, parameters, milliseconds)}"


def stamped_at(secret_key: bytes, parameters: Mapping[str, str], now: datetime) -> datetime | None:
    """When we sent the person to sign in; None: not lately, not for this request, or somebody else says so."""
    milliseconds, _, code = parameters.get(PARAMETER, "").partition(".")
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= _LONGEST):
        return None
    expected = _code(secret_key, parameters, milliseconds)
    if not hmac.compare_digest(code.encode(errors="replace"), expected.encode()):
        return None
    then = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return then if now - then <= FRESH_FOR else None


def _code(secret_key: bytes, parameters: Mapping[str, str], milliseconds: str) -> str:
    asked = urlencode(sorted((name, value) for name, value in parameters.items() if name not in OWN_PARAMETERS))
    digest = hmac.digest(_key(secret_key), f"{milliseconds}?{asked}".encode(), "sha256")[:_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _key(secret_key: bytes) -> bytes:
    return subkey(secret_key, "sign-in-stamp")
