"""Steps of the OpenID Foundation's plan for FAPI 2.0 (Security Profile, final), from outside, by one whole client."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from gateway.state import Gateway
from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc.fapi_client import AUTHORIZE, PAR, TOKEN, FapiClient
from tests.oidc.keyholder import KeyHolder, asserted, keyed
from tests.oidc.world import ISSUER, NOW, PARK, Browser, Clock, claims_of, header_of, ident, person, returned


@pytest.fixture
async def fapi(gateway: Gateway, connection: Connection, browser: Browser) -> FapiClient:
    """Somebody is signed in at a client that must push, prove itself and bind its tokens."""
    holder = KeyHolder(NOW)
    browser.client = keyed(holder, require_par=True, dpop_bound=True, id_token_alg="ES256")
    await insert_relying_party(connection, browser.client)
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return FapiClient(gateway, browser, holder)


@pytest.mark.conformance("fapi2-security-profile-final-discovery-end-point-verification")
async def test_discovery(fapi: FapiClient) -> None:
    document = (await fapi.browser.http.get("/.well-known/oauth-authorization-server")).json()
    assert document["pushed_authorization_request_endpoint"] == ISSUER + PAR
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert {"authorization_code", "refresh_token"} <= set(document["grant_types_supported"])
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    for name in ("token_endpoint_auth_signing_alg_values_supported", "dpop_signing_alg_values_supported"):
        assert {"PS256", "ES256", "EdDSA"} <= set(document[name])
        assert not {"RS256", "HS256", "none"} & set(document[name])


@pytest.mark.conformance(
    "fapi2-security-profile-final-happy-flow",
    "fapi2-security-profile-final-par-without-duplicate-parameters",
    "fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success",
)
async def test_from_push_to_userinfo(fapi: FapiClient) -> None:
    answer = await fapi.push(fapi.proof(PAR))
    assert (answer.status_code, 0 < answer.json()["expires_in"] < 600) == (201, True)
    back = returned(await fapi.authorize(answer.json()["request_uri"]))
    assert (back.keys(), back["iss"], back["state"]) == ({"code", "iss", "state"}, ISSUER, "s-1")
    tokens = (await fapi.redeem(back["code"])).json()
    assert tokens["token_type"] == "DPoP"
    assert claims_of(tokens["access_token"])["cnf"] == {"jkt": fapi.holder.thumbprint}
    identity = claims_of(tokens["id_token"])
    assert (header_of(tokens["id_token"])["alg"], identity["nonce"], identity["aud"]) == ("ES256", "n-1", "keyed")
    told = await fapi.userinfo(tokens["access_token"])
    assert (told.status_code, told.json()["sub"]) == (200, identity["sub"])
    assert identity["sub"] == str(ident("ana"))


@pytest.mark.conformance("fapi2-security-profile-final-ensure-authorization-request-without-state-success")
async def test_without_a_state(fapi: FapiClient) -> None:
    assert returned(await fapi.authorize(await fapi.pushed(state=None))).keys() == {"code", "iss"}


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-authorization-request-without-nonce-success",
    "fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success",
)
@pytest.mark.parametrize("nonce", [None, "n" * 64])
async def test_the_nonce_comes_back(fapi: FapiClient, nonce: str | None) -> None:
    assert claims_of((await fapi.tokens(nonce=nonce))["id_token"]).get("nonce") == nonce


@pytest.mark.conformance("fapi2-security-profile-final-ensure-authorization-request-with-long-nonce")
async def test_a_long_nonce_is_refused_as_it_is_pushed(fapi: FapiClient) -> None:
    answer = await fapi.push(nonce="n" * 384)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.conformance("fapi2-security-profile-final-ensure-authorization-request-with-long-state")
async def test_a_long_state_comes_back_whole(fapi: FapiClient) -> None:
    state = "s" * 1000
    assert returned(await fapi.authorize(await fapi.pushed(state=state)))["state"] == state


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object",
    "fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object",
)
async def test_what_was_pushed_counts_not_what_stands_beside_it(fapi: FapiClient) -> None:
    back = returned(await fapi.authorize(await fapi.pushed(), state="beside", nonce="beside"))
    assert back["state"] == "s-1"
    assert claims_of((await fapi.redeem(back["code"])).json()["id_token"])["nonce"] == "n-1"


@pytest.mark.conformance("fapi2-security-profile-final-state-only-outside-request-object-not-used")
async def test_a_state_that_was_not_pushed_is_none(fapi: FapiClient) -> None:
    assert "state" not in returned(await fapi.authorize(await fapi.pushed(state=None), state="beside"))


@pytest.mark.conformance("fapi2-security-profile-final-ensure-other-scope-order-succeeds")
async def test_scopes_in_another_order(fapi: FapiClient) -> None:
    form = fapi.browser.request(scope="offline_access assessment openid")
    answer = await fapi.browser.http.post(PAR, data=fapi.proven(form))
    code = returned(await fapi.authorize(answer.json()["request_uri"]))["code"]
    assert (await fapi.redeem(code)).json()["id_token"]


@pytest.mark.conformance("fapi2-security-profile-final-access-token-type-header-case-sensitivity")
@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "DpOp"])
async def test_the_scheme_is_compared_without_case(fapi: FapiClient, scheme: str) -> None:
    token = (await fapi.tokens())["access_token"]
    assert (await fapi.userinfo(token, scheme)).status_code == 200


@pytest.mark.conformance(
    "fapi2-security-profile-final-check-dpop-proof-nbf-exp",
    "fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds",
    "fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds",
)
@pytest.mark.parametrize(
    "times",
    [
        pytest.param({"nbf": NOW.timestamp(), "exp": NOW.timestamp() + 60}, id="nbf and exp"),
        pytest.param({"iat": NOW.timestamp() - 10}, id="ten seconds before"),
        pytest.param({"iat": NOW.timestamp() + 10}, id="ten seconds after"),
    ],
)
async def test_clocks_that_differ_a_little(fapi: FapiClient, times: dict[str, Any]) -> None:
    answer = await fapi.redeem(await fapi.code(), fapi.proof(TOKEN, **times))
    assert answer.status_code == 200
    assert (await fapi.userinfo(answer.json()["access_token"], **times)).status_code == 200


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails",
)
async def test_a_dpop_jkt_that_is_not_the_proofs(fapi: FapiClient) -> None:
    answer = await fapi.push(fapi.proof(PAR), dpop_jkt=KeyHolder(NOW).thumbprint)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
    "fapi2-security-profile-final-ensure-dpop-auth-code-binding-success",
)
@pytest.mark.parametrize("by", ["the proof", "dpop_jkt"])
async def test_a_code_is_for_the_key_that_its_request_named(fapi: FapiClient, by: str) -> None:
    named: dict[str, Any] = {"dpop_jkt": fapi.holder.thumbprint} if by == "dpop_jkt" else {}
    code = await fapi.code(fapi.proof(PAR) if by == "the proof" else None, **named)
    stranger = KeyHolder(NOW).proof(fapi.gateway, "POST", TOKEN)
    answer = await fapi.redeem(code, stranger)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await fapi.redeem(code)).json()["token_type"] == "DPoP"


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails",
)
async def test_a_request_in_the_address_is_refused(fapi: FapiClient) -> None:
    assert returned(await fapi.browser.authorize())["error"] == "invalid_request"


REFUSED: list[Any] = [
    pytest.param({"redirect_uri": None}, "invalid_request", id="no redirect_uri"),
    pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="code id_token"),
    pytest.param({"response_type": "token"}, "unsupported_response_type", id="token"),
    pytest.param({"code_challenge": None, "code_challenge_method": None}, "invalid_request", id="no PKCE"),
    pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="plain PKCE"),
    pytest.param({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request", id="request_uri"),
]


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails",
    "fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request",
    "fapi2-security-profile-final-ensure-response-type-code-idtoken-fails",
    "fapi2-security-profile-final-ensure-response-type-token-fails",
    "fapi2-security-profile-final-par-ensure-pkce-required",
    "fapi2-security-profile-final-par-plain-pkce-rejected",
    "fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param",
)
@pytest.mark.parametrize(("changes", "error"), REFUSED)
async def test_requests_that_are_refused_as_they_are_pushed(
    fapi: FapiClient, changes: dict[str, Any], error: str
) -> None:
    answer = await fapi.push(**changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.conformance("fapi2-security-profile-final-par-attempt-invalid-http-method")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_requests_are_pushed_by_post_alone(fapi: FapiClient, method: str) -> None:
    assert (await fapi.browser.http.request(method, PAR)).status_code == 405


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-pkce-code-verifier-required",
    "fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected",
)
@pytest.mark.parametrize(("verifier", "error"), [("w" * 64, "invalid_grant"), (None, "invalid_request")])
async def test_the_verifier_is_needed(fapi: FapiClient, verifier: str | None, error: str) -> None:
    form = {"grant_type": "authorization_code", "code": await fapi.code()}
    form |= {"redirect_uri": fapi.browser.client.redirect_uris[0]} | ({"code_verifier": verifier} if verifier else {})
    answer = await fapi.token(form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.conformance("fapi2-security-profile-final-ensure-holder-of-key-required")
async def test_without_the_key_there_is_no_token_and_it_opens_nothing(fapi: FapiClient) -> None:
    answer = await fapi.redeem(await fapi.code(), {})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    token = (await fapi.tokens())["access_token"]
    for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"DPoP {token}"}):
        assert (await fapi.browser.http.get("/oauth2/userinfo", headers=headers)).status_code == 401


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client",
    "fapi2-security-profile-final-ensure-client-id-in-token-endpoint",
)
async def test_a_code_is_its_clients_own(fapi: FapiClient, connection: Connection) -> None:
    """Another client gets nothing for it, neither by its own proof nor by naming itself beside ours."""
    other = KeyHolder(NOW)
    await insert_relying_party(connection, keyed(other, client_id="other", dpop_bound=True))
    code = await fapi.code()
    form = {
        "grant_type": "authorization_code", "code": code, "code_verifier": "v" * 64,
        "redirect_uri": fapi.browser.client.redirect_uris[0],
    }  # fmt: skip
    theirs = {**form, **asserted(other.assertion(iss="other", sub="other", aud=ISSUER))}
    answer = await fapi.browser.http.post(TOKEN, data=theirs, headers=other.proof(fapi.gateway, "POST", TOKEN))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    answer = await fapi.redeem(code, client_id="other")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await fapi.redeem(code, client_id="keyed")).status_code == 200


@pytest.mark.conformance(
    "fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second",
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code",
)
async def test_a_code_is_good_once_and_for_a_minute(fapi: FapiClient, clock: Clock) -> None:
    used, late = await fapi.code(), await fapi.code()
    tokens = (await fapi.redeem(used)).json()
    clock.forward(seconds=1)
    assert (await fapi.redeem(used)).json()["error"] == "invalid_grant"
    assert (await fapi.userinfo(tokens["access_token"])).status_code == 401
    clock.forward(seconds=60)
    fapi.holder.now = clock.now
    assert (await fapi.redeem(late)).json()["error"] == "invalid_grant"


@pytest.mark.conformance("fapi2-security-profile-final-refresh-token")
async def test_a_refresh_needs_client_and_key(fapi: FapiClient, connection: Connection) -> None:
    """It rotates, as this provider always does (RFC 9700 section 4.14.2), and the new token is bound again."""
    first = await fapi.tokens()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    other = KeyHolder(NOW)
    await insert_relying_party(connection, keyed(other, client_id="other", dpop_bound=True))
    theirs = {**form, **asserted(other.assertion(iss="other", sub="other", aud=ISSUER))}
    answer = await fapi.browser.http.post(TOKEN, data=theirs, headers=other.proof(fapi.gateway, "POST", TOKEN))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await fapi.token(form, {})).json()["error"] == "invalid_dpop_proof"
    second = (await fapi.token(form)).json()
    assert second["token_type"] == "DPoP"
    assert (await fapi.userinfo(second["access_token"])).status_code == 200


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
)
async def test_a_reference_may_be_opened_again_before_she_has_signed_in(fapi: FapiClient) -> None:
    fapi.browser.http.cookies.clear()
    uri = await fapi.pushed()
    for _ in range(2):
        asked = await fapi.authorize(uri)
        assert asked.headers["location"].startswith("/signin?")
    onward = dict(asked.next_request.url.params)["next"]  # pyright: ignore[reportPossiblyUnboundVariable, reportOptionalMemberAccess]
    back = await fapi.browser.sign_in("ana", onward=onward)
    assert back.headers["location"].startswith(AUTHORIZE)
    assert "code" in returned(await fapi.browser.http.get(back.headers["location"]))


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-attempt-reuse-request_uri",
    "fapi2-security-profile-final-par-attempt-to-use-expired-request_uri",
    "fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client",
)
async def test_a_reference_is_good_once_for_its_client_and_for_a_while(fapi: FapiClient, clock: Clock) -> None:
    used, foreign, late = await fapi.pushed(), await fapi.pushed(), await fapi.pushed()
    assert "code" in returned(await fapi.authorize(used))
    answers = [await fapi.authorize(used), await fapi.authorize(foreign, client_id="reporting")]
    clock.forward(seconds=90)
    for answer in (*answers, await fapi.authorize(late)):
        assert (answer.status_code, "location" in answer.headers) == (400, False)


SECONDS = NOW.timestamp()


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted",
)
async def test_an_assertion_of_a_clock_that_is_a_little_ahead(fapi: FapiClient) -> None:
    form = fapi.proven(fapi.browser.request(), nbf=SECONDS + 8, iat=SECONDS + 8)
    assert (await fapi.browser.http.post(PAR, data=form)).status_code == 201


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails",
    "fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
    "fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails",
    "fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails",
    "fapi2-security-profile-final-par-test-array-as-audience-fails",
    "fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails",
    "fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails",
)
@pytest.mark.parametrize("path", [PAR, TOKEN])
@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"nbf": SECONDS + 61, "iat": SECONDS + 61, "exp": SECONDS + 120}, id="a minute ahead"),
        pytest.param({"exp": SECONDS - 300}, id="expired five minutes ago"),
        pytest.param({"aud": "https://other.example"}, id="wrong aud"),
        pytest.param({"aud": [ISSUER, "https://other.example"]}, id="an array as aud"),
        pytest.param({"aud": ISSUER + PAR}, id="the PAR endpoint as aud"),
        pytest.param({"aud": ISSUER + TOKEN}, id="the token endpoint as aud"),
        pytest.param({"sub": None}, id="no sub"),
    ],
)
async def test_assertions_that_are_refused(fapi: FapiClient, path: str, claims: dict[str, Any]) -> None:
    form = fapi.browser.request() if path == PAR else {"grant_type": "client_credentials"}
    answer = await fapi.browser.http.post(path, data=fapi.proven(form, **claims), headers=fapi.proof(path))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.conformance("fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint")
async def test_without_an_assertion_there_is_no_token(fapi: FapiClient) -> None:
    form = {
        "grant_type": "authorization_code", "code": await fapi.code(), "code_verifier": "v" * 64,
        "redirect_uri": fapi.browser.client.redirect_uris[0], "client_id": "keyed",
    }  # fmt: skip
    answer = await fapi.browser.http.post(TOKEN, data=form, headers=fapi.proof(TOKEN))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.conformance("fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails")
async def test_an_assertion_signed_with_rs256(fapi: FapiClient, connection: Connection) -> None:
    """By the very key that is good under PS256."""
    key = RSAKey.generate_key(2048)
    weak, strong = KeyHolder(NOW, "RS256", key=key), KeyHolder(NOW, "PS256", key=key)
    await insert_relying_party(connection, keyed(strong, client_id="rsa"))
    for holder, status in ((weak, 401), (strong, 200)):
        assertion = asserted(holder.assertion(iss="rsa", sub="rsa", aud=ISSUER))
        answer = await fapi.browser.http.post(TOKEN, data={"grant_type": "client_credentials", **assertion})
        assert answer.status_code == status, answer.text
