"""A passkey and a new sign-in that is asked for: hers is a whole proof, one made in a session left open is none."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from tests.oidc.world import PARK, Browser, Clock, claims_of, csrf, person, returned
from tests.passkeys.authenticator import SoftKey
from tests.passkeys.flows import AAL2, answered, asked, fetched, in_session, registered

pytestmark = [pytest.mark.checklist(29), pytest.mark.checklist(38)]
STEP, SET_UP = "/signin/second-step", "/signin/second-step/set-up"
DEMANDS: list[dict[str, str]] = [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "login", "acr_values": AAL2}]


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> UserId:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await in_session(connection, browser, user)
    return user


async def way_on(browser: Browser, **demand: str) -> str:
    address = (await browser.authorize(**demand)).headers["location"]
    page = await browser.http.get(address)
    assert (page.status_code, 'data-passkey="get"' in page.text) == (200, True), page.headers.get("location")
    return parse_qs(urlsplit(address).query)["next"][0]


async def stepped(browser: Browser, key: SoftKey, page: str) -> httpx2.Response:
    options = (await fetched(browser, page, f"{page}/passkey/options")).json()["publicKey"]
    credential = key.create(options) if page == SET_UP else key.get(options)
    form = {"csrf": csrf(await browser.http.get(page)), "credential": credential, "name": "Phone"}
    return await browser.http.post(f"{page}/passkey", data=form)


@pytest.mark.parametrize("demand", DEMANDS)
async def test_signing_in_with_it_alone_is_a_new_sign_in(
    ana: UserId, connection: Connection, browser: Browser, clock: Clock, demand: dict[str, str]
) -> None:
    """Also where it is all that she has, and in a session that was open all along."""
    key = SoftKey()
    await registered(browser, key)
    await connection.execute("update users set password_hash = null where id = $1", ana)
    clock.forward(minutes=30)
    onward = await way_on(browser, **demand)
    clock.forward(minutes=1)
    entered = await answered(browser, key.get(await asked(browser)), onward)
    code = returned(await browser.http.get(entered.headers["location"]))["code"]
    claims = claims_of((await browser.redeem(code)).json()["id_token"])
    assert (claims["acr"], claims["auth_time"]) == (AAL2, int(clock.now.timestamp()))


async def test_as_a_second_step_it_proves_all_by_itself(
    ana: UserId, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """It verified its user just now: more than the password that it stands beside."""
    key = SoftKey()
    await registered(browser, key)
    clock.forward(minutes=30)
    onward = await way_on(browser, prompt="login")
    await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert (await stepped(browser, key, STEP)).headers["location"] == "/account"
    assert "code" in returned(await browser.http.get(onward))
    assert await connection.fetchval("select auth_time from sessions where ended_at is null") == clock.now


async def test_one_made_in_an_open_session_is_no_new_sign_in(
    ana: UserId, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """Whoever sits there makes her own: the session grows stronger by it, its proof no newer."""
    clock.forward(minutes=5)
    onward = await way_on(browser, prompt="login", acr_values=AAL2)
    around = await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert around.headers["location"] == SET_UP
    assert (await stepped(browser, SoftKey(), SET_UP)).headers["location"] == "/account"
    assert await connection.fetchval("select acr from sessions where ended_at is null") == AAL2
    assert (await browser.http.get(onward)).headers["location"].startswith("/signin?")


async def test_a_refused_answer_leads_back_with_the_level(gateway: Gateway, browser: Browser) -> None:
    page = await browser.http.get("/signin", params={"next": "/account", "acr": AAL2})
    assert f'name="acr" value="{AAL2}"' in page.text
    form = {"csrf": csrf(page), "credential": "{}", "next": "/account", "acr": AAL2}
    answer = await browser.http.post("/signin/passkey", data=form)
    assert answer.status_code == 401
    assert 'href="/signin?next=%2Faccount&amp;acr=urn%3Ahallpass%3Aaal2"' in answer.text
