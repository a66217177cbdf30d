"""RP-initiated logout: who is signed out at once, who is asked, and where it leads (RP-Initiated Logout 1.0).

The modules `oidcc-rp-initiated-logout*` of the OpenID Foundation's plan are named in the tests that hold them.
"""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import (
    PARK,
    REPORTING,
    SCORING,
    Browser,
    Clock,
    bearer,
    claims_of,
    csrf,
    http_of,
    jwt,
    person,
)

PATH = "/oauth2/logout"
BACK = "https://reports.example/signed-out"
BACK_WITH_QUERY = "https://reports.example/bye?from=hallpass"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await connection.execute(
        "update relying_parties set post_logout_redirect_uris = $1 where client_id = 'reporting'",
        [BACK, BACK_WITH_QUERY],
    )
    await person(connection, "ana", ("site-coordinator", PARK))
    await person(connection, "bo", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def signed_in(browser: Browser, tokens: dict[str, Any]) -> bool:
    """Whether session and tokens live, which they do and end together."""
    silent = parse_qs(urlsplit((await browser.authorize(prompt="none")).headers["location"]).query)
    userinfo = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    alive = "code" in silent
    assert alive == (userinfo.status_code == 200)
    return alive


def no_redirect(page: httpx2.Response) -> None:
    assert "location" not in page.headers
    assert "https://evil.example" not in page.text
    assert "http-equiv" not in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.checklist("31 the state")
@pytest.mark.conformance("oidcc-rp-initiated-logout")
async def test_with_a_good_hint_it_signs_out_and_leads_back(ana: Browser, method: str) -> None:
    """oidcc-rp-initiated-logout: 303 to the registered address with the state as it was sent."""
    tokens = await ana.tokens()
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "s&=ü 1"}
    if method == "GET":
        answer = await ana.http.get(PATH, params=asked)
    else:
        moved = await ana.http.post(PATH, data=asked)
        assert moved.status_code == 303, (
            "the browser sends a form of another site without our cookie, a redirect with it"
        )
        answer = await ana.http.get(moved.headers["location"])
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target._replace(query="").geturl() == BACK
    assert parse_qs(target.query) == {"state": ["s&=ü 1"]}
    assert 'hallpass-session=""' in answer.headers["set-cookie"]
    assert not await signed_in(ana, tokens)
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.checklist(31)
@pytest.mark.conformance("oidcc-rp-initiated-logout-no-state")
async def test_without_a_state_none_is_added(ana: Browser) -> None:
    """oidcc-rp-initiated-logout-no-state."""
    asked = {"id_token_hint": (await ana.tokens())["id_token"], "post_logout_redirect_uri": BACK}
    assert (await ana.http.get(PATH, params=asked)).headers["location"] == BACK


async def test_the_registered_query_stays(ana: Browser) -> None:
    asked = {
        "id_token_hint": (await ana.tokens())["id_token"], "post_logout_redirect_uri": BACK_WITH_QUERY, "state": "1"
    }  # fmt: skip
    assert (await ana.http.get(PATH, params=asked)).headers["location"] == BACK_WITH_QUERY + "&state=1"


@pytest.mark.checklist(31)
@pytest.mark.conformance("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
async def test_without_an_address_it_ends_on_our_page(ana: Browser) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri."""
    tokens = await ana.tokens()
    page = await ana.http.get(PATH, params={"id_token_hint": tokens["id_token"], "state": "s"})
    assert page.status_code == 200
    assert "You are signed out" in page.text
    no_redirect(page)
    assert not await signed_in(ana, tokens)


@pytest.mark.checklist(31)
async def test_an_expired_hint_is_good(ana: Browser, clock: Clock) -> None:
    """Section 2: the OP should accept ID tokens whose time is over."""
    tokens = await ana.tokens()
    clock.forward(minutes=50)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK}
    assert (await ana.http.get(PATH, params=asked)).headers["location"] == BACK


def hostile(tokens: dict[str, Any]) -> dict[str, str]:
    """ID tokens that aren't this server's."""
    header, claims, signature = tokens["id_token"].split(".")
    told = claims_of(tokens["id_token"])
    return {
        "no token": "not.a.token",
        "modified": ".".join((header, claims, signature[:-4] + "AAAA")),
        "unsigned": f"{header}.{claims}.",
        "alg none": jwt({"alg": "none", "typ": "JWT"}, told),
        "HS256": jwt({"alg": "HS256", "typ": "JWT", "kid": "x"}, told, b"x" * 32),
        "own key": jwt({"alg": "ES256", "typ": "JWT", "jwk": {"kty": "EC"}}, told, b"x" * 64),
        "access token": tokens["access_token"],
    }


@pytest.mark.parametrize("kind", ["no token", "modified", "unsigned", "alg none", "HS256", "own key", "access token"])
@pytest.mark.checklist("18 hints", "19 in the place of an ID token", "31 a hint")
@pytest.mark.conformance(
    "oidcc-rp-initiated-logout-bad-id-token-hint", "oidcc-rp-initiated-logout-modified-id-token-hint"
)
async def test_a_bad_hint_ends_nothing_and_leads_nowhere(ana: Browser, kind: str) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint, oidcc-rp-initiated-logout-modified-id-token-hint."""
    tokens = await ana.tokens()
    asked = {"id_token_hint": hostile(tokens)[kind], "post_logout_redirect_uri": BACK, "state": "s"}
    page = await ana.http.get(PATH, params=asked)
    assert page.status_code == 400
    assert "is not an ID token of this server" in page.text
    no_redirect(page)
    assert await signed_in(ana, tokens)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", BACK + "/", BACK + "?extra=1", BACK + "#x", BACK.upper(), BACK.replace("https", "http"),
     "https://reports.example:444/signed-out", "https://reports.example@evil.example/signed-out",
     "https://reports.example/../signed-out", "javascript:alert(1)", "//evil.example", BACK_WITH_QUERY + "&x=1",
     "https://reports.example/callback"],
)  # fmt: skip
@pytest.mark.checklist("31 an address")
@pytest.mark.conformance(
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
)
async def test_an_address_that_is_not_registered_is_never_followed(ana: Browser, address: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, -query-added-to-post-logout-redirect-uri."""
    tokens = await ana.tokens()
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": address, "state": "s"}
    page = await ana.http.get(PATH, params=asked)
    assert page.status_code == 400
    assert "is not registered" in page.text
    no_redirect(page)
    assert await signed_in(ana, tokens)


@pytest.mark.checklist("31 without her yes")
@pytest.mark.conformance("oidcc-rp-initiated-logout-no-id-token-hint")
async def test_without_a_hint_the_person_is_asked(ana: Browser) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: with client_id and a registered address, after her yes."""
    tokens = await ana.tokens()
    asked = {"client_id": "reporting", "post_logout_redirect_uri": BACK, "state": "s-9"}
    page = await ana.http.get(PATH, params=asked)
    assert page.status_code == 200
    assert "CERS asks to sign you out here." in page.text
    no_redirect(page)
    assert "form-action 'self' https://reports.example;" in page.headers["content-security-policy"]
    assert await signed_in(ana, tokens)
    answer = await ana.http.post("/oauth2/logout/confirm", data=fields(page))
    assert (answer.status_code, answer.headers["location"]) == (303, BACK + "?state=s-9")
    assert not await signed_in(ana, tokens)


@pytest.mark.checklist(31)
@pytest.mark.parametrize("asked", [{}, {"state": "s"}, {"logout_hint": "ana@example.org", "ui_locales": "de fr"}])
@pytest.mark.conformance("oidcc-rp-initiated-logout-no-params", "oidcc-rp-initiated-logout-only-state")
async def test_without_anything_the_person_is_asked_and_stays_here(ana: Browser, asked: dict[str, str]) -> None:
    """oidcc-rp-initiated-logout-no-params, oidcc-rp-initiated-logout-only-state."""
    tokens = await ana.tokens()
    page = await ana.http.get(PATH, params=asked)
    assert page.status_code == 200
    assert await signed_in(ana, tokens)
    answer = await ana.http.post("/oauth2/logout/confirm", data=fields(page))
    assert answer.status_code == 200
    no_redirect(answer)
    assert not await signed_in(ana, tokens)


@pytest.mark.checklist(31)
async def test_an_address_without_a_client_leads_nowhere(ana: Browser) -> None:
    page = await ana.http.get(PATH, params={"post_logout_redirect_uri": BACK})
    assert page.status_code == 400
    no_redirect(page)


@pytest.mark.checklist("31 a hint", "31 an address")
async def test_another_clients_hint_or_name_leads_nowhere(ana: Browser, connection: Connection) -> None:
    tokens = await ana.tokens()
    for asked in (
        {"id_token_hint": tokens["id_token"], "client_id": SCORING.client_id, "post_logout_redirect_uri": BACK},
        {"client_id": SCORING.client_id, "post_logout_redirect_uri": BACK},
        {"client_id": "unknown", "post_logout_redirect_uri": BACK},
        {"client_id": "unknown"},
    ):
        page = await ana.http.get(PATH, params=asked)
        assert page.status_code == 400, asked
        no_redirect(page)
    await connection.execute("update relying_parties set active = false where client_id = 'reporting'")
    page = await ana.http.get(PATH, params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK})
    assert page.status_code == 400


async def test_repeated_parameters_lead_nowhere(ana: Browser) -> None:
    tokens = await ana.tokens()
    pairs = (("client_id", "reporting"), ("client_id", "reporting"), ("post_logout_redirect_uri", BACK))
    for answer in (
        await ana.http.get(PATH, params=pairs),
        await ana.http.post(PATH, data={"client_id": ["reporting", "reporting"], "post_logout_redirect_uri": BACK}),
        await ana.http.get(PATH, params={"client_id": "x" * 9000}),
        await ana.http.get(PATH, params={"client_id": "re\x00porting"}),
    ):
        assert answer.status_code == 400
        no_redirect(answer)
    assert await signed_in(ana, tokens)


@pytest.mark.checklist(31)
@pytest.mark.checklist(39)
async def test_the_confirmation_takes_our_own_form_alone(ana: Browser) -> None:
    tokens = await ana.tokens()
    form = fields(await ana.http.get(PATH))
    for sent, headers in (
        ({}, {}),
        ({"csrf": "x"}, {}),
        (form, {"Origin": "https://evil.example"}),
        (form, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = await ana.http.post("/oauth2/logout/confirm", data=sent, headers=headers)
        assert answer.status_code == 403
    assert await signed_in(ana, tokens)


@pytest.mark.checklist(31)
async def test_a_confirmed_request_is_judged_again(ana: Browser) -> None:
    """What stands in the page's form may have been changed: she is signed out, and led nowhere else."""
    form = fields(await ana.http.get(PATH, params={"client_id": "reporting", "post_logout_redirect_uri": BACK}))
    answer = await ana.http.post(
        "/oauth2/logout/confirm", data={**form, "post_logout_redirect_uri": "https://evil.example/"}
    )
    assert answer.status_code == 200
    no_redirect(answer)


async def test_a_hint_of_another_session_asks_the_person(ana: Browser, app: Any) -> None:
    """Also one of her own in another browser: whoever holds an old ID token ends no session of today."""
    async with http_of(app) as http:
        other = Browser(http)
        await other.sign_in("ana")
        elsewhere = await other.tokens()
        await other.sign_in("bo")
        bos = await other.tokens()
    tokens = await ana.tokens()
    for hint in (elsewhere, bos):
        asked = {"id_token_hint": hint["id_token"], "post_logout_redirect_uri": BACK}
        page = await ana.http.get(PATH, params=asked)
        assert page.status_code == 200
        assert "Sign out?" in page.text
        assert await signed_in(ana, tokens)


async def test_signed_out_before_it_leads_back_at_once(ana: Browser) -> None:
    tokens = await ana.tokens()
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "s"}
    for _ in range(2):
        assert (await ana.http.get(PATH, params=asked)).headers["location"] == BACK + "?state=s"
    without = await ana.http.get(PATH, params={"client_id": "reporting", "post_logout_redirect_uri": BACK})
    assert without.status_code == 200, "a client that proved nothing gets a link for the person"
    assert f'href="{BACK}"' in without.text


async def test_a_session_that_became_too_old_is_ended_with_what_came_from_it(ana: Browser, clock: Clock) -> None:
    """Its refresh tokens live longer than it does."""
    tokens = await ana.tokens()
    clock.forward(hours=13)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK}
    assert (await ana.http.get(PATH, params=asked)).headers["location"] == BACK
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.checklist("34 signing out")
async def test_the_page_can_be_framed_by_nobody(ana: Browser) -> None:
    page = await ana.http.get(PATH)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in page.headers
    assert REPORTING.label not in page.text


def fields(page: httpx2.Response) -> dict[str, str]:
    """The hidden fields of the page's form."""
    assert csrf(page)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
