"""Client authentication at the token endpoint: one method, as registered (RFC 6749 2.3, RFC 9700 2.5, ASVS 10.4.10)."""

import hmac
from typing import Any

import pytest

from gateway.oidc.client.authentication import secret_hash
from gateway.state import Gateway
from tests.oidc.world import SECRET, Browser

FORM = {"grant_type": "client_credentials"}
GOOD = ("reporting", SECRET)


@pytest.fixture
def database_url(module_database_url: str) -> str:
    """One database for the module: nothing here changes what another test reads."""
    return module_database_url


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        ({"auth": ("reporting", "wrong")}, 401, "invalid_client"),
        ({"auth": ("unknown", SECRET)}, 401, "invalid_client"),
        ({"auth": ("reporting", "")}, 401, "invalid_client"),
        ({"data": {**FORM}}, 401, "invalid_client"),
        ({"data": {**FORM, "client_id": "reporting"}}, 401, "invalid_client"),
        ({"data": {**FORM, "client_id": "reporting", "client_secret": SECRET}}, 401, "invalid_client"),
        ({"data": {**FORM, "client_id": "scoring"}}, 401, "invalid_client"),
        ({"auth": ("scoring", "scoring-secret")}, 401, "invalid_client"),
        ({"auth": ("browser", "")}, 401, "invalid_client"),
        ({"data": {**FORM, "client_id": "browser", "client_secret": "x"}}, 401, "invalid_client"),
        ({"auth": GOOD, "data": {**FORM, "client_secret": SECRET}}, 400, "invalid_request"),
        ({"auth": GOOD, "data": {**FORM, "client_id": "scoring"}}, 400, "invalid_request"),
        ({"headers": {"Authorization": "Basic !!!"}}, 401, "invalid_client"),
        ({"headers": {"Authorization": "Basic /w=="}}, 401, "invalid_client"),
        ({"headers": {"Authorization": "Basic"}}, 401, "invalid_client"),
        ({"headers": {"Authorization": "Bearer x"}}, 401, "invalid_client"),
        ({"auth": ("repo\x00rting", SECRET)}, 401, "invalid_client"),
    ],
)
@pytest.mark.checklist("15 token endpoint")
async def test_refused(gateway: Gateway, browser: Browser, sent: dict[str, Any], status: int, error: str) -> None:
    request: dict[str, Any] = {"data": FORM, **sent}
    answer = await browser.http.post("/oauth2/token", **request)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.checklist(26)
@pytest.mark.parametrize(
    "request_",
    [
        {"json": FORM},
        {"content": "grant_type=client_credentials", "headers": {"Content-Type": "text/plain"}},
        {"content": "grant_type=client_credentials&grant_type=client_credentials"},
        {"data": FORM, "params": {"client_secret": SECRET}},
        {"data": FORM, "params": {"x": "1"}},
        {"content": b"grant_type=client_credentials&scope=%00"},
    ],
)
async def test_a_request_that_is_no_form(gateway: Gateway, browser: Browser, request_: dict[str, Any]) -> None:
    sent: dict[str, Any] = dict(request_)
    if "content" in sent:
        sent.setdefault("headers", {"Content-Type": "application/x-www-form-urlencoded"})
    answer = await browser.http.post("/oauth2/token", auth=GOOD, **sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_get_is_no_token_request(gateway: Gateway, browser: Browser) -> None:
    assert (await browser.http.get("/oauth2/token", params=FORM, auth=GOOD)).status_code == 405


@pytest.mark.checklist("17 varying time")
@pytest.mark.parametrize(("secret", "status"), [(SECRET, 200), ("wrong", 401), (SECRET[:-1], 401), ("", 401)])
async def test_secrets_are_compared_in_constant_time(
    gateway: Gateway, browser: Browser, monkeypatch: pytest.MonkeyPatch, secret: str, status: int
) -> None:
    """By their hashes, whose length says nothing of the secret's, and by `hmac.compare_digest`."""
    compared: list[tuple[object, object]] = []
    compare = hmac.compare_digest

    def watched(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    answer = await browser.http.post("/oauth2/token", data=FORM, auth=("reporting", secret))
    assert answer.status_code == status
    assert (secret_hash(secret), secret_hash(SECRET)) in compared
