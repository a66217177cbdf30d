"""Fixtures of this folder: the application over the small state, and callers of each kind."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug
from store.database import Pool
from tests.graphql.managing import managing
from tests.graphql.world import YEAR, Caller, session
from tests.oidc.fixtures import app, clock, gateway
from tests.oidc.world import ISSUER, REPORTING, Browser, bearer, http_of, token_request

__all__ = ["app", "clock", "gateway", "managing"]

AsCaller = Callable[..., Awaitable[Caller]]
AsTokenBearer = Callable[[str], Awaitable[Caller]]


@pytest.fixture
async def http(app: Starlette, callers_state: None) -> AsyncIterator[httpx2.AsyncClient]:
    async with http_of(app) as opened:
        yield opened


@pytest.fixture
def signed_out(http: httpx2.AsyncClient) -> Caller:
    return Caller(http, {})


@pytest.fixture
def as_person(http: httpx2.AsyncClient, pool: Pool) -> AsCaller:
    """A person in a session; `role` makes it her active one."""

    async def call(name: str, role: str | None = None, program: str = "caaspp") -> Caller:
        active = ActiveRole(ProgramCode(program), RoleSlug(role), YEAR) if role else None
        async with pool.acquire() as connection:
            cookie = await session(connection, name, active)
        return Caller(http, {"Cookie": f"{Cookie.SESSION}={cookie}"})

    return call


@pytest.fixture
def as_token_bearer(app: Starlette, http: httpx2.AsyncClient, pool: Pool) -> AsTokenBearer:
    """A person through the token that the relying party for CERS got for her, with scope directory.read."""

    async def call(name: str) -> Caller:
        async with pool.acquire() as connection:
            cookie = await session(connection, name)
        async with http_of(app) as own:
            own.cookies.set(Cookie.SESSION, cookie)
            tokens = await Browser(own).tokens(scope="openid directory.read", resource=ISSUER)
        return Caller(http, bearer(tokens["access_token"]))

    return call


@pytest.fixture
async def as_system(http: httpx2.AsyncClient) -> Caller:
    """The system CERS with its own credentials."""
    form = {"grant_type": "client_credentials", "scope": "directory.read", "resource": ISSUER}
    answer = await token_request(http, REPORTING, form)
    assert answer.status_code == 200, answer.text
    return Caller(http, bearer(answer.json()["access_token"]))
