"""What the store knows of a person and of places, as the core reads it: loaded whole, judged without IO."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policy.ids import AssignmentId, GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId


class Level(StrEnum):
    STATE = "state"
    LEA = "lea"
    SCHOOL = "school"


class UserStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class AssignmentStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Organization:
    """A node of the tree state → LEA → school.

    `lea` is the LEA that the node lies in: itself for an LEA, the parent for a school, None for the state.
    """

    id: OrganizationId
    level: Level
    code: str
    name: str
    lea: OrganizationId | None
    lea_code: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role held at an organization in one school year: the only source of access."""

    id: AssignmentId
    program: ProgramCode
    role: RoleSlug
    organization: Organization
    school_year: SchoolYear
    status: AssignmentStatus = AssignmentStatus.ACTIVE
    primary: bool = False
    last_day: date | None = None
    """The last day on which the assignment counts; None: to the end of the year."""


@dataclass(frozen=True, slots=True)
class SignedForm:
    program: ProgramCode
    form: str
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Credential:
    """A licence recorded for a person in one LEA; `expires_on` is the last day on which it is good."""

    lea: OrganizationId
    expires_on: date


@dataclass(frozen=True, slots=True)
class RosterPlace:
    """A student group assigned to the person: which, where, of which year."""

    group: GroupId
    organization: OrganizationId
    lea: OrganizationId | None
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Filled:
    """A role that somebody, she included, is assigned at an organization that she heads by the directory (S1-09).

    Suspended assignments fill it too. `until`: the last day on which anybody does; None: to the end of the year. That
    her own role is among them shows that the others were looked for.
    """

    program: ProgramCode
    school_year: SchoolYear
    organization: OrganizationId
    role: RoleSlug
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that decides what one person may do."""

    id: UserId
    status: UserStatus
    assignments: tuple[Assignment, ...] = ()
    forms: frozenset[SignedForm] = field(default_factory=frozenset[SignedForm])
    credentials: tuple[Credential, ...] = ()
    rosters: tuple[RosterPlace, ...] = ()
    filled: tuple[Filled, ...] = ()
    second_step_missing: bool = False
    """She acts in a session without the second step to which roles are held (`policy.second_step`)."""


@dataclass(frozen=True, slots=True)
class Years:
    """The current and, where it is open, the upcoming school year of each program."""

    current: dict[ProgramCode, SchoolYear]
    upcoming: dict[ProgramCode, SchoolYear] = field(default_factory=dict[ProgramCode, SchoolYear])
