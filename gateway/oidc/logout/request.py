"""A request to sign out: whose it is, and where it may lead back to (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from gateway.oidc.errors import InvalidRequestError
from gateway.oidc.parameters import Parameters
from store.relying_parties import RelyingParty

_LONGEST_STATE: Final = 2048


class BadLogoutError(Exception):
    """What is wrong with the request, as a sentence: it leads nowhere, but the person may still sign out here."""


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """`logout_hint` and `ui_locales` are taken and change nothing: who signs out is known from the session, and there
    is one language."""

    client: RelyingParty | None
    back: str | None
    """One of the client's registered addresses, as it was registered."""
    state: str | None
    hinted: bool
    """Whether an ID token of this client came along."""
    session: UUID | None
    """The session that the ID token names."""

    @property
    def return_address(self) -> str | None:
        """Where the browser goes afterwards, with `state`; a query that the address is registered with stays."""
        if self.back is None or self.state is None:
            return self.back
        parts = urlsplit(self.back)
        added = urlencode({"state": self.state})
        return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def named_client(parameters: Parameters, hint: Mapping[str, Any] | None) -> str | None:
    """The client that the request is from. Raises BadLogoutError where it names two, or repeats itself."""
    try:
        parameters.check()
    except InvalidRequestError as error:
        raise BadLogoutError("The request repeats a parameter, or holds one that is too long.") from error
    by_hint = None if hint is None else str(hint["aud"])
    by_name = parameters.get("client_id")
    if by_hint is not None and by_name is not None and by_hint != by_name:
        raise BadLogoutError("The request's ID token was issued to another system than the one it names.")
    return by_hint or by_name


def logout_request(
    parameters: Parameters, client: RelyingParty | None, hint: Mapping[str, Any] | None
) -> LogoutRequest:
    """`client`: as it is registered, None: the request names none, or none that is known. Raises BadLogoutError.

    The address is compared as it stands, character by character: a logout never is an open redirect.
    """
    known = client if client is not None and client.active else None
    if known is None and (hint is not None or "client_id" in parameters):
        raise BadLogoutError("The system that sent you here is not registered.")
    back, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
    if back is not None and (known is None or back not in known.post_logout_redirect_uris):
        raise BadLogoutError("The address to return to is not registered for the system that sent you here.")
    if state is not None and len(state) > _LONGEST_STATE:
        raise BadLogoutError(f"The request's state is longer than {_LONGEST_STATE} characters.")
    return LogoutRequest(known, back, state, hint is not None, _session(hint))


def _session(hint: Mapping[str, Any] | None) -> UUID | None:
    sid = (hint or {}).get("sid")
    return UUID(sid) if isinstance(sid, str) else None
