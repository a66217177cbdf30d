"""No JWT over 4 KB: beyond it a flag and a distributed claim, never a shortened list (OpenID Connect Core 5.6.2)."""

import json
import uuid

import pytest

from gateway.state import Gateway
from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, UserId
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from tests.oidc.tokens_at import introspection
from tests.oidc.world import (
    CAASPP,
    ISSUER,
    LEA,
    NOW,
    PARK,
    REPORTING,
    YEAR,
    Browser,
    bearer,
    claims_of,
    header_of,
    ident,
    organization,
    person,
)

SCHOOLS = 400


async def coordinator_of(connection: Connection, schools: int) -> UserId:
    """`many`, with a role at each of them."""
    user = await person(connection, "many")
    async with connection.transaction():
        for number in range(schools):
            where = OrganizationId(ident(f"school {number}"))
            await organization(connection, where, Level.SCHOOL, LEA, LEA, f"1964733{number:07}", f"School {number}")
            role = RoleSlug("site-coordinator")
            new = NewAssignment(
                AssignmentId(uuid.uuid4()), user, ProgramCode(CAASPP), role, YEAR, where, NOW, origin="operator"
            )
            await insert_assignment(connection, new)
        await raise_versions(connection, (user,))
    return user


async def test_400_assignments_work(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    user = await coordinator_of(connection, SCHOOLS)
    await browser.sign_in("many")
    tokens = await browser.tokens()
    expected = [f"school:1964733{number:07}" for number in range(SCHOOLS)]
    for name in ("access_token", "id_token"):
        assert len(tokens[name]) <= 4096, name
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    assert access["assessment_access_complete"] is False
    assert "authorization_details" not in access
    assert access["assessment"]["active_role"]["role"] == "site-coordinator"
    assert "assessment_access" not in identity
    source = identity["_claim_sources"][identity["_claim_names"]["assessment_access"]]
    assert source == {"endpoint": f"{ISSUER}/oauth2/claims/assessment"}
    answer = await browser.http.get("/oauth2/claims/assessment", headers=bearer(tokens["access_token"]))
    assert answer.headers["content-type"] == "application/jwt"
    claims = claims_of(answer.text)
    assert header_of(answer.text)["typ"] == "assessment-access+jwt"
    assert (claims["aud"], claims["sub"], claims["iss"]) == ("reporting", str(user), ISSUER)
    assert claims["assessment_access"] == tokens["authorization_details"]
    assert claims["assessment_access"][0]["organizations"] == expected
    userinfo = (await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))).json()
    assert userinfo["assessment_access"] == tokens["authorization_details"]


async def test_the_claims_need_their_scope(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    token = (await browser.tokens(scope="openid"))["access_token"]
    answer = await browser.http.get("/oauth2/claims/assessment", headers=bearer(token))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("schools", [1, SCHOOLS])
async def test_what_a_token_was_narrowed_to_holds_everywhere(
    gateway: Gateway, connection: Connection, browser: Browser, schools: int
) -> None:
    """RFC 9396 section 7: also where its entries are too many to stand in it."""
    await coordinator_of(connection, schools)
    await browser.sign_in("many")
    refresh_token = (await browser.tokens())["refresh_token"]
    asked = [{"type": "assessment_access", "actions": ["results:view"]}]
    answer = await browser.refresh(refresh_token, authorization_details=json.dumps(asked))
    tokens = answer.json()
    narrowed = tokens["authorization_details"]
    assert [one["actions"] for one in narrowed] == [["results:view"]]
    assert len(narrowed[0]["organizations"]) == schools
    access = claims_of(tokens["access_token"])
    assert access["narrowed_to"] == asked
    assert ("authorization_details" in access) == (schools == 1)
    http, header = browser.http, bearer(tokens["access_token"])
    told = await introspection(http, REPORTING, tokens["access_token"])
    assert told["authorization_details"] == narrowed
    assert (await http.get("/oauth2/userinfo", headers=header)).json()["assessment_access"] == narrowed
    claims = claims_of((await http.get("/oauth2/claims/assessment", headers=header)).text)
    assert claims["assessment_access"] == narrowed
    wide = (await browser.refresh(tokens["refresh_token"])).json()
    told = await introspection(http, REPORTING, wide["access_token"])
    assert told["authorization_details"] == wide["authorization_details"] != narrowed


async def test_a_narrowing_that_no_token_can_hold(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """It is refused, and the refresh token stays good."""
    await coordinator_of(connection, SCHOOLS)
    await browser.sign_in("many")
    refresh_token = (await browser.tokens())["refresh_token"]
    places = [f"school:1964733{number:07}" for number in range(240)]
    entries = [{"type": "assessment_access", "organizations": places[start : start + 80]} for start in (0, 80, 160)]
    asked = json.dumps(entries, separators=(",", ":"))
    answer = await browser.refresh(refresh_token, authorization_details=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")
    assert (await browser.refresh(refresh_token)).status_code == 200
