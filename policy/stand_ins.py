"""Roles held by default: a superintendent is coordinator while nobody is assigned that role in her LEA (S1-09)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from policy.facts import Assignment, Person
from policy.ids import RoleSlug
from policy.pack import Pack, Role
from policy.packs import Packs


def held_by(person: Person, packs: Packs, today: date) -> Iterator[Assignment]:
    """The person's assignments, and behind each the role that she has by default with it.

    That one carries the id of the assignment that it comes from, with its status and last day: what ends or suspends
    the one ends or suspends the other. It is never primary. `today` is the date in the state's time zone.
    """
    for assignment in person.assignments:
        yield assignment
        found = _by_default(person, assignment, packs, today) if person.filled else None
        if found is not None:
            yield found


def standing_in(pack: Pack, role: RoleSlug) -> Iterator[Role]:
    """The roles whose holders have this one by default."""
    return (one for one in pack.roles.values() if one.stands_in_for == role)


def _by_default(person: Person, assignment: Assignment, packs: Packs, today: date) -> Assignment | None:
    role = packs.role(assignment.program, assignment.role, assignment.school_year or None)
    if role is None or role.stands_in_for is None:
        return None
    here = (assignment.program, assignment.school_year, assignment.organization.id)
    until = {one.role: one.until for one in person.filled if (one.program, one.school_year, one.organization) == here}
    if role.slug not in until or (role.stands_in_for in until and _lasts(until[role.stands_in_for], today)):
        return None
    return replace(assignment, role=role.stands_in_for, primary=False)


def _lasts(until: date | None, today: date) -> bool:
    return until is None or until >= today
