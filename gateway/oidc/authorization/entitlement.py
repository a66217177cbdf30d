"""What a relying party may be told of a person: her grants in its systems and role mode, cut to what it asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.oidc.authorization.details import Detail, cut_to
from gateway.oidc.authorization.resources import resources_of
from gateway.oidc.errors import InvalidAuthorizationDetailsError
from policy.claims import active_role_claim, authorization_details, held_at
from policy.facts import Organization, UserStatus
from policy.grant import Access, ActiveRole, under
from policy.ids import system_of
from store.access_version import AccessVersion
from store.relying_parties import RelyingParty

UNION = "union"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """At least one active grant in the relying party's systems, as tokens tell it."""

    details: tuple[Detail, ...]
    """RFC 9396 entries, sorted."""
    version: int
    active: ActiveRole | None
    """None for relying parties that are told the union of a person's roles."""
    organizations: tuple[Organization, ...]
    """Where the active role is held."""
    acting: Access = field(repr=False, compare=False)
    """The access that this is told of, of all systems."""
    narrowed: bool = False
    """Whether `details` are less than the person has, because the relying party asked for less."""
    narrowed_to: Sequence[Detail] | None = None
    """What this one token was narrowed to, beside the authorization; None: it wasn't."""
    further: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Claims that an ID token carries as well, where there is room for them."""

    def context(self, *, with_organizations: bool = True) -> dict[str, Any]:
        """The claim `assessment`: the access version and the active role."""
        context: dict[str, Any] = {"access_version": AccessVersion(self.version).text}
        if self.active is not None:
            role = active_role_claim(self.active, self.organizations)
            if not with_organizations:
                del role["organizations"]
            context["active_role"] = role
        return context


def authorized_role(client: RelyingParty, chosen: ActiveRole | None) -> ActiveRole | None:
    """The role that an authorization fixes: the person's active one, or none for a `union` relying party."""
    return None if client.role_mode == UNION else chosen


def entitlement(
    access: Access,
    client: RelyingParty,
    active: ActiveRole | None,
    *,
    issuer: str,
    version: int,
    requested: Sequence[Detail] | None = None,
) -> Entitlement | None:
    """None: the person may not enter (no active grant in these systems, or none that the client asked for).

    `requested`: what the client narrowed to; None: it didn't.
    """
    if access.status is not UserStatus.ACTIVE or (active is None and client.role_mode != UNION):
        return None
    acting = access if client.role_mode == UNION else under(access, active)
    if not acting.systems() & frozenset(client.systems):
        return None
    details = cut_to(_entries(acting, client, issuer), requested)
    if requested is not None and not details:
        return None
    organizations = held_at(access, active) if active is not None else ()
    return Entitlement(tuple(details), version, active, organizations, acting, requested is not None)


def narrowed(entitled: Entitlement, requested: Sequence[Detail] | None) -> Entitlement:
    """The same with fewer details, for one token. Raises InvalidAuthorizationDetailsError if none is left."""
    details = tuple(cut_to(entitled.details, requested))
    if requested is not None and not details:
        raise InvalidAuthorizationDetailsError("The person has nothing of what authorization_details asks for.")
    if requested is None:
        return entitled
    return replace(entitled, details=details, narrowed=True, narrowed_to=requested, further={})


def roles_that_enter(access: Access, client: RelyingParty) -> tuple[ActiveRole, ...]:
    """The person's roles that give something in the relying party's systems, in a fixed order."""
    systems = frozenset(client.systems)
    return tuple(role for role in access.roles() if under(access, role).systems() & systems)


def held_back(access: Access, client: RelyingParty) -> Access:
    """The access with only those withheld assignments that would give something in the relying party's systems."""
    systems = frozenset(client.systems)
    withheld = tuple(w for w in access.withheld if any(system_of(g.permission) in systems for g in w.grants))
    return Access(access.user, access.status, access.grants, withheld, access.effective)


def _entries(access: Access, client: RelyingParty, issuer: str) -> list[Detail]:
    return [entry for entry in authorization_details(access, resources_of(client, issuer)) if isinstance(entry, dict)]
