"""Sessions end by time and by signing out, on the server (NIST SP 800-63B-4 section 2.2.3, ASVS 7.3, 7.4)."""

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, Browser, Clock, csrf, person, returned


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def alive(browser: Browser) -> bool:
    return "code" in returned(await browser.authorize(prompt="none"))


@pytest.mark.checklist("41 an hour without activity")
async def test_an_hour_without_activity_ends_it(ana: Browser, clock: Clock) -> None:
    for _ in range(3):
        clock.forward(minutes=59)
        assert await alive(ana)
    clock.forward(minutes=61)
    assert not await alive(ana)


@pytest.mark.checklist("41 half a day")
async def test_twelve_hours_end_it_in_any_case(ana: Browser, clock: Clock) -> None:
    for _ in range(23):
        clock.forward(minutes=30)
        assert await alive(ana)
    clock.forward(minutes=30)
    assert not await alive(ana)


@pytest.mark.checklist("42 sign-out")
async def test_signing_out_ends_it_on_the_server(ana: Browser, connection: Connection) -> None:
    cookie = ana.http.cookies["hallpass-session"]
    page = await ana.http.get("/signin?next=/account")
    answer = await ana.http.post("/signin/out", data={"csrf": csrf(page)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    ana.http.cookies.clear()
    ana.http.cookies.set("hallpass-session", cookie)
    assert not await alive(ana)
    assert await connection.fetchval("select count(*) from sessions where ended_at is null") == 0


async def test_signing_out_needs_our_form(ana: Browser) -> None:
    assert (await ana.http.post("/signin/out")).status_code == 403
    assert (await ana.http.get("/signin/out")).status_code == 405
    assert await alive(ana)


@pytest.mark.parametrize("value", ["", "x", "x" * 5000, "\u00e9"])
async def test_a_cookie_that_is_no_session(ana: Browser, value: str) -> None:
    ana.http.cookies.clear()
    answer = await ana.http.get(
        "/oauth2/authorize",
        params=ana.request(prompt="none"),
        headers={b"Cookie": f"hallpass-session={value}".encode()},
    )
    assert returned(answer)["error"] == "login_required"


async def test_a_role_that_is_not_held_cannot_be_chosen(ana: Browser) -> None:
    page = await ana.http.get("/signin?next=/account")
    for role in ("caaspp/superintendent/2026-27", "", "nonsense"):
        form = {"csrf": csrf(page), "role": role}
        assert (await ana.http.post("/signin/role", data=form)).status_code == 400
