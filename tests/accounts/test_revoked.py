"""What ends an account ends everything that it holds at once: sessions, refresh tokens, codes and bearer tokens."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.cookies import Cookie
from store.database import Connection, Pool
from tests.accounts.acting import act, version_of
from tests.graphql.changes import create, remove, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, PARK, Caller, assignment_id, session, user_id
from tests.oidc.world import ISSUER, Browser, bearer, http_of

WHO = "colleague"
VIEWER = "{ viewer { id } }"


@dataclass(slots=True)
class Held:
    """What she has in her hands: a session, and of a relying party a refresh token, a code and an access token."""

    browser: Browser
    session: Caller
    refresh_token: str
    code: str
    bearer: Caller

    async def works(self) -> dict[str, bool]:
        """Each is tried once; the refresh token and the code are used up by it."""
        refreshed = await self.browser.refresh(self.refresh_token)
        redeemed = await self.browser.redeem(self.code)
        return {
            "session": await _answers(self.session),
            "refresh token": refreshed.status_code == 200,
            "code": redeemed.status_code == 200,
            "bearer": await _answers(self.bearer),
        }


async def _answers(caller: Caller) -> bool:
    response = await caller.post(VIEWER)
    return response.status_code == 200 and response.json()["data"]["viewer"] is not None


@pytest.fixture
async def held(app: Starlette, http: httpx2.AsyncClient, pool: Pool) -> AsyncIterator[Held]:
    async with pool.acquire() as connection:
        cookie = await session(connection, WHO)
    async with http_of(app) as own:
        own.cookies.set(Cookie.SESSION, cookie)
        browser = Browser(own)
        first = await browser.tokens(scope="openid directory.read", resource=ISSUER)
        lasting = await browser.tokens()
        code = await browser.code()
        mine = Caller(http, {"Cookie": f"{Cookie.SESSION}={cookie}"})
        yield Held(browser, mine, lasting["refresh_token"], code, Caller(http, bearer(first["access_token"])))


async def test_all_of_it_works_while_nothing_has_happened(held: Held) -> None:
    assert await held.works() == {"session": True, "refresh token": True, "code": True, "bearer": True}


async def _suspended(primary: Caller, connection: Connection) -> None:
    assert (await act(primary, "deactivateUser", user=str(user_id(WHO))))["wholeAccount"] is True


async def _suspended_and_back(primary: Caller, connection: Connection) -> None:
    await _suspended(primary, connection)
    assert (await act(primary, "reactivateUser", user=str(user_id(WHO))))["userErrors"] == []


async def _reset(primary: Caller, connection: Connection) -> None:
    assert (await act(primary, "resetPassword", user=str(user_id(WHO))))["userErrors"] == []


async def _deleted(primary: Caller, connection: Connection) -> None:
    asked = {"user": str(user_id(WHO)), "expectedVersion": await version_of(connection, WHO)}
    assert (await act(primary, "deleteUser", **asked))["userErrors"] == []


async def _last_role_taken(primary: Caller, connection: Connection) -> None:
    assert (await remove(primary, assignment_id(WHO, "test-administrator", PARK)))["userErrors"] == []


async def _last_role_taken_and_another_given(primary: Caller, connection: Connection) -> None:
    await _last_role_taken(primary, connection)
    made = await create(primary, email=f"{WHO}@valley.example", roles=[role("educator-roster", HILL)])
    assert made["user"]["status"] == "ACTIVE"


@pytest.mark.rule("accounts-5", "accounts-6", "access")
@pytest.mark.parametrize(
    "ending",
    [_suspended, _suspended_and_back, _reset, _deleted, _last_role_taken, _last_role_taken_and_another_given],
    ids=lambda one: one.__name__.strip("_").replace("_", " "),
)
async def test_nothing_of_it_works_at_the_next_request(
    held: Held, as_person: AsCaller, connection: Connection, ending: Any
) -> None:
    await ending(await as_person("primary"), connection)
    assert await held.works() == {"session": False, "refresh token": False, "code": False, "bearer": False}
