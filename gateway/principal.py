"""Who is calling: nobody, a person in a session, a person through a relying party's token, or a system."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import HTTPConnection

from gateway.access_cache import Held, held_by
from gateway.cookies import Cookie, read_cookie
from gateway.oidc.authorization.entitlement import UNION
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.resource.presented import REALM, invalid_token, presented_claims, presented_token, two_or_exposed
from gateway.oidc.token.tokens import NARROWED_TO
from gateway.refusals import Kind, RefusedError
from gateway.signin.context import acting_in, context_for
from gateway.signin.sessions import session_of
from gateway.state import gateway_of
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from policy.facts import UserStatus
from policy.grant import Access, in_programs, under
from policy.ids import GroupId, OrganizationId, System, system_of
from policy.scopes import DIRECTORY_MANAGE, DIRECTORY_READ
from resolvers.registration_faults import may_not_manage
from store.authorizations import Authorization, Authorized, authorized_by_access_token
from store.database import Connection
from store.denied_tokens import is_denied
from store.relying_parties import RelyingParty


async def caller_of(request: HTTPConnection, connection: Connection) -> Caller:
    """The caller of this request, whose first statement reads the access version again (also when all else is cached).

    Raises RefusedError: UNAUTHENTICATED for credentials that are invalid or have expired (never Anonymous in their
    place), FORBIDDEN for a token without scope directory.read, BAD_USER_INPUT for two or one in the address.
    """
    token = presented_token(request)
    has_cookie = read_cookie(request, gateway_of(request).settings, Cookie.SESSION) is not None
    if token is not None and has_cookie:
        raise two_or_exposed("The request carries two credentials; send either the session cookie or one token.")
    if token is not None:
        return await _bearer_caller(request, connection)
    return await _session_caller(request, connection) if has_cookie else Anonymous()


def authorization_id(claims: Mapping[str, Any]) -> UUID | None:
    """The authorization that a person's access token comes from; None: it is a system's own."""
    return UUID(claims["authorization"]) if "authorization" in claims else None


async def _session_caller(request: HTTPConnection, connection: Connection) -> PersonCaller:
    session = await session_of(request, connection)
    if session is None or session.standing.status is not UserStatus.ACTIVE:
        raise RefusedError(Kind.UNAUTHENTICATED, "The session has ended. Sign in again.", {"WWW-Authenticate": REALM})
    held = await held_by(request, connection, session.standing)
    context = context_for(request, session.active, held.access, gateway_of(request).packs.current)
    acting = acting_in(held.access, context)
    return PersonCaller(
        session.standing.user,
        acting,
        context.role,
        session.standing.version,
        systems=None,
        may_write=True,
        own_organizations=held.organizations,
        own_groups=_own_groups(held, acting),
        roles=held.access.roles(),
        auth_time=session.auth_time,
        acr=session.acr,
        session=session.id,
        lea=session.standing.lea,
        place=context.place,
        active_at=_held_at(under(held.access, context.role)),
        withheld=held.access.withheld,
    )


async def _bearer_caller(request: HTTPConnection, connection: Connection) -> Caller:
    gateway = gateway_of(request)
    now = gateway.now()
    issuer = gateway.settings.issuer
    keys = await key_ring_of(request).at(now, connection)
    claims = presented_claims(request, keys, now)
    if claims is None or claims.get("aud") != issuer:
        raise invalid_token("The token is for another audience.")
    root = authorization_id(claims)
    facts = await authorized_by_access_token(connection, str(claims["client_id"]), root)
    if facts is None or not facts.client.active:
        raise invalid_token("The token's client is not active.")
    if DIRECTORY_READ not in facts.client.scopes.intersection(str(claims.get("scope", "")).split()):
        challenge = f'{REALM}, error="insufficient_scope", scope="{DIRECTORY_READ}"'
        raise RefusedError(Kind.FORBIDDEN, f"The token has no scope {DIRECTORY_READ}.", {"WWW-Authenticate": challenge})
    if root is None:
        if await is_denied(connection, UUID(claims["jti"])):
            raise invalid_token("The token was revoked.")
        await gateway.packs.at(connection, facts.epoch)  # what a system is told follows from the packs alone
        return SystemCaller(facts.client.client_id, frozenset(facts.client.systems), facts.client.role_mode == UNION)
    return await _person_by_token(request, connection, facts, claims)


async def _person_by_token(
    request: HTTPConnection, connection: Connection, facts: Authorized, claims: Mapping[str, Any]
) -> PersonCaller:
    """The person behind a token, in the role that the authorization fixed."""
    root, standing, client = facts.authorization, facts.standing, facts.client
    if root is None or standing is None or root.revoked:
        raise invalid_token("The authorization behind the token was revoked.")
    if standing.status is not UserStatus.ACTIVE or (root.active is None and client.role_mode != UNION):
        raise invalid_token("The person or role behind the token is not active any more.")
    _check_whole(root, claims)
    held = await held_by(request, connection, standing)
    acting = in_programs(held.access) if client.role_mode == UNION else under(held.access, root.active)
    systems = frozenset(client.systems)
    manages = _manages(client, root, claims)
    return PersonCaller(
        standing.user,
        acting,
        root.active,
        standing.version,
        systems=systems,
        may_write=False,
        own_organizations=_own_places(held, acting, systems),
        own_groups=_own_groups(held, acting),
        roles=tuple(one for one in held.access.roles() if systems & under(held.access, one).systems()),
        auth_time=root.auth_time if manages else None,
        acr=standing.acr,
        lea=standing.lea,
        place=standing.place,
        active_at=_held_at(acting),
        managing_by=client.client_id if manages else None,
    )


def _check_whole(root: Authorization, claims: Mapping[str, Any]) -> None:
    """Raises RefusedError FORBIDDEN for a token that `authorization_details` narrowed (RFC 9396).

    What they say of actions, reports or groups can't be followed in a document that asks for organizations and people;
    and what can't be followed is not exceeded.
    """
    if root.requested_details is not None or NARROWED_TO in claims:
        challenge = f'{REALM}, error="insufficient_scope", scope="{DIRECTORY_READ}"'
        text = "The token was narrowed by authorization_details; this answers for a whole role. Use one that wasn't."
        raise RefusedError(Kind.FORBIDDEN, text, {"WWW-Authenticate": challenge})


def _manages(client: RelyingParty, root: Authorization, claims: Mapping[str, Any]) -> bool:
    """Whether the token is good for changes, were the person's sign-in recent: by client, authorization and token."""
    scopes = (client.scopes, root.scope.split(), str(claims.get("scope", "")).split())
    if not all(DIRECTORY_MANAGE in one for one in scopes):
        return False
    if root.active is None:
        return False
    return may_not_manage(client, bound="cnf" in claims) is None


def _held_at(acting: Access) -> tuple[OrganizationId, ...]:
    places = {one.organization.id: one.organization.name for one in acting.effective}
    return tuple(sorted(places, key=lambda one: (places[one], one)))


def _own_groups(held: Held, acting: Access) -> frozenset[GroupId]:
    return frozenset[GroupId]().union(*(held.groups.get(one.id, ()) for one in acting.effective))


def _own_places(held: Held, acting: Access, systems: frozenset[System]) -> frozenset[OrganizationId]:
    """Through a token: where the acting role is held, and every role that gives something in the party's systems."""
    mine = (*acting.effective, *(one.assignment for one in acting.withheld))
    giving = (one for one in held.access.grants if one.current and system_of(one.permission) in systems)
    return frozenset((*(one.organization.id for one in mine), *(one.organization.id for one in giving)))
