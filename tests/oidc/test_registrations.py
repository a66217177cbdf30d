"""What a registration decides: active or not, its scopes, grants and secrets."""

import httpx2
import pytest

from gateway.oidc.client.authentication import secret_hash
from gateway.state import Gateway
from tests.oidc.world import SCORING, SECRET, Browser, returned, token_request

GRANT = {"grant_type": "client_credentials"}
GOOD = ("reporting", SECRET)


@pytest.mark.checklist("3 an unknown client")
async def test_an_inactive_client_gets_no_redirect(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute("update relying_parties set active = false where client_id = 'reporting'")
    assert (await browser.authorize()).status_code == 400


async def test_scope_must_be_registered(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute("update relying_parties set scopes = '{openid}' where client_id = 'reporting'")
    assert returned(await browser.authorize(scope="openid email"))["error"] == "invalid_scope"


async def test_no_code_for_a_client_that_is_not_registered_for_codes(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute(
            "update relying_parties set grant_types = '{client_credentials}' where client_id = 'reporting'"
        )
    assert returned(await browser.authorize())["error"] == "unauthorized_client"


@pytest.mark.checklist(11)
async def test_only_registered_grants(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute("update relying_parties set grant_types = '{refresh_token}'")
    answer = await token_request(browser.http, SCORING, GRANT)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.checklist("17 two during a rotation and no third")
async def test_two_secrets_are_good_during_a_rotation(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute(
            "update relying_parties set secret_hashes = $1 where client_id = 'reporting'",
            [secret_hash("next"), secret_hash(SECRET)],
        )
    for secret in (SECRET, "next"):
        answer: httpx2.Response = await browser.http.post("/oauth2/token", data=GRANT, auth=("reporting", secret))
        assert answer.status_code == 200


async def test_an_inactive_client_is_refused(gateway: Gateway, browser: Browser) -> None:
    async with gateway.pool.acquire() as connection:
        await connection.execute("update relying_parties set active = false")
    answer = await browser.http.post("/oauth2/token", data=GRANT, auth=GOOD)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
