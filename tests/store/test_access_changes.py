"""Changes of access as they are written down: complete, in the order of versions, with every role had, for a month."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from store import access_changes
from store.access_changes import LATEST, RoleHeld, purge_changes, read_changes
from store.access_version import raise_epoch, raise_versions
from store.assignments import delete_assignments
from store.database import Connection, Pool
from store.statements import statements
from tests.graphql.world import assignment_id, give, person, user_id
from tests.oidc.world import CAASPP, HILL, PARK, YEAR, build

TEACHER = RoleHeld(CAASPP, RoleSlug("test-administrator"), YEAR)
EXAMINER = RoleHeld(CAASPP, RoleSlug("test-examiner"), YEAR)
ANN, BEA = user_id("ann"), user_id("bea")


@pytest.fixture(autouse=True)
async def _people(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await build(connection)
    for name in ("ann", "bea"):
        await person(connection, name, forms=False)


async def version(connection: Connection) -> int:
    return (await read_changes(connection, LATEST)).current


async def test_a_change_names_the_person_and_every_role_that_she_holds(connection: Connection) -> None:
    before = await version(connection)
    await give(connection, "ann", "test-administrator", PARK)
    await give(connection, "ann", "test-examiner", HILL)
    read = await read_changes(connection, before)
    assert read.complete
    assert [(one.user, one.roles) for one in read.changes] == [
        (ANN, frozenset({TEACHER})),
        (ANN, frozenset({TEACHER, EXAMINER})),
    ]
    assert [one.version for one in read.changes] == [before + 1, before + 2]
    assert read.current == before + 2


async def test_a_role_that_is_gone_is_named_in_its_removal_and_ever_after(connection: Connection) -> None:
    await give(connection, "ann", "test-administrator", PARK)
    before = await version(connection)
    async with connection.transaction():
        await delete_assignments(connection, [assignment_id("ann", "test-administrator", PARK)])
        await raise_versions(connection, [ANN])
    async with connection.transaction():
        await raise_versions(connection, [ANN])
    assert [one.roles for one in (await read_changes(connection, before)).changes] == [frozenset({TEACHER})] * 2


async def test_a_role_that_was_altered_is_kept_as_it_was(connection: Connection) -> None:
    await give(connection, "ann", "test-administrator", PARK)
    before = await version(connection)
    async with connection.transaction():
        await connection.execute("update role_assignments set role = 'test-examiner', last_day = '2026-12-01'")
        await raise_versions(connection, [ANN])
    async with connection.transaction():
        await connection.execute("update role_assignments set last_day = '2026-12-02'")
    assert [one.roles for one in (await read_changes(connection, before)).changes] == [frozenset({TEACHER, EXAMINER})]
    assert await connection.fetchval("select count(*) from former_roles") == 1


async def test_a_role_without_a_year_is_read_as_one(connection: Connection) -> None:
    before = await version(connection)
    await give(connection, "ann", "state-administrator", PARK, ProgramCode("state"), SchoolYear(""))
    (change,) = (await read_changes(connection, before)).changes
    assert change.roles == {RoleHeld(ProgramCode("state"), RoleSlug("state-administrator"), None)}


async def test_somebody_without_any_role_is_named_alone(connection: Connection) -> None:
    before = await version(connection)
    async with connection.transaction():
        await raise_versions(connection, [BEA])
    assert [one.roles for one in (await read_changes(connection, before)).changes] == [frozenset[RoleHeld]()]


async def test_everybody_is_nobody_in_particular(connection: Connection) -> None:
    before = await version(connection)
    async with connection.transaction():
        new = await raise_epoch(connection)
    read = await read_changes(connection, before)
    assert [(one.version, one.user) for one in read.changes] == [(new, None)]
    assert read.epoch == new


async def test_several_at_once_have_one_version(connection: Connection) -> None:
    before = await version(connection)
    async with connection.transaction():
        await raise_versions(connection, [BEA, ANN])
    read = await read_changes(connection, before)
    assert {(one.version, one.user) for one in read.changes} == {(before + 1, ANN), (before + 1, BEA)}


async def test_a_change_that_was_rolled_back_was_none(connection: Connection) -> None:
    before = await version(connection)

    async def fail() -> None:
        async with connection.transaction():
            await raise_versions(connection, [ANN])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fail()
    assert (await read_changes(connection, before)).changes == ()


async def test_reading_on_from_each_version_misses_nothing_while_many_change(
    pool: Pool, connection: Connection
) -> None:
    before = await version(connection)

    async def change(number: int) -> None:
        async with pool.acquire() as one, one.transaction():
            await raise_versions(one, [ANN] if number % 2 else [ANN, BEA])

    changing = asyncio.gather(*(change(number) for number in range(40)))
    seen: list[int] = []
    after = before
    while after < before + 40:
        read = await read_changes(connection, after)
        assert read.complete
        seen += [one.version for one in read.changes if one.user == ANN]
        after = read.current
    await changing
    assert seen == list(range(before + 1, before + 41))


async def test_what_is_older_than_a_month_goes_and_leaves_a_gap(connection: Connection) -> None:
    before = await version(connection)
    for _ in range(3):
        async with connection.transaction():
            await raise_versions(connection, [ANN, BEA])
    now = datetime.now(UTC)
    await connection.execute(
        "update access_changes set at = $1 where version <= $2", now - timedelta(days=31), before + 1
    )
    await purge_changes(connection, now)
    assert not (await read_changes(connection, before)).complete
    kept = await read_changes(connection, before + 1)
    assert kept.complete
    assert {one.version for one in kept.changes} == {before + 2, before + 3}


async def test_a_version_is_purged_whole_or_not_at_all(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connection.transaction():
        await raise_versions(connection, [ANN, BEA])
    now = datetime.now(UTC)
    await connection.execute("update access_changes set at = $1", now - timedelta(days=31))
    monkeypatch.setattr(
        access_changes, "_PURGED_AT_ONCE", await connection.fetchval("select count(*) - 1 from access_changes")
    )
    await purge_changes(connection, now)
    assert await connection.fetchval("select count(*) from access_changes") == 0
    current = await version(connection)
    assert (await read_changes(connection, current)).complete
    assert not (await read_changes(connection, current - 1)).complete


async def test_a_version_that_was_never_given_out_is_a_gap(connection: Connection) -> None:
    """After a backup was put back, systems may have seen more than there is now."""
    assert not (await read_changes(connection, await version(connection) + 1)).complete


async def test_more_than_is_read_at_once_is_a_gap(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await version(connection)
    async with connection.transaction():
        await raise_versions(connection, [ANN, BEA])
    monkeypatch.setattr(access_changes, "MOST_CHANGES", 1)
    read = await read_changes(connection, before)
    assert (read.complete, read.changes, read.current) == (False, (), before + 1)


async def test_what_is_new_is_found_by_the_index_among_many(connection: Connection) -> None:
    await connection.execute(
        "insert into access_changes (version, user_id) select n, gen_random_uuid() from generate_series(100, 60000) n"
    )
    await connection.execute("update access_state set version = 60000")
    since = statements("access_changes")["since"].replace("$1", "59990").replace("$2", "10")
    rows = await connection.fetch(f"explain {since}")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on access_changes" not in plan, plan
    assert plan.count("access_changes_version_user_id_key") == 2, plan
