"""What a question of access can be about, with the facts by which it is judged."""

from dataclasses import dataclass
from enum import StrEnum

from policy.delegation import Proposal, Recipient
from policy.facts import Assignment, Years
from policy.ids import GroupId, System, UserId
from policy.packs import Packs
from policy.reach import Place


@dataclass(frozen=True, slots=True)
class OrganizationTarget:
    """Everything at an organization."""

    place: Place


@dataclass(frozen=True, slots=True)
class GroupTarget:
    """One student group. `asserted`: the asking system vouches that it holds the group for the person."""

    group: GroupId | None
    place: Place
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class StudentTarget:
    """One student: the school that the asking system names, and the gateway's groups that she is a member of."""

    place: Place | None
    groups: frozenset[GroupId] = frozenset()
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class UserTarget:
    """A person: where her current and upcoming assignments lie. `every`: all of them must be reached, not one."""

    user: UserId
    places: tuple[Place, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class ItemTarget:
    """An item of a downstream system (a response to score) and the person to whom that system assigned it."""

    place: Place
    assigned_to: UserId | None


@dataclass(frozen=True, slots=True)
class SessionTarget:
    """A test session: the schools of its students, how many they are, and whether its kind is given one-on-one.

    `one_on_one` None: the question leaves open whether it is such a kind.
    """

    places: tuple[Place, ...]
    students: int
    one_on_one: bool | None


class RoleChange(StrEnum):
    ASSIGN = "assign"
    REMOVE = "remove"
    DESIGNATE = "designate"
    """Make a coordinator the primary one (S1-08)."""


@dataclass(frozen=True, slots=True)
class RoleTarget:
    """A role to be given, or one that is `held` to be taken away or made the primary one."""

    change: RoleChange
    recipient: Recipient
    packs: Packs
    years: Years
    asked: Proposal
    """The role that is to be given, or as what the held one was given."""
    held: Assignment | None = None

    @property
    def place(self) -> Place:
        where = self.asked.organization
        return Place(where.id, where.level, where.lea, self.asked.program, self.asked.school_year, self.asked.role)


@dataclass(frozen=True, slots=True)
class SystemTarget:
    """Entering a system at all."""

    system: System


Target = (
    OrganizationTarget
    | GroupTarget
    | StudentTarget
    | UserTarget
    | ItemTarget
    | SessionTarget
    | RoleTarget
    | SystemTarget
)
