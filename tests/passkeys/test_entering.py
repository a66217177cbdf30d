"""Signing in with a passkey alone: what it proves, and every answer that proves nothing (checklist 50)."""

import asyncio
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from tests.oidc.world import LEA, Browser, Clock, csrf, http_of, ident, person
from tests.passkeys.authenticator import ES256, RS256, SoftKey, Twist, text
from tests.passkeys.flows import (
    AAL2,
    answered,
    asked,
    entered,
    fetched,
    in_session,
    proof_of,
    registered,
    signed_in,
)


async def owner(connection: Connection, browser: Browser, key: SoftKey, name: str = "ana") -> None:
    """Somebody with the key, signed out again."""
    await in_session(connection, browser, await person(connection, name, ("lea-coordinator", LEA)))
    answer = await registered(browser, key)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/account/passkeys?done=added"), answer.text
    browser.http.cookies.clear()
    await connection.execute("update sessions set ended_at = now()")


@pytest.mark.parametrize(("synced", "amr"), [(False, ["hwk", "user", "mfa"]), (True, ["swk", "user", "mfa"])])
async def test_a_verified_passkey_alone_is_aal2(
    gateway: Gateway, connection: Connection, browser: Browser, synced: bool, amr: list[str]
) -> None:
    """NIST SP 800-63B-4 2.2; RFC 8176."""
    key = SoftKey(synced=synced)
    await owner(connection, browser, key)
    answer = await entered(browser, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await signed_in(browser)
    assert await proof_of(connection) == (AAL2, amr)
    row = await connection.fetchrow("select sign_count, last_used_at, name from passkeys")
    assert row is not None
    assert (row["sign_count"], row["last_used_at"], row["name"]) == (1, gateway.now(), "Laptop")


async def test_signing_in_anew_raises_ones_own_session(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await in_session(connection, browser, UserId(ident("ana")))
    before = browser.http.cookies["hallpass-session"]
    session = await connection.fetchval("select id from sessions where ended_at is null")
    assert (await entered(browser, key)).status_code == 303
    assert browser.http.cookies["hallpass-session"] != before, "a new secret at every step-up"
    assert await connection.fetchval("select id from sessions where ended_at is null") == session
    assert (await proof_of(connection))[0] == AAL2


@pytest.mark.checklist(50)
@pytest.mark.parametrize(
    "twist",
    [
        Twist(origin="https://evil.example"), Twist(rp_id="evil.example"), Twist(challenge=text(b"x" * 32)),
        Twist(flags_off=0x04), Twist(flags_off=0x01), Twist(break_signature=True), Twist(cross_origin=True),
        Twist(drop_handle=True), Twist(handle=b"z" * 32), Twist(kind="webauthn.create"),
    ],
    ids=["origin", "rpIdHash", "challenge", "not verified", "not present", "signature", "framed", "no handle",
         "another's handle", "type"],
)  # fmt: skip
async def test_an_answer_that_differs_signs_nobody_in(
    gateway: Gateway, connection: Connection, browser: Browser, twist: Twist
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    answer = await entered(browser, key, twist)
    assert (answer.status_code, "could not be verified" in answer.text) == (401, True)
    assert not await signed_in(browser)
    assert await connection.fetchval("select sign_count from passkeys") == 0


@pytest.mark.checklist("50 challenge")
async def test_a_challenge_is_answered_once(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """Also where the first answer was refused, and by the same browser only."""
    key = SoftKey()
    await owner(connection, browser, key)
    options = await asked(browser)
    cookie = browser.http.cookies["hallpass-passkey"]
    assert (await answered(browser, key.get(options, Twist(break_signature=True)))).status_code == 401
    browser.http.cookies.set("hallpass-passkey", cookie, domain="localhost.local", path="/")
    again = await answered(browser, key.get(options))
    assert (again.status_code, "answered already" in again.text) == (401, True)
    assert await connection.fetchval("select count(*) from passkey_ceremonies where purpose = 'enter'") == 0


@pytest.mark.checklist(50)
async def test_of_parallel_answers_to_one_challenge_one_signs_in(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    options = await asked(browser)
    token = csrf(await browser.http.get("/signin?next=/account"))
    forms = [{"csrf": token, "credential": key.get(options), "next": "/account"} for _ in range(6)]
    answers = await asyncio.gather(*(browser.http.post("/signin/passkey", data=form) for form in forms))
    assert sorted(one.status_code for one in answers) == [303, 401, 401, 401, 401, 401]
    assert await connection.fetchval("select count(*) from sessions where ended_at is null") == 1


@pytest.mark.checklist(50)
async def test_a_challenge_is_bound_to_the_browser_and_lives_five_minutes(
    gateway: Gateway, connection: Connection, browser: Browser, app: Starlette, clock: Clock
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    options = await asked(browser)
    async with http_of(app) as http:
        other = Browser(http)
        assert (await answered(other, key.get(options))).status_code == 401, "another browser's"
    clock.forward(minutes=5)
    late = await answered(browser, key.get(options))
    assert (late.status_code, "time to answer is over" in late.text) == (401, True)
    options = await asked(browser)
    clock.now += timedelta(minutes=4, seconds=59)
    assert (await answered(browser, key.get(options))).status_code == 303


@pytest.mark.checklist(50)
async def test_a_challenge_for_a_new_passkey_signs_nobody_in(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await entered(browser, key)  # she has a factor: what she changes needs it
    made = (await fetched(browser, "/account/passkeys", "/account/passkeys/options")).json()["publicKey"]
    assert (await answered(browser, key.get(made))).status_code == 401


@pytest.mark.checklist("50 a copy")
async def test_a_counter_that_goes_back_is_refused_and_told(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey(ES256)
    await owner(connection, browser, key)
    for _ in range(3):
        assert (await entered(browser, key)).status_code == 303
    browser.http.cookies.clear()
    answer = await entered(browser, key, Twist(count=2))
    assert (answer.status_code, "copy" in answer.text) == (401, True)
    templates = await connection.fetch("select template from messages where template like 'passkey-%'")
    assert [one["template"] for one in templates] == ["passkey-added", "passkey-copied"]
    event = await connection.fetchrow("select outcome, reason from audit_events where action = 'usePasskey'")
    assert event is not None
    assert (event["outcome"], event["reason"]) == ("denied", "COPIED")
    assert (await entered(browser, key)).status_code == 401, "whoever has the higher counter: both may be copies"
    assert await connection.fetchval("select count(*) from messages where template = 'passkey-copied'") == 1


@pytest.mark.checklist("50 another person")
async def test_another_persons_credential_id_is_refused(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """A key that claims another's id, or whose id the other one's handle comes with."""
    anas, bens = SoftKey(), SoftKey(RS256)
    await owner(connection, browser, anas)
    await owner(connection, browser, bens, "ben")
    assert (await entered(browser, bens, Twist(handle=anas.handle))).status_code == 401
    bens.id = anas.id
    assert (await entered(browser, bens)).status_code == 401
    assert (await entered(browser, bens, Twist(handle=anas.handle))).status_code == 401
    assert not await signed_in(browser)


async def test_an_unknown_passkey_and_no_answer_at_all(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    key.handle = b"h" * 32
    answer = await entered(browser, key)
    assert (answer.status_code, "not known here" in answer.text) == (401, True)
    for credential in ("", "{}", "[" * 50_000):
        await asked(browser)
        assert (await answered(browser, credential)).status_code == 401


@pytest.mark.parametrize("status", ["inactive", "suspended", "invited"])
async def test_who_is_not_active_stays_out(
    gateway: Gateway, connection: Connection, browser: Browser, status: str
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await connection.execute("update users set status = $1", status)
    answer = await entered(browser, key)
    assert (answer.status_code, "not active" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_it_leads_to_our_own_pages_only(
    gateway: Gateway, connection: Connection, browser: Browser, onward: str
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    answer = await answered(browser, key.get(await asked(browser)), onward)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_other_sites_forms_are_refused(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    page = await browser.http.get("/signin")
    for path in ("/signin/passkey", "/signin/passkey/options"):
        foreign = {"Origin": "https://evil.example"}
        answer = await browser.http.post(path, data={"csrf": csrf(page)}, headers=foreign)
        assert answer.status_code == 403
        assert (await browser.http.post(path, data={"csrf": "wrong"})).status_code == 403
    assert await connection.fetchval("select count(*) from passkey_ceremonies") == 0


async def test_the_page_asks_for_nothing_but_a_passkey(gateway: Gateway, browser: Browser) -> None:
    """Strict: no inline script, and the script talks to us alone."""
    page = await browser.http.get("/signin")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert 'autocomplete="username webauthn"' in page.text
    options = await asked(browser)
    assert (options["rpId"], options["allowCredentials"], options["userVerification"]) == ("localhost", [], "required")


async def test_challenges_that_nobody_answers_go(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    for _ in range(12):
        await asked(browser)
        browser.http.cookies.clear()
    clock.forward(minutes=6)
    await asked(browser)
    assert await connection.fetchval("select count(*) from passkey_ceremonies") == 3
    await asked(browser)
    assert await connection.fetchval("select count(*) from passkey_ceremonies") == 2
