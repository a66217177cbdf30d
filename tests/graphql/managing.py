"""The state's own client with scope directory.manage, somebody who is signed in at it, and what it may not do."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from gateway.oidc.client.authentication import secret_hash
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, System
from store.database import Connection, Pool
from store.relying_parties import insert_relying_party
from tests.graphql.changes import REMOVE
from tests.graphql.world import PARK, YEAR, Caller, assignment_id, codes, session
from tests.oidc.world import CERS, ISSUER, REPORTING, Browser, bearer, http_of

HALLPASS = System("hallpass")
SCOPE = "openid directory.read directory.manage"
MANAGER = replace(
    REPORTING,
    client_id="manager",
    label="District desk",
    systems=(HALLPASS, CERS),
    secret_hashes=(secret_hash("manager-secret"),),
    scopes=REPORTING.scopes | {"directory.manage"},
)
COLLEAGUE = assignment_id("colleague", "test-administrator", PARK)
ASKED = {"assignments": [str(COLLEAGUE)]}
IN_SESSION = "removeRoles is carried out in a person's own session only."

Managing = Callable[..., Awaitable[Caller]]


class Desk(Browser):
    """The manager's browser, which knows its secret."""

    async def token(self, form: dict[str, str | None]) -> httpx2.Response:
        kept = {name: value for name, value in form.items() if value is not None}
        return await self.http.post("/oauth2/token", data=kept, auth=("manager", "manager-secret"))


async def desk(app: Starlette, pool: Pool, name: str, role: str | None = None) -> Desk:
    """Somebody signed in a moment ago, at the manager; `role`: program/role that she has made her active one."""
    program, _, slug = (role or "").partition("/")
    active = ActiveRole(ProgramCode(program), RoleSlug(slug), YEAR) if role else None
    async with pool.acquire() as connection:
        cookie = await session(connection, name, active)
    http = http_of(app)
    http.cookies.set(Cookie.SESSION, cookie)
    return Desk(http, MANAGER)


@pytest.fixture
def managing(app: Starlette, http: httpx2.AsyncClient, pool: Pool, connection: Connection) -> Managing:
    """Somebody through a token of the manager for the gateway; `changes` of its registration come before."""

    async def call(name: str, scope: str = SCOPE, role: str | None = None, **more: str) -> Caller:
        if not await connection.fetchval("select exists(select from relying_parties where client_id = 'manager')"):
            await insert_relying_party(connection, MANAGER)
        tokens = await (await desk(app, pool, name, role)).tokens(scope=scope, resource=ISSUER, **more)
        return Caller(http, bearer(tokens["access_token"]))

    return call


async def refused(asking: Caller, message: str = IN_SESSION) -> None:
    answer = await asking.ask(REMOVE, input=ASKED)
    assert codes(answer) == [("FORBIDDEN", ["removeRoles"])], answer
    assert answer["errors"][0]["message"] == message


async def held(connection: Connection) -> bool:
    return await connection.fetchval("select exists(select from role_assignments where id = $1)", COLLEAGUE)
