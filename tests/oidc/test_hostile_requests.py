"""What no client of good will sends is refused, never answered as a fault of ours (ASVS 1.2, 2.2)."""

import json
from typing import Any

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import PARK, Browser, bearer, csrf, jwt, person, returned


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


@pytest.mark.parametrize(
    "header",
    [
        {"alg": ["ES256"], "typ": "at+jwt", "kid": "k"},
        {"alg": {"a": 1}, "typ": "at+jwt", "kid": "k"},
        {"alg": "ES256", "typ": ["at+jwt"], "kid": "k"},
        {"alg": "ES256", "typ": "at+jwt", "kid": ["k"]},
        {"alg": "ES256", "typ": "at+jwt", "kid": "../../etc/passwd"},
        {"alg": "none", "typ": "at+jwt", "kid": "k"},
        {"alg": "HS256", "typ": "at+jwt", "kid": "k"},
        {"alg": None},
        [],
        "at+jwt",
        None,
    ],
)
async def test_a_token_with_a_strange_header_is_not_ours(ana: Browser, header: Any) -> None:
    token = jwt(header, {"sub": "somebody"}, b"s" * 64)
    assert (await ana.http.get("/oauth2/userinfo", headers=bearer(token))).status_code == 401
    assert returned(await ana.authorize(id_token_hint=token))["error"] == "invalid_request"


async def test_a_max_age_beyond_any_calendar(ana: Browser) -> None:
    assert "code" in returned(await ana.authorize(max_age="9" * 15))
    assert returned(await ana.authorize(max_age="9" * 16))["error"] == "invalid_request"


async def test_a_request_too_long_to_come_back_to(gateway: Gateway, browser: Browser) -> None:
    """Otherwise the person would end at the start page, and the system would wait for ever."""
    answer = await browser.authorize(state="\U0001f600" * 2000)
    assert returned(answer)["error"] == "invalid_request"
    shorter = await browser.authorize(state="s" * 2000)
    assert shorter.headers["location"].startswith("/signin?")


@pytest.mark.parametrize("entry", [{"actions": ["results:view", "a\u0000"]}, {"program": "caaspp\u0000"}])
async def test_authorization_details_hold_no_control_characters(ana: Browser, entry: dict[str, Any]) -> None:
    details = json.dumps([{"type": "assessment_access", **entry}])
    answer = returned(await ana.authorize(authorization_details=details))
    assert answer["error"] == "invalid_authorization_details"


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "punycode", "undefined", "utf-16", "idna"])
async def test_a_form_is_utf_8(ana: Browser, charset: str) -> None:
    page = await ana.http.get("/signin", params={"next": "/account"})
    fields = {"csrf": csrf(page), "email": "\\ud800@example.org", "password": "\\ud800"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    body = "".join([*parts, "--b--\r\n"]).encode()
    for path in ("/signin", "/oauth2/authorize"):
        headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        assert (await ana.http.post(path, content=body, headers=headers)).status_code == 415
    headers = {"Content-Type": "multipart/form-data; boundary=b; charset=utf-8"}
    assert (await ana.http.post("/signin", content=body, headers=headers)).status_code == 401
