"""A grant: one permission that one assignment gives, and how far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from policy.facts import Assignment, Organization, UserStatus
from policy.ids import (
    AssignmentId,
    GroupId,
    OrganizationId,
    Permission,
    ProgramCode,
    RoleSlug,
    SchoolYear,
    System,
    UserId,
    system_of,
)
from policy.pack import Reach, RosterHolder
from policy.reasons import MissingStep, Reason


@dataclass(frozen=True, slots=True)
class Grant:
    program: ProgramCode
    school_year: SchoolYear | None
    """The year in which it counts; None for packs that are not tied to a year."""
    permission: Permission
    reach: Reach
    organization: Organization
    """Where the assignment is held; the reach goes from here."""
    assignment: AssignmentId
    role: RoleSlug
    held_in: SchoolYear | None
    """The year of the assignment, which differs from `school_year` only where a current role reaches ahead (S1-12)."""
    basis: str
    assessments: frozenset[str] = frozenset()
    every_kind: bool = True
    """Whether it covers each kind of assessment for which the program gives the permission to anybody."""
    reports: frozenset[str] = frozenset()
    groups: frozenset[GroupId] = frozenset()
    rosters: RosterHolder = RosterHolder.GATEWAY
    about_roles: frozenset[RoleSlug] = frozenset()
    current: bool = True
    """False for grants of the upcoming year."""
    every_program: bool = False
    earlier_years: bool = False

    def answers(self, assessment: str | None, report: str | None) -> bool:
        """Whether a question about that kind of assessment and that report falls under the grant.

        A question that names none asks for all of them: a narrower grant doesn't answer it.
        """
        kind = self.every_kind if assessment is None else not self.assessments or assessment in self.assessments
        return kind and (not self.reports or report in self.reports)


@dataclass(frozen=True, slots=True)
class Withheld:
    """An assignment, or one system's part of it, that gives nothing now; `grants` is what it would give."""

    assignment: Assignment
    reason: Reason
    missing: tuple[MissingStep, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class ActiveRole:
    """The role under which somebody acts, with all organizations where she holds it (S1-20)."""

    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear | None

    @property
    def text(self) -> str:
        """`program/role/year`, with nothing behind the last slash where it isn't tied to one."""
        return f"{self.program}/{self.role}/{self.school_year or ''}"


@dataclass(frozen=True, slots=True)
class Access:
    """All that one person's assignments give today, and what is held back."""

    user: UserId
    status: UserStatus
    grants: tuple[Grant, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    effective: tuple[Assignment, ...] = ()
    """The assignments that count today or, for administration, in the upcoming year."""
    _by_permission: Mapping[Permission, tuple[Grant, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[Permission, list[Grant]] = {}
        for grant in self.grants:
            index.setdefault(grant.permission, []).append(grant)
        frozen = MappingProxyType({permission: tuple(grants) for permission, grants in index.items()})
        object.__setattr__(self, "_by_permission", frozen)

    def of(self, permission: Permission) -> tuple[Grant, ...]:
        return self._by_permission.get(permission, ())

    def systems(self) -> frozenset[System]:
        """The systems in which at least one grant is active now."""
        return frozenset(system_of(grant.permission) for grant in self.grants if grant.current)

    def roles(self) -> tuple[ActiveRole, ...]:
        """Each role that could be the active one, in a fixed order."""
        held = {ActiveRole(one.program, one.role, one.school_year or None) for one in self.effective}
        return tuple(sorted(held, key=lambda role: (role.school_year or "", role.program, role.role)))


def under(access: Access, active: ActiveRole | None) -> Access:
    """The access that one active role gives; None: all of it."""
    if active is None:
        return access

    def same(program: ProgramCode, role: RoleSlug, year: SchoolYear | None) -> bool:
        return ActiveRole(program, role, year or None) == active

    return replace(
        access,
        grants=tuple(g for g in access.grants if same(g.program, g.role, g.held_in)),
        withheld=tuple(
            w for w in access.withheld if same(w.assignment.program, w.assignment.role, w.assignment.school_year)
        ),
        effective=tuple(a for a in access.effective if same(a.program, a.role, a.school_year)),
    )


def in_programs(access: Access) -> Access:
    """The access without what the state's own roles give, which reach into every program and year.

    A relying party that is told the union of a person's roles never acts with these.
    """
    return replace(access, grants=tuple(grant for grant in access.grants if not grant.every_program))


def narrowed_to(access: Access, references: frozenset[str]) -> Access:
    """The access that roles give at these organizations, named as `level:code`: a person may narrow her active role."""
    return _held_where(access, lambda one: f"{one.level}:{one.code}" in references)


def narrowed_to_place(access: Access, place: OrganizationId | None) -> Access:
    """The access that roles give at this one organization; None: all of it."""
    return access if place is None else _held_where(access, lambda one: one.id == place)


def _held_where(access: Access, here: Callable[[Organization], bool]) -> Access:
    return replace(
        access,
        grants=tuple(grant for grant in access.grants if here(grant.organization)),
        withheld=tuple(one for one in access.withheld if here(one.assignment.organization)),
        effective=tuple(one for one in access.effective if here(one.organization)),
    )
