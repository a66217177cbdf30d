"""Explanations: a decision with everything that led to it, as far as the asker may see it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.explain import Judged, explain
from policy.facts import Assignment, Person, UserStatus
from policy.grant import ActiveRole
from policy.ids import AssignmentId, UserId
from policy.reasons import Reason
from resolvers import assignments, organizations, people
from resolvers.asking import Asking
from resolvers.decisions import CheckAsked, SubjectAccess, asker_of, decision_row, judge_of, one_target
from resolvers.explained_target import wanted_at
from resolvers.past import as_herself, asking_at
from resolvers.telling import Case, ExplanationRow, Frame, Telling, bare
from store.records import AssignmentRecord

MOST_PAGES = 10
"""Pages of a person's assignments that are read: 1,000 roles."""


async def explain_one(
    asking: Asking, check: CheckAsked, frame: Frame, as_of: datetime | None = None
) -> ExplanationRow | None:
    """The decision with its reasons; None where the caller may not ask about that person.

    `as_of`: of a past moment, by that day's packs, tree and roles; nothing is said then of what could be done today.
    """
    one_target(check)
    if as_of is None:
        return await _explain(asking, check, frame)
    then = await asking_at(asking, as_of)
    own = isinstance(then.caller, PersonCaller) and (check.about_caller or check.subject == then.caller.user)
    told = await _explain(await as_herself(then) if own else then, check, frame, past=True)
    return replace(told, decision=replace(told.decision, access_version=None), as_of=as_of) if told else None


async def _explain(asking: Asking, check: CheckAsked, frame: Frame, *, past: bool = False) -> ExplanationRow | None:
    judge = await judge_of(asker_of(asking, frame.rule, frame.give), [check])
    judged = judge.judged(check)
    subject = judge.subject(check)
    row = decision_row(asking, judged.decision, judged.version)
    if not isinstance(subject, SubjectAccess):
        return None if subject.reason is Reason.NO_ASSIGNMENT else bare(row)
    case = await _case(asking, check, frame, subject)
    if case is None:
        return None
    asked = judge.asked(check, subject)
    found = explain(case.judged, asked.question, asking.packs, asking.years)
    if found.decision != judged.decision:
        return bare(row)  # nothing has the id or code, and whoever reaches everything would reach it
    telling = Telling(asking, frame, case, found)
    if judged.decision.allowed or past:
        return telling.row(row)
    wanted = await wanted_at(asking, check, asked, frame.sight)
    return await telling.helped(telling.row(row), wanted)


async def _case(asking: Asking, check: CheckAsked, frame: Frame, subject: SubjectAccess) -> Case | None:
    user = subject.access.user
    loaded = await people.person(asking, user)
    if loaded is None or loaded.person.status is UserStatus.DELETED:
        return None
    seen = await _seen(asking, user, frame.sight.assignment)
    records = {one.id: one for one in seen}
    roles = (_active(asking, user), check.acting_as)
    acting = tuple(dict.fromkeys(role for role in roles if role is not None))
    judged_by = {one.id for one in (*subject.access.effective, *(w.assignment for w in subject.access.withheld))}
    current = [one for one in loaded.person.assignments if one.id in records or one.id in judged_by]
    past = await _past(asking, loaded.person, seen)
    person = replace(loaded.person, assignments=(*current, *past))
    at = await _narrowed(asking, user, check.acting_at)
    return Case(Judged(person, subject.access, acting, asking.clock.today, at), records)


async def _narrowed(asking: Asking, user: UserId, asked: frozenset[str] | None) -> frozenset[str] | None:
    """The organizations (`level:code`) by which alone she is judged: those asked for, and her own choice of one."""
    caller = asking.caller
    place = caller.place if isinstance(caller, PersonCaller) and caller.user == user else None
    where = await organizations.by_id(asking, place) if place is not None else None
    if where is None:
        return asked
    here = frozenset({f"{where.facts.level}:{where.facts.code}"})
    return here if asked is None else here & asked


def _active(asking: Asking, user: UserId) -> ActiveRole | None:
    caller = asking.caller
    return caller.active if isinstance(caller, PersonCaller) and caller.user == user else None


async def _seen(asking: Asking, user: UserId, rule: AnyOf) -> list[AssignmentRecord]:
    """Every assignment of hers that the asker may see, those of past years included."""
    rows = await assignments.seen_of_user(asking, user, rule, MOST_PAGES)
    found = await asyncio.gather(*(assignments.by_id(asking, AssignmentId(one.id)) for one in rows))
    return [one for one in found if one is not None]


async def _past(asking: Asking, person: Person, seen: Sequence[AssignmentRecord]) -> list[Assignment]:
    """Those that no longer come into question, as the core reads them."""
    known = {one.id for one in person.assignments}
    past = [one for one in seen if one.id not in known]
    places = await asyncio.gather(*(organizations.by_id(asking, one.organization_id) for one in past))
    return [
        Assignment(
            one.id, one.program, one.role, where.facts, one.school_year, one.status, one.primary, one.last_day
        )
        for one, where in zip(past, places, strict=True)
        if where is not None
    ]  # fmt: skip
