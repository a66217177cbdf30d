"""A new sign-in asked for together with a level: a second factor alone is no new proof (Core 3.1.2.1)."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, PASSWORD, Browser, Clock, claims_of, csrf, ident, person, returned
from tests.signin.stepping import SET_UP, STEP, code_now, set_up, step

pytestmark = [pytest.mark.checklist(29), pytest.mark.checklist(38)]
AAL1, AAL2 = "urn:hallpass:aal1", "urn:hallpass:aal2"
WHYS = ["login", "max_age", "hint"]


class Ana:
    """She is expected; `open`: whose session of one factor the browser has."""

    def __init__(self, browser: Browser, secret: bytes | None, demand: dict[str, str]) -> None:
        self.browser, self.secret, self.demand = browser, secret, demand

    async def asked(self) -> str:
        """The sign-in page to which the request leads."""
        answer = await self.browser.authorize(acr_values=AAL2, **self.demand)
        assert answer.headers["location"].startswith("/signin?"), answer.headers["location"]
        return answer.headers["location"]

    async def types_password(self, address: str) -> httpx2.Response:
        page = await self.browser.http.get(address)
        assert (page.status_code, 'name="password"' in page.text) == (200, True), page.headers.get("location")
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        form = {"email": "ana@example.org", "password": PASSWORD, "csrf": csrf(page), **query}
        return await self.browser.http.post("/signin", data=form)

    async def steps(self, clock: Clock) -> str:
        """The second step that is waited for; where it leads on to."""
        clock.forward(seconds=31)  # each code is good once
        if self.secret is not None:
            return (await step(self.browser, code_now(self.secret, clock.now))).headers["location"]
        _, codes = await set_up(self.browser, clock.now)
        assert codes.status_code == 200, codes.text
        return ""


@pytest.fixture(params=[True, False], ids=["factor", "none"])
def has_factor(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture(params=WHYS)
async def ana(
    gateway: Gateway, browser: Browser, connection: Connection, clock: Clock, has_factor: bool,
    request: pytest.FixtureRequest,
) -> Ana:  # fmt: skip
    """Nine minutes after a sign-in with a password: for `hint` it was Bo's, who has a factor where Ana has one."""
    people = ["ana", "bo"] if request.param == "hint" else ["ana"]
    demand = {"prompt": "login"} if request.param == "login" else {"max_age": "0"}
    secret: bytes | None = None
    for name in people:
        await person(connection, name, ("site-coordinator", PARK))
        await browser.sign_in(name)
        if name == "ana" and request.param == "hint":
            demand = {"id_token_hint": (await browser.tokens())["id_token"]}
        if has_factor:
            await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
            mine, _ = await set_up(browser, clock.now)
            secret = secret if secret is not None else mine
            await connection.execute("update sessions set acr = $1, amr = '{pwd}'", AAL1)
    clock.forward(minutes=9)
    return Ana(browser, secret, demand)


async def test_the_password_comes_first_and_the_level_is_kept(ana: Ana, clock: Clock, has_factor: bool) -> None:
    """(a), (c): neither does an open session's second step stand in for the sign-in, nor is its person asked for it."""
    address = await ana.asked()
    entered = await ana.types_password(address)
    assert entered.headers["location"] == (STEP if has_factor else SET_UP)
    await ana.steps(clock)
    onward = parse_qs(urlsplit(address).query)["next"][0]
    code = returned(await ana.browser.http.get(onward))["code"]
    claims = claims_of((await ana.browser.redeem(code)).json()["id_token"])
    assert (claims["sub"], claims["acr"]) == (str(ident("ana")), AAL2)
    assert claims["auth_time"] == int(clock.now.timestamp())


@pytest.mark.parametrize("ana", ["login", "max_age"], indirect=True)
async def test_a_second_step_alone_is_no_new_sign_in(
    ana: Ana, clock: Clock, has_factor: bool, connection: Connection
) -> None:
    """(b): also where the one who sits there takes it, or sets one up, on her own way around the sign-in page."""
    onward = parse_qs(urlsplit(await ana.asked()).query)["next"][0]
    around = await ana.browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert around.headers["location"] == (STEP if has_factor else SET_UP)
    await ana.steps(clock)
    assert await connection.fetchval("select acr from sessions where ended_at is null") == AAL2
    again = await ana.browser.http.get(onward)
    assert again.headers["location"].startswith("/signin?"), again.headers["location"]


async def test_another_person_s_second_step_lets_nobody_in(gateway: Gateway, browser: Browser, clock: Clock) -> None:
    """id_token_hint names Ana: Bo's session grows stronger, and is Bo's."""
    async with gateway.pool.acquire() as connection:
        for name in ("ana", "bo"):
            await person(connection, name, ("site-coordinator", PARK))
    await browser.sign_in("ana")
    hint = (await browser.tokens())["id_token"]
    await browser.sign_in("bo")
    clock.forward(minutes=1)
    answer = await browser.authorize(acr_values=AAL2, id_token_hint=hint)
    onward = parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]
    await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    await set_up(browser, clock.now)
    assert returned(await browser.http.get(onward))["error"] == "login_required"


async def test_a_proof_that_is_new_enough_needs_the_step_alone_and_keeps_its_time(
    gateway: Gateway, browser: Browser, clock: Clock, connection: Connection
) -> None:
    """max_age that the session meets: `auth_time` says when the password was typed, not when the code was."""
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    proved = int(clock.now.timestamp())
    clock.forward(minutes=5)
    address = (await browser.authorize(acr_values=AAL2, max_age="3600")).headers["location"]
    assert (await browser.http.get(address)).headers["location"] == SET_UP
    await set_up(browser, clock.now)
    code = returned(await browser.http.get(parse_qs(urlsplit(address).query)["next"][0]))["code"]
    claims = claims_of((await browser.redeem(code)).json()["id_token"])
    assert (claims["acr"], claims["auth_time"]) == (AAL2, proved)


async def test_a_sign_in_that_waits_from_before_is_over(
    gateway: Gateway, browser: Browser, clock: Clock, connection: Connection
) -> None:
    """Its password was typed before the new sign-in was asked for; the code alone would finish it afterwards."""
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    await set_up(browser, clock.now)
    clock.forward(minutes=1)
    assert (await browser.sign_in("ana")).headers["location"] == STEP
    cookie = browser.http.cookies["hallpass-pending"]
    await browser.authorize(prompt="login")
    browser.http.cookies.set("hallpass-pending", cookie, domain="localhost.local")
    assert (await browser.http.get(STEP)).headers["location"] == "/signin"
