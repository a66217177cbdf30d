"""From a person's access to the Smarter Balanced roles that a relying party is told, and to their tenancy chains."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy.claims import reference
from policy.facts import Level, Organization
from policy.grant import Access, Grant
from policy.ids import OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, System
from policy.pack import Reach
from policy.smarter.chain import Entity, Tenancy, chain
from policy.smarter.levels import TIER_OF, Tier
from policy.smarter.mapping import Component, MappingRow, RoleMapping
from policy.smarter.width import Given, fits

Detail = Mapping[str, Any]
"""An entry of `authorization_details` as `policy.claims` writes it, cut or whole."""
_NARROWING: Final = frozenset({"groups", "reports", "roles"})
"""Members that narrow an entry to what no component could keep to."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A component's role that somebody holds at an organization now."""

    component: str
    role: str
    organization: Organization

    @property
    def tier(self) -> Tier:
        return TIER_OF[self.organization.level]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the roles are told: the relying party's systems with their resource URIs, and what it narrowed to.

    `narrowed`: the entries that it asked for, cut to what the person has; None: it didn't narrow.
    """

    systems: frozenset[System]
    resources: Mapping[System, str]
    narrowed: Collection[Detail] | None = None


@dataclass(frozen=True, slots=True)
class _Post:
    """A role of a program at one place in one year: what a row of the mapping is about."""

    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear | None
    organization: Organization


def held_roles(access: Access, mapping: RoleMapping, audience: Audience) -> tuple[HeldRole, ...]:
    """The roles of the audience's own systems, each where the person's current grants hold all that it opens.

    Judged by the grants themselves, not by the packs: what is withheld, overridden or narrowed takes its roles along.
    """
    components = mapping.components_of(audience.systems)
    if not components:
        return ()
    found: dict[HeldRole, None] = {}
    known: dict[tuple[int, frozenset[Given]], tuple[tuple[str, str], ...]] = {}
    for post, grants in _posts(access).items():
        row = mapping.row(post.program, post.role, TIER_OF[post.organization.level], post.school_year)
        if row is None:
            continue
        given = frozenset(_given(grants))
        if audience.narrowed is not None:
            given = frozenset(_within(given, post, audience))
        key = id(row), given
        if key not in known:  # one role at 400 schools is judged once
            known[key] = tuple(_fitting(row, components, given))
        found |= {HeldRole(component, role, post.organization): None for component, role in known[key]}
    return tuple(sorted(found, key=_order))


def chains_of(roles: Iterable[HeldRole], tenancy: Tenancy, lea_names: Mapping[OrganizationId, str]) -> tuple[str, ...]:
    """The chains of the roles, each once and in their order. What can't be written in a chain is left out whole."""
    written = (chain(one.role, path_of(one.organization, tenancy, lea_names)) for one in roles)
    return tuple(dict.fromkeys(text for text in written if text is not None))


def path_of(
    organization: Organization, tenancy: Tenancy, lea_names: Mapping[OrganizationId, str]
) -> tuple[Entity, ...]:
    """Everything above an organization and itself, widest first; an LEA without a known name has an empty one."""
    match organization.level:
        case Level.STATE:
            return tenancy.client, tenancy.state
        case Level.LEA:
            below = (Entity(Tier.DISTRICT, organization.code, organization.name),)
        case Level.SCHOOL:
            name = lea_names.get(organization.lea, "") if organization.lea is not None else ""
            below = (
                Entity(Tier.DISTRICT, organization.lea_code or "", name),
                Entity(Tier.INSTITUTION, organization.code, organization.name),
            )
    return tenancy.client, tenancy.state, *below


def _posts(access: Access) -> Mapping[_Post, list[Grant]]:
    posts: dict[_Post, list[Grant]] = {}
    places: dict[tuple[object, ...], _Post] = {}
    for grant in access.grants:
        if not grant.current or grant.every_program or grant.reports or grant.about_roles:
            continue
        key = (grant.program, grant.role, grant.school_year, grant.organization.id)
        post = places.get(key)
        if post is None:
            post = places[key] = _Post(grant.program, grant.role, grant.school_year, grant.organization)
        posts.setdefault(post, []).append(grant)
    return posts


def _given(grants: Iterable[Grant]) -> Iterator[Given]:
    return (Given(one.permission, one.reach, one.assessments) for one in grants)


def _fitting(row: MappingRow, components: Collection[Component], given: Collection[Given]) -> Iterator[tuple[str, str]]:
    for component in components:
        emitted = row.components.get(component.code)
        for role in emitted.roles if emitted else ():
            if fits(role, row.tier, given):
                yield component.code, role.name


def _within(given: Collection[Given], post: _Post, audience: Audience) -> Iterator[Given]:
    """What of the given the relying party asked for; kinds that it left out are cut off."""
    for other in _asked(post, audience):
        for one in given:
            if (one.permission, one.reach) != (other.permission, other.reach):
                continue
            kinds = one.assessments & other.assessments if other.assessments else one.assessments
            if kinds or not one.assessments:
                yield Given(one.permission, one.reach, kinds)


def _asked(post: _Post, audience: Audience) -> Iterator[Given]:
    """The narrowed entries about this post's program, year and place, as what they give."""
    here = reference(post.organization)
    for entry in audience.narrowed or ():
        about = (entry.get("program"), entry.get("school_year")) == (post.program, post.school_year)
        if not about or here not in entry.get("organizations", ()) or not _NARROWING.isdisjoint(entry):
            continue
        for system, uri in audience.resources.items():
            if uri in entry.get("locations", ()):
                for action in entry.get("actions", ()):
                    kinds = frozenset[str](entry.get("assessments", ()))
                    yield Given(Permission(f"{system}:{action}"), Reach(entry["reach"]), kinds)


def _order(one: HeldRole) -> tuple[str, ...]:
    tiers = [*Tier]
    return f"{tiers.index(one.tier)}", one.organization.code, one.component, one.role
