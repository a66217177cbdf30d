"""What a session below AAL2, or a sign-in that still waits, must not come by: hostile cases across surfaces."""

from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from policy.second_step import AAL1
from store.database import Connection
from tests.oidc.world import LEA, PARK, PASSWORD, Browser, Clock, csrf, http_of, person
from tests.signin.stepping import CODE, SET_UP, STEP, code_now, secret_on, send, set_up
from tests.signin.test_email_code import code_of

OWN, PASSWORD_PAGE = "/account/second-step", "/account/password"
NEW = "harbor violet seventeen kites"
EXPLAIN = """query ($check: Check!, $asOf: DateTime) {
    explain(check: $check, asOf: $asOf) { decision { allowed reason } } }"""


async def asked(browser: Browser, document: str, **variables: object) -> Any:
    answer = await browser.http.post("/graphql", json={"query": document, "variables": variables})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.rule("state")
async def test_questions_about_the_past_hold_back_what_the_session_lacks(
    strict_browser: Browser, connection: Connection, clock: Clock
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await strict_browser.sign_in("ana")
    await set_up(strict_browser, clock.now)
    at = (await connection.fetchval("select clock_timestamp()")).isoformat()
    check = {"permission": "toms:windows:view", "organization": {"id": str(PARK)}}
    told = await asked(strict_browser, EXPLAIN, check=check, asOf=at)
    assert told["explain"]["decision"]["allowed"] is True
    await connection.execute("update sessions set acr = $1, amr = '{pwd}'", AAL1)
    strict_browser.http.cookies.set("unknown", "1")  # another request to the memory of callers
    for moment in (None, at):
        told = await asked(strict_browser, EXPLAIN, check=check, asOf=moment)
        assert told["explain"]["decision"] == {"allowed": False, "reason": "STEPS_MISSING"}, moment


@pytest.mark.checklist(47, 49)
async def test_a_code_by_mail_never_stands_in_for_a_factor_that_was_set_up_meanwhile(
    coded_browser: Browser, coded: Gateway, connection: Connection, clock: Clock
) -> None:
    """Begun before the app, finished after it: whoever reads her mail and knows her password is still asked for it."""
    await person(connection, "tess", ("test-administrator", PARK))
    await coded_browser.sign_in("tess")
    await send(coded_browser, CODE, code=await code_of(coded, connection))
    stranger = Browser(http_of(create_app(coded.settings, coded)))
    assert (await stranger.sign_in("tess")).headers["location"] == CODE
    secret = secret_on(await coded_browser.http.get(OWN))
    assert (await send(coded_browser, OWN, code=code_now(secret, clock.now))).status_code == 200
    done = await send(stranger, CODE, code=await code_of(coded, connection))
    assert (done.status_code, done.headers["location"]) == (303, STEP)
    assert "hallpass-session" not in stranger.http.cookies


@pytest.mark.checklist(49)
async def test_a_secret_that_is_being_set_up_is_shown_to_one_sign_in_alone(
    strict: Gateway, connection: Connection
) -> None:
    """Else whoever knows the password opens the page first, and knows the app's secret that its person confirms."""
    await person(connection, "ana", ("lea-coordinator", LEA))
    app = create_app(strict.settings, strict)
    stranger, ana = Browser(http_of(app)), Browser(http_of(app))
    secrets: list[bytes] = []
    for one in (stranger, ana):
        assert (await one.sign_in("ana")).headers["location"] == SET_UP
        secrets.append(secret_on(await one.http.get(SET_UP)))
    assert secrets[0] != secrets[1]
    assert secret_on(await ana.http.get(SET_UP)) == secrets[1], "reloaded, it shows the same"


@pytest.mark.checklist(49)
async def test_a_secret_shown_in_one_session_is_not_confirmed_by_another(
    strict: Gateway, connection: Connection, clock: Clock
) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    app = create_app(strict.settings, strict)
    stranger, tess = Browser(http_of(app)), Browser(http_of(app))
    for one in (stranger, tess):
        assert (await one.sign_in("tess")).headers["location"] == "/account"
    seen = secret_on(await stranger.http.get(OWN))
    mine = secret_on(await tess.http.get(OWN))
    assert seen != mine
    assert (await send(tess, OWN, code=code_now(mine, clock.now))).status_code == 200
    assert await connection.fetchval("select count(*) from totp_secrets where confirmed") == 1


@pytest.mark.checklist(38)
async def test_a_session_from_before_the_factor_changes_no_password(
    strict: Gateway, connection: Connection, clock: Clock
) -> None:
    """Whoever began it may know the password and nothing else, and would shut its person out."""
    await person(connection, "tess", ("test-administrator", PARK))
    app = create_app(strict.settings, strict)
    stranger, tess = Browser(http_of(app)), Browser(http_of(app))
    for one in (stranger, tess):
        await one.sign_in("tess")
    page = await stranger.http.get(PASSWORD_PAGE)
    secret = secret_on(await tess.http.get(OWN))
    assert (await send(tess, OWN, code=code_now(secret, clock.now))).status_code == 200
    await connection.execute("update sessions set ended_at = null")  # as one that began before there was this rule
    for answer in (
        await stranger.http.get(PASSWORD_PAGE),
        await stranger.http.post(
            PASSWORD_PAGE, data={"csrf": csrf(page), "present": PASSWORD, "password": NEW, "again": NEW}
        ),
    ):
        assert answer.headers["location"] == "/signin?next=%2Faccount%2Fpassword&acr=urn%3Ahallpass%3Aaal2"
    assert (await stranger.http.get(answer.headers["location"])).headers["location"] == STEP
    assert (await tess.http.get(PASSWORD_PAGE)).status_code == 303, "she proves it once, and goes on"
    clock.forward(seconds=60)
    tess.http.cookies.delete("hallpass-session")
    await tess.sign_in("tess")
    await send(tess, STEP, code=code_now(secret, clock.now), way="app")
    assert (await tess.http.get(PASSWORD_PAGE)).status_code == 200


@pytest.mark.checklist(38)
async def test_a_sign_in_that_waits_is_no_session_under_any_name(
    strict_browser: Browser, connection: Connection
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    await strict_browser.sign_in("ana")
    cookies = strict_browser.http.cookies
    cookies.set("hallpass-session", cookies["hallpass-pending"])
    for path in ("/account", "/account/password", OWN, "/account/passkeys", "/console", "/account/access"):
        assert (await strict_browser.http.get(path)).headers["location"].startswith("/signin"), path
    told = await strict_browser.http.post("/graphql", json={"query": "{ viewer { id } }"})
    assert told.status_code == 401
    assert (await strict_browser.authorize()).headers["location"].startswith("/signin")
    assert await connection.fetchval("select count(*) from sessions") == 0


@pytest.mark.checklist("38 a second step", 42)
async def test_a_first_factor_ends_what_began_with_the_password_alone(
    browser: Browser, app: Starlette, connection: Connection, clock: Clock
) -> None:
    """But for the session in which it is set up: elsewhere the person, or whoever has her password, is asked for it."""
    await person(connection, "tess", ("test-administrator", PARK))
    stranger = Browser(http_of(app))
    await stranger.sign_in("tess")
    await browser.sign_in("tess")
    secret = secret_on(await browser.http.get(OWN))
    assert (await send(browser, OWN, code=code_now(secret, clock.now))).status_code == 200
    assert (await browser.http.get("/account")).status_code == 200
    assert (await stranger.http.get("/account")).status_code == 303
    open_ones = await connection.fetchval("select count(*) from sessions where ended_at is null")
    assert open_ones == 1
