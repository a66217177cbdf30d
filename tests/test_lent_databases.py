"""A test never finds what another left: not in the database that it is lent, nor in its sessions, nor in the loop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from store.database import Pool, open_connection, open_pool
from tests.databases import Databases
from tests.lent_databases import Lent, keep_open, original_of
from tests.oidc.world import PARK, person
from tests.states import provider_state

_REFILL = """
insert into school_years (program, school_year, status) values ('caaspp', '2031-32', 'upcoming');
update organizations set name = 'Another';
delete from relying_parties where client_id = 'browser';
select nextval('hallpass.pgqueuer_id_seq')
"""


@pytest.fixture
async def given(server: Databases) -> AsyncIterator[Lent]:
    """A database with the provider's state, which is gone afterwards."""
    lent = server.lend(provider_state)
    yield lent
    if lent.pool is not None:
        lent.pool.terminate()
    server.drop(lent.name)


async def _write(url: str) -> None:
    connection = await open_connection(url)
    await person(connection, "ana", ("site-coordinator", PARK))
    await connection.execute(_REFILL)
    await connection.close()


async def _same_as_new(server: Databases, lent: Lent) -> bool:
    new = await open_connection(server.superuser_url(server.holding(provider_state)), None)
    kept = await open_connection(server.superuser_url(lent.name), None)
    try:
        return await original_of(new) == await original_of(kept)
    finally:
        await new.close()
        await kept.close()


async def test_what_was_written_is_gone_and_what_was_changed_is_back(server: Databases, given: Lent) -> None:
    for _ in range(3):
        await _write(server.url(given.name))
        assert not await _same_as_new(server, given)
        server.take_back(given, provider_state)
        assert server.lend(provider_state) is given
        assert await _same_as_new(server, given)


@pytest.mark.parametrize(
    "change",
    [
        "create table hallpass.more (id int)",
        "drop index hallpass.users_name",
        "alter table hallpass.users add column more int",
        "alter table hallpass.users drop column phone",
        "create or replace function hallpass.more() returns int language sql as 'select 1'",
        "alter table hallpass.users disable trigger all",
        "revoke select on hallpass.users from hallpass_app",
    ],
)
async def test_who_changed_the_schema_had_the_database_last(server: Databases, change: str) -> None:
    lent = server.lend(provider_state)
    owner = await open_connection(server.superuser_url(lent.name), None)
    await owner.execute(change)
    await owner.close()
    server.take_back(lent, provider_state)
    another = server.lend(provider_state)
    assert another.name != lent.name
    server.take_back(another, provider_state)


async def test_who_is_still_connected_keeps_it_from_the_next(server: Databases) -> None:
    lent = server.lend(provider_state)
    connection = await open_connection(server.url(lent.name))
    server.take_back(lent, provider_state)
    another = server.lend(provider_state)
    assert another.name != lent.name
    connection.terminate()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    server.take_back(another, provider_state)


async def test_a_session_begins_anew(server: Databases, given: Lent) -> None:
    pool = await open_pool(server.url(given.name), maximum=2)
    async with pool.acquire() as connection:
        await connection.execute("select pg_advisory_lock(7); set timezone = 'Asia/Tokyo'; create temp table t ()")
    await keep_open(given, pool)
    assert given.pool is pool
    server.take_back(given, provider_state)
    assert server.lend(provider_state) is given
    async with pool.acquire() as connection:
        assert await connection.fetchval("show timezone") == "UTC"
        assert await connection.fetchval("select count(*) from pg_locks where locktype = 'advisory'") == 0
        assert await connection.fetchval("select to_regclass('pg_temp.t')") is None


async def test_a_pool_in_use_is_not_kept(server: Databases, given: Lent) -> None:
    pool = await open_pool(server.url(given.name), maximum=2)
    async with pool.acquire():
        await keep_open(given, pool)
    assert given.pool is None
    assert pool.is_closing()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]


@pytest.mark.parametrize("turn", range(3))
async def test_every_turn_is_the_first(pool: Pool, provider_state: None, turn: int) -> None:
    async with pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from users") == 0
        await person(connection, "ana", ("site-coordinator", PARK))


_GOING_ON: list[asyncio.Task[bool]] = []


@pytest.mark.parametrize("turn", range(2))
async def test_what_goes_on_ends_with_its_test(turn: int) -> None:
    assert all(task.done() for task in _GOING_ON)
    _GOING_ON.append(asyncio.create_task(asyncio.Event().wait()))
