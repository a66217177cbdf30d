"""Nobody fills the database through PAR: only what is read is kept, public clients' pushes are counted, old ones go."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.oidc.authorization.pushing import READ
from gateway.oidc.authorization.request import authorization_request, return_address
from gateway.oidc.parameters import Parameters
from gateway.state import Gateway
from policy.rates import PUSHES
from store.database import Connection
from tests.oidc.world import BROWSER, CERS, CERS_URI, ISSUER, PARK, REPORTING, SECRET, Browser, Clock, person, returned
from tests.openapi.judge import documented

PAR = "/oauth2/par"


@pytest.fixture
def from_address(app: Starlette) -> Callable[[str], Browser]:
    def made(address: str) -> Browser:
        transport = httpx2.ASGITransport(app=app, client=(address, 1234))
        return Browser(httpx2.AsyncClient(transport=transport, base_url=ISSUER), BROWSER)

    return made


async def size(connection: Connection) -> int:
    return await connection.fetchval("select sum(pg_column_size(p.*)) from pushed_requests p")


class Watched(Parameters):
    """Notes the names that somebody asks for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values.items())
        self.asked: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)


def test_what_is_kept_is_what_is_read(browser: Browser) -> None:
    """A parameter that the authorize endpoint comes to read has to be kept of a pushed request, too."""
    watched = Watched(browser.request())
    client = replace(REPORTING, resources={CERS: CERS_URI})
    return_address(watched, client)
    authorization_request(watched, client, ISSUER, pushed=b"x")
    assert watched.asked - {"launch"} == READ - {"client_id"}, "launch stands beside a request, not in it"


async def test_unknown_parameters_are_not_kept(browser: Browser, connection: Connection) -> None:
    much = {f"unknown-{number}": "x" * 8_000 for number in range(100)}
    answer = await browser.http.post(PAR, data=browser.request() | much, auth=("reporting", SECRET))
    assert answer.status_code == 201, answer.text
    kept = await connection.fetchval("select parameters from pushed_requests")
    assert kept == browser.request()
    assert await size(connection) < 2_000


async def test_a_large_request_is_refused(browser: Browser, connection: Connection) -> None:
    """Each parameter alone is bearable."""
    large = dict.fromkeys(("login_hint", "id_token_hint", "ui_locales"), "é" * 4_000)
    answer = await browser.http.post(PAR, data=browser.request(**large), auth=("reporting", SECRET))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "16,384 bytes" in answer.json()["error_description"]
    assert await connection.fetchval("select count(*) from pushed_requests") == 0
    del large["login_hint"]
    answer = await browser.http.post(PAR, data=browser.request(**large), auth=("reporting", SECRET))
    assert answer.status_code == 201
    assert await size(connection) < 20_000


async def test_a_client_without_a_secret_pushes_a_quarter_of_it(browser: Browser, connection: Connection) -> None:
    """What anybody can push, and keep for an hour by opening it, is bounded by its size as well as by the rate."""
    browser.client = BROWSER
    asked = browser.request(login_hint="x" * 3_000)
    room = 4_096 - sum(len(name) + len(value) for name, value in asked.items())
    fits, large = asked | {"ui_locales": "x" * (room - 10)}, asked | {"ui_locales": "x" * (room - 9)}
    answer = await browser.http.post(PAR, data=large)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "4,096 bytes, the most for a client without a secret" in answer.json()["error_description"]
    assert await connection.fetchval("select count(*) from pushed_requests") == 0
    assert (await browser.http.post(PAR, data=fits)).status_code == 201


async def test_public_clients_pushes_are_counted_by_address(
    gateway: Gateway, connection: Connection, from_address: Callable[[str], Browser], clock: Clock
) -> None:
    """RFC 9126 section 2.3: 429, until the minute is over; other addresses and clients with a secret go on."""
    here, there = from_address("203.0.113.1"), from_address("203.0.113.2")
    for _ in range(PUSHES.most // 50):
        answers = await asyncio.gather(*(here.http.post(PAR, data=here.request()) for _ in range(50)))
        assert {one.status_code for one in answers} == {201}
    clock.forward(seconds=59)
    refused = await here.http.post(PAR, data=here.request())
    assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable")
    assert refused.headers["retry-after"] == "2"
    assert documented(refused, PAR)
    assert (await there.http.post(PAR, data=there.request())).status_code == 201
    here.client = REPORTING
    assert (await here.http.post(PAR, data=here.request(), auth=("reporting", SECRET))).status_code == 201
    here.client = BROWSER
    clock.forward(seconds=1)
    assert (await here.http.post(PAR, data=here.request())).status_code == 201
    assert (await here.http.post(PAR, data=here.request())).status_code == 201


async def test_a_district_that_signs_in_all_day_never_fills_a_minute(
    from_address: Callable[[str], Browser], clock: Clock
) -> None:
    """What is counted is a span's requests, not those in a row: the count ends with each minute."""
    here = from_address("203.0.113.1")
    for _ in range(3):
        for _ in range(2):
            answers = await asyncio.gather(*(here.http.post(PAR, data=here.request()) for _ in range(PUSHES.most // 2)))
            assert {one.status_code for one in answers} == {201}
        clock.forward(seconds=60)


async def test_confidential_clients_are_not_counted(from_address: Callable[[str], Browser]) -> None:
    here = from_address("203.0.113.1")
    here.client = REPORTING
    for _ in range(PUSHES.most // 50 + 1):
        several = (here.http.post(PAR, data=here.request(), auth=("reporting", SECRET)) for _ in range(50))
        assert {one.status_code for one in await asyncio.gather(*several)} == {201}


async def test_each_new_one_clears_away_what_is_over(
    gateway: Gateway, connection: Connection, browser: Browser, clock: Clock
) -> None:
    """Never opened: after its 90 seconds. Opened: after the hour to answer. Used: at once."""
    await person(connection, "ana", ("site-coordinator", PARK))

    async def push() -> str:
        answer = await browser.http.post(PAR, data=browser.request(), auth=("reporting", SECRET))
        return answer.json()["request_uri"]

    async def opened(uri: str) -> httpx2.Response:
        return await browser.http.get("/oauth2/authorize", params={"client_id": "reporting", "request_uri": uri})

    async def rows() -> int:
        return await connection.fetchval("select count(*) from pushed_requests")

    for _ in range(15):
        await push()
    waiting = await push()
    assert (await opened(waiting)).headers["location"].startswith("/signin")
    clock.forward(seconds=91)
    used = await push()
    assert await rows() == 2, "what was never opened is gone"
    await browser.sign_in("ana")
    assert "code" in returned(await opened(used))
    clock.forward(seconds=1)
    last = await push()
    assert await rows() == 2, "what was used is gone"
    assert "code" in returned(await opened(waiting)), "what somebody is signing in for stays"
    await opened(last)
    clock.forward(minutes=62)
    await push()
    assert await rows() == 1
