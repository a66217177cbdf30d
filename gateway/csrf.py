"""Protection of form posts: sent by a page of ours (Origin, Sec-Fetch-Site), with a token bound to the cookie."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from gateway.cookies import Cookie, read_cookie, set_cookie
from gateway.forms import posted_form
from gateway.refusals import Kind, RefusedError
from gateway.secret_key import subkey
from gateway.settings import Settings
from gateway.state import gateway_of

FIELD: Final = "csrf"
_OWN_SITES = frozenset({b"same-origin", b"none"})


@dataclass(frozen=True, slots=True)
class FormToken:
    """A form's token, and the pre-session cookie to set with the page when there was none to bind it to."""

    token: str
    new_cookie: str | None


def from_own_page(request: HTTPConnection, issuer: str) -> bool:
    """Whether a browser says that one of our own pages sent this; programs, which say neither, pass.

    For what a session cookie authorizes this is the second lock; JSON endpoints demand a JSON content type besides,
    forms a token.
    """
    for name, value in request.scope["headers"]:
        if name == b"origin" and value != issuer.encode():
            return False
        if name == b"sec-fetch-site" and value not in _OWN_SITES:
            return False
    return True


def form_token(request: HTTPConnection) -> FormToken:
    """The token for a form on the page that answers `request`."""
    gateway = gateway_of(request)
    binding = _binding(request, gateway.settings)
    new_cookie = None if binding else secrets.token_urlsafe(32)
    return FormToken(_token(gateway.secret_key, binding or new_cookie or ""), new_cookie)


def keep_form_cookie(response: Response, settings: Settings, token: FormToken) -> None:
    if token.new_cookie:
        set_cookie(response, settings, Cookie.FORM, token.new_cookie)


async def checked_form(request: Request) -> FormData:
    """The posted form, once it is certain that one of our pages sent it; raises RefusedError (FORBIDDEN) otherwise."""
    check_own_page(request)
    form = await posted_form(request)
    check_form_token(request, form.get(FIELD))
    return form


def check_own_page(request: HTTPConnection) -> None:
    """Raises RefusedError (FORBIDDEN) where a browser says that another site's page sent this."""
    if not from_own_page(request, gateway_of(request).settings.issuer):
        raise RefusedError(
            Kind.FORBIDDEN, "This form was sent from another site. Open the page here and send it again."
        )


def check_form_token(request: HTTPConnection, sent: object) -> None:
    """Raises RefusedError (FORBIDDEN) unless this is the token of a form that was made for this browser."""
    gateway = gateway_of(request)
    binding = _binding(request, gateway.settings)
    if not binding or not isinstance(sent, str):
        raise RefusedError(
            Kind.FORBIDDEN,
            "This form has no valid token. Allow cookies for this site, reload the page and send it again.",
        )
    if not hmac.compare_digest(sent.encode(), _token(gateway.secret_key, binding).encode()):
        raise RefusedError(
            Kind.FORBIDDEN, "This form belongs to an earlier sign-in. Reload the page and send it again."
        )


def _binding(request: HTTPConnection, settings: Settings) -> str | None:
    """The session's cookie, or that of someone who has not signed in: a new session makes old forms invalid."""
    return read_cookie(request, settings, Cookie.SESSION) or read_cookie(request, settings, Cookie.FORM)


def _token(secret_key: bytes, binding: str) -> str:
    return hmac.new(subkey(secret_key, "csrf"), binding.encode(), "sha256").hexdigest()
