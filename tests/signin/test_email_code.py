"""The code by e-mail in a new browser: for people without a second step, few guesses, short life, never AAL2."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from gateway.mail.composing import Composed, compose
from gateway.state import Gateway
from policy.ids import UserId
from policy.second_step import AAL1
from store.database import Connection
from store.messages import Message, Notice, Problem
from tests.oidc.world import LEA, PARK, Browser, Clock, csrf, http_of, person
from tests.signin.stepping import CODE, SET_UP, send


@pytest.fixture
async def tess(coded: Gateway, connection: Connection, coded_browser: Browser) -> Browser:
    """A teacher, whose role asks for no second step."""
    await person(connection, "tess", ("test-administrator", PARK))
    return coded_browser


async def mailed(gateway: Gateway, connection: Connection) -> Composed | Problem:
    """The newest code's mail as the worker makes it."""
    row = await connection.fetchrow("select * from messages where template = 'sign-in-code' order by created_at desc")
    assert row is not None
    notices = (Notice(row["template"], row["notices"][0]["values"], None),)
    message = Message(row["id"], UserId(row["user_id"]), row["template"], notices, 30, 1, timedelta())
    async with connection.transaction():
        return await compose(gateway, connection, message)


async def code_of(gateway: Gateway, connection: Connection) -> str:
    letter = await mailed(gateway, connection)
    assert isinstance(letter, Composed)
    found = re.search(r"^\s*(\d{8})\s*$", letter.letter.text, re.MULTILINE)
    assert found is not None, letter.letter.text
    assert letter.address == "tess@example.org"
    return found[1]


async def test_a_new_browser_asks_for_it_and_is_known_then(
    tess: Browser, coded: Gateway, connection: Connection
) -> None:
    answer = await tess.sign_in("tess")
    assert (answer.status_code, answer.headers["location"]) == (303, CODE)
    assert "hallpass-session" not in tess.http.cookies
    code = await code_of(coded, connection)
    done = await send(tess, CODE, code=f"{code[:4]} {code[4:]}")
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    row = await connection.fetchrow("select acr, amr from sessions")
    assert row is not None
    assert (row["acr"], row["amr"]) == (AAL1, ["pwd"]), "a code by mail is no factor"
    tess.http.cookies.delete("hallpass-session")
    assert (await tess.sign_in("tess")).headers["location"] == "/account"


@pytest.mark.checklist(47)
async def test_neither_outbox_nor_database_hold_the_code(tess: Browser, coded: Gateway, connection: Connection) -> None:
    await tess.sign_in("tess")
    assert not re.search(r"\b\d{8}\b", str(await connection.fetchval("select notices from messages")))
    code = await code_of(coded, connection)
    kept = await connection.fetchrow("select * from pending_sign_ins")
    assert kept is not None
    assert code not in str(dict(kept))


@pytest.mark.checklist(44)
async def test_five_guesses_then_it_is_worth_nothing(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    await tess.sign_in("tess")
    code = await code_of(coded, connection)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    page = await tess.http.get(CODE)
    guesses = [tess.http.post(CODE, data={"csrf": csrf(page), "code": wrong}) for _ in range(8)]
    assert sorted(one.status_code for one in await asyncio.gather(*guesses)) == [401] * 5 + [429] * 3
    clock.forward(seconds=31)
    assert (await send(tess, CODE, code=code)).status_code == 401


@pytest.mark.checklist(44)
async def test_guesses_are_counted_over_all_sign_ins(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    """Whoever stole the password begins a sign-in for each five guesses, and would find the code in days."""
    for _ in range(5):
        await tess.sign_in("tess")
        code = await code_of(coded, connection)
        assert (await send(tess, CODE, code=f"{(int(code) + 1) % 10**8:08d}")).status_code == 401
    await tess.sign_in("tess")
    code = await code_of(coded, connection)
    slow = await send(tess, CODE, code=code)
    assert (slow.status_code, "Too many attempts" in slow.text) == (429, True)
    assert int(slow.headers["retry-after"]) > 0
    clock.forward(seconds=31)
    assert (await send(tess, CODE, code=code)).status_code == 303
    assert await connection.fetchval("select count(*) from failed_attempts where failures > 0") == 0


async def test_it_lives_ten_minutes(tess: Browser, coded: Gateway, connection: Connection, clock: Clock) -> None:
    await tess.sign_in("tess")
    code = await code_of(coded, connection)
    clock.forward(minutes=10, seconds=1)
    assert (await send(tess, CODE, code=code)).status_code == 401


async def test_another_one_voids_it_and_few_are_sent(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    await tess.sign_in("tess")
    first = await code_of(coded, connection)
    page = await tess.http.get(CODE)
    assert (await tess.http.post(f"{CODE}/again", data={"csrf": csrf(page)})).status_code == 429
    for _ in range(3):
        clock.forward(minutes=1)
        assert (await tess.http.post(f"{CODE}/again", data={"csrf": csrf(page)})).status_code == 200
    clock.forward(minutes=1)
    assert (await tess.http.post(f"{CODE}/again", data={"csrf": csrf(page)})).status_code == 429
    second = await code_of(coded, connection)
    assert (await send(tess, CODE, code=first)).status_code == 401
    assert (await send(tess, CODE, code=second)).status_code == 303


@pytest.mark.checklist(44)
async def test_a_person_s_mailbox_is_not_filled(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    """Each sign-in begins with a code; who has the password can begin many."""
    for _ in range(13):
        await tess.sign_in("tess")
        clock.forward(minutes=1)
    count = "select count(*) from messages where template = 'sign-in-code'"
    assert await connection.fetchval(count) == 12
    clock.forward(minutes=50)
    await tess.sign_in("tess")
    assert await connection.fetchval(count) == 13


async def test_a_code_that_nobody_waits_for_isnt_sent(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    await tess.sign_in("tess")
    clock.forward(minutes=16)
    assert await mailed(coded, connection) is Problem.NOT_NEEDED


async def test_it_belongs_to_the_browser_and_the_person(
    tess: Browser, coded: Gateway, connection: Connection, app_of: Callable[[Gateway], Starlette]
) -> None:
    """Somebody else in the same browser is asked again, and so is she in another one."""
    await tess.sign_in("tess")
    await send(tess, CODE, code=await code_of(coded, connection))
    async with http_of(app_of(coded)) as http:
        assert (await Browser(http).sign_in("tess")).headers["location"] == CODE
    await person(connection, "bo", ("test-administrator", PARK))
    tess.http.cookies.delete("hallpass-session")
    assert (await tess.sign_in("bo")).headers["location"] == CODE


async def test_it_comes_before_the_first_second_step_is_set_up(
    coded: Gateway, connection: Connection, coded_browser: Browser
) -> None:
    """Whoever stole a password enrolls no app with it."""
    await person(connection, "tess", ("lea-coordinator", LEA))
    assert (await coded_browser.sign_in("tess")).headers["location"] == CODE
    assert (await coded_browser.http.get(SET_UP)).headers["location"] == CODE
    done = await send(coded_browser, CODE, code=await code_of(coded, connection))
    assert (done.status_code, done.headers["location"]) == (303, SET_UP)
    assert (await coded_browser.http.get(SET_UP)).status_code == 200


async def test_a_stolen_device_cookie_of_another_person_is_no_known_device(
    tess: Browser, coded: Gateway, connection: Connection
) -> None:
    """Each person has a token of her own: who used the browser before her knows only his."""
    await person(connection, "bo", ("test-administrator", PARK))
    await connection.execute("update users set status = 'active'")
    await tess.sign_in("tess")
    await send(tess, CODE, code=await code_of(coded, connection))
    copied = tess.http.cookies["hallpass-device"]
    rows = await connection.fetch("select token_hash from known_devices")
    assert len(rows) == 1
    tess.http.cookies.delete("hallpass-session")
    assert (await tess.sign_in("tess")).status_code == 303
    assert tess.http.cookies["hallpass-device"] != copied, "a new token at each sign-in"
    assert await connection.fetchval("select count(*) from known_devices") == 1


@pytest.mark.checklist(29)
async def test_a_password_from_before_a_new_sign_in_was_asked_for_is_not_finished_by_the_code(
    tess: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    """prompt=login (Core 3.1.2.1): the code proves nothing by itself, and the password was typed for something else."""
    await tess.sign_in("tess")
    cookie = tess.http.cookies["hallpass-pending"]
    code = await code_of(coded, connection)
    address = (await tess.authorize(prompt="login")).headers["location"]
    tess.http.cookies.set("hallpass-pending", cookie, domain="localhost.local")
    assert (await tess.http.get(CODE)).headers["location"] == "/signin"
    clock.forward(minutes=1)
    onward = parse_qs(urlsplit(address).query)["next"][0]
    assert (await tess.sign_in("tess", onward=onward)).headers["location"] == CODE
    assert (await send(tess, CODE, code=code)).status_code == 401, "that of the sign-in before"
    clock.forward(minutes=1)
    done = await send(tess, CODE, code=await code_of(coded, connection))
    assert done.headers["location"] == onward
    assert not (await tess.http.get(onward)).headers.get("location", "").startswith("/signin")
    assert await connection.fetchval("select auth_time from sessions where ended_at is null") == clock.now
