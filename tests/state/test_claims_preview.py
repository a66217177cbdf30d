"""A claims preview is what the token endpoint would say, to the letter; it mints nothing and is audited."""

import json
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from store.database import Connection, Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, session, user_id
from tests.oidc.world import REPORTING, SCORING, Browser, bearer, claims_of, http_of
from tests.state.acting import staff

pytestmark = pytest.mark.rule("state")
PREVIEW = """query ($client: String!, $user: String!, $role: String, $scope: [String!]) {
    claimsPreview(clientId: $client, user: $user, role: $role, scope: $scope) {
        refusal { code message remedy } role roles steps { role organization missing } consent
        idToken accessToken userinfo tenancyChains
    }
}"""
OF_ONE_TOKEN = {"jti", "at_hash", "authorization", "sid", "iat", "exp", "auth_time", "acr", "amr", "nonce"}
SITE = "caaspp/site-coordinator/2026-27"


@pytest.fixture
async def admin(http: httpx2.AsyncClient, pool: Pool, as_person: AsCaller) -> Caller:
    return await as_person(await staff(pool, "wires", "integration-administrator"))


async def preview(admin: Caller, client: str, name: str, **more: Any) -> dict[str, Any]:
    found = await admin.data(PREVIEW, client=client, user=f"{name}@valley.example", **more)
    return found["claimsPreview"]


def lasting(claims: dict[str, Any]) -> dict[str, Any]:
    """Without what names one token or its moment."""
    return {name: value for name, value in claims.items() if name not in OF_ONE_TOKEN}


@pytest.mark.parametrize("client", [REPORTING, SCORING], ids=["active-role", "union"])
async def test_what_the_token_endpoint_would_say(
    admin: Caller, app: Starlette, http: httpx2.AsyncClient, pool: Pool, connection: Connection, client: Any
) -> None:
    await connection.execute("update relying_parties set scopes = scopes || '{sbac}'::text[]")
    scope = ["openid", "profile", "email", "assessment", "sbac"]
    async with pool.acquire() as opened:
        cookie = await session(opened, "shared")
    async with http_of(app) as own:
        own.cookies.set(Cookie.SESSION, cookie)
        real = await Browser(own, client).tokens(scope=" ".join(scope))
    told = (await http.get("/oauth2/userinfo", headers=bearer(real["access_token"]))).json()
    found = await preview(admin, client.client_id, "shared", scope=scope)
    assert found["refusal"] is None
    assert lasting(json.loads(found["idToken"])) == lasting(claims_of(real["id_token"]))
    assert lasting(json.loads(found["accessToken"])) == lasting(claims_of(real["access_token"]))
    assert json.loads(found["userinfo"]) == told
    assert found["tenancyChains"] == told["sbacTenancyChain"]
    assert (found["role"] is None) == (client.role_mode == "union")


async def test_it_is_audited_and_makes_nothing(admin: Caller, connection: Connection) -> None:
    found = await preview(admin, "reporting", "site")
    assert (found["role"], found["roles"], found["consent"]) == (SITE, [SITE], "NEVER")
    assert "~" not in json.dumps(found)
    for table in ("authorizations", "authorization_codes", "refresh_tokens"):
        assert await connection.fetchval(f"select count(*) from {table}") == 0
    event = await connection.fetchrow("select * from audit_events where action = 'claimsPreview'")
    assert event is not None
    assert (event["actor_id"], event["target_id"], event["subject_id"]) == (
        user_id("wires"), "reporting", user_id("site"),
    )  # fmt: skip
    assert event["after"] == {"user": str(user_id("site")), "role": SITE, "outcome": "ENTERS"}


@pytest.mark.parametrize(
    ("name", "client", "role", "code"),
    [
        ("unsigned", "reporting", None, "NO_ACCESS"),
        ("unsigned", "reporting", "caaspp/test-administrator/2026-27", "ROLE_NOT_HELD"),
        ("site", "reporting", "caaspp/lea-coordinator/2026-27", "ROLE_NOT_HELD"),
        ("wires", "reporting", None, "NO_ACCESS"),
        ("site", "systems", None, "NO_PEOPLE"),
        ("site", "stopped", None, "INACTIVE"),
        ("gone", "reporting", None, "ACCOUNT"),
    ],
)
async def test_why_she_would_not_get_in(
    admin: Caller, connection: Connection, name: str, client: str, role: str | None, code: str
) -> None:
    await connection.execute("update users set status = 'suspended' where email = 'colleague@valley.example'")
    rename = "update relying_parties set client_id = $2, active = $3, grant_types = $4 where client_id = $1"
    await connection.execute(rename, "scoring", "stopped", False, ["authorization_code"])
    await connection.execute(rename, "browser", "systems", True, ["client_credentials"])
    found = await preview(admin, client, {"gone": "colleague"}.get(name, name), role=role)
    assert found["refusal"]["code"] == code
    assert (found["idToken"], found["accessToken"], found["userinfo"]) == (None, None, None)
    if name == "unsigned":
        missing = found["steps"][0]["missing"]
        assert any(one.startswith("form:") for one in missing)
    audited = await connection.fetchval("select after ->> 'outcome' from audit_events where action = 'claimsPreview'")
    assert audited == code


@pytest.mark.parametrize(
    ("client", "person", "code"),
    [
        ("nobody", "site@valley.example", "NOT_FOUND"),
        ("reporting", "nobody@valley.example", "NOT_FOUND"),
        ("reporting", "nonsense", "NOT_FOUND"),
    ],
)
async def test_unknown_ones(admin: Caller, client: str, person: str, code: str) -> None:
    answer = await admin.ask(PREVIEW, client=client, user=person)
    assert [one for one, _ in codes(answer)] == [code]


async def test_a_role_is_written_whole(admin: Caller) -> None:
    answer = await admin.ask(PREVIEW, client="reporting", user="site@valley.example", role="site-coordinator")
    assert [one for one, _ in codes(answer)] == ["BAD_USER_INPUT"]


async def test_an_unregistered_scope_is_refused_as_the_endpoint_does(admin: Caller) -> None:
    found = await preview(admin, "reporting", "site", scope=["openid", "sbac"])
    assert found["refusal"]["code"] == "INVALID_SCOPE"
