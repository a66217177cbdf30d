"""The refresh token grant (RFC 6749 section 6), rotating (RFC 9700 section 4.14.2): a decision over loaded facts."""

import hashlib

from gateway.oidc.authorization.details import requested_details
from gateway.oidc.authorization.entitlement import Entitlement, narrowed
from gateway.oidc.authorization.resources import still_fits
from gateway.oidc.authorization.scopes import narrowed_scope
from gateway.oidc.errors import InvalidGrantError, InvalidTargetError
from gateway.oidc.parameters import Parameters
from gateway.oidc.token.binding import check_refresh_key
from gateway.oidc.token.effects import Granted, RefusedAndRevokedError, RotateRefreshToken, reused
from gateway.oidc.token.tokens import Mint, person_response
from store.authorizations import Authorized


def refresh(form: Parameters, facts: Authorized, entitled: Entitlement | None, mint: Mint) -> Granted:
    """New tokens and a new refresh token for one that was never used.

    Raises an OAuth2Error; RefusedAndRevokedError for one used before, and for a person without access (`entitled` None:
    the last grant has ended, or the active role): the authorization ends with the access.
    """
    root, presented = facts.authorization, facts.refresh_token
    if root is None or presented is None or root.client_id != facts.client.client_id:
        raise InvalidGrantError("The refresh token is unknown.")
    if presented.used:
        raise reused(root.id, "refresh token")
    if root.revoked:
        raise InvalidGrantError("The authorization was revoked.")
    if mint.now >= root.expires_at:
        raise InvalidGrantError("The authorization has reached the end of its life; send the person to sign in.")
    if form.get("resource", root.resource) != root.resource:
        raise InvalidTargetError("The refresh token was issued for another resource.")
    if not still_fits(facts.client, mint.issuer, root.resource, root.scope.split()):
        raise InvalidGrantError("The resource or a scope of the authorization is none of this client's any more.")
    check_refresh_key(facts.client, root, mint.bound_to)
    scope = narrowed_scope(form.get("scope"), root.scope)
    if entitled is None:
        error = InvalidGrantError("The person has no access to this client's systems in the authorized role any more.")
        raise RefusedAndRevokedError(error, root.id, "access ended")
    entitled = narrowed(entitled, requested_details(form.get("authorization_details")))
    successor = mint.new_token()
    body = person_response(mint, facts.client, root, entitled, scope=scope, nonce=None) | {"refresh_token": successor}
    digest = hashlib.sha256(successor.encode()).digest()
    return Granted(body, RotateRefreshToken(presented.token_hash, root.id, digest))
