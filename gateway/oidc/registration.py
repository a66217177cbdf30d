"""The registration of a relying party: what may stand in it, every fault at once (RFC 9700 section 2, RFC 7591)."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from gateway.oidc import client_authentication
from gateway.oidc.public_jwk import key_set_faults
from gateway.oidc.redirects import origin_of, registration_fault
from gateway.oidc.scopes import OFFLINE_ACCESS, SCOPES
from gateway.oidc.signing_key import ALGORITHMS
from gateway.oidc.token import GRANTS
from policy.ids import System
from resolvers.sis_credentials import CLIENT_PREFIX
from store.relying_parties import RelyingParty

ROLE_MODES: Final = ("active-role", "union")
CHANGES_BY: Final = ("refresh", "backchannel-logout", "shared-signals")
"""How a relying party learns that a person's access has changed: at its next refresh (tokens live five minutes), by a
logout token, or by security events."""
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


def registration_faults(client: RelyingParty, known_systems: Collection[System]) -> list[str]:
    """What is wrong with a registration, as sentences; empty: nothing. `known_systems` are those of the packs."""
    addresses = (*client.redirect_uris, *client.post_logout_redirect_uris, *_single(client))
    return [*_named(client, known_systems), *_grants(client), *_keys(client), *_changes(client), *_addresses(addresses)]


def resource_fault(uri: str, issuer: str) -> str | None:
    """Why a URI can't be a system's audience (RFC 8707 section 2); None: it can. The issuer's is the gateway itself."""
    if origin_of(uri) is None or "#" in uri or not uri.isprintable():
        return f"{uri!r} can't be an audience: write an absolute https:// address without fragment."
    if origin_of(uri) == issuer:
        return f"{uri!r} is this gateway's own address: a token for the system would be one for the gateway."
    return None


def _single(client: RelyingParty) -> Iterator[str]:
    return (uri for uri in (client.launch_uri, client.backchannel_logout_uri) if uri)


def _keys(client: RelyingParty) -> Iterator[str]:
    if client.auth_method != "private_key_jwt":
        if client.jwks is not None:
            yield "Only a client that authenticates by private_key_jwt has keys: leave them out."
        return
    if client.jwks is None:
        yield "private_key_jwt needs the client's public keys: give a key set (RFC 7517), not its address."
        return
    yield from key_set_faults(client.jwks)


def _changes(client: RelyingParty) -> Iterator[str]:
    """How a client learns that a person's access has changed."""
    signs_in, renews = "authorization_code" in client.grant_types, "refresh_token" in client.grant_types
    if client.changes_by not in CHANGES_BY:
        yield f"{client.changes_by!r} is no way to learn of changes: write one of {', '.join(CHANGES_BY)}."
    elif client.changes_by == "refresh" and signs_in and not renews and OFFLINE_ACCESS not in client.scopes:
        yield "To learn of changes by refresh, the client needs the grant refresh_token: add it or choose another way."
    elif client.changes_by == "backchannel-logout" and not client.backchannel_logout_uri:
        yield "To learn of changes by backchannel-logout, the client needs a back-channel logout address: give one."
    if client.require_par and not signs_in:
        yield "A client without authorization_code has no authorization requests to push: leave out that it must."


def _addresses(uris: Collection[str]) -> Iterator[str]:
    for uri in uris:
        fault = registration_fault(uri)
        if fault is not None:
            yield fault


def _named(client: RelyingParty, known_systems: Collection[System]) -> Iterator[str]:
    if not _CLIENT_ID.fullmatch(client.client_id):
        yield f"{client.client_id!r} can't be a client id: use letters, digits, dots, hyphens, at most 100."
    if client.client_id.startswith(CLIENT_PREFIX):
        yield f"{client.client_id!r} can't be a client id: {CLIENT_PREFIX} is for student information systems."
    if not client.systems:
        yield "The relying party has no system: name at least one."
    for system in client.systems:
        if system not in known_systems:
            yield f"{system!r} is not a system of any pack: write one of {', '.join(sorted(known_systems))}."
    choices = (
        (client.auth_method, client_authentication.METHODS, "way to authenticate"),
        (client.role_mode, ROLE_MODES, "role mode"),
        (client.id_token_alg, ALGORITHMS, "algorithm of ID tokens"),
    )
    for value, known, what in choices:
        if value not in known:
            yield f"{value!r} is no {what}: write one of {', '.join(known)}."


def _grants(client: RelyingParty) -> Iterator[str]:
    for value, known, what in (
        *((grant, GRANTS, "grant") for grant in sorted(client.grant_types)),
        *((scope, SCOPES, "scope") for scope in sorted(client.scopes)),
    ):
        if value not in known:
            yield f"{value!r} is no {what}: write one of {', '.join(known)}."
    if "authorization_code" in client.grant_types and not client.redirect_uris:
        yield "authorization_code needs a redirect URI: give at least one."
    if client.auth_method == "none" and "client_credentials" in client.grant_types:
        yield "A client without a secret can't have client_credentials: leave it out or choose another authentication."
    if OFFLINE_ACCESS in client.scopes and "refresh_token" not in client.grant_types:
        yield "The scope offline_access needs the grant refresh_token: add it or leave the scope out."
