"""An actor's authority as an index: over which places, roles and ranks each of her assignments gives it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from policy.delegation.ranks import rank_of
from policy.delegation.records import Actor
from policy.facts import Assignment
from policy.grant import Grant
from policy.ids import AssignmentId, ProgramCode, RoleSlug, SchoolYear
from policy.pack import Pack, Reach, Role
from policy.packs import Packs
from policy.reach import Place, Range, range_of

_KEPT: Final = "authority"
_Year = tuple[ProgramCode, SchoolYear]


@dataclass(frozen=True, slots=True)
class Hold:
    """An assignment of the actor's in one program and year, with what the operation's permissions reach from it."""

    assignment: Assignment
    role: Role
    rank: int
    ranges: tuple[Range, ...]

    def reaches(self, place: Place) -> bool:
        return any(one.contains(place) for one in self.ranges)

    def names(self, role: Role) -> bool:
        """Whether the role's `assignable_by` names this holder."""
        return any(
            one.role == self.role.slug and (self.assignment.primary or not one.primary) for one in role.assignable_by
        )


class Authority:
    """Worked out once for an actor and a registry of packs; each question is then a look-up."""

    def __init__(self, actor: Actor, packs: Packs) -> None:
        self.actor = actor
        self.packs = packs
        grants = [grant for permission in actor.permissions for grant in actor.access.of(permission)]
        self._holds = _holds(actor, packs, [grant for grant in grants if not grant.every_program])
        self._state = _of_state(actor, grants)
        self._givers: dict[tuple[object, ...], Hold | None] = {}
        self._places: dict[tuple[object, ...], tuple[Hold, ...]] = {}

    @property
    def state(self) -> Assignment | None:
        """The assignment by which the actor acts as the state's own staff, for everybody; None: she doesn't."""
        return self._state

    def giver(self, role: Role, rank: int, place: Place) -> Hold | None:
        """The actor's assignment that may give or take the role there: named as assigner, above, within reach."""
        key = (role.slug, rank, place.program, place.school_year, place.organization)
        if key not in self._givers:
            self._givers[key] = next(
                (hold for hold in self._over(place) if hold.rank < rank and hold.names(role)), None
            )
        return self._givers[key]

    def giving(
        self, program: ProgramCode, school_year: SchoolYear, roles: Iterable[tuple[Role, int]]
    ) -> Iterator[Range]:
        """For whom `giver` finds an assignment, as ranges: of these roles, each with the rank of its holders."""
        known = tuple(roles)
        for hold in self._holds.get((program, school_year), ()):
            named = frozenset(role.slug for role, rank in known if hold.rank < rank and hold.names(role))
            for one in hold.ranges:
                if left := (named & one.roles if one.roles else named):
                    yield replace(one, roles=left)

    def manager(self, rank: int, place: Place) -> Hold | None:
        """The actor's assignment that reaches the place and stands above the rank."""
        return next((hold for hold in self._over(place) if hold.rank < rank), None)

    def reaches(self, place: Place) -> bool:
        return bool(self._over(place))

    def _over(self, place: Place) -> tuple[Hold, ...]:
        if place.program is None or place.school_year is None:
            return ()
        key = (place.program, place.school_year, place.organization, place.role)
        if key not in self._places:
            holds = self._holds.get((place.program, place.school_year), ())
            self._places[key] = tuple(hold for hold in holds if hold.reaches(place))
        return self._places[key]


def authority_of(actor: Actor, packs: Packs) -> Authority:
    """The actor's authority, worked out the first time and kept with her."""
    kept = actor.kept.get(_KEPT)
    if isinstance(kept, Authority) and kept.packs is packs:
        return kept
    found = Authority(actor, packs)
    actor.kept[_KEPT] = found
    return found


def place_of(assignment: Assignment) -> Place:
    """Where an assignment lies, as reach is measured."""
    where = assignment.organization
    return Place(
        where.id, where.level, where.lea, assignment.program, assignment.school_year, assignment.role
    )  # fmt: skip


def _holds(actor: Actor, packs: Packs, grants: list[Grant]) -> Mapping[_Year, tuple[Hold, ...]]:
    """By program and year, in the order in which the actor holds her roles."""
    reached: dict[tuple[AssignmentId, RoleSlug, ProgramCode, SchoolYear], list[Range]] = {}
    for grant in grants:
        one = range_of(grant)
        if one is not None and grant.school_year is not None:
            reached.setdefault((grant.assignment, grant.role, grant.program, grant.school_year), []).append(one)
    found: dict[_Year, list[Hold]] = {}
    for held in actor.access.effective:
        for (identifier, slug, program, year), ranges in reached.items():
            pack = packs.at(program, year)
            if identifier == held.id and slug == held.role and pack is not None:
                found.setdefault((program, year), []).extend(_hold(held, pack, ranges))
    return MappingProxyType({key: tuple(holds) for key, holds in found.items()})


def _hold(held: Assignment, pack: Pack, ranges: list[Range]) -> list[Hold]:
    role = pack.roles.get(held.role)
    return [] if role is None else [Hold(held, role, rank_of(held, role), tuple(dict.fromkeys(ranges)))]


def _of_state(actor: Actor, grants: list[Grant]) -> Assignment | None:
    by = {grant.assignment for grant in grants if grant.every_program and grant.reach is Reach.STATE}
    return next((one for one in actor.access.effective if one.id in by), None)
