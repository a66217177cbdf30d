"""Connections serve as `hallpass_app`, keep no state between two uses, and carry JSON as Python values."""

import asyncio
import uuid

import asyncpg
import pytest

from store.database import Connection, DatabaseError, Pool, open_connection, open_pool
from tests.databases import Databases


async def test_a_connection_serves_as_the_app_role_in_our_schema(connection: Connection) -> None:
    row = await connection.fetchrow(
        "select current_user::text, current_setting('search_path'), current_setting('jit'), current_setting('timezone')"
    )
    assert row is not None
    assert tuple(row.values()) == ("hallpass_app", "hallpass, pg_temp", "off", "UTC")


async def test_another_login_becomes_the_app_role(server: Databases, database_name: str) -> None:
    pool = await open_pool(server.superuser_url(database_name))
    async with pool.acquire() as connection:
        assert await connection.fetchval("select current_user::text") == "hallpass_app"
        assert await connection.fetchval("select session_user::text") == "hallpass"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("delete from audit_events")
    await pool.close()


async def test_a_login_that_is_no_member_is_refused_with_a_sentence(server: Databases, database_name: str) -> None:
    with pytest.raises(DatabaseError, match="can't act as the role hallpass_app"):
        await open_pool(server.owner_url(database_name))
    with pytest.raises(DatabaseError, match="can't act as the role hallpass_owner"):
        await open_connection(server.url(database_name), "hallpass_owner")


@pytest.mark.parametrize("value", [{"a": [1, None, "ä"]}, [], "text", 7, None, True])
async def test_jsonb_is_a_python_value_both_ways(connection: Connection, value: object) -> None:
    # SQL null and JSON null are two things: a parameter None is SQL null
    assert await connection.fetchval("select $1::jsonb", value) == value


async def test_jsonb_takes_ids_as_the_driver_returns_them(connection: Connection) -> None:
    found = await connection.fetchval("select $1::uuid", uuid.UUID(int=7))
    assert await connection.fetchval("select $1::jsonb", {"id": found}) == {"id": str(uuid.UUID(int=7))}


async def test_giving_a_connection_back_sends_nothing(pool: Pool) -> None:
    seen: list[str] = []
    async with pool.acquire() as connection:
        connection.add_query_logger(lambda record: seen.append(record.query))  # pyright: ignore[reportUnknownMemberType, reportUnknownLambdaType, reportAttributeAccessIssue, reportUnknownArgumentType]
        await connection.fetchval("select 1")
    assert seen == ["select 1"]


async def test_a_listening_connection_is_reset_before_the_next_use(database_url: str) -> None:
    pool = await open_pool(database_url, minimum=1, maximum=1)
    with pytest.warns(asyncpg.InterfaceWarning, match="active notification listener"):
        await _listen(pool)
    async with pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from pg_listening_channels()") == 0
    await pool.close()


def _ignore(*_: object) -> None:
    """Hear and do nothing."""


async def _listen(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.add_listener("news", _ignore)
        assert await connection.fetchval("select count(*) from pg_listening_channels()") == 1


async def test_a_transaction_left_open_is_rolled_back(database_url: str) -> None:
    asyncio.get_running_loop().set_exception_handler(_ignore)  # asyncpg tells the loop of the mistake
    pool = await open_pool(database_url, minimum=1, maximum=1)
    async with pool.acquire() as connection:
        await connection.execute("begin")
        await connection.execute("update access_state set version = 100")
    async with pool.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("select version from access_state") == 1
    await pool.close()
