"""Whatever arrives at an endpoint of the provider or of the sign-in, the answer is never a fault of ours (ASVS 2.2)."""

import base64
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from gateway.oidc.answers import FORM
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import CALLBACK, ISSUER, PARK, SECRET, VERIFIER, Browser, csrf, http_of, person

ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "\x00", "%00", "\u202e", "\U0001f600" * 30, "a" * 9000, "null", "-1", "9" * 30, "[]", "{}"]),
    st.sampled_from(
        ['[{"type":"assessment_access"}]', '[{"type":"assessment_access","actions":["\\ud800"]}]', "[" * 3000]
    ),
    st.sampled_from(["none", "login", "S256", "code", "openid", "offline_access", CALLBACK, ISSUER, "reporting"]),
    st.sampled_from(["a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "..", "authorization_code", "refresh_token"]),
)
NAMES = st.sampled_from(
    [
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "response_mode"),
        *("code_challenge_method", "prompt", "max_age", "id_token_hint", "login_hint", "resource", "signed_in_after"),
        *("authorization_details", "acr_values", "request", "request_uri", "claims", "display", "ui_locales", "next"),
        *("grant_type", "code", "code_verifier", "refresh_token", "client_secret", "client_assertion", "email"),
        *("password", "again", "token", "role", "", "csrf", "access_token"),
    ]
)
PAIRS = st.lists(st.tuples(NAMES, ODD), max_size=6)
HEADER = st.one_of(
    st.none(),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60),
    st.sampled_from(
        ["Bearer a.b.c", "Bearer ", "Basic ", "Basic OmE=", "Basic cmVwb3J0aW5nOg==", "Basic %%%", "Basic AA=="]
    ),
)
Pairs = list[tuple[str, str]]
READ = (
    *("/oauth2/userinfo", "/oauth2/claims/assessment", "/oauth2/jwks", "/.well-known/openid-configuration"),
    *("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"),
)
PAGES = ("/signin", "/signin/invitation", "/signin/role", "/signin/out")
KIND = st.sampled_from(
    [FORM, f"{FORM}; charset=utf-7", "multipart/form-data", "multipart/form-data; boundary=b", "x", ""]
)
GRANTS = ("authorization_code", "refresh_token", "client_credentials", "")
TRIED = settings(
    max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


@TRIED
@given(pairs=PAIRS, good=st.booleans(), signed_in=st.booleans(), method=st.sampled_from(["GET", "POST", "HEAD"]))
async def test_authorize(app: Starlette, ana: Browser, pairs: Pairs, good: bool, signed_in: bool, method: str) -> None:
    """And it never redirects to where nobody is registered."""
    sent = [*(pair for pair in ana.request().items() if good and pair[0] not in dict(pairs)), *pairs]
    async with http_of(app) as http:
        if signed_in:
            http.cookies.update(ana.http.cookies)
        answer = await send(http, method, "/oauth2/authorize", sent)
    assert answer.status_code < 500, answer.text
    location = answer.headers.get("location", "")
    assert not location or location.startswith((f"{CALLBACK}?", "/signin?", "/oauth2/authorize?")), location


@TRIED
@given(pairs=PAIRS, grant=st.sampled_from(GRANTS), header=HEADER)
async def test_token(ana: Browser, pairs: Pairs, grant: str, header: str | None) -> None:
    usual = {"grant_type": grant, "code": "c", "refresh_token": "r", "code_verifier": VERIFIER}
    sent = [*(pair for pair in usual.items() if pair[0] not in dict(pairs)), *pairs]
    proof = header or "Basic " + base64.b64encode(f"reporting:{SECRET}".encode()).decode()
    answer = await send(ana.http, "POST", "/oauth2/token", sent, {"Authorization": proof})
    assert answer.status_code in (200, 400, 401), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert ("error" in answer.json()) == (answer.status_code != 200)


@TRIED
@given(pairs=PAIRS, header=HEADER, path=st.sampled_from(READ), origin=ODD)
async def test_what_programs_read(ana: Browser, pairs: Pairs, header: str | None, path: str, origin: str) -> None:
    printable = "".join(one for one in origin if " " <= one <= "~")[:60]
    headers = {"Origin": printable} | ({"Authorization": header} if header else {})
    answer = await send(ana.http, "GET", path, pairs, headers)
    assert answer.status_code in (200, 400, 401, 403), answer.text


@TRIED
@given(pairs=PAIRS, path=st.sampled_from(PAGES), method=st.sampled_from(["GET", "POST"]))
async def test_pages(app: Starlette, ana: Browser, pairs: Pairs, path: str, method: str) -> None:
    """Forms come from our pages; whoever gets through by its own token may still write anything into the fields."""
    async with http_of(app) as http:
        page = await http.get("/signin")
        sent = [("csrf", csrf(page)), *(pair for pair in pairs if pair[0] != "csrf")]
        answer = await send(http, method, path, sent)
    assert answer.status_code < 500, answer.text
    assert answer.headers.get("location", "/").startswith("/")
    assert not answer.headers.get("location", "/").startswith("//")


@TRIED
@given(
    body=st.binary(max_size=300), path=st.sampled_from([*PAGES, *READ, "/oauth2/token", "/oauth2/authorize"]), kind=KIND
)
async def test_bodies(ana: Browser, body: bytes, path: str, kind: str) -> None:
    answer = await ana.http.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code < 500, answer.text


async def send(
    http: httpx2.AsyncClient, method: str, path: str, pairs: Pairs, headers: dict[str, str] | None = None
) -> httpx2.Response:
    """The parameters in the body of a POST, else in the address; half characters, which no browser sends, replaced."""
    text = urlencode([(name, value.encode(errors="replace")) for name, value in pairs])
    sent = {name.encode(): value.encode("latin-1") for name, value in (headers or {}).items()}
    if method == "POST":
        return await http.post(path, content=text, headers={**sent, b"Content-Type": FORM.encode()})
    return await http.request(method, f"{path}?{text}" if text else path, headers=sent)
