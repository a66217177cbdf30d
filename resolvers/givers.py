"""Who could help: the roles that would answer a question or carry out a step, and the people who hold them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.decide import Question, decide
from policy.delegation import Actor, Proposal, Recipient, may_assign
from policy.facts import Assignment, Level, Organization, UserStatus
from policy.grant import Access
from policy.ids import OrganizationId, Permission, RoleSlug, SchoolYear, UserId
from policy.pack import Assigner, Pack
from policy.reach import Place
from policy.reasons import MissingStep
from policy.stand_ins import standing_in
from policy.targets import OrganizationTarget
from policy.ways import Wanted, Way, ways
from resolvers import people, programs
from resolvers.asking import Asking
from resolvers.programs import ProgramRow, RoleRow
from store.holders import RoleSought, holders_of_roles

MOST_NAMED = 5
"""People named for one role or step."""


@dataclass(frozen=True, slots=True)
class Help:
    """Something that certain roles can do, who holds them, and what each holder's access must allow."""

    sought: tuple[RoleSought, ...]
    able: Callable[[Access], bool]


def _nobody(_: Access) -> bool:
    return False


NO_HELP = Help((), _nobody)


@dataclass(frozen=True, slots=True)
class WayRow:
    """A role that would answer the question: where, what it asks for, who assigns it."""

    role: RoleRow
    organization_id: OrganizationId | None
    school_year: SchoolYear | None
    steps: tuple[MissingStep, ...]
    assignable_by: list["AssignerRow"]
    derived: str | None
    help: Help
    people: list[UserId] = field(default_factory=list[UserId])


@dataclass(frozen=True, slots=True)
class AssignerRow:
    role: RoleRow
    primary: bool


def ways_of(asking: Asking, wanted: Wanted, give: AnyOf) -> list[WayRow]:
    """The roles that would answer it, without names yet; cut to the caller's systems where she has such."""
    found: list[WayRow] = []
    for way in ways(wanted, asking.packs, asking.years, asking.clock.today):
        program = programs.at(asking, way.program, way.school_year)
        if program is not None:
            found.append(_row(program, way, give, asking))
    return found


def doers(asking: Asking, permission: Permission, held: Assignment) -> tuple[list[RoleRow], Help]:
    """The roles with that permission over the organization of an assignment, in its program and year."""
    here = held.organization
    place = Place(here.id, here.level, here.lea, held.program, held.school_year or None)
    question = Question(permission, OrganizationTarget(place), held.program, held.school_year or None)
    rows: list[RoleRow] = []
    sought: list[RoleSought] = []
    for way in ways(Wanted(question, places_of(here)), asking.packs, asking.years, asking.clock.today):
        program = programs.at(asking, way.program, way.school_year)
        if program is not None:
            rows.append(RoleRow(program, way.role))
            sought += _holding(way.role.slug, program.pack, way, primary=False)
    return rows, Help(tuple(sought), lambda access: decide(access, question).allowed)


def places_of(here: Organization) -> tuple[Organization, ...]:
    """The organization and, of a school, its LEA by id and code."""
    if here.level is not Level.SCHOOL or here.lea is None:
        return (here,)
    return here, Organization(here.lea, Level.LEA, here.lea_code or "", "", here.lea, here.lea_code)


async def named(asking: Asking, helps: Sequence[Help], sight: AnyOf, subject: UserId) -> Mapping[int, list[UserId]]:
    """By the help's number, people who can give it now and whom the caller may see; never the person herself.

    One statement for all holders, one for their facts.
    """
    rows = asking.rows(sight)
    sought = tuple(dict.fromkeys(one for help_ in helps for one in help_.sought))
    if not sought or not rows.visible.ranges or not isinstance(asking.caller, PersonCaller):
        return {}
    found = await asking.reads.run(
        partial(
            holders_of_roles,
            sought=sought, rows=rows, today=asking.clock.today, most=MOST_NAMED + 1, own=asking.own,
        )
    )  # fmt: skip
    candidates = dict.fromkeys(user for held in found.values() for user in held if user != subject)
    accesses = await asyncio.gather(*(people.access(asking, user) for user in candidates))
    known = {user: access for user, access in zip(candidates, accesses, strict=True) if access}
    return {
        number: [user for user in _holders(one, found) if user in known and one.able(known[user])][:MOST_NAMED]
        for number, one in enumerate(helps)
    }


def _holders(one: Help, found: Mapping[RoleSought, tuple[UserId, ...]]) -> Iterator[UserId]:
    yield from dict.fromkeys(user for sought in one.sought for user in found[sought])


def _row(program: ProgramRow, way: Way, give: AnyOf, asking: Asking) -> WayRow:
    sought = [
        one
        for assigner in way.role.assignable_by
        for one in _holding(assigner.role, program.pack, way, primary=assigner.primary)
    ]
    return WayRow(
        RoleRow(program, way.role),
        way.organization.id if way.organization else None,
        way.school_year,
        way.steps,
        list(_assigners(program, way.role.assignable_by)),
        way.role.derived or None,
        Help(tuple(sought), _assigning(way, give, asking)),
    )


def _assigning(way: Way, give: AnyOf, asking: Asking) -> Callable[[Access], bool]:
    """Whether somebody with that access may give the role there, to whomever."""
    permissions = tuple(one.permission for one in give if one.permission is not None)
    somebody = Recipient(None, UserStatus.INVITED)

    def able(access: Access) -> bool:
        if way.organization is None or way.school_year is None:
            return False
        proposal = Proposal(way.program, way.role.slug, way.organization, way.school_year)
        return may_assign(
            Actor(access.user, access, permissions), somebody, proposal, asking.packs, asking.years
        ).allowed

    return able


def _assigners(program: ProgramRow, assignable_by: Sequence[Assigner]) -> Iterator[AssignerRow]:
    for one in assignable_by:
        role = program.pack.roles.get(one.role)
        if role is not None:
            yield AssignerRow(RoleRow(program, role), one.primary)


def _holding(slug: RoleSlug, pack: Pack, way: Way, *, primary: bool) -> Iterator[RoleSought]:
    """Where somebody of that role over the way's organization would hold it: there, or at its LEA."""
    role, here = pack.roles.get(slug), way.organization
    if role is None or here is None:
        return
    year = way.school_year or SchoolYear("")
    by_default = () if primary else tuple(one.slug for one in standing_in(pack, slug))
    for one in (slug, *by_default):
        if here.level in role.levels:
            yield RoleSought(way.program, year, one, here.id, primary)
        if here.level is Level.SCHOOL and Level.LEA in role.levels and here.lea is not None:
            yield RoleSought(way.program, year, one, here.lea, primary)
