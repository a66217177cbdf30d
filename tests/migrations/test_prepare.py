"""Roles on a server of one's own: made where the login may, else one sentence says what an administrator must run."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from migrations.apply import migrate
from migrations.errors import MigrationError
from store.database import DatabaseError, open_connection, open_pool
from tests.databases import Databases, databases

MAJOR = 18


@pytest.fixture
def bare() -> Iterator[tuple[Databases, str]]:
    """A server whose only database is empty and which has neither role, as a provider hands it over."""
    with databases(MAJOR) as server:
        name = server.empty()
        yield server, name


async def _as_superuser(server: Databases, name: str, *statements: str) -> None:
    connection = await open_connection(server.superuser_url(name), None)
    try:
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()


async def _without_roles(server: Databases, name: str) -> None:
    await _as_superuser(server, name, "drop database hallpass")
    await _as_superuser(server, name, f"revoke all on database {name} from hallpass_owner")
    await _as_superuser(server, name, "drop role hallpass_app", "drop role hallpass_owner")


def _url(server: Databases, name: str, login: str) -> str:
    return server.server.address(login, quote(name))


async def test_a_login_that_may_create_roles_makes_everything(bare: tuple[Databases, str]) -> None:
    server, name = bare
    await _without_roles(server, name)
    await _as_superuser(
        server, name, "create role deployer login createrole", f"grant create on database {name} to deployer"
    )
    url = _url(server, name, "deployer")
    assert (await migrate(url, "deployer")).before is None
    pool = await open_pool(url)
    async with pool.acquire() as connection:
        assert await connection.fetchval("select current_user::text") == "hallpass_app"
        owners = await connection.fetch("select distinct tableowner::text from pg_tables where schemaname = 'hallpass'")
        assert [row[0] for row in owners] == ["hallpass_owner"]
    await pool.close()


async def test_another_login_serves(bare: tuple[Databases, str]) -> None:
    server, name = bare
    await _without_roles(server, name)
    await _as_superuser(server, name, "create role web login")
    await migrate(server.superuser_url(name), "web")
    pool = await open_pool(_url(server, name, "web"))
    async with pool.acquire() as connection:
        assert await connection.fetchval("select current_user::text") == "hallpass_app"
    await pool.close()


async def test_a_login_that_may_not_create_roles_is_told_what_to_ask_for(bare: tuple[Databases, str]) -> None:
    server, name = bare
    await _without_roles(server, name)
    await _as_superuser(server, name, "create role plain login")
    url = _url(server, name, "plain")
    with pytest.raises(MigrationError, match="`create role hallpass_owner; create role hallpass_app; grant"):
        await migrate(url)
    await _as_superuser(server, name, "create role hallpass_owner", "create role hallpass_app")
    with pytest.raises(MigrationError, match='run `grant hallpass_owner to "plain"`'):
        await migrate(url)
    await _as_superuser(server, name, "grant hallpass_owner, hallpass_app to plain")
    with pytest.raises(MigrationError, match="`create schema hallpass authorization hallpass_owner`"):
        await migrate(url)
    await _as_superuser(server, name, "create schema hallpass authorization hallpass_owner")
    assert (await migrate(url, "plain")).before is None


async def test_a_database_that_does_not_answer_or_exist(bare: tuple[Databases, str]) -> None:
    server, _ = bare
    with pytest.raises(MigrationError, match="can't be reached"):
        await migrate("postgresql://hallpass_owner@/hallpass?host=/nowhere")
    with pytest.raises(DatabaseError, match=r"refuses the login .*nothing_here"):
        await migrate(server.owner_url("nothing_here"))
    with pytest.raises(DatabaseError, match=r"refuses the login .*somebody_else"):
        await migrate(_url(server, "postgres", "somebody_else"))


async def test_a_serving_login_that_does_not_exist_is_named(bare: tuple[Databases, str]) -> None:
    server, name = bare
    with pytest.raises(MigrationError, match="The login nobody_here does not exist"):
        await migrate(server.superuser_url(name), "nobody_here")
