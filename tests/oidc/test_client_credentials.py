"""A system's own token (RFC 6749 4.4, RFC 8707): its audience, its scopes, and nothing of a person."""

import httpx2
import pytest

from gateway.state import Gateway
from tests.oidc.world import (
    BROWSER,
    CERS_URI,
    ISSUER,
    REPORTING,
    THSS_URI,
    Browser,
    bearer,
    claims_of,
    token_request,
)

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def database_url(module_database_url: str) -> str:
    """One database for the module: nothing here changes what another test reads."""
    return module_database_url


async def ask(browser: Browser, **form: str) -> httpx2.Response:
    return await token_request(browser.http, REPORTING, {**GRANT, **form})


@pytest.mark.parametrize(
    ("form", "aud", "scope"),
    [
        ({}, CERS_URI, None),
        ({"resource": THSS_URI}, THSS_URI, None),
        ({"scope": "directory.read"}, ISSUER, "directory.read"),
        ({"scope": "directory.read", "resource": ISSUER}, ISSUER, "directory.read"),
    ],
)
async def test_audience(gateway: Gateway, browser: Browser, form: dict[str, str], aud: str, scope: str | None) -> None:
    answer = await ask(browser, **form)
    body = answer.json()
    claims = claims_of(body["access_token"])
    assert answer.headers["cache-control"] == "no-store"
    assert body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("reporting", "reporting", aud)
    assert claims.get("scope") == scope
    assert "authorization" not in claims


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/"}, "invalid_target"),
        ({"resource": ISSUER}, "invalid_target"),
        ({"scope": "directory.read", "resource": CERS_URI}, "invalid_target"),
    ],
)
async def test_refused(gateway: Gateway, browser: Browser, form: dict[str, str], error: str) -> None:
    answer = await ask(browser, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_a_client_without_a_secret_cannot_act_for_itself(gateway: Gateway, browser: Browser) -> None:
    answer = await token_request(browser.http, BROWSER, GRANT)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_it_is_no_persons_token(gateway: Gateway, browser: Browser) -> None:
    token = (await ask(browser)).json()["access_token"]
    for path in ("/oauth2/userinfo", "/oauth2/claims/assessment"):
        assert (await browser.http.get(path, headers=bearer(token))).status_code == 401
