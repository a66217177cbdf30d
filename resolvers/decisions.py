"""Decisions: who may ask about whom, and what each kind of caller is told. The one way for every surface."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from policy.access import AnyOf, Subject, holds
from policy.caller import Anonymous, PersonCaller, SystemCaller
from policy.decide import Decision, Question, RoleTarget, Target, UserTarget, decide
from policy.facts import Assignment, Person
from policy.grant import Access, narrowed_to, under
from policy.grants import access_of
from policy.ids import System, UserId, system_of
from policy.reach import Place
from policy.reasons import MissingStep, Reason
from resolvers.asking import Asking
from resolvers.decision_facts import Asker, told_of
from resolvers.decision_memory import DecisionMemory, InForce
from resolvers.grants import GrantRow, grant_row
from resolvers.questions import CheckAsked, Sought, StudentAsked, Told, places_of, sought, unseen
from resolvers.refusals import bad_input
from store.access_version import AccessVersion, InvalidAccessVersionError

__all__ = [
    "NOWHERE",
    "Asker",
    "CheckAsked",
    "DecisionRow",
    "Judge",
    "Judged",
    "StudentAsked",
    "SubjectAccess",
    "asker_of",
    "decide_all",
    "decision_row",
    "judge_of",
    "one_target",
    "version_of",
]

MOST_CHECKS = 100
NOBODY = Decision(False, Reason.NO_ASSIGNMENT, "There is no such person, or not one whom you may see.")
NOWHERE = Decision(False, Reason.NOT_THIS_ORGANIZATION, "There is no such thing.")
"""For whoever would reach it wherever it were; to all others what isn't there is as what they don't reach."""
NOT_ABOUT_ROLES = Decision(False, Reason.NO_ASSIGNMENT, "By this permission nobody gives or takes roles.")
OTHER_SYSTEM = Decision(False, Reason.NOT_YOUR_SYSTEM, "The permission belongs to another system.")
NO_ROLE_NAMED = Decision(False, Reason.ACTIVE_ROLE_MISSING, "Name the role under which she acts.")


@dataclass(frozen=True, slots=True)
class DecisionRow:
    id: UUID
    allowed: bool
    reason: Reason
    explanation: str | None
    grant: GrantRow | None
    missing: tuple[MissingStep, ...] | None
    access_version: str | None
    asserted: bool = False


@dataclass(frozen=True, slots=True)
class SubjectAccess:
    """A check whose subject the caller may ask about: the access that it is judged by, and its version."""

    access: Access
    version: int
    lasting: bool = False
    """Whether the access is the same object at the next question, as long as nothing changes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`version`: of the last change that concerns the subject; None where nothing of her was looked at.

    `asserted`: the answer rests on the asker's word, for a student's school or for whom a system holds.
    """

    decision: Decision
    version: int | None = None
    asserted: bool = False


@dataclass(slots=True)
class Judge:
    """Answers the checks whose facts were brought together. Without IO: the same for one question and for many."""

    asker: Asker
    told: Told
    _others: dict[UserId, SubjectAccess | Decision] = field(
        default_factory=dict[UserId, SubjectAccess | Decision], init=False
    )

    def judged(self, check: CheckAsked) -> Judged:
        found = self.subject(check)
        if isinstance(found, Decision):
            return Judged(found)
        memory = self.asker.memory
        lasting = found.lasting and check.lasting and memory.places is self.told.places
        answers = memory.answers if lasting else None
        known = answers.get(found.access, check) if answers else None
        if known is not None:
            return Judged(known, found.version)
        if check.role is not None and all(check.permission != one.permission for one in self.asker.give):
            return Judged(NOT_ABOUT_ROLES, found.version)
        asked = self.asked(check, found)
        judged = self._decided(asked, found)
        if asked.steady and answers:
            answers.keep(found.access, check, judged.decision)
        return judged

    def asked(self, check: CheckAsked, found: SubjectAccess) -> Sought:
        """The core's question. Whom the asker doesn't see, and who gives a role doesn't see, is nobody."""
        asked = sought(check, self.told)
        seen = self._sees_recipient(asked.question, found) and self._asker_sees(asked.question.target, found)
        return asked if seen else unseen(asked)

    def _decided(self, asked: Sought, found: SubjectAccess) -> Judged:
        """The core's answer. What isn't there is never allowed, however far a reach goes."""
        decision = decide(found.access, asked.question)
        told = decision if asked.known or not decision.allowed else NOWHERE
        return Judged(told, found.version, asked.asserted and told.allowed)  # of a denial it would tell what there is

    def _sees_recipient(self, question: Question, found: SubjectAccess) -> bool:
        """Who gives or takes a role must see the person: as the mutation, which finds nobody else."""
        target = question.target
        if not isinstance(target, RoleTarget) or target.recipient.user is None:
            return True
        person = self.told.people.get(target.recipient.user)
        if person is None:
            return False
        giver = PersonCaller(found.access.user, found.access, None, found.version)
        return holds(giver, self.asker.rule, Subject(person.id, places_of(person)))

    def _asker_sees(self, target: Target, found: SubjectAccess) -> bool:
        """By another's reach a person isn't told of people whom she may not see; her own shows what it reaches."""
        caller = self.asker.caller
        if not isinstance(caller, PersonCaller) or found.access.user == caller.user:
            return True
        match target:
            case UserTarget(user):
                asked_about: UserId | None = user
            case RoleTarget(recipient=recipient):
                asked_about = recipient.user
            case _:
                asked_about = None
        person = self.told.people.get(asked_about) if asked_about else None
        return person is None or self._may_ask_about(caller, person)

    def subject(self, check: CheckAsked) -> SubjectAccess | Decision:
        """The access to be judged, or the answer that needs none."""
        found = self._subject(check)
        if isinstance(found, Decision) or check.acting_at is None:
            return found
        return SubjectAccess(narrowed_to(found.access, check.acting_at), found.version)

    def _subject(self, check: CheckAsked) -> SubjectAccess | Decision:
        caller = self.asker.caller
        if isinstance(caller, Anonymous):
            return NOBODY
        system = check.system if check.permission is None else system_of(check.permission)
        if caller.systems is not None and system not in caller.systems:
            return OTHER_SYSTEM
        own = self.asker.own
        about = own if check.about_caller else check.subject
        if isinstance(caller, PersonCaller) and about is not None and about == own:
            acting = under(caller.access, check.acting_as)
            return SubjectAccess(acting, caller.version, lasting=check.acting_as is None)
        if isinstance(caller, SystemCaller):
            if check.acting_as is None and not caller.in_union:
                return NO_ROLE_NAMED
            return self._for_system(caller, check, about)
        found = self._for_person(caller, about)
        if isinstance(found, Decision) or check.acting_as is None:
            return found
        return replace(found, access=under(found.access, check.acting_as))

    def _for_system(self, caller: SystemCaller, check: CheckAsked, about: UUID | None) -> SubjectAccess | Decision:
        """A system may ask about anybody who has something in it: it is told codes of its own permissions alone."""
        person = self.told.people.get(UserId(about)) if about else None
        known = self.asker.memory.person(person.id) if person else None
        if known is None or not known.concerns(self.asker.in_force, caller.systems):
            return NOBODY
        in_force, acting = self.asker.in_force, check.acting_as
        access = known.in_programs(in_force) if acting is None else known.access(in_force, acting)
        return SubjectAccess(access, known.loaded.version, lasting=True)

    def _for_person(self, caller: PersonCaller, about: UUID | None) -> SubjectAccess | Decision:
        """Somebody else, as far as the caller sees her assignments."""
        if about is None:
            return NOBODY
        user = UserId(about)
        if user not in self._others:
            self._others[user] = self._seen(caller, user)
        return self._others[user]

    def _seen(self, caller: PersonCaller, user: UserId) -> SubjectAccess | Decision:
        person = self.told.people.get(user)
        known = self.asker.memory.person(user)
        if person is None or known is None or not self._may_ask_about(caller, person):
            return NOBODY
        seen = tuple(one for one in person.assignments if self._sees(caller, user, one))
        in_force = self.asker.in_force
        access = access_of(replace(person, assignments=seen), in_force.packs, in_force.years, in_force.today)
        return SubjectAccess(access, known.loaded.version)

    def _may_ask_about(self, caller: PersonCaller, person: Person) -> bool:
        known = self.asker.memory.person(person.id)
        mine = caller.systems or frozenset[System]()
        shared = known is not None and not known.access(self.asker.in_force).systems().isdisjoint(mine)
        return holds(caller, self.asker.rule, Subject(person.id, places_of(person), in_own_systems=shared))

    def _sees(self, caller: PersonCaller, owner: UserId, one: Assignment) -> bool:
        here = one.organization
        place = Place(here.id, here.level, here.lea, one.program, one.school_year, one.role)
        return holds(caller, self.asker.rule, Subject(owner, (place,), in_own_systems=True))


async def judge_of(asker: Asker, checks: list[CheckAsked], at_least: str | None = None) -> Judge:
    """A judge with the facts of the checks. Refuses a version that was never given out, and too many checks.

    The facts are those of this moment, which hold every version that was ever given out.
    """
    if len(checks) > MOST_CHECKS:
        raise bad_input(f"{len(checks)} checks at once: ask for at most {MOST_CHECKS}.")
    least = None if at_least is None else version_of(at_least)
    told = await told_of(asker, checks)
    if least is not None and least > told.proof.version:
        raise bad_input("atLeast is no access version that was given out: pass on one from an answer of this service.")
    return Judge(asker, told)


def version_of(text: str) -> int:
    """The number behind an access version's text. Raises RefusedError."""
    try:
        return AccessVersion.of(text).number
    except InvalidAccessVersionError as error:
        raise bad_input(str(error)) from error


async def decide_all(
    asking: Asking, checks: list[CheckAsked], at_least: str | None, rule: AnyOf, give: AnyOf
) -> list[DecisionRow]:
    """One decision per check, in their order."""
    for check in checks:
        one_target(check)
    judge = await judge_of(asker_of(asking, rule, give), checks, at_least)
    return [_row_of(asking, judge.judged(check)) for check in checks]


def decision_row(asking: Asking, decision: Decision, version: int | None) -> DecisionRow:
    """A system is told the reason code, a person the whole explanation."""
    return _row_of(asking, Judged(decision, version))


def _row_of(asking: Asking, judged: Judged) -> DecisionRow:
    told = not isinstance(asking.caller, SystemCaller)
    decision, version = judged.decision, judged.version
    return DecisionRow(
        id=asking.new_id(),
        allowed=decision.allowed,
        reason=decision.reason,
        explanation=decision.explanation if told else None,
        grant=grant_row(decision.grant) if decision.grant and told else None,
        missing=decision.missing if told else None,
        access_version=None if version is None else AccessVersion(version).text,
        asserted=judged.asserted,
    )


def one_target(check: CheckAsked) -> None:
    """Refuses a check about nothing, or about several things."""
    if len(check.targets) != 1:
        raise bad_input(
            "A check asks about one thing: give exactly one of organization, studentGroup, student, targetUser, "
            "testSession, response, roleAssignment, system."
        )
    if (check.permission is None) != (check.system is not None):
        raise bad_input("A check names a permission, and none where it asks whether a system may be opened.")


def asker_of(asking: Asking, rule: AnyOf, give: AnyOf) -> Asker:
    in_force = InForce(asking.packs, asking.years, asking.clock.today)
    memory: DecisionMemory = asking.batches.setdefault("decision memory", DecisionMemory())
    return Asker(asking.caller, rule, give, in_force, asking.reads, memory, asking.student_key)
