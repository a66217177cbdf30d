"""The rows that the store hands out: frozen records, each with the place that the access rules judge it by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from policy.access import Subject
from policy.facts import AssignmentStatus, Level, Organization, UserStatus
from policy.ids import AssignmentId, GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of a keyset page in their order, each with its cursor (equally many)."""

    rows: tuple[T, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: `exact` up to 10,000, above that None beside `at_least`."""

    exact: int | None
    at_least: int


@dataclass(frozen=True, slots=True)
class OrganizationRecord:
    """`in_own_systems`: somebody at it or, for an LEA, below it has an active grant in the calling system."""

    id: OrganizationId
    level: Level
    code: str
    name: str
    parent_id: OrganizationId | None
    lea_id: OrganizationId | None
    lea_code: str | None
    funding: str | None
    active: bool
    version: int
    in_own_systems: bool = False

    @property
    def place(self) -> Place:
        return Place(self.id, self.level, self.lea_id)

    @property
    def subject(self) -> Subject:
        return Subject(places=(self.place,), in_own_systems=self.in_own_systems)

    @property
    def facts(self) -> Organization:
        """The same organization as the core reads it."""
        return Organization(self.id, self.level, self.code, self.name, self.lea_id, self.lea_code, self.active)


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person. Erased accounts are no records.

    `places`: where her current and upcoming assignments lie, suspended ones included, in all programs. Somebody
    without any lies in the state itself and in no program (program and year are ''), so that only a reach over
    every program finds her. `in_own_systems`: she has an active grant in one of the calling system's systems.
    """

    id: UserId
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    fax: str | None
    status: UserStatus
    version: int
    places: tuple[Place, ...]
    in_own_systems: bool = False

    @property
    def subject(self) -> Subject:
        return Subject(owner=self.id, places=self.places, in_own_systems=self.in_own_systems)


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """A role held somewhere. `school_year` is '' for roles that are not tied to a year.

    `in_own_systems`: this assignment gives an active grant in one of the calling system's systems.
    """

    id: AssignmentId
    user_id: UserId
    program: ProgramCode
    role: RoleSlug
    organization_id: OrganizationId
    lea_id: OrganizationId | None
    level: Level
    school_year: SchoolYear
    status: AssignmentStatus
    primary: bool
    origin: str
    assigned_by: UserId | None
    assigned_under: str | None
    assigned_at: datetime
    last_day: date | None
    version: int = 1
    in_own_systems: bool = False

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.level, self.lea_id, self.program, self.school_year, self.role)

    @property
    def subject(self) -> Subject:
        return Subject(owner=self.user_id, places=(self.place,), in_own_systems=self.in_own_systems)


@dataclass(frozen=True, slots=True)
class StudentGroupRecord:
    """A roster of one organization and year; its students are never records."""

    id: GroupId
    organization_id: OrganizationId
    lea_id: OrganizationId | None
    level: Level
    school_year: SchoolYear
    name: str
    subject_area: str | None
    student_count: int
    version: int

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.level, self.lea_id, None, self.school_year)

    @property
    def subject(self) -> Subject:
        return Subject(places=(self.place,), group=self.id)


@dataclass(frozen=True, slots=True)
class SignedFormRecord:
    user_id: UserId
    program: ProgramCode
    form: str
    school_year: SchoolYear
    form_version: str
    signed_name: str
    signed_at: datetime
    text_digest: bytes | None = None
    """SHA-256 of the text that was shown; None: signed before it was kept."""


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """`expires_on` is the last day on which it is good. `held_at`: where the person holds roles in that LEA.

    Whoever sees one of these roles sees the license that it may ask for.
    """

    id: UUID
    user_id: UserId
    lea_id: OrganizationId
    number: str
    expires_on: date
    recorded_by: UserId | None
    recorded_at: datetime
    held_at: tuple[Place, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.lea_id, Level.LEA, self.lea_id)

    @property
    def subject(self) -> Subject:
        return Subject(owner=self.user_id, places=(self.place, *self.held_at))


@dataclass(frozen=True, slots=True)
class UnsignedFormRecord:
    """A form that a person's role asks for and that she hasn't signed. Found only where the caller sees the role."""

    user_id: UserId
    program: ProgramCode
    school_year: SchoolYear
    form: str
