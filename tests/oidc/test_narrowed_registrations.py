"""A scope that a registration loses is lost at once: each surface counts what the client is registered for now."""

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.tokens_at import introspection
from tests.oidc.world import PARK, REPORTING, SECRET, Browser, bearer, person

NARROWER = "update relying_parties set scopes = '{openid,offline_access}' where client_id = 'reporting'"
PERSONS = "openid profile email directory.read"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def asked(browser: Browser, token: str) -> httpx2.Response:
    return await browser.http.post("/graphql", json={"query": "{ programs { code } }"}, headers=bearer(token))


@pytest.mark.checklist(42)
async def test_a_systems_token_at_the_gateway(connection: Connection, browser: Browser) -> None:
    """Also where the caller is remembered from the request before."""
    form = {"grant_type": "client_credentials", "scope": "directory.read"}
    answer = await browser.http.post("/oauth2/token", data=form, auth=("reporting", SECRET))
    token = answer.json()["access_token"]
    assert [(await asked(browser, token)).status_code for _ in range(2)] == [200, 200]
    await connection.execute(NARROWER)
    assert (await asked(browser, token)).status_code == 403


@pytest.mark.checklist(42)
async def test_a_persons_token(connection: Connection, ana: Browser) -> None:
    """Where no mutation ended its authorization: introspection and userinfo tell the same."""
    tokens = await ana.tokens(scope=PERSONS)
    told = await introspection(ana.http, REPORTING, tokens["access_token"])
    assert told["scope"] == PERSONS
    assert told == await introspection(ana.http, REPORTING, tokens["access_token"])
    await connection.execute(NARROWER)
    now = await introspection(ana.http, REPORTING, tokens["access_token"])
    assert now == told | {"scope": "openid"}
    claims = (await ana.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))).json()
    assert list(claims) == ["sub"]
