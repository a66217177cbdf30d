"""Who gains and who loses by a change of the tree: each person's grants at an organization before it and after it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from policy.access import Subject
from policy.facts import Assignment, Organization, Person, RosterPlace, Years
from policy.grants import access_of
from policy.ids import OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.packs import Packs
from policy.reach import Place, anchored_at, covers

Change = Callable[[Organization], Organization]
"""What becomes of an organization; one that isn't concerned stays as it is."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one role of a person begins or ceases to give at the organization; one of both sets may be empty."""

    user: UserId
    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear | None
    held_at: OrganizationId
    gains: frozenset[Permission]
    loses: frozenset[Permission]

    @property
    def subject(self) -> Subject:
        return Subject(owner=self.user)


_Role = tuple[ProgramCode, RoleSlug, SchoolYear | None, OrganizationId]


def moved(school: OrganizationId, lea: Organization) -> Change:
    """The school lies in that LEA from now on."""

    def change(one: Organization) -> Organization:
        return replace(one, lea=lea.id, lea_code=lea.code) if one.id == school else one

    return change


def opened(organization: OrganizationId, *, active: bool) -> Change:
    """The organization is closed or open from now on."""

    def change(one: Organization) -> Organization:
        return replace(one, active=active) if one.id == organization else one

    return change


def effects(
    people: Iterable[Person], where: Organization, change: Change, packs: Packs, years: Years, today: date
) -> Iterator[Effect]:
    """For each person whom the change concerns, role by role; `where` is the organization as it is now."""
    after = change(where)
    for person in people:
        yield from _of_person(person, where, after, change, packs, years, today)


def _of_person(
    person: Person, before: Organization, after: Organization, change: Change, packs: Packs, years: Years, today: date
) -> Iterator[Effect]:
    has = _given(person, before, packs, years, today)
    becomes = replace(
        person,
        assignments=tuple(replace(one, organization=change(one.organization)) for one in person.assignments),
        rosters=tuple(_roster(one, after) for one in person.rosters),
    )
    gets = _given(becomes, after, packs, years, today)
    for key in sorted({*has, *gets}, key=str):
        gains, loses = gets.get(key, frozenset()), has.get(key, frozenset())
        if gains != loses:
            yield Effect(person.id, *key, gains=gains - loses, loses=loses - gains)


def _roster(one: RosterPlace, after: Organization) -> RosterPlace:
    """A school's student groups go where the school goes."""
    return replace(one, lea=after.lea) if one.organization == after.id else one


def _given(
    person: Person, where: Organization, packs: Packs, years: Years, today: date
) -> dict[_Role, frozenset[Permission]]:
    """The permissions that reach the organization, by the role that gives them."""
    if not where.active:
        return {}
    found: dict[_Role, set[Permission]] = {}
    held: dict[object, Assignment] = {one.id: one for one in person.assignments}
    for grant in access_of(person, packs, years, today).grants:
        place = Place(where.id, where.level, where.lea, grant.program, grant.school_year)
        if covers(replace(grant, about_roles=frozenset()), place) or (grant.groups and anchored_at(grant, place)):
            at = held[grant.assignment].organization.id
            found.setdefault((grant.program, grant.role, grant.held_in, at), set()).add(grant.permission)
    return {key: frozenset(permissions) for key, permissions in found.items()}
