"""Headers of every kind of answer, and addresses that never come from the request."""

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.headers import page_policy
from gateway.static_files import static_url
from tests.gateway.conftest import ISSUER, client_of

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
ROUTES = [
    ("/healthz", "*/*", 200, API_POLICY, "no-store"),
    ("/readyz", "*/*", 503, API_POLICY, "no-store"),
    ("/metrics", "*/*", 200, API_POLICY, "no-store"),
    (static_url("hallpass.css"), "*/*", 200, API_POLICY, "public, max-age=31536000, immutable"),
    ("/static/0000000000000000/hallpass.css", "*/*", 200, API_POLICY, "no-cache"),
    ("/trial/page", "text/html", 200, PAGE_POLICY, "no-store"),
    ("/trial/own-headers", "*/*", 200, "sandbox", "public, max-age=60"),
    ("/trial/break", "*/*", 500, API_POLICY, "no-store"),
    ("/trial/break", "text/html", 500, PAGE_POLICY, "no-store"),
    ("/nowhere", "*/*", 404, API_POLICY, "no-store"),
    ("/nowhere", "text/html", 404, PAGE_POLICY, "no-store"),
]


@pytest.mark.parametrize(("path", "accept", "status", "policy", "caching"), ROUTES)
@pytest.mark.checklist("34 every answer", "35 the referrer")
async def test_each_answer_is_protected(
    client: httpx2.AsyncClient, path: str, accept: str, status: int, policy: str, caching: str
) -> None:
    answer = await client.get(path, headers={"Accept": accept})
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["cache-control"] == caching
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


async def test_hsts_where_the_issuer_is_https(https_app: Starlette) -> None:
    async with client_of(https_app, "https://hallpass.example.gov") as client:
        answer = await client.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_a_form_may_end_at_the_relying_party_where_its_page_says_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/trial/form", params={"target": "https://rp.example"})
    assert "form-action 'self' https://rp.example;" in answer.headers["content-security-policy"]


def test_a_policy_may_let_scripts_fetch_from_us() -> None:
    assert page_policy(connect=True).endswith("; connect-src 'self'")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000", "localhost", "localhost:8001", "LOCALHOST:80"])
@pytest.mark.checklist("37 links and mails")
async def test_a_page_under_another_host_is_sent_to_the_issuer(client: httpx2.AsyncClient, host: str) -> None:
    answer = await client.get("/trial/page?a=%20b", headers={"Host": host, "Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{ISSUER}/trial/page?a=%20b"


@pytest.mark.parametrize(
    ("path", "location"),
    [("//evil.example/x", f"{ISSUER}//evil.example/x"), ("/a%0d%0ab%2f..", f"{ISSUER}/a%0d%0ab%2f..")],
)
async def test_the_redirect_to_the_issuer_can_not_leave_it(app: Starlette, path: str, location: str) -> None:
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"evil.example"), (b"accept", b"text/html")],
    }

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    await app(scope, receive, send)  # pyright: ignore[reportArgumentType]
    assert (b"location", location.encode()) in sent[0]["headers"]  # pyright: ignore[reportOperatorIssue]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/trial/page", {"Host": "LocalHost:8000", "Accept": "text/html"}),
        ("GET", "/healthz", {"Host": "10.0.0.7", "Accept": "text/html"}),
        ("GET", "/metrics", {"Host": "10.0.0.7", "Accept": "text/html"}),
        ("GET", "/trial/own-headers", {"Host": "10.0.0.7", "Accept": "application/json"}),
        ("POST", "/trial/echo", {"Host": "10.0.0.7", "Accept": "text/html"}),
    ],
)
async def test_what_is_no_page_is_answered_where_it_is(
    client: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == 200


@pytest.mark.checklist("37 the issuer")
async def test_forwarded_headers_change_nothing(client: httpx2.AsyncClient) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    answer = await client.get("/trial/form", headers={**forged, "Accept": "text/html"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


async def test_a_slash_too_many_is_not_redirected_by_the_host_header(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
