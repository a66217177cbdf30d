"""Steps of the OpenID Foundation's basic and config plans, from outside (OpenID Connect Core 1.0, Discovery 1.0)."""

import json
from typing import Any

import pytest
from joserfc import jwt as jose
from joserfc.jwk import KeySet as JwkSet

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import (
    EVERY_SCOPE,
    ISSUER,
    PARK,
    REPORTING,
    SCORING,
    Browser,
    Clock,
    bearer,
    claims_of,
    header_of,
    ident,
    person,
    returned,
    token_request,
)

USERINFO = "/oauth2/userinfo"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def userinfo(browser: Browser, scope: str, **more: str) -> dict[str, Any]:
    tokens = await browser.tokens(scope=scope, **more)
    answer = await browser.http.get(USERINFO, headers=bearer(tokens["access_token"]))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.mark.conformance("oidcc-server", "oidcc-idtoken-signature")
async def test_the_id_token_is_signed_by_a_published_key(ana: Browser) -> None:
    """Core 3.1.3.7: kid, alg, iss, aud, times, nonce and at_hash are those of the request, the answer and discovery."""
    tokens = await ana.tokens(scope="openid")
    document = (await ana.http.get("/.well-known/openid-configuration")).json()
    published = (await ana.http.get(document["jwks_uri"].removeprefix(ISSUER))).json()
    header = header_of(tokens["id_token"])
    assert [key["alg"] for key in published["keys"] if key["kid"] == header["kid"]] == [header["alg"]] == ["RS256"]
    claims = jose.decode(tokens["id_token"], JwkSet.import_key_set(published), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (document["issuer"], "reporting", "n-1")
    assert claims["iat"] < claims["exp"]
    assert claims["at_hash"]


@pytest.mark.conformance("oidcc-server-client-secret-post")
async def test_a_client_with_its_secret_in_the_form(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await person(connection, "tess", ("test-administrator", PARK))
    await browser.sign_in("tess")
    browser.client = SCORING
    tokens = await browser.tokens(scope="openid")
    assert claims_of(tokens["id_token"])["aud"] == "scoring"


@pytest.mark.conformance("oidcc-userinfo-get", "oidcc-userinfo-post-header")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_userinfo_with_the_token_in_the_header(ana: Browser, method: str) -> None:
    """Core 5.3.1; its `sub` is the ID token's (5.3.4)."""
    tokens = await ana.tokens(scope="openid")
    answer = await ana.http.request(method, USERINFO, headers=bearer(tokens["access_token"]))
    assert (answer.status_code, answer.json()) == (200, {"sub": claims_of(tokens["id_token"])["sub"]})


async def test_a_token_in_the_form_is_none(ana: Browser) -> None:
    """RFC 6750 section 2.2 is optional, and not offered."""
    token = (await ana.tokens(scope="openid"))["access_token"]
    answer = await ana.http.post(USERINFO, data={"access_token": token})
    assert (answer.status_code, "sub" in answer.text) == (401, False)


@pytest.mark.conformance("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
async def test_without_a_nonce(ana: Browser) -> None:
    assert "nonce" not in claims_of((await ana.tokens(nonce=None))["id_token"])


NAMES = {"name": "Ana Example", "given_name": "Ana", "family_name": "Example"}
MAIL = {"email": "ana@example.org"}


@pytest.mark.conformance("oidcc-scope-profile", "oidcc-scope-email", "oidcc-ensure-other-scope-order-succeeds")
@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid profile", NAMES),
        ("openid email", MAIL),
        ("email openid", MAIL),
        ("profile email openid", NAMES | MAIL),
    ],
)
async def test_each_scope_opens_its_claims_in_any_order(ana: Browser, scope: str, told: dict[str, str]) -> None:
    assert await userinfo(ana, scope) == {"sub": str(ident("ana")), **told}


@pytest.mark.conformance("oidcc-scope-all")
async def test_all_scopes_at_once(ana: Browser) -> None:
    told = await userinfo(ana, " ".join(sorted(EVERY_SCOPE)))
    assert told.keys() == {"sub", *NAMES, *MAIL, "assessment", "assessment_access"}


WISHES = [
    pytest.param({"display": "page"}, marks=pytest.mark.conformance("oidcc-display-page")),
    pytest.param({"display": "popup"}, marks=pytest.mark.conformance("oidcc-display-popup")),
    pytest.param({"ui_locales": "se fr-CA"}, marks=pytest.mark.conformance("oidcc-ui-locales")),
    pytest.param({"claims_locales": "se"}, marks=pytest.mark.conformance("oidcc-claims-locales")),
    pytest.param({"acr_values": "1 2"}, marks=pytest.mark.conformance("oidcc-ensure-request-with-acr-values-succeeds")),
    pytest.param(
        {"extra": "foobar"}, marks=pytest.mark.conformance("oidcc-ensure-request-with-unknown-parameter-succeeds")
    ),
    pytest.param(
        {"claims": json.dumps({"userinfo": {"name": {"essential": True}}})},
        marks=pytest.mark.conformance("oidcc-claims-essential"),
    ),
]


@pytest.mark.parametrize("asked", WISHES)
async def test_wishes_that_change_nothing(ana: Browser, asked: dict[str, str]) -> None:
    """Core 3.1.2.1: what isn't understood or offered is no error; what scopes don't open isn't told either."""
    assert await userinfo(ana, "openid email", **asked) == {"sub": str(ident("ana")), **MAIL}


@pytest.mark.conformance("oidcc-login-hint")
async def test_a_login_hint_is_a_hint(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """The form is filled in, and somebody else may sign in there all the same."""
    await person(connection, "bo", ("site-coordinator", PARK))
    asked = await browser.authorize(login_hint="ana@example.org")
    page = await browser.http.get(asked.headers["location"])
    assert 'value="ana@example.org"' in page.text
    onward = dict(asked.next_request.url.params)["next"]  # pyright: ignore[reportOptionalMemberAccess]
    back = await browser.sign_in("bo", onward=onward)
    assert "code" in returned(await browser.http.get(back.headers["location"]))


@pytest.mark.conformance("oidcc-id-token-hint")
async def test_an_id_token_hint_at_who_is_signed_in(ana: Browser, clock: Clock) -> None:
    first = await ana.tokens()
    clock.forward(minutes=10)
    second = await ana.tokens(id_token_hint=first["id_token"], prompt="none")
    before, after = claims_of(first["id_token"]), claims_of(second["id_token"])
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


@pytest.mark.conformance("oidcc-max-age-10000")
async def test_max_age_10000_asks_nobody_again(ana: Browser, clock: Clock) -> None:
    """And the ID token says when she signed in (Core 3.1.2.1)."""
    first = claims_of((await ana.tokens(scope="openid"))["id_token"])
    clock.forward(minutes=20)
    second = claims_of((await ana.tokens(scope="openid", max_age="10000"))["id_token"])
    assert first["auth_time"] == second["auth_time"]
    assert second["iat"] - second["auth_time"] <= 10000


@pytest.mark.conformance("oidcc-max-age-1")
async def test_max_age_1_asks_again(ana: Browser, clock: Clock) -> None:
    first = claims_of((await ana.tokens(scope="openid"))["id_token"])
    clock.forward(seconds=2)
    asked = await ana.authorize(scope="openid", max_age="1")
    assert asked.headers["location"].startswith("/signin?")
    clock.forward(seconds=5)
    onward = dict(asked.next_request.url.params)["next"]  # pyright: ignore[reportOptionalMemberAccess]
    back = await ana.sign_in("ana", onward=onward)
    code = returned(await ana.http.get(back.headers["location"]))["code"]
    second = claims_of((await ana.redeem(code)).json()["id_token"])
    assert second["auth_time"] - first["auth_time"] == 7
    assert second["sub"] == first["sub"]


@pytest.mark.conformance("oidcc-ensure-post-request-succeeds")
async def test_a_request_by_post(ana: Browser) -> None:
    answer = await ana.http.post("/oauth2/authorize", data=ana.request(), follow_redirects=False)
    assert answer.status_code == 303
    code = returned(await ana.http.get(answer.headers["location"]))["code"]
    assert (await ana.redeem(code)).status_code == 200


@pytest.mark.conformance("oidcc-refresh-token")
async def test_a_refresh_token_is_its_clients_own(ana: Browser) -> None:
    """The answer has a new access token for the same person, and an ID token with the same iss, sub and auth_time."""
    first = await ana.tokens()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert (await token_request(ana.http, SCORING, form)).json()["error"] == "invalid_grant"
    second = (await ana.refresh(first["refresh_token"])).json()
    assert second["access_token"] != first["access_token"]
    before, after = claims_of(first["id_token"]), claims_of(second["id_token"])
    for name in ("iss", "sub", "aud", "auth_time"):
        assert before[name] == after[name], name
    answer = await ana.http.get(USERINFO, headers=bearer(second["access_token"]))
    assert answer.json()["sub"] == before["sub"]


@pytest.mark.conformance("oidcc-ensure-request-with-valid-pkce-succeeds")
async def test_a_request_with_pkce(ana: Browser) -> None:
    assert (await ana.redeem(await ana.code(code_challenge_method="S256"))).status_code == 200


@pytest.mark.conformance("oidcc-ensure-registered-redirect-uri")
@pytest.mark.parametrize("uri", ["https://reports.example/callback?x=1", "https://evil.example/callback"])
async def test_an_unregistered_redirect_uri_is_a_page(ana: Browser, uri: str) -> None:
    answer = await ana.authorize(redirect_uri=uri)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.conformance(
    "oidcc-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-backchannel-logout-discovery-endpoint-verification",
)
async def test_what_discovery_must_say(gateway: Gateway, browser: Browser) -> None:
    """Discovery 3, RP-Initiated Logout 2.1, Back-Channel Logout 2.1; each key is usable and none is private."""
    answer = await browser.http.get("/.well-known/openid-configuration")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["issuer"] == ISSUER
    for name in ("authorization", "token", "userinfo", "end_session"):
        assert document[f"{name}_endpoint"].startswith(ISSUER + "/")
    assert "openid" in document["scopes_supported"]
    assert "code" in document["response_types_supported"]
    assert document["subject_types_supported"] == ["public"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert (document["request_parameter_supported"], document["request_uri_parameter_supported"]) == (False, False)
    assert document["claims_parameter_supported"] is False
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    keys = (await browser.http.get(document["jwks_uri"].removeprefix(ISSUER))).json()["keys"]
    assert {key["use"] for key in keys} == {"sig"}
    assert len({key["kid"] for key in keys}) == len(keys)
    assert REPORTING.id_token_alg in {key["alg"] for key in keys}
    assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & {member for key in keys for member in key}
