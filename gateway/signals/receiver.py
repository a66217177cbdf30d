"""Who calls the streams' endpoints: a relying party by a token of its own, about a stream of its own."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import Request

from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.resource.presented import REALM, invalid_token, presented_claims
from gateway.principal import authorization_id
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from policy.scopes import SIGNALS_MANAGE, SIGNALS_READ
from resolvers.references import read_id
from store.authorizations import authorized_by_access_token
from store.connection import Connection
from store.denied_tokens import is_denied
from store.relying_parties import RelyingParty
from store.signal_streams import Stream, stream_of_client

BY_SIGNALS: Final = "shared-signals"
"""How a client is registered that learns of changes this way."""
_ENOUGH: Final = {SIGNALS_READ: (SIGNALS_READ, SIGNALS_MANAGE), SIGNALS_MANAGE: (SIGNALS_MANAGE,)}


@dataclass(frozen=True, slots=True)
class Receiver:
    client: RelyingParty

    @property
    def registered(self) -> bool:
        """Whether it is to learn of changes by signals."""
        return self.client.changes_by == BY_SIGNALS


async def receiver_of(request: Request, connection: Connection, needed: str) -> Receiver:
    """The relying party behind the request's token, which is its own, for the gateway and of the scope `needed`.

    Raises RefusedError: UNAUTHENTICATED as RFC 6750 section 3.1 says, FORBIDDEN without the scope, BAD_USER_INPUT.
    """
    gateway = gateway_of(request)
    now = gateway.now()
    claims = presented_claims(request, await key_ring_of(request).at(now, connection), now)
    if claims is None:
        raise RefusedError(Kind.UNAUTHENTICATED, "Send an access token.", {"WWW-Authenticate": REALM})
    if claims.get("aud") != gateway.settings.issuer:
        raise invalid_token("The token is for another audience.")
    if authorization_id(claims) is not None or claims.get("sub") != claims.get("client_id"):
        raise invalid_token("The token is not a system's own.")
    facts = await authorized_by_access_token(connection, str(claims["client_id"]), None)
    if facts is None or not facts.client.active:
        raise invalid_token("The token's client is not active.")
    if await is_denied(connection, UUID(claims["jti"])):
        raise invalid_token("The token was revoked.")
    scope = facts.client.scopes.intersection(str(claims.get("scope", "")).split())
    if scope.isdisjoint(_ENOUGH[needed]):
        challenge = f'{REALM}, error="insufficient_scope", scope="{needed}"'
        raise RefusedError(Kind.FORBIDDEN, f"The token has no scope {needed}.", {"WWW-Authenticate": challenge})
    return Receiver(facts.client)


async def stream_of(connection: Connection, receiver: Receiver, text: object) -> Stream:
    """The receiver's stream of this id. Raises RefusedError NOT_FOUND, alike for others' streams and unknown ones."""
    stream = await stream_of_client(connection, receiver.client.client_id)
    meant = read_id(text) if isinstance(text, str) else None
    if stream is None or meant is None or stream.id != meant:
        raise unknown_stream()
    return stream


def stream_id_of(request: Request) -> str:
    """Of the address. Raises RefusedError."""
    found = request.query_params.getlist("stream_id")
    if len(found) != 1:
        raise RefusedError(Kind.BAD_USER_INPUT, "Name one stream by stream_id.")
    return found[0]


def unknown_stream() -> RefusedError:
    return RefusedError(Kind.NOT_FOUND, "You have no stream of this id.")


def poll_address(issuer: str, stream: UUID) -> str:
    return f"{issuer}/ssf/poll/{stream}"
