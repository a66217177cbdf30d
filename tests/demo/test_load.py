"""The demo state: the same for the same size, plausible, all or nothing."""

import re
from dataclasses import astuple

import pytest

from gateway.demo.load import DemoRefusedError, load_demo
from gateway.demo.mix import mix
from gateway.demo.people import Plan, people
from gateway.demo.places import MOST_USERS, Lea, places
from policy.packs import Packs
from store.connection import Connection
from store.keys_of import email_key, name_key, text_key
from store.packs import ensure_default_packs, load_packs
from store.shipped_packs import shipped_packs, vocabulary

HASH = "$argon2id$demo"


@pytest.fixture(scope="module")
def packs() -> Packs:
    return Packs(vocabulary(), [file.pack for file in shipped_packs() if file.pack.loaded_by_default])


async def loaded(connection: Connection, users: int = 200) -> None:
    async with connection.transaction():
        await ensure_default_packs(connection)
    await load_demo(connection, users, await load_packs(connection), HASH)


@pytest.mark.parametrize("users", [200, 201, 1_000, 20_000])
def test_a_size_gives_exactly_that_many_people(users: int, packs: Packs) -> None:
    rows = list(people(places(users, mix()), Plan(mix(), packs, HASH, batch=500)))
    assert sum(len(batch.users) for batch in rows) == users
    assert len({user.id for batch in rows for user in batch.users}) == users
    assert len({user.email_key for batch in rows for user in batch.users}) == users


def test_people_hold_about_two_assignments(packs: Packs) -> None:
    rows = list(people(places(20_000, mix()), Plan(mix(), packs, HASH)))
    assert 1.8 <= sum(len(batch.assignments) for batch in rows) / 20_000 <= 2.2


def test_the_same_size_is_the_same_state(packs: Packs) -> None:
    def made(batch: int) -> list[object]:
        parts = people(places(1_000, mix()), Plan(mix(), packs, HASH, batch=batch))
        return [row for rows in parts for kind in astuple(rows) for row in kind]

    assert sorted(map(repr, made(20_000))) == sorted(map(repr, made(300)))


def test_keys_are_those_of_the_store(packs: Packs) -> None:
    for batch in people(places(2_000, mix()), Plan(mix(), packs, HASH)):
        for user in batch.users:
            assert user.name_key == name_key(user.last_name, user.first_name)
            assert user.email_key == email_key(user.email)
        for group in batch.groups:
            assert group.name_key == text_key(group.name)


def codes(tree: tuple[Lea, ...]) -> list[tuple[str, str]]:
    return [("lea", lea.code) for lea in tree] + [("school", school.code) for lea in tree for school in lea.schools]


@pytest.mark.parametrize("users", [200, 20_000, MOST_USERS])
def test_cds_codes_have_fourteen_digits_and_schools_lie_in_their_leas(users: int) -> None:
    tree = places(users, mix())
    assert all(re.fullmatch(r"[0-9]{14}", code) and "01" <= code[:2] <= "58" for _, code in codes(tree))
    assert len(set(codes(tree))) == len(codes(tree))
    assert len({lea.slug for lea in tree}) == len(tree)
    for lea in tree:
        if lea.funding == "direct":
            assert [school.code for school in lea.schools] == [lea.code]
        else:
            assert lea.code.endswith("0000000")
            assert all(school.code[:7] == lea.code[:7] and school.code != lea.code for school in lea.schools)


def test_a_million_people_work_at_three_thousand_leas_and_about_twelve_thousand_schools() -> None:
    tree = places(MOST_USERS, mix())
    assert len(tree) == 3_000
    assert 10_000 <= sum(len(lea.schools) for lea in tree) <= 14_000


async def test_the_state_is_in_the_database(connection: Connection) -> None:
    await loaded(connection)
    counts = await connection.fetchrow(
        """select (select count(*) from users) as users,
                  (select count(*) from users where password_hash is not null) as named,
                  (select count(*) from school_years where status = 'upcoming') as upcoming,
                  (select epoch from access_state) as epoch,
                  (select count(*) from audit_events where action = 'loadDemo') as told,
                  (select count(*) from organization_codes) - (select count(*) from organizations) as codes"""
    )
    assert counts is not None
    assert dict(counts.items()) | {"epoch": 0} == {
        "users": 200, "named": len(mix().people), "upcoming": 1, "epoch": 0, "told": 1, "codes": 0,
    }  # fmt: skip
    assert counts["epoch"] > 1


async def test_each_lea_has_one_superintendent_and_one_primary_coordinator_in_each_program(
    connection: Connection,
) -> None:
    await loaded(connection, 2_000)
    rows = await connection.fetch(
        """select o.id, p.program,
                  count(*) filter (where a.role = 'superintendent' and a.origin = 'directory') as superintendents,
                  count(*) filter (where a."primary") as primaries
           from organizations o cross join (values ('caaspp'), ('elpac')) p (program)
           left join role_assignments a on a.organization_id = o.id and a.program = p.program
                and a.school_year = '2026-27' and a.status = 'active'
           where o.level = 'lea' group by 1, 2"""
    )
    assert rows
    assert {(row["superintendents"], row["primaries"]) for row in rows} == {(1, 1)}


async def test_s0_12_nobody_holds_two_roles_of_a_program_at_one_place_and_year(connection: Connection) -> None:
    await loaded(connection, 2_000)
    twice = await connection.fetchval(
        """select count(*) from (select 1 from role_assignments group by user_id, program, school_year, organization_id
           having count(*) > 1) many"""
    )
    assert twice == 0


async def test_the_same_load_twice_changes_nothing(connection: Connection) -> None:
    await loaded(connection)
    before = await connection.fetchval("select version from access_state")
    done = await load_demo(connection, 200, await load_packs(connection), HASH)
    assert done.again
    assert await connection.fetchval("select version from access_state") == before
    assert await connection.fetchval("select count(*) from users") == 200


async def test_another_size_is_refused(connection: Connection) -> None:
    await loaded(connection)
    with pytest.raises(DemoRefusedError, match="holds the demo state of 200 users"):
        await load_demo(connection, 201, await load_packs(connection), HASH)


async def test_a_database_with_people_of_its_own_is_refused(connection: Connection) -> None:
    await connection.execute(
        """insert into users (id, email, email_key, first_name, last_name, name_key, status)
           values (gen_random_uuid(), 'a@b.c', 'a@b.c', 'A', 'B', 'b a', 'active')"""
    )
    with pytest.raises(DemoRefusedError, match="of its own"):
        await loaded(connection)
    assert await connection.fetchval("select count(*) from organizations") == 0


@pytest.mark.parametrize("users", [0, 199, MOST_USERS + 1])
async def test_a_size_out_of_bounds_is_refused(connection: Connection, users: int) -> None:
    with pytest.raises(DemoRefusedError, match="is outside"):
        await load_demo(connection, users, await load_packs(connection), HASH)
