"""The client credentials grant (RFC 6749 section 4.4): a system's token for itself; a decision over loaded facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.oidc.authorization.resources import audience
from gateway.oidc.authorization.scopes import scope_of
from gateway.oidc.errors import InvalidScopeError, InvalidTargetError, UnauthorizedClientError, plain
from gateway.oidc.parameters import Parameters
from gateway.oidc.token.tokens import Mint, system_access_token, token_response
from policy.scopes import GATEWAY_SCOPES, PERSON_SCOPES
from store.relying_parties import RelyingParty


@dataclass(frozen=True, slots=True)
class SystemGrant:
    """What a token of a system's own is to say."""

    client_id: str
    resource: str
    scope: str


def judge(form: Parameters, client: RelyingParty, resource_known: bool, issuer: str) -> SystemGrant:
    """`resource_known`: whether a system is registered under the requested resource. Raises an OAuth2Error."""
    if client.auth_method == "none":
        raise UnauthorizedClientError("A client without a secret can't act for itself.")
    scope = scope_of(form.get("scope"), client.scopes)
    personal = PERSON_SCOPES.intersection(scope)
    if personal:
        raise InvalidScopeError(f"The scope {plain(min(personal))} needs a person.")
    resource = _audience(form.get("resource"), client, scope, resource_known, issuer)
    return SystemGrant(client.client_id, resource, " ".join(scope))


def answer(mint: Mint, grant: SystemGrant) -> Mapping[str, Any]:
    """The token response; each has a token of its own."""
    token = system_access_token(mint, grant.client_id, grant.resource, grant.scope)
    return token_response(mint, token, grant.scope)


def _audience(
    requested: str | None, client: RelyingParty, scope: tuple[str, ...], resource_known: bool, issuer: str
) -> str:
    """The gateway where a scope is for it; else the requested system, by default the client's first."""
    ours = [one for one in scope if one in GATEWAY_SCOPES]
    if ours:
        if requested not in (None, issuer):
            raise InvalidTargetError(f"The scope {ours[0]} is for the gateway; leave resource out or name the issuer.")
        return issuer
    if requested is not None and not resource_known:
        raise InvalidTargetError(f"No system is registered under the resource {plain(requested)}.")
    return requested or audience(client, issuer, None, scope)
