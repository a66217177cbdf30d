"""Whoever has no role left is signed out everywhere, whatever took it: held by the database (ASVS 7.4.2, 8.3.2)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.state import Gateway
from policy.ids import UserId
from store.access_version import raise_epoch, raise_versions
from store.database import Connection
from tests.oidc.world import (
    HILL,
    LEA,
    OTHER_LEA,
    PARK,
    Browser,
    bearer,
    give,
    ident,
    person,
    returned,
)

ANA = UserId(ident("ana"))
Change = Callable[[Connection], Awaitable[None]]


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def told(connection: Connection, *users: UserId) -> None:
    async with connection.transaction():
        await raise_versions(connection, users or (ANA,))


async def lives(browser: Browser, tokens: dict[str, Any]) -> bool:
    """Whether the session lives; an authorization of an ended one never does."""
    alive = "code" in returned(await browser.authorize(prompt="none"))
    userinfo = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert alive == (userinfo.status_code == 200)
    return alive


async def _status(connection: Connection, status: str) -> None:
    await connection.execute("update users set status = $2 where id = $1", ANA, status)


async def _suspended(connection: Connection) -> None:
    await _status(connection, "suspended")


async def _inactive(connection: Connection) -> None:
    await _status(connection, "inactive")


async def _deleted(connection: Connection) -> None:
    await connection.execute("update users set status = 'deleted', email = null, email_key = null where id = $1", ANA)


async def _roles_suspended(connection: Connection) -> None:
    await connection.execute("update role_assignments set status = 'suspended' where user_id = $1", ANA)
    await told(connection)


async def _school_closed(connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute("update organizations set active = false where id = $1", PARK)
        await raise_epoch(connection)


@pytest.mark.parametrize("change", [_suspended, _inactive, _deleted, _roles_suspended, _school_closed])
@pytest.mark.checklist("14 loss of the role", "42 loss of the role")
async def test_without_a_role_nothing_lives_on(ana: Browser, connection: Connection, change: Change) -> None:
    tokens = await ana.tokens()
    await change(connection)
    assert not await lives(ana, tokens)
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    row = await connection.fetchrow("select s.ended_at, z.revoked_why from sessions s join authorizations z on true")
    assert row is not None
    assert row["ended_at"] is not None
    assert row["revoked_why"] in ("suspended", "inactive", "deleted")


@pytest.mark.checklist(42)
async def test_another_role_keeps_it(ana: Browser, connection: Connection) -> None:
    """One of two roles is suspended, then the school of that one closes."""
    await give(connection, ANA, "site-coordinator", HILL)
    tokens = await ana.tokens()
    await connection.execute("update role_assignments set status = 'suspended' where organization_id = $1", PARK)
    await told(connection)
    assert await lives(ana, tokens)
    await _school_closed(connection)
    assert await lives(ana, tokens)


async def test_a_role_that_is_replaced_in_one_transaction_keeps_it(ana: Browser, connection: Connection) -> None:
    """As a file does: what counts is how it stands at the end."""
    tokens = await ana.tokens()
    async with connection.transaction():
        await connection.execute("update role_assignments set status = 'suspended' where user_id = $1", ANA)
        await connection.execute("update role_assignments set status = 'active' where user_id = $1", ANA)
        await raise_versions(connection, (ANA,))
    assert await lives(ana, tokens)


async def test_somebody_elses_sessions_go_on(ana: Browser, connection: Connection) -> None:
    await person(connection, "bo", ("site-coordinator", HILL))
    tokens = await ana.tokens()
    await connection.execute("update users set status = 'suspended' where id = $1", ident("bo"))
    async with connection.transaction():
        await connection.execute("update organizations set active = false where id = any($1)", [HILL, OTHER_LEA])
        await raise_epoch(connection)
    assert await lives(ana, tokens)


async def test_of_very_many_only_those_who_are_signed_in_are_touched(ana: Browser, connection: Connection) -> None:
    """As at the end of a school year: one statement makes a batch of accounts inactive."""
    tokens = await ana.tokens()
    await connection.execute(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status) "
        "select gen_random_uuid(), n || '@many.example', n || '@many.example', 'N', 'N', 'n n', 'active' "
        "from generate_series(1, 5000) n"
    )
    await person(connection, "bo", ("site-coordinator", HILL))
    await connection.execute("update users set status = 'inactive' where status = 'active'")
    assert not await lives(ana, tokens)
    assert await connection.fetchval("select count(*) from sessions where ended_at is not null") == 1
    assert await connection.fetchval("select count(*) from authorizations where revoked_why = 'inactive'") == 1


@pytest.mark.checklist(42)
async def test_what_is_being_made_at_that_moment_ends_too(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    """An authorization that is being kept has locked its session: the account's end waits, and looks again then."""
    await ana.tokens()
    columns = "client_id, user_id, session_id, scope, resource, auth_time, acr, amr, created_at, expires_at"
    async with gateway.pool.acquire() as other, other.transaction():
        await other.execute("select from sessions for share")
        await other.execute(
            f"insert into authorizations (id, {columns}) select gen_random_uuid(), {columns} from authorizations"
        )
        ending = asyncio.create_task(_suspended(connection))
        while not await other.fetchval("select count(*) from pg_locks where not granted"):  # noqa: ASYNC110
            await asyncio.sleep(0)
    await ending
    assert await connection.fetchval("select count(*) from authorizations") == 2
    assert await connection.fetchval("select bool_and(revoked_at is not null) from authorizations")


async def test_a_coordinator_of_an_lea_that_closes_is_signed_out(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await browser.sign_in("ana")
    tokens = await browser.tokens()
    async with connection.transaction():
        await connection.execute("update organizations set active = false where id = $1", LEA)
        await raise_epoch(connection)
    assert not await lives(browser, tokens)
