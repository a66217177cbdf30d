"""The gateway's cookies: host-only, HttpOnly, SameSite=Lax, and on https Secure under the `__Host-` prefix."""

from enum import StrEnum

from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.settings import Settings


class Cookie(StrEnum):
    """What a cookie carries; its name in a browser depends on the issuer's scheme."""

    SESSION = "hallpass-session"
    FORM = "hallpass-form"
    """Binds the forms of someone who has not signed in."""
    DISTRICT = "hallpass-district"
    """Binds the way to a district's identity provider and back to the browser that took it."""
    PENDING = "hallpass-pending"
    """A sign-in that waits for its second step; it grants nothing."""
    DEVICE = "hallpass-device"
    """A browser in which somebody has signed in before, one token for each person."""
    PASSKEY = "hallpass-passkey"
    """Binds the challenge of a sign-in with a passkey to the browser that asked for it."""


def cookie_name(settings: Settings, cookie: Cookie) -> str:
    """`__Host-…` (RFC 6265bis §4.1.3.2) wherever a browser would keep it: not on plain http, which is for loopback."""
    return f"__Host-{cookie}" if settings.https else cookie.value


def read_cookie(request: HTTPConnection, settings: Settings, cookie: Cookie) -> str | None:
    return request.cookies.get(cookie_name(settings, cookie)) or None


def set_cookie(response: Response, settings: Settings, cookie: Cookie, value: str, max_age: int | None = None) -> None:
    """Set a cookie for `max_age` seconds; None: until the browser closes."""
    response.set_cookie(
        cookie_name(settings, cookie),
        value,
        max_age=max_age,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, settings: Settings, cookie: Cookie) -> None:
    response.delete_cookie(
        cookie_name(settings, cookie), path="/", secure=settings.https, httponly=True, samesite="lax"
    )
