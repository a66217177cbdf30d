"""Pushed authorization requests (RFC 9126): checked as they are pushed, bound to their client, used for one code."""

import asyncio
import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc.keyholder import KEYED_CALLBACK, KeyHolder, asserted, keyed
from tests.oidc.world import BROWSER, CHALLENGE, ISSUER, NOW, PARK, SECRET, Browser, Clock, person, returned
from tests.openapi.judge import documented

PAR = "/oauth2/par"
PREFIX = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    return browser


async def push(browser: Browser, **changes: str | None) -> httpx2.Response:
    answer = await browser.http.post(PAR, data=browser.request(**changes), auth=("reporting", SECRET))
    assert documented(answer, PAR)
    return answer


async def pushed(browser: Browser, **changes: str | None) -> str:
    answer = await push(browser, **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["request_uri"]


async def authorize(browser: Browser, uri: str, **more: str) -> httpx2.Response:
    asked = {"client_id": "reporting", "request_uri": uri, **more}
    return await browser.http.get("/oauth2/authorize", params=asked)


async def test_a_code_for_what_was_pushed(ana: Browser) -> None:
    """What stands beside the reference isn't looked at (section 4)."""
    await ana.sign_in("ana")
    answer = await push(ana)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 90)
    uri = answer.json()["request_uri"]
    assert uri.startswith(PREFIX)
    assert answer.headers["cache-control"] == "no-store"
    got = returned(await authorize(ana, uri, state="other", scope="openid email", redirect_uri="https://evil.example/"))
    assert (got["state"], got["iss"]) == ("s-1", ISSUER)
    tokens = (await ana.redeem(got["code"])).json()
    assert tokens["scope"] == "openid assessment offline_access"


@pytest.mark.checklist("24 twice")
async def test_par_attempt_reuse_request_uri(ana: Browser) -> None:
    """fapi2-security-profile-final-par-attempt-reuse-request_uri: a page without any redirect."""
    await ana.sign_in("ana")
    uri = await pushed(ana)
    assert "code" in returned(await authorize(ana, uri))
    unreturnable(await authorize(ana, uri))


@pytest.mark.checklist("24 twice")
async def test_of_parallel_completions_one_gets_a_code(ana: Browser) -> None:
    await ana.sign_in("ana")
    uri = await pushed(ana)
    answers = await asyncio.gather(*(authorize(ana, uri) for _ in range(6)))
    assert sum("code=" in one.headers.get("location", "") for one in answers) == 1


@pytest.mark.checklist("24 too late")
async def test_par_attempt_to_use_expired_request_uri(ana: Browser, clock: Clock) -> None:
    await ana.sign_in("ana")
    uri = await pushed(ana)
    clock.forward(seconds=90)
    unreturnable(await authorize(ana, uri))


@pytest.mark.checklist("24 another client")
async def test_par_attempt_to_use_request_uri_for_different_client(ana: Browser) -> None:
    await ana.sign_in("ana")
    uri = await pushed(ana)
    for other in ("scoring", "browser", "nobody", ""):
        unreturnable(await authorize(ana, uri, client_id=other))
    unreturnable(await authorize(ana, PREFIX + "x" * 43))
    assert "code" in returned(await authorize(ana, uri))


@pytest.mark.checklist(24)
async def test_it_survives_the_way_through_the_sign_in_page(ana: Browser, clock: Clock) -> None:
    """Opened in time; the person may take an hour, and the request is still used for one code."""
    uri = await pushed(ana, prompt="login", login_hint="ana@example.org")
    to_sign_in = await authorize(ana, uri)
    asked = parse_qs(urlsplit(to_sign_in.headers["location"]).query)
    assert asked["login_hint"] == ["ana@example.org"]
    clock.forward(minutes=20)
    back = await ana.sign_in("ana", onward=asked["next"][0])
    onward = back.headers["location"]
    assert onward.startswith("/oauth2/authorize?")
    assert "code" in returned(await ana.http.get(onward))
    unreturnable(await ana.http.get(onward))


@pytest.mark.checklist(24)
async def test_it_ends_with_the_time_to_answer(ana: Browser, clock: Clock) -> None:
    uri = await pushed(ana)
    assert (await authorize(ana, uri)).headers["location"].startswith("/signin?")
    clock.forward(minutes=62)
    await ana.sign_in("ana")
    unreturnable(await authorize(ana, uri))


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def unreturnable(answer: httpx2.Response) -> None:
    assert (answer.status_code, "location" in answer.headers) == (400, False), answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"request_uri": PREFIX + "x"}, "invalid_request", id="par-pushed-request_uri-fails"),
        pytest.param({"request": "a.b.c"}, "request_not_supported", id="a request object"),
        pytest.param({"redirect_uri": "https://evil.example/"}, "invalid_request", id="unregistered redirect_uri"),
        pytest.param({"redirect_uri": f"{KEYED_CALLBACK}?a=b"}, "invalid_request", id="redirect_uri with a query"),
        pytest.param({"redirect_uri": None}, "invalid_request", id="ensure-redirect-uri-in-authorization-request"),
        pytest.param({"code_challenge": None}, "invalid_request", id="par-ensure-pkce-required"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="par-plain-pkce-rejected"),
        pytest.param({"code_challenge_method": None}, "invalid_request", id="a challenge without method"),
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="ensure-response-type-token-fails"),
        pytest.param({"response_type": "code id_token"}, "unsupported_response_type", id="code-idtoken-fails"),
        pytest.param({"response_type": None}, "invalid_request", id="ensure-request-without-response-type"),
        pytest.param({"scope": "admin"}, "invalid_scope", id="unknown scope"),
        pytest.param({"resource": "https://thss.example/"}, "invalid_target", id="another client's resource"),
        pytest.param({"client_id": "scoring"}, "invalid_request", id="two clients"),
        pytest.param({"dpop_jkt": "short"}, "invalid_dpop_proof", id="no thumbprint"),
    ],
)
@pytest.mark.checklist(
    "1 a page", "9 no challenge", "9 plain", "11 implicit and hybrid", "22 pushed", "24 with a request_uri"
)
async def test_refused(ana: Browser, changes: dict[str, Any], error: str) -> None:
    """400 as JSON, by the same checks as at the authorize endpoint (section 2.1)."""
    answer = await push(ana, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.checklist("15 pushed requests", "24 GET", "26 in the address")
async def test_who_may_push(ana: Browser) -> None:
    """Without the registered proof 401 invalid_client; GET 405; anything in the address 400."""
    form = ana.request()
    wrong: tuple[dict[str, str], ...] = ({}, basic("reporting", "wrong"), basic("reporting", ""))
    for headers in wrong:
        answer = await ana.http.post(PAR, data=form, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await ana.http.get(PAR, params=form)).status_code == 405
    answer = await ana.http.post(PAR, data=form, params={"client_secret": SECRET})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_public_client_pushes_by_its_name(ana: Browser) -> None:
    ana.client = BROWSER
    answer = await ana.http.post(PAR, data=ana.request())
    assert answer.status_code == 201


@pytest.mark.checklist(24)
async def test_a_client_that_must_push(gateway: Gateway, connection: Connection, ana: Browser, clock: Clock) -> None:
    """fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails: invalid_request."""
    holder = KeyHolder(NOW)
    client = keyed(holder, require_par=True, dpop_bound=True)
    await insert_relying_party(connection, client)
    await ana.sign_in("ana")
    ana.client = client
    assert returned(await ana.authorize())["error"] == "invalid_request"
    proof = holder.proof(gateway, "POST", PAR)
    form = {**ana.request(code_challenge=CHALLENGE), **asserted(holder.assertion())}
    answer = await ana.http.post(PAR, data=form, headers=proof)
    assert answer.status_code == 201, answer.text
    answer = await ana.http.get(
        "/oauth2/authorize", params={"client_id": "keyed", "request_uri": answer.json()["request_uri"]}
    )
    code = returned(answer)["code"]
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": KEYED_CALLBACK, "code_verifier": "v" * 64,
        **asserted(holder.assertion()),
    }  # fmt: skip
    stranger = KeyHolder(NOW).proof(gateway, "POST", "/oauth2/token")
    refused = await ana.http.post("/oauth2/token", data=form, headers=stranger)
    assert refused.json()["error"] == "invalid_grant"
    form.update(asserted(holder.assertion()))
    tokens = await ana.http.post("/oauth2/token", data=form, headers=holder.proof(gateway, "POST", "/oauth2/token"))
    assert tokens.json()["token_type"] == "DPoP"


async def test_the_key_of_a_pushed_request_is_the_one_it_names(gateway: Gateway, ana: Browser) -> None:
    """RFC 9449 section 10.1; and a proof that was used before pushes nothing."""
    holder = KeyHolder(NOW)
    form = ana.request(dpop_jkt="x" * 43)
    proof = holder.proof(gateway, "POST", PAR)
    answer = await ana.http.post(PAR, data=form, auth=("reporting", SECRET), headers=proof)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    form["dpop_jkt"] = holder.thumbprint
    statuses = [
        (await ana.http.post(PAR, data=form, auth=("reporting", SECRET), headers=proof)).status_code for _ in range(2)
    ]
    assert statuses == [201, 400]


@pytest.mark.checklist(23)
@pytest.mark.parametrize("uri", ["https://evil.example/request", "http://127.0.0.1:1/", "urn:other:x", "file:///x"])
async def test_no_address_is_ever_fetched(ana: Browser, uri: str) -> None:
    """RFC 9101 section 10.4: request_uri_not_supported, and nobody is asked."""
    answer = await ana.authorize(request_uri=uri)
    assert returned(answer)["error"] == "request_uri_not_supported"


async def test_nothing_secret_is_kept(ana: Browser, connection: Connection) -> None:
    await pushed(ana, login_hint="ana@example.org")
    (kept,) = await connection.fetch("select parameters from pushed_requests")
    assert not {"client_secret", "client_assertion"} & kept["parameters"].keys()
    await ana.sign_in("ana")
    assert "code" in returned(await authorize(ana, await pushed(ana)))
    rows = await connection.fetch("select parameters from pushed_requests where used_at is not null")
    assert [row["parameters"] for row in rows] == [{}]
