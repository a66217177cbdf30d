"""The authorization code flow from sign-in to tokens (OpenID Connect Core 3.1, RFC 7636, RFC 9068, RFC 9396)."""

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import (
    CERS_URI,
    ISSUER,
    PARK,
    Browser,
    bearer,
    claims_of,
    header_of,
    person,
    returned,
)


@pytest.mark.checklist("10 answers", "30 the nonce")
@pytest.mark.conformance("oidcc-server")
async def test_a_person_with_a_role_gets_in(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    asked = await browser.authorize()
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/signin?")
    signed_in = await browser.sign_in("ana", onward=dict(asked.next_request.url.params)["next"])  # pyright: ignore[reportOptionalMemberAccess]
    answer = returned(await browser.http.get(signed_in.headers["location"]))
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("s-1", ISSUER)
    tokens = (await browser.redeem(answer["code"])).json()
    assert tokens.keys() == {
        "access_token", "token_type", "expires_in", "scope", "authorization_details", "id_token", "refresh_token",
    }  # fmt: skip
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    assert header_of(tokens["access_token"])["typ"] == "at+jwt"
    assert header_of(tokens["access_token"])["alg"] == "ES256"
    assert header_of(tokens["id_token"])["alg"] == "RS256"
    assert (access["sub"], access["aud"], access["client_id"], access["iss"]) == (
        str(user), CERS_URI, "reporting", ISSUER,
    )  # fmt: skip
    assert access["exp"] - access["iat"] == 300
    assert (identity["sub"], identity["aud"], identity["nonce"]) == (str(user), "reporting", "n-1")
    assert identity["assessment_access"] == tokens["authorization_details"] == access["authorization_details"]
    assert {entry["program"] for entry in tokens["authorization_details"]} == {"caaspp"}
    assert tokens["authorization_details"][0]["organizations"] == ["school:19647331930000"]
    assert identity["assessment"]["active_role"] == {
        "program": "caaspp", "role": "site-coordinator", "school_year": "2026-27",
        "organizations": ["school:19647331930000"],
    }  # fmt: skip


async def test_userinfo_tells_the_claims_of_the_scopes(
    connection: Connection, browser: Browser, gateway: Gateway
) -> None:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    tokens = await browser.tokens(scope="openid profile email")
    answer = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert answer.json() == {
        "sub": str(user),
        "name": "Ana Example",
        "given_name": "Ana",
        "family_name": "Example",
        "email": "ana@example.org",
    }
    tokens = await browser.tokens(scope="openid assessment")
    answer = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert answer.json().keys() == {"sub", "assessment", "assessment_access"}
