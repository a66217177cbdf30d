"""Redeeming a code: once, by its own client, in time, with its verifier (RFC 6749 4.1.3, RFC 9700 4.5, RFC 7636)."""

import asyncio

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import (
    CERS,
    PARK,
    SCORING,
    VERIFIER,
    Browser,
    Clock,
    bearer,
    person,
    take_all,
    token_request,
)


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


def refused(answer: httpx2.Response, error: str = "invalid_grant", status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.checklist("5 the second use", "5 what the first got")
@pytest.mark.conformance("oidcc-codereuse")
async def test_a_code_used_again_revokes_what_came_from_it(ana: Browser) -> None:
    code = await ana.code(scope="openid offline_access")
    tokens = (await ana.redeem(code)).json()
    userinfo = await ana.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert userinfo.status_code == 200
    refused(await ana.redeem(code))
    refused(await ana.refresh(tokens["refresh_token"]))
    userinfo = await ana.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert userinfo.status_code == 401


@pytest.mark.parametrize("seconds", [1, 30, 3600])
@pytest.mark.checklist("5 the second use", "5 what the first got")
@pytest.mark.conformance("oidcc-codereuse-30seconds")
async def test_codereuse_after_a_while(ana: Browser, clock: Clock, seconds: int) -> None:
    """oidcc-codereuse-30seconds, attempt-reuse-authorization-code-after-one-second: invalid_grant, and all ends.

    An hour later too, when the code would long have expired.
    """
    code = await ana.code()
    refresh_token = (await ana.redeem(code)).json()["refresh_token"]
    clock.forward(seconds=seconds)
    refused(await ana.redeem(code))
    refused(await ana.refresh(refresh_token))


@pytest.mark.checklist(6)
async def test_of_parallel_redemptions_one_succeeds_and_its_family_dies(ana: Browser) -> None:
    code = await ana.code()
    answers = await asyncio.gather(*(ana.redeem(code) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 11
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    refused(await ana.refresh(winner["refresh_token"]))


@pytest.mark.checklist("7 another client")
async def test_a_code_of_another_client_is_unknown_and_stays_good(ana: Browser) -> None:
    code = await ana.code()
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    refused(await token_request(ana.http, SCORING, {**form, "redirect_uri": ana.client.redirect_uris[0]}))
    assert (await ana.redeem(code)).status_code == 200


@pytest.mark.checklist(8)
async def test_a_code_lives_60_seconds(ana: Browser, clock: Clock) -> None:
    early, late = await ana.code(), await ana.code()
    clock.forward(seconds=59)
    assert (await ana.redeem(early)).status_code == 200
    clock.forward(seconds=1)
    refused(await ana.redeem(late))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1/callback"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"code_verifier": VERIFIER + "\n"}, "invalid_grant"),
        ({"code_verifier": "v" * 129}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"resource": "https://thss.example/"}, "invalid_target"),
        ({"authorization_details": "{}"}, "invalid_authorization_details"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
@pytest.mark.checklist("7 another address", "9 a wrong or missing verifier", "11 password grant")
async def test_refused(ana: Browser, changes: dict[str, str | None], error: str) -> None:
    refused(await ana.redeem(await ana.code(), **changes), error)


async def test_a_role_that_ends_between_code_and_token_gives_no_token(ana: Browser, connection: Connection) -> None:
    code = await ana.code()
    user = await connection.fetchval("select id from users where email_key = 'ana@example.org'")
    await take_all(connection, user)
    refused(await ana.redeem(code))


async def test_a_person_suspended_between_code_and_token_gives_no_token(ana: Browser, connection: Connection) -> None:
    code = await ana.code()
    await connection.execute("update users set status = 'suspended' where email_key = 'ana@example.org'")
    refused(await ana.redeem(code))


async def test_signing_out_ends_a_code(ana: Browser, connection: Connection) -> None:
    code = await ana.code()
    await connection.execute("update authorizations set revoked_at = now(), revoked_why = 'signed-out'")
    refused(await ana.redeem(code))


async def test_no_refresh_token_without_offline_access(ana: Browser) -> None:
    assert "refresh_token" not in await ana.tokens(scope="openid")


async def test_no_id_token_without_openid(ana: Browser) -> None:
    tokens = await ana.tokens(scope="assessment")
    assert "id_token" not in tokens
    assert tokens["authorization_details"]


async def test_the_code_is_kept_as_a_hash_only(ana: Browser, connection: Connection) -> None:
    code = await ana.code()
    kept = await connection.fetchval("select code_hash from authorization_codes")
    assert code.encode() not in kept
    assert len(kept) == 32


@pytest.mark.checklist("57 more than itself")
async def test_only_the_clients_own_systems_are_told(ana: Browser) -> None:
    details = (await ana.tokens())["authorization_details"]
    assert {location for entry in details for location in entry["locations"]} == {f"https://{CERS}.example/"}
