"""From a check as it was asked to the core's question: what it names, found among the facts that were read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from policy.decide import (
    GroupTarget,
    ItemTarget,
    OrganizationTarget,
    Question,
    RoleChange,
    RoleTarget,
    SessionTarget,
    StudentTarget,
    SystemTarget,
    Target,
    UserTarget,
)
from policy.delegation import Proposal, Recipient
from policy.facts import Assignment, Level, Organization, Person, UserStatus
from policy.grant import ActiveRole
from policy.ids import (
    AssignmentId,
    GroupId,
    OrganizationId,
    Permission,
    ProgramCode,
    RoleSlug,
    SchoolYear,
    System,
    UserId,
    system_of,
)
from policy.pack import RosterHolder
from policy.reach import Place
from resolvers.decision_memory import InForce, Places
from resolvers.references import OrganizationReference
from store.decision_facts import Proof


@dataclass(frozen=True, slots=True)
class StudentAsked:
    """A student's number, which goes no further than its hash, and the school that the asker vouches for."""

    number: str
    organization: OrganizationReference | None
    by_organization: bool

    def __repr__(self) -> str:
        return "StudentAsked(…)"


@dataclass(frozen=True, slots=True)
class SessionAsked:
    """A test session. An organization that can't be one is None: nothing has that id or code."""

    organizations: tuple[OrganizationReference | None, ...]
    students: int
    grade_band: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseAsked:
    """A response to be scored: where its student is, and to whom the system assigned it."""

    organization: OrganizationReference | None
    assigned_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class RoleAsked:
    """A change of somebody's roles. To be given: `user` (none: an account not yet made), role, place and year;
    else `held`, the assignment's id.
    """

    change: RoleChange
    held: UUID | None = None
    user: UUID | None = None
    for_somebody: bool = False
    program: ProgramCode | None = None
    role: RoleSlug | None = None
    organization: OrganizationReference | None = None
    school_year: SchoolYear | None = None


@dataclass(frozen=True, slots=True)
class CheckAsked:
    permission: Permission | None
    """None only where `system` is asked about."""
    subject: UUID | None
    about_caller: bool
    acting_as: ActiveRole | None
    acting_at: frozenset[str] | None = None
    """With `acting_as`: at these organizations alone, written as `level:code`."""
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    assessment: str | None = None
    organization: OrganizationReference | None = None
    student_group: UUID | None = None
    student: StudentAsked | None = None
    target_user: UUID | None = None
    targets: tuple[str, ...] = ()
    """Which kinds of target the document gave: exactly one is asked about."""
    report: str | None = None
    group_organization: OrganizationReference | None = None
    """With a student group: where the asking system says that it is."""
    group_placed: bool = False
    every_place: bool = False
    """With a target user: all of her places must be reached."""
    session: SessionAsked | None = None
    response: ResponseAsked | None = None
    role: RoleAsked | None = None
    system: System | None = None
    lasting: bool = False
    """Whether the same question is the same object the next time."""


@dataclass(slots=True)
class Told:
    """The facts behind one round of questions, all true at one moment. `asserting`: a system asks, and vouches."""

    in_force: InForce
    proof: Proof
    places: Places
    people: Mapping[UserId, Person]
    member_key: Callable[[str], bytes]
    asserting: bool
    reachable: Callable[[Person], bool]
    """Whether the asker may know of the person at all, as the target of a question."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A question. Nothing has the id or code where not `known`: the target then stands where no reach but one over
    everything ends, so that what isn't there is judged as what isn't reached, word for word.

    `asserted`: the answer rests on the asker's word. `steady`: on nothing but places and packs, whether there
    or not.
    """

    question: Question
    known: bool
    asserted: bool = False
    steady: bool = False


_LOST_SCHOOL: Final = OrganizationId(UUID(int=0))
_LOST_LEA: Final = OrganizationId(UUID(int=1))
_NOBODY: Final = UserId(UUID(int=2))
_LOST: Final = Place(_LOST_SCHOOL, Level.SCHOOL, _LOST_LEA)
_LOST_PERSON: Final = UserTarget(_NOBODY, (replace(_LOST, program=ProgramCode(""), school_year=SchoolYear("")),))


def sought(check: CheckAsked, told: Told) -> Sought:
    """The question with the facts of its target."""
    kind = check.targets[0]
    target, asserted = _FINDERS[kind](check, told)
    nowhere = _LOST_PERSON if kind == "targetUser" else OrganizationTarget(_LOST)
    question = Question(
        check.permission,
        target or nowhere,
        check.program,
        check.school_year or (check.role.school_year if check.role else None),
        check.assessment,
        check.report,
    )
    return Sought(question, target is not None, asserted, kind in ("organization", "system"))


def unseen(asked: Sought) -> Sought:
    """The same question about what isn't there: how one is judged whose target mustn't be known to exist."""
    nowhere = _LOST_PERSON if isinstance(asked.question.target, UserTarget) else OrganizationTarget(_LOST)
    return Sought(replace(asked.question, target=nowhere), known=False)


_Found = tuple[Target | None, bool]


def _organization(check: CheckAsked, told: Told) -> _Found:
    found = _at(check.organization, told)
    return (OrganizationTarget(_place(found)) if found else None), False


def _group(check: CheckAsked, told: Told) -> _Found:
    """A group of ours; or, where the permission's system keeps the groups, one that the system says it holds there."""
    group = GroupId(check.student_group) if check.student_group else None
    place = told.proof.groups.get(group) if group else None
    vouched = _at(check.group_organization, told) if check.group_placed else None
    if check.group_placed and vouched is None:
        return None, False
    holds = told.asserting and vouched is not None and _keeps_rosters(check.permission, told)
    if place is not None:
        if vouched is not None and vouched.id != place.organization:
            return None, False
        return GroupTarget(group, place, holds), holds
    if holds and vouched is not None:
        return GroupTarget(None, _place(vouched), True), True
    return None, False


def _keeps_rosters(permission: Permission | None, told: Told) -> bool:
    """Whether every pack in force that knows the permission's system leaves the groups to it."""
    if permission is None:
        return False
    packs, current = told.in_force.packs, told.in_force.years.current
    known = [
        pack.systems[system_of(permission)].rosters
        for program in packs.programs()
        if (pack := packs.at(program, current.get(program))) and system_of(permission) in pack.systems
    ]
    return bool(known) and all(one is RosterHolder.SYSTEM for one in known)


def _student(check: CheckAsked, told: Told) -> _Found:
    asked = check.student
    if asked is None:
        return None, False
    where = _at(asked.organization, told)
    if asked.by_organization and where is None:
        return None, False
    mine = told.proof.members.get(told.member_key(asked.number), frozenset[GroupId]())
    place = _place(where) if where else None
    return StudentTarget(place, mine, told.asserting), place is not None


def _user(check: CheckAsked, told: Told) -> _Found:
    found = told.people.get(UserId(check.target_user)) if check.target_user else None
    if found is None or not told.reachable(found):
        return None, False
    return UserTarget(found.id, places_of(found), check.every_place), False


def _response(check: CheckAsked, told: Told) -> _Found:
    """The system's word alone says to whom a response is assigned."""
    asked = check.response
    found = _at(asked.organization, told) if asked else None
    if asked is None or found is None:
        return None, False
    mine = UserId(asked.assigned_to) if asked.assigned_to and told.asserting else None
    return ItemTarget(_place(found), mine), told.asserting


def _session(check: CheckAsked, told: Told) -> _Found:
    asked = check.session
    found = [_at(one, told) for one in asked.organizations] if asked else []
    places = tuple(_place(one) for one in found if one is not None)
    if asked is None or len(places) != len(found):
        return None, False
    return SessionTarget(places, asked.students, _one_on_one(check, asked, told)), told.asserting


def _one_on_one(check: CheckAsked, asked: SessionAsked, told: Told) -> bool | None:
    """As the packs that may answer say; where they differ, the narrowest."""
    packs, current = told.in_force.packs, told.in_force.years.current
    programs = packs.programs() if check.program is None else (check.program,)
    found = {
        pack.one_student_sessions.is_one(check.permission, check.assessment, asked.grade_band, asked.domain)
        for program in programs
        if (pack := packs.at(program, check.school_year or current.get(program))) is not None
    }
    return True if True in found else None if None in found else False


def _role(check: CheckAsked, told: Told) -> _Found:
    asked = check.role
    if asked is None:
        return None, False
    if asked.change is RoleChange.ASSIGN:
        return _to_be_given(asked, told), False
    held_by = told.proof.assignments.get(AssignmentId(asked.held)) if asked.held else None
    person = told.people.get(held_by) if held_by else None
    held = next((one for one in person.assignments if one.id == asked.held), None) if person else None
    if person is None or held is None or not told.reachable(person):
        return None, False
    return _role_target(asked.change, person, _as_given(held), told, held), False


def _to_be_given(asked: RoleAsked, told: Told) -> Target | None:
    where = _at(asked.organization, told)
    person = told.people.get(UserId(asked.user)) if asked.user else None
    if where is None or (asked.for_somebody and (person is None or not told.reachable(person))):
        return None
    if asked.program is None or asked.role is None:
        return None
    proposal = Proposal(asked.program, asked.role, where, asked.school_year or SchoolYear(""))
    return _role_target(asked.change, person, proposal, told)


def _role_target(
    change: RoleChange, person: Person | None, proposal: Proposal, told: Told, held: Assignment | None = None
) -> Target:
    recipient = (
        Recipient(person.id, person.status, person.assignments) if person else Recipient(None, UserStatus.INVITED)
    )
    return RoleTarget(change, recipient, told.in_force.packs, told.in_force.years, proposal, held)


def _as_given(held: Assignment) -> Proposal:
    return Proposal(held.program, held.role, held.organization, held.school_year)


def _system(check: CheckAsked, told: Told) -> _Found:
    del told
    return (SystemTarget(check.system) if check.system else None), False


def _at(reference: OrganizationReference | None, told: Told) -> Organization | None:
    return None if reference is None else told.places.get(reference)


def _place(where: Organization) -> Place:
    return Place(where.id, where.level, where.lea)


def places_of(person: Person) -> tuple[Place, ...]:
    """Where a person lies: at her current and upcoming assignments; without any, in no organization or program."""
    found = tuple(
        Place(one.organization.id, one.organization.level, one.organization.lea, one.program, one.school_year, one.role)
        for one in person.assignments
    )
    return found or (Place(_LOST_SCHOOL, Level.STATE, None, ProgramCode(""), SchoolYear("")),)


_FINDERS: Final[Mapping[str, Callable[[CheckAsked, Told], _Found]]] = {
    "organization": _organization,
    "studentGroup": _group,
    "student": _student,
    "targetUser": _user,
    "testSession": _session,
    "response": _response,
    "roleAssignment": _role,
    "system": _system,
}
