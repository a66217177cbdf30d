"""The client's access token: asked for (RFC 6749 section 4.4), read, and kept until shortly before its end."""

import base64
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from .outcomes import Cause, Refused
from .reading import IncompleteError, Reply, parsed
from .settings import Settings

SCOPE: Final = "directory.read"
PLAIN: Final = "identity"
"""The one content coding that is asked for and taken."""
FORM: Final = "application/x-www-form-urlencoded"
_BODY: Final = urlencode({"grant_type": "client_credentials", "scope": SCOPE}).encode()
_EARLY: Final = 30.0
_UNTIL_NEXT_TRY: Final = 1.0


@dataclass(slots=True)
class KeptToken:
    """One token. Whoever uses it holds a lock, so that one request at a time asks for the next."""

    text: str | None = field(default=None, repr=False)
    good_until: float = 0.0
    refused: Refused | None = None
    refused_until: float = 0.0

    def good(self, now: float) -> str | None:
        return self.text if self.text is not None and now < self.good_until else None

    def lately_refused(self, now: float) -> Refused | None:
        """Those who waited for an attempt that failed don't each make another."""
        return self.refused if now < self.refused_until else None

    def drop(self, text: str) -> None:
        """Forget it, unless somebody has already brought another."""
        if self.text == text:
            self.text = None

    def keep(self, reply: Reply | None, asked_at: float, now: float) -> str | Refused:
        """The token of the answer; its life counts from before it was asked for."""
        found = read_token(reply)
        if isinstance(found, Refused):
            self.refused, self.refused_until = found, now + _UNTIL_NEXT_TRY
            return found
        self.text, seconds = found
        self.good_until = asked_at + seconds - min(_EARLY, seconds / 2)
        return self.text


def token_request(settings: Settings) -> tuple[dict[str, str], bytes]:
    """Headers and body."""
    pair = base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
    return {
        "Authorization": f"Basic {pair}",
        "Content-Type": FORM,
        "Accept": "application/json",
        "Accept-Encoding": PLAIN,
    }, _BODY


def read_token(reply: Reply | None) -> tuple[str, float] | Refused:
    """The token and its life in seconds."""
    if reply is None:
        return Refused(Cause.UNREACHABLE, "The token endpoint didn't answer in time.")
    if reply.status in (400, 401, 403):
        return Refused(Cause.CREDENTIALS, "The gateway doesn't take the client's id, secret, grant or scope.")
    if reply.status != 200:
        return Refused(Cause.UNREACHABLE, f"The token endpoint answered with status {reply.status}.")
    try:
        answer = parsed(reply)
    except IncompleteError as error:
        return Refused(Cause.ANSWER, f"The token endpoint's answer: {error}")
    text, seconds, kind = answer.get("access_token"), answer.get("expires_in"), answer.get("token_type")
    scope = answer.get("scope")
    good = type(text) is str and text.isascii() and text.isprintable() and " " not in text and text != ""
    if not good or type(seconds) is not int or seconds <= 0 or not isinstance(kind, str) or kind.lower() != "bearer":
        return Refused(Cause.ANSWER, "The token endpoint's answer holds no bearer token with an end.")
    if not isinstance(scope, str) or SCOPE not in scope.split():
        return Refused(Cause.CREDENTIALS, f"The token was given without the scope {SCOPE}.")
    return str(text), float(seconds)
