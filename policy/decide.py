"""One question, one decision: Allow or Deny, with reason code, explanation and the grant that decided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policy.delegation import Actor, Verdict, may_assign, may_designate, may_remove
from policy.grant import Access, Grant
from policy.ids import (
    GroupId,
    Permission,
    ProgramCode,
    RoleSlug,
    SchoolYear,
    System,
    UserId,
    is_earlier,
    system_of,
)
from policy.pack import Reach, RosterHolder
from policy.reach import Place, anchored_at, covers
from policy.reasons import MissingStep, Reason
from policy.targets import (
    GroupTarget,
    ItemTarget,
    OrganizationTarget,
    RoleChange,
    RoleTarget,
    SessionTarget,
    StudentTarget,
    SystemTarget,
    Target,
    UserTarget,
)

__all__ = [
    "Decision",
    "GroupTarget",
    "ItemTarget",
    "OrganizationTarget",
    "Question",
    "RoleChange",
    "RoleTarget",
    "SessionTarget",
    "StudentTarget",
    "SystemTarget",
    "Target",
    "UserTarget",
    "asked_grants",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Question:
    """May she? What isn't named narrows nothing; a year that isn't named is the current one."""

    permission: Permission | None
    """None only with a `SystemTarget`."""
    target: Target
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    assessment: str | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    allowed: bool
    reason: Reason
    explanation: str
    grant: Grant | None = None
    missing: tuple[MissingStep, ...] = ()


def decide(access: Access, question: Question) -> Decision:
    """The decision for the access given, which is all of a person's or that of one active role."""
    if isinstance(question.target, SystemTarget):
        return _open(access, question, question.target.system)
    if question.permission is None:
        return Decision(False, Reason.NO_ASSIGNMENT, "The question names no permission.")
    asked = asked_grants(access, question)
    if isinstance(question.target, RoleTarget):
        return _role(access, question, question.permission, question.target, asked)
    if isinstance(question.target, SessionTarget):
        return _session(access, question, question.target)
    grant = _reaching(asked, question, access.user)
    if grant is not None:
        return Decision(True, Reason.GRANTED, _granted(grant), grant)
    return _denied(access, question, asked)


def asked_grants(access: Access, question: Question) -> list[Grant]:
    """The active grants that answer the question, wherever they reach: its permission, program, year and kinds."""
    if question.permission is None:
        return []
    return [grant for grant in access.of(question.permission) if _in_question(grant, question)]


def _session(access: Access, question: Question, session: SessionTarget) -> Decision:
    """S1-20: allowed only where it is at every site; S1-21: some kinds of session have exactly one student."""
    if not session.places:
        return Decision(False, Reason.NOT_THIS_ORGANIZATION, "The question names no site.")
    found = [decide(access, replace(question, target=OrganizationTarget(place))) for place in session.places]
    denied = next((one for one in found if not one.allowed), None)
    if denied is not None:
        return denied
    grant = _at_every_site(asked_grants(access, question), session)
    if grant is None:
        why = "No one role of hers reaches every site, and a session is given under one role (S1-20)."
        return Decision(False, Reason.AGAINST_A_RULE, why)
    if session.students != 1 and session.one_on_one is not False:
        why = (
            "This kind of session is given one-on-one: it has exactly one student"
            if session.one_on_one
            else "Some sessions of this program are one-on-one: name the assessment, grade band and domain of this one"
        )
        return Decision(False, Reason.AGAINST_A_RULE, f"{why} (S1-21).")
    return Decision(True, Reason.GRANTED, _granted(grant), grant)


def _at_every_site(asked: list[Grant], session: SessionTarget) -> Grant | None:
    """The first grant of a role that reaches every site by itself; roles and programs don't add up to a session."""
    by_role: dict[tuple[ProgramCode, RoleSlug, SchoolYear | None], list[Grant]] = {}
    for grant in asked:
        by_role.setdefault((grant.program, grant.role, grant.held_in), []).append(grant)
    for grants in by_role.values():
        if all(any(covers(grant, place) for grant in grants) for place in session.places):
            return next(grant for grant in grants if covers(grant, session.places[0]))
    return None


def _role(access: Access, question: Question, permission: Permission, role: RoleTarget, asked: list[Grant]) -> Decision:
    """Delegation's verdict under the permission that is asked for, in the program and year that the question names.

    What isn't reached is answered as any other question; only within reach does a rule show that forbids it.
    """
    if not any(_reaches(grant, role, access.user) for grant in asked):
        return _denied(access, question, asked)
    verdict = _verdict(Actor(access.user, replace(access, grants=tuple(asked)), (permission,)), role)
    under, refusal = verdict.under, verdict.refusal
    grant = next((one for one in asked if under is not None and one.assignment == under.id), None)
    if verdict.allowed and grant is not None:
        return Decision(True, Reason.GRANTED, _granted(grant), grant)
    if refusal is None:
        return _denied(access, question, asked)
    sentence = f"{refusal.message} ({refusal.rule})" if refusal.rule else refusal.message
    return Decision(False, Reason.AGAINST_A_RULE, sentence)


def _verdict(actor: Actor, role: RoleTarget) -> Verdict:
    if role.change is RoleChange.ASSIGN:
        return may_assign(actor, role.recipient, role.asked, role.packs, role.years)
    if role.change is RoleChange.REMOVE and role.held is not None:
        return may_remove(actor, role.recipient, role.held, role.packs)
    if role.change is RoleChange.DESIGNATE and role.held is not None:
        return may_designate(actor, role.recipient, role.held, role.packs)
    return Verdict(None)


def _open(access: Access, question: Question, system: System) -> Decision:
    inside = [
        grant for grant in access.grants if system_of(grant.permission) == system and _in_program(grant, question)
    ]
    if inside:
        return Decision(True, Reason.GRANTED, _granted(inside[0]), inside[0])
    for one in access.withheld:
        if any(system_of(grant.permission) == system and _in_program(grant, question) for grant in one.grants):
            return Decision(False, one.reason, _held_back(one.reason, one.missing), missing=one.missing)
    return Decision(False, Reason.NO_ASSIGNMENT, f"No role that she holds gives anything in {system}.")


def _in_program(grant: Grant, question: Question) -> bool:
    program = question.program is None or grant.every_program or grant.program == question.program
    if question.school_year is None:
        return program and grant.current
    if grant.school_year is None or grant.school_year == question.school_year:
        return program
    return program and grant.earlier_years and is_earlier(question.school_year, grant.school_year)


def _in_question(grant: Grant, question: Question) -> bool:
    return _in_program(grant, question) and grant.answers(question.assessment, question.report)


def _reaching(grants: Iterable[Grant], question: Question, person: UserId) -> Grant | None:
    """The first grant that reaches the target; with `every`, one that reaches a place when all places are reached."""
    target = question.target
    every = tuple(grants)
    if isinstance(target, UserTarget) and target.every:
        if not target.places or not all(any(covers(grant, place) for grant in every) for place in target.places):
            return None
        return next(grant for grant in every if covers(grant, target.places[0]))
    return next((grant for grant in every if _reaches(grant, target, person)), None)


def _reaches(grant: Grant, target: Target, person: UserId) -> bool:
    match target:
        case OrganizationTarget(place):
            return covers(grant, place)
        case GroupTarget(group, place, asserted):
            return covers(grant, place) or _roster(grant, frozenset() if group is None else {group}, place, asserted)
        case StudentTarget(place, groups, asserted):
            return (place is not None and covers(grant, place)) or _roster(grant, groups, place, asserted)
        case UserTarget(user, places, _):
            if grant.reach is Reach.SELF:
                return user == person
            return any(covers(grant, place) for place in places)
        case ItemTarget(place, assigned_to):
            mine = grant.reach is Reach.ASSIGNED and assigned_to == person and anchored_at(grant, place)
            return mine or covers(grant, place)
        case SystemTarget(system):
            return system_of(grant.permission) == system
        case SessionTarget(places):
            return bool(places) and all(covers(grant, place) for place in places)
        case RoleTarget():
            return covers(grant, target.place)


def _roster(grant: Grant, groups: Iterable[GroupId], place: Place | None, asserted: bool) -> bool:
    if grant.reach is not Reach.ROSTER:
        return False
    if grant.rosters is RosterHolder.GATEWAY:
        return any(group in grant.groups for group in groups)
    return asserted and place is not None and anchored_at(grant, place)


def _denied(access: Access, question: Question, asked: list[Grant]) -> Decision:
    for one in access.withheld:
        would = [g for g in one.grants if g.permission == question.permission and _in_question(g, question)]
        if _reaching(would, question, access.user) is not None or (would and one.reason is Reason.NO_ROSTER):
            return Decision(False, one.reason, _held_back(one.reason, one.missing), missing=one.missing)
    if any(grant.reach in (Reach.ROSTER, Reach.ASSIGNED) for grant in asked):
        text = "Her role reaches only the student groups or items assigned to her, and this is none of them."
        return Decision(False, Reason.NO_ROSTER, text)
    if asked:
        where = ", ".join(sorted({f"{g.organization.name} ({g.reach})" for g in asked}))
        return Decision(False, Reason.NOT_THIS_ORGANIZATION, f"She may do this at {where}, which doesn't include this.")
    partial = [g for g in access.of(question.permission) if _in_program(g, question)] if question.permission else []
    if partial:
        only = ", ".join(sorted({kind for g in partial for kind in (*g.assessments, *g.reports)}))
        return Decision(
            False, Reason.NO_ASSIGNMENT, f"Her role gives this for {only} only; the question asks for more."
        )
    return Decision(False, Reason.NO_ASSIGNMENT, "No role that she holds in this program and year gives this.")


def _granted(grant: Grant) -> str:
    year = f" in {grant.school_year}" if grant.school_year else ""
    return f"{grant.program}/{grant.role} at {grant.organization.name}{year} gives this ({grant.basis})."


def _held_back(reason: Reason, missing: tuple[MissingStep, ...]) -> str:
    match reason:
        case Reason.STEPS_MISSING:
            steps = ", ".join(f"{step.kind} {step.name}".strip() for step in missing)
            return f"Her role would give this once these steps are done: {steps}."
        case Reason.SUSPENDED:
            return "Her account, her assignment or its organization is suspended."
        case Reason.INACTIVE:
            return "Her account is not active."
        case Reason.NO_ROSTER:
            return "Her role reaches assigned student groups only, and none is assigned to her."
        case _:
            return "Her role doesn't count at present."
