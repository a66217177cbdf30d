"""Brings together what questions of access rest on: remembered where this moment's statement proves it, else loaded."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar

from policy.access import AnyOf
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.decide import RoleChange
from policy.facts import Organization, Person, UserStatus
from policy.ids import AssignmentId, GroupId, OrganizationId, UserId
from resolvers.decision_memory import DecisionMemory, InForce, Known
from resolvers.questions import CheckAsked, Told
from resolvers.references import LevelAndCode, OrganizationReference
from store.database import Connection, DatabaseError
from store.decision_facts import Proof, ProofWanted, read_proof
from store.marks import Mark
from store.organizations import organizations_by_codes, organizations_by_ids
from store.people import load_people

Answer = TypeVar("Answer")
_MOST_ROUNDS = 8


class RunsStatements(Protocol):
    """What runs a statement on the request's connection."""

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, with what counts now. `mark`: proves the caller in the questions' own statement.

    `rule`: whom a person may ask about; `give`: the rule of giving roles, whose permissions alone answer questions of
    roles. `member_key`: the keyed hash by which a student's number is known.
    """

    caller: Caller
    rule: AnyOf
    give: AnyOf
    in_force: InForce
    reads: RunsStatements
    memory: DecisionMemory
    member_key: Callable[[str], bytes]
    mark: Mark | None = None

    @property
    def own(self) -> UserId | None:
        return self.caller.user if isinstance(self.caller, PersonCaller) else None


@dataclass(slots=True)
class _Named:
    """Everything that the checks name."""

    people: set[UserId] = field(default_factory=set[UserId])
    places: set[OrganizationReference] = field(default_factory=set[OrganizationReference])
    groups: set[GroupId] = field(default_factory=set[GroupId])
    numbers: set[str] = field(default_factory=set[str])
    assignments: set[AssignmentId] = field(default_factory=set[AssignmentId])
    found: list[tuple[list[Organization], list[OrganizationReference]]] = field(
        default_factory=list[tuple[list[Organization], list[OrganizationReference]]]
    )
    """Places loaded since the last proof: they count, and are kept, once it has shown that the tree is the same."""

    def place(self, *references: OrganizationReference | None) -> None:
        self.places.update(one for one in references if one is not None)


async def told_of(asker: Asker, checks: Sequence[CheckAsked]) -> Told:
    """The facts of the checks, all true at one moment: one statement where memory is warm.

    Raises CallerChangedError where the caller's facts may have changed.
    """
    quick = await _quickly(asker, checks)
    if quick is not None:
        return quick
    named = _named(asker, checks)
    epoch = asker.mark.epoch if asker.mark else None
    proof: Proof | None = None
    for _ in range(_MOST_ROUNDS):
        if epoch is not None:
            await _load(asker, named, epoch, proof)
        proof = await asker.reads.run(partial(read_proof, wanted=_wanted(asker, named), mark=asker.mark))
        if proof.epoch == epoch:
            for organizations, references in named.found:
                asker.memory.at_epoch(proof.epoch).add(organizations, references)
        named.found.clear()
        named.people.update(proof.assignments.values())
        epoch = proof.epoch
        if _is_proven(asker, named, proof):
            return _told(asker, named, proof)
    raise DatabaseError("The facts of this question change as fast as they are read. Ask again in a moment.")


async def _quickly(asker: Asker, checks: Sequence[CheckAsked]) -> Told | None:
    """The facts of questions about places and systems where memory has them all; None: the longer way is needed."""
    mark, memory = asker.mark, asker.memory
    if mark is None:
        return None
    places, own = memory.at_epoch(mark.epoch), asker.own
    known: dict[UserId, Known] = {}
    for check in checks:
        where, subject = check.organization, check.subject
        if check.targets not in _PLAIN or (where is not None and not places.knows(where)):
            return None
        if subject is not None and subject != own and subject not in known:
            person = memory.person(UserId(subject))
            if person is None:
                return None
            known[UserId(subject)] = person
    proof = await asker.reads.run(partial(read_proof, wanted=ProofWanted([*known]), mark=mark))
    people: dict[UserId, Person] = {}
    for user, person in known.items():
        stands = proof.stands.get(user)
        if stands is None or not person.fits(stands):
            return None
        if stands.status is not UserStatus.DELETED:
            people[user] = person.loaded.person
    asserting = isinstance(asker.caller, SystemCaller)
    return Told(asker.in_force, proof, places, people, asker.member_key, asserting, _nobody)


def _nobody(person: Person) -> bool:
    """Questions about places and systems have no person as their target."""
    del person
    return False


_PLAIN: Final = (("organization",), ("system",))


def _named(asker: Asker, checks: Iterable[CheckAsked]) -> _Named:
    named, own = _Named(), asker.own
    for check in checks:
        if check.subject is not None and not check.about_caller and check.subject != own:
            named.people.add(UserId(check.subject))
        if check.organization is not None:
            named.places.add(check.organization)
        elif check.targets and check.targets[0] != "system":
            _name_target(named, check)
    return named


def _name_target(named: _Named, check: CheckAsked) -> None:
    if check.student_group is not None:
        named.groups.add(GroupId(check.student_group))
    named.place(check.group_organization)
    if check.student is not None:
        named.numbers.add(check.student.number)
        named.place(check.student.organization)
    if check.target_user is not None:
        named.people.add(UserId(check.target_user))
    if check.session is not None:
        named.place(*check.session.organizations)
    if check.response is not None:
        named.place(check.response.organization)
    role = check.role
    if role is not None:
        named.place(role.organization)
        if role.user is not None:
            named.people.add(UserId(role.user))
        if role.held is not None and role.change is not RoleChange.ASSIGN:
            named.assignments.add(AssignmentId(role.held))


def _wanted(asker: Asker, named: _Named) -> ProofWanted:
    return ProofWanted(
        list(named.people),
        list(named.groups),
        [asker.member_key(number) for number in named.numbers] if named.numbers else (),
        list(named.assignments),
    )


async def _load(asker: Asker, named: _Named, epoch: int, proof: Proof | None) -> None:
    """What memory doesn't have, or had of another version. The proof that follows says whether it is still true."""
    memory = asker.memory
    stale = [user for user in named.people if _must_load(memory, user, proof)]
    if stale:
        loaded = await asker.reads.run(partial(load_people, users=stale))
        for user, one in loaded.items():
            memory.keep(user, one)
    places = memory.at_epoch(epoch)
    unknown = [one for one in named.places if not places.knows(one)]
    if unknown:
        named.found.append((await _organizations(asker, unknown), unknown))


def _must_load(memory: DecisionMemory, user: UserId, proof: Proof | None) -> bool:
    known = memory.person(user)
    if proof is None or known is None:
        return known is None
    stands = proof.stands.get(user)
    return stands is not None and not known.fits(stands)


async def _organizations(asker: Asker, references: list[OrganizationReference]) -> list[Organization]:
    codes = [(one.level, one.code) for one in references if isinstance(one, LevelAndCode)]
    ids = [OrganizationId(one) for one in references if not isinstance(one, LevelAndCode)]
    found: list[Organization] = []
    if codes:
        by_code = await asker.reads.run(partial(organizations_by_codes, wanted=codes))
        found.extend(one.facts for one in by_code.values())
    if ids:
        by_id = await asker.reads.run(partial(organizations_by_ids, ids=ids))
        found.extend(one.facts for one in by_id.values())
    return found


def _is_proven(asker: Asker, named: _Named, proof: Proof) -> bool:
    """Whether everything named is known as it stands at the proof's moment."""
    memory = asker.memory
    if named.places:
        places = memory.at_epoch(proof.epoch)
        if not all(places.knows(one) for one in named.places):
            return False
    for user in named.people:
        stands = proof.stands.get(user)
        known = memory.person(user)
        if stands is not None and (known is None or not known.fits(stands)):
            return False
    return not any(user not in proof.stands for user in proof.assignments.values())


def _told(asker: Asker, named: _Named, proof: Proof) -> Told:
    people: dict[UserId, Person] = {}
    for user in named.people:
        known = asker.memory.person(user) if user in proof.stands else None
        if known is not None and known.loaded.person.status is not UserStatus.DELETED:
            people[user] = known.loaded.person
    caller = asker.caller
    asserting = isinstance(caller, SystemCaller)

    def reachable(person: Person) -> bool:
        """A system finds those who have something in it now; a person whomever the question's answer shows anyway."""
        if not isinstance(caller, SystemCaller):
            return True
        known = asker.memory.person(person.id)
        return known is not None and not known.access(asker.in_force).systems().isdisjoint(caller.systems)

    places = asker.memory.at_epoch(proof.epoch)
    return Told(asker.in_force, proof, places, people, asker.member_key, asserting, reachable)
