"""From assignments, packs, years, forms and credentials to grants: the only way in which access comes about."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from policy.facts import Assignment, AssignmentStatus, Level, Person, UserStatus, Years
from policy.grant import Access, Grant, Withheld
from policy.ids import GroupId, SchoolYear, System, system_of
from policy.pack import Cell, GrantSpec, Pack, Reach, Role, RosterHolder
from policy.packs import Packs
from policy.reasons import MissingStep, Reason, StepKind

OWN_SYSTEM = System("hallpass")
"""The gateway's own administration: all that an upcoming assignment gives (decisions: years)."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An assignment with the pack and role that it names, in its year."""

    assignment: Assignment
    pack: Pack
    role: Role
    year: SchoolYear | None
    upcoming: bool
    ahead: SchoolYear | None
    """The open upcoming year that a current assignment may reach into."""


def access_of(person: Person, packs: Packs, years: Years, today: date) -> Access:
    """What the person may do today. `today` is the date in the state's time zone."""
    grants: list[Grant] = []
    withheld: list[Withheld] = []
    effective: list[Assignment] = []
    for assignment in person.assignments:
        held = _hold(assignment, packs, years, today)
        if held is None:
            continue
        given = tuple(_grants(held, packs, person))
        reason, missing = _obstacle(person, held, today)
        if reason is not None:
            withheld.append(Withheld(assignment, reason, missing, given))
            continue
        effective.append(assignment)
        rosterless = tuple(grant for grant in given if _lacks_roster(grant))
        grants.extend(grant for grant in given if not _lacks_roster(grant))
        if rosterless:
            step = (MissingStep(StepKind.ROSTER),)
            withheld.append(Withheld(assignment, Reason.NO_ROSTER, step, rosterless))
    return Access(person.id, person.status, tuple(grants), tuple(withheld), tuple(effective))


def _hold(assignment: Assignment, packs: Packs, years: Years, today: date) -> _Held | None:
    """The assignment as one that could count in the current or upcoming year; None: it is past or unknown."""
    pack = packs.at(assignment.program, assignment.school_year or None)
    role = pack.roles.get(assignment.role) if pack else None
    if pack is None or role is None or assignment.status is AssignmentStatus.EXPIRED:
        return None
    if assignment.last_day is not None and assignment.last_day < today:
        return None
    if assignment.organization.level not in role.levels:
        return None
    if pack.from_year is None:
        return _Held(assignment, pack, role, None, upcoming=False, ahead=None)
    ahead = years.upcoming.get(assignment.program)
    if assignment.school_year == years.current.get(assignment.program):
        return _Held(assignment, pack, role, assignment.school_year, upcoming=False, ahead=ahead)
    if assignment.school_year == ahead:
        return _Held(assignment, pack, role, assignment.school_year, upcoming=True, ahead=None)
    return None


def _obstacle(person: Person, held: _Held, today: date) -> tuple[Reason | None, tuple[MissingStep, ...]]:
    if person.status is UserStatus.SUSPENDED or held.assignment.status is AssignmentStatus.SUSPENDED:
        return Reason.SUSPENDED, ()
    if not held.assignment.organization.active:
        return Reason.SUSPENDED, ()
    if person.status is UserStatus.INVITED:
        return Reason.INACTIVE, (MissingStep(StepKind.ACCOUNT),)
    if person.status is not UserStatus.ACTIVE:
        return Reason.INACTIVE, ()
    missing = tuple(missing_steps(person, held.assignment, held.role, today))
    return (Reason.STEPS_MISSING, missing) if missing else (None, ())


def missing_steps(person: Person, assignment: Assignment, role: Role, today: date) -> Iterator[MissingStep]:
    """What the role asks for and the person hasn't done: forms signed for the year, a credential in the LEA."""
    for slug in role.forms:
        if not any(
            (form.program, form.form, form.school_year) == (assignment.program, slug, assignment.school_year)
            for form in person.forms
        ):
            yield MissingStep(StepKind.FORM, slug)
    if role.credential and not any(
        one.lea == assignment.organization.lea and one.expires_on >= today for one in person.credentials
    ):
        yield MissingStep(StepKind.CREDENTIAL)


def _grants(held: _Held, packs: Packs, person: Person) -> Iterator[Grant]:
    for cell, spec in packs.specs(held.pack, held.role.slug):
        if held.upcoming and system_of(spec.permission) != OWN_SYSTEM:
            continue
        grant = _grant(held, packs, cell, spec, person)
        yield grant
        if spec.upcoming and held.ahead is not None:
            yield replace(grant, school_year=held.ahead, current=False)


def _grant(held: _Held, packs: Packs, cell: Cell, spec: GrantSpec, person: Person) -> Grant:
    term = packs.vocabulary[spec.permission]
    system = held.pack.systems.get(system_of(spec.permission))
    rosters = system.rosters if system else RosterHolder.GATEWAY
    by_group = spec.reach is Reach.ROSTER and rosters is RosterHolder.GATEWAY
    return Grant(
        program=held.assignment.program,
        school_year=held.year,
        permission=spec.permission,
        reach=spec.reach,
        organization=held.assignment.organization,
        assignment=held.assignment.id,
        role=held.role.slug,
        held_in=held.year,
        basis=cell.basis,
        assessments=spec.assessments,
        every_kind=not term.by_assessment or spec.assessments >= packs.kinds(held.pack, spec.permission),
        reports=spec.reports,
        groups=groups_at(held.assignment, person) if by_group else frozenset(),
        rosters=rosters,
        about_roles=spec.about_roles,
        current=not held.upcoming,
        every_program=held.pack.every_program,
        earlier_years=term.earlier_years and not held.upcoming,
    )


def groups_at(assignment: Assignment, person: Person) -> frozenset[GroupId]:
    """The person's student groups at the assignment's organization or, for an LEA role, in its LEA, of its year."""
    here = assignment.organization
    return frozenset(
        roster.group
        for roster in person.rosters
        if roster.school_year == assignment.school_year
        and (roster.lea == here.id if here.level is Level.LEA else roster.organization == here.id)
    )


def _lacks_roster(grant: Grant) -> bool:
    """S0-33: where the gateway keeps the groups, none assigned means that nothing is seen."""
    return grant.reach is Reach.ROSTER and grant.rosters is RosterHolder.GATEWAY and not grant.groups
