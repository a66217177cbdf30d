"""Redirect URIs: exact comparison (RFC 9700 2.1), never a redirect to another one (RFC 6749 4.1.2.1)."""

from urllib.parse import urlencode

import pytest

from gateway.state import Gateway
from policy.redirects import address_fault, is_registered, origin_of
from tests.oidc.world import CALLBACK, ISSUER, Browser, returned


@pytest.fixture
def database_url(module_database_url: str) -> str:
    """One database for the module: nothing here changes what another test reads."""
    return module_database_url


REGISTERED = (CALLBACK, "https://reports.example/q?tenant=1", "http://127.0.0.1/callback", "http://[::1]:8080/callback")

NOT_REGISTERED = (
    "https://reports.example/callback?x=1",
    "https://reports.example/callback#part",
    "https://reports.example/Callback",
    "https://REPORTS.example/callback",
    "https://reports.example/callback/",
    "https://reports.example/callback/more",
    "https://reports.example/callback/..;/admin",
    "https://reports.example/callback/../admin",
    "https://reports.example/%2e%2e/callback",
    "https://reports.example/call%62ack",
    "https://reports.example:444/callback",
    "https://reports.example:443/callback",
    "http://reports.example/callback",
    "https://reports.example.evil.example/callback",
    "https://user@reports.example/callback",
    "https://reports.example@evil.example/callback",
    "https://evil.example/callback",
    "https://reports.example\\@evil.example/callback",
    "//reports.example/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://reports.example/callback",
    "https://reports.example/callback\n",
    "https://reports.example/q?tenant=2",
    "https://127.0.0.1/callback",
    "http://127.0.0.1:9000/other",
    "http://127.0.0.1:9000/callback?x=1",
    "http://user@127.0.0.1:9000/callback",
    "http://127.0.0.1:9000@evil.example/callback",
    "http://localhost:9000/callback",
    "http://127.0.0.2:9000/callback",
    "http://127.0.0.1:x/callback",
    "",
)


@pytest.mark.parametrize("uri", [*REGISTERED, "http://127.0.0.1:49152/callback", "http://[::1]:9/callback"])
@pytest.mark.checklist("1 loopback port")
def test_registered(uri: str) -> None:
    assert is_registered(uri, REGISTERED)


@pytest.mark.parametrize("uri", NOT_REGISTERED)
@pytest.mark.checklist("1 anything else")
def test_not_registered(uri: str) -> None:
    assert not is_registered(uri, REGISTERED)


BROKEN_REQUESTS: tuple[dict[str, str | None], ...] = (
    {},
    {"response_type": "token"},
    {"response_type": None},
    {"scope": "nonsense"},
    {"prompt": "none"},
    {"code_challenge": None},
    {"request": "x.y.z"},
    {"resource": "https://elsewhere.example/"},
    {"authorization_details": "{"},
)


@pytest.mark.parametrize("changes", BROKEN_REQUESTS)
@pytest.mark.parametrize("uri", [NOT_REGISTERED[0], "https://evil.example/callback", None])
@pytest.mark.checklist("1 a page", 2, "3 an unregistered address", "33 open redirector")
async def test_no_error_path_redirects_to_an_unregistered_uri(
    gateway: Gateway, browser: Browser, changes: dict[str, str | None], uri: str | None
) -> None:
    answer = await browser.authorize(**{**changes, "redirect_uri": uri})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("client_id", ["unknown", None, "rep\x00orting"])
@pytest.mark.checklist("3 an unknown client", "33 open redirector")
async def test_an_unknown_client_gets_no_redirect(gateway: Gateway, browser: Browser, client_id: str | None) -> None:
    answer = await browser.authorize(client_id=client_id)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.checklist("30 twice")
async def test_two_clients_or_two_uris_get_no_redirect(gateway: Gateway, browser: Browser, name: str) -> None:
    pairs = urlencode([*browser.request().items(), (name, browser.request()[name])])
    answer = await browser.http.get("/oauth2/authorize", params=pairs)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("changes", BROKEN_REQUESTS[1:])
@pytest.mark.checklist("10 errors", "33 open redirector")
async def test_errors_go_back_to_a_registered_uri_with_state_and_issuer(
    gateway: Gateway, browser: Browser, changes: dict[str, str | None]
) -> None:
    answer = await browser.authorize(**changes)
    assert answer.headers["location"].startswith(CALLBACK + "?")
    assert returned(answer).items() >= {"state": "s-1", "iss": ISSUER}.items()


@pytest.mark.parametrize(
    "uri",
    [
        "https://reports.example/callback",
        "https://reports.example/callback?tenant=1",
        "http://localhost:5000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]/callback",
    ],
)
def test_may_be_registered(uri: str) -> None:
    assert address_fault(uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://reports.example/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://reports.example/callback#part",
        "https://reports.example/*",
        "https://user@reports.example/",
        "https://",
        "reports.example/callback",
        "https://reports.example/a b",
        "https://reports.example:port/",
        "ftp://reports.example/",
    ],
)
@pytest.mark.checklist("4 registration")
def test_may_not_be_registered(uri: str) -> None:
    assert address_fault(uri)


def test_origins() -> None:
    assert origin_of("https://a.example:443/x?y#z") == "https://a.example"
    assert origin_of("http://[::1]:8080/x") == "http://[::1]:8080"
    assert origin_of("javascript:x") is None
