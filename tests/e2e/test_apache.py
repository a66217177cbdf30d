"""Apache's mod_auth_openidc protects a page: who has access gets in, stays in and gets out, who has none stays out."""

import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from gateway.oidc.client.authentication import secret_hash
from store.database import open_connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.databases import run
from tests.e2e.apache import CLIENT_ID, CLIENT_SECRET, Apache, apache
from tests.e2e.gateway_process import GatewayProcess, wait_for
from tests.e2e.secret_values import SecretValues
from tests.e2e.signing_in import data, sign_in
from tests.e2e.state import State
from tests.gateway.process import free_port
from tests.oidc.world import CERS, PARK, PASSWORD, ident, person

pytestmark = [pytest.mark.browser, pytest.mark.apache, pytest.mark.slow]
_SUSPEND = """mutation($person: ID!) {
  deactivateUser(input: {user: $person, comment: "She left."}) { wholeAccount userErrors { message } } }"""


@pytest.fixture(scope="module")
def protected(gateway: GatewayProcess, state: State, secrets: SecretValues) -> Iterator[Apache]:
    port = free_port()
    url = f"http://localhost:{port}"
    run(_register(state.url, url))
    secrets.keep_basic(CLIENT_ID, CLIENT_SECRET)
    with apache(gateway.url, port) as started:
        yield started


async def _register(database: str, url: str) -> None:
    connection = await open_connection(database)
    try:
        await insert_relying_party(
            connection,
            RelyingParty(
                CLIENT_ID, "A page behind Apache", (CERS,), "client_secret_basic",
                secret_hashes=(secret_hash(CLIENT_SECRET),),
                redirect_uris=(f"{url}/members/callback",),
                post_logout_redirect_uris=(f"{url}/",),
                grant_types=frozenset({"authorization_code", "refresh_token"}),
                scopes=frozenset({"openid", "profile", "email", "assessment", "offline_access"}),
                backchannel_logout_uri=f"{url}/members/callback?logout=backchannel",
                changes_by="backchannel-logout",
                first_party=True,
            ),
        )  # fmt: skip
    finally:
        await connection.close()


def _sign_in(page: Page, protected: Apache, name: str) -> None:
    page.goto(protected.members)
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_who_has_access_gets_in_stays_in_and_gets_out(page: Page, protected: Apache, state: State) -> None:
    _sign_in(page, protected, "ana")
    page.wait_for_url(protected.members)
    first = page.reload()
    assert first is not None
    assert first.headers["x-sub"] == str(state.ana)
    token = first.headers["x-access-token"]
    refreshed = page.goto(f"{protected.callback}?{urlencode({'refresh': protected.members, 'access_token': token})}")
    assert refreshed is not None
    assert page.url == protected.members
    assert refreshed.headers["x-sub"] == str(state.ana)
    assert refreshed.headers["x-access-token"] != token, protected.log.read_text(encoding="utf-8")
    page.goto(f"{protected.callback}?{urlencode({'logout': protected.url + '/'})}")
    assert page.url.rstrip("/") == protected.url
    page.goto(protected.members)
    assert page.get_by_label("Password", exact=True).is_visible(), "she has to sign in again at the gateway too"


def test_a_person_without_a_grant_stays_out(page: Page, protected: Apache, gateway: GatewayProcess) -> None:
    _sign_in(page, protected, "nobody")
    assert page.url.startswith(gateway.url)
    answer = page.goto(protected.members)
    assert answer is not None
    assert page.title() != "Members"
    assert "x-sub" not in answer.headers


def _signs_out_in_another_tab(page: Page, gateway: GatewayProcess, name: str, secrets: SecretValues) -> None:
    tab = page.context.new_page()
    tab.goto(f"{gateway.url}/account")
    tab.locator("form[action='/signin/out'] button").first.click()
    tab.wait_for_url(f"{gateway.url}/signin")


def _is_suspended(page: Page, gateway: GatewayProcess, name: str, secrets: SecretValues) -> None:
    coordinator, _ = sign_in(gateway.url, "coordinator", secrets)
    with coordinator.at(gateway.url) as http:
        done = data(http, _SUSPEND, person=str(ident(name)))["deactivateUser"]
    assert done == {"wholeAccount": True, "userErrors": []}


@pytest.mark.checklist(32)
@pytest.mark.checklist(42)
@pytest.mark.parametrize("ends", [_signs_out_in_another_tab, _is_suspended])
def test_apache_takes_the_notice_that_she_is_signed_out(
    page: Page, protected: Apache, gateway: GatewayProcess, state: State, secrets: SecretValues,
    ends: Callable[[Page, GatewayProcess, str, SecretValues], None],
) -> None:  # fmt: skip
    """Its own session ends with the gateway's, without her browser having a part in it."""
    name = f"guest-{uuid.uuid4().hex[:8]}"
    run(_join(state.url, name))
    _sign_in(page, protected, name)
    page.wait_for_url(protected.members)
    before = page.reload()
    assert before is not None
    assert before.headers["x-sub"] == str(ident(name))
    ends(page, gateway, name, secrets)
    wait_for(lambda: run(_notices(state.url, name)) == ["sent"], gateway.log_text)
    after = page.reload()
    assert after is not None
    assert "x-sub" not in after.headers
    assert page.get_by_label("Password", exact=True).is_visible(), "the gateway asks who she is"


async def _join(database: str, name: str) -> None:
    connection = await open_connection(database)
    try:
        await person(connection, name, ("site-coordinator", PARK))
    finally:
        await connection.close()


async def _notices(database: str, name: str) -> list[str]:
    """The states of what Apache is told of her."""
    connection = await open_connection(database)
    try:
        rows = await connection.fetch(
            "select state from logout_notices where client_id = $1 and user_id = $2", CLIENT_ID, ident(name)
        )
    finally:
        await connection.close()
    return [row["state"] for row in rows]
