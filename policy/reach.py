"""Containment: which places a grant reaches, and the same reach as data for a row filter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy.facts import Level, Organization
from policy.grant import Grant
from policy.ids import GroupId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear
from policy.pack import Reach, RosterHolder


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies: an organization, and for what belongs to a program its program, year and role.

    None means that the thing has none (an organization belongs to no program), never "any".
    """

    organization: OrganizationId
    level: Level
    lea: OrganizationId | None
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    role: RoleSlug | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A contiguous reach: one LEA, one organization, or with neither the whole state.

    `program` and `school_year` None: every program and year (the state's own roles). `roles` empty: whatever role.
    `through_year`: earlier years are covered as well.
    """

    program: ProgramCode | None
    school_year: SchoolYear | None
    lea: OrganizationId | None = None
    organization: OrganizationId | None = None
    schools_only: bool = False
    roles: frozenset[RoleSlug] = frozenset()
    through_year: bool = False

    def contains(self, place: Place) -> bool:
        return (
            (self.lea is None or self.lea == place.lea)
            and (self.organization is None or self.organization == place.organization)
            and (not self.schools_only or place.level is Level.SCHOOL)
            and (self.program is None or place.program is None or self.program == place.program)
            and self._covers_year(place.school_year)
            and (not self.roles or place.role in self.roles)
        )

    def _covers_year(self, year: SchoolYear | None) -> bool:
        if self.school_year is None or year is None or year == self.school_year:
            return True
        return self.through_year and year < self.school_year

    def includes(self, other: "Range") -> bool:
        """Whether everything in `other` is in this range."""
        if self.schools_only and not other.schools_only:
            return False
        if self.lea is not None and self.lea != other.lea:
            return False
        if self.organization is not None and self.organization != other.organization:
            return False
        if self.program is not None and self.program != other.program:
            return False
        if self.school_year is not None and (
            self.school_year != other.school_year or other.through_year > self.through_year
        ):
            return False
        return not self.roles or (bool(other.roles) and other.roles <= self.roles)


@dataclass(frozen=True, slots=True)
class Visible:
    """A reach as data: rows inside any of the ranges, and single student groups. Empty: nothing."""

    ranges: tuple[Range, ...] = ()
    groups: frozenset[GroupId] = frozenset()

    def contains(self, place: Place) -> bool:
        return any(one.contains(place) for one in self.ranges)


NOTHING = Visible()
EVERYTHING = Visible((Range(None, None),))


def range_of(grant: Grant) -> Range | None:
    """The grant's reach over organizations; None where it reaches single groups, items or the person only."""
    base = Range(
        None if grant.every_program else grant.program,
        None if grant.every_program else grant.school_year,
        roles=grant.about_roles,
        through_year=grant.earlier_years,
    )
    match grant.reach:
        case Reach.STATE:
            return base
        case Reach.LEA:
            return replace(base, lea=grant.organization.id)
        case Reach.SCHOOLS:
            return replace(base, lea=grant.organization.id, schools_only=True)
        case Reach.SITE:
            return replace(base, organization=grant.organization.id)
        case Reach.ROSTER | Reach.ASSIGNED | Reach.SELF:
            return None


def covers(grant: Grant, place: Place) -> bool:
    """Whether the place lies inside the grant: organization, program, year and role."""
    one = range_of(grant)
    return one is not None and one.contains(place)


def anchored_at(grant: Grant, place: Place) -> bool:
    """Whether a place lies where a roster or item grant counts: at its organization, or in its LEA."""
    anchor: Organization = grant.organization
    match anchor.level:
        case Level.STATE:
            here = True
        case Level.LEA:
            here = place.lea == anchor.id
        case Level.SCHOOL:
            here = place.organization == anchor.id
    everywhere = Range(grant.program, grant.school_year, through_year=grant.earlier_years)
    return here and (grant.every_program or everywhere.contains(place))


def visible(
    grants: Iterable[Grant], permission: Permission, assessment: str | None = None, report: str | None = None
) -> Visible:
    """What the permission reaches, as data: the same answer as `decide` for each row.

    Grants limited to kinds of assessment or to reports that the question doesn't name are left out, as in `decide`.
    """
    mine = [grant for grant in grants if grant.permission == permission and grant.answers(assessment, report)]
    ranges = {one for grant in mine if (one := range_of(grant)) is not None}
    groups = frozenset(
        group
        for grant in mine
        if grant.reach is Reach.ROSTER and grant.rosters is RosterHolder.GATEWAY
        for group in grant.groups
    )
    return Visible(merge(ranges), groups)


def merge(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges without those that lie inside another, in a fixed order."""
    every = sorted(set(ranges), key=_order)
    wide = [one for one in every if one.lea is None and one.organization is None]
    by_place: dict[OrganizationId | None, list[Range]] = {}
    for one in every:
        by_place.setdefault(one.lea or one.organization, []).append(one)
    return tuple(
        one
        for one in every
        if not any(
            other is not one and other.includes(one) for other in (*wide, *by_place[one.lea or one.organization])
        )
    )


def _order(one: Range) -> tuple[str, ...]:
    return (
        str(one.lea or ""),
        str(one.organization or ""),
        one.program or "",
        one.school_year or "",
        str(one.schools_only),
        str(one.through_year),
        ",".join(sorted(one.roles)),
    )
