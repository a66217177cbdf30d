"""Known devices: browsers in which a person has signed in before, by a long-lived cookie with one token for each."""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.cookies import Cookie, read_cookie, set_cookie
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.ids import UserId
from store.database import Connection
from store.known_devices import known_device, remember_device

LIFE: Final = timedelta(days=180)
"""Without a sign-in, a browser is unknown again after so long."""
_COOKIE_SECONDS: Final = 400 * 86_400
"""As long as browsers keep a cookie (RFC 6265bis, section 5.5)."""
_MOST_PEOPLE: Final = 5
"""In one browser; the one who signed in longest ago is unknown again."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_BETWEEN: Final = "."
_LONGEST_AGENT: Final = 200


def device_hashes(request: HTTPConnection) -> list[bytes]:
    """The hashes of the browser's tokens; none where it has no cookie of ours."""
    return [token_hash(token) for token in _tokens(request)]


async def device_of(request: HTTPConnection, connection: Connection, user: UserId) -> UUID | None:
    """The person's own device that asks; None: she hasn't signed in in this browser lately."""
    since = gateway_of(request).now() - LIFE
    return await known_device(connection, user, device_hashes(request), since)


async def remember(request: HTTPConnection, connection: Connection, user: UserId) -> str:
    """She has signed in here: the cookie's new value, with a new token for her and the others' as they were.

    A token is never taken over from one person to another: who used this browser before knows only her own.
    """
    gateway = gateway_of(request)
    now, token = gateway.now(), gateway.new_token()
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT] or None
    mine = await remember_device(
        connection, gateway.new_id(), user, token_hash(token), device_hashes(request), agent, now
    )
    kept = [one for one in _tokens(request) if token_hash(one) != mine]
    return _BETWEEN.join([token, *kept][:_MOST_PEOPLE])


def give_device_cookie(request: HTTPConnection, response: Response, value: str) -> None:
    set_cookie(response, gateway_of(request).settings, Cookie.DEVICE, value, _COOKIE_SECONDS)


def _tokens(request: HTTPConnection) -> list[str]:
    cookie = read_cookie(request, gateway_of(request).settings, Cookie.DEVICE) or ""
    return [one for one in cookie[:1000].split(_BETWEEN) if _TOKEN.fullmatch(one)][:_MOST_PEOPLE]
