"""Resets of forgotten passwords: S0-21, S0-51, S0-52, and that nothing tells who has an account (ASVS 6.3.8)."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.signin import reset
from gateway.state import Gateway
from store.account_links import insert_link
from store.database import Connection
from tests.oidc.world import ISSUER, LEA, NOW, PASSWORD, Browser, Clock, csrf, person

NEW = "harbor violet seventeen kites"


async def ask(browser: Browser, email: str) -> tuple[int, str]:
    page = await browser.http.get("/signin/reset")
    answer = await browser.http.post("/signin/reset", data={"csrf": csrf(page), "email": email})
    return answer.status_code, answer.text


async def link(connection: Connection, name: str, purpose: str = "reset", minutes: int = 15) -> str:
    token = secrets.token_urlsafe(32)
    user = await connection.fetchval("select id from users where email = $1", f"{name}@example.org")
    hashed = hashlib.sha256(token.encode()).digest()
    await insert_link(connection, hashed, user, purpose=purpose, now=NOW, expires_at=NOW + timedelta(minutes=minutes))
    return token


async def choose(browser: Browser, token: str, password: str = NEW) -> int:
    page = await browser.http.get("/signin/reset/choose", params={"token": token})
    if page.status_code != 200:
        return page.status_code
    form = {"csrf": csrf(page), "token": token, "password": password, "again": password}
    return (await browser.http.post("/signin/reset/choose", data=form)).status_code


async def mails(connection: Connection) -> list[str]:
    return [row["template"] for row in await connection.fetch("select template from messages order by created_at, id")]


@pytest.mark.rule("S0-21", "accounts-6")
@pytest.mark.checklist("43 reset")
async def test_s0_21_active_people_get_a_link_and_all_others_the_same_answer(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana")
    for status in ("inactive", "suspended", "invited"):
        await person(connection, status, status=status)
    answers = {
        name: await ask(browser, f"{name}@example.org")
        for name in ("ana", "inactive", "suspended", "invited", "nobody")
    }
    assert len(set(answers.values())) == 1
    assert answers["ana"][0] == 200
    told = await connection.fetch(
        "select u.email, m.template from messages m join users u on u.id = m.user_id order by u.email"
    )
    assert [tuple(row.values()) for row in told] == [
        ("ana@example.org", "password-reset"),
        ("inactive@example.org", "password-reset-inactive"),
        ("invited@example.org", "password-reset-inactive"),
        ("suspended@example.org", "password-reset-inactive"),
    ]


async def test_one_mail_in_a_minute(gateway: Gateway, connection: Connection, browser: Browser, clock: Clock) -> None:
    await person(connection, "ana")
    await link(connection, "ana")
    clock.forward(seconds=30)
    assert (await ask(browser, "ana@example.org"))[0] == 200
    assert await mails(connection) == []
    clock.forward(seconds=31)
    assert (await ask(browser, "ana@example.org"))[0] == 200
    assert await mails(connection) == ["password-reset"]


@pytest.mark.checklist("43 reset")
@pytest.mark.parametrize(
    ("status", "template"), [("active", "password-reset"), ("inactive", "password-reset-inactive")]
)
async def test_many_addresses_do_not_flood_a_mailbox(
    gateway: Gateway, connection: Connection, app: Starlette, clock: Clock, status: str, template: str
) -> None:
    """One mail a minute and six an hour, also before a link is made; the answers are the same throughout."""
    await person(connection, "ana", status=status)
    answers: set[tuple[int, str]] = set()
    number = 0

    async def asked(email: str) -> None:
        nonlocal number
        number += 1
        transport = httpx2.ASGITransport(app=app, client=(f"203.0.113.{number}", 1234))
        async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as http:
            status, text = await ask(Browser(http), email)
        answers.add((status, text))

    for _ in range(3):
        await asked("ana@example.org")
    assert await mails(connection) == [template]
    for _ in range(8):
        clock.forward(seconds=61)
        await asked("ana@example.org")
    assert await mails(connection) == [template] * 6
    await asked("nobody@example.org")
    assert len(answers) == 1
    clock.forward(minutes=60)
    await asked("ana@example.org")
    assert await mails(connection) == [template] * 7


@pytest.mark.checklist("43 reset")
async def test_requests_for_an_address_are_slowed_down_alike(gateway: Gateway, browser: Browser) -> None:
    statuses = [(await ask(browser, "nobody@example.org"))[0] for _ in range(6)]
    assert statuses == [200] * 5 + [429]


@pytest.mark.rule("S0-52", "accounts-6")
@pytest.mark.checklist("47 twice", "47 too late")
async def test_s0_52_the_link_lives_15_minutes_and_works_once(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana")
    token = await link(connection, "ana")
    other = await link(connection, "ana")
    clock.forward(minutes=15, seconds=-1)
    assert await choose(browser, token) == 200
    assert await choose(browser, token) == 410
    assert await choose(browser, other) == 410, "the other link died with it"
    late = await link(connection, "ana", minutes=15)
    clock.forward(seconds=1)
    assert await choose(browser, late) == 410
    assert (await browser.sign_in("ana", password=PASSWORD)).status_code == 401
    browser.http.cookies.clear()
    assert (await browser.sign_in("ana", password=NEW)).status_code == 303
    assert await mails(connection) == ["password-changed"]


@pytest.mark.rule("accounts-6")
@pytest.mark.checklist("14 reset of the password")
async def test_a_reset_ends_every_session_and_refresh_token(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await browser.sign_in("ana")
    await browser.tokens(scope="openid offline_access")
    assert await connection.fetchval("select count(*) from sessions where ended_at is null") == 1
    assert await connection.fetchval("select count(*) from authorizations where revoked_at is null") == 1
    token = await link(connection, "ana")
    assert await choose(browser, token) == 200
    assert await connection.fetchval("select count(*) from sessions where ended_at is null") == 0
    assert await connection.fetchval("select count(*) from authorizations where revoked_at is null") == 0


@pytest.mark.parametrize("status", ["inactive", "suspended", "invited"])
@pytest.mark.rule("accounts-5")
@pytest.mark.checklist("47 an account that is not active")
async def test_a_link_opens_no_account_that_is_not_active(
    gateway: Gateway, connection: Connection, browser: Browser, status: str
) -> None:
    await person(connection, "ana", status=status)
    assert await choose(browser, await link(connection, "ana")) == 410
    assert await connection.fetchval("select status from users") == status


@pytest.mark.parametrize("purpose", ["invitation", "email-old", "email-new", "email-stop"])
@pytest.mark.checklist("47 another purpose")
async def test_another_link_sets_no_password(
    gateway: Gateway, connection: Connection, browser: Browser, purpose: str
) -> None:
    await person(connection, "ana")
    assert await choose(browser, await link(connection, "ana", purpose)) == 410


@pytest.mark.checklist("47 another account")
async def test_a_link_is_for_the_account_that_it_was_sent_to(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """Whoever is signed in where it is opened, and whatever else is sent beside it."""
    await person(connection, "ana")
    await person(connection, "bo")
    token = await link(connection, "ana")
    await browser.sign_in("bo")
    page = await browser.http.get("/signin/reset/choose", params={"token": token, "email": "bo@example.org"})
    form = {"csrf": csrf(page), "token": token, "password": NEW, "again": NEW, "email": "bo@example.org", "user": "bo"}
    assert (await browser.http.post("/signin/reset/choose", data=form)).status_code == 200
    browser.http.cookies.clear()
    assert (await browser.sign_in("bo")).status_code == 303
    browser.http.cookies.clear()
    assert (await browser.sign_in("ana", password=NEW)).status_code == 303


@pytest.mark.checklist("47 after the password was changed")
async def test_a_link_from_before_the_password_was_changed_is_dead(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana")
    token = await link(connection, "ana")
    await browser.sign_in("ana")
    page = await browser.http.get("/account/password")
    form = {"csrf": csrf(page), "present": PASSWORD, "password": NEW, "again": NEW}
    assert (await browser.http.post("/account/password", data=form)).status_code == 303
    assert await choose(browser, token, "another lantern by the river") == 410
    browser.http.cookies.clear()
    assert (await browser.sign_in("ana", password=NEW)).status_code == 303


@pytest.mark.checklist("45 common")
async def test_a_weak_password_is_refused_and_uses_nothing_up(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana")
    token = await link(connection, "ana")
    assert await choose(browser, token, "caaspp-elpac-2026-27") == 422
    assert await choose(browser, token) == 200


@pytest.mark.parametrize("token", ["", "unknown", "x" * 4000])
async def test_an_unknown_link(gateway: Gateway, browser: Browser, token: str) -> None:
    assert await choose(browser, token) == 410


@pytest.mark.checklist("43 time of a reset")
async def test_the_answer_is_on_its_way_before_the_account_is_looked_for(
    gateway: Gateway, connection: Connection, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 6.3.8: whatever is done for a known address, the time of the answer doesn't hold it."""
    await person(connection, "ana")
    order: list[str] = []
    look_up = reset.account_by_email

    async def looked_up(*arguments: Any) -> Any:
        order.append("looked up")
        return await look_up(*arguments)

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append("answered")
            await send(message)

        await app(scope, receive, sending)

    monkeypatch.setattr(reset, "account_by_email", looked_up)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=watched), base_url=ISSUER) as http:
        page = await http.get("/signin/reset")
        order.clear()
        await http.post("/signin/reset", data={"csrf": csrf(page), "email": "ana@example.org"})
    assert order == ["answered", "looked up"]
