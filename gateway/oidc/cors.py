"""Cross-origin reading for browser clients: origins of registered redirect URIs, never at the authorize endpoint."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.redirects import origin_of
from gateway.state import gateway_of
from store.relying_parties import browser_redirect_uris

_REREAD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """The origin that may read the answer; None: no other site may."""

    origin: str | None
    asked: bool

    def headers(self) -> dict[str, str]:
        vary = {"Vary": "Origin"} if self.asked else {}
        return {"Access-Control-Allow-Origin": self.origin, **vary} if self.origin else vary


@dataclass(frozen=True, slots=True)
class _Registered:
    origins: frozenset[str]
    read_at: datetime


async def cross_origin(request: Request) -> CrossOrigin:
    """Whether the request's Origin is one of a client that runs in a browser (it has no secret)."""
    asked = request.headers.get("origin")
    if asked is None:
        return CrossOrigin(None, asked=False)
    return CrossOrigin(asked if asked in await _registered(request) else None, asked=True)


async def preflight(request: Request) -> Response:
    """OPTIONS on an endpoint that browser clients call."""
    origin = await cross_origin(request)
    headers = origin.headers()
    if origin.origin:
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }
    return Response(status_code=204, headers=headers)


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
