"""Refresh tokens: rotated, one family, never wider, ending with the access (RFC 6749 6, RFC 9700 4.14)."""

import asyncio
import json

import pytest

from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from tests.oidc.world import PARK, SCORING, Browser, Clock, claims_of, csrf, give, person, take_all, token_request


@pytest.fixture
async def user(gateway: Gateway, connection: Connection) -> UserId:
    return await person(connection, "ana", ("site-coordinator", PARK))


@pytest.fixture
async def ana(user: UserId, browser: Browser) -> Browser:
    await browser.sign_in("ana")
    return browser


async def test_each_refresh_gives_a_new_refresh_token(ana: Browser) -> None:
    first = await ana.tokens()
    second = (await ana.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert "nonce" not in claims_of(second["id_token"])
    assert claims_of(second["id_token"])["auth_time"] == claims_of(first["id_token"])["auth_time"]
    assert (await ana.refresh(second["refresh_token"])).status_code == 200


@pytest.mark.checklist("12 used before")
async def test_reuse_revokes_the_family(ana: Browser) -> None:
    first = (await ana.tokens())["refresh_token"]
    second = (await ana.refresh(first)).json()["refresh_token"]
    for token in (first, second):
        answer = await ana.refresh(token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.checklist("12 many at once")
async def test_of_parallel_refreshes_one_succeeds_and_the_family_dies(ana: Browser) -> None:
    token = (await ana.tokens())["refresh_token"]
    answers = await asyncio.gather(*(ana.refresh(token) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    assert (await ana.refresh(winner["refresh_token"])).status_code == 400


@pytest.mark.checklist("13 another client")
async def test_another_client_cannot_use_it(ana: Browser) -> None:
    token = (await ana.tokens())["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answer = await token_request(ana.http, SCORING, form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await ana.refresh(token)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "directory.read"}, "invalid_scope"),
        ({"resource": "http://localhost:8000"}, "invalid_target"),
        ({"refresh_token": None}, "invalid_request"),
        ({"refresh_token": "unknown"}, "invalid_grant"),
    ],
)
@pytest.mark.checklist("13 a wider scope", "13 another resource")
async def test_nothing_gets_wider(ana: Browser, changes: dict[str, str], error: str) -> None:
    token = (await ana.tokens(scope="openid offline_access"))["refresh_token"]
    form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token, **changes}
    answer = await ana.token(form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_a_narrower_scope_holds_for_one_access_token(ana: Browser) -> None:
    token = (await ana.tokens(scope="openid assessment offline_access"))["refresh_token"]
    narrow = (await ana.refresh(token, scope="assessment")).json()
    assert narrow["scope"] == "assessment"
    assert "id_token" not in narrow
    narrow = (await ana.refresh(narrow["refresh_token"], scope="openid")).json()
    assert "assessment_access" not in claims_of(narrow["id_token"])
    assert "openid" in (await ana.refresh(narrow["refresh_token"])).json()["scope"]


@pytest.mark.checklist("14 absolute life")
async def test_the_family_has_an_absolute_end(ana: Browser, clock: Clock) -> None:
    token = (await ana.tokens())["refresh_token"]
    clock.forward(days=29)
    token = (await ana.refresh(token)).json()["refresh_token"]
    clock.forward(days=1)
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"


async def test_it_ends_with_the_last_grant(ana: Browser, user: UserId, connection: Connection) -> None:
    token = (await ana.tokens())["refresh_token"]
    await take_all(connection, user)
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"
    await give(connection, user, "site-coordinator", PARK)
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"


async def test_it_ends_with_the_active_role(ana: Browser, user: UserId, connection: Connection) -> None:
    """Another role with grants in the same system doesn't take the ended one's place."""
    token = (await ana.tokens())["refresh_token"]
    await give(connection, user, "educator-test-site", PARK)
    await take_all(connection, user, "site-coordinator")
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"


async def test_it_tells_the_access_of_now(ana: Browser, user: UserId, connection: Connection) -> None:
    tokens = await ana.tokens()
    before = claims_of(tokens["access_token"])["assessment"]["access_version"]
    await give(connection, user, "educator-test-site", PARK)
    after = claims_of((await ana.refresh(tokens["refresh_token"])).json()["access_token"])
    assert after["assessment"]["access_version"] != before
    assert after["assessment"]["active_role"]["role"] == "site-coordinator"


@pytest.mark.checklist("14 sign-out")
async def test_signing_out_ends_it(ana: Browser) -> None:
    token = (await ana.tokens())["refresh_token"]
    page = await ana.http.get("/signin?next=/account")
    assert (await ana.http.post("/signin/out", data={"csrf": csrf(page)})).status_code == 303
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"


async def test_details_of_a_request_that_leave_nothing_end_nothing(ana: Browser) -> None:
    token = (await ana.tokens())["refresh_token"]
    details = json.dumps([{"type": "assessment_access", "actions": ["something:else"]}])
    answer = await ana.refresh(token, authorization_details=details)
    assert answer.json()["error"] == "invalid_authorization_details"
    assert (await ana.refresh(token)).status_code == 200


async def test_details_get_narrower_for_one_token_and_never_wider(ana: Browser) -> None:
    interim = json.dumps([{"type": "assessment_access", "assessments": ["interim"]}])
    summative = json.dumps([{"type": "assessment_access", "assessments": ["summative"]}])
    both = (await ana.tokens())["authorization_details"]
    tokens = await ana.tokens(authorization_details=interim)
    assert tokens["authorization_details"] != both
    answer = await ana.refresh(tokens["refresh_token"], authorization_details=summative)
    assert answer.json()["error"] == "invalid_authorization_details"
    refreshed = (await ana.refresh(tokens["refresh_token"])).json()
    assert refreshed["authorization_details"] == tokens["authorization_details"]


async def test_a_resource_that_is_the_clients_no_more(ana: Browser, connection: Connection) -> None:
    """Nobody answers to the earlier address any more, or somebody else does."""
    token, code = (await ana.tokens())["refresh_token"], await ana.code()
    await connection.execute("update systems set resource_uri = 'https://new.example/' where code = 'cers'")
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"
    assert (await ana.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_deactivated_client_and_a_rotated_secret(ana: Browser, connection: Connection) -> None:
    token = (await ana.tokens())["refresh_token"]
    await connection.execute("update relying_parties set active = false")
    assert (await ana.refresh(token)).status_code == 401
    await connection.execute("update relying_parties set active = true, secret_hashes = '{}'")
    assert (await ana.refresh(token)).status_code == 401


@pytest.mark.checklist("14 suspension")
async def test_a_suspended_person_cannot_refresh(ana: Browser, connection: Connection) -> None:
    token = (await ana.tokens())["refresh_token"]
    await connection.execute("update users set status = 'suspended' where email_key = 'ana@example.org'")
    assert (await ana.refresh(token)).json()["error"] == "invalid_grant"
