"""One question, one decision: Allow or Deny, with reason code, explanation and the grant that decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy.grant import Access, Grant
from policy.ids import GroupId, Permission, ProgramCode, SchoolYear, System, UserId, system_of
from policy.pack import Reach, RosterHolder
from policy.reach import Place, anchored_at, covers
from policy.reasons import MissingStep, Reason


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
class SystemTarget:
    """Entering a system at all."""

    system: System


Target = OrganizationTarget | GroupTarget | StudentTarget | UserTarget | ItemTarget | SystemTarget


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
    asked = [grant for grant in access.of(question.permission) if _in_question(grant, question)]
    grant = _reaching(asked, question, access.user)
    if grant is not None:
        return Decision(True, Reason.GRANTED, _granted(grant), grant)
    return _denied(access, question, asked)


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
    return program and grant.earlier_years and question.school_year < grant.school_year


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
