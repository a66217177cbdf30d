"""Signing in with a password: one answer for whatever is wrong, a new session, forms of ours only (ASVS 6.3, 7.2)."""

import asyncio
import re
import time
from concurrent.futures import Executor
from dataclasses import replace

import httpx2
import pytest
from argon2 import extract_parameters
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.signin import passwords, sign_in
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import CALLBACK, PARK, PASSWORD, Browser, Clock, csrf, http_of, person

WRONG = "The e-mail address and password don&#39;t match."


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    return browser


@pytest.mark.checklist("33 a form sent on", "40 scripts")
async def test_a_session_begins(ana: Browser, connection: Connection) -> None:
    answer = await ana.sign_in("ana")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("hallpass-session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    token = ana.http.cookies["hallpass-session"]
    assert len(token) >= 43
    row = await connection.fetchrow("select * from sessions")
    assert row is not None
    assert token.encode() not in row["token_hash"]
    assert (row["active_program"], row["active_role"]) == ("caaspp", "site-coordinator")
    assert await connection.fetchval("select last_sign_in_at from users") is not None


@pytest.mark.checklist("40 other hosts, plain http")
async def test_on_https_the_cookie_is_secure_under_its_prefix(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    settings = replace(gateway.settings, issuer="https://hallpass.example.gov")
    app = create_app(settings, replace(gateway, settings=settings))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=settings.issuer) as http:
        answer = await Browser(http).sign_in("ana")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "hallpass-session=" in one)
    assert cookie.startswith("__Host-hallpass-session=")
    assert "Secure" in cookie


async def test_the_address_is_compared_without_case(ana: Browser) -> None:
    page = await ana.http.get("/signin")
    form = {"email": "  ANA@Example.ORG ", "password": PASSWORD, "csrf": csrf(page)}
    assert (await ana.http.post("/signin", data=form)).status_code == 303


def normalized(page: httpx2.Response) -> str:
    """The page without what differs between any two pages."""
    return re.sub(r'(name="csrf" value="|value=")[^"]*', "", page.text)


@pytest.mark.parametrize("status", ["active", "invited", "inactive", "suspended"])
@pytest.mark.checklist("43 sign-in")
async def test_a_wrong_password_and_an_unknown_account_answer_alike(
    gateway: Gateway, connection: Connection, browser: Browser, status: str
) -> None:
    await person(connection, "ana", status=status)
    await person(connection, "new", status="invited")
    await connection.execute("update users set password_hash = null where email_key = 'new@example.org'")
    known = await browser.sign_in("ana", password="not the right password")
    unknown = await browser.sign_in("stranger", password="not the right password")
    unset = await browser.sign_in("new", password="not the right password")
    assert known.status_code == unknown.status_code == unset.status_code == 401
    assert normalized(known) == normalized(unknown) == normalized(unset)
    assert WRONG in known.text
    assert "set-cookie" not in unknown.headers


@pytest.mark.checklist("43 time of sign-in")
async def test_an_unknown_account_costs_a_hash_too(ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    real = passwords.HASHER

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept)
            return real.verify(kept, password)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    await ana.sign_in("stranger")
    await ana.sign_in("ana", password="wrong")
    nobodys, hers = (extract_parameters(kept) for kept in verified)
    assert nobodys == hers


@pytest.mark.parametrize("status", ["inactive", "suspended"])
@pytest.mark.checklist("43 sign-in")
async def test_an_account_that_is_not_active_is_told_so_only_after_the_right_password(
    gateway: Gateway, connection: Connection, browser: Browser, status: str
) -> None:
    await person(connection, "ana", status=status)
    answer = await browser.sign_in("ana")
    assert answer.status_code == 403
    assert "not active" in answer.text
    assert "hallpass-session" not in browser.http.cookies


@pytest.mark.checklist("39 a form")
async def test_a_form_without_our_token_is_refused(ana: Browser, app: Starlette) -> None:
    form = {"email": "ana@example.org", "password": PASSWORD}
    assert (await ana.http.post("/signin", data=form)).status_code == 403
    page = await ana.http.get("/signin")
    async with http_of(app) as other:
        await other.get("/signin")
        assert (await other.post("/signin", data={**form, "csrf": csrf(page)})).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert (await ana.http.post("/signin", data={**form, "csrf": csrf(page)}, headers=foreign)).status_code == 403


@pytest.mark.checklist("38 sign-in")
async def test_a_planted_session_cookie_is_not_taken_over(ana: Browser, connection: Connection) -> None:
    """Session fixation: the id before the sign-in is worth nothing after it."""
    ana.http.cookies.set("hallpass-session", "planted-by-somebody-else")
    await ana.sign_in("ana")
    values = {cookie.value for cookie in ana.http.cookies.jar if cookie.name == "hallpass-session"}
    assert values - {"planted-by-somebody-else"}
    assert await connection.fetchval("select count(*) from sessions") == 1


async def test_somebody_elses_session_ends(ana: Browser, connection: Connection) -> None:
    await person(connection, "bo", ("site-coordinator", PARK))
    await ana.sign_in("bo")
    await ana.sign_in("ana")
    assert await connection.fetchval("select count(*) from sessions where ended_at is null") == 1


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "javascript:alert(1)", "/a\nb", "/é", ""],
)
@pytest.mark.checklist("33 open redirector")
async def test_onward_is_a_path_of_ours(ana: Browser, onward: str) -> None:
    page = await ana.http.get("/signin", params={"next": onward})
    form = {"email": "ana@example.org", "password": PASSWORD, "next": onward, "csrf": csrf(page)}
    assert (await ana.http.post("/signin", data=form)).headers["location"] == "/"


@pytest.mark.checklist("33 open redirector")
async def test_the_form_may_end_at_a_registered_relying_party_only(ana: Browser) -> None:
    asked = await ana.authorize()
    page = await ana.http.get(asked.headers["location"])
    assert "form-action 'self' https://reports.example;" in page.headers["content-security-policy"]
    forged = asked.headers["location"].replace("reports.example", "evil.example")
    page = await ana.http.get(forged)
    assert "evil.example" not in page.headers["content-security-policy"]
    assert CALLBACK not in page.headers["content-security-policy"]


@pytest.mark.checklist("34 sign-in", "35 the referrer")
async def test_the_page_is_protected(ana: Browser) -> None:
    page = await ana.http.get("/signin")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"


async def test_the_password_is_compared_after_normalization(ana: Browser, connection: Connection) -> None:
    await connection.execute("update users set password_hash = $1", passwords.HASHER.hash("caf\u00e9 by the river"))
    assert (await ana.sign_in("ana", password="cafe\u0301 by the river")).status_code == 303


@pytest.mark.checklist("45 nothing cut off")
@pytest.mark.parametrize("length", [73, 129, 1024])
async def test_every_character_of_a_long_password_counts(ana: Browser, connection: Connection, length: int) -> None:
    """Beyond the 72 bytes of bcrypt and the block of SHA-512; the last character makes another password."""
    kept = ("seven rivers, one lantern; " * 40)[: length - 1]
    await connection.execute("update users set password_hash = $1", passwords.HASHER.hash(kept + "a"))
    assert (await ana.sign_in("ana", password=kept + "b")).status_code == 401
    assert (await ana.sign_in("ana", password=kept)).status_code == 401
    assert (await ana.sign_in("ana", password=kept + "a")).status_code == 303


@pytest.mark.checklist(46)
async def test_a_hash_with_old_costs_is_renewed(ana: Browser, connection: Connection) -> None:
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await connection.execute("update users set password_hash = $1", cheap)
    await ana.sign_in("ana")
    kept = await connection.fetchval("select password_hash from users")
    assert kept != cheap
    assert not passwords.HASHER.check_needs_rehash(kept)


@pytest.mark.checklist("44 per account")
async def test_guesses_at_the_same_time_count_each(ana: Browser) -> None:
    page = await ana.http.get("/signin")
    form = {"email": "ana@example.org", "password": "wrong", "csrf": csrf(page)}
    answers = await asyncio.gather(*(ana.http.post("/signin", data=form) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_a_session_without_standing_does_not_hide_the_form(ana: Browser, connection: Connection) -> None:
    await ana.sign_in("ana")
    assert (await ana.http.get("/signin")).headers["location"] == "/"
    await connection.execute("update users set status = 'suspended'")
    assert (await ana.http.get("/signin")).status_code == 200


@pytest.mark.parametrize("change", ["password_hash = 'another'", "status = 'suspended'"])
async def test_what_changes_while_the_hash_is_computed_counts(
    ana: Browser, connection: Connection, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A reset or suspension ends all sessions: a sign-in that began before it must not come after it."""

    async def meanwhile(executor: Executor, password: str, kept: str | None) -> passwords.Verdict:
        verdict = await passwords.check_password(executor, password, kept)
        await connection.execute(f"update users set {change}")
        return verdict

    monkeypatch.setattr(sign_in, "check_password", meanwhile)
    assert (await ana.sign_in("ana")).status_code == 401
    assert await connection.fetchval("select count(*) from sessions") == 0


async def test_a_hostile_password_costs_no_more_than_another(ana: Browser) -> None:
    """Sorting combining marks takes quadratic time: a megabyte of them would hold the process for minutes."""
    started = time.perf_counter()
    assert (await ana.sign_in("ana", password="e" + "\u0301\u0323" * 60_000)).status_code == 401
    assert time.perf_counter() - started < 5


@pytest.mark.checklist("44 per account", "44 no lock-out")
async def test_guessing_is_slowed_down_for_that_account_only(
    ana: Browser, connection: Connection, clock: Clock
) -> None:
    await person(connection, "bo")
    for _ in range(5):
        assert (await ana.sign_in("ana", password="wrong")).status_code == 401
    slowed = await ana.sign_in("ana")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0
    assert (await ana.sign_in("bo")).status_code == 303
    clock.forward(seconds=31)
    assert (await ana.sign_in("ana")).status_code == 303
