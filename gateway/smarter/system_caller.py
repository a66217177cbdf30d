"""Which system asks the `/rest` addresses: by its own token (client_credentials), never by a person's.

A component older than scopes asks for its token without any: for a relying party that is marked as legacy, its scopes
are those that it is registered for, and its token is for itself. Every other token must be for the gateway and name the
scope.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request

from gateway.oidc.authorization.resources import resources_of
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.resource.presented import REALM, invalid_token, presented_claims
from gateway.packs_in_force import InForce
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from store.authorizations import authorized_by_access_token
from store.database import Connection
from store.denied_tokens import is_denied
from store.relying_parties import RelyingParty


@dataclass(frozen=True, slots=True)
class SystemAsking:
    client: RelyingParty
    in_force: InForce
    epoch: int


async def system_asking(request: Request, connection: Connection, scope: str) -> SystemAsking:
    """Raises RefusedError: UNAUTHENTICATED, FORBIDDEN without the scope, BAD_USER_INPUT for a token in the address."""
    gateway = gateway_of(request)
    now = gateway.now()
    claims = presented_claims(request, await key_ring_of(request).at(now, connection), now)
    if claims is None:
        raise RefusedError(Kind.UNAUTHENTICATED, "Send the system's own access token.", {"WWW-Authenticate": REALM})
    if "authorization" in claims:
        raise invalid_token("The token is a person's; this service is for systems.")
    facts = await authorized_by_access_token(connection, str(claims["client_id"]), None)
    if facts is None or not facts.client.active:
        raise invalid_token("The token's client is not active.")
    if await is_denied(connection, UUID(claims["jti"])):
        raise invalid_token("The token was revoked.")
    _check_scope(claims, facts.client, scope, gateway.settings.issuer)
    return SystemAsking(facts.client, await gateway.packs.in_force(connection, facts.epoch), facts.epoch)


def _check_scope(claims: Mapping[str, Any], client: RelyingParty, scope: str, issuer: str) -> None:
    audience, granted = claims.get("aud"), str(claims.get("scope", "")).split()
    if audience != issuer and not (client.legacy and not granted and audience in resources_of(client, issuer).values()):
        raise invalid_token("The token is for another audience.")
    if scope not in client.scopes or (audience == issuer and scope not in granted):
        challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
        raise RefusedError(Kind.FORBIDDEN, f"The token has no scope {scope}.", {"WWW-Authenticate": challenge})
