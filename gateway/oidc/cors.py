"""Cross-origin reading for browser clients: origins of registered redirect URIs, never at the authorize endpoint."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.problems import problem_response
from gateway.refusals import RefusedError
from gateway.state import gateway_of
from policy.redirects import origin_of
from store.relying_parties import browser_redirect_uris

Endpoint = Callable[[Request], Awaitable[Response]]

_REREAD_AFTER: Final = timedelta(seconds=60)
_VARY: Final = (b"vary", b"Origin")
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True, slots=True)
class _Registered:
    origins: frozenset[str]
    read_at: datetime


class Readable:
    """The endpoint, whose answers and refusals alike the origins of clients without a secret may read.

    Straight on the server's protocol: a plain function's wrappers would catch what is caught here.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint: Final = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._endpoint(request)
        except (RefusedError, HTTPException) as error:
            response = problem_response(request, error)
        response.raw_headers.append(_VARY)
        if "origin" in request.headers and await _may_read(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, DPoP-Nonce"
        await response(scope, receive, send)


async def preflight(request: Request) -> Response:
    """OPTIONS on an endpoint that browser clients call."""
    return Response(status_code=204, headers=_PREFLIGHT if await _may_read(request) else None)


async def _may_read(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and origin in await _registered(request)


async def _registered(request: Request) -> frozenset[str]:
    gateway, state = gateway_of(request), request.app.state
    kept: _Registered | None = getattr(state, "browser_origins", None)
    now = gateway.now()
    if kept is None or abs(now - kept.read_at) > _REREAD_AFTER:
        async with gateway.pool.acquire() as connection:
            uris = await browser_redirect_uris(connection)
        kept = _Registered(frozenset(origin for uri in uris if (origin := origin_of(uri))), now)
        state.browser_origins = kept
    return kept.origins
