"""Judges the registration of a relying party, for the command line and for GraphQL alike: every fault at once.

What may stand in it follows RFC 9700 section 2 and RFC 7591 section 2.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy.ids import System
from policy.managing import client_lacks
from policy.redirects import address_fault, origin_of
from policy.relying_parties import AUTH_METHODS, CHANGES_BY, GRANT_TYPES, ID_TOKEN_ALGORITHMS, ROLE_MODES
from policy.scopes import DIRECTORY_MANAGE, DIRECTORY_READ, OFFLINE_ACCESS, SCOPES
from resolvers.sis_credentials import CLIENT_PREFIX
from store.relying_parties import RelyingParty

MOST_ADDRESSES: Final = 50
_LONGEST_LABEL: Final = 200
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")
_PERSONS_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What `sub` is in a person's token; in a system's own it is the client id (RFC 9700 section 4.15)."""

KeyFaults = Callable[[Mapping[str, Any]], list[str]]
"""What is wrong with a key set, as sentences: whoever can read keys judges them."""


@dataclass(frozen=True, slots=True)
class RegistrationFault:
    """`field`: as GraphQL names it. `what` and `remedy` are the two halves of one sentence."""

    field: str
    code: str
    what: str
    remedy: str

    @property
    def sentence(self) -> str:
        return f"{self.what}: {self.remedy}."


def registration_faults(
    client: RelyingParty, known_systems: Collection[System], key_faults: KeyFaults
) -> list[RegistrationFault]:
    """What is wrong with a registration; empty: nothing. `known_systems` are those of the packs."""
    return [
        *_named(client, known_systems), *_grants(client), *_managing(client), *_keys(client, key_faults),
        *_changes(client), *_addresses(client),
    ]  # fmt: skip


def resource_fault(uri: str, issuer: str) -> RegistrationFault | None:
    """Why a URI can't be a system's audience (RFC 8707 section 2); None: it can. The issuer's is the gateway itself."""
    if len(uri) > 2000 or origin_of(uri) is None or "#" in uri or not uri.isprintable():
        what = f"{uri[:200]!r} can't be an audience"
        return RegistrationFault("systems", "INVALID_ADDRESS", what, "write an absolute https:// address, no fragment")
    if origin_of(uri) == issuer:
        what = f"{uri!r} is this gateway's own address, a token for the system would be one for the gateway"
        return RegistrationFault("systems", "OWN_ADDRESS", what, "write the system's own address")
    return None


def _named(client: RelyingParty, known_systems: Collection[System]) -> Iterator[RegistrationFault]:
    if not _CLIENT_ID.fullmatch(client.client_id):
        what = f"{client.client_id[:200]!r} can't be a client id"
        yield RegistrationFault("clientId", "INVALID", what, "use letters, digits, dots, hyphens, at most 100")
    if client.client_id.startswith(CLIENT_PREFIX):
        what = f"{client.client_id[:200]!r} can't be a client id, {CLIENT_PREFIX} is for student information systems"
        yield RegistrationFault("clientId", "RESERVED", what, "begin it with something else")
    if _PERSONS_ID.fullmatch(client.client_id):
        what = f"{client.client_id!r} can't be a client id, a token of the system's own would look like a person's"
        yield RegistrationFault("clientId", "RESERVED", what, "use a name, not a UUID")
    if not 0 < len(client.label.strip()) <= _LONGEST_LABEL or not client.label.isprintable():
        what = "The label is what people read when they are asked whether they let the system in"
        yield RegistrationFault("label", "INVALID", what, f"write its name, 1 to {_LONGEST_LABEL} characters")
    if not client.systems:
        yield RegistrationFault("systems", "MISSING", "The relying party has no system", "name at least one")
    for system in client.systems:
        if system not in known_systems:
            yield _unknown("systems", system, "is not a system of any pack", sorted(known_systems))
    for field, value, known, what in (
        ("authMethod", client.auth_method, AUTH_METHODS, "way to authenticate"),
        ("roleMode", client.role_mode, ROLE_MODES, "role mode"),
        ("idTokenAlg", client.id_token_alg, ID_TOKEN_ALGORITHMS, "algorithm of ID tokens"),
    ):
        if value not in known:
            yield _unknown(field, value, f"is no {what}", known)


def _grants(client: RelyingParty) -> Iterator[RegistrationFault]:
    for field, value, known, what in (
        *(("grantTypes", grant, GRANT_TYPES, "grant") for grant in sorted(client.grant_types)),
        *(("scopes", scope, tuple(SCOPES), "scope") for scope in sorted(client.scopes)),
    ):
        if value not in known:
            yield _unknown(field, value, f"is no {what}", known)
    if not client.grant_types:
        yield RegistrationFault("grantTypes", "MISSING", "The relying party has no grant", "name at least one")
    if "authorization_code" in client.grant_types and not client.redirect_uris:
        yield RegistrationFault(
            "redirectUris", "MISSING", "authorization_code needs a redirect URI", "give at least one"
        )
    if client.auth_method == "none" and "client_credentials" in client.grant_types:
        what = "A client without a secret can't have client_credentials"
        yield RegistrationFault("grantTypes", "NO_SECRET", what, "leave it out or choose another authentication")
    if OFFLINE_ACCESS in client.scopes and "refresh_token" not in client.grant_types:
        what = "The scope offline_access needs the grant refresh_token"
        yield RegistrationFault("scopes", "NO_REFRESH", what, "add it or leave the scope out")


def _managing(client: RelyingParty) -> Iterator[RegistrationFault]:
    """directory.manage changes roles here: only for clients for which nobody else can stand in."""
    if DIRECTORY_MANAGE not in client.scopes:
        return
    lacks = may_not_manage(client)
    if lacks is not None:
        field, why = lacks
        yield RegistrationFault(field, "NOT_MANAGING", f"The scope {DIRECTORY_MANAGE} {why}", "leave the scope out")
    if DIRECTORY_READ not in client.scopes:
        what = f"The scope {DIRECTORY_MANAGE} needs {DIRECTORY_READ}, with which people are found"
        yield RegistrationFault("scopes", "NO_READING", what, "add it or leave the scope out")


def may_not_manage(client: RelyingParty, *, bound: bool | None = None) -> tuple[str, str] | None:
    """`policy.managing.client_lacks` of a registration. `bound`: whether the token at hand is bound to a key."""
    return client_lacks(
        first_party=client.first_party,
        systems=client.systems,
        grants=client.grant_types,
        proves_itself=client.auth_method != "none" or (client.dpop_bound and bound is not False),
        in_union=client.role_mode != "active-role",
    )


def _keys(client: RelyingParty, key_faults: KeyFaults) -> Iterator[RegistrationFault]:
    if client.auth_method != "private_key_jwt":
        if client.jwks is not None:
            what = "Only a client that authenticates by private_key_jwt has keys"
            yield RegistrationFault("jwks", "NOT_ALLOWED", what, "leave them out")
    elif client.jwks is None:
        what = "private_key_jwt needs the client's public keys"
        yield RegistrationFault("jwks", "MISSING", what, "give a key set (RFC 7517), not its address")
    else:
        for fault in key_faults(client.jwks):
            what, _, remedy = fault.removesuffix(".").partition(": ")
            yield RegistrationFault("jwks", "INVALID_KEYS", what, remedy or "give a key set (RFC 7517) of public keys")


def _changes(client: RelyingParty) -> Iterator[RegistrationFault]:
    """How a client learns that a person's access has changed."""
    signs_in, renews = "authorization_code" in client.grant_types, "refresh_token" in client.grant_types
    if client.changes_by not in CHANGES_BY:
        yield _unknown("changesBy", client.changes_by, "is no way to learn of changes", CHANGES_BY)
    elif client.changes_by == "refresh" and signs_in and not renews and OFFLINE_ACCESS not in client.scopes:
        what = "To learn of changes by refresh, the client needs the grant refresh_token"
        yield RegistrationFault("changesBy", "NO_REFRESH", what, "add it or choose another way")
    elif client.changes_by == "backchannel-logout" and not client.backchannel_logout_uri:
        what = "To learn of changes by backchannel-logout, the client needs a back-channel logout address"
        yield RegistrationFault("backchannelLogoutUri", "MISSING", what, "give one")
    if client.require_par and not signs_in:
        what = "A client without authorization_code has no authorization requests to push"
        yield RegistrationFault("requirePar", "NOT_ALLOWED", what, "leave out that it must")


def _addresses(client: RelyingParty) -> Iterator[RegistrationFault]:
    for field, uris in (
        ("redirectUris", client.redirect_uris),
        ("postLogoutRedirectUris", client.post_logout_redirect_uris),
        ("launchUri", [client.launch_uri] if client.launch_uri else []),
        ("backchannelLogoutUri", [client.backchannel_logout_uri] if client.backchannel_logout_uri else []),
    ):
        if len(uris) > MOST_ADDRESSES:
            what = f"{len(uris)} addresses are more than a relying party has"
            yield RegistrationFault(field, "TOO_MANY", what, f"give at most {MOST_ADDRESSES}")
        for uri in uris:
            fault = address_fault(uri)
            if fault is not None:
                yield RegistrationFault(field, "INVALID_ADDRESS", *fault)


def _unknown(field: str, value: str, what: str, known: Collection[str]) -> RegistrationFault:
    return RegistrationFault(field, "UNKNOWN", f"{value[:200]!r} {what}", f"write one of {', '.join(known)}")
