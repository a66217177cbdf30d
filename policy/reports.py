"""What reports follow from: whose rows of an earlier year are seen, and which roles answer for a school."""

from collections.abc import Iterable
from dataclasses import replace

from policy.facts import Level
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.pack import Pack
from policy.reach import Range


def in_year(ranges: Iterable[Range], program: ProgramCode, current: SchoolYear, year: SchoolYear) -> tuple[Range, ...]:
    """The reach of the current year, as it lies over the program's rows of another year (S0-44).

    Who sees people of this year at an organization sees whom an earlier year had there, in the same program.
    """
    fitting = (one for one in ranges if one.program in (None, program) and one.school_year in (None, current))
    return tuple(dict.fromkeys(replace(one, program=program, school_year=year, through_year=False) for one in fitting))


def roles_that_answer_for_a_school(pack: Pack) -> frozenset[RoleSlug]:
    """Roles held at schools alone that may give roles to others: its coordinators (S0-01)."""
    givers = {one.role for role in pack.roles.values() for one in role.assignable_by}
    at_schools = frozenset({Level.SCHOOL})
    return frozenset(slug for slug, role in pack.roles.items() if slug in givers and role.levels == at_schools)
