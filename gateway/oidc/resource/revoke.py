"""POST `/oauth2/revoke`: a client gives back what it got (RFC 7009); what is unknown or another's changes nothing."""

import hashlib
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import error_answer, read_form
from gateway.oidc.client.authentication import authenticate_client
from gateway.oidc.errors import InvalidRequestError, OAuth2Error
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.keys.token_cache import verified_access_token
from gateway.oidc.keys.verification import BadTokenError
from gateway.principal import authorization_id
from gateway.state import gateway_of
from store.authorizations import authorized_by_access_token, authorized_by_refresh_token, revoke_authorization
from store.database import Connection
from store.denied_tokens import deny_token
from store.relying_parties import RelyingParty

PATH: Final = "/oauth2/revoke"
_WHY: Final = "revoked"


async def revoke(request: Request) -> Response:
    """200 without a body, also for a token that is unknown, expired or another client's (section 2.2).

    A refresh token and a person's access token end with all that came from their authorization; a system's own access
    token ends alone. `token_type_hint` is not needed: the two kinds don't look alike.
    """
    try:
        form = await read_form(request)
        async with gateway_of(request).pool.acquire() as connection:
            client = await authenticate_client(request, connection, form)
            token = form.get("token")
            if token is None:
                raise InvalidRequestError("token is missing.")
            if looks_like_jwt(token):
                await _revoke_access_token(request, connection, client, token)
            else:
                await _revoke_refresh_token(request, connection, client, token)
    except OAuth2Error as error:
        return error_answer(error)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


def looks_like_jwt(token: str) -> bool:
    """Access tokens are JWTs, refresh tokens are random base64url, which has no dots."""
    return "." in token


async def _revoke_refresh_token(request: Request, connection: Connection, client: RelyingParty, token: str) -> None:
    """One that was used before, too: its client says that the whole family is over."""
    digest = hashlib.sha256(token.encode()).digest()
    facts = await authorized_by_refresh_token(connection, client.client_id, digest)
    root = facts.authorization if facts else None
    if root is not None and root.client_id == client.client_id:
        await revoke_authorization(connection, root.id, gateway_of(request).now(), _WHY)


async def _revoke_access_token(request: Request, connection: Connection, client: RelyingParty, token: str) -> None:
    now = gateway_of(request).now()
    keys = await key_ring_of(request).at(now, connection)
    try:
        claims = verified_access_token(request, token, keys, now)
    except BadTokenError:
        return
    if claims["client_id"] != client.client_id:
        return
    root = authorization_id(claims)
    if root is None:
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        await deny_token(connection, UUID(claims["jti"]), client.client_id, expires_at)
        return
    facts = await authorized_by_access_token(connection, client.client_id, root)
    if facts is not None and facts.authorization is not None:
        await revoke_authorization(connection, root, now, _WHY)
