"""The invitation: a link that works once within 30 days, and the first password (decisions, section 3.6)."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from gateway.signin.first_administrator import InvitationRefusedError, invite_first_administrator
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import ISSUER, PASSWORD, Browser, Clock, csrf, person

NEW = "harbor violet seventeen kites"


async def invited(gateway: Gateway) -> str:
    made = await invite_first_administrator(gateway, "Root@Example.org", "Rosa", "Root", "setting up")
    assert made.link is not None
    assert made.link.startswith(f"{ISSUER}/signin/invitation?token=")
    return made.link


async def accept(browser: Browser, link: str, password: str = NEW, again: str | None = None) -> int:
    page = await browser.http.get(link)
    if page.status_code != 200:
        return page.status_code
    form = {"csrf": csrf(page), "token": link.partition("token=")[2], "password": password}
    answer = await browser.http.post("/signin/invitation", data={**form, "again": password if again is None else again})
    return answer.status_code


async def test_the_first_administrator_sets_a_password_and_is_signed_in(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    link = await invited(gateway)
    version = await connection.fetchval("select access_version from users")
    assert await accept(browser, link) == 303
    row = await connection.fetchrow("select status, access_version from users")
    assert row is not None
    assert row["status"] == "active"
    assert row["access_version"] > version
    assert browser.http.cookies["hallpass-session"]
    active = await connection.fetchrow("select active_program, active_role, active_year from sessions")
    assert active is not None
    assert tuple(active.values()) == ("state", "state-administrator", None)
    actions = await connection.fetch("select action, operator_reason from audit_events order by id")
    assert [tuple(row.values()) for row in actions] == [
        ("inviteAdministrator", "setting up"),
        ("acceptInvitation", None),
    ]


@pytest.mark.checklist("47 twice")
async def test_it_works_once(gateway: Gateway, browser: Browser) -> None:
    link = await invited(gateway)
    assert await accept(browser, link) == 303
    assert await accept(browser, link) == 410


@pytest.mark.checklist("47 twice")
async def test_of_parallel_uses_one_succeeds(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    link = await invited(gateway)
    statuses = await asyncio.gather(*(accept(browser, link) for _ in range(4)))
    assert min(statuses) == 303
    assert sorted(statuses)[1:] in ([403, 403, 403], [410, 410, 410], [403, 403, 410], [403, 410, 410])
    assert await connection.fetchval("select count(*) from sessions") == 1


@pytest.mark.checklist("47 too late")
async def test_it_lives_30_days(gateway: Gateway, browser: Browser, clock: Clock) -> None:
    link = await invited(gateway)
    clock.forward(days=30, seconds=-1)
    assert (await browser.http.get(link)).status_code == 200
    clock.forward(seconds=1)
    assert (await browser.http.get(link)).status_code == 410


@pytest.mark.parametrize("token", ["", "unknown", "x" * 4000])
async def test_an_unknown_link(gateway: Gateway, browser: Browser, token: str) -> None:
    assert (await browser.http.get("/signin/invitation", params={"token": token})).status_code == 410


@pytest.mark.parametrize("password", ["short", "passwordpassword", "rosa root example org", "aaaaaaaaaaaaaaaaaaaa"])
@pytest.mark.checklist("45 short", "45 common")
async def test_a_weak_password_is_refused_with_the_reason_and_uses_nothing_up(
    gateway: Gateway, browser: Browser, password: str
) -> None:
    link = await invited(gateway)
    assert await accept(browser, link, password) == 422
    assert await accept(browser, link) == 303


async def test_both_passwords_must_be_equal(gateway: Gateway, browser: Browser) -> None:
    assert await accept(browser, await invited(gateway), again=NEW + "x") == 422


@pytest.mark.checklist("47 readable in the database")
async def test_the_link_is_kept_as_a_hash(gateway: Gateway, connection: Connection) -> None:
    token = (await invited(gateway)).partition("token=")[2]
    kept = await connection.fetchval("select token_hash from account_links")
    assert kept == hashlib.sha256(token.encode()).digest()


@pytest.mark.checklist("47 another purpose")
async def test_a_reset_link_is_no_invitation(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    link = await invited(gateway)
    await connection.execute("update account_links set purpose = 'reset'")
    assert (await browser.http.get(link)).status_code == 410


async def test_a_second_invitation_makes_the_first_one_useless(gateway: Gateway, browser: Browser) -> None:
    first = await invited(gateway)
    second = await invited(gateway)
    assert (await browser.http.get(first)).status_code == 410
    assert await accept(browser, second) == 303


async def test_a_mistyped_first_administrator_is_replaced(gateway: Gateway, browser: Browser) -> None:
    typo = await invited(gateway)
    right = await invite_first_administrator(gateway, "right@example.org", "Ria", "Right", "typo")
    assert (await browser.http.get(typo)).status_code == 410
    assert right.link is not None
    assert await accept(browser, right.link) == 303


async def test_there_is_one_first_administrator(gateway: Gateway, browser: Browser) -> None:
    await accept(browser, await invited(gateway))
    with pytest.raises(InvitationRefusedError, match="already"):
        await invite_first_administrator(gateway, "second@example.org", "Sam", "Second", "more")


async def test_an_active_account_becomes_administrator_without_a_link(gateway: Gateway, connection: Connection) -> None:
    await person(connection, "ana")
    made = await invite_first_administrator(gateway, "ana@example.org", "", "", "she is here already")
    assert made.link is None


@pytest.mark.parametrize("status", ["inactive", "suspended"])
async def test_an_account_that_is_not_active_is_refused(gateway: Gateway, connection: Connection, status: str) -> None:
    await person(connection, "ana", status=status)
    with pytest.raises(InvitationRefusedError, match=status):
        await invite_first_administrator(gateway, "ana@example.org", "A", "B", "x")
    assert await connection.fetchval("select count(*) from audit_events") == 0


@pytest.mark.parametrize("address", ["", "nobody", "a@", "a b@example.org"])
async def test_an_address_that_is_none(gateway: Gateway, address: str) -> None:
    with pytest.raises(InvitationRefusedError, match="e-mail address"):
        await invite_first_administrator(gateway, address, "A", "B", "x")


async def test_the_new_password_signs_in(gateway: Gateway, browser: Browser, clock: Clock) -> None:
    await accept(browser, await invited(gateway))
    browser.http.cookies.clear()
    clock.now += timedelta(minutes=1)
    assert (await browser.sign_in("root", password=NEW)).status_code == 303
    browser.http.cookies.clear()
    assert (await browser.sign_in("root", password=PASSWORD)).status_code == 401
