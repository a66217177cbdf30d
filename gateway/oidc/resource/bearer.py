"""The access token at the provider's own endpoints (userinfo, claims): whose it is, and what may be told now."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from gateway.oidc.authorization.details import Detail
from gateway.oidc.authorization.entitlement import Entitlement, narrowed
from gateway.oidc.authorization.told import Told, told_of
from gateway.oidc.errors import InvalidAuthorizationDetailsError
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.keys.token_cache import Claims
from gateway.oidc.resource.presented import REALM, invalid_token, presented_claims
from gateway.oidc.token.tokens import NARROWED_TO
from gateway.principal import authorization_id
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from policy.facts import UserStatus
from store.authorizations import Authorization, Authorized, authorized_by_access_token
from store.database import Connection
from store.relying_parties import RelyingParty


@dataclass(frozen=True, slots=True)
class Bearer:
    """A person's live authorization. Tokens for any audience count: the endpoints are for the relying party."""

    client: RelyingParty
    root: Authorization
    scope: frozenset[str]
    told: Told
    epoch: int
    """Of the last change that may concern everybody."""

    @property
    def entitled(self) -> Entitlement:
        return self.told.entitled


async def bearer_of(request: Request, connection: Connection, needed: str) -> Bearer:
    """The bearer, when the token has the scope `needed` and its person still has access.

    Raises RefusedError: UNAUTHENTICATED as RFC 6750 section 3.1 says, FORBIDDEN without the scope, BAD_USER_INPUT.
    """
    now = gateway_of(request).now()
    claims = presented_claims(request, await key_ring_of(request).at(now, connection), now)
    if claims is None:
        raise RefusedError(Kind.UNAUTHENTICATED, "Send an access token.", {"WWW-Authenticate": REALM})
    facts = await authorized_by_access_token(connection, str(claims["client_id"]), authorization_id(claims))
    if facts is None or not facts.client.active:
        raise invalid_token("The token's client is not active.")
    scope = facts.client.scopes.intersection(str(claims.get("scope", "")).split())
    return await person_bearer(request, connection, facts, claims, scope, needed)


async def person_bearer(
    request: Request,
    connection: Connection,
    facts: Authorized,
    claims: Claims,
    scope: frozenset[str],
    needed: str | None = None,
) -> Bearer:
    """The bearer behind a token of an active client, whose person still has access, within what the token was narrowed
    to. Raises RefusedError.
    """
    root, standing = facts.authorization, facts.standing
    if root is None or standing is None or root.revoked or standing.status is not UserStatus.ACTIVE:
        raise invalid_token("The token is not a person's, or its authorization was revoked.")
    if needed is not None and needed not in scope:
        headers = {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{needed}"'}
        raise RefusedError(Kind.FORBIDDEN, f"The token has no scope {needed}.", headers, oauth="insufficient_scope")
    told = await told_of(request, connection, facts.client, root, standing)
    if told is None:
        raise invalid_token("The person has no access to this client's systems any more.")
    if NARROWED_TO in claims:
        told = _narrowed(told, claims[NARROWED_TO])
    return Bearer(facts.client, root, scope, told, facts.epoch)


def _narrowed(told: Told, to: Sequence[Detail]) -> Told:
    try:
        return Told(narrowed(told.entitled, to), told.client, told.packs, told.requested)
    except InvalidAuthorizationDetailsError as error:
        raise invalid_token("The person has nothing any more of what the token was narrowed to.") from error
