"""DPoP (RFC 9449): tokens bound to a key, at the endpoints that give them and at those that take them."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey

from gateway.state import Gateway
from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc.keyholder import KeyHolder, asserted, keyed
from tests.oidc.world import (
    BROWSER,
    ISSUER,
    NOW,
    PARK,
    REPORTING,
    SECRET,
    VERIFIER,
    Browser,
    Clock,
    claims_of,
    jwt,
    person,
)

TOKEN, USERINFO, CLAIMS, GRAPHQL = "/oauth2/token", "/oauth2/userinfo", "/oauth2/claims/assessment", "/graphql"
FORM = {"grant_type": "client_credentials"}
GOOD = ("reporting", SECRET)


@pytest.fixture
def holder() -> KeyHolder:
    return KeyHolder(NOW)


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    """Signed in, at a client without a secret."""
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    browser.client = BROWSER
    return browser


async def system_token(browser: Browser, headers: dict[str, str], **form: str) -> httpx2.Response:
    return await browser.http.post(TOKEN, data={**FORM, **form}, auth=GOOD, headers=headers)


async def redeemed(ana: Browser, code: str, headers: dict[str, str]) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": ana.client.redirect_uris[0],
        "code_verifier": "v" * 64, "client_id": ana.client.client_id,
    }  # fmt: skip
    return await ana.http.post(TOKEN, data=form, headers=headers)


async def refreshed(ana: Browser, token: str, headers: dict[str, str]) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": ana.client.client_id}
    return await ana.http.post(TOKEN, data=form, headers=headers)


async def test_a_token_is_bound_to_the_key_that_was_shown(
    gateway: Gateway, browser: Browser, holder: KeyHolder
) -> None:
    answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN))
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    assert claims_of(answer.json()["access_token"])["cnf"] == {"jkt": holder.thumbprint}
    assert answer.headers["dpop-nonce"]
    plain = await system_token(browser, {})
    assert plain.json()["token_type"] == "Bearer"
    assert "cnf" not in claims_of(plain.json()["access_token"])


@pytest.mark.parametrize("nonce", [None, "", "guessed", 7])
@pytest.mark.checklist("25 without nonce")
async def test_a_proof_needs_a_nonce_of_ours(
    gateway: Gateway, browser: Browser, holder: KeyHolder, nonce: object
) -> None:
    """400 use_dpop_nonce with the nonce to use (section 8)."""
    answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN, nonce=nonce))
    assert (answer.status_code, answer.json()["error"]) == (400, "use_dpop_nonce")
    again = holder.proof(gateway, "POST", TOKEN, nonce=answer.headers["dpop-nonce"])
    assert (await system_token(browser, again)).status_code == 200


@pytest.mark.checklist("25 without nonce")
async def test_a_nonce_lives_for_ten_minutes_at_most(
    gateway: Gateway, browser: Browser, holder: KeyHolder, clock: Clock
) -> None:
    nonce = (await system_token(browser, holder.proof(gateway, "POST", TOKEN, nonce="x"))).headers["dpop-nonce"]
    for minutes, status in ((5, 200), (5, 400)):
        clock.forward(minutes=minutes)
        holder.now = clock.now
        answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN, nonce=nonce))
        assert answer.status_code == status


BAD: list[Any] = [
    pytest.param({}, {"htm": "GET"}, id="another method"),
    pytest.param({}, {"htm": "post"}, id="the method in small letters"),
    pytest.param({}, {"htm": None}, id="no method"),
    pytest.param({}, {"htu": f"{ISSUER}/oauth2/par"}, id="another address"),
    pytest.param({}, {"htu": "https://evil.example/oauth2/token"}, id="another host"),
    pytest.param({}, {"htu": "http://a@localhost:8000/oauth2/token"}, id="a user name in the address"),
    pytest.param({}, {"htu": f"{ISSUER}/oauth2/token/../token"}, id="the address by a detour"),
    pytest.param({}, {"htu": "http://[/oauth2/token"}, id="no address"),
    pytest.param({}, {"htu": None}, id="none"),
    pytest.param({}, {"iat": NOW.timestamp() - 61}, id="a minute old"),
    pytest.param({}, {"iat": NOW.timestamp() + 31}, id="half a minute early"),
    pytest.param({}, {"iat": "now"}, id="iat is a text"),
    pytest.param({}, {"iat": None}, id="no iat"),
    pytest.param({}, {"jti": None}, id="no jti"),
    pytest.param({}, {"jti": "x" * 257}, id="a long jti"),
    pytest.param({"typ": "JWT"}, {}, id="another typ"),
    pytest.param({"typ": None}, {}, id="no typ"),
    pytest.param({"jwk": None}, {}, id="no key"),
    pytest.param({"jwk": {"kty": "oct", "k": "AAAA"}}, {}, id="a shared secret"),
    pytest.param({"jwk": ECKey.generate_key("P-256").as_dict(private=True)}, {}, id="a private key"),
    pytest.param({"jwk": ECKey.generate_key("P-256").as_dict(private=False)}, {}, id="a key that did not sign"),
    pytest.param({"jwk": ECKey.generate_key("P-384").as_dict(private=False)}, {}, id="another curve"),
    pytest.param({"jku": "https://evil.example/jwks"}, {}, id="jku"),
    pytest.param({"x5u": "https://evil.example/cert"}, {}, id="x5u"),
]


@pytest.mark.parametrize(("header", "claims"), BAD)
@pytest.mark.checklist("18 proofs of possession", "25 method, address, time")
@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests")
async def test_dpop_negative_tests_at_the_token_endpoint(
    gateway: Gateway, browser: Browser, holder: KeyHolder, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """fapi2-security-profile-final-dpop-negative-tests: 400 invalid_dpop_proof."""
    answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN, header, **claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.checklist("18 proofs of possession", 25)
async def test_proofs_that_are_not_signed(gateway: Gateway, browser: Browser, holder: KeyHolder) -> None:
    good = holder.proof(gateway, "POST", TOKEN)["DPoP"]
    secret = KeyHolder(NOW, "HS256")
    secret.key = OctKey.import_key(json.dumps(holder.public))  # pyright: ignore[reportAttributeAccessIssue]
    header = {"typ": "dpop+jwt", "jwk": holder.key.as_dict(private=False)}
    for text in (
        jwt({**header, "alg": "none"}, claims_of(good)),
        jwt({**header, "alg": "ES256"}, claims_of(good)),
        jwt({**header, "alg": "ES256", "jwk": "k-1"}, claims_of(good), b"\x00" * 64),
        jwt({**header, "alg": "RS256"}, claims_of(good), b"\x00" * 256),
        secret.proof(gateway, "POST", TOKEN, {"jwk": holder.key.as_dict(private=False)})["DPoP"],
        "not a proof",
        "",
    ):
        answer = await system_token(browser, {"DPoP": text})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), text
    two = [("DPoP", good), ("DPoP", good)]
    answer = await browser.http.post(TOKEN, data=FORM, auth=GOOD, headers=two)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


async def test_addresses_that_are_the_same(gateway: Gateway, browser: Browser, holder: KeyHolder) -> None:
    """Query and fragment don't count, nor how the host is spelled (section 4.3)."""
    for uri in ("http://LOCALHOST:8000/oauth2/token", f"{ISSUER}/oauth2/token?a=b", f"{ISSUER}/oauth2/token#c"):
        assert (await system_token(browser, holder.proof(gateway, "POST", TOKEN, htu=uri))).status_code == 200


@pytest.mark.checklist("25 used before")
async def test_a_proof_is_good_once_also_in_parallel(gateway: Gateway, browser: Browser, holder: KeyHolder) -> None:
    proof = holder.proof(gateway, "POST", TOKEN)
    answers = await asyncio.gather(*(system_token(browser, proof) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {one.json()["error"] for one in answers if one.status_code == 400} == {"invalid_dpop_proof"}


@pytest.mark.checklist("25 no proof")
async def test_ensure_holder_of_key_required(
    gateway: Gateway, connection: Connection, browser: Browser, holder: KeyHolder
) -> None:
    """fapi2-security-profile-final-ensure-holder-of-key-required: 400 invalid_dpop_proof without a proof."""
    await insert_relying_party(connection, keyed(holder, dpop_bound=True))
    form = {**FORM, **asserted(holder.assertion())}
    answer = await browser.http.post(TOKEN, data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    form, proof = {**FORM, **asserted(holder.assertion())}, holder.proof(gateway, "POST", TOKEN)
    assert (await browser.http.post(TOKEN, data=form, headers=proof)).json()["token_type"] == "DPoP"
    form = {**FORM, **asserted(holder.assertion())}
    answer = await browser.http.post(TOKEN, data=form, headers=proof)
    assert answer.json()["error"] == "invalid_dpop_proof"


@pytest.mark.checklist("25 token or key")
async def test_ensure_mismatched_dpop_jkt_fails(gateway: Gateway, ana: Browser, holder: KeyHolder) -> None:
    """fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails: the code goes to the named key alone."""
    code = await ana.code(dpop_jkt=holder.thumbprint)
    answer = await redeemed(ana, code, {})
    assert answer.json()["error"] == "invalid_dpop_proof"
    answer = await redeemed(ana, code, KeyHolder(NOW).proof(gateway, "POST", TOKEN))
    assert answer.json()["error"] == "invalid_grant"
    answer = await redeemed(ana, code, holder.proof(gateway, "POST", TOKEN))
    assert answer.json()["token_type"] == "DPoP"


@pytest.mark.parametrize("thumbprint", ["x", "x" * 44, "!" * 43])
async def test_dpop_jkt_is_a_thumbprint(ana: Browser, thumbprint: str) -> None:
    answer = await ana.authorize(dpop_jkt=thumbprint)
    assert "error=invalid_dpop_proof" in answer.headers["location"]


@pytest.mark.checklist("25 token or key")
async def test_a_public_clients_refresh_token_is_bound_to_its_key(
    gateway: Gateway, ana: Browser, holder: KeyHolder
) -> None:
    """Section 5. Neither bearer nor another key refreshes it, and neither attempt ends it."""
    code = await ana.code()
    first = (await redeemed(ana, code, holder.proof(gateway, "POST", TOKEN))).json()
    assert (await refreshed(ana, first["refresh_token"], {})).json()["error"] == "invalid_dpop_proof"
    stranger = KeyHolder(NOW).proof(gateway, "POST", TOKEN)
    assert (await refreshed(ana, first["refresh_token"], stranger)).json()["error"] == "invalid_grant"
    second = await refreshed(ana, first["refresh_token"], holder.proof(gateway, "POST", TOKEN))
    assert claims_of(second.json()["access_token"])["cnf"] == {"jkt": holder.thumbprint}


async def test_a_confidential_client_may_change_its_key_and_stays_bound(
    gateway: Gateway, ana: Browser, holder: KeyHolder
) -> None:
    ana.client = REPORTING
    code = await ana.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REPORTING.redirect_uris[0]}
    proof = holder.proof(gateway, "POST", TOKEN)
    answer = await ana.http.post(TOKEN, data={**form, "code_verifier": VERIFIER}, auth=GOOD, headers=proof)
    form = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    assert (await ana.http.post(TOKEN, data=form, auth=GOOD)).json()["error"] == "invalid_dpop_proof"
    new = KeyHolder(NOW)
    answer = await ana.http.post(TOKEN, data=form, auth=GOOD, headers=new.proof(gateway, "POST", TOKEN))
    assert claims_of(answer.json()["access_token"])["cnf"] == {"jkt": new.thumbprint}


@pytest.fixture
async def token(gateway: Gateway, ana: Browser, holder: KeyHolder) -> str:
    code = await ana.code(scope="openid assessment offline_access")
    answer = await redeemed(ana, code, holder.proof(gateway, "POST", TOKEN))
    ana.http.cookies.clear()
    return answer.json()["access_token"]


def dpop(token: str, proof: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"DPoP {token}", **proof}


@pytest.mark.parametrize("path", [USERINFO, CLAIMS])
@pytest.mark.checklist(
    "25 method, address, time", "25 token or key", "25 used before", "25 without nonce", "25 no proof"
)
@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests")
async def test_a_bound_token_at_the_providers_own_endpoints(
    gateway: Gateway, ana: Browser, holder: KeyHolder, token: str, path: str
) -> None:
    proof = holder.proof(gateway, "GET", path, token=token)
    assert (await ana.http.get(path, headers=dpop(token, proof))).status_code == 200
    refused(await ana.http.get(path, headers=dpop(token, proof)), "invalid_dpop_proof")
    refused(await ana.http.get(path, headers={"Authorization": f"Bearer {token}"}), "invalid_token")
    refused(await ana.http.get(path, headers=dpop(token, {})), "invalid_dpop_proof")
    stranger = KeyHolder(NOW).proof(gateway, "GET", path, token=token)
    refused(await ana.http.get(path, headers=dpop(token, stranger)), "invalid_token")
    changed: tuple[dict[str, Any], ...] = (
        {"token": None}, {"token": "another"}, {"htm": "POST"}, {"htu": ISSUER + "/graphql"},
    )  # fmt: skip
    for changes in changed:
        bad = holder.proof(gateway, "GET", path, None, **{"token": token, **changes})
        refused(await ana.http.get(path, headers=dpop(token, bad)), "invalid_dpop_proof")
    answer = await ana.http.get(path, headers=dpop(token, holder.proof(gateway, "GET", path, token=token, nonce=None)))
    refused(answer, "use_dpop_nonce")
    proof = holder.proof(gateway, "GET", path, token=token, nonce=answer.headers["dpop-nonce"])
    assert (await ana.http.get(path, headers=dpop(token, proof))).status_code == 200


def refused(answer: httpx2.Response, error: str) -> None:
    """401 with a challenge of the scheme DPoP (section 7.1), and the same error in the body."""
    assert answer.json()["error"] == error
    challenge = answer.headers["www-authenticate"]
    assert (answer.status_code, f'error="{error}"' in challenge) == (401, True), (answer.status_code, challenge)
    assert challenge.startswith("DPoP ")
    assert "ES256" in challenge


@pytest.mark.checklist(25)
async def test_a_bearer_token_is_none_of_the_scheme_dpop(gateway: Gateway, ana: Browser, holder: KeyHolder) -> None:
    code = await ana.code()
    token = (await redeemed(ana, code, {})).json()["access_token"]
    proof = holder.proof(gateway, "GET", USERINFO, token=token)
    refused(await ana.http.get(USERINFO, headers=dpop(token, proof)), "invalid_token")


@pytest.mark.checklist(25)
async def test_graphql_asks_for_a_proof_each_time(gateway: Gateway, browser: Browser, holder: KeyHolder) -> None:
    """Also of a caller that this process remembers."""
    scope = {"scope": "directory.read"}
    answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN), **scope)
    token, query = answer.json()["access_token"], {"query": "{ __typename }"}

    async def ask(headers: dict[str, str]) -> httpx2.Response:
        return await browser.http.post(GRAPHQL, json=query, headers=headers)

    for _ in range(2):
        proof = holder.proof(gateway, "POST", GRAPHQL, token=token)
        assert (await ask(dpop(token, proof))).json()["data"] == {"__typename": "Query"}
        assert (await ask(dpop(token, proof))).status_code == 401
        assert (await ask(dpop(token, {}))).status_code == 401
        assert (await ask({"Authorization": f"Bearer {token}"})).status_code == 401
    again = await ask(dpop(token, holder.proof(gateway, "POST", GRAPHQL, token=token, nonce="x")))
    assert again.headers["dpop-nonce"]


@pytest.mark.checklist(25)
async def test_decisions_ask_for_a_proof_each_time(gateway: Gateway, browser: Browser, holder: KeyHolder) -> None:
    path = "/access/v1/evaluation"
    answer = await system_token(browser, holder.proof(gateway, "POST", TOKEN), scope="directory.read")
    token = answer.json()["access_token"]
    question = {
        "subject": {"type": "client", "id": "reporting"},
        "action": {"name": "open"},
        "resource": {"type": "system", "id": "cers"},
    }
    statuses: list[int] = []
    for _ in range(3):
        proof = holder.proof(gateway, "POST", path, token=token)
        tried = (dpop(token, proof), dpop(token, proof), dpop(token, {}))
        statuses += [(await browser.http.post(path, json=question, headers=one)).status_code for one in tried]
    assert statuses == [statuses[0], 401, 401] * 3
    assert statuses[0] != 401
