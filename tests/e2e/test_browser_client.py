"""npm's oidc-client-ts in Chromium: a single-page application without a secret signs in, refreshes and signs out."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page

from store.database import open_connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.databases import run
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.state import State
from tests.oidc.world import CERS, CHALLENGE, PASSWORD
from tests.project import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow]

_NODE = ROOT / "tests" / "node"
_FILES = {
    "/": _NODE / "browser_client.html",
    "/callback": _NODE / "browser_client.html",
    "/browser_client.js": _NODE / "browser_client.js",
    "/oidc-client-ts.min.js": _NODE / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js",
}
_SCOPE = "openid profile email assessment offline_access"


class _Pages(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        return str(_FILES.get(path.partition("?")[0], Path("/nowhere")))

    def guess_type(self, path: Any) -> str:
        return "text/javascript" if str(path).endswith(".js") else "text/html"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing: a request's address may hold a code."""


@pytest.fixture(scope="module")
def application(state: State) -> Iterator[str]:
    """The address of the single-page application, registered as the client `page`."""
    server = ThreadingHTTPServer(("localhost", 0), functools.partial(_Pages))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://localhost:{server.server_port}"
    run(_register(state.url, url))
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


async def _register(database: str, url: str) -> None:
    client = RelyingParty(
        "page", "A page", (CERS,), "none",
        redirect_uris=(f"{url}/callback",),
        post_logout_redirect_uris=(f"{url}/",),
        grant_types=frozenset({"authorization_code", "refresh_token"}),
        scopes=frozenset(_SCOPE.split()),
        id_token_alg="ES256",
        first_party=True,
    )  # fmt: skip
    await _insert(database, client)


async def _insert(database: str, client: RelyingParty) -> None:
    connection = await open_connection(database)
    try:
        await insert_relying_party(connection, client)
    finally:
        await connection.close()


def _enter(page: Page, application: str, gateway: GatewayProcess, name: str) -> None:
    """From the application to the sign-in page and on."""
    page.goto(application)
    settings = {
        "authority": gateway.url,
        "client_id": "page",
        "redirect_uri": f"{application}/callback",
        "post_logout_redirect_uri": f"{application}/",
        "scope": _SCOPE,
        "loadUserInfo": True,
    }
    page.evaluate("settings => begin(settings)", settings)
    page.reload()
    page.evaluate("() => { manager.signinRedirect() }")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_sign_in_refresh_and_sign_out(page: Page, application: str, gateway: GatewayProcess, state: State) -> None:
    _enter(page, application, gateway, "ana")
    page.get_by_role("button", name="Allow").click()  # a program on somebody's own machine can't be verified
    page.wait_for_url(f"{application}/callback*")
    user = page.evaluate("() => entered")["user"]
    assert user["profile"]["sub"] == str(state.ana)
    assert {one["locations"][0] for one in user["profile"]["assessment_access"]} == {"https://cers.example/"}
    refreshed = page.evaluate(
        "() => manager.signinSilent().then(user => ({ access: user.access_token, refresh: user.refresh_token }))"
    )
    assert refreshed["access"] != user["access_token"]
    assert refreshed["refresh"] not in (None, user["refresh_token"])
    page.evaluate("() => { manager.signoutRedirect() }")
    page.wait_for_url(lambda url: url.startswith(f"{application}/") and "callback" not in url)
    page.goto(gateway.url)
    assert page.title().startswith("Welcome"), "the gateway's session is over as well"


def test_a_person_without_a_grant_stays_out(page: Page, application: str, gateway: GatewayProcess) -> None:
    _enter(page, application, gateway, "nobody")
    page.get_by_role("link", name="Go back to").click()
    page.wait_for_url(f"{application}/callback*")
    assert page.evaluate("() => entered")["error"] == "access_denied"


@pytest.fixture(scope="module")
def pushing(state: State) -> str:
    """A client that is let in without a question, and so at the end of the sign-in form's own redirects."""
    client = RelyingParty(
        "pushing", "A page that pushes", (CERS,), "none",
        redirect_uris=("https://pushing.example/callback",),
        grant_types=frozenset({"authorization_code"}),
        scopes=frozenset({"openid"}),
        first_party=True,
        require_par=True,
    )  # fmt: skip
    run(_insert(state.url, client))
    return client.client_id


def test_a_pushed_request_ends_at_its_client(page: Page, pushing: str, gateway: GatewayProcess) -> None:
    """The sign-in page's form-action lets the browser follow on to it, though its address names no redirect_uri."""
    asked = {
        "client_id": pushing, "response_type": "code", "scope": "openid", "state": "s-1",
        "redirect_uri": "https://pushing.example/callback",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    answer = httpx2.post(f"{gateway.url}/oauth2/par", data=asked)
    assert answer.status_code == 201, answer.text
    way = httpx2.URL(f"{gateway.url}/oauth2/authorize").copy_merge_params(
        {"client_id": pushing, "request_uri": answer.json()["request_uri"]}
    )
    page.goto(str(way))
    page.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_request(lambda one: one.url.startswith("https://pushing.example/callback?code=")):
        page.get_by_role("button", name="Sign in", exact=True).click()
