"""Rows that a list gives are exactly those for which the access rules hold, judged one by one in Python."""

import random
from collections.abc import AsyncIterator
from itertools import product

import pytest

from policy.access import AccessRule, AccessTarget, AnyOf, RowFilter, Subject, holds, row_filter
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.facts import Level
from policy.grants import access_of
from policy.ids import System, UserId
from store.assignments import assignments_by_ids, assignments_of_users, count_assignments_of_users
from store.connection import Connection
from store.database import open_connection
from store.groups import groups_by_ids, groups_of_organizations
from store.organizations import OrganizationFilter, count_organizations, organizations_by_ids, organizations_page
from store.own_systems import OwnSystems, own_systems
from store.pages import PageRequest
from store.people import load_people, load_person, load_years
from store.records import Count, UserRecord
from store.user_search import UserFilter
from store.users import users_by_ids
from store.users_page import count_users, users_page
from tests.databases import run
from tests.policy import worlds
from tests.policy.worlds import MANAGE, PACKS, RESULTS, TODAY, VIEW, YEARS
from tests.store.populated import GROUPS, Populated, draw_people, populate

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


async def every_user(
    connection: Connection, rows: RowFilter, wanted: UserFilter, own: OwnSystems | None
) -> list[UserRecord]:
    found: list[UserRecord] = []
    after = None
    while True:
        page = await users_page(connection, PageRequest(7, after), rows, wanted, own)
        found += page.rows
        if not page.has_next:
            return found
        assert len(page.rows) == 7
        after = page.cursors[-1]


async def test_users_listed_are_those_for_whom_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    for caller, rules in product(callers(populated), PEOPLE_RULES):
        own, rows = own_of(caller), row_filter(caller, rules)
        records = await users_by_ids(connection, populated.ids, own)
        judged = {user for user, record in records.items() if holds(caller, rules, record.subject)}
        listed = await every_user(connection, rows, UserFilter(), own)
        assert {record.id for record in listed} == judged
        assert len(listed) == len(judged)
        assert await count_users(connection, rows, UserFilter(), own) == Count(len(judged), len(judged))
        order = {
            row["id"]: at for at, row in enumerate(await connection.fetch("select id from users order by name_key, id"))
        }
        assert [order[one.id] for one in listed] == sorted(order[one.id] for one in listed)


async def test_filters_look_at_visible_assignments_only(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    for caller, rules in product(callers(populated)[::2], (PEOPLE_RULES[0], PEOPLE_RULES[1])):
        own, rows = own_of(caller), row_filter(caller, rules)
        records = await users_by_ids(connection, populated.ids, own)
        seen = {user for user, record in records.items() if holds(caller, rules, record.subject)}
        visible_places = await _visible_places(connection, populated, caller, rules, own)
        for wanted in FILTERS:
            judged = {user for user in seen if _matches(records[user], visible_places[user], wanted)}
            listed = await every_user(connection, rows, wanted, own)
            assert {record.id for record in listed} == judged, (caller, wanted)
            assert await count_users(connection, rows, wanted, own) == Count(len(judged), len(judged))


async def _visible_places(
    connection: Connection, populated: Populated, caller: Caller, rules: AnyOf, own: OwnSystems | None
) -> dict[UserId, set[tuple[object, ...]]]:
    ids = [one.id for person in populated.people for one in person.assignments]
    records = await assignments_by_ids(connection, ids, own)
    return {
        person.id: {
            (record.program, record.role, record.organization_id)
            for one in person.assignments
            if holds(caller, rules, (record := records[one.id]).subject)
        }
        for person in populated.people
    }


def _matches(record: UserRecord, places: set[tuple[object, ...]], wanted: UserFilter) -> bool:
    if wanted.name_prefix == "AVILA" and record.last_name not in {"Ávila", "avila"}:
        return False
    if wanted.name_prefix == "b" and record.last_name != "Bell":
        return False
    if wanted.email_prefix is not None and not (record.email or "").startswith("Bo."):
        return False
    return not wanted.by_assignment or any(
        wanted.program in (None, program)
        and wanted.role in (None, role)
        and wanted.organization in (None, organization)
        for program, role, organization in places
    )


async def test_assignments_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    everyone = list(populated.ids)
    ids = [one["id"] for one in await connection.fetch("select id from role_assignments")]
    for caller, rules in product(callers(populated), ASSIGNMENT_RULES):
        own, rows = own_of(caller), row_filter(caller, rules)
        records = await assignments_by_ids(connection, ids, own)
        judged = {one for one, record in records.items() if holds(caller, rules, record.subject)}
        pages = await assignments_of_users(connection, everyone, PageRequest(100), rows, own)
        assert {record.id for page in pages.values() for record in page.rows} == judged
        counts = await count_assignments_of_users(connection, everyone, rows, own)
        assert {user: count.at_least for user, count in counts.items()} == {u: len(p.rows) for u, p in pages.items()}


async def test_organizations_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    tree = [where.id for where in worlds.TREE]
    for caller, permission in product(callers(populated), (VIEW, RESULTS)):
        rules = (AccessRule(permission, AccessTarget.THIS), AccessRule(permission, AccessTarget.OWN_SYSTEM))
        own, rows = own_of(caller), row_filter(caller, rules)
        records = await organizations_by_ids(connection, tree, own)
        judged = {one for one, record in records.items() if holds(caller, rules, record.subject)}
        for wanted in (OrganizationFilter(), OrganizationFilter(level=Level.SCHOOL)):
            expected = {one for one in judged if wanted.level in (None, records[one].level)}
            page = await organizations_page(connection, PageRequest(50), rows, wanted, own)
            assert {record.id for record in page.rows} == expected
            assert await count_organizations(connection, rows, wanted, own) == Count(len(expected), len(expected))


async def test_groups_listed_are_those_for_which_the_rules_hold(state: tuple[Populated, Connection]) -> None:
    populated, connection = state
    tree = [where.id for where in worlds.TREE]
    for caller, permission in product(callers(populated), (VIEW, worlds.GROUPS)):
        rules = (AccessRule(permission, AccessTarget.GROUP_ORGANIZATION),)
        records = await groups_by_ids(connection, [one.group for one in GROUPS])
        judged = {one for one, record in records.items() if holds(caller, rules, record.subject)}
        pages = await groups_of_organizations(
            connection, tree, PageRequest(50), row_filter(caller, rules), own_of(caller)
        )
        assert {record.id for page in pages.values() for record in page.rows} == judged


async def test_a_filter_by_own_systems_without_their_rules_is_an_error(connection: Connection) -> None:
    rows = row_filter(SystemCaller("system", SYSTEMS[0]), PEOPLE_RULES[0])
    with pytest.raises(ValueError, match="own systems"):
        await users_page(connection, PageRequest(), rows)


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
