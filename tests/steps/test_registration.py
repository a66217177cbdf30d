"""Registering oneself for Tools for Teachers (S1-03): pending until the link is used; no account touched unasked."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.account_terms import account_terms
from gateway.outbox.daily import Day
from gateway.outbox.expiry import forget_what_lapsed
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.mail_facts import set_registration_link
from store.registration import DomainRecord, confirm_domain, list_domain
from store.released_addresses import release_address
from tests.oidc.world import CAASPP, LEA, NOW, PARK, Browser, Clock, csrf, http_of, ident, person

ASK, FINISH = "/register/tools-for-teachers", "/register/finish"
GOOD = "harbor violet seventeen kites"
LISTER, CONFIRMER = UserId(ident("lister")), UserId(ident("confirmer"))


@pytest.fixture
async def domain(gateway: Gateway, connection: Connection) -> Any:
    """example.org, listed and confirmed for the LEA."""
    await person(connection, "lister", ("lea-coordinator", LEA))
    await person(connection, "confirmer")
    record = DomainRecord(uuid4(), LEA, CAASPP, "example.org", LISTER, NOW)
    await list_domain(connection, record)
    await confirm_domain(connection, record.id, CONFIRMER, NOW)
    return record.id


async def ask(http: httpx2.AsyncClient, address: str, **changes: str) -> httpx2.Response:
    page = await http.get(ASK)
    form = {"csrf": csrf(page), "first_name": "Tia", "last_name": "Teach", "email": address}
    return await http.post(ASK, data=form | changes)


async def mailed(connection: Connection, email: str = "tia@example.org") -> str:
    """The link's token, as the worker makes it when it sends the mail."""
    token = f"token-{uuid4()}"
    registration = await connection.fetchval("select id from registrations where email = $1", email)
    await set_registration_link(connection, registration, hashlib.sha256(token.encode()).digest())
    return token


async def finish(browser: Browser, token: str, password: str = GOOD) -> httpx2.Response:
    page = await browser.http.get(FINISH, params={"token": token})
    if 'name="csrf"' not in page.text:
        return page
    form = {"csrf": csrf(page), "token": token, "password": password, "again": password}
    return await browser.http.post(FINISH, data=form)


async def queued(connection: Connection) -> list[str]:
    return [row["template"] for row in await connection.fetch("select template from messages order by created_at, id")]


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-03")
async def test_an_address_of_the_domain_becomes_an_account_by_the_link(
    browser: Browser, connection: Connection
) -> None:
    answer = await ask(browser.http, "Tia@Example.org")
    assert (answer.status_code, "Look into your mailbox" in answer.text) == (200, True)
    assert await queued(connection) == ["tools-for-teachers-link"]
    assert await connection.fetchval("select count(*) from users where email_key like 'tia%'") == 0, "pending"
    token = await mailed(connection, "Tia@Example.org")
    opened = await browser.http.get(FINISH, params={"token": token})
    assert (opened.status_code, "Welcome, Tia Teach" in opened.text) == (200, True)
    assert (await finish(browser, token, "short")).status_code == 422
    done = await finish(browser, token)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    row = await connection.fetchrow(
        "select u.status, u.email, a.role, a.organization_id, a.school_year, a.origin, a.assigned_by, a.program "
        "from users u join role_assignments a on a.user_id = u.id where u.email_key = 'tia@example.org'"
    )
    assert row is not None
    assert tuple(row.values()) == (
        "active", "Tia@Example.org", "tools-for-teachers-only", LEA, "2026-27", "registration", None, "caaspp",
    )  # fmt: skip
    event = await connection.fetchrow("select * from audit_events where action = 'registerOneself'")
    assert event is not None
    assert "ia@" not in str(dict(event.items()))
    start = await browser.http.get("/")
    assert "Tia Teach" in start.text
    browser.http.cookies.clear()
    assert (await finish(browser, token)).status_code == 410, "the link works once"


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-03")
@pytest.mark.checklist("43 registration")
async def test_known_and_unknown_addresses_are_answered_alike(browser: Browser, connection: Connection) -> None:
    await person(connection, "tara", ("test-administrator", PARK))
    answers = [
        await ask(browser.http, email) for email in ("tara@example.org", "new@example.org", "x@elsewhere.example")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert await queued(connection) == ["tools-for-teachers-link"] * 2
    rows = await connection.fetch("select email from registrations order by email")
    assert [row["email"] for row in rows] == ["new@example.org", "tara@example.org"]


@pytest.mark.rule("S1-03")
async def test_a_domain_that_the_state_has_not_confirmed_is_closed(
    browser: Browser, connection: Connection, domain: Any
) -> None:
    assert (await ask(browser.http, "tia@example.org")).status_code == 200
    token = await mailed(connection)
    await connection.execute("update registration_domains set confirmed_by = null, confirmed_at = null")
    assert (await finish(browser, token)).status_code == 410
    await ask(browser.http, "other@example.org")
    await ask(browser.http, "sub@mail.example.org")
    assert await queued(connection) == ["tools-for-teachers-link"]
    assert domain


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-03")
async def test_an_account_is_not_touched_before_its_person_is_signed_in(
    browser: Browser, connection: Connection, app: Starlette
) -> None:
    user = await person(connection, "tara", ("educator-school", PARK))
    other = await person(connection, "otto", ("test-administrator", PARK))
    before = await connection.fetchrow("select * from users where id = $1", user)
    await ask(browser.http, "tara@example.org", first_name="Evil", last_name="Name")
    token = await mailed(connection, "tara@example.org")
    page = await browser.http.get(FINISH, params={"token": token})
    assert "has an account. Sign in to it" in page.text
    assert 'type="password"' not in page.text
    form = {"csrf": csrf(await browser.http.get(ASK)), "token": token, "password": GOOD, "again": GOOD}
    assert "has an account. Sign in to it" in (await browser.http.post(FINISH, data=form)).text
    async with http_of(app) as http:
        stranger = Browser(http)
        await stranger.sign_in("otto")
        assert "signed in with another one" in (await finish(stranger, token)).text
    assert await connection.fetchrow("select * from users where id = $1", user) == before
    assert await connection.fetchval("select count(*) from role_assignments where origin = 'registration'") == 0
    await browser.sign_in("tara")
    done = await finish(browser, token)
    assert done.status_code == 303
    held = await connection.fetch("select role, organization_id from role_assignments where user_id = $1", user)
    assert {row["role"] for row in held} == {"educator-school", "tools-for-teachers-only"}
    name = await connection.fetchval("select first_name from users where id = $1", user)
    assert name == "Tara", "what was typed is never applied to an account"
    assert other


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-25")
async def test_beside_a_role_that_includes_it_nothing_is_added(browser: Browser, connection: Connection) -> None:
    user = await person(connection, "tara", ("test-administrator", PARK))
    await ask(browser.http, "tara@example.org")
    token = await mailed(connection, "tara@example.org")
    await browser.sign_in("tara")
    page = await browser.http.get(FINISH, params={"token": token})
    assert "Nothing is to be added" in page.text
    form = {"csrf": csrf(await browser.http.get("/account")), "token": token}
    assert (await browser.http.post(FINISH, data=form)).status_code == 410
    assert await connection.fetchval("select count(*) from role_assignments where user_id = $1", user) == 1


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("accounts-4", "S1-03")
async def test_a_released_address_is_nobody_else_s(browser: Browser, connection: Connection, gateway: Gateway) -> None:
    former = await person(connection, "former")
    hashed = account_terms(gateway).address_hash("tia@example.org")
    await release_address(connection, hashed, former, NOW, NOW + timedelta(days=700))
    assert (await ask(browser.http, "tia@example.org")).status_code == 200
    assert await queued(connection) == []


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-03")
async def test_the_link_lapses_and_a_newer_one_takes_its_place(
    browser: Browser, connection: Connection, clock: Clock, gateway: Gateway
) -> None:
    await ask(browser.http, "tia@example.org")
    first = await mailed(connection)
    await ask(browser.http, "tia@example.org")
    assert len(await queued(connection)) == 1, "one mail for an address within ten minutes"
    clock.forward(minutes=11)
    await ask(browser.http, "tia@example.org")
    second = await mailed(connection)
    assert (await browser.http.get(FINISH, params={"token": first})).status_code == 410
    assert (await browser.http.get(FINISH, params={"token": second})).status_code == 200
    clock.forward(days=3)
    assert (await browser.http.get(FINISH, params={"token": second})).status_code == 410
    async with connection.transaction():
        await forget_what_lapsed(Day(gateway, clock.now.date(), None), connection)
    assert await connection.fetchval("select count(*) from registrations") == 0


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("S1-03")
async def test_of_parallel_uses_one_succeeds(app: Starlette, browser: Browser, connection: Connection) -> None:
    await ask(browser.http, "tia@example.org")
    token = await mailed(connection)

    async def use() -> int:
        async with http_of(app) as http:
            return (await finish(Browser(http), token)).status_code

    assert sorted(await asyncio.gather(*(use() for _ in range(3)))) == [303, 410, 410]
    assert await connection.fetchval("select count(*) from users where email_key = 'tia@example.org'") == 1


@pytest.mark.usefixtures("domain")
async def test_requests_for_one_address_are_slowed_down(browser: Browser) -> None:
    statuses = [(await ask(browser.http, "tia@example.org")).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "no address"}, "no e-mail address"),
        ({"first_name": ""}, "first name is missing"),
        ({"last_name": "x\u202ey"}, "control characters"),
    ],
)
async def test_what_is_mistyped_is_said(browser: Browser, changes: dict[str, str], sentence: str) -> None:
    answer = await ask(browser.http, "tia@example.org", **changes)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("token", ["", "unknown", "x" * 4000])
async def test_an_unknown_link(browser: Browser, token: str) -> None:
    assert (await browser.http.get(FINISH, params={"token": token})).status_code == 410


@pytest.mark.rule("S1-03")
@pytest.mark.parametrize("typed", ["tia@pa\u00dfco.example", "tia@PA\u1e9eCO.example", "tia@\uff50assco.example"])
async def test_the_link_goes_to_the_listed_domain_and_to_none_that_only_compares_alike(
    http: httpx2.AsyncClient, connection: Connection, typed: str
) -> None:
    """IDNA knows a domain with a sharp s that is somebody else's; addresses are compared without the difference."""
    await person(connection, "lister", ("lea-coordinator", LEA))
    await person(connection, "confirmer")
    record = DomainRecord(uuid4(), LEA, CAASPP, "passco.example", LISTER, NOW)
    await list_domain(connection, record)
    await confirm_domain(connection, record.id, CONFIRMER, NOW)
    assert (await ask(http, typed)).status_code == 200
    assert [row["email"] for row in await connection.fetch("select email from registrations")] in (
        [], ["tia@passco.example"],
    )  # fmt: skip


@pytest.mark.usefixtures("domain")
@pytest.mark.rule("accounts-5", "S1-03")
async def test_a_tag_behind_a_plus_gets_nobody_a_second_account(
    http: httpx2.AsyncClient, connection: Connection
) -> None:
    """Whose account is suspended doesn't come back by another spelling of her mailbox."""
    await person(connection, "sam", status="suspended")
    assert (await ask(http, "Sam+tools@example.org")).status_code == 200
    assert await connection.fetchval("select count(*) from registrations") == 0
    assert (await ask(http, "tia+tools@example.org")).status_code == 200
    assert await connection.fetchval("select count(*) from registrations") == 1, "a mailbox without an account"
