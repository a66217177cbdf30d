"""GET `/auth/oauth2/tokeninfo`: what a token is worth now, as components ask that were written for the old OpenAM.

The one address of Hallpass that reads a token from a query, because these components send it so; only a token whose
client or audience is registered as legacy is taken that way. Nothing of a query is ever logged: a request leaves the
template of its route. Everything is judged at this moment, as userinfo does, whatever the token says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import json_answer
from gateway.oidc.keys.ring import key_ring_of
from gateway.oidc.keys.token_cache import Claims, verified_access_token
from gateway.oidc.keys.verification import BadTokenError
from gateway.oidc.resource.bearer import person_bearer
from gateway.oidc.resource.presented import invalid_token, presented_claims, presented_token, two_or_exposed
from gateway.principal import authorization_id
from gateway.refusals import Kind, RefusedError
from gateway.smarter.claims import CHAIN, person_attributes, tenancy_chains
from gateway.smarter.tenancy import surroundings
from gateway.state import gateway_of
from policy.scopes import SBAC
from policy.smarter.chain import joined
from store.authorizations import Authorized, authorized_by_access_token
from store.database import Connection
from store.denied_tokens import is_denied
from store.relying_parties import has_legacy_audience
from store.sign_in import person_record

PATH: Final = "/auth/oauth2/tokeninfo"
REALM: Final = "/sbac"
_REALMS: Final = frozenset({"", REALM, REALM.removeprefix("/")})
_NOT_VALID: Final = frozenset({Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.BAD_USER_INPUT})


@dataclass(frozen=True, slots=True)
class _Sent:
    token: str
    in_query: bool


async def tokeninfo(request: Request) -> Response:
    """The token's scopes and attributes; 400 with `error` for whatever isn't a good token."""
    try:
        sent = _sent(request)
        async with gateway_of(request).pool.acquire() as connection:
            return json_answer(await _told(request, connection, sent))
    except RefusedError as refusal:
        if refusal.kind not in _NOT_VALID:
            raise
        error = "invalid_request" if refusal.kind is Kind.BAD_USER_INPUT else "invalid_token"
        return json_answer({"error": error, "error_description": refusal.message}, 400)


def _sent(request: Request) -> _Sent:
    """The one token of the request. Raises RefusedError."""
    query = request.query_params
    in_query = query.getlist("access_token")
    if len(in_query) > 1 or (in_query and "authorization" in request.headers):
        raise two_or_exposed("The request carries two access tokens; send one.")
    if len(query.getlist("realm")) > 1 or query.get("realm", "") not in _REALMS:
        raise two_or_exposed(f"There is one realm here, {REALM}.")
    token = in_query[0] if in_query else presented_token(request)
    if not token:
        raise two_or_exposed("Send the access token in the Authorization header, or as access_token.")
    return _Sent(token, bool(in_query))


async def _told(request: Request, connection: Connection, sent: _Sent) -> Mapping[str, Any]:
    gateway = gateway_of(request)
    now = gateway.now()
    claims = await _claims(request, connection, sent)
    facts = await authorized_by_access_token(connection, str(claims["client_id"]), authorization_id(claims))
    if facts is None or not facts.client.active:
        raise invalid_token("The token's client is not active.")
    if sent.in_query and not facts.client.legacy and not await has_legacy_audience(connection, str(claims["aud"])):
        raise two_or_exposed("This client's tokens are not read from an address; send it in the Authorization header.")
    scope = [one for one in str(claims.get("scope", "")).split() if one in facts.client.scopes]
    if "authorization" in claims:
        grant_type, attributes = (
            "authorization_code",
            await _attributes(request, connection, facts, claims, frozenset(scope)),
        )
    elif await is_denied(connection, UUID(claims["jti"])):
        raise invalid_token("The token was revoked.")
    else:
        grant_type, attributes = "client_credentials", {"cn": facts.client.label}
    return {
        **attributes,
        "client_id": facts.client.client_id,
        "scope": [*attributes, *scope],
        "grant_type": grant_type,
        "realm": REALM,
        "token_type": "DPoP" if "cnf" in claims else "Bearer",
        "expires_in": max(0, int(claims["exp"] - now.timestamp())),
        "access_token": sent.token,
    }


async def _claims(request: Request, connection: Connection, sent: _Sent) -> Claims:
    now = gateway_of(request).now()
    keys = await key_ring_of(request).at(now, connection)
    if not sent.in_query:
        claims = presented_claims(request, keys, now)
        if claims is None:
            raise invalid_token("The Authorization header holds no bearer token.")
        return claims
    try:
        claims = verified_access_token(request, sent.token, keys, now)
    except BadTokenError as error:
        raise invalid_token(str(error)) from error
    if "cnf" in claims:
        raise invalid_token("The token is bound to a key: it is not good without a proof.")
    return claims


async def _attributes(
    request: Request, connection: Connection, facts: Authorized, claims: Claims, scope: frozenset[str]
) -> dict[str, Any]:
    """The person's attributes, with the chains as one text; nothing without scope `sbac`."""
    bearer = await person_bearer(request, connection, facts, claims, scope)
    if SBAC not in scope:
        return {}
    person = await person_record(connection, bearer.root.user)
    if person is None:
        raise invalid_token("The token's person is unknown.")
    around = await surroundings(request, connection, bearer.epoch)
    chains = tenancy_chains(bearer.entitled, bearer.client, around, gateway_of(request).settings.issuer)
    return person_attributes(person) | {CHAIN: joined(chains)}
