"""A sign-in that a request asks for can't be declared done: not by an earlier one, and not for another request."""

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, SECRET, Browser, Clock, person, returned


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def pushed(browser: Browser, **changes: str) -> dict[str, str]:
    answer = await browser.http.post("/oauth2/par", data=browser.request(**changes), auth=("reporting", SECRET))
    return {"client_id": "reporting", "request_uri": answer.json()["request_uri"]}


async def way_on(browser: Browser, asked: dict[str, str]) -> str:
    """Where the sign-in page leads back to."""
    answer = await browser.http.get("/oauth2/authorize", params=asked)
    parts = urlsplit(answer.headers["location"])
    assert parts.path == "/signin", answer.headers["location"]
    return parse_qs(parts.query)["next"][0]


def stamp_in(onward: str) -> str:
    return parse_qs(urlsplit(onward).query)["signed_in_after"][0]


@pytest.mark.checklist(24, 29)
@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "60"}])
async def test_nobody_else_says_that_she_has_signed_in(ana: Browser, clock: Clock, demand: dict[str, str]) -> None:
    """A pushed request can't be changed on its way (RFC 9126 section 1): what it demands holds."""
    before = int(clock.now.timestamp() * 1000)
    clock.forward(minutes=10)
    asked = await pushed(ana, **demand)
    forged = (f"{before}.{'A' * 22}", f"{before}...{'A' * 22}", f"{before}.0.else.{'A' * 22}", f"{before}...{'é' * 22}")
    for said in (str(before), f"{before}...", *forged, "0", "...", "9" * 40):
        await way_on(ana, asked | {"signed_in_after": said})


@pytest.mark.checklist(24, 29)
async def test_a_stamp_is_for_one_request(ana: Browser, clock: Clock) -> None:
    earlier = await way_on(ana, await pushed(ana, prompt="login"))
    clock.forward(minutes=1)
    signed_in = await ana.sign_in("ana", onward=earlier)
    clock.forward(minutes=1)
    other = await pushed(ana, prompt="login")
    await way_on(ana, other | {"signed_in_after": stamp_in(earlier)})
    assert "code" in returned(await ana.http.get(signed_in.headers["location"])), "for its own it is good"


async def test_a_sign_in_takes_an_hour_at_most(ana: Browser, clock: Clock) -> None:
    onward = await way_on(ana, ana.request(prompt="login"))
    clock.forward(minutes=59)
    signed_in = await ana.sign_in("ana", onward=onward)
    clock.forward(minutes=2)
    answer = await ana.http.get(signed_in.headers["location"])
    assert answer.headers["location"].startswith("/signin?"), "prompt=login asks again"
    onward = await way_on(ana, ana.request(max_age="60"))
    await ana.sign_in("ana", onward=onward)
    clock.forward(minutes=61)
    assert (await ana.http.get(onward)).headers["location"].startswith("/signin?")
