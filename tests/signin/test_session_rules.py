"""What a session's secret is, when it changes and when it is dead (ASVS 7.2, NIST SP 800-63B-4 section 5.1)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, PASSWORD, Browser, Clock, csrf, http_of, person, returned

SESSION = "hallpass-session"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    return browser


async def alive_with(app: Starlette, cookie: str) -> bool:
    """Whether this secret opens a session, in a browser that has nothing else."""
    async with http_of(app) as http:
        http.cookies.set(SESSION, cookie, domain="localhost.local")
        return "code" in returned(await Browser(http).authorize(prompt="none"))


@pytest.mark.checklist("38 sign-in")
async def test_a_secret_that_somebody_planted_is_never_taken_over(ana: Browser, app: Starlette) -> None:
    ana.http.cookies.set(SESSION, "p" * 43, domain="localhost.local")
    await ana.sign_in("ana")
    secrets = {cookie.value for cookie in ana.http.cookies.jar if cookie.name == SESSION}
    assert not await alive_with(app, "p" * 43)
    assert len(secrets - {"p" * 43}) == 1


@pytest.mark.checklist("38 sign-in")
async def test_each_proof_gives_a_new_secret_and_the_old_one_is_dead(
    ana: Browser, app: Starlette, clock: Clock, connection: Connection
) -> None:
    """One session, whose id the relying parties know; each secret of it is good until the next proof."""
    seen: list[str] = []
    for _ in range(3):
        await ana.sign_in("ana")
        seen.append(ana.http.cookies[SESSION])
        clock.forward(minutes=1)
    assert len(set(seen)) == 3
    assert [await alive_with(app, secret) for secret in seen] == [False, False, True]
    assert await connection.fetchval("select count(*) from sessions") == 1


@pytest.mark.checklist(38)
async def test_forms_from_before_the_sign_in_are_dead(ana: Browser) -> None:
    page = await ana.http.get("/signin")
    await ana.sign_in("ana")
    form = {"email": "ana@example.org", "password": PASSWORD, "next": "/account", "csrf": csrf(page)}
    assert (await ana.http.post("/signin", data=form)).status_code == 403


@pytest.mark.checklist("41 half a day")
async def test_only_a_proof_moves_the_absolute_limit(ana: Browser, clock: Clock) -> None:
    """Activity moves the idle limit alone; proving oneself again begins both anew (section 5.2)."""
    await ana.sign_in("ana")
    for _ in range(22):
        clock.forward(minutes=30)
        assert "code" in returned(await ana.authorize(prompt="none"))
    await ana.sign_in("ana")
    for _ in range(22):
        clock.forward(minutes=30)
        assert "code" in returned(await ana.authorize(prompt="none"))
    clock.forward(minutes=61)
    assert returned(await ana.authorize(prompt="none"))["error"] == "login_required"


@pytest.mark.checklist("41 an hour without activity")
async def test_the_limits_are_kept_on_the_server(ana: Browser, app: Starlette, clock: Clock) -> None:
    """Whatever a browser keeps: the secret of an old session opens nothing."""
    await ana.sign_in("ana")
    secret = ana.http.cookies[SESSION]
    assert await alive_with(app, secret)
    clock.forward(minutes=61)
    assert not await alive_with(app, secret)


@pytest.fixture
async def secure(gateway: Gateway) -> AsyncIterator[Browser]:
    """A browser at a gateway that is served by https."""
    settings = replace(gateway.settings, issuer="https://hallpass.example")
    app = create_app(settings, replace(gateway, settings=settings))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://hallpass.example") as http:
        yield Browser(http)


@pytest.mark.checklist("40 scripts", "40 other hosts, plain http", "40 256 bits")
async def test_the_cookie(ana: Browser, secure: Browser, connection: Connection) -> None:
    """Host-only, out of reach of scripts and other sites, until the browser closes; 256 bits that mean nothing."""
    answer = await secure.sign_in("ana")
    (cookie,) = [text for text in answer.headers.get_list("set-cookie") if text.startswith(f"__Host-{SESSION}=")]
    pair, *attributes = cookie.split("; ")
    assert sorted(one.lower() for one in attributes) == ["httponly", "path=/", "samesite=lax", "secure"]
    secret = pair.partition("=")[2]
    assert len(secret) == 43
    kept = await connection.fetchval("select s::text from sessions s")
    assert secret not in kept, "the database knows its SHA-256 alone"
