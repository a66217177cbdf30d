"""Who stands above whom: by rank inside a program, by level across programs (decisions, delegation 2 and 5)."""

from dataclasses import dataclass
from typing import Final

from policy.facts import Assignment, Level
from policy.ids import ProgramCode
from policy.pack import Pack, Role
from policy.packs import Packs

_HEIGHT: Final = {Level.STATE: 0, Level.LEA: 1, Level.SCHOOL: 2}
_SUPERINTENDENT, _COORDINATOR, _OTHER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Height:
    """How high a holder stands; in each part a smaller number is higher. `kind`: superintendent, coordinator, other."""

    program: ProgramCode
    rank: int
    level: int
    kind: int

    def is_above(self, other: "Height") -> bool:
        """Inside a program the ranks are compared; across programs level and kind. Equals stand above nobody."""
        if self.program == other.program:
            return self.rank < other.rank
        return (self.level, self.kind) < (other.level, other.kind)


def rank_of(assignment: Assignment, role: Role) -> int:
    """The rank of a holder; the primary one stands higher. Smaller is higher."""
    return role.primary_rank if assignment.primary and role.primary_rank is not None else role.rank


def height_of(assignment: Assignment, packs: Packs) -> Height | None:
    """None for a role that no pack of its year knows: nobody is then known to stand above it."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None:
        return None
    level = _HEIGHT[assignment.organization.level]
    return Height(assignment.program, rank_of(assignment, role), level, _kind(pack, role))


def _kind(pack: Pack, role: Role) -> int:
    if role.derived and any(one.role == role.slug for other in pack.roles.values() for one in other.assignable_by):
        return _SUPERINTENDENT
    coordinates = any(one.role == role.slug for other in pack.roles.values() for one in other.assignable_by)
    return _COORDINATOR if coordinates else _OTHER
