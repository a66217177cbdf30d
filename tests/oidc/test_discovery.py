"""Discovery says what is there, nothing else (OpenID Connect Discovery 3, RFC 8414, RFC 9207, RFC 9728)."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.oidc.discovery import provider_document
from gateway.state import Gateway
from policy.scopes import GATEWAY_SCOPES
from tests.oidc.world import ISSUER, Browser

READ_BY_PROGRAMS = (
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
    "/oauth2/jwks",
)


@pytest.fixture
def database_url(module_database_url: str) -> str:
    """One database for the module: nothing here changes what another test reads."""
    return module_database_url


@pytest.mark.checklist("37 the issuer")
async def test_every_address_is_served_and_begins_with_the_issuer(app: Starlette, browser: Browser) -> None:
    document = (await browser.http.get(READ_BY_PROGRAMS[0], headers={"Host": "evil.example"})).json()
    served = {route.path for route in app.routes if isinstance(route, Route)}
    for name, value in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(ISSUER + "/"), name
            assert value.removeprefix(ISSUER) in served, name


@pytest.mark.checklist("10 metadata", "11 implicit and hybrid", "11 password grant")
async def test_what_clients_rely_on(gateway: Gateway, browser: Browser) -> None:
    document = (await browser.http.get(READ_BY_PROGRAMS[0])).json()
    assert document["issuer"] == ISSUER
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert document["authorization_details_types_supported"] == ["assessment_access"]
    assert document["token_endpoint_auth_methods_supported"] == [
        "private_key_jwt", "client_secret_basic", "client_secret_post", "none",
    ]  # fmt: skip
    for name in ("token_endpoint_auth_signing_alg_values_supported", "dpop_signing_alg_values_supported"):
        assert document[name] == ["ES256", "PS256", "EdDSA", "Ed25519"]
    assert document["pushed_authorization_request_endpoint"] == f"{ISSUER}/oauth2/par"
    assert document["require_pushed_authorization_requests"] is False
    assert document["acr_values_supported"] == ["urn:hallpass:aal1", "urn:hallpass:aal2"]
    assert "none" not in document["id_token_signing_alg_values_supported"]
    assert document == (await browser.http.get(READ_BY_PROGRAMS[1])).json()


@pytest.mark.checklist("53 dynamic registration")
@pytest.mark.parametrize("path", ["/oauth2/register", "/register", "/connect/register", "/reg"])
async def test_nobody_registers_herself(gateway: Gateway, browser: Browser, path: str) -> None:
    """RFC 7591: no endpoint is named, and none is where others have theirs."""
    document = (await browser.http.get(READ_BY_PROGRAMS[0])).json()
    assert "registration_endpoint" not in document
    asked = {"redirect_uris": ["https://evil.example/callback"], "jwks_uri": "http://127.0.0.1/keys"}
    for method in ("POST", "GET", "PUT"):
        assert (await browser.http.request(method, path, json=asked)).status_code == 404


def test_the_document_passes_the_standards_own_checks() -> None:
    assert provider_document("https://hallpass.example.gov")["issuer"] == "https://hallpass.example.gov"


async def test_the_gateway_as_a_resource(gateway: Gateway, browser: Browser) -> None:
    document = (await browser.http.get(READ_BY_PROGRAMS[2])).json()
    assert (document["resource"], document["authorization_servers"]) == (ISSUER, [ISSUER])
    assert document["scopes_supported"] == sorted(GATEWAY_SCOPES)
    assert document["bearer_methods_supported"] == ["header"]


@pytest.mark.parametrize("path", READ_BY_PROGRAMS)
@pytest.mark.checklist("36 the others")
async def test_documents_are_read_by_registered_origins_only(gateway: Gateway, browser: Browser, path: str) -> None:
    registered = await browser.http.get(path, headers={"Origin": "https://app.example"})
    assert registered.headers["access-control-allow-origin"] == "https://app.example"
    assert registered.headers["vary"] == "Origin"
    for origin in ("https://reports.example", "https://evil.example", "null"):
        answer = await browser.http.get(path, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers, origin


@pytest.mark.checklist("36 the authorization endpoint", "36 the others")
async def test_a_preflight_of_the_token_endpoint(gateway: Gateway, browser: Browser) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = await browser.http.options("/oauth2/token", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "https://app.example")
    assert "access-control-allow-credentials" not in answer.headers
    answer = await browser.http.options("/oauth2/token", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert (await browser.http.options("/oauth2/authorize", headers=asked)).status_code == 405
