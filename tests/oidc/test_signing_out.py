"""Signing out ends all that came from the session, also what is being made at that moment (ASVS 7.4.1, 10.4.8)."""

import asyncio
from typing import Any

import httpx2
import pytest

from gateway.oidc.authorization import entering
from gateway.state import Gateway
from store.authorizations import insert_authorization
from store.database import Connection
from store.sessions import finish_session
from tests.oidc.world import PARK, Browser, Clock, bearer, csrf, person, returned


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "bo", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def sign_out(browser: Browser, page: httpx2.Response | None = None) -> None:
    page = page or await browser.http.get("/signin?next=/account")
    assert (await browser.http.post("/signin/out", data={"csrf": csrf(page)})).status_code == 303


async def is_dead(browser: Browser, tokens: dict[str, Any]) -> bool:
    userinfo = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    refreshed = await browser.refresh(tokens["refresh_token"])
    return (userinfo.status_code, refreshed.status_code) == (401, 400)


@pytest.mark.checklist("14 sign-out", "42 sign-out")
async def test_it_ends_codes_and_tokens(ana: Browser) -> None:
    tokens, code = await ana.tokens(), await ana.code()
    await sign_out(ana)
    assert await is_dead(ana, tokens)
    assert (await ana.redeem(code)).json()["error"] == "invalid_grant"


async def test_another_browser_of_hers_stays_signed_in(ana: Browser, app: Any) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ana.http.base_url) as http:
        other = Browser(http)
        await other.sign_in("ana")
        tokens = await other.tokens()
        await sign_out(ana)
        assert not await is_dead(other, tokens)


@pytest.mark.checklist(14)
@pytest.mark.checklist(42)
async def test_after_the_session_became_too_old(ana: Browser, clock: Clock) -> None:
    """Its refresh tokens live longer than it does."""
    tokens = await ana.tokens()
    page = await ana.http.get("/signin?next=/account")
    clock.forward(minutes=61)
    await sign_out(ana, page)
    assert await is_dead(ana, tokens)


async def test_after_signing_in_anew(ana: Browser, clock: Clock) -> None:
    before = await ana.tokens()
    clock.forward(minutes=61)
    await ana.sign_in("ana")
    assert (await ana.refresh(before["refresh_token"])).status_code == 200
    before = await ana.tokens()
    await sign_out(ana)
    assert await is_dead(ana, before)


@pytest.mark.parametrize("minutes", [0, 61])
async def test_somebody_else_at_the_same_browser_ends_it(ana: Browser, clock: Clock, minutes: int) -> None:
    tokens = await ana.tokens()
    clock.forward(minutes=minutes)
    await ana.sign_in("bo")
    assert await is_dead(ana, tokens)


@pytest.mark.checklist(14)
@pytest.mark.checklist(42)
async def test_a_code_that_is_being_made(
    ana: Browser, gateway: Gateway, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two comes first, nothing outlives the session."""
    session = await connection.fetchval("select id from sessions")

    async def after_sign_out(*arguments: Any) -> bool:
        async with connection.transaction():
            await finish_session(connection, session, gateway.now())
        return await insert_authorization(*arguments)

    monkeypatch.setattr(entering, "insert_authorization", after_sign_out)
    assert returned(await ana.authorize())["error"] == "login_required"
    assert await connection.fetchval("select count(*) from authorizations") == 0


@pytest.mark.checklist(14)
@pytest.mark.checklist(42)
async def test_a_code_that_was_made_and_not_yet_kept(
    ana: Browser, gateway: Gateway, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    async def later(_: Connection, *arguments: Any) -> bool:
        made.extend(arguments)
        return True

    monkeypatch.setattr(entering, "insert_authorization", later)
    await ana.code()
    session = await connection.fetchval("select id from sessions")
    async with gateway.pool.acquire() as other, other.transaction():
        assert await insert_authorization(other, *made)
        ending = asyncio.create_task(_finish(gateway, session))
        while not await connection.fetchval("select count(*) from pg_locks where not granted"):  # noqa: ASYNC110
            await asyncio.sleep(0)
    await ending
    assert await connection.fetchval("select bool_and(revoked_at is not null) from authorizations")


async def _finish(gateway: Gateway, session: Any) -> None:
    async with gateway.pool.acquire() as connection, connection.transaction():
        await finish_session(connection, session, gateway.now())
