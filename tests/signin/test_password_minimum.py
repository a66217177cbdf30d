"""Checklist 45: 8 characters where a second factor is mandatory and there, 15 otherwise; losing it asks for more."""

import pytest

from gateway.signin import passwords
from gateway.state import Gateway
from store.access_version import raise_versions
from store.database import Connection
from tests.oidc.world import LEA, PARK, PASSWORD, Browser, Clock, csrf, ident, person
from tests.signin.stepping import SET_UP, STEP, code_now, set_up, step

SHORT, LONG = "kite7mesa", "harbor violet seventeen kites"


async def choose(browser: Browser, password: str, present: str = PASSWORD) -> int:
    page = await browser.http.get("/account/password")
    form = {"csrf": csrf(page), "present": present, "password": password, "again": password}
    return (await browser.http.post("/account/password", data=form)).status_code


@pytest.fixture
async def ana(strict: Gateway, connection: Connection, strict_browser: Browser, clock: Clock) -> tuple[Browser, bytes]:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await strict_browser.sign_in("ana")
    secret, _ = await set_up(strict_browser, clock.now)
    return strict_browser, secret


@pytest.mark.checklist(45)
async def test_with_a_mandatory_factor_eight_will_do(ana: tuple[Browser, bytes], clock: Clock) -> None:
    browser, secret = ana
    assert "8" in (await browser.http.get("/account/password")).text
    assert await choose(browser, "kite7m") == 422
    assert await choose(browser, SHORT) == 303
    browser.http.cookies.delete("hallpass-session")
    clock.forward(seconds=60)
    assert (await browser.sign_in("ana", password=SHORT)).headers["location"] == STEP
    assert (await step(browser, code_now(secret, clock.now))).headers["location"] == "/account"


@pytest.mark.checklist("45 short")
async def test_without_one_it_takes_fifteen(strict: Gateway, connection: Connection, strict_browser: Browser) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    await strict_browser.sign_in("tess")
    assert await choose(strict_browser, SHORT) == 422
    assert await choose(strict_browser, LONG) == 303


@pytest.mark.checklist(45)
async def test_the_role_that_asked_for_it_gone_the_next_sign_in_asks_for_a_longer_one(
    ana: tuple[Browser, bytes], connection: Connection, clock: Clock
) -> None:
    browser, secret = ana
    await choose(browser, SHORT)
    async with connection.transaction():
        await connection.execute("update role_assignments set role = 'test-administrator', organization_id = $1", PARK)
        await raise_versions(connection, await connection.fetchval("select array_agg(id) from users"))
    browser.http.cookies.delete("hallpass-session")
    clock.forward(seconds=60)
    assert (await browser.sign_in("ana", password=SHORT)).headers["location"] == STEP, "her app is asked for first"
    done = await step(browser, code_now(secret, clock.now))
    assert done.headers["location"].startswith("/signin/reset/choose?token=")
    assert "hallpass-session" not in browser.http.cookies


@pytest.mark.checklist(45, 47)
async def test_all_factors_lost_a_new_one_comes_first_and_then_eight_will_do_again(
    ana: tuple[Browser, bytes], connection: Connection, clock: Clock
) -> None:
    browser, _ = ana
    await choose(browser, SHORT)
    await connection.execute("delete from totp_secrets")
    browser.http.cookies.delete("hallpass-session")
    assert (await browser.sign_in("ana", password=SHORT)).headers["location"] == SET_UP
    _, page = await set_up(browser, clock.now)
    assert page.status_code in (200, 303)


@pytest.mark.checklist(47)
async def test_a_password_too_old_is_changed_after_the_second_step_only(
    ana: tuple[Browser, bytes], connection: Connection, strict: Gateway, clock: Clock
) -> None:
    """Else whoever knows the old one would set the next one without the factor."""
    browser, secret = ana
    object.__setattr__(strict.settings, "password_profile", "toms-compatible")
    await connection.execute("update users set password_set_at = $1", clock.now)
    browser.http.cookies.delete("hallpass-session")
    clock.forward(days=366)
    assert (await browser.sign_in("ana")).headers["location"] == STEP
    assert await connection.fetchval("select count(*) from account_links") == 0
    done = await step(browser, code_now(secret, clock.now))
    assert done.headers["location"].startswith("/signin/reset/choose?token=")


@pytest.mark.checklist(46)
async def test_a_short_password_is_hashed_as_any_other(ana: tuple[Browser, bytes], connection: Connection) -> None:
    await choose(ana[0], SHORT)
    kept = await connection.fetchval("select password_hash from users where id = $1", ident("ana"))
    assert passwords.HASHER.verify(kept, SHORT)
    assert not passwords.HASHER.check_needs_rehash(kept)
