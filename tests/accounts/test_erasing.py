"""The daily job that erases deleted people when the state's retention is over (decisions, accounts 5)."""

from datetime import timedelta

import pytest

from gateway.jobs.erasing import erase_deleted_people
from gateway.outbox.daily import Day
from gateway.state import Gateway
from store.database import Connection
from tests.accounts.acting import act, version_of
from tests.graphql.conftest import AsCaller
from tests.graphql.world import user_id
from tests.oidc.world import Clock


@pytest.mark.rule("accounts-5", "accounts-4")
async def test_it_erases_with_the_retentions_end_and_the_audit_keeps_ids(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    primary = await as_person("primary")
    version = await version_of(connection, "colleague")
    asked = {"user": str(user_id("colleague")), "expectedVersion": version}
    assert (await act(primary, "deleteUser", **asked, reason="Moved to Oregon"))["userErrors"] == []

    async def run() -> str | None:
        async with connection.transaction():
            return await erase_deleted_people(Day(gateway, clock.now.date(), None), connection)

    clock.now += timedelta(days=364)
    assert await run() is None
    assert await connection.fetchval("select first_name from deleted_people") == "Colleague"
    clock.now += timedelta(days=1)
    assert await run() == str(user_id("colleague"))
    assert await run() is None
    assert await connection.fetchval("select first_name from deleted_people") is None
    rows = await connection.fetch("select personal, target_id from audit_events where action = 'deleteUser'")
    sealed = [row["personal"] for row in rows if row["personal"]]
    assert str(user_id("colleague")) in {row["target_id"] for row in rows}
    assert await gateway.personal_keys.open(connection, sealed) == [{} for _ in sealed]
    assert await connection.fetchval("select count(*) from released_addresses") == 1
    clock.now += timedelta(days=366)
    assert await run() is None
    assert await connection.fetchval("select count(*) from released_addresses") == 0, "24 months are over"
