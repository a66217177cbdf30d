"""When a person is asked whether a relying party may have what it wants, and what that is (ASVS 5 section 10.7)."""

import ipaddress
from collections.abc import Collection
from enum import Enum, auto
from urllib.parse import urlsplit

from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.authorization.request import AuthorizationRequest
from policy.consent import Terms, covers
from policy.ids import OrganizationId
from store.relying_parties import RelyingParty


class Asks(Enum):
    """How often."""

    NEVER = auto()
    ONCE = auto()
    """Until more is wanted."""
    ALWAYS = auto()


def asks(client: RelyingParty, redirect_uri: str, prompts: Collection[str]) -> Asks:
    """Never for the state's own; each time where nobody can tell that it is this relying party that asks.

    That is so for a client without a secret: others can use its id. The state vouches for one of its own that has a
    page on the web, because answers go to that page alone; at a loopback address any program may listen (RFC 8252
    section 8.6). `prompt=consent` asks each time, too (OpenID Connect Core 3.1.2.1).
    """
    if "consent" in prompts:
        return Asks.ALWAYS
    if client.auth_method == "none" and not (client.first_party and not _is_loopback(redirect_uri)):
        return Asks.ALWAYS
    return Asks.NEVER if client.first_party else Asks.ONCE


def wanted_terms(request: AuthorizationRequest, entitled: Entitlement, place: OrganizationId | None) -> Terms:
    """What the person lets the relying party have by this request."""
    details = None if request.details is None else tuple(request.details)
    return Terms(frozenset(request.scope), frozenset(request.client.systems), details, entitled.active, place)


def shown_digest(request: AuthorizationRequest, entitled: Entitlement, terms: Terms) -> bytes:
    """Stands for all that the page tells: who asks, where the answer goes, the terms and what they come to now."""
    client = request.client
    return terms.digest(client.client_id, client.label, request.redirect_uri, list(map(dict, entitled.details)))


def is_given(given: Collection[Terms], wanted: Terms) -> bool:
    """Whether what was allowed before, at one time, is enough."""
    return any(covers(one, wanted) for one in given)


def _is_loopback(uri: str) -> bool:
    host = urlsplit(uri).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
