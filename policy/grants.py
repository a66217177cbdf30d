"""From assignments, packs, years, forms and credentials to grants: the only way in which access comes about."""

from dataclasses import replace
from datetime import date

from policy.facts import Assignment, Level, Person, Years
from policy.gates import GRANT_GATES, OWN_SYSTEM, SPEC_GATES, GrantGate, Standing, counts, obstacle, stand
from policy.grant import Access, Grant, Withheld
from policy.ids import GroupId, system_of
from policy.pack import Cell, GrantSpec, Reach, RosterHolder
from policy.packs import Packs
from policy.stand_ins import held_by

__all__ = ["OWN_SYSTEM", "access_of", "grants_from", "groups_at"]


def access_of(person: Person, packs: Packs, years: Years, today: date) -> Access:
    """What the person may do today. `today` is the date in the state's time zone."""
    grants: list[Grant] = []
    withheld: list[Withheld] = []
    effective: list[Assignment] = []
    for assignment in held_by(person, packs, today):
        standing = stand(person, assignment, packs, years, today)
        if standing is None or not counts(standing):
            continue
        given = _given(standing, packs, today)
        reason, missing = obstacle(standing)
        if reason is not None:
            withheld.append(Withheld(assignment, reason, missing, tuple(given)))
            continue
        effective.append(assignment)
        held_back: dict[GrantGate, list[Grant]] = {}
        for grant in given:
            for gate in GRANT_GATES:
                if gate.shut(grant):
                    held_back.setdefault(gate, []).append(grant)
                    break
            else:
                grants.append(grant)
        withheld.extend(
            Withheld(assignment, gate.reason, gate.steps, tuple(parts)) for gate, parts in held_back.items()
        )
    return Access(person.id, person.status, tuple(grants), tuple(withheld), tuple(effective))


def _given(standing: Standing, packs: Packs, today: date) -> list[Grant]:
    """What the assignment gives or would give, once nothing holds it back."""
    gates = [gate for gate in SPEC_GATES if gate.concerns(standing)]
    given: list[Grant] = []
    for cell, spec in packs.specs(standing.pack, standing.role.slug):
        if not spec.counts_on(today) or (gates and any(gate.shut(spec) for gate in gates)):
            continue
        given += grants_from(standing, packs, cell, spec)
    return given


def grants_from(standing: Standing, packs: Packs, cell: Cell, spec: GrantSpec) -> tuple[Grant, ...]:
    """What one permission of a cell becomes: a grant, and one for the upcoming year where it reaches ahead."""
    grant = _grant(standing, packs, cell, spec)
    if spec.upcoming and standing.ahead is not None:
        return grant, replace(grant, school_year=standing.ahead, current=False)
    return (grant,)


def _grant(standing: Standing, packs: Packs, cell: Cell, spec: GrantSpec) -> Grant:
    pack, assignment, year = standing.pack, standing.assignment, standing.year
    term = packs.vocabulary[spec.permission]
    system = pack.systems.get(system_of(spec.permission))
    rosters = system.rosters if system else RosterHolder.GATEWAY
    by_group = spec.reach is Reach.ROSTER and rosters is RosterHolder.GATEWAY
    every_kind = not term.by_assessment or spec.assessments >= packs.kinds(pack, spec.permission)
    return Grant(
        program=assignment.program,
        school_year=year,
        permission=spec.permission,
        reach=spec.reach,
        organization=assignment.organization,
        assignment=assignment.id,
        role=standing.role.slug,
        held_in=year,
        basis=cell.basis,
        assessments=spec.assessments,
        every_kind=every_kind,
        reports=spec.reports,
        groups=groups_at(assignment, standing.person) if by_group else frozenset(),
        rosters=rosters,
        about_roles=spec.about_roles,
        current=not standing.upcoming,
        every_program=pack.every_program,
        earlier_years=term.earlier_years and not standing.upcoming,
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
