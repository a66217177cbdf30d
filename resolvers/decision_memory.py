"""What questions of access rest on, kept in a bounded memory: people and places, used only when they are proven.

Nothing here needs to be told of a change. A person's facts are of a version, a place's of an epoch; each question's
own statement reads both again, and what doesn't fit is loaded anew.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from policy.decide import Decision
from policy.facts import Organization, Years
from policy.grant import Access, ActiveRole, in_programs, under
from policy.grants import access_of
from policy.ids import OrganizationId, System, UserId, system_of
from policy.packs import Packs
from resolvers.references import LevelAndCode, OrganizationReference
from store.decision_facts import Stands
from store.people import LoadedPerson

MOST_PEOPLE: Final = 20_000
MOST_PLACES: Final = 50_000
MOST_ANSWERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class InForce:
    """What everybody's access follows from beside the facts: packs and years, and the date in the state's zone."""

    packs: Packs
    years: Years
    today: date


@dataclass(slots=True)
class Known:
    """A person's facts at a version, and what followed from them under the packs and on the day asked last."""

    loaded: LoadedPerson
    _in_force: InForce | None = None
    _access: Access | None = None
    _systems: frozenset[System] = frozenset()
    _in_programs: Access | None = None
    _acting: dict[ActiveRole, Access] = field(default_factory=dict[ActiveRole, Access])

    def fits(self, stands: Stands) -> bool:
        return stands.version == self.loaded.version and stands.status is self.loaded.person.status

    def access(self, in_force: InForce, acting: ActiveRole | None = None) -> Access:
        """All that she may do, or under one active role. The same object as long as nothing changes."""
        whole = self._access
        if whole is None or not _same(self._in_force, in_force):
            whole = access_of(self.loaded.person, in_force.packs, in_force.years, in_force.today)
            every = (*whole.grants, *(grant for one in whole.withheld for grant in one.grants))
            self._access, self._in_force = whole, in_force
            self._systems = frozenset(system_of(grant.permission) for grant in every)
            self._acting.clear()
            self._in_programs = None
        if acting is None:
            return whole
        if acting not in self._acting:
            if len(self._acting) >= _MOST_ROLES:
                self._acting.clear()
            self._acting[acting] = under(whole, acting)
        return self._acting[acting]

    def in_programs(self, in_force: InForce) -> Access:
        """What a relying party is told that is told all roles together: the state's own are left out."""
        whole = self.access(in_force)
        if self._in_programs is None:
            self._in_programs = in_programs(whole)
        return self._in_programs

    def concerns(self, in_force: InForce, systems: frozenset[System]) -> bool:
        """Whether she has, or would have, anything in the systems: of others these don't learn that they exist."""
        self.access(in_force)
        return not self._systems.isdisjoint(systems)


_MOST_ROLES = 20


def _same(one: InForce | None, other: InForce) -> bool:
    return one is other or (
        one is not None and one.packs is other.packs and one.years is other.years and one.today == other.today
    )


class Places:
    """Organizations by id and by level and code, as of one epoch."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch = epoch
        self._by_id: dict[OrganizationId, Organization] = {}
        self._by_code: dict[LevelAndCode, Organization] = {}
        self._absent: set[OrganizationReference] = set()

    def add(self, found: Iterable[Organization], sought: Iterable[OrganizationReference]) -> None:
        """`sought`: what was looked for; what wasn't found isn't there."""
        if len(self._absent) > MOST_PLACES:
            self._absent.clear()  # what is forgotten here is still not there for a question that is being judged
        for one in found:
            self._by_id[one.id] = one
            self._by_code[LevelAndCode(one.level, one.code)] = one
        self._absent.update(one for one in sought if self.get(one) is None)

    @property
    def is_full(self) -> bool:
        return len(self._by_id) > MOST_PLACES

    def get(self, reference: OrganizationReference) -> Organization | None:
        if isinstance(reference, LevelAndCode):
            return self._by_code.get(reference)
        return self._by_id.get(OrganizationId(reference))

    def knows(self, reference: OrganizationReference) -> bool:
        return self.get(reference) is not None or reference in self._absent


class Answers:
    """Decisions by the access that was judged and the check that was asked: about places and systems alone.

    Both are kept with the decision, so that their identities stay their own as long as it is found by them.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[Access, object, Decision]] = {}

    def get(self, access: Access, check: object) -> Decision | None:
        kept = self._kept.get((id(access), id(check)))
        return None if kept is None else kept[2]

    def keep(self, access: Access, check: object, decision: Decision) -> None:
        if len(self._kept) >= MOST_ANSWERS:
            self._kept.clear()
        self._kept[id(access), id(check)] = (access, check, decision)


class DecisionMemory:
    """One process's memory of people, places and decisions."""

    def __init__(self, most_people: int = MOST_PEOPLE) -> None:
        self._most = most_people
        self._people: OrderedDict[UserId, Known] = OrderedDict()
        self.places = Places(None)
        self.answers = Answers()

    def person(self, user: UserId) -> Known | None:
        found = self._people.get(user)
        if found is not None:
            self._people.move_to_end(user)
        return found

    def keep(self, user: UserId, loaded: LoadedPerson) -> None:
        self._people[user] = Known(loaded)
        self._people.move_to_end(user)
        while len(self._people) > self._most:
            self._people.popitem(last=False)

    def forget(self, user: UserId) -> None:
        self._people.pop(user, None)

    def at_epoch(self, epoch: int) -> Places:
        """The places as of the epoch. Another epoch's are put away, with the decisions that rest on them; too many
        as well, whole, since questions that are being judged still read them.
        """
        if self.places.epoch != epoch or self.places.is_full:
            self.places = Places(epoch)
            self.answers = Answers()
        return self.places
