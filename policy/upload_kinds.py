"""Files of people as rules look at them: rows that differ in nothing of it are one kind and are judged once."""

from dataclasses import dataclass
from enum import StrEnum

from policy.delegation import Refusal
from policy.facts import Level, UserStatus
from policy.ids import OrganizationId, RoleSlug


class RowAction(StrEnum):
    """What a row asks for (decisions, files)."""

    REPLACE = "replace"
    """The role takes the place of whatever the person holds there (S0-39)."""
    ADD = "add"
    DELETE = "delete"


class UploadState(StrEnum):
    """What has become of a file."""

    RECEIVED = "received"
    VALIDATING = "validating"
    VALIDATED = "validated"
    REFUSED = "refused"
    """The file can't be applied as it is."""
    APPLYING = "applying"
    APPLIED = "applied"
    CANCELLED = "cancelled"


class Clash(StrEnum):
    """What is wrong among the file's own rows."""

    TWICE = "twice"
    TWO_ROLES = "two-roles"
    """S0-41."""
    TWO_NAMES = "two-names"
    """A new account under different names."""
    RELEASED = "released"
    """A new account under an address that somebody else had less than 24 months ago."""


class Outcome(StrEnum):
    """What happens to a row."""

    CREATED = "created"
    REPLACED = "replaced"
    ADDED = "added"
    REMOVED = "removed"
    REACTIVATED = "reactivated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Held:
    """A role of the row's person in the file's program and year. `dropped`: another row asks for its deletion."""

    role: RoleSlug
    status: str
    primary: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """`rows` rows of a file, from row `first_row` on, that no rule tells apart."""

    number: int
    rows: int
    first_row: int
    action: RowAction
    role: RoleSlug
    level: Level
    code: str
    """Of the first row; all rows of a kind with an organization have the same."""
    organization: OrganizationId | None
    """None: there is no such organization."""
    status: UserStatus | None
    """None: no account has the address."""
    own: bool
    """The account is that of whoever sends the file."""
    held: tuple[Held, ...]
    """At the organization."""
    others: tuple[Held, ...]
    """Elsewhere; each role once."""
    clash: Clash | None
    print: int = 0
    """Changes with the rows, accounts and assignments that make up the kind."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What happens to the rows of one kind.

    `under`: the role by which the sender may. `gives`: an assignment is made. `takes`: which of `Kind.held` are taken
    away, counted from 0, and `taken_roles` what they are.
    """

    outcome: Outcome
    under: RoleSlug | None = None
    gives: bool = False
    takes: tuple[int, ...] = ()
    taken_roles: tuple[RoleSlug, ...] = ()
    refusal: Refusal | None = None
