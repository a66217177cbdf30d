"""A redirect URI that isn't registered is never redirected to, whatever else the request holds (RFC 6749 4.1.2.1)."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import AUTHORIZATION_REQUEST, sign_in
from tests.oidc.world import CALLBACK, returned

ELSEWHERE = "https://elsewhere.example/callback"
NOT_REGISTERED = (
    ELSEWHERE,
    f"{CALLBACK}/more",
    f"{CALLBACK}?next=1",
    CALLBACK.replace("https:", "http:"),
    "https://reports.example@elsewhere.example/callback",
    "//elsewhere.example/callback",
    "javascript:alert(1)",
    "",
)
ERROR_PATHS: dict[str, dict[str, str | None]] = {
    "nothing else wrong": {},
    "no response type": {"response_type": None},
    "another response type": {"response_type": "token"},
    "no scope": {"scope": None},
    "an unknown scope": {"scope": "openid everything"},
    "no challenge": {"code_challenge": None},
    "a plain challenge": {"code_challenge_method": "plain"},
    "a silent request": {"prompt": "none"},
    "prompts that exclude each other": {"prompt": "none login"},
    "another system's resource": {"resource": "https://thss.example/"},
    "malformed details": {"authorization_details": "nonsense"},
    "a request object": {"request": "a.b.c"},
    "a nonce that is too long": {"nonce": "n" * 300},
    "a hint that is no token": {"id_token_hint": "a.b.c"},
    "no state": {"state": None},
    "a client that doesn't exist": {"client_id": "unknown"},
    "no client": {"client_id": None},
}


@pytest.fixture(scope="module", params=["signed out", "signed in", "without a role"])
def http(request: pytest.FixtureRequest, gateway: GatewayProcess, secrets: SecretValues) -> Iterator[httpx2.Client]:
    """Callers who would take different ways if the redirect URI were good."""
    name = {"signed out": None, "signed in": "ana", "without a role": "nobody"}[request.param]
    cookies = sign_in(gateway.url, name, secrets)[0].cookies if name else {}
    with httpx2.Client(base_url=gateway.url, cookies=cookies, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ERROR_PATHS)
@pytest.mark.checklist("1 a page", "3 an unregistered address", "4 use")
def test_it_is_a_page_and_never_a_redirect(http: httpx2.Client, path: str) -> None:
    for uri in NOT_REGISTERED:
        asked = _request(redirect_uri=uri, **ERROR_PATHS[path])
        _is_a_page(http.get("/oauth2/authorize", params=asked))
    _is_a_page(http.post("/oauth2/authorize", data=_request(redirect_uri=ELSEWHERE, **ERROR_PATHS[path])))


def test_a_redirect_uri_that_comes_twice(http: httpx2.Client) -> None:
    for pair in ((CALLBACK, ELSEWHERE), (ELSEWHERE, CALLBACK), (CALLBACK, CALLBACK)):
        asked = httpx2.QueryParams({**_request(), "redirect_uri": list(pair)})
        assert asked.get_list("redirect_uri") == list(pair)
        _is_a_page(http.get("/oauth2/authorize", params=asked))


def test_a_good_redirect_uri_gets_its_errors_with_state_and_issuer(http: httpx2.Client) -> None:
    """The other side: where the redirect URI is registered, each of these errors goes there."""
    answer = returned(http.get("/oauth2/authorize", params=_request(redirect_uri=CALLBACK, scope="openid everything")))
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_scope", "s-1", str(http.base_url))


def _request(**changes: str | None) -> dict[str, str]:
    asked: dict[str, str | None] = {**AUTHORIZATION_REQUEST, "state": "s-1", **changes}
    return {name: value for name, value in asked.items() if value is not None}


def _is_a_page(answer: httpx2.Response) -> None:
    """One that says what is wrong and leads nowhere but home."""
    assert answer.status_code == 400, answer.headers
    assert "location" not in answer.headers
    assert "refresh" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert "go on" in answer.text
    assert "elsewhere.example" not in answer.text
    assert 'http-equiv="refresh"' not in answer.text.lower()
