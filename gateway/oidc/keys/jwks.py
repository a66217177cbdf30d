"""GET `/oauth2/jwks`: the public keys (RFC 7517), cached shorter than a new key is published before it signs."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.keys.ring import key_ring_of
from gateway.state import gateway_of

PATH: Final = "/oauth2/jwks"
CACHE_CONTROL: Final = "public, max-age=300"


async def jwks(request: Request) -> Response:
    """Keys that sign now, will sign soon, or signed what may still be good."""
    keys = await key_ring_of(request).at(gateway_of(request).now())
    headers = {"Cache-Control": CACHE_CONTROL}
    return Response(orjson.dumps(keys.jwks()), media_type="application/jwk-set+json", headers=headers)
