"""After the password the second step: who must, setting it up without a way around, codes used once, session anew."""

import asyncio

import pytest

from gateway.app import create_app
from gateway.state import Gateway
from policy.second_step import AAL1, AAL2
from policy.totp import DRIFT
from store.database import Connection
from tests.oidc.world import LEA, PARK, PASSWORD, Browser, Clock, claims_of, csrf, give, http_of, person
from tests.signin.stepping import SET_UP, STEP, code_now, codes_on, send, set_up, step


@pytest.fixture
async def ana(strict: Gateway, connection: Connection, strict_browser: Browser) -> Browser:
    """A coordinator, who must have a second step and has none."""
    await person(connection, "ana", ("lea-coordinator", LEA))
    return strict_browser


@pytest.fixture
async def secret(ana: Browser, clock: Clock) -> bytes:
    """Her app, set up at the first sign-in; she is signed out again and its next code is good."""
    await ana.sign_in("ana")
    made, _ = await set_up(ana, clock.now)
    ana.http.cookies.clear()
    clock.forward(seconds=60)
    return made


async def count(connection: Connection, table: str) -> int:
    return await connection.fetchval(f"select count(*) from {table}")


@pytest.mark.checklist(49)
async def test_whoever_must_sets_one_up_at_sign_in_without_a_way_around(
    ana: Browser, connection: Connection, clock: Clock
) -> None:
    answer = await ana.sign_in("ana")
    assert (answer.status_code, answer.headers["location"]) == (303, SET_UP)
    assert "hallpass-session" not in ana.http.cookies
    assert (await ana.authorize()).headers["location"].startswith("/signin")
    assert (await ana.http.get(STEP)).headers["location"] == SET_UP
    assert (await ana.http.get("/account")).status_code in (303, 401)
    assert await count(connection, "sessions") == 0
    _, page = await set_up(ana, clock.now)
    assert page.status_code == 200
    assert len(set(codes_on(page))) == 10
    assert 'href="/account"' in page.text
    row = await connection.fetchrow("select acr, amr from sessions")
    assert row is not None
    assert (row["acr"], row["amr"]) == (AAL2, ["pwd", "otp", "mfa"])
    assert await connection.fetchval("select template from messages") == "second-step-added"


async def test_roles_that_ask_for_none_get_in_with_a_password(
    strict: Gateway, connection: Connection, strict_browser: Browser
) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    assert (await strict_browser.sign_in("tess")).headers["location"] == "/account"
    assert await connection.fetchval("select acr from sessions") == AAL1


@pytest.mark.checklist(49)
async def test_the_code_is_asked_for_at_each_sign_in(ana: Browser, secret: bytes, clock: Clock) -> None:
    assert (await ana.sign_in("ana")).headers["location"] == STEP
    assert (await ana.http.get(SET_UP)).headers["location"] == STEP, "none is set up beside it with a password alone"
    assert (await step(ana, "000000")).status_code == 401
    assert "hallpass-session" not in ana.http.cookies
    done = await step(ana, code_now(secret, clock.now))
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    tokens = await ana.tokens(scope="openid")
    claims = claims_of(tokens["id_token"])
    assert (claims["acr"], claims["amr"]) == (AAL2, ["pwd", "otp", "mfa"])


@pytest.mark.checklist("49 a code twice")
async def test_rfc_6238_5_2_a_step_is_used_once(ana: Browser, secret: bytes, clock: Clock) -> None:
    code = code_now(secret, clock.now)
    await ana.sign_in("ana")
    assert (await step(ana, code)).status_code == 303
    ana.http.cookies.clear()
    await ana.sign_in("ana")
    assert (await step(ana, code)).status_code == 401
    assert (await step(ana, code_now(secret, clock.now, -1))).status_code == 401, "nor one before it"
    assert (await step(ana, code_now(secret, clock.now, 1))).status_code == 303


@pytest.mark.checklist("49 a code twice")
async def test_of_parallel_uses_of_one_code_one_succeeds(
    ana: Browser, secret: bytes, strict: Gateway, connection: Connection, clock: Clock
) -> None:
    before = await count(connection, "sessions")
    app = create_app(strict.settings, strict)
    browsers = [Browser(http_of(app)) for _ in range(4)]
    for one in browsers:
        assert (await one.sign_in("ana")).status_code == 303
    answers = await asyncio.gather(*(step(one, code_now(secret, clock.now)) for one in browsers))
    assert sorted(one.status_code for one in answers) == [303, 401, 401, 401]
    assert await count(connection, "sessions") == before + 1


@pytest.mark.parametrize("drift", [-2, 2])
@pytest.mark.checklist("49 another time")
async def test_drift_is_one_step(ana: Browser, secret: bytes, clock: Clock, drift: int) -> None:
    clock.forward(seconds=60)
    await ana.sign_in("ana")
    assert (await step(ana, code_now(secret, clock.now, drift))).status_code == 401
    assert (await step(ana, code_now(secret, clock.now, DRIFT))).status_code == 303


@pytest.mark.checklist("49 a recovery code twice")
async def test_a_recovery_code_is_good_once_and_told_of(ana: Browser, connection: Connection, clock: Clock) -> None:
    await ana.sign_in("ana")
    _, page = await set_up(ana, clock.now)
    code = codes_on(page)[3]
    kept = await connection.fetch("select code_hash from recovery_codes")
    assert all(code.encode() not in row["code_hash"] for row in kept)
    ana.http.cookies.clear()
    await ana.sign_in("ana")
    assert (await step(ana, code.upper().replace("-", " "), "recovery")).status_code == 303
    assert "recovery-code-used" in {row["template"] for row in await connection.fetch("select template from messages")}
    assert await connection.fetchval("select count(*) from recovery_codes where used_at is null") == 9
    ana.http.cookies.clear()
    await ana.sign_in("ana")
    assert (await step(ana, code, "recovery")).status_code == 401


@pytest.mark.checklist("38 a second step")
async def test_a_pending_sign_in_grants_nothing_and_is_dead_after_use(
    ana: Browser, secret: bytes, clock: Clock, connection: Connection
) -> None:
    await ana.sign_in("ana")
    pending = ana.http.cookies["hallpass-pending"]
    await step(ana, code_now(secret, clock.now))
    assert "hallpass-pending" not in ana.http.cookies
    ana.http.cookies.clear()
    ana.http.cookies.set("hallpass-pending", pending)
    assert (await ana.http.get(STEP)).headers["location"] == "/signin"
    ana.http.cookies.set("hallpass-session", pending)
    assert (await ana.http.get("/account/password")).status_code == 303
    assert await count(connection, "pending_sign_ins") == 0


@pytest.mark.parametrize("change", ["password_hash = 'another'", "status = 'suspended'"])
async def test_a_pending_sign_in_ends_with_the_password_and_the_standing(
    ana: Browser, secret: bytes, clock: Clock, connection: Connection, change: str
) -> None:
    await ana.sign_in("ana")
    await connection.execute(f"update users set {change}")
    assert (await ana.http.get(STEP)).headers["location"] == "/signin"


async def test_a_pending_sign_in_lives_minutes_and_takes_ten_guesses(
    ana: Browser, secret: bytes, clock: Clock, connection: Connection
) -> None:
    await ana.sign_in("ana")
    clock.forward(minutes=16)
    assert (await ana.http.get(STEP)).headers["location"] == "/signin"
    await ana.sign_in("ana")
    await connection.execute("update pending_sign_ins set tries = 10")
    page = await ana.http.get(STEP)
    answer = await ana.http.post(STEP, data={"csrf": csrf(page), "code": code_now(secret, clock.now)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")


@pytest.mark.checklist(44)
async def test_guesses_count_over_all_sign_ins(ana: Browser, secret: bytes, clock: Clock) -> None:
    """Whoever knows the password doesn't get new guesses by signing in again."""
    for _ in range(5):
        await ana.sign_in("ana")
        assert (await step(ana, "000000")).status_code == 401
        ana.http.cookies.clear()
    await ana.sign_in("ana")
    slowed = await step(ana, code_now(secret, clock.now))
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) in range(1, 32)
    clock.forward(seconds=31)
    assert (await step(ana, code_now(secret, clock.now))).status_code == 303


@pytest.mark.checklist(44)
async def test_on_her_own_device_strangers_guesses_dont_slow_her_down(
    ana: Browser, secret: bytes, clock: Clock, strict: Gateway
) -> None:
    await ana.sign_in("ana")
    await step(ana, code_now(secret, clock.now))
    async with http_of(create_app(strict.settings, strict)) as http:
        stranger = Browser(http)
        await stranger.sign_in("ana")
        for _ in range(6):
            await step(stranger, "000000")
        for _ in range(6):
            await stranger.sign_in("ana", password="wrong")
        assert (await stranger.sign_in("ana")).status_code == 429
    ana.http.cookies.delete("hallpass-session")
    clock.forward(seconds=30)
    assert (await ana.sign_in("ana")).status_code == 303
    assert (await step(ana, code_now(secret, clock.now))).status_code == 303


@pytest.mark.checklist(29)
async def test_a_session_without_one_is_asked_for_it_alone(
    ana: Browser, secret: bytes, clock: Clock, connection: Connection
) -> None:
    """acr_values: the session grows stronger under a new id, and ends no later than before."""
    await ana.sign_in("ana")
    await step(ana, code_now(secret, clock.now))
    await connection.execute("update sessions set acr = $1, amr = '{pwd}'", AAL1)
    before, ends = (
        ana.http.cookies["hallpass-session"],
        await connection.fetchval("select max(expires_at) from sessions"),
    )
    clock.forward(minutes=30)
    asked = await ana.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert (asked.status_code, asked.headers["location"]) == (303, STEP)
    done = await step(ana, code_now(secret, clock.now))
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert ana.http.cookies["hallpass-session"] != before
    row = await connection.fetchrow("select * from sessions order by auth_time desc limit 1")
    assert row is not None
    assert (row["acr"], row["amr"], row["expires_at"]) == (AAL2, ["pwd", "otp", "mfa"], ends)
    ana.http.cookies.delete("hallpass-session")
    ana.http.cookies.set("hallpass-session", before)
    assert (await ana.http.get("/account/password")).status_code == 303, "the id before the step is dead"


@pytest.mark.checklist(38)
async def test_nobody_sets_one_up_in_a_session_that_was_left_open(
    strict: Gateway, connection: Connection, strict_browser: Browser, clock: Clock
) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    await strict_browser.sign_in("tess")
    clock.forward(minutes=11)
    page = await strict_browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert page.status_code == 200
    assert 'name="password"' in page.text
    form = {"email": "tess@example.org", "password": PASSWORD, "next": "/account", "acr": AAL2, "csrf": csrf(page)}
    assert (await strict_browser.http.post("/signin", data=form)).headers["location"] == SET_UP


async def test_a_role_given_in_the_session_waits_for_the_step(
    strict: Gateway, connection: Connection, strict_browser: Browser
) -> None:
    user = await person(connection, "tess", ("educator-test-site", PARK))
    await strict_browser.sign_in("tess")
    await give(connection, user, "lea-coordinator", LEA)
    answer = await strict_browser.http.get("/")
    assert "second step" in answer.text


@pytest.mark.checklist(39)
async def test_its_forms_need_our_token(ana: Browser, secret: bytes, clock: Clock) -> None:
    await ana.sign_in("ana")
    answer = await ana.http.post(STEP, data={"code": code_now(secret, clock.now)})
    assert answer.status_code == 403
    assert "hallpass-session" not in ana.http.cookies


async def test_a_wrong_first_code_sets_nothing_up(ana: Browser, connection: Connection) -> None:
    await ana.sign_in("ana")
    assert (await send(ana, SET_UP, code="000000")).status_code == 422
    assert await connection.fetchval("select count(*) from totp_secrets where confirmed") == 0
    assert await count(connection, "recovery_codes") == 0


@pytest.mark.checklist(49)
async def test_the_secret_is_sealed_for_its_person(ana: Browser, secret: bytes, connection: Connection) -> None:
    sealed = await connection.fetchval("select sealed from totp_secrets")
    assert secret not in sealed
    assert len(sealed) == 12 + 20 + 16


async def test_somebody_elses_secret_in_its_place_opens_nothing(
    ana: Browser, secret: bytes, connection: Connection, clock: Clock
) -> None:
    bo = await person(connection, "bo")
    await connection.execute("update totp_secrets set user_id = $1", bo)
    await ana.sign_in("bo")
    assert (await step(ana, code_now(secret, clock.now))).status_code == 500
    assert "hallpass-session" not in ana.http.cookies
