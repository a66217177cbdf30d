"""Revocation: a client gives back what it got; what is unknown or another's changes nothing (RFC 7009)."""

from typing import Any

import pytest
from httpx2 import USE_CLIENT_DEFAULT

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.tokens_at import authenticated, introspection, revocation
from tests.oidc.world import (
    BROWSER,
    CERS_URI,
    ISSUER,
    PARK,
    REPORTING,
    SCORING,
    SECRET,
    Browser,
    Clock,
    bearer,
    claims_of,
    jwt,
    person,
)

PATH = "/oauth2/revoke"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def alive(browser: Browser, tokens: dict[str, Any]) -> bool:
    userinfo = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    return userinfo.status_code == 200


@pytest.mark.checklist(14)
@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "unheard-of"])
async def test_either_token_ends_what_came_from_the_authorization(ana: Browser, kind: str, hint: str | None) -> None:
    """Section 2.1: with a refresh token its access tokens; the other way round is allowed. A hint is only a hint."""
    tokens, other = await ana.tokens(), await ana.tokens()
    more = {} if hint is None else {"token_type_hint": hint}
    answer = await revocation(ana.http, REPORTING, tokens[kind], **more)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert not await alive(ana, tokens)
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await introspection(ana.http, REPORTING, tokens["access_token"]) == {"active": False}
    assert await alive(ana, other), "another authorization goes on"


async def test_the_session_goes_on(ana: Browser) -> None:
    await revocation(ana.http, REPORTING, (await ana.tokens())["refresh_token"])
    assert await alive(ana, await ana.tokens())


async def test_a_refresh_token_that_was_used_names_its_family(ana: Browser) -> None:
    first = await ana.tokens()
    second = (await ana.refresh(first["refresh_token"])).json()
    await revocation(ana.http, REPORTING, first["refresh_token"])
    assert (await ana.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.checklist("28 unknown")
async def test_what_is_unknown_changes_nothing(ana: Browser) -> None:
    tokens = await ana.tokens()
    header, claims, _ = tokens["access_token"].split(".")
    for token in ("x" * 43, "a.b.c", f"{header}.{claims}.", tokens["id_token"], jwt({"alg": "none"}, {})):
        answer = await revocation(ana.http, REPORTING, token)
        assert (answer.status_code, answer.content) == (200, b"")
    assert await alive(ana, tokens)


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
@pytest.mark.checklist("28 another's")
async def test_what_is_anothers_changes_nothing(ana: Browser, kind: str) -> None:
    tokens = await ana.tokens()
    for client in (SCORING, BROWSER):
        answer = await revocation(ana.http, client, tokens[kind])
        assert (answer.status_code, answer.content) == (200, b"")
    assert await alive(ana, tokens)
    assert (await ana.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.checklist(28)
async def test_an_expired_access_token_changes_nothing(ana: Browser, clock: Clock) -> None:
    tokens = await ana.tokens()
    clock.forward(minutes=6)
    assert (await revocation(ana.http, REPORTING, tokens["access_token"])).status_code == 200
    assert (await ana.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("form", "auth", "status"),
    [
        ({}, None, 401),
        ({"client_id": "reporting"}, None, 401),
        ({}, ("reporting", "wrong"), 401),
        ({"client_id": "reporting", "client_secret": SECRET}, None, 401),
        ({"client_id": "unknown"}, None, 401),
        ({"client_secret": SECRET}, ("reporting", SECRET), 400),
    ],
)
@pytest.mark.checklist("15 revocation")
async def test_a_client_that_does_not_prove_itself_is_refused(
    ana: Browser, form: dict[str, str], auth: tuple[str, str] | None, status: int
) -> None:
    tokens = await ana.tokens()
    answer = await ana.http.post(PATH, data={"token": tokens["refresh_token"], **form}, auth=auth or USE_CLIENT_DEFAULT)
    assert answer.status_code == status
    assert await alive(ana, tokens)


async def test_a_client_without_a_secret_names_itself(ana: Browser) -> None:
    browser = Browser(ana.http, BROWSER)
    tokens = await browser.tokens()
    assert (await revocation(ana.http, BROWSER, tokens["refresh_token"])).status_code == 200
    assert not await alive(browser, tokens)


async def test_no_token_is_no_request(ana: Browser) -> None:
    answer = await authenticated(ana.http, PATH, REPORTING, {})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await ana.http.get(PATH)).status_code == 405


@pytest.mark.checklist(42)
async def test_a_systems_own_token_is_refused_from_the_next_request_on(ana: Browser, connection: Connection) -> None:
    """By the gateway too, which has seen its caller before; the client's other tokens go on."""
    form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "directory.read", "resource": ISSUER}
    one, other = [(await ana.token(form)).json()["access_token"] for _ in range(2)]
    ana.http.cookies.clear()
    asked = {"query": "{ programs { code } }"}
    for _ in range(2):
        assert (await ana.http.post("/graphql", json=asked, headers=bearer(one))).status_code == 200
    for _ in range(2):
        assert (await revocation(ana.http, REPORTING, one)).status_code == 200
    assert (await ana.http.post("/graphql", json=asked, headers=bearer(one))).status_code == 401
    assert (await ana.http.post("/graphql", json=asked, headers=bearer(other))).status_code == 200
    assert str(await connection.fetchval("select jti from denied_tokens")) == claims_of(one)["jti"]


async def test_a_systems_token_for_another_resource(ana: Browser) -> None:
    token = (await ana.token({"grant_type": "client_credentials", "resource": CERS_URI})).json()["access_token"]
    assert (await introspection(ana.http, REPORTING, token))["active"] is True
    await revocation(ana.http, REPORTING, token)
    assert await introspection(ana.http, REPORTING, token) == {"active": False}
