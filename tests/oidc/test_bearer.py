"""Userinfo and the claims endpoint: which tokens they take, and who may read their answers (RFC 6750, RFC 9700 2.6)."""

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, Browser, Clock, bearer, person

ENDPOINTS = ("/oauth2/userinfo", "/oauth2/claims/assessment")
APP = {"Origin": "https://app.example"}


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


def challenged(answer: httpx2.Response, status: int, error: str | None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="hallpass"')
    assert f'error="{error}"' in challenge if error else "error" not in challenge
    assert answer.json()["error"] == (error or "invalid_token")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.checklist("26 in the address", "26 two tokens")
async def test_the_token_comes_once_and_in_the_header(ana: Browser, path: str) -> None:
    token = (await ana.tokens())["access_token"]
    assert (await ana.http.get(path, headers=bearer(token))).status_code == 200
    challenged(await ana.http.get(path), 401, None)
    challenged(await ana.http.get(path, params={"access_token": token}), 400, "invalid_request")
    challenged(await ana.http.get(path, params={"access_token": token}, headers=bearer(token)), 400, "invalid_request")
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    challenged(await ana.http.get(path, headers=twice), 400, "invalid_request")
    for header in ("Basic YTpi", "Bearer", "Bearer ", token, f"Bearer {token}, Bearer {token}", "Bearer a.b.c"):
        challenged(await ana.http.get(path, headers={"Authorization": header}), 401, "invalid_token")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.checklist("19 in the place of an access token")
async def test_tokens_that_are_no_persons_access_token(ana: Browser, path: str) -> None:
    tokens = await ana.tokens()
    system = (await ana.token({"grant_type": "client_credentials"})).json()["access_token"]
    for token in (tokens["id_token"], tokens["refresh_token"], system):
        challenged(await ana.http.get(path, headers=bearer(token)), 401, "invalid_token")


async def test_a_token_without_the_scope(ana: Browser) -> None:
    for scope, path in (("assessment", ENDPOINTS[0]), ("openid", ENDPOINTS[1])):
        token = (await ana.tokens(scope=scope))["access_token"]
        challenged(await ana.http.get(path, headers=bearer(token)), 403, "insufficient_scope")


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_a_token_ends_with_its_time_its_person_and_its_client(
    ana: Browser, connection: Connection, clock: Clock, path: str
) -> None:
    token = (await ana.tokens())["access_token"]
    await connection.execute("update relying_parties set active = false")
    challenged(await ana.http.get(path, headers=bearer(token)), 401, "invalid_token")
    await connection.execute("update relying_parties set active = true")
    assert (await ana.http.get(path, headers=bearer(token))).status_code == 200
    clock.forward(minutes=5)
    challenged(await ana.http.get(path, headers=bearer(token)), 401, "invalid_token")
    clock.forward(minutes=-5)
    await connection.execute("update users set status = 'suspended'")
    challenged(await ana.http.get(path, headers=bearer(token)), 401, "invalid_token")


@pytest.mark.checklist(36)
@pytest.mark.parametrize("path", [*ENDPOINTS, "/oauth2/token"])
async def test_refusals_too_are_read_by_registered_origins_only(ana: Browser, path: str) -> None:
    """A program in a browser that can't read a 401 doesn't learn that it has to renew its token."""
    method = "POST" if path == "/oauth2/token" else "GET"
    for headers in ({}, {"Authorization": "Bearer x"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        answer = await ana.http.request(method, path, headers={**headers, **APP}, content=b"a&" * 2000)
        assert answer.status_code in (400, 401), answer.text
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
        foreign = await ana.http.request(method, path, headers={**headers, "Origin": "https://reports.example"})
        assert "access-control-allow-origin" not in foreign.headers
        assert foreign.headers["vary"] == "Origin"
    answer = await ana.http.request(method, path, headers=APP)
    assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


async def test_other_methods(ana: Browser) -> None:
    for path in ("/oauth2/authorize", "/oauth2/token", *ENDPOINTS):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "MADEUP"):
            assert (await ana.http.request(method, path)).status_code == 405, (method, path)
    assert (await ana.http.get("/oauth2/token")).status_code == 405
    assert (await ana.http.head("/oauth2/jwks")).content == b""
