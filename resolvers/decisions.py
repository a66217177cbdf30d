"""Decisions: who may ask about whom, and what each kind of caller is told."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from policy.access import AnyOf, Subject, holds
from policy.caller import PersonCaller, SystemCaller
from policy.decide import Decision, Question, decide
from policy.facts import Assignment
from policy.grant import Access, under
from policy.grants import access_of
from policy.ids import System, UserId, system_of
from policy.reach import Place
from policy.reasons import MissingStep, Reason
from resolvers import people, users
from resolvers.asking import Asking
from resolvers.grants import GrantRow, grant_row
from resolvers.questions import CheckAsked, StudentAsked, target_of
from resolvers.refusals import bad_input
from resolvers.subjects import subject_of
from store.access_version import AccessVersion, InvalidAccessVersionError, current_version
from store.records import UserRecord
from store.relying_parties import find_relying_party

__all__ = [
    "NOWHERE",
    "CheckAsked",
    "DecisionRow",
    "StudentAsked",
    "SubjectAccess",
    "access_asked_about",
    "decide_all",
    "decision_row",
    "question_of",
]

MOST_CHECKS = 100
NOBODY = Decision(False, Reason.NO_ASSIGNMENT, "There is no such person, or not one whom you may see.")
NOWHERE = Decision(False, Reason.NOT_THIS_ORGANIZATION, "There is no such thing.")
"""For whoever would reach it wherever it were; to all others what isn't there is as what they don't reach."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    id: UUID
    allowed: bool
    reason: Reason
    explanation: str | None
    grant: GrantRow | None
    missing: tuple[MissingStep, ...] | None
    access_version: str | None


@dataclass(frozen=True, slots=True)
class SubjectAccess:
    """A check whose subject the caller may ask about: the access that it is judged by, and its version."""

    access: Access
    version: int


async def decide_all(asking: Asking, checks: list[CheckAsked], at_least: str | None, rule: AnyOf) -> list[DecisionRow]:
    """One decision per check, in their order."""
    await _known_version(asking, at_least)
    if len(checks) > MOST_CHECKS:
        raise bad_input(f"{len(checks)} checks at once: ask for at most {MOST_CHECKS}.")
    return list(await asyncio.gather(*(_decide(asking, check, rule) for check in checks)))


async def _decide(asking: Asking, check: CheckAsked, rule: AnyOf) -> DecisionRow:
    asked = await access_asked_about(asking, check, rule)
    if isinstance(asked, Decision):
        return decision_row(asking, asked, None)
    question, known = await question_of(asking, check)
    decision = decide(asked.access, question)
    return decision_row(asking, decision if known or not decision.allowed else NOWHERE, asked.version)


async def access_asked_about(asking: Asking, check: CheckAsked, rule: AnyOf) -> SubjectAccess | Decision:
    """The access to be judged, or the answer that needs none."""
    if asking.systems is not None and system_of(check.permission) not in asking.systems:
        return Decision(False, Reason.NOT_YOUR_SYSTEM, "The permission belongs to another system.")
    if await _needs_role(asking, check):
        return Decision(False, Reason.ACTIVE_ROLE_MISSING, "Name the role under which she acts.")
    caller = asking.caller
    own = caller.user if isinstance(caller, PersonCaller) else None
    about = own if check.about_caller else check.subject
    record = await users.by_id(asking, UserId(about)) if about else None
    if record is None or not _may_ask_about(asking, rule, record):
        return NOBODY
    if isinstance(caller, PersonCaller) and record.id == own:
        return SubjectAccess(under(caller.access, check.acting_as), caller.version)
    loaded = await people.person(asking, record.id)
    if loaded is None:
        return NOBODY
    seen = tuple(one for one in loaded.person.assignments if _sees(asking, rule, record.id, one))
    access = access_of(replace(loaded.person, assignments=seen), asking.packs, asking.years, asking.clock.today)
    if isinstance(caller, SystemCaller) and not _concerns(access, caller.systems):
        return NOBODY
    return SubjectAccess(under(access, check.acting_as), loaded.version)


def _concerns(access: Access, systems: frozenset[System]) -> bool:
    """Whether the person has, or would have, anything in the systems: of others they don't learn that they exist."""
    every = (*access.grants, *(grant for one in access.withheld for grant in one.grants))
    return any(system_of(grant.permission) in systems for grant in every)


def _may_ask_about(asking: Asking, rule: AnyOf, record: UserRecord) -> bool:
    """A system may ask about anybody: it is told reason codes of its own permissions, and nothing of the person."""
    return isinstance(asking.caller, SystemCaller) or holds(asking.caller, rule, subject_of(record, asking))


def _sees(asking: Asking, rule: AnyOf, owner: UserId, one: Assignment) -> bool:
    """A person's question about another is bounded by the places that she sees, a system's by its systems."""
    if isinstance(asking.caller, SystemCaller):
        return True
    here = one.organization
    place = Place(here.id, here.level, here.lea, one.program, one.school_year, one.role)
    return holds(asking.caller, rule, Subject(owner, (place,), in_own_systems=True))


async def _needs_role(asking: Asking, check: CheckAsked) -> bool:
    """A relying party that is registered for one active role is told nothing of all roles together."""
    if check.acting_as is not None or not isinstance(asking.caller, SystemCaller):
        return False
    client = await asking.reads.run(partial(find_relying_party, client_id=asking.caller.client_id))
    return client is None or client.role_mode != "union"


async def question_of(asking: Asking, check: CheckAsked) -> tuple[Question, bool]:
    """The question, and whether what it is about exists."""
    sought = await target_of(asking, check)
    question = Question(check.permission, sought.target, check.program, check.school_year, check.assessment)
    return question, sought.known


def decision_row(asking: Asking, decision: Decision, version: int | None) -> DecisionRow:
    """A system is told the reason code, a person the whole explanation."""
    told = not isinstance(asking.caller, SystemCaller)
    return DecisionRow(
        id=asking.new_id(),
        allowed=decision.allowed,
        reason=decision.reason,
        explanation=decision.explanation if told else None,
        grant=grant_row(decision.grant) if decision.grant and told else None,
        missing=decision.missing if told else None,
        access_version=None if version is None else AccessVersion(version).text,
    )


async def _known_version(asking: Asking, text: str | None) -> None:
    """The database as it is now holds every version that was ever given out; another one is refused."""
    if text is None:
        return
    try:
        asked = AccessVersion.of(text)
    except InvalidAccessVersionError as error:
        raise bad_input(str(error)) from error
    if asked.number > await asking.reads.run(current_version):
        raise bad_input("atLeast is no access version that was given out: pass on one from an answer of this service.")
