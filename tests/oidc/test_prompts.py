"""Signing in again when asked: prompt, max_age, id_token_hint (OpenID Connect Core 3.1.2.1)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, SCORING, Browser, Clock, claims_of, person, returned


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


def way_on(location: str) -> str:
    parts = urlsplit(location)
    assert parts.path == "/signin"
    return parse_qs(parts.query)["next"][0]


@pytest.mark.checklist("29 prompt=none")
@pytest.mark.conformance("oidcc-prompt-none-logged-in")
async def test_prompt_none_with_a_session_gives_a_code(ana: Browser) -> None:
    assert "code" in returned(await ana.authorize(prompt="none"))


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
@pytest.mark.checklist("29 prompt=login", "29 max_age")
@pytest.mark.conformance("oidcc-prompt-login")
async def test_a_new_sign_in_is_asked_for_once(ana: Browser, clock: Clock, asked: dict[str, str]) -> None:
    clock.forward(minutes=5)
    onward = way_on((await ana.authorize(**asked)).headers["location"])
    assert (await ana.http.get(onward)).headers["location"].startswith("/signin?")
    clock.forward(minutes=1)
    signed_in = await ana.sign_in("ana", onward=onward)
    code = returned(await ana.http.get(signed_in.headers["location"]))["code"]
    claims = claims_of((await ana.redeem(code)).json()["id_token"])
    assert claims["auth_time"] == int(clock.now.timestamp())


async def test_signing_in_again_keeps_what_other_clients_hold(ana: Browser, clock: Clock) -> None:
    tokens = await ana.tokens()
    before = ana.http.cookies["hallpass-session"]
    clock.forward(minutes=5)
    await ana.sign_in("ana")
    assert ana.http.cookies["hallpass-session"] != before
    assert (await ana.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.checklist("29 max_age")
async def test_max_age(ana: Browser, clock: Clock) -> None:
    clock.forward(seconds=60)
    assert "code" in returned(await ana.authorize(max_age="60"))
    assert returned(await ana.authorize(max_age="59", prompt="none"))["error"] == "login_required"
    clock.forward(minutes=30)
    assert (await ana.authorize(max_age="1000")).headers["location"].startswith("/signin?")


async def test_a_hint_at_the_same_person_changes_nothing(ana: Browser, clock: Clock) -> None:
    hint = (await ana.tokens())["id_token"]
    clock.forward(minutes=30)
    assert "code" in returned(await ana.authorize(id_token_hint=hint, prompt="none"))


@pytest.mark.checklist("29 id_token_hint")
async def test_a_hint_at_another_person_asks_for_her(ana: Browser, connection: Connection) -> None:
    hint = (await ana.tokens())["id_token"]
    await person(connection, "bo", ("site-coordinator", PARK))
    await ana.sign_in("bo")
    assert returned(await ana.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"
    onward = way_on((await ana.authorize(id_token_hint=hint)).headers["location"])
    signed_in = await ana.sign_in("bo", onward=onward)
    assert returned(await ana.http.get(signed_in.headers["location"]))["error"] == "login_required"


@pytest.mark.checklist("18 hints", "19 in the place of an ID token", "29 id_token_hint")
async def test_hints_of_other_clients_and_other_kinds_are_refused(ana: Browser) -> None:
    tokens = await ana.tokens()
    other = Browser(ana.http, SCORING)
    assert returned(await other.authorize(id_token_hint=tokens["id_token"]))["error"] == "invalid_request"
    assert returned(await ana.authorize(id_token_hint=tokens["access_token"]))["error"] == "invalid_request"
    changed = tokens["id_token"][:-4] + "AAAA"
    assert returned(await ana.authorize(id_token_hint=changed))["error"] == "invalid_request"


async def test_the_hint_of_who_signs_in_is_filled_in(gateway: Gateway, browser: Browser) -> None:
    asked = await browser.authorize(login_hint="ana@example.org")
    assert 'value="ana@example.org"' in (await browser.http.get(asked.headers["location"])).text
