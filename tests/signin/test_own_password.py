"""Changing one's own password in the account page, and passwords that are a year old (decisions, accounts 6)."""

from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from gateway.signin import passwords, sign_in
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import LEA, NOW, PASSWORD, Browser, Clock, csrf, http_of, person

NEW = "harbor violet seventeen kites"
STRONG = "Harbor7!violetKites"


async def change(browser: Browser, present: str = PASSWORD, password: str = NEW, again: str | None = None) -> int:
    page = await browser.http.get("/account/password")
    if page.status_code != 200:
        return page.status_code
    form = {"csrf": csrf(page), "present": present, "password": password}
    answer = await browser.http.post("/account/password", data={**form, "again": again or password})
    return answer.status_code


async def test_the_well_known_address_leads_there(gateway: Gateway, browser: Browser) -> None:
    answer = await browser.http.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["location"]) == (302, "/account/password")
    assert (await browser.http.get("/account/password")).status_code == 303, "whoever isn't signed in signs in first"


@pytest.mark.rule("accounts-6")
@pytest.mark.checklist("14 change of the password", "38 a new password")
async def test_changing_it_ends_all_sessions_but_a_new_one(
    gateway: Gateway, connection: Connection, browser: Browser, app: Starlette
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await browser.sign_in("ana")
    await browser.tokens(scope="openid offline_access")
    async with http_of(app) as http:
        other = Browser(http)
        assert (await other.sign_in("ana")).status_code == 303
        before = browser.http.cookies["hallpass-session"]
        assert await change(browser) == 303
        assert browser.http.cookies["hallpass-session"] != before
        assert (await browser.http.get("/account/password")).status_code == 200
        assert (await other.http.get("/account/password")).status_code == 303, "her other session has ended"
    assert await connection.fetchval("select count(*) from authorizations where revoked_at is null") == 0
    assert await connection.fetchval("select template from messages") == "password-changed"
    browser.http.cookies.clear()
    assert (await browser.sign_in("ana", password=NEW)).status_code == 303


@pytest.mark.checklist(38)
async def test_it_makes_no_proof_fresher_and_no_session_longer(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """Whoever found the session open may know the password: the second step was proved when it was proved."""
    await person(connection, "ana", ("lea-coordinator", LEA))
    await browser.sign_in("ana")
    await connection.execute("update sessions set acr = 'urn:hallpass:aal2', amr = '{pwd,otp,mfa}'")
    found = "select auth_time, expires_at, acr from sessions where ended_at is null"
    before = await connection.fetchrow(found)
    clock.forward(minutes=15)
    assert await change(browser) == 303
    assert await connection.fetchrow(found) == before
    again = await browser.authorize(max_age="60")
    assert again.headers["location"].startswith("/signin?"), again.headers["location"]


@pytest.mark.parametrize(
    ("present", "password", "again"),
    [("wrong", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, NEW + "x"), (PASSWORD, PASSWORD, PASSWORD)],
)
async def test_what_is_refused(
    gateway: Gateway, connection: Connection, browser: Browser, present: str, password: str, again: str
) -> None:
    await person(connection, "ana")
    await browser.sign_in("ana")
    assert await change(browser, present, password, again) == 422
    browser.http.cookies.clear()
    assert (await browser.sign_in("ana")).status_code == 303


async def test_guessing_the_present_one_is_slowed_down(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana")
    await browser.sign_in("ana")
    assert [await change(browser, "wrong") for _ in range(6)] == [422] * 5 + [429]


@pytest.fixture
def toms(gateway: Gateway) -> Gateway:
    object.__setattr__(gateway, "settings", replace(gateway.settings, password_profile="toms-compatible"))
    return gateway


@pytest.mark.rule("accounts-6")
async def test_toms_compatible_remembers_24_and_asks_yearly(
    toms: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana")
    await connection.execute("update users set password_set_at = $1", NOW)
    await browser.sign_in("ana")
    assert await change(browser, password=NEW) == 422, "four kinds of characters"
    assert await change(browser, password=STRONG) == 303
    clock.forward(minutes=1)
    assert await change(browser, present=STRONG, password=STRONG + "2") == 303
    assert await change(browser, present=STRONG + "2", password=STRONG) == 422, "used before"
    browser.http.cookies.clear()
    clock.now += timedelta(days=366)
    answer = await browser.sign_in("ana", password=STRONG + "2")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin/reset/choose?token=")
    page = await browser.http.get(answer.headers["location"])
    assert page.status_code == 200


@pytest.mark.checklist("45 nothing else is asked")
async def test_nist_asks_for_no_periodic_change(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana")
    clock.now += timedelta(days=800)
    answer = await browser.sign_in("ana")
    assert answer.headers["location"] == "/account"


async def test_a_password_that_is_too_old_opens_nothing_once_it_was_changed(
    toms: Gateway, connection: Connection, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it changes while it is being checked: else its old holder would get a link of her own."""

    async def meanwhile(executor: Executor, password: str, kept: str | None) -> passwords.Verdict:
        verdict = await passwords.check_password(executor, password, kept)
        await connection.execute("update users set password_hash = 'another'")
        return verdict

    await person(connection, "ana")
    clock.now += timedelta(days=366)
    monkeypatch.setattr(sign_in, "check_password", meanwhile)
    assert (await browser.sign_in("ana")).status_code == 401
    assert await connection.fetchval("select count(*) from account_links") == 0
