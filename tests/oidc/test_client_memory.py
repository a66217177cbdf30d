"""Clients from memory: whatever changes in a registration counts at the next request, in every process."""

from typing import Any

import pytest

from gateway.oidc.client.memory import ClientMemory
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import SECRET, Browser

FORM = {"grant_type": "client_credentials", "scope": "directory.read"}
GOOD = ("reporting", SECRET)


async def status(browser: Browser, **form: str) -> int:
    return (await browser.http.post("/oauth2/token", data={**FORM, **form}, auth=GOOD)).status_code


@pytest.mark.checklist(17)
@pytest.mark.parametrize(
    "change",
    [
        "update relying_parties set secret_hashes = '{}'",
        "update relying_parties set active = false",
        "update relying_parties set scopes = '{openid}'",
        "update relying_parties set grant_types = '{authorization_code}'",
        "update relying_parties set dpop_bound = true",
        "delete from relying_parties",
    ],
)
async def test_a_change_counts_at_once(gateway: Gateway, browser: Browser, connection: Connection, change: str) -> None:
    assert await status(browser) == 200
    await connection.execute(change)
    assert await status(browser) in (400, 401)


async def test_a_change_that_is_not_committed_does_not_count(
    gateway: Gateway, browser: Browser, connection: Connection
) -> None:
    assert await status(browser) == 200
    async with connection.transaction():
        await connection.execute("update relying_parties set active = false")
        assert await status(browser) == 200
    assert await status(browser) == 401


async def test_a_systems_address_counts_at_once(gateway: Gateway, browser: Browser, connection: Connection) -> None:
    form = {"scope": "", "resource": "https://cers.example/"}
    assert await status(browser, **form) == 200
    await connection.execute("update systems set resource_uri = 'https://new.example/' where code = 'cers'")
    assert await status(browser, **form) == 400
    assert await status(browser, scope="", resource="https://new.example/") == 200


async def test_unknown_names_are_not_remembered(gateway: Gateway) -> None:
    memory = ClientMemory(gateway.pool)
    assert await memory.now("nobody") is None
    assert vars(memory)["_kept"] == {}
    found = await memory.now("reporting")
    assert found is not None
    assert await memory.now("reporting") is found
    assert await memory.at(found.version, "reporting") is found
    assert await memory.at(found.version + 1, "reporting") is not found


async def test_several_changes_in_one_transaction(gateway: Gateway, connection: Connection) -> None:
    memory = ClientMemory(gateway.pool)
    before: Any = await memory.now("reporting")
    async with connection.transaction():
        await connection.execute("update relying_parties set label = 'New' where client_id = 'reporting'")
        await connection.execute("update systems set label = 'New'")
    after: Any = await memory.now("reporting")
    assert (before.client.label, after.client.label) == ("CERS", "New")
    assert after.version > before.version
