"""Taking a consent back: what the relying party holds ends at once (ASVS 5 section 10.7.3)."""

import asyncio
from typing import Any

import httpx2
import pytest

from store.database import Connection
from tests.consent.conftest import Visitor, asks_for_consent
from tests.oidc.world import ISSUER, PARK, Browser, bearer, csrf, person, returned

LIST = """{ viewer { consents { id clientId label allowed {
    scopes systems narrowed program schoolYear role { code } organization { name } } } } }"""
REVOKE = "mutation ($c: ID!) { revokeConsent(input: {consent: $c}) { revoked userErrors { code } } }"


async def graphql(visitor: Visitor, document: str, **variables: str) -> Any:
    answer = await visitor.http.post(
        "/graphql", json={"query": document, "variables": variables}, headers={"Origin": ISSUER}
    )
    return answer.json()


async def consent_id(connection: Connection) -> str:
    return str(await connection.fetchval("select id from consents"))


async def tokens(visitor: Visitor) -> dict[str, str]:
    answer = await visitor.redeem(returned(await visitor.decide(await visitor.authorize()))["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_viewer_consents_tell_what_was_allowed(visitor: Visitor) -> None:
    await visitor.decide(await visitor.authorize(scope="openid email"))
    found = await graphql(visitor, LIST)
    (one,) = found["data"]["viewer"]["consents"]
    assert (one["clientId"], one["label"]) == ("reporting-vendor", "Vendor <Reports>")
    assert one["allowed"] == [
        {
            "scopes": ["email", "openid"], "systems": ["cers"], "narrowed": False, "program": "caaspp",
            "schoolYear": "2026-27", "role": {"code": "site-coordinator"}, "organization": None,
        }
    ]  # fmt: skip


@pytest.mark.checklist("52 revoked")
async def test_revoking_kills_the_tokens_at_once(visitor: Visitor, connection: Connection) -> None:
    held = await tokens(visitor)
    headers = bearer(held["access_token"])
    assert (await visitor.http.get("/oauth2/userinfo", headers=headers)).status_code == 200
    answer = await graphql(visitor, REVOKE, c=await consent_id(connection))
    assert answer["data"]["revokeConsent"]["userErrors"] == []
    assert (await visitor.renew(held["refresh_token"])).json()["error"] == "invalid_grant"
    visitor.http.cookies.clear()
    assert (await visitor.http.get("/oauth2/userinfo", headers=headers)).status_code == 401


@pytest.mark.checklist("52 revoked")
async def test_a_code_that_was_not_redeemed_ends_with_it(visitor: Visitor, connection: Connection) -> None:
    code = returned(await visitor.decide(await visitor.authorize()))["code"]
    await graphql(visitor, REVOKE, c=await consent_id(connection))
    assert (await visitor.redeem(code)).json()["error"] == "invalid_grant"


async def test_what_others_hold_stays(visitor: Visitor, connection: Connection) -> None:
    await tokens(visitor)
    own = Browser(visitor.http)
    other = await own.tokens()
    await graphql(visitor, REVOKE, c=await consent_id(connection))
    assert (await own.refresh(other["refresh_token"])).status_code == 200


async def test_it_is_asked_for_again(visitor: Visitor, connection: Connection) -> None:
    await tokens(visitor)
    await graphql(visitor, REVOKE, c=await consent_id(connection))
    assert asks_for_consent(await visitor.authorize())


@pytest.mark.checklist(54)
async def test_nobody_ends_or_sees_anothers(visitor: Visitor, connection: Connection) -> None:
    await tokens(visitor)
    known = await consent_id(connection)
    await person(connection, "bo", ("lea-coordinator", PARK))
    await visitor.sign_in("bo")
    assert (await graphql(visitor, LIST))["data"] == {"viewer": {"consents": []}}
    for one in (known, "00000000-0000-4000-8000-000000000000", "x", ""):
        answer = await graphql(visitor, REVOKE, c=one)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert await connection.fetchval("select count(*) from consents") == 1


async def test_through_a_token_neither_is_possible(visitor: Visitor, connection: Connection) -> None:
    scope = "openid directory.read"
    code = returned(await visitor.decide(await visitor.authorize(scope=scope, resource=ISSUER)))["code"]
    token = (await visitor.redeem(code)).json()["access_token"]
    visitor.http.cookies.clear()
    answers: list[httpx2.Response] = []
    for document, variables in ((LIST, {}), (REVOKE, {"c": await consent_id(connection)})):
        body = {"query": document, "variables": variables}
        answers.append(await visitor.http.post("/graphql", json=body, headers=bearer(token)))
    assert answers[0].json()["data"] == {"viewer": {"consents": None}}
    assert answers[1].json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await connection.fetchval("select count(*) from consents") == 1


async def test_an_authorization_made_at_that_moment_does_not_outlive_it(
    visitor: Visitor, connection: Connection
) -> None:
    """Either the authorization is seen and revoked, or the person is asked again."""
    await tokens(visitor)
    known = await consent_id(connection)
    answers = await asyncio.gather(*(visitor.authorize() for _ in range(4)), graphql(visitor, REVOKE, c=known))
    assert answers
    assert await connection.fetchval("select count(*) from authorizations where revoked_at is null") == 0
    assert await connection.fetchval("select count(*) from consents") == 0


async def test_at_account_it_is_listed_and_taken_back(visitor: Visitor, connection: Connection) -> None:
    held = await tokens(visitor)
    page = await visitor.http.get("/account")
    assert "Take it back from Vendor &lt;Reports&gt;" in page.text
    assert "Site CAASPP Coordinator 2026-27" in page.text
    form = {"csrf": csrf(page), "consent": await consent_id(connection)}
    answer = await visitor.http.post("/account/consents", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    answer = await visitor.http.post("/account/consents", data=form)
    assert answer.headers["location"] == "/account?done=consent#consents"
    assert "It is taken back" in (await visitor.http.get(answer.headers["location"])).text
    assert (await visitor.renew(held["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await visitor.http.post("/account/consents", data=form)).status_code == 404


async def test_revoking_is_in_the_audit(visitor: Visitor, connection: Connection) -> None:
    await tokens(visitor)
    await graphql(visitor, REVOKE, c=await consent_id(connection))
    event = await connection.fetchrow("select * from audit_events where action = 'revokeConsent'")
    assert event is not None
    assert event["before"]["client"] == "reporting-vendor"
