"""The help desk finds anyone, sees why she couldn't sign in and which links were sent, and gives out an address."""

from datetime import timedelta

import httpx2
import pytest

from gateway.account_terms import account_terms
from gateway.state import Gateway
from store.database import Pool
from store.keys_of import email_key
from store.released_addresses import release_address
from tests.accounts.acting import link
from tests.graphql.conftest import AsCaller
from tests.graphql.world import codes, user_id
from tests.oidc.world import NOW, Browser, csrf
from tests.state.acting import act, code_of, refused, staff

pytestmark = pytest.mark.rule("state")
FAILED = "query ($id: ID!) { user(by: {id: $id}) { status lastFailedSignIn { why } accountLinks { purpose usedAt } } }"


async def test_links_that_were_sent_are_seen_with_their_end(http: object, pool: Pool, as_person: AsCaller) -> None:
    helper = await as_person(await staff(pool, "helper", "help-desk"))
    async with pool.acquire() as connection:
        await link(connection, "teacher", "reset")
    told = (await helper.data(FAILED, id=str(user_id("teacher"))))["user"]
    assert told == {
        "status": "ACTIVE", "lastFailedSignIn": None, "accountLinks": [{"purpose": "reset", "usedAt": None}]
    }  # fmt: skip


async def test_nobody_else_is_told_why_a_sign_in_failed(http: object, pool: Pool, as_person: AsCaller) -> None:
    for name in ("primary", "teacher"):
        answer = await (await as_person(name)).ask(FAILED, id=str(user_id("teacher")))
        assert [path[-1] for _, path in codes(answer)] == ["lastFailedSignIn", "accountLinks"]


async def test_a_blocked_address_is_given_out_and_nothing_moves_with_it(
    http: object, pool: Pool, as_person: AsCaller, gateway: Gateway
) -> None:
    helper = await as_person(await staff(pool, "helper", "help-desk"))
    hashed = account_terms(gateway).address_hash(email_key("old@valley.example"))
    async with pool.acquire() as connection:
        await release_address(connection, hashed, user_id("site"), NOW, NOW + timedelta(days=700))
    assert await refused(helper, "releaseAddress", email="free@valley.example") == ["NOT_BLOCKED"]
    assert (await act(helper, "releaseAddress", email="OLD@valley.example"))["released"]
    assert await refused(helper, "releaseAddress", email="old@valley.example") == ["NOT_BLOCKED"]
    assert await code_of(await as_person("primary"), "releaseAddress", email="old@valley.example") == ["FORBIDDEN"]
    async with pool.acquire() as connection:
        assert "old@" not in str(await connection.fetch("select * from audit_events"))


async def test_the_last_failed_sign_in_and_why(
    http: httpx2.AsyncClient, pool: Pool, as_person: AsCaller, browser: Browser
) -> None:
    """The person who tries is answered as before; who has no account leaves nothing."""
    helper = await as_person(await staff(pool, "helper", "help-desk"))
    page = await browser.http.get("/signin")
    for address in ("teacher@valley.example", "nobody@valley.example"):
        form = {"email": address, "password": "wrong", "csrf": csrf(page)}
        answer = await browser.http.post("/signin", data=form)
        assert answer.status_code == 401
    told = (await helper.data(FAILED, id=str(user_id("teacher"))))["user"]
    assert told["lastFailedSignIn"] == {"why": "wrong-password"}
    async with pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from sign_in_failures") == 1
