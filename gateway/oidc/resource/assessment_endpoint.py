"""GET `/oauth2/claims/assessment`: the distributed claim of an ID token (OpenID Connect Core 5.6.2)."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.resource.bearer import bearer_of
from gateway.oidc.token.tokens import Mint, assessment_jwt
from gateway.state import gateway_of
from policy.scopes import ASSESSMENT


async def assessment(request: Request) -> Response:
    """A JWT with `assessment_access`, for the relying party whose access token was sent."""
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        bearer = await bearer_of(request, connection, ASSESSMENT)
    now = gateway.now()
    mint = Mint(gateway.settings.issuer, await key_ring_of(request).at(now), now, gateway.new_id, gateway.new_token)
    text = assessment_jwt(mint, bearer.client, bearer.root, bearer.entitled)
    return Response(text, media_type="application/jwt", headers={"Cache-Control": "no-store"})
