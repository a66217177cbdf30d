"""What an authorization request may ask: a table of parameters and the error that each one gets (RFC 6749 4.1.2.1)."""

from urllib.parse import urlencode

import pytest

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import CERS_URI, ISSUER, PARK, Browser, claims_of, ident, person, returned


@pytest.fixture
def database_url(module_database_url: str) -> str:
    """One database for the module: nothing here changes what another test reads."""
    return module_database_url


REFUSED: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": None}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "openid admin"}, "invalid_scope"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "v" * 64}, "invalid_request"),
    ({"code_challenge": "é" * 43}, "invalid_request"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"request_uri": "https://reports.example/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"nonce": "n" * 300}, "invalid_request"),
    ({"nonce": "n\x00"}, "invalid_request"),
    ({"resource": "https://thss.example/"}, "invalid_target"),
    ({"resource": "https://elsewhere.example/"}, "invalid_target"),
    ({"resource": ISSUER}, "invalid_target"),
    ({"id_token_hint": "a.b.c"}, "invalid_request"),
    ({"authorization_details": "{}"}, "invalid_authorization_details"),
    ({"authorization_details": "nonsense"}, "invalid_authorization_details"),
)


@pytest.mark.parametrize(("changes", "error"), REFUSED)
@pytest.mark.checklist("9 no challenge", "9 plain", "11 implicit and hybrid", "22 in the address", 23)
@pytest.mark.conformance(
    "oidcc-response-type-missing",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
)
async def test_refused(gateway: Gateway, browser: Browser, changes: dict[str, str | None], error: str) -> None:
    assert returned(await browser.authorize(**changes))["error"] == error


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "code_challenge", "prompt"])
@pytest.mark.checklist("30 twice")
async def test_a_repeated_parameter_is_refused(gateway: Gateway, browser: Browser, name: str) -> None:
    pairs = urlencode([*browser.request().items(), (name, "login"), (name, "login")])
    answer = returned(await browser.http.get("/oauth2/authorize", params=pairs))
    assert answer["error"] == "invalid_request"
    assert ("state" in answer) == (name != "state")


async def test_a_second_resource_is_refused(gateway: Gateway, browser: Browser) -> None:
    pairs = urlencode([*browser.request().items(), ("resource", CERS_URI), ("resource", ISSUER)])
    answer = returned(await browser.http.get("/oauth2/authorize", params=pairs))
    assert answer["error"] == "invalid_target"


async def known(connection: Connection, name: str) -> None:
    """A site coordinator, made by whichever test comes first."""
    if not await connection.fetchval("select exists(select from users where id = $1)", ident(name)):
        await person(connection, name, ("site-coordinator", PARK))


@pytest.mark.checklist("30 an unknown one")
async def test_unknown_parameters_are_ignored(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await known(connection, "ana")
    await browser.sign_in("ana")
    assert "code" in returned(await browser.authorize(extra="foobar", display="page", ui_locales="se"))


@pytest.mark.checklist("33 a form sent on")
async def test_a_posted_request_is_a_request(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    await known(connection, "ana")
    await browser.sign_in("ana")
    answer = await browser.http.post("/oauth2/authorize", data=browser.request())
    assert answer.status_code == 303
    assert "code" in returned(await browser.http.get(answer.headers["location"]))


async def test_the_gateway_is_an_audience_with_directory_read(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    await known(connection, "ana")
    await browser.sign_in("ana")
    tokens = await browser.tokens(scope="openid directory.read", resource=ISSUER)
    assert claims_of(tokens["access_token"])["aud"] == ISSUER


@pytest.mark.checklist("36 the authorization endpoint")
async def test_the_page_is_never_read_across_origins(gateway: Gateway, browser: Browser) -> None:
    answer = await browser.http.get("/oauth2/authorize", headers={"Origin": "https://app.example"})
    assert "access-control-allow-origin" not in answer.headers
