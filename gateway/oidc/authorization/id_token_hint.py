"""The id_token_hint of an authorization request: whom the client believes to be signed in."""

from uuid import UUID

from starlette.requests import Request

from gateway.oidc.authorization.request import AuthorizationRequest
from gateway.oidc.errors import InvalidRequestError
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.keys.verification import ID_TOKEN, BadTokenError, verified_claims
from gateway.state import gateway_of
from policy.ids import UserId
from store.database import Connection


async def hinted_person(request: Request, connection: Connection, asked: AuthorizationRequest) -> UserId | None:
    """The person of an ID token that we gave this client, expired or not; raises InvalidRequestError for any other."""
    if asked.id_token_hint is None:
        return None
    gateway = gateway_of(request)
    now = gateway.now()
    keys = await key_ring_of(request).at(now, connection)
    try:
        claims = verified_claims(asked.id_token_hint, ID_TOKEN, keys, gateway.settings.issuer, now, hint=True)
    except BadTokenError as error:
        raise InvalidRequestError("id_token_hint is not an ID token of this server.") from error
    if claims.get("aud") != asked.client.client_id:
        raise InvalidRequestError("id_token_hint was issued to another client.")
    return UserId(UUID(claims["sub"]))
