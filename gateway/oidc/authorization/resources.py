"""Audiences: the resource URIs that a client's tokens may be for (RFC 8707), one per token."""

from collections.abc import Collection, Mapping

from gateway.oidc.errors import InvalidTargetError, plain
from policy.grants import OWN_SYSTEM
from policy.ids import System
from policy.scopes import DIRECTORY_READ
from store.relying_parties import RelyingParty


def resources_of(client: RelyingParty, issuer: str) -> Mapping[System, str]:
    """The resource URI of each of the client's systems; the gateway's own is the issuer."""
    own = {OWN_SYSTEM: issuer} if OWN_SYSTEM in client.systems else {}
    return {**client.resources, **own}


def audience(client: RelyingParty, issuer: str, requested: str | None, scope: tuple[str, ...]) -> str:
    """The audience of a person's tokens: the requested one, else that of the client's first system.

    The gateway itself may be one with scope directory.read. Raises InvalidTargetError.
    """
    resources = resources_of(client, issuer)
    if requested is None:
        default = resources.get(client.systems[0])
        if default is None:
            raise InvalidTargetError(f"The system {plain(client.systems[0])} has no resource URI; register one.")
        return default
    if not is_audience(client, issuer, requested, scope):
        raise InvalidTargetError(f"The resource {plain(requested)} is none of this client's.")
    return requested


def is_audience(client: RelyingParty, issuer: str, resource: str, scope: Collection[str]) -> bool:
    """Whether a person's tokens with this scope may be for the resource, as the client is registered now."""
    if resource == issuer and DIRECTORY_READ in scope:
        return True
    return resource in resources_of(client, issuer).values()


def still_fits(client: RelyingParty, issuer: str, resource: str, scope: Collection[str]) -> bool:
    """Whether an authorization for the resource with these scopes is one that the registration allows now."""
    return client.scopes.issuperset(scope) and is_audience(client, issuer, resource, scope)
