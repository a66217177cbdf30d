"""Conditions on rows are what `policy.access.holds` says of each row: every rule of the schema, generated callers."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from policy.access import AnyOf, Subject, holds
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from policy.facts import AssignmentStatus, Level, Person
from policy.grant import Access, Grant
from policy.grants import access_of
from policy.ids import AssignmentId, OrganizationId, RoleSlug, System, system_of
from policy.pack import Reach
from policy.reach import Place
from schema import rules
from schema.directives import any_of
from store.composed import Parameters
from store.connection import Connection
from store.database import open_connection
from store.own_systems import own_systems
from store.ranges import MOST_WRITTEN_OUT
from store.reach import with_clause
from store.row_rules import RowRules
from store.tables import ASSIGNMENTS, GROUPS, ORGANIZATIONS, USERS, Rows, Table
from tests.databases import run
from tests.policy import worlds
from tests.policy.worlds import GROUPS as GROUP_RESULTS
from tests.policy.worlds import MANAGE, NOW, PACKS, RED, RESULTS, TODAY, VIEW, YEARS
from tests.store.populated import GROUPS as ROSTERS
from tests.store.populated import Populated, draw_people, populate

SYSTEMS = tuple(frozenset(map(System, names)) for names in (("cers",), ("hallpass", "thss"), ("toms",), ()))
_WRITTEN = (
    (Rows.USERS, rules.SEE_USER), (Rows.USERS, rules.LIST_USERS), (Rows.USERS, rules.SEE_DETAILS),
    (Rows.USERS, rules.GIVE_ROLES), (Rows.USERS, rules.SIGNED_IN), (Rows.ASSIGNMENTS, rules.SEE_ASSIGNMENT),
    (Rows.ASSIGNMENTS, rules.SEE_ASSIGNMENT_DETAILS), (Rows.ORGANIZATIONS, rules.SEE_ORGANIZATION),
    (Rows.GROUPS, rules.SEE_GROUP),
)  # fmt: skip
_OTHERS = {
    rules.ORGANIZATIONS_VIEW: (VIEW, RESULTS), rules.USERS_VIEW: (VIEW, RESULTS), rules.USERS_MANAGE: (MANAGE,),
    rules.STUDENT_GROUPS_MANAGE: (GROUP_RESULTS, RESULTS),
}  # fmt: skip
"""Permissions of the generated packs that the schema's rules are tried with besides."""
TABLES = {Rows.USERS: USERS, Rows.ASSIGNMENTS: ASSIGNMENTS, Rows.ORGANIZATIONS: ORGANIZATIONS, Rows.GROUPS: GROUPS}


def every_rule() -> Iterable[tuple[Rows, AnyOf]]:
    """The schema's rules, as they are and with other permissions in their places."""
    for rows, directive in _WRITTEN:
        rule = any_of(directive)
        yield rows, rule
        for at in range(2):
            yield rows, tuple(replace(one, permission=_other(one.permission, at)) for one in rule)


def _other(permission: Any, at: int) -> Any:
    known = _OTHERS.get(permission)
    return known[at % len(known)] if known else permission


@pytest.fixture(scope="module")
def populated(module_database_url: str) -> Populated:
    async def write() -> Populated:
        connection = await open_connection(module_database_url)
        try:
            drawn = draw_people(160, seed=8)
            loaded = await populate(connection, drawn)
            return replace(loaded, people=drawn)
        finally:
            await connection.close()

    return run(write())


@pytest.fixture
async def connection(populated: Populated, module_database_url: str) -> AsyncIterator[Connection]:
    opened = await open_connection(module_database_url)
    yield opened
    await opened.close()


def callers(people: Iterable[Person]) -> list[Caller]:
    """Nobody, systems, drawn people in sessions and through tokens, and reaches that are drawn grant by grant."""
    rng = random.Random(5)
    every = list(people)
    found: list[Caller] = [Anonymous(), *(SystemCaller("system", one) for one in SYSTEMS)]
    for person in rng.sample(every, 14):
        access = access_of(person, PACKS, YEARS, TODAY)
        found += [_caller(rng, access, systems) for systems in (None, rng.choice(SYSTEMS))]
    for many in (1, 2, 3, MOST_WRITTEN_OUT, MOST_WRITTEN_OUT + 1, 20, 50, 50, 90):
        mine = rng.choice(every)
        access = Access(mine.id, mine.status, tuple(_grant(rng) for _ in range(many)))
        found += [_caller(rng, access, systems) for systems in (None, rng.choice(SYSTEMS))]
    return found


def _caller(rng: random.Random, access: Access, systems: frozenset[System] | None) -> PersonCaller:
    own = frozenset(one.id for one in rng.sample(worlds.TREE, rng.choice((0, 1, 3))))
    groups = frozenset(one.group for one in rng.sample(ROSTERS, rng.choice((0, 2))))
    return PersonCaller(access.user, access, None, 1, systems, own_organizations=own, own_groups=groups)


def _grant(rng: random.Random) -> Grant:
    """Any grant that a pack could give: each reach, for some roles only, earlier years, every program, some groups."""
    permission = rng.choice((VIEW, VIEW, MANAGE, RESULTS, GROUP_RESULTS))
    reach = rng.choice((Reach.LEA, Reach.LEA, Reach.SCHOOLS, Reach.SITE, Reach.SITE, Reach.STATE, Reach.ROSTER))
    levels = {Reach.LEA: worlds.LEAS, Reach.SCHOOLS: worlds.LEAS, Reach.STATE: (worlds.STATE,)}
    return Grant(
        rng.choice((RED, worlds.BLUE)), rng.choice((NOW, NOW, worlds.NEXT, worlds.LAST)), permission, reach,
        rng.choice(levels.get(reach, worlds.SCHOOLS)), AssignmentId(UUID(int=1)), RoleSlug("boss"), NOW, "T",
        every_kind=rng.random() < 0.9,
        about_roles=rng.choice((frozenset(), frozenset({worlds.SITE}), frozenset({worlds.SITE, worlds.BOSS}))),
        groups=frozenset(one.group for one in rng.sample(ROSTERS, 2)) if reach is Reach.ROSTER else frozenset(),
        every_program=rng.random() < 0.15,
        earlier_years=rng.random() < 0.3,
    )  # fmt: skip


class Judged:
    """The generated rows as subjects, made from what was drawn and not from what is stored."""

    def __init__(self, people: Iterable[Person], caller: Caller) -> None:
        self._people = list(people)
        self._me = caller if isinstance(caller, PersonCaller) else None
        self._systems = None if isinstance(caller, Anonymous) else caller.systems
        self._own: dict[AssignmentId, Any] = {}
        for person in self._people:
            counted = tuple(a for a in person.assignments if _counts(a))
            for grant in access_of(replace(person, assignments=counted), PACKS, YEARS, TODAY).grants:
                if grant.current and system_of(grant.permission) in (self._systems or ()):
                    self._own[grant.assignment] = grant

    def subjects(self, rows: Rows) -> dict[UUID, Subject]:
        made: dict[Rows, Callable[[], dict[UUID, Subject]]] = {
            Rows.USERS: self._users, Rows.ASSIGNMENTS: self._assignments, Rows.ORGANIZATIONS: self._organizations,
            Rows.GROUPS: self._groups,
        }  # fmt: skip
        return made[rows]()

    def _users(self) -> dict[UUID, Subject]:
        nothing: Any = ""
        nowhere = Place(worlds.STATE.id, Level.STATE, None, nothing, nothing, None)
        return {
            one.id: Subject(
                one.id, tuple(_place(a) for a in one.assignments if _counts(a)) or (nowhere,),
                any(a.id in self._own for a in one.assignments),
            )
            for one in self._people
        }  # fmt: skip

    def _assignments(self) -> dict[UUID, Subject]:
        return {
            a.id: Subject(
                None if self._systems is not None and a.id not in self._own else one.id, (_place(a),), a.id in self._own
            )
            for one in self._people
            for a in one.assignments
        }

    def _organizations(self) -> dict[UUID, Subject]:
        held = [a.organization for one in self._people for a in one.assignments if a.id in self._own]
        return {
            one.id: Subject(
                self._mine(one.id in (self._me.own_organizations if self._me else ())),
                (Place(one.id, one.level, one.lea),),
                any(here.id == one.id or (one.level is Level.LEA and here.lea == one.id) for here in held),
            )
            for one in worlds.TREE
        }

    def _groups(self) -> dict[UUID, Subject]:
        return {
            one.group: Subject(
                self._mine(one.group in (self._me.own_groups if self._me else ())),
                (Place(one.organization, Level.SCHOOL, one.lea, None, one.school_year),),
                group=one.group,
            )
            for one in ROSTERS
        }

    def _mine(self, mine: bool) -> Any:
        return self._me.user if mine and self._me else None


def _counts(a: Any) -> bool:
    years = {(RED, NOW), (RED, worlds.NEXT), (worlds.BLUE, NOW), (worlds.STATE_PROGRAM, "")}
    return a.status is not AssignmentStatus.EXPIRED and (a.program, a.school_year) in years


def _place(a: Any) -> Place:
    here = a.organization
    return Place(OrganizationId(here.id), here.level, here.lea, a.program, a.school_year, a.role)


async def shown(connection: Connection, caller: Caller, table: Table, rule: AnyOf) -> set[UUID]:
    systems = None if isinstance(caller, Anonymous) else caller.systems
    own = None if systems is None else own_systems(systems, PACKS, YEARS, TODAY)
    parameters = Parameters()
    conditions = RowRules(parameters, caller, own)
    condition = conditions.condition(table.rows, "t", rule)
    ctes = with_clause(*conditions.ctes())
    found = await connection.fetch(f"{ctes} select t.id from {table.name} t where {condition}", *parameters.values)
    return {row["id"] for row in found}


@pytest.mark.parametrize("rows", Rows)
async def test_a_condition_is_what_the_rule_says_of_each_row(
    populated: Populated, connection: Connection, rows: Rows
) -> None:
    some = 0
    for caller in callers(populated.people):
        subjects = Judged(populated.people, caller).subjects(rows)
        for of, rule in every_rule():
            if of is rows:
                judged = {one for one, subject in subjects.items() if holds(caller, rule, subject)}
                assert await shown(connection, caller, TABLES[rows], rule) == judged, (caller, rule)
                some += 0 < len(judged) < len(subjects)
    assert some > 10, "most rules must tell rows apart"


async def test_what_is_cut_to_systems_needs_their_rules() -> None:
    """An absent rule never means unrestricted."""
    caller = SystemCaller("system", frozenset({System("cers")}))
    other = own_systems(frozenset({System("toms")}), PACKS, YEARS, TODAY)
    for own in (None, other):
        with pytest.raises(ValueError, match="exactly these systems"):
            RowRules(Parameters(), caller, own)
