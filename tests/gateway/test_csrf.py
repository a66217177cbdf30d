"""A form post counts only from our own page, with the token of the cookie that it was made for."""

import re

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from tests.gateway.conftest import ISSUER, client_of

SAME_ORIGIN = {"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"}


async def _token(client: httpx2.AsyncClient) -> str:
    """The page's token; both of its forms carry the same one."""
    tokens = set(re.findall(r'name="csrf" value="([0-9a-f]{64})"', (await client.get("/trial/form")).text))
    assert len(tokens) == 1
    return tokens.pop()


async def test_the_page_and_its_form_belong_together(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/trial/form", data={"csrf": await _token(client), "name": "Zoë"}, headers=SAME_ORIGIN)
    assert answer.json() == {"name": "Zoë"}


async def test_a_browser_without_fetch_metadata_passes_by_its_token(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/trial/form", data={"csrf": await _token(client), "name": "x"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "https://localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": ISSUER, "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.checklist("39 a form")
async def test_another_site_is_refused_even_with_the_token(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/trial/form", data={"csrf": await _token(client), "name": "x"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["", "0" * 64, "ü" * 64, None])
@pytest.mark.checklist("39 a form")
async def test_a_wrong_or_missing_token_is_refused(client: httpx2.AsyncClient, token: str | None) -> None:
    await _token(client)
    form = {"name": "x"} | ({"csrf": token} if token is not None else {})
    answer = await client.post("/trial/form", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 403


@pytest.mark.checklist("39 a form")
async def test_a_token_of_another_browser_is_refused(client: httpx2.AsyncClient, app: Starlette) -> None:
    async with client_of(app) as other:
        stolen = await _token(other)
    await _token(client)
    answer = await client.post("/trial/form", data={"csrf": stolen, "name": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403


async def test_without_the_cookie_nothing_passes(client: httpx2.AsyncClient) -> None:
    token = await _token(client)
    client.cookies.clear()
    answer = await client.post("/trial/form", data={"csrf": token, "name": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert "Allow cookies" in answer.json()["detail"]


@pytest.mark.checklist(38, 39)
async def test_a_form_from_before_the_sign_in_is_refused_after_it(client: httpx2.AsyncClient) -> None:
    token = await _token(client)
    client.cookies.set(Cookie.SESSION, "a-session")
    answer = await client.post("/trial/form", data={"csrf": token, "name": "x"}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert "earlier sign-in" in answer.json()["detail"]
    fresh = await client.post("/trial/form", data={"csrf": await _token(client), "name": "x"}, headers=SAME_ORIGIN)
    assert fresh.status_code == 200


@pytest.mark.checklist("40 other hosts, plain http")
async def test_the_cookie_on_loopback_and_on_https(client: httpx2.AsyncClient, https_app: Starlette) -> None:
    plain = (await client.get("/trial/form")).headers["set-cookie"]
    assert plain.startswith("hallpass-form=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    assert "Secure" not in plain
    async with client_of(https_app, "https://hallpass.example.gov") as secure:
        cookie = (await secure.get("/trial/form")).headers["set-cookie"]
    assert cookie.startswith("__Host-hallpass-form=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_a_page_without_a_form_sets_no_cookie(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"Accept": "text/html"})
    assert "set-cookie" not in answer.headers


async def test_pages_escape_what_they_show(client: httpx2.AsyncClient) -> None:
    assert "&lt;wrong&gt;" in (await client.get("/trial/form")).text
