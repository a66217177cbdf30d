"""The directory as it is known, and its difference to a file: the records that `policy.directory` works with."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy.directory_rows import DirectoryRow, Funding, Superintendent
from policy.facts import Level, UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId


class ChangeKind(StrEnum):
    ADDED = "added"
    RENAMED = "renamed"
    RECODED = "recoded"
    MOVED = "moved"
    REFUNDED = "funding changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    HEAD_ADDED = "superintendent added"
    HEAD_CHANGED = "superintendent changed"
    HEAD_GONE = "superintendent gone"
    HEAD_EXTENDED = "superintendent's roles completed"


@dataclass(frozen=True, slots=True)
class KnownOrganization:
    id: OrganizationId
    level: Level
    code: str
    name: str
    parent: OrganizationId | None
    funding: Funding | None
    active: bool


@dataclass(frozen=True, slots=True, order=True)
class DerivedRole:
    """A role that the directory gives, in the current year of its program."""

    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class KnownHead:
    """One derived assignment as it is stored."""

    lea: OrganizationId
    role: DerivedRole
    assignment: AssignmentId
    email_key: str


@dataclass(frozen=True, slots=True)
class KnownUser:
    """An account with one of the file's addresses."""

    id: UserId
    first_name: str
    last_name: str
    status: UserStatus


@dataclass(frozen=True, slots=True)
class KnownDirectory:
    """All that is stored of the directory; `users` by the key of their address."""

    organizations: tuple[KnownOrganization, ...]
    heads: tuple[KnownHead, ...]
    users: Mapping[str, KnownUser]
    derived: tuple[DerivedRole, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The forms in which addresses and names are compared."""

    email: Callable[[str], str]
    name: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference; `row` None: the organization isn't in the file."""

    kind: ChangeKind
    level: Level
    code: str
    name: str
    row: int | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A row with the organization that it is about; None: a new one."""

    row: DirectoryRow
    known: KnownOrganization | None


@dataclass(frozen=True, slots=True)
class NewHead:
    """An assignment to be given: at the LEA of this code, to the person with this address."""

    lea_code: str
    role: DerivedRole
    person: Superintendent


@dataclass(frozen=True, slots=True)
class Difference:
    """`organizations`: rows that add or change one. `closing`: those that the file leaves out."""

    changes: tuple[Change, ...]
    organizations: tuple[Matched, ...]
    closing: tuple[KnownOrganization, ...]
    new_heads: tuple[NewHead, ...]
    ending_heads: tuple[AssignmentId, ...]
    notes: tuple[str, ...]
    must_accept: tuple[str, ...]
    """Why somebody must accept the difference first; empty: it may be applied as it is."""

    @property
    def counts(self) -> dict[str, int]:
        """How many changes of each kind."""
        found = Counter(change.kind.value for change in self.changes)
        return {kind.value: found[kind.value] for kind in ChangeKind if found[kind.value]}
