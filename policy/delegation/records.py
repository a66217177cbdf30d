"""What delegation is asked and what it answers: who acts, on whom, what is proposed, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.facts import Assignment, Organization, UserStatus
from policy.grant import Access, ActiveRole
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, UserId


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the access of her active role; `permissions` are those that the operation accepts.

    For what touches a person's identity the access is all of hers, not one role's: it needs every program that the
    other person has roles in (accounts 3). `roles` are all under which she could act; only S0-11 looks at them.
    """

    user: UserId
    access: Access
    permissions: tuple[Permission, ...]
    roles: tuple[ActiveRole, ...] = ()
    kept: dict[str, object] = field(default_factory=dict[str, object], init=False, repr=False, compare=False)
    """What `policy.delegation.authority` has worked out for this actor already."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """The person whose assignments change: all that she holds, in every program and year."""

    user: UserId | None
    """None: an account that doesn't exist yet."""
    status: UserStatus
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class Seats:
    """Who holds a role with a primary holder in one program, LEA and year, suspended ones included."""

    primary: bool
    additional: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A role to be given: which, where, in which year. `seats` None: how many hold it already isn't looked at."""

    program: ProgramCode
    role: RoleSlug
    organization: Organization
    school_year: SchoolYear
    seats: Seats | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Where and when some role is to be given, before it is chosen. `seats`: of each role that has a primary holder."""

    program: ProgramCode
    organization: Organization
    school_year: SchoolYear
    seats: Mapping[RoleSlug, Seats] = field(default_factory=dict[RoleSlug, Seats])

    def proposing(self, role: RoleSlug) -> Proposal:
        return Proposal(self.program, role, self.organization, self.school_year, self.seats.get(role))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the field that is wrong, a code, the rule's number, a sentence, and what to do."""

    field: str
    code: str
    rule: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`under` is the assignment that entitles the actor; None where `refusal` says why not."""

    under: Assignment | None
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


def refuse(field: str, code: str, rule: str, message: str, remedy: str) -> Verdict:
    """A verdict that refuses."""
    return Verdict(None, Refusal(field, code, rule, message, remedy))
