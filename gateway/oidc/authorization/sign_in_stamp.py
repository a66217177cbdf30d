"""When an authorization request sent the person to sign in, and why: a parameter of our own that nobody else can write.

A sign-in after it fulfils `prompt` and `max_age`. Were it a bare time, whoever sits at somebody else's browser could
add one to a request, also to a pushed one, and be let in without the new sign-in that the client asked for.

It says besides how new the proof has to be. The pages of the sign-in, which see no more of a pushed request than its
reference, read that there (`stamp_in`); whoever leaves it out on her way gains nothing, as the request is judged anew.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.secret_key import subkey
from gateway.state import Gateway
from store.sessions import Session

AUTHORIZE: Final = "/oauth2/authorize"
PARAMETER: Final = "signed_in_after"
OWN_PARAMETERS: Final = frozenset({PARAMETER, "launch"})
"""What stands beside a request, not in it: kept where a pushed request is come back to."""
FRESH_FOR: Final = timedelta(hours=1)
"""So long a person may take to sign in; then she is asked again."""
_BYTES: Final = 16
_ELSE: Final = "else"
_FORM: Final = re.compile(r"([0-9]{1,15})\.([0-9]{0,15})\.(else|)\.([A-Za-z0-9_-]{22})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """`sent`: when the person was sent to sign in. `max_age`: how old her proof may be by then, in seconds; None: any.

    `chooses`: she is to say who she is, because the request hints at somebody else or wants her to choose an account.
    """

    sent: datetime
    max_age: int | None = None
    chooses: bool = False

    def met_by(self, session: Session) -> bool:
        """Whether she has come in since then, where that was needed, by a proof that is new enough."""
        if self.chooses and session.signed_in_at < self.sent:
            return False
        return self.max_age is None or (self.sent - session.auth_time).total_seconds() <= self.max_age


def stamped(secret_key: bytes, parameters: Mapping[str, str], stamp: Stamp) -> str:
    """Milliseconds since 1970, the age, whether she chooses, and what shows that we wrote it beside this request."""
    age = "" if stamp.max_age is None else str(stamp.max_age)
    said = f"{int(stamp.sent.timestamp() * 1000)}.{age}.{_ELSE if stamp.chooses else ''}"
    return f"{said}.{_code(secret_key, parameters, said)}"


def stamp_of(secret_key: bytes, parameters: Mapping[str, str], now: datetime) -> Stamp | None:
    """The request's stamp; None: it has none of ours, not lately, or another request's."""
    found = _FORM.fullmatch(parameters.get(PARAMETER, ""))
    if found is None:
        return None
    milliseconds, age, chooses, code = found.groups()
    expected = _code(secret_key, parameters, f"{milliseconds}.{age}.{chooses}")
    if not hmac.compare_digest(code, expected):
        return None
    then = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return Stamp(then, int(age) if age else None, bool(chooses)) if now - then <= FRESH_FOR else None


def stamp_in(gateway: Gateway, onward: str) -> Stamp | None:
    """The stamp of the authorization request that a way leads back to; None: it leads to none that sent anybody."""
    parts = urlsplit(onward)
    if parts.path != AUTHORIZE:
        return None
    return stamp_of(gateway.secret_key, dict(parse_qsl(parts.query)), gateway.now())


def _code(secret_key: bytes, parameters: Mapping[str, str], said: str) -> str:
    asked = urlencode(sorted((name, value) for name, value in parameters.items() if name not in OWN_PARAMETERS))
    digest = hmac.digest(_key(secret_key), f"{said}?{asked}".encode(), "sha256")[:_BYTES]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _key(secret_key: bytes) -> bytes:
    return subkey(secret_key, "sign-in-stamp")
