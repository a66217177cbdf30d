"""A program pack: roles, matrix, forms and rules of one assessment program from one year on. Data, never code.

`policy.pack_file` reads packs from TOML; `programs/` holds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from policy.facts import Level
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System


class Reach(StrEnum):
    """How far a permission goes from the assignment's organization (never called scope: that word is OAuth's)."""

    STATE = "state"
    """Every organization of the state."""
    LEA = "lea"
    """The LEA and everything below it."""
    SCHOOLS = "schools"
    """Every school of the LEA, not the LEA node."""
    SITE = "site"
    """The assignment's own organization, alone."""
    ROSTER = "roster"
    """Student groups assigned to the person there."""
    ASSIGNED = "assigned"
    """Items that the downstream system assigned to the person there."""
    SELF = "self"
    """The person herself."""


class RosterHolder(StrEnum):
    GATEWAY = "gateway"
    SYSTEM = "system"


class AccountPolicy(StrEnum):
    SINGLE_LEVEL = "single-level"
    MULTI_ROLE = "multi-role"


@dataclass(frozen=True, slots=True)
class PermissionTerm:
    """One permission of the vocabulary in `programs/permissions.toml`."""

    name: Permission
    label: str
    """What someone with it can do, as one plain phrase."""
    by_assessment: bool = False
    """Whether each grant of it must name the kinds of assessment that it covers."""
    by_report: bool = False
    """Whether a grant of it may be narrowed to named reports."""
    earlier_years: bool = False
    """Whether a grant of the current year also covers earlier years' data at the same organizations."""


@dataclass(frozen=True, slots=True)
class PackSystem:
    code: System
    label: str
    rosters: RosterHolder
    """Who knows which students a person's groups hold: the gateway, or the downstream system."""


@dataclass(frozen=True, slots=True)
class GrantSpec:
    """One permission as a cell gives it."""

    permission: Permission
    reach: Reach
    assessments: frozenset[str] = frozenset()
    """Kinds of assessment; empty only where the vocabulary says that the permission isn't divided by them."""
    reports: frozenset[str] = frozenset()
    """Names of reports; empty: all that the system has at this reach."""
    about_roles: frozenset[RoleSlug] = frozenset()
    """For permissions over users: only assignments of these roles; empty: of every role of the program."""
    upcoming: bool = False
    """Whether a current assignment also gives this for the upcoming school year (S1-12)."""
    only_on: tuple[date, date] | None = None
    """An override's first and last day; None: always."""
    not_on: tuple[tuple[date, date], ...] = ()
    """Days on which an override stands in its place."""

    def counts_on(self, day: date) -> bool:
        """Whether the role is given this on that day of the state's calendar."""
        if self.only_on is not None and not self.only_on[0] <= day <= self.only_on[1]:
            return False
        return not any(first <= day <= last for first, last in self.not_on)


@dataclass(frozen=True, slots=True)
class CellOverride:
    """What the state has set for some days. `given` None: the permission isn't given at all.

    From the first day to the last, by the state's calendar.
    """

    id: UUID
    program: ProgramCode
    from_year: str
    """Of the pack's version; '' for one that is not tied to a year."""
    role: RoleSlug
    permission: Permission
    given: GrantSpec | None
    first_day: date
    last_day: date
    basis: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a source matrix, with what it gives."""

    row: str
    role: RoleSlug
    text: str
    """The cell as the source prints it; empty where a sentence, not a table, is the source."""
    grants: tuple[GrantSpec, ...]
    basis: str
    """`S1, Table 2`, or the rule number of a sentence: `S1-37`."""
    differs: str = ""
    """Where cell and sentence of the source disagree: what was decided, and why."""
    stated: bool = True
    """False where the source leaves the cell empty: it grants nothing, and says that nothing is known."""
    group: str = ""
    """The heading under which the source's table has the row; empty where it has none."""
    overrides: tuple["CellOverride", ...] = ()
    """Those that stand beside what the source gives (`policy.overrides`)."""


@dataclass(frozen=True, slots=True)
class Assigner:
    """A role that may assign another; with `primary`, only its primary holder."""

    role: RoleSlug
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    slug: RoleSlug
    label: str
    levels: frozenset[Level]
    """Levels of organization at which it may be held; one, but for Tools for Teachers Only."""
    rank: int
    """Smaller stands higher."""
    primary_rank: int | None = None
    """The rank of its primary holder; None: the role has none."""
    aliases: tuple[str, ...] = ()
    """Codes and labels of the sources that mean this role."""
    assignable_by: tuple[Assigner, ...] = ()
    derived: str = ""
    """Where it comes from when no role assigns it: `directory`, or `operator` for what is given on the host."""
    forms: tuple[str, ...] = ()
    """Slugs of the security forms to be signed before it counts."""
    credential: bool = False
    second_step: bool = False
    """Whether it counts only in a session that began with a second step (AAL2)."""
    self_registration: bool = False
    """Whether people with an address of a domain that their LEA listed may register for it themselves (S1-03)."""
    summary: str = ""
    """One sentence of what it lets someone see and do."""
    caution: str = ""
    """A warning shown when it is assigned (S1-29)."""
    stands_in_for: RoleSlug | None = None
    """The role that its holder has by default at the same organization while nobody is assigned it (S1-09)."""
    addition: bool = False
    """Whether it may be held beside another role that doesn't give what it gives (S1-25)."""


@dataclass(frozen=True, slots=True)
class Form:
    slug: str
    label: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class OneStudentSessions:
    """Which test sessions are given one-on-one (S1-21); empty: none is stated to be."""

    assessments: frozenset[str] = frozenset()
    grade_bands: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    """Permissions that are about such sessions alone."""

    def is_one(
        self, permission: Permission | None, assessment: str | None, grade_band: str | None, domain: str | None
    ) -> bool | None:
        """Whether such a session is one; None: what isn't said leaves it open. Case and kind of dash don't matter."""
        if permission in self.permissions:
            return True
        told = ((assessment, self.assessments), (grade_band, self.grade_bands), (domain, self.domains))
        if any(word is not None and _plain(word) in known for word, known in told):
            return True
        return None if any(word is None and known for word, known in told) else False


def _plain(word: str) -> str:
    return word.strip().casefold().replace("–", "-")


@dataclass(frozen=True, slots=True)
class Pack:
    program: ProgramCode
    label: str
    from_year: SchoolYear | None
    """First school year of this version; None for the state's own pack, which is not tied to a year."""
    account_policy: AccountPolicy
    assessments: tuple[str, ...]
    """The kinds of assessment that the program knows."""
    systems: Mapping[System, PackSystem]
    roles: Mapping[RoleSlug, Role]
    cells: tuple[Cell, ...]
    forms: Mapping[str, Form]
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """Title of each source document by its short name."""
    every_program: bool = False
    """Grants reach into every program and year: the state's own pack alone."""
    last_label_limit: int | None = None
    """Most characters of an e-mail address's last label (S0-27)."""
    additional_coordinators: int | None = None
    """How many may hold a role beside its primary holder in one LEA; None: any number."""
    held_role_not_assignable: bool = False
    """Whether nobody may assign a role that she holds herself somewhere beside the one she acts under (S0-11)."""
    one_student_sessions: OneStudentSessions = field(default_factory=OneStudentSessions)
    loaded_by_default: bool = True
    last_year: SchoolYear | None = None
    """Last school year for which this version counts; None: until a newer version."""

    def grants_of(self, role: RoleSlug) -> tuple[tuple[Cell, GrantSpec], ...]:
        """Each permission that the role is given, with the cell that gives it."""
        return tuple((cell, spec) for cell in self.cells if cell.role == role for spec in cell.grants)
