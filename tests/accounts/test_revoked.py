"""What ends an account ends everything that it holds at once: sessions, refresh tokens, codes and bearer tokens.

The relying party is told of it once, in the same transaction.
"""

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
        await connection.execute(
            "update relying_parties set backchannel_logout_uri = 'https://reports.example/logout' "
            "where client_id = 'reporting'"
        )
        cookie = await session(connection, WHO)
    async with http_of(app) as own:
        own.cookies.set(Cookie.SESSION, cookie)
        browser = Browser(own)
        first = await browser.tokens(scope="openid directory.read", resource=ISSUER)
        lasting = await browser.tokens()
        code = await browser.code()
        async with pool.acquire() as connection:  # the database asks by its own clock who is told
            await connection.execute("update authorizations set expires_at = now() + interval '30 days'")
        mine = Caller(http, {"Cookie": f"{Cookie.SESSION}={cookie}"})
        yield Held(browser, mine, lasting["refresh_token"], code, Caller(http, bearer(first["access_token"])))


async def notices(connection: Connection) -> list[tuple[str, Any, str]]:
    """To whom, about whom, and where it stands: of every logout notice."""
    rows = await connection.fetch("select client_id, user_id, state from logout_notices")
    return [(row["client_id"], row["user_id"], row["state"]) for row in rows]


async def test_all_of_it_works_while_nothing_has_happened(held: Held, connection: Connection) -> None:
    assert await held.works() == {"session": True, "refresh token": True, "code": True, "bearer": True}
    assert await notices(connection) == []


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


ENDINGS = [_suspended, _suspended_and_back, _reset, _deleted, _last_role_taken, _last_role_taken_and_another_given]
each_ending = pytest.mark.parametrize("ending", ENDINGS, ids=lambda one: one.__name__.strip("_").replace("_", " "))


@pytest.mark.rule("accounts-5", "accounts-6", "access")
@pytest.mark.checklist("14 suspension", "14 reset of the password", "42 suspension", "42 loss of the role")
@each_ending
async def test_nothing_of_it_works_at_the_next_request(
    held: Held, as_person: AsCaller, connection: Connection, ending: Any
) -> None:
    await ending(await as_person("primary"), connection)
    assert await held.works() == {"session": False, "refresh token": False, "code": False, "bearer": False}


@pytest.mark.rule("accounts-5", "accounts-6", "access")
@pytest.mark.checklist("32 each ending")
@each_ending
async def test_the_relying_party_is_told_once(
    held: Held, as_person: AsCaller, connection: Connection, ending: Any
) -> None:
    """Of three authorizations in one session, by the mutation's own transaction."""
    await ending(await as_person("primary"), connection)
    assert await notices(connection) == [("reporting", user_id(WHO), "queued")]
