"""What a changed registration doesn't allow any more has ended: tokens, codes and what systems got for themselves."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from store.database import Connection, Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, session
from tests.oidc.world import CALLBACK, REPORTING, SECRET, Browser, bearer, http_of, token_request
from tests.state.acting import staff
from tests.state.test_relying_parties import refused, send

pytestmark = pytest.mark.rule("state")
BASIC = ("reporting", SECRET)
OTHER = "https://reports.example/other"


@pytest.fixture
async def admin(http: httpx2.AsyncClient, pool: Pool, as_person: AsCaller) -> Caller:
    return await as_person(await staff(pool, "wires", "integration-administrator"))


@pytest.fixture
async def tokens(admin: Caller, app: Starlette, pool: Pool) -> dict[str, Any]:
    """Of a person at the relying party `reporting`."""
    async with pool.acquire() as connection:
        cookie = await session(connection, "site")
    async with http_of(app) as own:
        own.cookies.set(Cookie.SESSION, cookie)
        return await Browser(own).tokens(scope="openid email assessment offline_access")


async def update(admin: Caller, **changes: Any) -> None:
    done = await send(admin, "updateRelyingParty", clientId="reporting", expectedVersion=1, **changes)
    assert done["userErrors"] == []


async def refreshed(http: httpx2.AsyncClient, tokens: dict[str, Any]) -> tuple[int, str | None]:
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = await token_request(http, REPORTING, form)
    return answer.status_code, answer.json().get("error")


async def active(http: httpx2.AsyncClient, token: str) -> bool:
    answer = await http.post("/oauth2/introspect", data={"token": token}, auth=BASIC)
    return answer.json()["active"]


async def test_what_is_still_allowed_goes_on(
    admin: Caller, http: httpx2.AsyncClient, tokens: dict[str, Any], connection: Connection
) -> None:
    assert await active(http, tokens["access_token"])
    await update(admin, label="Results", redirectUris=[CALLBACK], launchUri="https://reports.example/")
    assert await active(http, tokens["access_token"])
    assert (await refreshed(http, tokens))[0] == 200
    event = await connection.fetchrow("select before, after from audit_events where action = 'updateRelyingParty'")
    assert event is not None
    assert event["before"]["label"] == "CERS"
    assert (event["after"]["label"], event["after"]["authorizations_ended"]) == ("Results", 0)
    assert "scopes" not in event["after"]


@pytest.mark.checklist(13)
@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": ["openid", "assessment", "offline_access"]},
        {"redirectUris": [OTHER]},
        {"systems": [{"code": "thss"}]},
        {"systems": [{"code": "cers", "resource": "https://results.example/"}]},
        {"grantTypes": ["client_credentials"], "scopes": ["directory.read"], "redirectUris": []},
        {"roleMode": "union"},
        {"firstParty": False},
    ],
    ids=["scope", "redirect URI", "system", "resource", "grants", "role mode", "consent"],
)
async def test_what_no_longer_fits_has_ended(
    admin: Caller, http: httpx2.AsyncClient, tokens: dict[str, Any], connection: Connection, changes: dict[str, Any]
) -> None:
    assert await active(http, tokens["access_token"])
    await update(admin, **changes)
    assert not await active(http, tokens["access_token"])
    assert (await refreshed(http, tokens))[0] == 400
    assert (await http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))).status_code == 401
    after = await connection.fetchval("select after from audit_events where action = 'updateRelyingParty'")
    assert after["authorizations_ended"] == 1


async def test_without_the_grant_no_refresh(admin: Caller, http: httpx2.AsyncClient, tokens: dict[str, Any]) -> None:
    scopes = ["openid", "email", "assessment"]
    await update(
        admin, grantTypes=["authorization_code"], scopes=scopes, changesBy="backchannel-logout",
        backchannelLogoutUri="https://reports.example/out",
    )  # fmt: skip
    assert await refreshed(http, tokens) == (400, "unauthorized_client")


async def test_a_systems_own_token_ends_with_the_grant(admin: Caller, http: httpx2.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "directory.read"}
    token = (await token_request(http, REPORTING, form)).json()["access_token"]
    own = Caller(http, bearer(token))
    assert (await own.post("{ viewer { user { id } } }")).status_code == 200
    await update(admin, grantTypes=["authorization_code", "refresh_token"])
    assert (await own.post("{ viewer { user { id } } }")).status_code == 401


async def test_a_deactivated_one_has_nothing_and_begins_anew(
    admin: Caller, http: httpx2.AsyncClient, tokens: dict[str, Any], connection: Connection
) -> None:
    """Without a version and a fresh sign-in: what stops a misuse mustn't wait."""
    done = await send(admin, "deactivateRelyingParty", clientId="reporting")
    assert done["relyingParty"] == {"active": False, "version": 2}
    assert await refreshed(http, tokens) == (401, "invalid_client")
    assert await refused(admin, "deactivateRelyingParty", clientId="reporting") == [("clientId", "INACTIVE")]
    again = await send(admin, "activateRelyingParty", clientId="reporting", expectedVersion=2)
    assert again["relyingParty"] == {"active": True, "version": 3}
    assert await refreshed(http, tokens) == (400, "invalid_grant")
    assert not await active(http, tokens["access_token"])
    audited = await connection.fetchval("select after from audit_events where action = 'deactivateRelyingParty'")
    assert audited == {"active": False, "authorizations_ended": 1}


async def test_a_client_that_gets_a_secret_is_told_it_once(admin: Caller, http: httpx2.AsyncClient) -> None:
    asked = {"clientId": "browser", "expectedVersion": 1, "authMethod": "client_secret_basic"}
    made = await send(admin, "updateRelyingParty", **asked)
    assert made["secret"]
    form = {"grant_type": "client_credentials"}
    assert (await http.post("/oauth2/token", data=form, auth=("browser", made["secret"]))).status_code == 200
    back = {"clientId": "browser", "expectedVersion": 2, "authMethod": "none", "grantTypes": ["authorization_code"]}
    back["changesBy"], back["backchannelLogoutUri"] = "backchannel-logout", "https://app.example/out"
    back["scopes"] = ["openid"]
    public = await send(admin, "updateRelyingParty", **back)
    assert (public["secret"], public["relyingParty"]["secrets"]) == (None, [])


async def test_nothing_changes_and_stale_versions(admin: Caller) -> None:
    same = await refused(admin, "updateRelyingParty", clientId="reporting", expectedVersion=1, label="CERS")
    assert same == [("clientId", "NOTHING_CHANGES")]
    stale = await refused(admin, "updateRelyingParty", clientId="reporting", expectedVersion=7, label="X")
    assert stale == [("expectedVersion", "CHANGED")]
    bad = await refused(admin, "updateRelyingParty", clientId="reporting", expectedVersion=1, redirectUris=[])
    assert bad == [("redirectUris", "MISSING")]
