"""Who gets a code: persons with an active grant in the relying party's systems, in the right role."""

import html
import re

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import (
    CALLBACK,
    ELPAC,
    ISSUER,
    LEA,
    PARK,
    SCORING,
    Browser,
    claims_of,
    csrf,
    give,
    person,
    returned,
    sign,
    take_all,
)


async def test_without_any_role_the_page_says_so_and_leads_back(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "nobody")
    await browser.sign_in("nobody")
    page = await browser.authorize()
    assert page.status_code == 403
    assert "None of your roles gives access to CERS" in page.text
    leave = html.unescape(next(link for link in re.findall(r'href="([^"]+)"', page.text) if CALLBACK in link))
    assert leave.startswith(CALLBACK + "?error=access_denied")
    assert "state=s-1" in leave
    assert "iss=http%3A%2F%2Flocalhost%3A8000" in leave
    assert await connection.fetchval("select count(*) from authorizations") == 0


async def test_the_page_names_the_missing_steps(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    user = await person(connection, "bo", ("site-coordinator", PARK), forms=False)
    await browser.sign_in("bo")
    page = await browser.authorize()
    assert page.status_code == 403
    assert page.text.count("<li>Sign the ") == 2
    assert "Park Elementary" in page.text
    await sign(connection, user)
    assert "code" in returned(await browser.authorize())


@pytest.mark.checklist("29 prompt=none")
async def test_prompt_none_gets_the_error_without_a_page(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "nobody")
    await browser.sign_in("nobody")
    assert returned(await browser.authorize(prompt="none"))["error"] == "access_denied"


async def test_a_role_in_other_systems_only_does_not_open(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "tess", ("tools-for-teachers-only", PARK))
    await browser.sign_in("tess")
    assert (await browser.authorize()).status_code == 403


async def test_a_role_lost_since_the_sign_in_does_not_open(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    assert "code" in returned(await browser.authorize())
    await take_all(connection, user)
    assert (await browser.authorize()).status_code == 403


async def test_somebody_suspended_since_the_sign_in_must_sign_in_again(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    await connection.execute("update users set status = 'suspended'")
    assert (await browser.authorize()).headers["location"].startswith("/signin?")


async def test_another_role_that_opens_is_offered(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    user = await person(connection, "max", ("tools-for-teachers-only", LEA))
    await browser.sign_in("max")
    await give(connection, user, "educator-test-site", PARK)
    assert returned(await browser.authorize(prompt="none"))["error"] == "interaction_required"
    page = await browser.authorize()
    assert page.status_code == 200
    assert "form-action 'self' https://reports.example" in page.headers["content-security-policy"]
    onward = html.unescape(re.findall(r'name="next" value="([^"]+)"', page.text)[0])
    form = {"csrf": csrf(page), "next": onward, "role": "caaspp/educator-test-site/2026-27"}
    chosen = await browser.http.post("/signin/role", data=form)
    code = returned(await browser.http.get(chosen.headers["location"]))["code"]
    tokens = (await browser.redeem(code)).json()
    assert claims_of(tokens["id_token"])["assessment"]["active_role"]["role"] == "educator-test-site"


async def test_active_role_or_union_as_registered(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    user = await person(connection, "two", ("site-coordinator", PARK))
    await sign(connection, user, ELPAC)
    await give(connection, user, "site-coordinator", PARK, ELPAC)
    await browser.sign_in("two")
    tokens = await browser.tokens()
    assert {entry["program"] for entry in tokens["authorization_details"]} == {"caaspp"}
    union = Browser(browser.http, SCORING)
    tokens = await union.tokens()
    identity = claims_of(tokens["id_token"])
    assert {entry["program"] for entry in identity["assessment_access"]} == {"caaspp", "elpac"}
    assert "active_role" not in identity["assessment"]


async def test_the_role_is_fixed_in_the_authorization(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """Switching affects later authorizations only."""
    user = await person(connection, "ana", ("site-coordinator", PARK), ("educator-test-site", LEA))
    await take_all(connection, user, "educator-test-site")
    await browser.sign_in("ana")
    tokens = await browser.tokens()
    await give(connection, user, "educator-district", LEA)
    page = await browser.http.get("/signin?next=/account")
    switch = {"csrf": csrf(page), "role": "caaspp/educator-district/2026-27"}
    assert (await browser.http.post("/signin/role", data=switch)).status_code == 303
    refreshed = (await browser.refresh(tokens["refresh_token"])).json()
    assert claims_of(refreshed["access_token"])["assessment"]["active_role"]["role"] == "site-coordinator"
    later = await browser.tokens()
    assert claims_of(later["access_token"])["assessment"]["active_role"]["role"] == "educator-district"


@pytest.mark.parametrize("path", ["/oauth2/userinfo", "/oauth2/claims/assessment"])
async def test_what_a_token_opens_here_ends_with_the_role(
    gateway: Gateway, connection: Connection, browser: Browser, path: str
) -> None:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    token = (await browser.tokens())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.http.get(path, headers=headers)).status_code == 200
    await take_all(connection, user)
    assert (await browser.http.get(path, headers=headers)).status_code == 401


@pytest.mark.checklist("10 errors", "37 the issuer")
async def test_every_answer_names_the_issuer_of_the_settings(gateway: Gateway, browser: Browser) -> None:
    spoofed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = await browser.http.get("/oauth2/authorize", params=browser.request(prompt="none"), headers=spoofed)
    assert returned(answer)["iss"] == ISSUER
