"""A passkey as the second step, and made in the sign-in of somebody who must have one and has none."""

from dataclasses import replace

import pytest

from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from tests.oidc.world import LEA, Browser, Clock, csrf, person
from tests.passkeys.authenticator import HONEST, SoftKey, Twist
from tests.passkeys.flows import AAL2, fetched, in_session, proof_of, registered, signed_in

STEP = "/signin/second-step"
SET_UP = "/signin/second-step/set-up"


@pytest.fixture
def required(gateway: Gateway) -> Gateway:
    object.__setattr__(gateway, "settings", replace(gateway.settings, second_step="required"))
    return gateway


async def owner(connection: Connection, browser: Browser, key: SoftKey, name: str = "ana") -> UserId:
    user = await person(connection, name, ("lea-coordinator", LEA))
    await in_session(connection, browser, user)
    assert (await registered(browser, key)).status_code == 303
    browser.http.cookies.clear()
    await connection.execute("update sessions set ended_at = now()")
    return user


async def stepped(browser: Browser, key: SoftKey, twist: Twist = HONEST, page: str = STEP) -> tuple[int, str]:
    options = (await fetched(browser, page, f"{page}/passkey/options")).json()["publicKey"]
    credential = key.create(options, twist) if page == SET_UP else key.get(options, twist)
    token = csrf(await browser.http.get(page))
    form = {"csrf": token, "credential": credential, "name": "Phone"}
    answer = await browser.http.post(f"{page}/passkey", data=form)
    return answer.status_code, answer.headers.get("location", answer.text)


async def test_after_the_password_her_passkey_is_asked_for(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    answer = await browser.sign_in("ana")
    assert (answer.status_code, answer.headers["location"]) == (303, STEP)
    assert not await signed_in(browser), "the password alone opens nothing"
    options = (await fetched(browser, STEP, f"{STEP}/passkey/options")).json()["publicKey"]
    assert len(options["allowCredentials"]) == 1
    assert await stepped(browser, key) == (303, "/account")
    assert await signed_in(browser)
    assert await proof_of(connection) == (AAL2, ["pwd", "hwk", "user", "mfa"])


@pytest.mark.checklist("50 another person")
async def test_another_persons_passkey_is_no_second_step(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    anas, bens = SoftKey(), SoftKey()
    await owner(connection, browser, anas)
    await owner(connection, browser, bens, "ben")
    await browser.sign_in("ana")
    status, text = await stepped(browser, bens)
    assert (status, "not known here" in text) == (401, True)
    assert not await signed_in(browser)
    assert (await stepped(browser, anas, Twist(drop_handle=True)))[0] == 303, "security keys may leave the handle out"


@pytest.mark.checklist(50)
@pytest.mark.parametrize(
    "twist", [Twist(flags_off=0x04), Twist(origin="https://evil.example"), Twist(handle=b"z" * 32)]
)
async def test_an_answer_that_differs_is_no_second_step(
    gateway: Gateway, connection: Connection, browser: Browser, twist: Twist
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await browser.sign_in("ana")
    assert (await stepped(browser, key, twist))[0] == 401
    assert not await signed_in(browser)


@pytest.mark.checklist(50)
async def test_the_challenges_of_the_two_ways_are_not_exchanged(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await browser.sign_in("ana")
    alone = (await fetched(browser, "/signin?next=/account", "/signin/passkey/options")).json()["publicKey"]
    form = {"csrf": csrf(await browser.http.get(STEP)), "credential": key.get(alone)}
    assert (await browser.http.post(f"{STEP}/passkey", data=form)).status_code == 401


@pytest.mark.checklist(44)
async def test_answers_are_counted(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    key = SoftKey()
    await owner(connection, browser, key)
    await browser.sign_in("ana")
    answers = [(await stepped(browser, key, Twist(break_signature=True)))[0] for _ in range(4)]
    assert answers == [401] * 4
    token = csrf(await browser.http.get(STEP))
    late = [
        (await browser.http.post(f"{STEP}/passkey", data={"csrf": token, "credential": "{}"})).status_code
        for _ in range(8)
    ]
    assert set(late) - {401}, "guessing is held back at last"


async def test_without_a_sign_in_that_waits_there_is_nothing(gateway: Gateway, browser: Browser) -> None:
    page = await browser.http.get("/signin")
    for path in (STEP, SET_UP):
        answer = await browser.http.post(f"{path}/passkey/options", data={"csrf": csrf(page)})
        assert answer.status_code == 409
        answer = await browser.http.post(f"{path}/passkey", data={"csrf": csrf(page), "credential": "{}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")


async def test_whoever_must_have_one_makes_it_before_she_gets_in(
    required: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    answer = await browser.sign_in("ana")
    assert (answer.status_code, answer.headers["location"]) == (303, SET_UP)
    key = SoftKey(synced=True)
    status, text = await stepped(browser, key, Twist(flags_off=0x04), SET_UP)
    assert (status, "no passkey was made" in text) == (401, True)
    assert await connection.fetchval("select count(*) from passkeys") == 0
    assert await stepped(browser, key, page=SET_UP) == (303, "/account")
    assert await proof_of(connection) == (AAL2, ["pwd", "swk", "user", "mfa"])
    row = await connection.fetchrow("select name, user_id from passkeys")
    assert row is not None
    assert row["name"] == "Phone"
    assert await connection.fetchval("select count(*) from messages where template = 'passkey-added'") == 1
    assert await connection.fetchval("select count(*) from audit_events where action = 'addPasskey'") == 1


async def test_none_is_made_beside_a_factor_that_came_meanwhile(
    required: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """Else a stolen password, kept waiting here, would add a key of its own to an account that has a second step."""
    await person(connection, "ana", ("lea-coordinator", LEA))
    await browser.sign_in("ana")
    options = (await fetched(browser, SET_UP, f"{SET_UP}/passkey/options")).json()["publicKey"]
    token = csrf(await browser.http.get(SET_UP))
    await connection.execute(
        "insert into passkeys select gen_random_uuid(), id, 'other', 'key', 0, false, false, '{}', id, 'Mine', $1 "
        "from users where email = 'ana@example.org'",
        clock(),
    )
    form = {"csrf": token, "credential": SoftKey().create(options)}
    answer = await browser.http.post(f"{SET_UP}/passkey", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert await connection.fetchval("select count(*) from passkeys") == 1
    assert not await signed_in(browser)
