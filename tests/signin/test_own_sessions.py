"""One's own sessions over GraphQL: seen, ended one by one or all together, by nobody else (ASVS 7.4.5, 7.5.2)."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, REPORTING, Browser, Clock, bearer, claims_of, http_of, ident, person, returned

LIST = "{ viewer { sessions { id current userAgent beganAt provedAt lastSeenAt expiresAt acr entered } } }"
REVOKE = "mutation ($input: RevokeSessionInput!) { revokeSession(input: $input) { revoked userErrors { code } } }"
EVERYWHERE = """mutation ($input: SignOutEverywhereInput!) {
    signOutEverywhere(input: $input) { signedOut userErrors { code } } }"""


async def ask(http: httpx2.AsyncClient, document: str, **asked: Any) -> dict[str, Any]:
    body = {"query": document, "variables": {"input": asked}}
    return (await http.post("/graphql", json=body)).json()


async def listed(http: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return (await ask(http, LIST))["data"]["viewer"]["sessions"]


async def alive(browser: Browser) -> bool:
    return "code" in returned(await browser.authorize(prompt="none"))


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "bo", ("site-coordinator", PARK))
    browser.http.headers["User-Agent"] = "Test Browser/1.0"
    await browser.sign_in("ana")
    return browser


async def test_she_sees_where_she_is_signed_in(ana: Browser, app: Starlette, clock: Clock) -> None:
    await ana.tokens()
    clock.forward(minutes=10)
    async with http_of(app) as http:
        await Browser(http).sign_in("ana")
        here, there = await listed(http)
        clock.forward(minutes=51)
        assert [one["id"] for one in await listed(http)] == [here["id"]], "an hour has passed for the other one"
    assert (here["current"], there["current"]) == (True, False)
    assert there["userAgent"] == "Test Browser/1.0"
    assert (there["entered"], here["entered"]) == ([REPORTING.label], [])
    assert there["beganAt"] < here["beganAt"] < here["expiresAt"]
    assert (there["acr"], there["provedAt"]) == ("urn:hallpass:aal1", there["beganAt"])


async def test_nobody_else_sees_or_ends_them(ana: Browser, app: Starlette, connection: Connection) -> None:
    """No relying party learns which others there are; somebody else's is answered as one that isn't there."""
    hers = (await listed(ana.http))[0]["id"]
    token = (await ana.tokens(scope="openid directory.read", resource="http://localhost:8000"))["access_token"]
    async with http_of(app) as http:
        answer = await http.post("/graphql", json={"query": LIST}, headers=bearer(token))
        assert answer.json()["data"]["viewer"]["sessions"] is None
        for document, asked in ((REVOKE, {"session": hers}), (EVERYWHERE, {})):
            body = {"query": document, "variables": {"input": asked}}
            refused = (await http.post("/graphql", json=body, headers=bearer(token))).json()
            assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        await Browser(http).sign_in("bo")
        texts: set[str] = set()
        for session in (hers, str(ident("no session")), "nonsense"):
            refused = await ask(http, REVOKE, session=session)
            assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
            texts.add(refused["errors"][0]["message"])
        assert len(texts) == 1
    assert await alive(ana)


@pytest.mark.checklist("42 sign-out")
async def test_she_ends_one_of_them(ana: Browser, app: Starlette, connection: Connection) -> None:
    async with http_of(app) as http:
        other = Browser(http)
        await other.sign_in("ana")
        tokens = await other.tokens()
        sid = claims_of(tokens["id_token"])["sid"]
        answer = await ask(ana.http, REVOKE, session=sid)
        assert answer["data"]["revokeSession"] == {"revoked": sid, "userErrors": []}
        assert not await alive(other)
        assert (await other.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await alive(ana)
    again = await ask(ana.http, REVOKE, session=sid)
    assert again["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    event = await connection.fetchrow(
        "select action, target_type, target_id from audit_events where outcome = 'allowed' order by id desc limit 1"
    )
    assert event is not None
    assert (event["action"], event["target_type"], event["target_id"]) == ("revokeSession", "session", sid)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.checklist("42 sign-out")
async def test_she_signs_out_everywhere(ana: Browser, app: Starlette, keep: bool) -> None:
    """Also of sessions that became too old, whose refresh tokens live."""
    async with http_of(app) as one, http_of(app) as two:
        others = [Browser(one), Browser(two)]
        for other in others:
            await other.sign_in("ana")
        tokens = [await browser.tokens() for browser in (ana, *others)]
        answer = await ask(ana.http, EVERYWHERE, keepThis=keep)
        assert answer["data"]["signOutEverywhere"] == {"signedOut": True, "userErrors": []}
        assert [await alive(browser) for browser in (ana, *others)] == [keep, False, False]
        refreshed = [
            (await browser.refresh(one["refresh_token"])).status_code
            for browser, one in zip((ana, *others), tokens, strict=True)
        ]
    assert refreshed == [200 if keep else 400, 400, 400]


async def test_signed_out_nobody_has_sessions(gateway: Gateway, browser: Browser) -> None:
    assert (await ask(browser.http, LIST))["data"]["viewer"] is None
    refused = await ask(browser.http, EVERYWHERE)
    assert refused["errors"][0]["extensions"]["code"] in ("UNAUTHENTICATED", "FORBIDDEN")
