"""A sign-in for a pushed request may end at its relying party: browsers hold the pages' form-action against that."""

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import LEA, PARK, SECRET, Browser, Clock, person
from tests.signin.stepping import CODE, SET_UP, STEP, code_now, set_up

ALLOWED = "form-action 'self' https://reports.example;"


async def pushed(browser: Browser, client_id: str = "reporting") -> str:
    """The way from the authorize endpoint to the sign-in page."""
    answer = await browser.http.post("/oauth2/par", data=browser.request(), auth=("reporting", SECRET))
    asked = {"client_id": client_id, "request_uri": answer.json()["request_uri"]}
    sent = await browser.http.get("/oauth2/authorize", params=asked)
    return sent.headers.get("location", "")


def policy(page: httpx2.Response) -> str:
    return page.headers["content-security-policy"]


async def signed_in(browser: Browser, name: str, way: str) -> httpx2.Response:
    """To the password on the page that the way leads to."""
    page = await browser.http.get(way)
    assert ALLOWED in policy(page)
    onward = dict(httpx2.URL(way).params)["next"]
    return await browser.sign_in(name, onward=onward)


@pytest.mark.checklist(24)
async def test_sign_in_and_second_step(
    strict: Gateway, connection: Connection, strict_browser: Browser, clock: Clock
) -> None:
    await person(connection, "ana", ("lea-coordinator", LEA))
    answer = await signed_in(strict_browser, "ana", await pushed(strict_browser))
    assert answer.headers["location"] == SET_UP
    assert ALLOWED in policy(await strict_browser.http.get(SET_UP))
    secret, _ = await set_up(strict_browser, clock.now)
    strict_browser.http.cookies.clear()
    clock.forward(seconds=60)
    answer = await signed_in(strict_browser, "ana", await pushed(strict_browser))
    assert answer.headers["location"] == STEP
    page = await strict_browser.http.get(STEP)
    assert ALLOWED in policy(page)
    assert code_now(secret, clock.now) not in page.text


@pytest.mark.checklist(24)
async def test_code_by_mail(coded: Gateway, connection: Connection, coded_browser: Browser) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    answer = await signed_in(coded_browser, "tess", await pushed(coded_browser))
    assert answer.headers["location"] == CODE
    assert ALLOWED in policy(await coded_browser.http.get(CODE))


@pytest.mark.checklist("24 another client", "33 open redirector")
async def test_it_must_be_the_clients_own_request(browser: Browser, connection: Connection) -> None:
    """Nothing is opened by looking, and a redirect_uri beside the reference counts for nothing."""
    way = await pushed(browser)
    before = await connection.fetchrow("select * from pushed_requests")
    onward = dict(httpx2.URL(way).params)["next"]
    for wrong in (
        onward.replace("client_id=reporting", "client_id=scoring"),
        onward.replace("client_id=reporting", "client_id=nobody"),
        onward.replace("request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A", "request_uri=urn%3Aother%3A"),
        onward.replace("request_uri%3A", "request_uri%3Ax"),
        onward.replace("request_uri%3A", "request_uri%3Ax") + "&redirect_uri=https%3A%2F%2Freports.example%2Fcallback",
    ):
        assert wrong != onward
        page = await browser.http.get("/signin", params={"next": wrong})
        assert "form-action 'self';" in policy(page)
    beside = onward + "&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback"
    assert ALLOWED in policy(await browser.http.get("/signin", params={"next": beside}))
    assert await connection.fetchrow("select * from pushed_requests") == before
