"""Rows that a list gives are exactly those for which the access rules hold, judged one by one in Python."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from policy.access import AccessRule, AccessTarget, AnyOf, RowFilter, Subject, holds, row_filter
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.facts import Level
from policy.grants import access_of
from policy.ids import System, UserId
from policy.reach import EVERYTHING
from store.assignments import assignments_by_ids
from store.compile import Sought
from store.compile_rows import Asked
from store.connection import Connection
from store.database import open_connection
from store.groups import groups_by_ids
from store.mapped_rows import (
    Kind,
    Listed,
    MappedRow,
    count_rows,
    count_within,
    page_of_rows,
    rows_by_ids,
    rows_within,
)
from store.organization_search import OrganizationFilter
from store.organizations import organizations_by_ids
from store.own_systems import OwnSystems, own_systems
from store.pages import PageRequest
from store.people import load_people, load_person, load_years
from store.reached_ids import organizations_reached, users_reached
from store.records import Count
from store.tables import ASSIGNMENTS, GROUPS, ORGANIZATIONS, USERS, Found
from store.user_search import UserFilter
from store.users import users_by_ids
from tests.databases import run
from tests.policy import worlds
from tests.policy.worlds import MANAGE, PACKS, RESULTS, TODAY, VIEW, YEARS
from tests.store.populated import GROUPS as POPULATED_GROUPS
from tests.store.populated import Populated, draw_people, populate

SYSTEMS = tuple(frozenset(map(System, names)) for names in (("cers",), ("ors",), ("thss", "hallpass"), ("toms",), ()))
PEOPLE_RULES: tuple[AnyOf, ...] = (
    (AccessRule(None, AccessTarget.SELF), AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS), AccessRule(VIEW, AccessTarget.OWN_SYSTEM)),  # noqa: E501
    (AccessRule(MANAGE, AccessTarget.USERS_ORGANIZATIONS),),
    (AccessRule(RESULTS, AccessTarget.USERS_ORGANIZATIONS),),
)  # fmt: skip
ASSIGNMENT_RULES: tuple[AnyOf, ...] = (
    (AccessRule(None, AccessTarget.SELF), AccessRule(VIEW, AccessTarget.ASSIGNMENT_ORGANIZATION), AccessRule(None, AccessTarget.OWN_SYSTEM)),  # noqa: E501
    (AccessRule(MANAGE, AccessTarget.ASSIGNMENT_ORGANIZATION),),
)  # fmt: skip
USER = Kind(USERS, ("last_name", "email"))
ORGANIZATION = Kind(ORGANIZATIONS, ("level",))
ASSIGNMENT = Kind(ASSIGNMENTS, ("program", "role", "organization_id"))
GROUP = Kind(GROUPS, ("name",))
FILTERS = (
    UserFilter(),
    UserFilter(name_prefix="AVILA"),
    UserFilter(email_prefix="Bo."),
    UserFilter(program=worlds.RED),
    UserFilter(program=worlds.BLUE, role=worlds.TEACHER),
    UserFilter(organization=worlds.LEAS[0].id),
    UserFilter(organization=worlds.SCHOOLS[3].id, role=worlds.SITE, name_prefix="b"),
)


@pytest.fixture(scope="module")
def populated(module_database_url: str) -> Populated:
    async def write() -> Populated:
        connection = await open_connection(module_database_url)
        try:
            return await populate(connection, draw_people(240, seed=5))
        finally:
            await connection.close()

    return run(write())


@pytest.fixture
async def state(populated: Populated, module_database_url: str) -> AsyncIterator[tuple[Populated, Connection]]:
    connection = await open_connection(module_database_url)
    yield populated, connection
    await connection.close()


def own_of(caller: Caller) -> OwnSystems | None:
    return None if caller.systems is None else own_systems(caller.systems, PACKS, YEARS, TODAY)  # type: ignore[union-attr]


def asked_of(caller: Caller) -> Asked:
    return Asked(caller, own_of(caller))


def seen(caller: PersonCaller | SystemCaller, rules: AnyOf, row: MappedRow) -> bool:
    """The rules for one row; through a token one's own assignments are cut to its systems as well."""
    subject = row.subject
    if row.table is ASSIGNMENTS and caller.systems is not None and not subject.in_own_systems:
        subject = replace(subject, owner=None)
    return holds(caller, rules, subject)


def callers(populated: Populated) -> list[PersonCaller | SystemCaller]:
    rng = random.Random(3)
    people = rng.sample(populated.people, 25)
    people += [one for one in populated.people if any(a.role == worlds.HELP for a in one.assignments)]
    found: list[PersonCaller | SystemCaller] = [SystemCaller("system", systems) for systems in SYSTEMS]
    for person in people:
        access = access_of(person, PACKS, YEARS, TODAY)
        found += [PersonCaller(person.id, access, None, 1, systems) for systems in (None, rng.choice(SYSTEMS))]
    return found


async def test_people_are_read_back_as_they_were_written(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    loaded = await load_people(connection, populated.ids)
    assert tuple(loaded[person.id].person for person in populated.people) == populated.people
    assert await load_years(connection) == YEARS
    assert await load_person(connection, UserId(worlds.ident("nobody"))) is None


async def test_own_systems_is_what_the_core_grants(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    for systems in SYSTEMS:
        records = await users_by_ids(connection, populated.ids, own_systems(systems, PACKS, YEARS, TODAY))
        found = {user for user, record in records.items() if record.in_own_systems}
        judged = {one.id for one in populated.people if access_of(one, PACKS, YEARS, TODAY).systems() & systems}
        assert found == judged
        assert bool(judged) == bool(systems)


async def test_rows_lie_where_their_facts_do(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    own = own_systems(SYSTEMS[0], PACKS, YEARS, TODAY)
    asked = Asked(SystemCaller("system", SYSTEMS[0]), own)
    given = [one.id for person in populated.people for one in person.assignments]
    tree, groups = [one.id for one in worlds.TREE], [one.group for one in POPULATED_GROUPS]
    for kind, facts in (
        (USER, await users_by_ids(connection, populated.ids, own)),
        (ORGANIZATION, await organizations_by_ids(connection, tree, own)),
        (ASSIGNMENT, await assignments_by_ids(connection, given, own)),
        (GROUP, await groups_by_ids(connection, groups)),
    ):
        rows = await rows_by_ids(connection, asked, kind, list(facts))
        assert {one: row.subject for one, row in rows.items()} == {one: fact.subject for one, fact in facts.items()}


async def every_user(connection: Connection, asked: Asked, rule: AnyOf, wanted: UserFilter) -> list[MappedRow]:
    found: list[MappedRow] = []
    after = None
    while True:
        page = await page_of_rows(connection, asked, USER, rule, Sought(wanted), PageRequest(7, after))
        found += page.rows
        if not page.has_next:
            return found
        assert len(page.rows) == 7
        after = page.cursors[-1]


@pytest.mark.rule("S0-56")
async def test_users_listed_are_those_for_whom_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    order = {
        row["id"]: at for at, row in enumerate(await connection.fetch("select id from users order by name_key, id"))
    }
    for caller, rules in product(callers(populated), PEOPLE_RULES):
        asked = asked_of(caller)
        rows = await rows_by_ids(connection, asked, USER, populated.ids)
        judged = {user for user, row in rows.items() if seen(caller, rules, row)}
        listed = await every_user(connection, asked, rules, UserFilter())
        assert [one.id for one in listed] == sorted(judged, key=lambda user: order[user])
        assert await count_rows(connection, asked, rules, Sought(UserFilter())) == Count(len(judged), len(judged))
        reached = await users_reached(connection, PageRequest(100), row_filter(caller, rules), own_of(caller))
        assert list(reached.rows) == [one.id for one in listed][:100]


async def test_filters_look_at_visible_assignments_only(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    for caller, rules in product(callers(populated)[::2], (PEOPLE_RULES[0], PEOPLE_RULES[1])):
        asked = asked_of(caller)
        rows = await rows_by_ids(connection, asked, USER, populated.ids)
        shown = {user for user, row in rows.items() if seen(caller, rules, row)}
        places = await _visible_places(connection, populated, caller, rules)
        for wanted in FILTERS:
            judged = {user for user in shown if _matches(rows[user], places[UserId(user)], wanted)}
            listed = await every_user(connection, asked, rules, wanted)
            assert {row.id for row in listed} == judged, (caller, wanted)
            assert await count_rows(connection, asked, rules, Sought(wanted)) == Count(len(judged), len(judged))


async def _visible_places(
    connection: Connection, populated: Populated, caller: PersonCaller | SystemCaller, rules: AnyOf
) -> dict[UserId, set[tuple[object, ...]]]:
    ids = [one.id for person in populated.people for one in person.assignments]
    rows = await rows_by_ids(connection, asked_of(caller), ASSIGNMENT, ids)
    return {
        person.id: {
            (row["program"], row["role"], row["organization_id"])
            for one in person.assignments
            if holds(caller, rules, (row := rows[one.id]).subject)
        }
        for person in populated.people
    }


def _matches(row: MappedRow, places: set[tuple[object, ...]], wanted: UserFilter) -> bool:
    if wanted.name_prefix == "AVILA" and row["last_name"] not in {"Ávila", "avila"}:
        return False
    if wanted.name_prefix == "b" and row["last_name"] != "Bell":
        return False
    if wanted.email_prefix is not None and not (row["email"] or "").startswith("Bo."):
        return False
    return not wanted.by_assignment or any(
        wanted.program in (None, program)
        and wanted.role in (None, role)
        and wanted.organization in (None, organization)
        for program, role, organization in places
    )


async def test_assignments_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    ids = [one["id"] for one in await connection.fetch("select id from role_assignments")]
    for caller, rules in product(callers(populated), ASSIGNMENT_RULES):
        asked, listed = asked_of(caller), Listed(Found.BY_KEY, "user_id", rules)
        rows = await rows_by_ids(connection, asked, ASSIGNMENT, ids)
        judged = {one for one, row in rows.items() if seen(caller, rules, row)}
        pages = await rows_within(connection, asked, ASSIGNMENT, listed, populated.ids, PageRequest(100))
        assert {row.id for page in pages.values() for row in page.rows} == judged
        counts = await count_within(connection, asked, ASSIGNMENTS, listed, populated.ids)
        assert {user: count.at_least for user, count in counts.items()} == {u: len(p.rows) for u, p in pages.items()}


async def test_organizations_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    tree = [where.id for where in worlds.TREE]
    for caller, permission in product(callers(populated), (VIEW, RESULTS)):
        rules = (AccessRule(permission, AccessTarget.THIS), AccessRule(permission, AccessTarget.OWN_SYSTEM))
        asked = asked_of(caller)
        rows = await rows_by_ids(connection, asked, ORGANIZATION, tree)
        judged = {one for one, row in rows.items() if seen(caller, rules, row)}
        for wanted in (OrganizationFilter(), OrganizationFilter(level=Level.SCHOOL)):
            expected = {one for one in judged if wanted.level in (None, rows[one]["level"])}
            page = await page_of_rows(connection, asked, ORGANIZATION, rules, Sought(wanted), PageRequest(50))
            assert {row.id for row in page.rows} == expected
            assert await count_rows(connection, asked, rules, Sought(wanted)) == Count(len(expected), len(expected))
        if isinstance(caller, PersonCaller):
            visible = row_filter(caller, rules).visible
            assert set((await organizations_reached(connection, PageRequest(50), visible)).rows) == judged


async def test_groups_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    tree = [where.id for where in worlds.TREE]
    for caller, permission in product(callers(populated), (VIEW, worlds.GROUPS)):
        rules = (AccessRule(permission, AccessTarget.GROUP_ORGANIZATION),)
        asked, listed = asked_of(caller), Listed(Found.BY_KEY, "organization_id", rules)
        rows = await rows_by_ids(connection, asked, GROUP, [one.group for one in POPULATED_GROUPS])
        judged = {one for one, row in rows.items() if seen(caller, rules, row)}
        pages = await rows_within(connection, asked, GROUP, listed, tree, PageRequest(50))
        assert {row.id for page in pages.values() for row in page.rows} == judged


async def test_users_of_an_organization_are_those_whose_assignments_there_are_seen(
    state: tuple[Populated, Connection],
) -> None:
    populated, connection = state
    tree = [where.id for where in worlds.TREE]
    for caller in callers(populated):
        rules = (AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS), AccessRule(VIEW, AccessTarget.OWN_SYSTEM))
        asked, listed = asked_of(caller), Listed(Found.BY_HOLDING, "", rules)
        places = await _visible_places(connection, populated, caller, rules)
        holding: dict[UUID, set[UUID]] = {one: set() for one in tree}
        for user, held in places.items():
            for _, _, organization in held:
                holding[UUID(str(organization))].add(user)
        pages = await rows_within(connection, asked, USER, listed, tree, PageRequest(100))
        counts = await count_within(connection, asked, USERS, listed, tree)
        assert {one: count.at_least for one, count in counts.items()} == {one: len(u) for one, u in holding.items()}
        for one, page in pages.items():
            assert {row.id for row in page.rows} <= holding[one]
            assert len(page.rows) == min(100, len(holding[one]))


async def test_a_filter_by_own_systems_without_their_rules_is_an_error(connection: Connection) -> None:
    caller = SystemCaller("system", SYSTEMS[0])
    with pytest.raises(ValueError, match="own systems"):
        await users_reached(connection, PageRequest(), RowFilter(EVERYTHING, own_systems=SYSTEMS[0]))
    with pytest.raises(ValueError, match="exactly these systems"):
        await rows_by_ids(connection, Asked(caller, None), USER, [])


async def test_somebody_without_assignments_is_found_by_the_state_alone(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    lost = next(person for person in populated.people if not person.assignments)
    record = (await users_by_ids(connection, [lost.id]))[lost.id]
    boss = worlds.assignment(worlds.Holding(worlds.BOSS, worlds.LEAS[0]))
    rule = (AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS),)
    for assignment, found in ((boss, False), (worlds.assignment(worlds.Holding(worlds.HELP, worlds.STATE), worlds.STATE_PROGRAM, worlds.SchoolYear("")), True)):  # fmt: skip  # noqa: E501
        person = worlds.Person(UserId(worlds.ident("caller")), worlds.UserStatus.ACTIVE, (assignment,))
        caller = PersonCaller(person.id, access_of(person, PACKS, YEARS, TODAY), None, 1)
        assert holds(caller, rule, record.subject) is found
    assert Subject(places=record.places).places[0].program == ""
