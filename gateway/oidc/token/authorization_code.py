"""The authorization code grant at the token endpoint (RFC 6749 section 4.1.3): a decision over loaded facts."""

import hashlib

from gateway.oidc.authorization.details import requested_details
from gateway.oidc.authorization.entitlement import Entitlement, narrowed
from gateway.oidc.authorization.resources import still_fits
from gateway.oidc.errors import InvalidGrantError, InvalidRequestError, InvalidTargetError
from gateway.oidc.parameters import Parameters
from gateway.oidc.token.binding import check_key
from gateway.oidc.token.effects import Granted, RedeemCode, reused
from gateway.oidc.token.pkce import check_verifier
from gateway.oidc.token.tokens import Mint, person_response
from policy.redirects import is_registered
from policy.scopes import OFFLINE_ACCESS
from store.authorizations import Authorization, Authorized, Code


def redeem(form: Parameters, facts: Authorized, entitled: Entitlement | None, mint: Mint) -> Granted:
    """Tokens for a code, once. `entitled` is the person's access now, None where none is left.

    Raises an OAuth2Error, or RefusedAndRevokedError for a code used before.
    """
    root, code = _own(facts)
    if code.used:
        raise reused(root.id, "code")
    _check_code(form, root, code, mint)
    if not still_fits(facts.client, mint.issuer, root.resource, root.scope.split()):
        raise InvalidGrantError("The resource or a scope of the authorization is none of this client's any more.")
    if not is_registered(code.redirect_uri, facts.client.redirect_uris):
        raise InvalidGrantError("The code went to a redirect URI that is none of this client's any more.")
    if entitled is None:
        raise InvalidGrantError("The person has no access to this client's systems any more.")
    entitled = narrowed(entitled, requested_details(form.get("authorization_details")))
    body = person_response(mint, facts.client, root, entitled, scope=root.scope, nonce=root.nonce)
    effect = RedeemCode(code.code_hash, root.id, None, mint.bound_to)
    if OFFLINE_ACCESS in root.scope.split() and "refresh_token" in facts.client.grant_types:
        refresh_token = mint.new_token()
        body["refresh_token"] = refresh_token
        digest = hashlib.sha256(refresh_token.encode()).digest()
        effect = RedeemCode(code.code_hash, root.id, digest, mint.bound_to)
    return Granted(body, effect)


def _own(facts: Authorized) -> tuple[Authorization, Code]:
    """The code and its authorization; another client's code is treated as none, and stays as it is."""
    root = facts.authorization
    if root is None or facts.code is None or root.client_id != facts.client.client_id:
        raise InvalidGrantError("The code is unknown.")
    return root, facts.code


def _check_code(form: Parameters, root: Authorization, code: Code, mint: Mint) -> None:
    if root.revoked:
        raise InvalidGrantError("The authorization was revoked.")
    if mint.now >= code.expires_at:
        raise InvalidGrantError("The code has expired.")
    if "redirect_uri" not in form:
        raise InvalidRequestError("redirect_uri is missing.")
    if form["redirect_uri"] != code.redirect_uri:
        raise InvalidGrantError("redirect_uri differs from the authorization request.")
    check_verifier(form, code.code_challenge)
    check_key(root, mint.bound_to)
    if form.get("resource", root.resource) != root.resource:
        raise InvalidTargetError("The code was issued for another resource.")
